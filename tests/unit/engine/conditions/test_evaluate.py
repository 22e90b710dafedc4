"""Conditions: every operator of every type, what is unknown, and how the verdict explains it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from countersign.engine.conditions.evaluate import Scope, judge
from countersign.engine.conditions.operators import OPERATORS
from countersign.engine.schedule.business_hours import BusinessHours
from countersign.model import fields
from countersign.model.condition import Clause, ClauseVerdict, Condition, Group, Outcome, Verdict
from countersign.model.document import Document
from countersign.model.document_event import DocumentEvent
from countersign.model.pipeline import Pipeline
from countersign.model.signing_event import Signer

# A Monday, 10:00 in Berlin; the Friday before was a public holiday.
NOW = datetime(2026, 5, 4, 8, tzinfo=UTC)
PIPELINE = Pipeline.model_validate(
    {
        "pipeline": "contracts",
        "time_zone": "Europe/Berlin",
        "calendar": {"holidays": "DE-BY"},
        "groups": {"sales": ["Anna@acme.example", "ben@acme.example"], "legal": []},
        "fields": {
            "copies": {"type": "number"},
            "contract_end": {"type": "date"},
            "visit": {"type": "datetime"},
            "segment": {"type": "choice", "options": ["private", "business"]},
            "seller": {"type": "user"},
            "nda": {"type": "bool"},
            "tags": {"type": "list"},
            "remark": {"type": "text"},
        },
        "stages": [{"id": "draft"}, {"id": "sent"}],
    }
)
DOCUMENT = Document(
    id="d1",
    pipeline="contracts",
    stage="sent",
    since=NOW,
    created_at=datetime(2026, 4, 30, 22, 30, tzinfo=UTC),
    title="Lease of the Straße 7",
    responsible="anna@acme.example",
    amount=Decimal("3200.00"),
    currency="EUR",
    fields={
        "copies": Decimal(2),
        "contract_end": "2026-05-06",
        "visit": "2026-05-05T16:00:00+02:00",
        "segment": "private",
        "seller": "BEN@acme.example",
        "nda": True,
        "tags": ("Urgent", "lease"),
        "remark": "",
    },
)
SCOPE = Scope(
    document=DOCUMENT,
    types=fields.types(PIPELINE),
    now=NOW,
    working=BusinessHours.of(PIPELINE),
    groups=PIPELINE.groups,
)
EMPTY = Document(id="d1", pipeline="contracts", stage="draft", since=NOW, created_at=NOW)

FIRST_MOMENT = datetime.min.replace(tzinfo=UTC)
"""What a program writes that has no date: some providers send it."""

T: Outcome = "true"
F: Outcome = "false"
U: Outcome = "unknown"

TABLE: list[tuple[str, str, Any, Outcome]] = [
    # text: without regard to case
    ("title", "is_set", None, T),
    ("title", "is_empty", None, F),
    ("title", "equals", "LEASE OF THE STRASSE 7", T),
    ("title", "equals", "Lease", F),
    ("title", "differs", "lease of the straße 7", F),
    ("title", "differs", "Lease", T),
    ("title", "one_of", ["Rent", "lease of the straße 7"], T),
    ("title", "one_of", ["Rent"], F),
    ("title", "none_of", ["Rent"], T),
    ("title", "none_of", ["lease of the straße 7"], F),
    ("title", "contains", "STRASSE", T),
    ("title", "contains", "street", F),
    ("title", "does_not_contain", "street", T),
    ("title", "does_not_contain", "the", F),
    ("title", "starts_with", "lease", T),
    ("title", "starts_with", "7", F),
    ("title", "ends_with", "E 7", T),
    ("title", "ends_with", "lease", F),
    # money and number: by value, exactly
    ("amount", "is_set", None, T),
    ("amount", "is_empty", None, F),
    ("amount", "equals", 3200, T),
    ("amount", "equals", Decimal("3200.01"), F),
    ("amount", "differs", 3200, F),
    ("amount", "differs", 3201, T),
    ("amount", "one_of", [1, 3200], T),
    ("amount", "one_of", [1], F),
    ("amount", "none_of", [1], T),
    ("amount", "none_of", [3200], F),
    ("amount", "greater", 3199.99, T),
    ("amount", "greater", 3200, F),
    ("amount", "at_least", 3200, T),
    ("amount", "at_least", 3200.01, F),
    ("amount", "less", 3200.01, T),
    ("amount", "less", 3200, F),
    ("amount", "at_most", 3200, T),
    ("amount", "at_most", 3199, F),
    ("amount", "between", [3200, 5000], T),
    ("amount", "between", [1000, 3200], T),
    ("amount", "between", [1000, 3199], F),
    ("copies", "is_set", None, T),
    ("copies", "is_empty", None, F),
    ("copies", "equals", 2, T),
    ("copies", "equals", 1, F),
    ("copies", "differs", 1, T),
    ("copies", "one_of", [1, 2], T),
    ("copies", "none_of", [1, 2], F),
    ("copies", "greater", 1, T),
    ("copies", "at_least", 3, F),
    ("copies", "less", 3, T),
    ("copies", "at_most", 1, F),
    ("copies", "between", [2, 2], T),
    ("signer_count", "equals", 0, T),
    # date: days; the field is the Wednesday, today the Monday
    ("contract_end", "is_set", None, T),
    ("contract_end", "is_empty", None, F),
    ("contract_end", "equals", "2026-05-06", T),
    ("contract_end", "equals", "2026-05-07", F),
    ("contract_end", "differs", "2026-05-07", T),
    ("contract_end", "one_of", ["2026-05-05", "2026-05-06"], T),
    ("contract_end", "none_of", ["2026-05-06"], F),
    ("contract_end", "greater", "2026-05-05", T),
    ("contract_end", "greater", "2026-05-06", F),
    ("contract_end", "at_least", "2026-05-06", T),
    ("contract_end", "less", "2026-05-06", F),
    ("contract_end", "less", "2026-05-07", T),
    ("contract_end", "at_most", "2026-05-05", F),
    ("contract_end", "between", ["2026-05-01", "2026-05-06"], T),
    ("contract_end", "within_next", {"days": 2}, T),
    ("contract_end", "within_next", {"days": 1}, F),
    ("contract_end", "within_next", {"working_days": 2}, T),
    ("contract_end", "within_next", {"working_days": 1}, F),
    ("contract_end", "within_last", {"days": 30}, F),
    ("contract_end", "within_next", {"weeks": 1}, T),
    ("contract_end", "within_next", {"weeks": 0}, F),
    ("contract_end", "within_next", {"months": 1}, T),
    ("contract_end", "within_last", {"months": 12}, F),
    # datetime: a day as value means all of it in the pipeline's zone; created is 1 May there
    ("created", "is_set", None, T),
    ("created", "is_empty", None, F),
    ("created", "equals", "2026-05-01", T),
    ("created", "equals", "2026-04-30", F),
    ("created", "equals", "2026-05-01T00:30:00", T),
    ("created", "equals", "2026-04-30T22:30:00Z", T),
    ("created", "equals", "2026-04-30T22:31:00Z", F),
    ("created", "differs", "2026-05-01", F),
    ("created", "one_of", ["2026-04-30", "2026-05-01"], T),
    ("created", "none_of", ["2026-04-30"], T),
    ("created", "greater", "2026-05-01", F),
    ("created", "greater", "2026-04-30", T),
    ("created", "at_least", "2026-05-01", T),
    ("created", "less", "2026-05-01", F),
    ("created", "at_most", "2026-05-01", T),
    ("created", "at_most", "2026-04-30", F),
    ("created", "between", ["2026-05-01", "2026-05-01"], T),
    ("created", "between", ["2026-05-01T00:31:00", "2026-05-02"], F),
    ("created", "within_last", {"days": 4}, T),
    ("created", "within_last", {"days": 3}, F),
    ("created", "within_last", {"working_days": 1}, T),
    ("created", "within_last", {"working_days": 0}, F),
    ("created", "within_last", {"weeks": 1}, T),
    ("created", "within_last", {"months": 1}, T),
    ("created", "within_next", {"months": 1}, F),
    ("created", "within_next", {"days": 30}, F),
    ("created", "within_last", {"days": 0}, F),
    ("since", "within_next", {"days": 0}, T),
    ("since", "within_last", {"days": 0}, T),
    ("visit", "is_set", None, T),
    ("visit", "greater", "2026-05-05T15:59:00", T),
    ("visit", "within_next", {"days": 1}, F),
    ("visit", "within_next", {"days": 2}, T),
    # choice: as people read it
    ("segment", "is_set", None, T),
    ("segment", "is_empty", None, F),
    ("segment", "equals", "private", T),
    ("segment", "equals", "Private", T),
    ("segment", "differs", "business", T),
    ("segment", "one_of", ["business", "private"], T),
    ("segment", "none_of", ["business", "private"], F),
    ("stage", "equals", "sent", T),
    # user: addresses without regard to case
    ("seller", "is_set", None, T),
    ("seller", "is_empty", None, F),
    ("seller", "equals", "ben@ACME.example", T),
    ("seller", "equals", "anna@acme.example", F),
    ("seller", "differs", "anna@acme.example", T),
    ("seller", "one_of", ["ben@acme.example"], T),
    ("seller", "none_of", ["ben@acme.example"], F),
    ("seller", "is_responsible", None, F),
    ("responsible", "is_responsible", None, T),
    ("seller", "in_group", "sales", T),
    ("responsible", "in_group", "sales", T),
    ("seller", "in_group", "legal", F),
    # bool
    ("nda", "is_set", None, T),
    ("nda", "is_empty", None, F),
    ("nda", "equals", True, T),
    ("nda", "equals", False, F),
    ("nda", "differs", False, T),
    ("nda", "one_of", [True, False], T),
    ("nda", "none_of", [True], F),
    # list: its members in any order, without regard to case
    ("tags", "is_set", None, T),
    ("tags", "is_empty", None, F),
    ("tags", "equals", ["lease", "URGENT"], T),
    ("tags", "equals", ["lease"], F),
    ("tags", "differs", ["lease"], T),
    ("tags", "one_of", [["lease"], ["lease", "urgent"]], T),
    ("tags", "none_of", [["lease"], ["lease", "urgent"]], F),
    ("tags", "has_any", ["x", "urgent"], T),
    ("tags", "has_any", ["x"], F),
    ("tags", "has_all", ["urgent", "lease"], T),
    ("tags", "has_all", ["urgent", "x"], F),
    ("tags", "has_none", ["x"], T),
    ("tags", "has_none", ["x", "lease"], F),
]
END_IS_NOT_AFTER = "contract_end 2026-05-06 is not after 2026-06-01"
VALUES: dict[str, Any] = {
    "text": "x",
    "number": 1,
    "money": 1,
    "date": "2026-05-06",
    "datetime": "2026-05-06",
    "choice": "private",
    "user": "anna@acme.example",
    "bool": True,
    "list": ["x"],
}


def clause(field: str, op: str, value: object = None) -> Clause:
    return Clause.model_validate({"field": field, "op": op, "value": value})


def group(**members: object) -> Group:
    return Group.model_validate(members)


def value_for(op: str, kind: str) -> object:
    """Some value that the operator takes for a field of that type."""
    if op in ("is_set", "is_empty", "is_responsible"):
        return None
    if op in ("one_of", "none_of"):
        return [VALUES[kind]]
    if op in ("within_next", "within_last"):
        return {"days": 3}
    if op == "between":
        return [VALUES[kind], VALUES[kind]]
    return "sales" if op == "in_group" else VALUES[kind]


@pytest.mark.parametrize(("field", "op", "value", "outcome"), TABLE)
def test_each_operator_judges_each_type(
    field: str, op: str, value: object, outcome: Outcome
) -> None:
    assert judge(clause(field, op, value), SCOPE).outcome == outcome


def test_the_table_has_every_operator_of_every_type() -> None:
    judged = {(SCOPE.types[field], op) for field, op, _, _ in TABLE}
    assert judged == {(kind, op) for kind, ops in OPERATORS.items() for op in ops}


@pytest.mark.parametrize(
    ("field", "op"),
    [
        (field, op)
        for field, kind in {
            "title": "text",
            "copies": "number",
            "amount": "money",
            "contract_end": "date",
            "sent": "datetime",
            "segment": "choice",
            "responsible": "user",
            "nda": "bool",
            "tags": "list",
        }.items()
        for op in OPERATORS[kind]  # type: ignore[index]
    ],
)
def test_an_empty_field_is_unknown_save_to_those_who_ask_for_that(field: str, op: str) -> None:
    expected = {"is_set": F, "is_empty": T}.get(op, U)
    scope = replaced(document=EMPTY)
    verdict = judge(clause(field, op, value_for(op, SCOPE.types[field])), scope)
    assert (verdict.outcome, verdict.reason) == (expected, f"{field} is empty")


def replaced(**changes: Any) -> Scope:
    given = {name: getattr(SCOPE, name) for name in Scope.__slots__}
    return Scope(**{**given, **changes})


def holding(**own: Any) -> Scope:
    """The scope with these of the document's own fields."""
    return replaced(document=DOCUMENT.model_copy(update={"fields": own}))


