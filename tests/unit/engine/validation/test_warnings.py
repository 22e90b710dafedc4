"""What is allowed but hardly meant is a warning with its place, and nothing else is."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from countersign.engine.validation.pipeline import check
from countersign.model.base import Place

MAIL = {"from": "x@acme.example", "to": ["client"], "subject": "Signed", "text": "Hello"}


def warned(*stages: dict[str, Any], **more: Any) -> list[tuple[Place, str]]:
    """The warnings on a pipeline, which must be allowed."""
    raw = {"pipeline": "p", "senders": ["x@acme.example"], "stages": list(stages), **more}
    found, problems = check(raw, today=date(2026, 3, 2))
    assert found is not None, problems
    return [
        (one.place, one.text)
        for one in problems
        if one.severity == "warning" and "brings documents into" not in one.text
    ]


def stage(name: str, *rules: dict[str, Any], by: str | None = None, **more: Any) -> dict[str, Any]:
    """A stage; ``by`` is the kind of its trigger."""
    triggers = [{"id": f"t-{name}", "kind": by, **more}] if by else []
    return {"id": name, "triggers": triggers, "rules": list(rules)}


def rule(kind: str = "add_comment", **more: Any) -> dict[str, Any]:
    """A rule that comments."""
    return {"id": "r", "kind": kind, "settings": {"text": "x"}, **more}


SIGNED = {"id": "pdf", "kind": "send_email", "settings": {**MAIL, "attachments": ["signed_pdf"]}}
AMOUNT = {"field": "amount", "op": "greater", "value": 5}
ALL_SIGNED = stage("done", SIGNED, by="signed_by_all")
EARLY = "documents can arrive in {} before everyone has signed, and have no signed PDF then"


@pytest.mark.parametrize(
    ("user", "supervisor"),
    [
        ("anna@acme.example", "anna@acme.example"),
        ("anna@acme.example", "Anna@ACME.example"),
        ("eva@müller.example", "eva@xn--mller-kva.example"),
    ],
)
def test_nobody_is_their_own_supervisor(user: str, supervisor: str) -> None:
    others = {"bert@acme.example": "anna@acme.example"}
    assert warned(stage("a"), supervisors={**others, user: supervisor}) == [
        (
            ("supervisors", user),
            f"{user} is their own supervisor; name another user, or leave this line out",
        )
    ]


def test_supervisors_of_each_other_are_nobodys_business() -> None:
    pair = {"anna@acme.example": "bert@acme.example", "bert@acme.example": "anna@acme.example"}
    assert warned(stage("a"), supervisors=pair) == []


WORKING = {
    "a delay": (rule(time={"after": {"working_days": 2}}), ("time", "after", "working_days")),
    "working hours": (
        rule(time={"after": {"days": 2}, "working_hours": True}),
        ("time", "working_hours"),
    ),
    "a length in working hours": (
        rule(time={"after": {"working_hours": 4}}),
        ("time", "after", "working_hours"),
    ),
    "a condition": (
        rule(condition={"field": "expires", "op": "within_next", "value": {"working_days": 3}}),
        ("condition", "value", "working_days"),
    ),
    "a condition among others": (
        rule(
            condition={
                "all": [
                    {"field": "title", "op": "is_set"},
                    {"field": "expires", "op": "within_next", "value": {"working_days": 3}},
                ]
            }
        ),
        ("condition", "all", 1, "value", "working_days"),
    ),
    "a deadline": (
        {
            "id": "call",
            "kind": "create_task",
            "settings": {
                "title": "Call",
                "assignee": "anna@acme.example",
                "deadline": {"after": {"working_days": 3}},
            },
        },
        ("settings", "deadline", "after", "working_days"),
    ),
}


@pytest.mark.parametrize(("written", "place"), WORKING.values(), ids=WORKING)
def test_working_time_without_a_calendar_is_told_once(
    written: dict[str, Any], place: Place
) -> None:
    twice = stage("b", {**rule(time={"after": {"working_days": 9}}), "id": "later"})
    ((found, text),) = warned(stage("a", written), twice)
    assert found == ("stages", 0, "rules", 0, *place)
    assert text.startswith("the pipeline has no calendar, so working time is Monday to Friday")
    assert warned(stage("a", written), twice, calendar={"holidays": "DE"}) == []


def test_working_time_below_what_counts_none_is_told_too() -> None:
    counting = {**rule(time={"after": {"working_days": 2}}), "id": "counting"}
    assert [place for place, _ in warned(stage("a", rule(), counting))] == [
        ("stages", 0, "rules", 1, "time", "after", "working_days")
    ]


def test_a_trigger_counts_working_time_too() -> None:
    asleep = {"stage": "a", "after": {"working_days": 3}}
    late = stage("b", by="no_reaction", settings=asleep)
    assert [place for place, _ in warned(stage("a"), late)] == [
        ("stages", 1, "triggers", 0, "settings", "after", "working_days")
    ]


@pytest.mark.parametrize(
    "time",
    [
        "immediately",
        {"after": {"days": 3}},
        {"after": {"hours": 3}, "at": "09:00", "working_hours": False},
    ],
)
def test_what_counts_no_working_time_needs_no_calendar(time: Any) -> None:
    assert warned(stage("a", rule(time=time))) == []


FILES = {
    "in the first stage": ([stage("a", SIGNED)], "a"),
    "after the first signature": (
        [stage("a"), stage("b", SIGNED, by="signed_by_client")],
        "b",
    ),
    "by two ways": (
        [stage("a"), stage("b", by="sent"), {
            **stage("c", SIGNED, by="signed_by_all"),
            "triggers": [
                {"id": "all", "kind": "signed_by_all"}, {"id": "v", "kind": "viewed"},
            ],
        }],
        "c",
    ),
    "by a rule": (
        [
            stage("a", {"id": "go", "kind": "change_stage", "settings": {"stage": "b"}}),
            stage("b", SIGNED),
        ],
        "b",
    ),
    "by a rule of a stage before": (
        [
            stage("a"),
            stage("b", {"id": "go", "kind": "change_stage", "settings": {"stage": "c"}}, by="sent"),
            stage("c", SIGNED, by="signed_pdf_ready"),
        ],
        "c",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("stages", "where"), FILES.values(), ids=FILES)
def test_a_signed_pdf_before_everyone_has_signed_is_told(
    stages: list[dict[str, Any]], where: str
) -> None:
    ((place, text),) = warned(*stages)
    assert (place[0], place[-2:]) == ("stages", ("settings", "attachments"))
    assert text.startswith(EARLY.format(where))


def attaching(*attachments: str) -> dict[str, Any]:
    return {"id": "m", "kind": "send_email", "settings": {**MAIL, "attachments": [*attachments]}}


def test_an_audit_trail_before_everyone_has_signed_is_told_too() -> None:
    ((place, text),) = warned(stage("a"), stage("b", attaching("audit_trail"), by="viewed"))
    assert place == ("stages", 1, "rules", 0, "settings", "attachments")
    assert text == (
        "documents can arrive in b before everyone has signed, and have no audit trail then; put "
        "the rule into a stage with the trigger signed_pdf_ready or signed_by_all, or give it a "
        "condition"
    )
    both = stage("b", attaching("contract", "signed_pdf", "audit_trail"), by="declined")
    assert [
        text.partition(" then;")[0].rpartition(" no ")[2] for _, text in warned(stage("a"), both)
    ] == [
        "signed PDF",
        "audit trail",
    ]


def test_what_stands_above_does_not_hide_what_has_no_signed_pdf() -> None:
    def numbered(number: int, written: dict[str, Any], **more: Any) -> dict[str, Any]:
        return {**written, "id": f"r{number}", **more}

    early = stage(
        "b",
        numbered(1, SIGNED, enabled=False),
        numbered(2, SIGNED, condition=AMOUNT),
        numbered(3, rule()),
        numbered(4, attaching("contract", "signed_pdf")),
        numbered(5, SIGNED),
        by="viewed",
    )
    assert [place for place, _ in warned(stage("a"), ALL_SIGNED, early)] == [
        ("stages", 2, "rules", number, "settings", "attachments") for number in (3, 4)
    ]


@pytest.mark.parametrize("attachment", ["document", "contract", "file:Annex.pdf"])
def test_what_is_there_before_the_signatures_is_fine(attachment: str) -> None:
    assert warned(stage("a"), stage("b", attaching(attachment), by="sent")) == []


@pytest.mark.parametrize("by", ["signed_by_all", "signed_pdf_ready"])
def test_an_audit_trail_of_signed_documents_is_fine(by: str) -> None:
    assert warned(stage("a"), stage("b", attaching("audit_trail"), by=by)) == []


@pytest.mark.parametrize(
    "stages",
    [
        [stage("a"), ALL_SIGNED],
        [stage("a"), stage("b", SIGNED, by="signed_pdf_ready")],
        # Only signed documents come from there.
        [stage("a"), {**ALL_SIGNED, "rules": []}, stage("z", SIGNED, by="task_completed")],
        [stage("a", {**SIGNED, "condition": AMOUNT})],
        [stage("a", {**SIGNED, "enabled": False})],
        [stage("a", {"id": "m", "kind": "send_email", "settings": MAIL})],
    ],
)
def test_a_signed_pdf_of_signed_documents_is_fine(stages: list[dict[str, Any]]) -> None:
    if len(stages) == 3:
        stages[2]["triggers"][0] = {"id": "n", "kind": "no_reaction", "settings": {
            "stage": "done", "after": {"days": 3},
        }}  # fmt: skip
    assert [text for _, text in warned(*stages) if "signed PDF" in text] == []
