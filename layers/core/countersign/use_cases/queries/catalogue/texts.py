"""What people read of settings: TOML files beside the kinds, and beside what kinds share.

Only the catalogue reads them, so that a function does not load what it never shows.
"""

import sys
import tomllib
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, ValidationError

from countersign.errors import PermanentError
from countersign.model.base import Model
from countersign.model.pipeline import (
    Calendar,
    DailyReport,
    FieldSpec,
    KeptFor,
    MailSignature,
    MailTemplate,
    Retention,
    Rule,
    Stage,
    Trigger,
)
from countersign.model.timing import Span, Timing
from countersign.use_cases.queries.catalogue.widgets import Widget

Language = Literal["en", "de"]
_FILES = {
    Calendar: "calendar.toml",
    DailyReport: "daily_report.toml",
    FieldSpec: "field.toml",
    KeptFor: "kept_for.toml",
    MailSignature: "mail_signature.toml",
    MailTemplate: "mail_template.toml",
    Retention: "retention.toml",
    Stage: "stage.toml",
    Trigger: "trigger.toml",
    Rule: "rule.toml",
    Timing: "timing.toml",
    Span: "span.toml",
}
"""The files of models that share a module."""


def _one_line(text: str) -> str:
    return " ".join(text.split())


Text = Annotated[str, AfterValidator(_one_line), Field(min_length=1)]
"""A text that may be written over several lines."""


class MissingTextsError(PermanentError):
    """A setting that no TOML file describes, or a file that cannot be read."""


class Translation(Model):
    """A text in every language."""

    en: Text
    de: Text

    def of(self, language: Language) -> str:
        """The text in that language."""
        return self.en if language == "en" else self.de


class SettingTexts(Model):
    """What people read of one setting, and what they edit it with."""

    widget: Widget
    label: Translation
    help: Translation
    """What it does, and what happens where it is left out."""
    syntax: Translation | None = None
    """How it is written in the file, where that is more than what the form shows."""
    example: Any
    choices: dict[str, Translation] = Field(default_factory=dict)
    """The label of each value, where there are only a few."""


class SettingFile(Model):
    """One TOML file; its settings stand in the order of the form."""

    order: tuple[str, ...] = ()
    """Settings that come first, those of shared files included; the others follow."""
    settings: dict[str, SettingTexts] = Field(default_factory=dict)


def texts_of(model: type[BaseModel]) -> SettingFile:
    """The texts of a model's settings: its own file before those of the classes above it.

    MissingTextsError for a file that cannot be read.
    """
    files = [
        read(path)
        for path in dict.fromkeys(map(text_file, reversed(model.__mro__)))
        if path is not None and path.is_file()
    ]
    settings = {name: texts for file in files for name, texts in file.settings.items()}
    return SettingFile(order=files[-1].order if files else (), settings=settings)


def text_file(cls: type) -> Path | None:
    """Where the texts of a class's settings are kept; None for a class that has no file."""
    if not cls.__module__.startswith("countersign."):
        return None
    path = Path(str(sys.modules[cls.__module__].__file__))
    return path.with_name(_FILES[cls]) if cls in _FILES else path.with_suffix(".toml")


@cache
def read(path: Path) -> SettingFile:
    """One file. MissingTextsError, with the place, for one that is not as it must be."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
        return SettingFile.model_validate(raw)
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        msg = f"{path.parent.name}/{path.name} cannot be read; correct it: {error}"
        raise MissingTextsError(msg) from error