@pytest.mark.parametrize("blank", ["", "  \n"])
def test_blank_text_is_empty(blank: str) -> None:
    assert judge(clause("remark", "is_empty"), holding(remark=blank)).outcome == T
    assert judge(clause("remark", "equals", "x"), holding(remark=blank)).outcome == U


@pytest.mark.parametrize(
    ("field", "something"), [("copies", Decimal(0)), ("nda", False), ("tags", ("x",))]
)
def test_zero_and_no_are_something(field: str, something: object) -> None:
    assert judge(clause(field, "is_set"), holding(**{field: something})).outcome == T


@pytest.mark.parametrize(
    ("condition", "outcome", "reason"),
    [
        ({"all": ["t", "t"]}, T, "title is set and title is set"),
        ({"all": ["t", "f", "u"]}, F, "title is set"),
        ({"all": ["u", "f"]}, F, "title is set"),
        ({"all": ["t", "u"]}, U, "number is empty"),
        ({"any": ["f", "u", "t"]}, T, "title is set"),
        ({"any": ["f", "u"]}, U, "number is empty"),
        ({"any": ["f", "f"]}, F, "title is set and title is set"),
        ({"none": ["f", "f"]}, T, "title is set and title is set"),
        ({"none": ["f", "u"]}, U, "number is empty"),
        ({"none": ["u", "t"]}, F, "title is set"),
        ({"none": [{"none": ["u"]}]}, U, "number is empty"),
        ({"any": [{"all": ["t", "f"]}, {"all": ["t"]}]}, T, "title is set"),
        ({"all": []}, T, "the condition has no clauses"),
        ({"any": []}, F, "the condition has no clauses"),
        ({"none": []}, T, "the condition has no clauses"),
    ],
)
def test_groups_weigh_their_members_in_three_values(
    condition: dict[str, Any], outcome: Outcome, reason: str
) -> None:
    letters = {
        "t": {"field": "title", "op": "is_set"},
        "f": {"field": "title", "op": "is_empty"},
        "u": {"field": "number", "op": "equals", "value": "7"},
    }

    def spelled(part: Any) -> Any:
        if isinstance(part, str):
            return letters[part]
        return {word: [spelled(one) for one in members] for word, members in part.items()}

    verdict = judge(Group.model_validate(spelled(condition)), SCOPE)
    assert (verdict.outcome, verdict.reason) == (outcome, reason)


