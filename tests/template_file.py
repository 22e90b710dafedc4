"""template.yaml as data, with its loops played, as CloudFormation sees it after the transforms.

SAM's own expansion of AWS::LanguageExtensions fills in parameters too, and nothing would be left of
`!Ref Stage`. Taken from it is the expansion of Fn::ForEach; what only stands for a constant
afterwards, a look-up in a mapping by names that are known, say, is resolved here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from samcli.lib.cfn_language_extensions.models import TemplateProcessingContext
from samcli.lib.cfn_language_extensions.processors import ForEachProcessor
from samcli.yamlhelper import yaml_parse

Template = dict[str, Any]


def read_template(path: Path) -> Template:
    """The expanded template; its short tags are written out: ``!Ref it`` is ``{"Ref": "it"}``."""
    context = TemplateProcessingContext(fragment=yaml_parse(path.read_text(encoding="utf-8")))
    ForEachProcessor().process_template(context)
    template: Template = context.fragment
    mappings = template.get("Mappings", {})
    return {
        name: part if name == "Mappings" else _resolved(part, mappings)
        for name, part in template.items()
    }


def _resolved(value: Any, mappings: Template) -> Any:
    match value:
        case {"Fn::FindInMap": list(keys), **others} if not others:
            keys = [_resolved(key, mappings) for key in keys]
            if not all(isinstance(key, str) for key in keys):
                return {"Fn::FindInMap": keys}
            mapping, first, second = keys
            return mappings[mapping][first][second]
        case {"Fn::Sub": [str(text), dict(variables)], **others} if not others:
            return _filled_in(text, _resolved(variables, mappings))
        case {"Fn::Sub": str(text), **others} if not others and "${" not in text:
            return text
        case dict():
            return {name: _resolved(inner, mappings) for name, inner in value.items()}
        case list():
            return [_resolved(inner, mappings) for inner in value]
        case _:
            return value


def _filled_in(text: str, variables: Template) -> Any:
    """An ``Fn::Sub`` with those of its variables filled in that are constants."""
    others: Template = {}
    for name, value in variables.items():
        if isinstance(value, str):
            text = text.replace(f"${{{name}}}", value)
        else:
            others[name] = value
    if others:
        return {"Fn::Sub": [text, others]}
    return {"Fn::Sub": text} if "${" in text else text
