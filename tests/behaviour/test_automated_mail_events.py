"""semantics, section 2: what a machine opens or clicks moves nothing, unless a trigger says so."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.adapters.memory.services.mailer import MemoryMailer
from countersign.cli.output.text import timeline_lines
from countersign.errors import InDoubtError
from countersign.model.document import Document
from countersign.model.document_event import DocumentEvent
from countersign.model.log import LogEntry
from countersign.model.mail_event import MailEvent
from countersign.simulation.world import START, World
from countersign.triggers.link_clicked import LinkClicked
from countersign.triggers.mail_opened import MailOpened
from countersign.use_cases.pipelines.pause import pause, resume
from tests.builders import (
    KLARA,
    connection,
    envelope,
    event,
    mail,
    pipeline,
    run_of,
    stage,
    states,
    trigger,
)

OFFER = "https://acme.example/offer"
MACHINES_TOO = {"settings": {"automated": True}}
REASON = (
    "made by a machine: the mail service reported it as automated; "
    "the trigger fires for that only with automated: true"
)


def start(*stages: dict[str, Any], mailbox: MemoryMailer | None = None) -> tuple[World, Document]:
    """A world whose document is in the stage ``out``, its mail sent."""
    here = World(mailbox=mailbox or MemoryMailer())
    out = stage("out", mail("offer"), mail("then"))
    here.publish(pipeline(out, *stages, senders=["contracts@acme.example"]))
    here.connect(connection())
    return here, here.tell("docusign", [event("document.sent", state=envelope())])


def waiting(**more: Any) -> list[dict[str, Any]]:
    """A stage for a mail that was opened, and behind it one for a link that was clicked."""
    return [
        stage("opened", triggers=[trigger("mail_opened", **more)]),
        stage("clicked", triggers=[trigger("link_clicked", **more)]),
    ]


def report(here: World, document: Document, kind: str, second: int = 0, **more: Any) -> MailEvent:
    given = {
        "kind": kind, "at": START + timedelta(seconds=second), "message_id": "memory-1",
        "run": run_of(here, document, "offer").key, "recipients": (KLARA,),
        "link": OFFER if kind == "clicked" else None,
    }  # fmt: skip
    return MailEvent.model_validate(given | more)


def heard(here: World, document: Document) -> list[LogEntry]:
    lines = here.documents.timeline(document.id)
    return [line for line in lines if line.event in ("mail.opened", "mail.clicked")]


def moves(here: World, document: Document) -> list[str | None]:
    return [line.to_stage for line in here.documents.timeline(document.id) if line.kind == "moved"]


# --- the triggers


@pytest.mark.parametrize(
    ("kind", "happens"), [(MailOpened, "mail.opened"), (LinkClicked, "mail.clicked")]
)
@pytest.mark.parametrize(
    ("given", "automated", "fires"),
    [
        ({}, False, True),
        ({}, True, False),
        ({"automated": False}, True, False),
        ({"automated": True}, True, True),
        ({"automated": True}, False, True),
    ],
)
def test_a_trigger_fires_for_a_machine_only_where_it_says_so(
    kind: type[MailOpened | LinkClicked],
    happens: str,
    given: dict[str, Any],
    automated: bool,
    fires: bool,
) -> None:
    _, document = start()
    happening = DocumentEvent.model_validate(
        {"kind": happens, "at": START, "detail": {"rule": "offer"}, "automated": automated}
    )
    reason = kind(**given).misses(happening, document)
    assert reason == (None if fires else REASON)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (MailOpened(rule="other"), "it is about the mail of offer, not of other"),
        (LinkClicked(rule="other"), "it is about the mail of offer, not of other"),
        (
            LinkClicked(url_prefix="https://b.example/"),
            f"the link was {OFFER}, not one that begins with https://b.example/",
        ),
        (
            LinkClicked(url_prefix="https://b.example/", automated=True),
            f"the link was {OFFER}, not one that begins with https://b.example/",
        ),
    ],
)
def test_what_a_trigger_does_not_wait_for_is_passed_over_for_that_reason(
    kind: MailOpened | LinkClicked, reason: str
) -> None:
    _, document = start()
    happening = DocumentEvent.model_validate(
        {
            "kind": "mail.clicked", "at": START, "automated": True,
            "detail": {"rule": "offer", "link": OFFER},
        }
    )  # fmt: skip
    assert kind.misses(happening, document) == reason


# --- the document


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("opened", f"the mail of offer to {KLARA} was opened by a machine"),
        (
            "clicked",
            f"a link in the mail of offer to {KLARA} was clicked by a machine: {OFFER}",
        ),
    ],
)
def test_the_timeline_has_a_machines_open_and_why_it_moved_nothing(kind: str, text: str) -> None:
    here, document = start(*waiting())
    assert here.report(report(here, document, kind, automated=True)) == "recorded"
    assert here.document(document.id).stage == "out"
    (line,) = heard(here, document)
    assert (line.text, line.fired, line.by) == (text, None, "mail service")
    assert [passed.reason for passed in line.passed] == [REASON]
    shown = list(timeline_lines(line, ZoneInfo("UTC"), why=True))
    assert shown[1].strip().split(": ", 2)[2] == REASON


@pytest.mark.parametrize("kind", ["opened", "clicked"])
@pytest.mark.parametrize("person_at", [0, 5, 9])
def test_a_person_after_a_machine_fires_as_if_there_had_been_none(
    kind: str, person_at: int
) -> None:
    """A machine's open is not the first one, even in the same instant."""
    here, document = start(*waiting())
    for second in (0, 5):
        here.report(report(here, document, kind, second, automated=True))
    assert moves(here, document) == []
    assert here.report(report(here, document, kind, person_at)) == "recorded"
    assert moves(here, document) == [kind]
    assert [line.fired is not None for line in heard(here, document)] == [False, False, True]