def test_no_condition_holds() -> None:
    assert judge(None, SCOPE) == Verdict(outcome="true", reason="there is no condition")


def test_the_verdict_keeps_every_clause_and_tells_the_one_that_decided() -> None:
    condition: Condition = group(
        all=[
            clause("currency", "equals", "eur"),
            clause("amount", "greater", 5000),
            group(any=[clause("number", "is_set"), clause("visit", "less", "2026-05-05")]),
            clause("number", "starts_with", "C"),
        ]
    )
    assert judge(condition, SCOPE) == Verdict(
        outcome="false",
        clauses=(
            ClauseVerdict(field="currency", op="equals", found="EUR", wanted="eur", outcome="true"),
            ClauseVerdict(
                field="amount", op="greater", found="3,200.00", wanted="5,000", outcome="false"
            ),
            ClauseVerdict(field="number", op="is_set", found=None, wanted=None, outcome="false"),
            ClauseVerdict(
                field="visit",
                op="less",
                found="2026-05-05 16:00 Europe/Berlin",
                wanted="2026-05-05",
                outcome="false",
            ),
            ClauseVerdict(
                field="number", op="starts_with", found=None, wanted="C", outcome="unknown"
            ),
        ),
        reason="amount 3,200.00 is not greater than 5,000",
    )


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        (1, "title is set and title is set and nda is set"),
        (2, "title is set and title is set and nda is set and 1 more"),
        (5, "title is set and title is set and nda is set and 4 more"),
    ],
)
def test_of_many_deciding_clauses_the_first_three_are_told(more: int, reason: str) -> None:
    condition = group(all=[clause("title", "is_set")] * 2 + [clause("nda", "is_set")] * more)
    assert judge(condition, SCOPE).reason == reason


