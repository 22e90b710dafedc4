"""A kind brings the texts of its settings; one whose settings nobody describes is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from countersign.rules import RULES
from countersign.triggers import TRIGGERS
from countersign.use_cases.queries.catalogue import describe_kind
from countersign.use_cases.queries.catalogue.texts import MissingTextsError

KIND = """
from typing import ClassVar, Literal

from countersign.rules.base import DocumentRule, RuleGroup


class Stamp(DocumentRule):
    kind: Literal["stamp"] = "stamp"
    group: ClassVar[RuleGroup] = "data"
    titles: ClassVar = {{"en": "Stamp", "de": "Stempeln"}}
    descriptions: ClassVar = {{"en": "Stamps it.", "de": "Stempelt es."}}
    {settings}
"""
SEALED = """
from typing import ClassVar, Literal

from countersign.triggers._shared.signer_event import SignerTrigger


class Sealed(SignerTrigger):
    kind: Literal["sealed"] = "sealed"
    titles: ClassVar = {"en": "Sealed", "de": "Besiegelt"}
    descriptions: ClassVar = {"en": "It was sealed.", "de": "Es wurde besiegelt."}
    on: ClassVar = frozenset({"signer.signed"})
    strict: bool = False
"""
STRICT = """
order = ["strict", "role"]

[settings.strict]
widget = "switch"
label = {en = "Strict", de = "Streng"}
help = {en = "On, it is strict.", de = "Eingeschaltet ist es streng."}
example = true

[settings.role]
widget = "text"
label = {en = "Who seals", de = "Wer siegelt"}
help = {en = "Only this role.", de = "Nur diese Rolle."}
example = "Notary"
"""
FORCE = """
[settings.force]
widget = "{widget}"
label = {{en = "Force", de = "Kraft"}}
help = {{en = "How hard.", de = "Wie fest."}}
example = {example}
{more}
"""


def refusal(folder: Path, settings: str, texts: str | None) -> str | None:
    """Why the catalogue does not take a kind with these settings and texts."""
    (folder / "stamp.py").write_text(KIND.format(settings=settings))
    if texts is not None:
        (folder / "stamp.toml").write_text(texts)
    with RULES.with_folder(folder):
        try:
            describe_kind("stamp")
        except MissingTextsError as error:
            return str(error)
    return None


def test_a_kinds_own_texts_go_before_those_that_kinds_share(tmp_path: Path) -> None:
    (tmp_path / "sealed.py").write_text(SEALED)
    (tmp_path / "sealed.toml").write_text(STRICT)
    with TRIGGERS.with_folder(tmp_path):
        settings = describe_kind("sealed").settings
    assert [(one.name, one.order, one.label.de) for one in settings] == [
        ("strict", 1, "Streng"),
        ("role", 2, "Wer siegelt"),
        ("party", 3, "Seite"),
        ("order", 4, "Platz in der Reihenfolge"),
    ]
    assert {one.label.de for one in describe_kind("declined").settings} >= {"Rolle", "Seite"}


NUMBER = FORCE.format(widget="number", example=3, more="")
WORD = "force: Literal['light', 'hard'] = 'light'"


def test_a_kind_without_settings_needs_no_file(tmp_path: Path) -> None:
    assert refusal(tmp_path, "", None) is None


def test_a_kind_with_texts_is_taken(tmp_path: Path) -> None:
    assert refusal(tmp_path, "force: int", NUMBER) is None


@pytest.mark.parametrize("texts", [None, "", NUMBER.replace("force", "farce")])
def test_a_setting_without_texts_is_refused(tmp_path: Path, texts: str | None) -> None:
    assert refusal(tmp_path, "force: int", texts) == (
        f'the setting "force" has no texts; write [settings.force] into {tmp_path.name}/stamp.toml,'
        " with widget, label, help and example, label and help each in en and de"
    )


def test_a_choice_without_a_label_is_refused(tmp_path: Path) -> None:
    light = 'choices.light = {en = "Light", de = "Leicht"}'
    texts = FORCE.format(widget="select", example='"hard"', more=light)
    assert refusal(tmp_path, WORD, texts) == (
        'the choices of the setting "force" are light, hard; the texts have light: write a label '
        "for each, in en and de"
    )


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (NUMBER.replace(', de = "Kraft"', ""), "settings.force.label.de"),
        (NUMBER.replace("How hard.", " "), "settings.force.help.en"),
        (NUMBER.replace('"number"', '"slider"'), "settings.force.widget"),
        (NUMBER.replace("example = 3", ""), "settings.force.example"),
        (NUMBER + "colour = 1", "settings.force.colour"),
        (NUMBER.replace("= 3", "="), "line 6"),
    ],
    ids=["a language", "blank", "widget", "example", "unknown", "no TOML"],
)
def test_texts_that_are_not_whole_are_refused(tmp_path: Path, texts: str, said: str) -> None:
    found = refusal(tmp_path, "force: int", texts)
    assert found is not None
    assert f"{tmp_path.name}/stamp.toml cannot be read; correct it: " in found
    assert said in found
