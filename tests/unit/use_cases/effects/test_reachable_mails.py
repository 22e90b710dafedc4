"""Mails leave out whom nobody may write to any more, and files are named after their document."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from countersign.errors import NothingToDoError
from countersign.model.document import Document
from countersign.model.message import Email, RunMessage
from countersign.model.run import RunKey
from countersign.simulation.world import START, World
from countersign.use_cases.effects.email import to_reachable
from countersign.use_cases.effects.provider_files import file_after
from tests.builders import connection, envelope, event, mail, pipeline, run_of, stage

GONE = "erased-0123456789ab@erased.invalid"
LENA, OTTO = "lena@nord.example", "otto@nord.example"


def email(**more: Any) -> Email:
    given = {"sender": "desk@acme.example", "to": (LENA,), "subject": "Hello", "text": "Hi"}
    run = RunKey(document="d-1", entry=1, rule="hello")
    return Email.model_validate({"run": run, **given, **more})


def test_a_mail_to_people_who_are_there_stays_as_it_is() -> None:
    whole = email(cc=(OTTO,), bcc=(OTTO,), reply_to=(LENA,))
    assert to_reachable(whole) is whole


@pytest.mark.parametrize("place", ["cc", "bcc", "reply_to"])
def test_who_was_erased_is_left_out_of_each_line(place: str) -> None:
    left = to_reachable(email(**{place: (OTTO, GONE)}))
    assert left == email(**{place: (OTTO,)})
    assert to_reachable(email(**{place: (GONE,)})) == email()


def test_of_several_recipients_those_who_are_there_get_it() -> None:
    assert to_reachable(email(to=(GONE, LENA, OTTO))).to == (LENA, OTTO)


def test_a_mail_that_was_for_nobody_else_is_not_sent_though_copies_were() -> None:
    with pytest.raises(NothingToDoError) as nothing:
        to_reachable(email(to=(GONE,), cc=(OTTO,)))
    assert str(nothing.value) == "the recipient's personal data was erased on request"


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"title": "Lease", "number": "L-7"}, "Lease - signed.pdf"),
        ({"title": None, "number": "L-7"}, "L-7 - signed.pdf"),
        ({"title": " . ", "number": "L-7"}, "L-7 - signed.pdf"),
        ({"title": "Lease.PDF"}, "Lease - signed.pdf"),
        ({"title": "Lease. .pdf"}, "Lease - signed.pdf"),
        ({}, "document - signed.pdf"),
        ({"title": "x" * 100}, "x" * 61 + " - signed.pdf"),
        ({"title": "x" * 60 + ". y"}, "x" * 60 + " - signed.pdf"),
    ],
    ids=str,
)
def test_a_file_of_the_provider_is_named_after_the_document(
    given: dict[str, Any], name: str
) -> None:
    document = Document.model_validate(
        {"id": "d-1", "pipeline": "p", "stage": "s", "since": START, "created_at": START, **given}
    )
    assert file_after(document, " - signed.pdf") == name


# --- messages for runs that are not to be performed now


def due_tomorrow() -> tuple[World, Document]:
    here = World()
    rule = mail("hello", time={"after": {"days": 1}})
    here.publish(pipeline(stage("sent", rule), senders=["contracts@acme.example"]))
    here.connect(connection())
    return here, here.tell("docusign", [event("document.sent", state=envelope())])


def deliver(here: World, message: RunMessage) -> tuple[str, str | None]:
    (waiting,) = here.lanes.waiting
    done = here.deliver(replace(waiting, message=message))
    return done.result, done.reason


def test_what_comes_too_early_is_sent_again_for_its_time() -> None:
    here, document = due_tomorrow()
    run = run_of(here, document, "hello")
    assert deliver(here, RunMessage.of(run)) == ("early", "due 2026-03-03T09:00:00+00:00")
    assert {queued.due for queued in here.lanes.waiting} == {START + timedelta(days=1)}
    assert run_of(here, document, "hello") == run


def test_what_asks_for_no_run_or_an_older_generation_does_nothing() -> None:
    here, document = due_tomorrow()
    run = run_of(here, document, "hello")
    gone = RunMessage.of(run.model_copy(update={"rule": "gone"}))
    assert deliver(here, gone) == ("void", "there is no such run")
    newer = RunMessage.of(run.model_copy(update={"generation": 2}))
    result, reason = deliver(here, newer)
    assert (result, bool(reason)) == ("void", True)
    assert run_of(here, document, "hello") == run


def test_the_run_says_under_which_id_the_mail_went_to_whom() -> None:
    here, document = due_tomorrow()
    here.advance(timedelta(days=1))
    run = run_of(here, document, "hello")
    assert (run.state, run.result) == (
        "done",
        {"message_id": "memory-1", "to": ", ".join(here.mailbox.sent[0].to)},
    )