@pytest.mark.parametrize(
    ("field", "op", "value", "reason"),
    [
        ("amount", "greater", 5000, "amount 3,200.00 is not greater than 5,000"),
        ("amount", "less", 5000, "amount 3,200.00 is less than 5,000"),
        ("amount", "at_least", 5000, "amount 3,200.00 is less than 5,000"),
        ("amount", "at_most", 1.5, "amount 3,200.00 is greater than 1.5"),
        ("amount", "between", [1, 2], "amount 3,200.00 is not between 1 and 2"),
        ("currency", "equals", "EUR", 'currency is "EUR"'),
        ("currency", "equals", "eur", 'currency "EUR" equals "eur"'),
        ("currency", "equals", "USD", 'currency is "EUR", not "USD"'),
        ("currency", "differs", "USD", 'currency is "EUR", not "USD"'),
        ("currency", "one_of", ["USD", "CHF"], 'currency "EUR" is not one of USD, CHF'),
        ("currency", "none_of", ["EUR"], 'currency "EUR" is one of EUR'),
        ("currency", "contains", "U", 'currency "EUR" contains "U"'),
        ("currency", "ends_with", "U", 'currency "EUR" does not end with "U"'),
        (
            "contract_end",
            "greater",
            "2026-06-01",
            "contract_end 2026-05-06 is not after 2026-06-01",
        ),
        (
            "contract_end",
            "at_most",
            "2026-06-01",
            "contract_end 2026-05-06 is not after 2026-06-01",
        ),
        (
            "contract_end",
            "within_next",
            {"working_days": 1},
            "contract_end 2026-05-06 is not within the next 1 working day",
        ),
        (
            "created",
            "equals",
            "2026-05-01",
            "created 2026-05-01 00:30 Europe/Berlin equals 2026-05-01",
        ),
        ("segment", "equals", "business", "segment is private, not business"),
        (
            "seller",
            "is_responsible",
            None,
            "seller BEN@acme.example is not the responsible person, anna@acme.example",
        ),
        ("seller", "in_group", "legal", "seller BEN@acme.example is not in the group legal"),
        ("nda", "equals", False, "nda is yes, not no"),
        ("tags", "has_any", ["x", "y"], "tags Urgent, lease has none of x, y"),
        ("tags", "has_none", ["x"], "tags Urgent, lease has none of x"),
        ("number", "equals", "7", "number is empty"),
        ("remark", "is_set", None, "remark is empty"),
    ],
)
def test_the_reason_reads_as_a_sentence(field: str, op: str, value: object, reason: str) -> None:
    assert judge(clause(field, op, value), SCOPE).reason == reason


