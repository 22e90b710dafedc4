"""Kinds of triggers and rules in the reference, in every language; and the page in German."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from countersign.cli.catalogue.providers import kinds_table
from countersign.cli.catalogue.types import as_yaml, type_in_words
from countersign.cli.catalogue.words import WORDS, Words
from countersign.cli.reference.tables import default_in_words, table
from countersign.rules import RULES
from countersign.triggers import TRIGGERS
from countersign.use_cases.queries.catalogue import (
    KindOf,
    Kinds,
    Part,
    describe_kind,
    describe_part,
)
from countersign.use_cases.queries.catalogue.settings import Setting
from countersign.use_cases.queries.catalogue.texts import Language
from countersign.use_cases.queries.catalogue.widgets import Widget

GERMAN_INTRODUCTION = """\
# Referenz der Pipeline, ihrer Trigger und Regeln

Aus dem Code erzeugt mit `make reference`; bitte nicht von Hand ändern.
`countersign kinds KIND --language de` erklärt eine Art. Alles Übrige, etwa Bedingungen und
Platzhalter, steht in der [englischen Referenz](reference.md), die Wörter im
[Glossar](glossary.md#german).
"""

_LINKS: Mapping[Widget, Mapping[Language, str]] = {
    "time": {"en": "[a time](#times)", "de": "[eine Zeit](#zeiten)"},
    "duration": {"en": "[a length](#times)", "de": "[eine Dauer](#dauer)"},
    "condition": {
        "en": "[a condition](#conditions)",
        "de": "[eine Bedingung](reference.md#conditions)",
    },
    "calendar": {"en": "[a calendar](#calendar)", "de": "[ein Kalender](#kalender)"},
    "mail_signature": {"en": "[a signature](#signature)", "de": "[eine Signatur](#signatur)"},
    "mail_templates": {
        "en": "mapping of ids to [mail templates](#mail-template)",
        "de": "Zuordnung von Kennungen zu [E-Mail-Vorlagen](#e-mail-vorlage)",
    },
    "daily_report": {
        "en": "[a daily report](#daily-report)",
        "de": "[ein Tagesbericht](#tagesbericht)",
    },
    "retention": {"en": "[a retention](#retention)", "de": "[eine Aufbewahrung](#aufbewahrung)"},
    "kept_for": {"en": "[days or months](#kept-for)", "de": "[Tage oder Monate](#frist)"},
    "document_fields": {
        "en": "mapping of ids to [fields](#field)",
        "de": "Zuordnung von Kennungen zu [Feldern](#feld)",
    },
    "groups": {
        "en": "mapping of names to lists of users",
        "de": "Zuordnung von Namen zu Listen von Benutzern",
    },
    "supervisors": {
        "en": "mapping of users to users",
        "de": "Zuordnung von Benutzern zu Benutzern",
    },
    "stage_list": {"en": "list of [stages](#stage)", "de": "Liste aus [Stufen](#stufe)"},
    "trigger_list": {
        "en": "list of [triggers](#trigger)",
        "de": "Liste aus [Triggern](#jeder-trigger)",
    },
    "rule_list": {"en": "list of [rules](#rule)", "de": "Liste aus [Regeln](#jede-regel)"},
}
"""What is written for a widget, where its type says too much."""


def german_reference() -> str:
    """The page of the pipeline, its triggers and its rules in German."""
    parts = [GERMAN_INTRODUCTION]
    for title, lines in (
        ("Pipeline", part("pipeline", "de")),
        ("Feld", part("field", "de")),
        ("Stufe", part("stage", "de")),
        ("Kalender", part("calendar", "de")),
        ("Signatur", part("mail_signature", "de")),
        ("E-Mail-Vorlage", part("mail_template", "de")),
        ("Tagesbericht", part("daily_report", "de")),
        ("Aufbewahrung", part("retention", "de")),
        ("Frist", part("kept_for", "de")),
        ("Jeder Trigger", part("trigger", "de")),
        ("Jede Regel", part("rule", "de")),
        ("Zeiten", part("time", "de")),
        ("Dauer", part("duration", "de")),
        ("Trigger", kinds("trigger", TRIGGERS, "de")),
        ("Regeln", kinds("rule", RULES, "de")),
    ):
        parts += [f"## {title}\n", "\n".join(lines).strip() + "\n"]
    return "\n".join(parts)


def part(which: Part, language: Language) -> Iterator[str]:
    """The settings of a part."""
    return _settings(describe_part(which), language)


def kinds(word: KindOf, registry: Kinds, language: Language) -> Iterator[str]:
    """The lines of a section: a table of the kinds, and each of them with its settings."""
    yield kinds_table(word, registry, language)
    for kind in registry.kinds:
        described = describe_kind(kind)
        title, text = described.row.title.of(language), described.row.description.of(language)
        yield f"\n### {kind}\n\n{title}. {text}"
        if described.settings:
            yield ""
            yield from _settings(described.settings, language)


def _settings(settings: Sequence[Setting], language: Language) -> Iterator[str]:
    words = WORDS[language]
    yield from table(
        words.settings_heading,
        (
            (
                f"`{setting.name}`",
                _type(setting, language),
                _default(setting, words),
                _meaning(setting, language),
                f"`{as_yaml(setting.example)}`",
            )
            for setting in settings
        ),
    )
    yield from _choices(settings, language)


def _type(setting: Setting, language: Language) -> str:
    if setting.widget in _LINKS:
        return _LINKS[setting.widget][language]
    if setting.widget == "select":
        return ", ".join(f"`{choice.value}`" for choice in setting.choices)
    schema = dict(setting.json_schema)
    return type_in_words(schema, schema.get("$defs", {}), WORDS[language])


def _default(setting: Setting, words: Words) -> str:
    if setting.required:
        return words.required
    shown = default_in_words(setting.default, words)
    return shown.replace(":00`", "`") if setting.widget == "clock" else shown


def _meaning(setting: Setting, language: Language) -> str:
    parts = [f"*{setting.label.of(language)}*: {setting.help.of(language)}"]
    if setting.syntax:
        parts.append(f"{WORDS[language].in_the_file}: {setting.syntax.of(language)}")
    return " ".join(parts)


def _choices(settings: Iterable[Setting], language: Language) -> Iterator[str]:
    for setting in settings:
        if setting.choices:
            labels = (f"`{choice.value}` {choice.label.of(language)}" for choice in setting.choices)
            yield f"\n`{setting.name}`: {', '.join(labels)}."
