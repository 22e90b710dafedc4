"""Every setting has texts in both languages, an example that is valid, and a widget that fits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

import countersign
from countersign.model.pipeline import Pipeline
from countersign.registry import Registry
from countersign.rules import RULES
from countersign.triggers import TRIGGERS
from countersign.use_cases.queries.catalogue import (
    GROUPS,
    PARTS,
    describe_kind,
    describe_part,
    list_kinds,
)
from countersign.use_cases.queries.catalogue.settings import Setting, describe_settings
from countersign.use_cases.queries.catalogue.texts import (
    MissingTextsError,
    Translation,
    read,
    text_file,
)

CORE = Path(countersign.__file__).parent
KINDS = [*TRIGGERS.kinds, *RULES.kinds]
PLACES = [*PARTS, *KINDS]
"""Where settings are: the pipeline and its parts, what is the same for every kind, each kind."""
SAME = {
    "Code",
    "HTML",
    "Liechtenstein",
    "Portugal",
    "Google Chat",
    "Microsoft Teams",
    "Name",
    "Slack",
    "Text",
}
"""Texts that are the same in both languages."""
ONLY_ENGLISH = re.compile(r"\b(the|and|with|left|only|this|which|that|are)\b", re.IGNORECASE)
ONLY_GERMAN = re.compile(r"\b(der|das|und|oder|nicht|eine|wird|mit|wenn)\b", re.IGNORECASE)
LONGEST_LABEL = 30
"""Characters; longer ones break a form's column."""


def settings_of(place: str) -> tuple[Setting, ...]:
    """The settings that stand in a place."""
    part = next((one for one in PARTS if one == place), None)
    return describe_part(part) if part else describe_kind(place).settings


def texts_of(setting: Setting) -> Iterator[Translation]:
    """All that people read of a setting."""
    yield setting.label
    yield setting.help
    if setting.syntax is not None:
        yield setting.syntax
    yield from (choice.label for choice in setting.choices)


@pytest.mark.parametrize("place", PLACES)
def test_every_setting_is_described_in_order(place: str) -> None:
    settings = settings_of(place)
    assert [one.order for one in settings] == [*range(1, len(settings) + 1)]


@pytest.mark.parametrize("place", PLACES)
def test_each_text_is_in_its_language(place: str) -> None:
    kind = [] if place in PARTS else [describe_kind(place).row]
    titles = [text for row in kind for text in (row.title, row.description)]
    texts = [*titles, *(text for one in settings_of(place) for text in texts_of(one))]
    assert [one.en for one in texts if one.en == one.de and one.en not in SAME] == []
    assert [one.de for one in texts if ONLY_ENGLISH.search(one.de)] == []
    assert [one.en for one in texts if ONLY_GERMAN.search(one.en)] == []


@pytest.mark.parametrize("place", PLACES)
def test_labels_are_short_and_help_is_whole_sentences(place: str) -> None:
    settings = settings_of(place)
    labels = [label for one in settings for label in (one.label.en, one.label.de)]
    helps = [text for one in settings for text in (one.help.en, one.help.de)]
    assert [one for one in labels if len(one) > LONGEST_LABEL or one.endswith(".")] == []
    assert [one for one in labels if len(one.split()) > 4] == []
    assert [one for one in (*labels, *helps) if one[0] != one[0].upper()] == []
    assert [one for one in helps if not one.endswith(".") and "https://" not in one[-90:]] == []


@pytest.mark.parametrize("place", PLACES)
def test_labels_tell_the_settings_apart(place: str) -> None:
    settings = settings_of(place)
    for labels in ([one.label.en for one in settings], [one.label.de for one in settings]):
        assert len(labels) == len(set(labels))


def test_every_group_that_a_kind_is_in_has_titles() -> None:
    assert {row.group for row in list_kinds()} == set(GROUPS)
    assert [group for group, title in GROUPS.items() if title.en == title.de] == []


# --- nothing is described that is not there


def names_in(model: type[BaseModel]) -> set[str]:
    """The settings of a model, as they are written."""
    return {field.alias or name for name, field in model.model_fields.items()}


@pytest.mark.parametrize(
    "path",
    [path for part in ("rules", "triggers") for path in (CORE / part).rglob("*.toml")],
    ids=lambda path: path.stem,
)
def test_a_file_describes_only_settings_that_are_there(path: Path) -> None:
    registry: Registry[Any] = RULES if "rules" in path.parts else TRIGGERS
    models = [registry.get(kind) for kind in registry.kinds]
    module = f"countersign.{'.'.join(path.relative_to(CORE).with_suffix('').parts)}"
    beside = [
        cls
        for model in models
        for cls in model.__mro__
        if cls.__module__ == module and issubclass(cls, BaseModel)
    ]
    assert beside, f"{path.name} stands beside no kind and nothing that kinds share"
    there = {name for cls in beside for name in names_in(cls)}
    file = read(path)
    assert {*file.settings, *file.order} - there == set()


@pytest.mark.parametrize("model", PARTS.values())
def test_the_settings_of_each_part_are_described_and_no_others(model: type[BaseModel]) -> None:
    path = text_file(model)
    assert path is not None
    file = read(path)
    assert set(file.settings) == names_in(model)
    assert set(file.order) <= names_in(model)


def test_each_part_has_a_file_of_its_own() -> None:
    files = [text_file(model) for model in PARTS.values()]
    assert len(set(files)) == len(files)
    assert {path for path in files if path} == {*(CORE / "model").glob("*.toml")}


def test_a_part_of_the_pipeline_that_no_file_describes_is_refused() -> None:
    class Undescribed(Pipeline):
        motto: str = ""

    with pytest.raises(MissingTextsError, match=r"\[settings\.motto\].*en and de"):
        describe_settings(Undescribed, ["motto"])