def test_an_event_is_asked_by_the_fields_of_its_own() -> None:
    signer = Signer(id="s1", email="Carl@client.example", party="client")
    scope = replaced(happening=DocumentEvent(kind="signer.signed", at=NOW, signer=signer))
    condition = group(
        all=[
            clause("event.kind", "equals", "signer.signed"),
            clause("event.signer", "ends_with", "@client.example"),
            clause("event.party", "equals", "client"),
        ]
    )
    assert judge(condition, scope).holds
    assert judge(condition, SCOPE).reason == "event.kind is empty"


@pytest.mark.parametrize(
    ("condition", "scope", "reason"),
    [
        (clause("colour", "equals", "red"), SCOPE, 'there is no field "colour"'),
        (clause("colour", "is_empty"), SCOPE, 'there is no field "colour"'),
        (
            clause("nda", "greater", 5),
            SCOPE,
            "nda is of type bool, which has no greater; "
            "it has is_set, is_empty, equals, differs, one_of, none_of",
        ),
        (
            clause("amount", "greater", "5000"),
            SCOPE,
            'amount cannot be judged: "5000" is not a valid number; '
            "expected one without quotes, such as 5000",
        ),
        (
            clause("seller", "in_group", "sale"),
            SCOPE,
            'seller cannot be judged: there is no group "sale"; the pipeline has sales, legal',
        ),
        (
            clause("seller", "is_responsible"),
            replaced(document=DOCUMENT.model_copy(update={"responsible": None})),
            "seller cannot be judged: responsible is empty",
        ),
        (
            clause("contract_end", "less", "2026-05-06"),
            holding(contract_end="soon"),
            'contract_end cannot be judged: "soon" is not a valid date; '
            "expected YYYY-MM-DD, such as 2026-05-31",
        ),
        (
            clause("created", "less", "2026-05-06"),
            replaced(
                document=DOCUMENT.model_copy(
                    update={"created_at": datetime.min.replace(tzinfo=UTC)}
                )
            ),
            "created cannot be judged: the year 1 is out of range; expected 1900 to 9998",
        ),
        (
            clause("copies", "less", 5),
            holding(copies=("a", "b")),
            "copies cannot be judged: tuple ('a', 'b') is not a valid number; expected digits with "
            "a point for the decimals and no separators, such as 5000 or 5000.50",
        ),
    ],
)
def test_what_cannot_be_judged_is_unknown_and_says_why(
    condition: Clause, scope: Scope, reason: str
) -> None:
    verdict = judge(condition, scope)
    assert (verdict.outcome, verdict.reason) == ("unknown", reason)


