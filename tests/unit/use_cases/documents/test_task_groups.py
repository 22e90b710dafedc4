"""Tasks of groups: who sees one, who may complete it, and who is told of it by mail."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from countersign.adapters.memory.services.mailer import MemoryMailer
from countersign.engine.validation.pipeline import check
from countersign.errors import InDoubtError, PermanentError, TransientError
from countersign.model.actor import user
from countersign.model.document import Document
from countersign.model.run import Run
from countersign.model.task import Task
from countersign.rules.base import Edit
from countersign.simulation.world import START, World
from countersign.use_cases.documents.tasks import assign, complete, tick, withdraw
from countersign.use_cases.queries.tasks import open_tasks
from countersign.use_cases.runs.change_run import resolve_run
from tests.builders import connection, envelope, event, pipeline, run_of, stage, states

LIA, TOM, UWE = "lia@acme.example", "tom@acme.example", "uwe@acme.example"
GROUPS = {"Recht": [LIA, TOM], "Vertrieb": [UWE]}


def review(**settings: Any) -> dict[str, Any]:
    given = {"title": "Review {{ document.title }}", "assignee": "group:recht", "wait": True}
    return {"id": "review", "kind": "create_task", "settings": {**given, **settings}}


def start(
    *rules: dict[str, Any], mailbox: MemoryMailer | None = None, **more: Any
) -> tuple[World, Document]:
    here = World(mailbox=mailbox)
    given = {"groups": GROUPS, "senders": ["Büro <desk@acme.example>"], **more}
    here.publish(pipeline(stage("draft", *rules), stage("later"), **given))
    here.connect(connection())
    return here, here.tell("docusign", [event("document.sent", state=envelope())])


def the_task(here: World, document: Document) -> Task:
    return here.documents.tasks(document.id)[-1]


def mine(here: World, user: str | None = None) -> list[str]:
    """The open tasks that a user sees."""
    found = open_tasks(here.documents, here.programs, here.pipelines, user)
    return [task.rule for task in found]


def mail_run(here: World, document: Document, version: int = 1) -> Run:
    return run_of(here, document, f"_task-{version}-review")


def sent(here: World) -> list[tuple[tuple[str, ...], str]]:
    return [(email.to, email.subject) for email in here.mailbox.sent]


# --- groups


def test_everybody_of_the_group_sees_its_task_and_nobody_else() -> None:
    here, document = start(review())
    assert the_task(here, document).assignee == "group:Recht"
    assert [mine(here, who) for who in (LIA, TOM.upper(), UWE)] == [["review"], ["review"], []]
    assert (mine(here), mine(here, "group:RECHT")) == (["review"], ["review"])


def test_a_group_of_the_same_name_in_another_pipeline_is_another() -> None:
    here, _ = start(review())
    here.publish(pipeline(stage("a"), groups={"recht": [UWE]}).model_copy(update={"pipeline": "p"}))
    assert mine(here, UWE) == []


def test_who_joins_the_group_later_sees_the_task_too() -> None:
    here, _ = start(review())
    here.publish(pipeline(stage("draft", review()), groups={"Recht": [UWE]}))
    assert (mine(here, UWE), mine(here, LIA)) == (["review"], [])


@pytest.mark.parametrize(
    ("assignee", "by", "allowed"),
    [
        ("group:recht", LIA, True),
        ("group:recht", TOM.title(), True),
        ("group:recht", UWE, False),
        ("group:recht", "desk@acme.example", False),
        (UWE, UWE.upper(), True),
        (UWE, LIA, False),
    ],
)
def test_only_the_assignee_or_a_member_of_the_group_completes_a_task(
    assignee: str, by: str, allowed: bool
) -> None:
    here, document = start(review(assignee=assignee))
    key = the_task(here, document).key
    if not allowed:
        with pytest.raises(PermanentError, match=f"is assigned to .*, not to {by}; hand it over"):
            complete(here.store, key, user(by))
        assert states(here, document) == {"review": "awaiting"}
        return
    complete(here.store, key, user(by))
    assert the_task(here, document).concluded_by == by


def test_an_operator_completes_any_task_and_the_timeline_says_so() -> None:
    here, document = start(review())
    key = the_task(here, document).key
    complete(here.store, key, user(UWE, as_operator=True))
    line = here.documents.timeline(document.id)[-1]
    assert line.text == f'{UWE} completed as an operator the task "Review Service agreement"'


@pytest.mark.parametrize(
    ("to", "assignee"),
    [("group:vertrieb", "group:Vertrieb"), (TOM, TOM), (" Tom@Acme.example", "Tom@Acme.example")],
)
def test_a_task_is_handed_over_to_a_user_or_a_group(to: str, assignee: str) -> None:
    here, document = start(review(assignee=LIA))
    key = the_task(here, document).key
    assign(here.store, key, to, user(LIA))
    assert the_task(here, document).assignee == assignee


@pytest.mark.parametrize(
    ("to", "why"),
    [
        ("group:recth", "did you mean group:Recht?"),
        ("somebody", "is not a user; expected an e-mail address"),
        ("tóm@acme.example", "Amazon SES takes only ASCII letters before the @"),
    ],
)
def test_a_task_is_not_handed_over_to_any_word(to: str, why: str) -> None:
    here, document = start(review())
    with pytest.raises(PermanentError) as refused:
        assign(here.store, the_task(here, document).key, to, user(LIA))
    assert why in str(refused.value)


def test_publishing_refuses_a_group_that_is_not_there() -> None:
    raw = {"pipeline": "p", "groups": {"leer": []}, "stages": [
        {"id": "a", "rules": [review(assignee="group:rehct"), review(assignee="group:leer")]},
    ]}  # fmt: skip
    raw["stages"][0]["rules"][1]["id"] = "other"  # type: ignore[index]
    texts = [one.text for one in check(raw, today=START.date())[1] if "group" in one.text]
    assert texts == [
        '"group:rehct": the pipeline has no such group; there are group:leer',
        '"group:leer": the group is empty; list its users under the pipeline\'s groups',
    ]


# --- deadlines


def test_a_deadline_that_hangs_on_an_empty_field_says_so() -> None:
    rule = review(deadline={"before": {"field": "expires", "days": 2}})
    here, document = start(rule)
    assert (the_task(here, document).deadline, the_task(here, document).no_deadline) == (
        None,
        "expires",
    )
    made = [line.text for line in here.documents.timeline(document.id) if line.kind == "task"]
    assert made == [
        'rule:review made the task "Review Service agreement" of group:Recht, '
        "without a deadline: the field expires is empty"
    ]


# --- mails


@pytest.mark.parametrize(
    ("settings", "more", "told"),
    [
        ({}, {}, []),
        ({"task_mail": True}, {}, [(LIA, TOM)]),
        ({}, {"task_mail": True}, [(LIA, TOM)]),
        ({"task_mail": False}, {"task_mail": True}, []),
        ({"assignee": UWE}, {"task_mail": True}, [(UWE,)]),
    ],
)
def test_who_is_given_a_task_gets_a_mail_if_the_rule_or_the_pipeline_says_so(
    settings: dict[str, Any], more: dict[str, Any], told: list[tuple[str, ...]]
) -> None:
    here, document = start(review(**settings), **more)
    assert [to for to, _ in sent(here)] == told
    assert states(here, document)["review"] == "awaiting"


def test_the_mail_says_what_is_to_be_done_for_which_document_until_when() -> None:
    rule = review(
        text="Second floor", checklist=["Read", "Call"], deadline={"after": {"days": 1}}, title="Do"
    )
    here, document = start(rule, task_mail=True)
    (email,) = here.mailbox.sent
    assert (email.sender, email.subject) == ("Büro <desk@acme.example>", "Task: Do")
    assert email.text == (
        "Do\n\nSecond floor\n\n[ ] Read\n[ ] Call\n\nDocument: Service agreement\n"
        "Due: 2026-03-03 10:00 Europe/Berlin\n"
        "Assigned to: group:Recht (any one of you completes it)\n"
        f"Task: {document.id}.1.review"
    )


def test_the_mail_speaks_the_pipeline_s_language() -> None:
    rule = review(title="Prüfen", assignee=UWE)
    here, document = start(rule, task_mail=True, language="de")
    (email,) = here.mailbox.sent
    assert (email.subject, email.text) == (
        "Aufgabe: Prüfen",
        f"Prüfen\n\nDokument: Service agreement\nZugewiesen an: {UWE}\n"
        f"Aufgabe: {document.id}.1.review",
    )


def test_who_is_given_it_later_gets_a_mail_of_their_own() -> None:
    here, document = start(review(), task_mail=True)
    key = the_task(here, document).key
    tick_free = the_task(here, document).version
    assign(here.store, key, UWE, user(LIA))
    assign(here.store, key, "group:recht", user(UWE))
    here.settle()
    assert tick_free == 1
    # Uwe had handed it on before his mail was written.
    assert [to for to, _ in sent(here)] == [(LIA, TOM), (LIA, TOM)]
    skipped = mail_run(here, document, 2)
    assert (skipped.state, skipped.reason) == (
        "skipped",
        "the task was handed over to group:Recht meanwhile",
    )


@pytest.mark.parametrize("end", ["complete", "withdraw"])
def test_nobody_is_told_of_a_task_that_is_concluded_already(end: str) -> None:
    mailbox = MemoryMailer(refusal=lambda _: TransientError("busy"))
    here, document = start(review(), task_mail=True, mailbox=mailbox)
    act = complete if end == "complete" else withdraw
    act(here.store, the_task(here, document).key, user(LIA))
    here.mailbox = MemoryMailer()
    here.advance(timedelta(minutes=2))
    assert (mail_run(here, document).state, sent(here)) == ("skipped", [])


def test_a_mail_without_an_answer_is_in_doubt_and_the_task_is_not() -> None:
    mailbox = MemoryMailer(refusal=lambda _: InDoubtError("no answer"))
    here, document = start(review(), task_mail=True, mailbox=mailbox)
    assert mail_run(here, document).state == "in_doubt"
    assert states(here, document)["review"] == "awaiting"
    here.mailbox = MemoryMailer()
    resolve_run(here.store, mail_run(here, document).key, "retry", user(LIA))
    here.settle()
    assert (mail_run(here, document).state, len(here.mailbox.sent)) == ("done", 1)


def test_the_mail_goes_out_though_the_document_left_or_its_rules_were_stopped() -> None:
    mailbox = MemoryMailer(refusal=lambda _: TransientError("busy"))
    here, document = start(review(), task_mail=True, mailbox=mailbox)
    here.edit(document.id, Edit(stop_rules=True), by=UWE)
    here.edit(document.id, Edit(stage="later"), by=UWE)
    here.mailbox = MemoryMailer()
    here.advance(timedelta(minutes=2))
    assert [to for to, _ in sent(here)] == [(LIA, TOM)]


def test_an_assignee_without_an_address_fails_the_mail_and_not_the_task() -> None:
    here, document = start(
        review(assignee="responsible"), task_mail=True, supervisors={"Chefin": LIA}
    )
    here.edit(document.id, Edit(values={"responsible": "chefin"}), by=UWE)
    assign(here.store, the_task(here, document).key, "Chefin", user(UWE))
    here.settle()
    failed = mail_run(here, document, 2)
    assert (failed.state, states(here, document)["review"]) == ("failed", "awaiting")
    assert '"Chefin" has no e-mail address that can be written to' in (failed.reason or "")


def test_a_tick_does_not_part_the_mail_from_its_task() -> None:
    mailbox = MemoryMailer(refusal=lambda _: TransientError("busy"))
    here, document = start(review(checklist=["Read"]), task_mail=True, mailbox=mailbox)
    tick(here.store, the_task(here, document).key, 1, user(LIA), done=True)
    here.mailbox = MemoryMailer()
    here.advance(timedelta(minutes=2))
    assert [to for to, _ in sent(here)] == [(LIA, TOM)]


def test_publishing_refuses_mails_about_tasks_without_a_sender() -> None:
    raw = {
        "pipeline": "p",
        "groups": GROUPS,
        "task_mail": True,
        "stages": [{"id": "a", "rules": [review()]}],
    }
    (problem,) = [one for one in check(raw, today=START.date())[1] if one.severity == "error"]
    assert problem.text == "the pipeline has no senders; list one, or leave task_mail out"
