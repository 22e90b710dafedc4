"""Conditions judged in three values, every clause with what was found and what was wanted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from countersign.engine.conditions.display import sentence, shown_field
from countersign.engine.conditions.operands import Comparable
from countersign.engine.conditions.operators import (
    OPERATORS,
    Scope,
    check,
    comparable,
    holds,
    target,
)
from countersign.errors import PermanentError
from countersign.model.base import Place
from countersign.model.condition import (
    Clause,
    ClauseVerdict,
    Condition,
    Group,
    Operator,
    Outcome,
    Verdict,
)
from countersign.model.fields import BUILT_IN, EVENT, read, specs, types
from countersign.model.pipeline import FieldSpec, FieldType, Pipeline
from countersign.model.values import is_empty, not_an_option, option_of, quoted

__all__ = ["MAX_DEPTH", "Scope", "Vocabulary", "judge", "problems"]

MAX_DEPTH = 50
"""Groups within groups; a published pipeline is JSON, which its readers nest to about 100."""
MAX_SHOWN = 200
"""Characters kept of a value that was found or wanted: verdicts stay with the document."""
_MAX_REASONS = 3
"""Clauses that ``reason`` tells; of the others it says how many there are."""

_DECIDES: Mapping[str, tuple[Outcome, Outcome, Outcome]] = {
    "all": ("false", "false", "true"),
    "any": ("true", "true", "false"),
    "none": ("true", "false", "true"),
}
"""The member's outcome that decides a group alone, the group's outcome then, and otherwise."""
_UNKNOWN: tuple[Outcome, Outcome] = ("unknown", "unknown")


@dataclass(frozen=True, slots=True)
class _FieldValue:
    """What a field holds, read once for all clauses that ask for it."""

    kind: FieldType | None
    value: Comparable = None
    text: str | None = None
    trouble: str | None = None


class _Leaf(NamedTuple):
    """One clause as judged, and what its sentence needs besides."""

    judged: ClauseVerdict
    kind: FieldType | None
    trouble: str | None


_Weighed = tuple[Outcome, tuple[_Leaf, ...]]
"""A condition's outcome and the clauses that decided it."""


def judge(condition: Condition | None, scope: Scope) -> Verdict:
    """Judge a condition; None holds.

    Three values, as Kleene has them: a clause is unknown when its field is empty (an own list
    without members and blank text are), save ``is_set`` and ``is_empty``. The built-in lists
    (observers, files, signers and who of them signed, declined or is open) are always known: with
    nothing in them ``has_none`` holds and ``has_any`` does not. ``all`` is false when one is,
    ``any`` true when one is, ``none`` the opposite of ``any``; otherwise one unknown member makes
    the group unknown. All clauses are judged and listed, in the order they are written. A clause
    that cannot be compared (its field does not exist, what the field holds is of another type)
    is unknown as well and says why: this raises nothing.
    """
    if condition is None:
        return Verdict(outcome="true", reason="there is no condition")
    leaves: list[_Leaf] = []
    outcome, decided_by = _weigh(condition, scope, {}, leaves)
    return Verdict(
        outcome=outcome,
        clauses=tuple(leaf.judged for leaf in leaves),
        reason=_reason(decided_by),
    )


def _weigh(
    condition: Condition, scope: Scope, seen: dict[str, _FieldValue], leaves: list[_Leaf]
) -> _Weighed:
    if isinstance(condition, Clause):
        leaf = _judge_clause(condition, scope, seen)
        leaves.append(leaf)
        return leaf.judged.outcome, (leaf,)
    word, members = _members(condition)
    weighed = [_weigh(member, scope, seen, leaves) for member in members]
    deciding, then, otherwise = _DECIDES[word]
    for looked_for, result in ((deciding, then), _UNKNOWN):
        for outcome, decided_by in weighed:
            if outcome == looked_for:
                return result, decided_by
    return otherwise, tuple(leaf for _, decided_by in weighed for leaf in decided_by)


def _members(group: Group) -> tuple[str, tuple[Condition, ...]]:
    if group.all is not None:
        return "all", group.all
    if group.any is not None:
        return "any", group.any
    return "none", group.none or ()


def _judge_clause(clause: Clause, scope: Scope, seen: dict[str, _FieldValue]) -> _Leaf:
    actual = seen.get(clause.field)
    if actual is None:
        actual = seen[clause.field] = _find(clause.field, scope)
    outcome: Outcome = "unknown"
    wanted, trouble = None, actual.trouble
    if actual.kind is not None:
        try:
            if clause.op not in OPERATORS[actual.kind]:
                trouble = _wrong_operator(clause, actual.kind)
            else:
                aim = target(clause.op, clause.value, actual.kind, scope)
                wanted = aim.shown
                outcome, trouble = _compare(clause.op, actual.kind, actual, aim.value)
        except (PermanentError, OverflowError) as error:
            trouble = actual.trouble or f"{clause.field} cannot be judged: {error}"
    judged = ClauseVerdict(
        field=clause.field, op=clause.op, found=actual.text, wanted=_cut(wanted), outcome=outcome
    )
    return _Leaf(judged, actual.kind, trouble)