def test_a_value_of_another_type_still_counts_as_set() -> None:
    assert judge(clause("contract_end", "is_set"), holding(contract_end="soon")).outcome == T


def test_long_values_are_kept_short() -> None:
    verdict = judge(clause("remark", "contains", "y" * 300), holding(remark="x" * 5000))
    [judged] = verdict.clauses
    assert judged.found is not None
    assert judged.wanted is not None
    assert (len(judged.found), len(judged.wanted)) == (200, 200)
    assert len(verdict.reason) < 200


def test_accents_compare_however_they_are_encoded() -> None:
    scope = holding(remark="Mu\N{COMBINING DIAERESIS}ller")
    assert judge(
        clause("remark", "equals", "M\N{LATIN CAPITAL LETTER U WITH DIAERESIS}LLER"), scope
    ).holds


def test_working_days_are_counted_by_the_pipelines_calendar() -> None:
    # From the Thursday before 1 May: the holiday and the weekend do not count.
    scope = replaced(now=datetime(2026, 4, 30, 8, tzinfo=UTC))
    near = [
        days
        for days in range(1, 7)
        if judge(clause("contract_end", "within_next", {"working_days": days}), scope).holds
    ]
    assert near == [3, 4, 5, 6]


@pytest.mark.parametrize(
    ("now", "months", "near"),
    [
        # 31 January and a month is 28 February, in a leap year the 29th; back from 31 March, too.
        ("2026-01-31", {"within_next": 1}, {"2026-02-28": True, "2026-03-01": False}),
        ("2028-01-31", {"within_next": 1}, {"2028-02-29": True, "2028-03-01": False}),
        ("2026-03-31", {"within_last": 1}, {"2026-02-28": True, "2026-02-27": False}),
        ("2026-08-31", {"within_next": 6}, {"2027-02-28": True, "2027-03-01": False}),
    ],
)
def test_months_reach_to_the_same_day_or_the_last_of_a_shorter_month(
    now: str, months: dict[str, int], near: dict[str, bool]
) -> None:
    ((op, count),) = months.items()
    at = datetime.fromisoformat(f"{now}T10:00:00+00:00")
    found = {}
    for day in near:
        document = DOCUMENT.model_copy(update={"fields": {"contract_end": day}})
        scope = replaced(now=at, document=document)
        found[day] = judge(clause("contract_end", op, {"months": count}), scope).holds
    assert found == near


def test_working_hours_reach_through_the_pipelines_calendar() -> None:
    # Thursday, 30 April 2026, 16:00 in Berlin; two hours are left, and 1 May is a holiday.
    scope = replaced(
        now=datetime(2026, 4, 30, 14, tzinfo=UTC),
        document=DOCUMENT.model_copy(update={"fields": {"visit": "2026-05-04T10:00:00+02:00"}}),
    )
    near = [
        hours
        for hours in range(6)
        if judge(clause("visit", "within_next", {"working_hours": hours}), scope).holds
    ]
    assert near == [3, 4, 5]


def test_within_days_keeps_the_clock_time_across_a_change_of_summer_time() -> None:
    # 28 March 2026, 12:00 in Berlin; the clocks go forward in the night: 24 hours end at 13:00.
    scope = replaced(
        now=datetime(2026, 3, 28, 11, tzinfo=UTC),
        document=DOCUMENT.model_copy(update={"fields": {"visit": "2026-03-29T12:00:00+02:00"}}),
    )
    assert judge(clause("visit", "within_next", {"days": 1}), scope).holds
    later = replaced(
        now=scope.now,
        document=DOCUMENT.model_copy(update={"fields": {"visit": "2026-03-29T12:01:00+02:00"}}),
    )
    assert not judge(clause("visit", "within_next", {"days": 1}), later).holds


