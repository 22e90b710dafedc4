"""What a new version of a pipeline changes: stages, triggers, rules and settings, as values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic_core import to_json

from countersign.engine.validation import mail_texts
from countersign.model.base import Model, Place, pointer
from countersign.model.pipeline import FieldSpec, FieldType, Pipeline

LONGEST = 60
"""Characters of a value that are shown."""


PipelinePart = Literal["pipeline", "stage", "trigger", "rule", "signature", "mail_template"]


class ValueChange(Model):
    """A value of a part that is not as it was, whole."""

    pointer: str
    """Where it stands in the part, as a JSON pointer (RFC 6901): ``/settings/subject``. The order
    of what is in the part is at ``/stages``, ``/triggers`` and ``/rules``, as ids."""
    before: Any
    """Without what is empty in it; None where there was nothing."""
    after: Any


class Difference(Model):
    """One part that is new, gone or not as it was."""

    change: Literal["added", "removed", "changed"]
    part: PipelinePart
    id: str
    """The part's id; of a signature, its pipeline's."""
    stage: str | None = None
    """The stage of a trigger or rule; after the change, where there is an after."""
    details: tuple[str, ...] = ()
    """What is not as it was: ``on_leave: cancel -> keep``."""
    values: tuple[ValueChange, ...] = ()
    """The same as ``details``, one for one, with whole values; of a part that changed."""
    rules: tuple[str, ...] = ()
    """For a mail template or the signature: the rules whose mails it changes."""
    warnings: tuple[str, ...] = ()
    """What the change means for documents that are there already, each as a sentence."""


def diff(old: Pipeline | None, new: Pipeline) -> tuple[Difference, ...]:
    """Everything that the new one changes, in the order of the new one; then what is gone."""
    before, after = _parts(old), _parts(new)
    differences = []
    for (part, name), (stage, values) in after.items():
        if (part, name) not in before:
            rules = _rules(part, name, new)
            added = Difference(change="added", part=part, id=name, stage=stage, rules=rules)
            differences.append(added)
            continue
        old_stage, old_values = before[part, name]
        changes = tuple(_changes({"stage": old_stage, **old_values}, {"stage": stage, **values}))
        if changes:
            warnings = _about_fields(old.fields, new.fields) if part == "pipeline" and old else ()
            differences.append(
                Difference(
                    change="changed",
                    part=part,
                    id=name,
                    stage=stage,
                    details=tuple(_detail(place, old, new) for place, old, new in changes),
                    values=tuple(_value_change(place, old, new) for place, old, new in changes),
                    rules=_rules(part, name, new),
                    warnings=tuple(warnings),
                )
            )
    for (part, name), (stage, _) in before.items():
        if (part, name) not in after:
            rules = _rules(part, name, old)
            removed = Difference(change="removed", part=part, id=name, stage=stage, rules=rules)
            differences.append(removed)
    return tuple(differences)


_Parts = dict[tuple[PipelinePart, str], tuple[str | None, Mapping[str, Any]]]


def _rules(part: PipelinePart, name: str, pipeline: Pipeline | None) -> tuple[str, ...]:
    """The rules of the pipeline whose mails have that template or signature."""
    if pipeline is None or part not in ("mail_template", "signature"):
        return ()
    if part == "signature":
        return mail_texts.signed_rules(pipeline)
    return mail_texts.rules_with_template(pipeline, name)


def _parts(pipeline: Pipeline | None) -> _Parts:
    """Each part by what it is and its id, with its stage and its own settings as plain values."""
    if pipeline is None:
        return {}
    plain = pipeline.model_dump(mode="json")
    stages, signature = plain.pop("stages"), plain.pop("signature")
    templates = plain.pop("mail_templates")
    parts: _Parts = {
        ("pipeline", pipeline.pipeline): (
            None,
            plain | {"order of stages": [stage["id"] for stage in stages]},
        )
    }
    if signature is not None:
        parts["signature", pipeline.pipeline] = (None, signature)
    parts |= {("mail_template", name): (None, texts) for name, texts in templates.items()}
    for stage in stages:
        triggers, rules = stage.pop("triggers"), stage.pop("rules")
        parts["stage", stage["id"]] = (
            None,
            stage
            | {
                "order of triggers": [trigger["id"] for trigger in triggers],
                "order of rules": [rule["id"] for rule in rules],
            },
        )
        parts |= {("trigger", trigger["id"]): (stage["id"], trigger) for trigger in triggers}
        parts |= {("rule", rule["id"]): (stage["id"], rule) for rule in rules}
    return parts


_ORDER = "order of "


def _changes(
    before: Mapping[str, Any], after: Mapping[str, Any], at: Place = ()
) -> Iterator[tuple[Place, Any, Any]]:
    """Each value that is not as it was: its place in the part, the value before and after."""
    for name in dict.fromkeys((*before, *after)):
        old: Any = before.get(name)
        new: Any = after.get(name)
        if old == new:
            continue
        if name.startswith(_ORDER):
            # Parts that come or go are listed by themselves.
            if [key for key in old if key in new] != [key for key in new if key in old]:
                yield (*at, name), old, new
        elif isinstance(old, dict) and isinstance(new, dict):
            yield from _changes(old, new, (*at, name))
        else:
            yield (*at, name), old, new


def _detail(place: Place, old: Any, new: Any) -> str:
    """The change on one line, with what is shown of the values."""
    name = ".".join(map(str, place))
    if name.startswith(_ORDER):
        return f"{name}: {_shown(old)} -> {_shown(new)}"
    return f"{name}: {_shown_change(old, new)}"


def _value_change(place: Place, old: Any, new: Any) -> ValueChange:
    written = tuple(str(name).removeprefix(_ORDER) for name in place)
    return ValueChange(pointer=pointer(written), before=_filled(old), after=_filled(new))


def _filled(value: Any) -> Any:
    """The value without what is empty in it."""
    if isinstance(value, dict):
        kept = {name: _filled(member) for name, member in value.items()}
        return {name: value for name, value in kept.items() if value not in (None, "", [], {})}
    if isinstance(value, list | tuple):
        return [_filled(element) for element in value]
    return value


_HELD_ALIKE: Mapping[FieldType, frozenset[FieldType]] = {
    "number": frozenset({"money"}),
    "money": frozenset({"number"}),
    "choice": frozenset({"text"}),
    "user": frozenset({"text"}),
    "date": frozenset({"text"}),
    "datetime": frozenset({"text"}),
}
"""The types to which a field can change without a change of what it holds."""


def _about_fields(old: Mapping[str, FieldSpec], new: Mapping[str, FieldSpec]) -> Iterator[str]:
    """What becomes of the values that documents hold in fields that go or change."""
    for name, before in old.items():
        after = new.get(name)
        if after is None:
            yield f'documents keep what "{name}" holds, but nothing shows or reads it any more'
        elif after.type != before.type and after.type not in _HELD_ALIKE.get(before.type, ()):
            yield (
                f'documents keep what "{name}" holds as {before.type}; what cannot be read as '
                f"{after.type} makes conditions unknown and times wait until the field is filled "
                "anew"
            )
        elif after.type == "choice" and (gone := set(before.options) - set(after.options)):
            listed = " or ".join(f'"{option}"' for option in before.options if option in gone)
            yield f'documents whose "{name}" is {listed} keep it, though it is not an option now'


def _shown_change(old: Any, new: Any) -> str:
    """Both values, each shown in part where it is long: from where they begin to differ, if what is
    shown of them would be the same otherwise."""
    before, after = _on_one_line(old), _on_one_line(new)
    if before == after:
        return f"{_cut(before)}: only blanks and line breaks differ"
    if _cut(before) == _cut(after):
        letters = enumerate(zip(before, after, strict=False))
        shorter = min(len(before), len(after))
        same = next((n for n, (letter, other) in letters if letter != other), shorter)
        start = before.rfind(" ", 0, same) + 1 or same
        before, after = f"…{before[start:]}", f"…{after[start:]}"
    return f"{_cut(before)} -> {_cut(after)}"


def _shown(value: Any) -> str:
    return _cut(_on_one_line(value))


def _on_one_line(value: Any) -> str:
    text = value if isinstance(value, str) else to_json(value).decode()
    return " ".join(text.split())


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
