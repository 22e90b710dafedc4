"""A pipeline as a YAML file that reads back as the same pipeline."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import yaml

from countersign.model.pipeline import Pipeline
from countersign.model.values import unambiguous
from countersign.pipeline_files.reader import resolved

_TAGS = {
    bool: "tag:yaml.org,2002:bool",
    int: "tag:yaml.org,2002:int",
    Decimal: "tag:yaml.org,2002:float",
    type(None): "tag:yaml.org,2002:null",
    str: "tag:yaml.org,2002:str",
}
_SEPARATORS = re.compile("[\x85\u2028\u2029]")
_SEQUENCE, _MAPPING = "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"
WIDTH = 100
"""Characters of a line, where a text can be broken."""


def plain_pipeline(pipeline: Pipeline) -> dict[str, Any]:
    """The pipeline as the values of a file, without what is assumed where nothing is said."""
    return pipeline.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def pipeline_yaml(pipeline: Pipeline) -> str:
    """The pipeline as it would be written, without what is assumed where nothing is said."""
    return content_yaml(plain_pipeline(pipeline))


def content_yaml(content: Mapping[str, Any]) -> str:
    """Plain values as YAML that reads back as the same values, in their order."""
    text: str = yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH)
    return text


class _Dumper(yaml.SafeDumper):
    """Writes what the core schema of YAML 1.2 reads back, as ``pipeline_file`` does."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        """The tag that a reader takes a plain scalar for."""
        if kind is yaml.ScalarNode:
            return _TAGS[type(resolved(value))] if implicit[0] else _TAGS[str]
        return _SEQUENCE if kind is yaml.SequenceNode else _MAPPING

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Lists stand deeper than the key they belong to."""
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        """Nothing is written once and pointed to: people read this."""
        return True


def _text(dumper: _Dumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value.strip("\n") else None
    if _SEPARATORS.search(value):
        style = '"'  # There they are written as escapes; as they are, they would end the line.
    return dumper.represent_scalar(_TAGS[str], value, style=style)


def _number(dumper: _Dumper, value: float) -> yaml.ScalarNode:
    number = Decimal(repr(value))
    return dumper.represent_scalar(_TAGS[Decimal], unambiguous(f"{number:f}"))


def _decimal(dumper: _Dumper, value: Decimal) -> yaml.ScalarNode:
    text = f"{value:f}"
    return dumper.represent_scalar(_TAGS[Decimal], text if "." in text else f"{text}.0")


_Dumper.add_representer(str, _text)
_Dumper.add_representer(float, _number)
_Dumper.add_representer(Decimal, _decimal)