@pytest.mark.parametrize("kind", ["opened", "clicked"])
def test_a_machine_after_a_person_moves_nothing_back(kind: str) -> None:
    here, document = start(
        stage("opened", triggers=[trigger("mail_opened", "open", allow_return=True)]),
        stage("clicked", triggers=[trigger("link_clicked", "click", allow_return=True)]),
    )
    here.report(report(here, document, kind))
    for second, other in enumerate(("clicked", "opened"), start=1):
        here.report(report(here, document, other, second, automated=True))
    assert moves(here, document) == [kind]


def test_in_any_order_and_twice_the_result_is_the_same() -> None:
    told = [("opened", 1, True), ("opened", 1, False), ("clicked", 2, True), ("opened", 3, True)]
    for order in permutations(told):
        here, document = start(*waiting())
        for kind, second, automated in (*order, *order):
            here.report(report(here, document, kind, second, automated=automated))
        assert moves(here, document) == ["opened"]
        assert len(heard(here, document)) == 4


def test_a_machines_report_that_comes_twice_is_one() -> None:
    here, document = start(*waiting(**MACHINES_TOO))
    machine = report(here, document, "opened", automated=True)
    assert [here.report(machine) for _ in range(3)] == ["recorded", "duplicate", "duplicate"]
    assert moves(here, document) == ["opened"]
    assert len(heard(here, document)) == 1


def test_of_two_triggers_the_one_that_asks_for_machines_fires() -> None:
    here, document = start(
        stage("people", triggers=[trigger("mail_opened", "person")]),
        stage("machines", triggers=[trigger("mail_opened", "machine", **MACHINES_TOO)]),
    )
    here.report(report(here, document, "opened", automated=True))
    assert moves(here, document) == ["machines"]


def test_a_machine_does_not_count_as_a_reaction() -> None:
    silent = trigger("no_reaction", settings={"stage": "out", "after": {"days": 3}})
    here, document = start(*waiting(), stage("late", triggers=[silent]))
    here.advance(timedelta(days=2))
    for kind in ("opened", "clicked"):
        here.report(report(here, document, kind, automated=True))
    here.advance(timedelta(days=1))
    assert moves(here, document) == ["late"]


@pytest.mark.parametrize(("automated", "arrives"), [(True, "out"), (False, "opened")])
def test_a_report_that_waits_for_a_paused_pipeline_keeps_its_mark(
    automated: bool, arrives: str
) -> None:
    here, document = start(*waiting())
    pause(here.pipelines, "contracts")
    asked = report(here, document, "opened", automated=automated)
    assert here.report(asked) == "postponed"
    resume(here.receiver, here.pipelines, "contracts")
    assert here.document(document.id).stage == arrives
    assert len(heard(here, document)) == 1


def test_a_machines_open_proves_that_a_mail_in_doubt_went_out() -> None:
    here, document = start(
        *waiting(), mailbox=MemoryMailer(refusal=lambda _: InDoubtError("SES gave no answer"))
    )
    assert states(here, document)["offer"] == "in_doubt"
    here.mailbox = MemoryMailer()
    assert here.report(report(here, document, "opened", automated=True)) == "resolved"
    assert states(here, document)["offer"] == "done"
    assert moves(here, document) == []


# --- the law

REPORTS = st.lists(
    st.tuples(st.sampled_from(["opened", "clicked"]), st.integers(0, 4), st.booleans()), max_size=8
)
RETURNING = [
    stage("opened", triggers=[trigger("mail_opened", "open", allow_return=True)]),
    stage("clicked", triggers=[trigger("link_clicked", "click", allow_return=True)]),
]
ASKING = [
    stage("opened", triggers=[trigger("mail_opened", "o", allow_return=True, **MACHINES_TOO)]),
    stage("clicked", triggers=[trigger("link_clicked", "c", allow_return=True, **MACHINES_TOO)]),
]


def moved_by(told: list[tuple[str, int, bool]], stages: list[dict[str, Any]]) -> list[str | None]:
    here, document = start(*stages)
    for kind, second, automated in told:
        here.report(report(here, document, kind, second, automated=automated))
    return moves(here, document)


@settings(max_examples=40)
@given(REPORTS)
def test_without_machines_everything_would_have_happened_alike(
    told: list[tuple[str, int, bool]],
) -> None:
    people = [one for one in told if not one[2]]
    assert moved_by(told, RETURNING) == moved_by(people, RETURNING)


@settings(max_examples=40)
@given(REPORTS)
def test_where_a_trigger_asks_for_machines_they_count_as_people_do(
    told: list[tuple[str, int, bool]],
) -> None:
    distinct = [(kind, second, automated) for second, (kind, _, automated) in enumerate(told)]
    people = [(kind, second, False) for kind, second, _ in distinct]
    assert moved_by(distinct, ASKING) == moved_by(people, RETURNING)