@pytest.mark.parametrize(
    ("visit", "today"),
    [
        ("2026-05-03T23:59:59.999999+02:00", False),
        ("2026-05-04T00:00:00+02:00", True),
        ("2026-05-04T23:59:59.999999+02:00", True),
        ("2026-05-05T00:00:00+02:00", False),
    ],
)
@pytest.mark.parametrize(
    ("op", "value"),
    [
        ("equals", "2026-05-04"),
        ("within_next", {"days": 0}),
        ("within_last", {"days": 0}),
        ("within_next", {"working_days": 0}),
    ],
)
def test_a_day_is_all_of_its_moments_in_the_pipelines_zone(
    op: str, value: object, visit: str, today: bool
) -> None:
    assert judge(clause("visit", op, value), holding(visit=visit)).holds == today


@pytest.mark.parametrize(
    ("reaches", "shown"),
    [
        ({"days": 1}, "1 day"),
        ({"days": 2}, "2 days"),
        ({"days": 0}, "0 days"),
        ({"working_days": 1}, "1 working day"),
        ({"working_hours": 3}, "3 working hours"),
        ({"months": 1}, "1 month"),
    ],
)
def test_how_far_it_reaches_is_told_in_words(reaches: dict[str, int], shown: str) -> None:
    (told,) = judge(clause("visit", "within_next", reaches), SCOPE).clauses
    assert told.wanted == shown


@pytest.mark.parametrize(
    ("visit", "op", "holds"),
    [
        ("2026-05-04T09:00:00+02:00", "within_next", True),
        ("2026-05-02T12:00:00+02:00", "within_next", True),
        ("2026-05-04T09:00:01+02:00", "within_next", False),
        ("2026-05-02T11:59:59+02:00", "within_next", False),
    ],
)
def test_no_working_hours_reach_from_a_day_off_to_the_next_working_time(
    visit: str, op: str, holds: bool
) -> None:
    saturday = datetime(2026, 5, 2, 10, tzinfo=UTC)
    home = DOCUMENT.model_copy(update={"fields": {"visit": visit}})
    scope = replace(SCOPE, document=home, now=saturday)
    assert judge(clause("visit", op, {"working_hours": 0}), scope).holds is holds


@pytest.mark.parametrize(
    ("length", "shown"), [(200, "x" * 200), (201, "x" * 199 + "…"), (900, "x" * 199 + "…")]
)
def test_two_hundred_characters_of_a_value_are_shown(length: int, shown: str) -> None:
    home = DOCUMENT.model_copy(update={"title": "x" * length})
    asked = clause("title", "equals", "x" * length)
    (told,) = judge(asked, replace(SCOPE, document=home)).clauses
    assert (told.found, told.wanted, told.outcome) == (shown, shown, "true")


@pytest.mark.parametrize(
    ("field", "op", "unit", "inside", "outside"),
    [
        ("contract_end", "within_last", "days", "2026-05-03", "2026-05-02"),
        ("contract_end", "within_next", "days", "2026-05-05", "2026-05-06"),
        ("contract_end", "within_last", "working_days", "2026-04-30", "2026-04-29"),
        ("contract_end", "within_last", "weeks", "2026-04-27", "2026-04-26"),
        ("visit", "within_last", "days", "2026-05-03T08:00Z", "2026-05-03T07:59Z"),
        ("visit", "within_next", "days", "2026-05-05T08:00Z", "2026-05-05T08:01Z"),
        ("visit", "within_last", "months", "2026-04-04T08:00Z", "2026-04-04T07:59Z"),
        ("visit", "within_last", "working_hours", "2026-05-04T07:00Z", "2026-05-04T06:59Z"),
        ("visit", "within_next", "working_hours", "2026-05-04T09:00Z", "2026-05-04T09:01Z"),
    ],
)
def test_a_single_unit_reaches_to_its_end_and_no_further(
    field: str, op: str, unit: str, inside: str, outside: str
) -> None:
    def holds(value: str) -> bool:
        return judge(clause(field, op, {unit: 1}), holding(**{field: value})).holds

    assert (holds(inside), holds(outside)) == (True, False)
