"""Laws of conditions: three-valued logic, for whatever documents and conditions there may be."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, get_args

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from countersign.engine.conditions.evaluate import Scope, Vocabulary, judge, problems
from countersign.engine.conditions.operators import OPERATORS
from countersign.engine.schedule.business_hours import BusinessHours
from countersign.model import fields
from countersign.model.condition import Clause, Condition, Group, Operator, Outcome, Verdict
from countersign.model.document import Document
from countersign.model.document_event import DocumentEvent
from countersign.model.pipeline import FieldSpec, FieldType, Pipeline
from countersign.model.signing_event import Signer
from countersign.model.values import is_empty

PIPELINE = Pipeline.model_validate(
    {
        "pipeline": "contracts",
        "time_zone": "America/New_York",
        "groups": {"sales": ["anna@acme.example"]},
        "fields": {
            "own_text": {"type": "text"},
            "own_number": {"type": "number"},
            "own_money": {"type": "money"},
            "own_date": {"type": "date"},
            "own_datetime": {"type": "datetime"},
            "own_choice": {"type": "choice", "options": ["a", "b"]},
            "own_user": {"type": "user"},
            "own_bool": {"type": "bool"},
            "own_list": {"type": "list"},
        },
        "stages": [{"id": "draft"}, {"id": "sent"}],
    }
)
TYPES = fields.types(PIPELINE)
SPECS = fields.specs(PIPELINE)
NOT: dict[Outcome, Outcome] = {"true": "false", "false": "true", "unknown": "unknown"}
RANK: dict[Outcome, int] = {"false": 0, "unknown": 1, "true": 2}

# Without a deadline: the first example builds the models.
laws = settings(max_examples=60, deadline=None)

texts = st.sampled_from(["a", "B", "anna@acme.example", "Straße", "  ", ""]) | st.text(max_size=8)
numbers = st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-99, max_value=99)
days = st.dates(date(1900, 1, 1), date(9998, 12, 31))
moments = st.datetimes(
    datetime(1900, 1, 2),  # noqa: DTZ001 - hypothesis wants limits without a zone
    datetime(9998, 12, 30),  # noqa: DTZ001
    timezones=st.just(UTC),
)
HELD: dict[FieldType, st.SearchStrategy[Any]] = {
    "text": texts,
    "number": numbers,
    "money": numbers,
    "date": days.map(date.isoformat),
    "datetime": moments.map(datetime.isoformat),
    "choice": st.sampled_from(["a", "b"]),
    "user": texts,
    "bool": st.booleans(),
    "list": st.lists(texts, max_size=3).map(tuple),
}
anything = st.none() | st.one_of(*HELD.values())
SOUND = {name: st.none() | HELD[spec.type] for name, spec in PIPELINE.fields.items()}
LOOSE = {name: held | anything for name, held in SOUND.items()}
scalars = st.booleans() | numbers | texts | days | moments | st.integers(-99, 99)
loose = (
    st.none()
    | scalars
    | st.lists(scalars | st.lists(scalars, max_size=2), max_size=3)
    | st.dictionaries(st.sampled_from(["days", "working_days", "x"]), st.integers(-9, 99))
)


def _scope(document: Document, happening: DocumentEvent | None) -> Scope:
    return Scope(
        document=document,
        types=TYPES,
        now=datetime(2026, 5, 4, 8, tzinfo=UTC),
        working=BusinessHours.of(PIPELINE),
        groups=PIPELINE.groups,
        happening=happening,
    )


def scopes_with(own: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Scope]:
    """Documents whose own fields hold that, with or without an event."""
    document = st.builds(
        Document,
        id=st.just("d1"),
        pipeline=st.just("contracts"),
        stage=st.sampled_from(["draft", "sent"]),
        since=st.datetimes(timezones=st.just(UTC)),
        created_at=moments,
        title=st.none() | texts,
        responsible=st.none() | texts,
        amount=st.none() | numbers,
        observers=HELD["list"],
        fields=st.fixed_dictionaries({}, optional=own),
    )
    signer = Signer(id="s1", email="carl@client.example", party="client")
    happening = DocumentEvent(
        kind="signer.signed", at=datetime(2026, 5, 4, tzinfo=UTC), signer=signer
    )
    return st.builds(_scope, document, st.sampled_from([None, happening]))


sound_scopes = scopes_with(SOUND)
scopes = scopes_with(LOOSE)


def _clause(field: str, op: str, value: object) -> Clause:
    return Clause.model_validate({"field": field, "op": op, "value": value})


filled = texts.filter(lambda text: bool(text.strip()))
filled_lists = st.lists(filled, min_size=1, max_size=3)


def _one(spec: FieldSpec) -> st.SearchStrategy[Any]:
    if spec.type == "choice":
        return st.sampled_from(spec.options)
    if spec.type == "datetime":
        return HELD["datetime"] | HELD["date"]
    return {"text": filled, "user": filled, "list": filled_lists}.get(spec.type, HELD[spec.type])


def _value(op: Operator, spec: FieldSpec) -> st.SearchStrategy[Any]:
    """Values that the operator takes for such a field."""
    match op:
        case "is_set" | "is_empty" | "is_responsible":
            return st.none()
        case "in_group":
            return st.just("sales")
        case "within_next" | "within_last":
            unit = st.sampled_from(["days", "working_days"])
            return st.dictionaries(unit, st.integers(0, 40), min_size=1, max_size=1)
        case "between":
            pairs = st.lists(HELD[spec.type], min_size=2, max_size=2)
            return pairs.map(lambda pair: sorted(pair, key=_instant))
        case "has_any" | "has_all" | "has_none":
            return filled_lists
        case "one_of" | "none_of":
            return st.lists(_one(spec), min_size=1, max_size=3)
        case _:
            return _one(spec)


def _instant(value: Any) -> Any:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


FITTING_PAIRS = [(name, op) for name, spec in SPECS.items() for op in OPERATORS[spec.type]]
fitting = st.sampled_from(FITTING_PAIRS).flatmap(
    lambda pair: _value(pair[1], SPECS[pair[0]]).map(lambda value: _clause(pair[0], pair[1], value))
)
loosely = st.tuples(st.sampled_from(FITTING_PAIRS), loose).map(
    lambda drawn: _clause(drawn[0][0], drawn[0][1], drawn[1])
)
wild = st.builds(
    _clause,
    st.sampled_from([*SPECS, "no_such_field", "event.weather"]),
    st.sampled_from(get_args(Operator)),
    loose,
)
words = st.sampled_from(["all", "any", "none"])


def _group(word: str, members: list[Condition]) -> Group:
    return Group.model_validate({word: tuple(members)})


def nested(leaves: st.SearchStrategy[Clause]) -> st.SearchStrategy[Condition]:
    return st.recursive(
        leaves,
        lambda inner: st.builds(_group, words, st.lists(inner, max_size=3)),
        max_leaves=6,
    )


conditions = nested(fitting | wild)
several = st.lists(conditions, max_size=4)


def outcome(condition: Condition, scope: Scope) -> Outcome:
    return judge(condition, scope).outcome


@laws
@given(several, scopes)
def test_none_is_not_any(members: list[Condition], scope: Scope) -> None:
    any_of, none_of = _group("any", members), _group("none", members)
    assert outcome(none_of, scope) == NOT[outcome(any_of, scope)]


@laws
@given(several, scopes)
def test_not_all_is_any_not(members: list[Condition], scope: Scope) -> None:
    not_all = _group("none", [_group("all", members)])
    any_not = _group("any", [_group("none", [member]) for member in members])
    assert outcome(not_all, scope) == outcome(any_not, scope)


@laws
@given(several, scopes)
def test_not_any_is_all_not(members: list[Condition], scope: Scope) -> None:
    all_not = _group("all", [_group("none", [member]) for member in members])
    assert outcome(_group("none", members), scope) == outcome(all_not, scope)


@laws
@given(conditions, scopes)
def test_not_not_is_the_same(condition: Condition, scope: Scope) -> None:
    twice = _group("none", [_group("none", [condition])])
    assert outcome(twice, scope) == outcome(condition, scope)


@laws
@given(several, scopes)
def test_all_is_the_least_and_any_the_greatest_of_its_members(
    members: list[Condition], scope: Scope
) -> None:
    ranks = [RANK[outcome(member, scope)] for member in members]
    assert RANK[outcome(_group("all", members), scope)] == min(ranks, default=RANK["true"])
    assert RANK[outcome(_group("any", members), scope)] == max(ranks, default=RANK["false"])


@laws
@given(words, several.flatmap(lambda m: st.tuples(st.just(m), st.permutations(m))), scopes)
def test_the_order_of_members_does_not_change_the_outcome(
    word: str, orders: tuple[list[Condition], list[Condition]], scope: Scope
) -> None:
    one, other = orders
    assert outcome(_group(word, one), scope) == outcome(_group(word, other), scope)


def _clauses(condition: Condition) -> list[Clause]:
    if isinstance(condition, Clause):
        return [condition]
    members = condition.all or condition.any or condition.none or ()
    return [clause for member in members for clause in _clauses(member)]


@laws
@given(conditions, scopes)
def test_every_clause_is_judged_and_listed_as_if_it_stood_alone(
    condition: Condition, scope: Scope
) -> None:
    verdict = judge(condition, scope)
    alone = [judge(clause, scope).clauses[0] for clause in _clauses(condition)]
    assert list(verdict.clauses) == alone
    assert verdict.reason


@laws
@given(conditions, scopes)
def test_a_verdict_survives_storage(condition: Condition, scope: Scope) -> None:
    verdict = judge(condition, scope)
    assert Verdict.model_validate_json(verdict.model_dump_json()) == verdict


OPPOSITES: dict[Operator, Operator] = {
    "is_set": "is_empty",
    "equals": "differs",
    "one_of": "none_of",
    "contains": "does_not_contain",
    "greater": "at_most",
    "less": "at_least",
    "has_any": "has_none",
}


@laws
@given(fitting.filter(lambda clause: clause.op in OPPOSITES), scopes)
def test_opposite_operators_have_opposite_outcomes(clause: Clause, scope: Scope) -> None:
    opposite = clause.model_copy(update={"op": OPPOSITES[clause.op]})
    assert outcome(opposite, scope) == NOT[outcome(clause, scope)]


@laws
@given(fitting, sound_scopes)
def test_a_sound_clause_is_unknown_exactly_when_its_field_is_empty(
    clause: Clause, scope: Scope
) -> None:
    value = fields.read(scope.document, clause.field, scope.happening)
    assume(not isinstance(value, datetime) or 1900 <= value.year <= 9998)
    known = fields.BUILT_IN.get(clause.field) == "list"  # built-in lists are known to be empty
    empty = is_empty(value) and not known
    if clause.op == "is_responsible":
        empty = empty or is_empty(scope.document.responsible)
    asks = clause.op in ("is_set", "is_empty")
    assert (outcome(clause, scope) == "unknown") == (empty and not asks)


@laws
@given(nested(fitting))
def test_what_fits_is_published(condition: Condition) -> None:
    whole = _group("all", [condition, _clause("title", "is_set", None)])
    found = problems(whole, Vocabulary.of(PIPELINE), (), event=True)
    assert [text for _, text in found if "has no members" not in text] == []


@laws
@given(fitting | loosely, sound_scopes)
def test_what_is_published_is_never_at_fault_for_an_unknown(clause: Clause, scope: Scope) -> None:
    refused = problems(clause, Vocabulary.of(PIPELINE), (), event=True)
    reason = judge(clause, scope).reason
    documents_fault = reason.endswith(("is empty", "expected 1900 to 9998"))
    assert refused or documents_fault or "cannot be judged" not in reason


@laws
@given(conditions)
def test_a_condition_survives_storage(condition: Condition) -> None:
    whole = _group("all", [condition])
    assert Group.model_validate_json(whole.model_dump_json()) == whole
    assert Group.model_validate(whole.model_dump()) == whole
    assert Group.model_validate(whole.model_dump(mode="json")) == whole
    decoded: Any = whole.model_dump(mode="json")
    assert Decimal not in {type(value) for value in _leaves(decoded)}


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for one in value.values() for leaf in _leaves(one)]
    if isinstance(value, list):
        return [leaf for one in value for leaf in _leaves(one)]
    return [value]
