"""The few words of the catalogue that stand around its texts, in every language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from countersign.use_cases.queries.catalogue.texts import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words of one language."""

    a: Mapping[str, str]
    """A trigger and a rule, with their articles."""
    settings: str
    no_settings: str
    required: str
    optional: str
    default: str
    none: str
    its_defaults: str
    example: str
    in_the_file: str
    or_: str
    list_of: str
    mapping: str
    mapping_with: str
    any_value: str
    types: Mapping[str, str]
    """The types of JSON."""
    kinds_heading: Mapping[str, tuple[str, ...]]
    settings_heading: tuple[str, ...]


WORDS: Mapping[Language, Words] = {
    "en": Words(
        a={"trigger": "a trigger", "rule": "a rule"},
        settings="Settings",
        no_settings="It has no settings of its own",
        required="required",
        optional="optional",
        default="default",
        none="none",
        its_defaults="its defaults",
        example="Example",
        in_the_file="In the file",
        or_="or",
        list_of="list of {}",
        mapping="mapping",
        mapping_with="mapping with {}",
        any_value="any value",
        types={"string": "text", "integer": "whole number", "boolean": "true or false"},
        kinds_heading={
            "trigger": ("group", "trigger kind", "what it does", "its own settings"),
            "rule": ("group", "rule kind", "what it does", "its own settings"),
        },
        settings_heading=("setting", "value", "default", "meaning", "example"),
    ),
    "de": Words(
        a={"trigger": "ein Trigger", "rule": "eine Regel"},
        settings="Einstellungen",
        no_settings="Keine eigenen Einstellungen",
        required="erforderlich",
        optional="optional",
        default="Vorgabe",
        none="keine",
        its_defaults="ihre Vorgaben",
        example="Beispiel",
        in_the_file="In der Datei",
        or_="oder",
        list_of="Liste aus {}",
        mapping="Zuordnung",
        mapping_with="Zuordnung mit {}",
        any_value="beliebigen Werten",
        types={
            "string": "Text",
            "integer": "ganze Zahl",
            "number": "Zahl",
            "boolean": "true oder false",
        },
        kinds_heading={
            "trigger": ("Gruppe", "Art", "was er tut", "eigene Einstellungen"),
            "rule": ("Gruppe", "Art", "was sie tut", "eigene Einstellungen"),
        },
        settings_heading=("Einstellung", "Wert", "Vorgabe", "Bedeutung", "Beispiel"),
    ),
}