def _compare(
    op: Operator, kind: FieldType, actual: _FieldValue, wanted: Comparable
) -> tuple[Outcome, str | None]:
    if op in ("is_set", "is_empty"):
        return ("true" if (actual.text is None) == (op == "is_empty") else "false"), None
    if actual.trouble is not None:
        return "unknown", actual.trouble
    return ("true" if holds(op, kind, actual.value, wanted) else "false"), None


def _find(name: str, scope: Scope) -> _FieldValue:
    kind = scope.types.get(name) or EVENT.get(name)
    if kind is None:
        return _FieldValue(None, trouble=f"there is no field {quoted(name)}")
    value = read(scope.document, name, scope.happening)
    if value == () and BUILT_IN.get(name) == "list":
        return _FieldValue(kind, frozenset())
    if is_empty(value):
        return _FieldValue(kind, trouble=f"{name} is empty")
    try:
        text = _cut(shown_field(value, kind, scope.working.zone))
        return _FieldValue(kind, comparable(value, kind, scope), text)
    except (PermanentError, OverflowError) as error:
        return _FieldValue(kind, text=_cut(str(value)), trouble=f"{name} cannot be judged: {error}")


def _cut(text: str | None) -> str | None:
    return f"{text[: MAX_SHOWN - 1]}…" if text is not None and len(text) > MAX_SHOWN else text


def _reason(leaves: tuple[_Leaf, ...]) -> str:
    if not leaves:
        return "the condition has no clauses"
    sentences = (leaf.trouble or sentence(leaf.judged, leaf.kind) for leaf in leaves[:_MAX_REASONS])
    more = len(leaves) - _MAX_REASONS
    return " and ".join(sentences) + (f" and {more} more" if more > 0 else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """What the conditions of a pipeline may name."""

    types: Mapping[str, FieldType]
    """The fields, as ``fields.types`` gives them."""
    specs: Mapping[str, FieldSpec] = field(default_factory=dict)
    """As ``fields.specs`` gives them: the options of choices, which are not checked without."""
    groups: Mapping[str, tuple[str, ...]] | None = None
    """The pipeline's groups of users; they are not checked for None."""

    @classmethod
    def of(cls, pipeline: Pipeline) -> Vocabulary:
        """All that a pipeline has."""
        return cls(types=types(pipeline), specs=specs(pipeline), groups=pipeline.groups)


def problems(
    condition: Condition | None, vocabulary: Vocabulary, place: Place, *, event: bool
) -> list[tuple[Place, str]]:
    """What publishing must refuse about a condition, each with its place below ``place``.

    ``event``: a trigger's condition, which may ask for the event too.
    """
    if condition is None:
        return []
    known = vocabulary
    if event:
        known = replace(vocabulary, types={**vocabulary.types, **EVENT})
    return [
        (where, text)
        for where, clause in _walk(condition, place)
        for where, text in (
            [(where, clause)] if isinstance(clause, str) else _clause_problems(clause, known, where)
        )
    ]


def _walk(
    condition: Condition, place: Place, depth: int = 0
) -> Iterator[tuple[Place, Clause | str]]:
    """Every clause with its place, and a sentence where a group itself is wrong."""
    if isinstance(condition, Clause):
        yield place, condition
        return
    word, members = _members(condition)
    if not members:
        yield (*place, word), f"{word} has no members; add a clause or remove the condition"
    elif depth >= MAX_DEPTH:
        yield place, f"groups are nested deeper than {MAX_DEPTH}; expected fewer, write it flatter"
    else:
        for n, member in enumerate(members):
            yield from _walk(member, (*place, word, n), depth + 1)


def _clause_problems(
    clause: Clause, vocabulary: Vocabulary, place: Place
) -> Iterator[tuple[Place, str]]:
    kind = vocabulary.types.get(clause.field)
    if kind is None:
        yield (*place, "field"), _unknown_field(clause.field, vocabulary.types)
    elif clause.op not in OPERATORS[kind]:
        yield (*place, "op"), _wrong_operator(clause, kind)
    else:
        try:
            check(clause.op, clause.value, kind, vocabulary.groups)
        except PermanentError as error:
            yield (*place, "value"), f"{clause.field}: {error}"
            return
        spec = vocabulary.specs.get(clause.field)
        options = spec.options if spec is not None and kind == "choice" else ()
        if options and clause.value is not None:
            several = clause.value if isinstance(clause.value, tuple) else (clause.value,)
            for operand in several:
                if option_of(str(operand), options) is None:
                    text = not_an_option(str(operand), options)
                    yield (*place, "value"), f"{clause.field}: {text}"


def _wrong_operator(clause: Clause, kind: FieldType) -> str:
    fitting = ", ".join(OPERATORS[kind])
    return f"{clause.field} is of type {kind}, which has no {clause.op}; it has {fitting}"


def _unknown_field(name: str, types: Mapping[str, FieldType]) -> str:
    from difflib import get_close_matches  # Only for an error's text.

    if name in EVENT:
        return f'"{name}" is known to triggers only; a rule has no event, ask the document instead'
    close = get_close_matches(name, types, n=3)
    hint = f"did you mean {' or '.join(close)}?" if close else f"there are {', '.join(types)}"
    return f"there is no field {quoted(name)}; {hint}"
