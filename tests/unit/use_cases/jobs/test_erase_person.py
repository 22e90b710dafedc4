"""The job that erases a person from all documents: found, erased once each, counted, forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from countersign.adapters.memory.services.mailer import MemoryMailer
from countersign.errors import PermanentError, UnavailableError
from countersign.model.actor import user
from countersign.model.job import Job, JobRefusal
from countersign.model.message import Email
from countersign.model.page import PageRequest
from countersign.rules.base import Edit
from countersign.simulation.world import World
from countersign.use_cases.documents.edit import NewDocument, make
from countersign.use_cases.jobs.kinds import erase_person as kind
from countersign.use_cases.jobs.kinds.erase_person import ErasePerson
from countersign.use_cases.jobs.start import abort_job, start_job
from countersign.use_cases.jobs.work import work_on_job
from countersign.use_cases.personal_data.erase import Subject, erase_person
from countersign.use_cases.personal_data.find import PersonFinder, page_of_person
from countersign.use_cases.queries.operations.jobs import show_job
from countersign.use_cases.runs.sweep import sweep
from tests.builders import ANNA, KLARA, connection, envelope, event, mail, pipeline, stage

KEY = "5a" * 16
SIGNERS = [
    {"id": "1", "name": "Anna Berg", "email": ANNA, "order": 1},
    {"id": "2", "name": "Klara Kundin", "email": KLARA, "order": 2},
]


def world_of(number: int, *rules: dict[str, Any], mailbox: MemoryMailer | None = None) -> World:
    """A world with so many documents that Klara is to sign, and one of somebody else."""
    here = World(mailbox=mailbox)
    here.publish(pipeline(stage("sent", *rules), stage("left"), senders=["contracts@acme.example"]))
    here.connect(connection())
    for n in range(number):
        send(here, f"env-{n}", SIGNERS)
    send(here, "env-other", SIGNERS[:1])
    return here


def send(here: World, envelope_id: str, signers: list[dict[str, Any]]) -> None:
    state = envelope(id=envelope_id, signers=signers)
    told = event("document.sent", key=f"sent {envelope_id}", envelope=envelope_id, state=state)
    here.tell("docusign", [told])


def start(here: World, **more: Any) -> Job:
    wanted = ErasePerson(address=KLARA, key=KEY, **more)
    return start_job(here.jobs, "j-1", wanted, user(ANNA), now=here.now)


def job_of(here: World) -> Job:
    return show_job(here.jobs, "j-1")


def counts(here: World) -> tuple[str, int, int, int]:
    job = job_of(here)
    return job.state, job.matched, job.done, job.refused


def named(here: World) -> bool:
    state = here.state
    kept = (state.documents, state.runs, state.logs, state.tasks, state.events)
    return "klara" in repr(kept).casefold()


def lines(here: World) -> list[int]:
    """How many lines each document has that say that somebody was erased."""
    timelines = [here.documents.timeline(document) for document in here.state.documents]
    return sorted(sum(line.kind == "erased" for line in one) for one in timelines)


def test_the_person_is_erased_from_every_document_once() -> None:
    here = world_of(25)
    start(here)
    here.settle()
    assert counts(here) == ("done", 25, 25, 0)
    assert not named(here)
    assert lines(here) == [0] + [1] * 25
    pseudonyms = {one.erased[0].pseudonym for one in here.state.documents.values() if one.erased}
    assert len(pseudonyms) == 1


def test_no_slice_finds_or_erases_more_than_a_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kind, "PAGE_SIZE", 4)
    here = world_of(9)
    start(here)
    found, erased = list[int](), list[int]()
    while messages := here.jobs.take_written():
        before = job_of(here)
        for message in messages:
            work_on_job(here.job_services, message)
        after = job_of(here)
        found.append(after.matched - before.matched)
        erased.append(after.done - before.done)
    assert sum(found) == sum(erased) == 9
    assert max(found) <= 4
    assert max(erased) <= kind.ERASED_AT_ONCE


def test_a_document_that_names_the_person_without_being_found_by_the_address() -> None:
    here = world_of(1)
    values = {"title": f"Letter to <{KLARA}>, of Mrs K. Kundin-Maier"}
    make(here.store, NewDocument(id="d-text", pipeline="contracts", values=values), user(ANNA))
    start(here, names=("Kundin-Maier",))
    here.settle()
    assert counts(here) == ("done", 2, 2, 0)
    assert KLARA not in (here.document("d-text").title or "")


def test_each_document_stands_on_one_page_however_short_pages_are() -> None:
    here = world_of(5)
    values = {"title": f"for {KLARA}"}
    make(here.store, NewDocument(id="d-text", pipeline="contracts", values=values), user(ANNA))
    finder = PersonFinder(pages=here.pages, pipelines=here.pipelines)

    def pages(limit: int) -> Iterator[str]:
        after: str | None = None
        while True:
            page = page_of_person(finder, Subject(address=KLARA), PageRequest(after, limit))
            yield from (document.id for document in page.items)
            if page.next is None:
                return
            after = page.next

    wanted = {*here.state.documents} - {
        one.id for one in here.state.documents.values() if len(one.signers) == 1
    }
    for limit in (1, 2, 100):
        found = list(pages(limit))
        assert len(found) == len(set(found))
        assert set(found) == wanted


def test_the_address_is_kept_no_longer_than_the_job_goes_on() -> None:
    here = world_of(2)
    assert KLARA in start(here).arguments
    here.settle()
    assert (job_of(here).state, job_of(here).arguments) == ("done", "")
    assert KLARA not in job_of(here).model_dump_json()
    assert start(here).state == "done"  # started again with the same id: it is that job


def test_an_aborted_job_keeps_no_address_and_what_it_has_done() -> None:
    here = world_of(15)
    start(here)
    while job_of(here).done == 0:
        for message in here.jobs.take_written():
            work_on_job(here.job_services, message)
    abort_job(here.jobs, "j-1", user(ANNA), now=here.now)
    here.settle()
    assert counts(here) == ("aborted", 15, 10, 0)
    assert job_of(here).arguments == ""
    assert lines(here) == [0] * 6 + [1] * 10


def test_a_job_that_fails_keeps_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise PermanentError("this cannot be")

    here = world_of(1)
    start(here)
    monkeypatch.setattr(ErasePerson, "step", fail)
    here.settle()
    assert (job_of(here).state, job_of(here).arguments) == ("failed", "")


def test_a_job_that_never_comes_forward_keeps_no_address() -> None:
    here = world_of(1)
    start(here)
    here.jobs.take_written()
    here.heartbeats.beat("lane document", here.now + timedelta(days=9))
    for _ in range(12):
        here.now += timedelta(hours=3)
        sweep(here.sweeper)
        here.jobs.take_written()
    assert (job_of(here).state, job_of(here).arguments) == ("failed", "")


def test_a_slice_that_is_worked_on_twice_does_nothing_twice() -> None:
    here = world_of(3)
    start(here)
    while messages := here.jobs.take_written():
        services = here.job_services
        (message,) = messages
        step = ErasePerson.model_validate_json(job_of(here).arguments)
        step.step(services, job_of(here))  # by one who dies before its end is written
        work_on_job(services, message)
    assert counts(here) == ("done", 3, 3, 0)
    assert lines(here) == [0, 1, 1, 1]


def test_who_is_in_charge_of_a_document_is_refused_there_and_told() -> None:
    here = world_of(3)
    first = next(one.id for one in here.state.documents.values() if len(one.signers) == 2)
    here.edit(first, Edit(values={"responsible": KLARA}), by=ANNA)
    start(here)
    here.settle()
    assert counts(here) == ("done", 3, 2, 1)
    reason = (
        f"the person is responsible for the document {first}; give that to somebody else first, "
        "then erase"
    )
    assert job_of(here).refusals == (JobRefusal(item=first, reason=reason),)


def test_a_document_that_was_removed_meanwhile_needs_nothing() -> None:
    here = world_of(2)
    start(here)
    while job_of(here).place is None or not str(job_of(here).place).startswith("work"):
        (message,) = here.jobs.take_written()
        work_on_job(here.job_services, message)
    gone = next(one.id for one in here.state.documents.values() if len(one.signers) == 2)
    here.documents.remove(gone)
    here.settle()
    assert counts(here) == ("done", 2, 2, 0)


class Starting(MemoryMailer):
    """The job starts, and comes to its end or to where it waits, while a mail is on its way."""

    here: World
    still: tuple[str, int] = ("", 0)

    def send(self, email: Email) -> str:
        message_id = super().send(email)
        if not self.still[0]:
            start(self.here)
            for _ in range(9):
                for message in self.here.jobs.take_written():
                    self.here.lanes.send_job(message)
                    if not message.delay:
                        (asked,) = self.here.lanes.take_jobs()
                        work_on_job(self.here.job_services, asked)
            self.still = (job_of(self.here).state, job_of(self.here).done)
        return message_id


def test_a_document_with_a_run_that_is_being_performed_is_gone_through_again_later() -> None:
    mailbox = Starting()
    rule = mail("hello", time={"after": {"minutes": 1}})
    here = world_of(2, rule, mailbox=mailbox)
    mailbox.here = here
    here.advance(timedelta(minutes=1))
    assert mailbox.still == ("running", 1)
    assert job_of(here).delay > 0
    here.advance(timedelta(seconds=20))
    assert counts(here) == ("running", 2, 1, 0)
    here.advance(timedelta(seconds=20))
    assert counts(here) == ("done", 2, 2, 0)
    assert not named(here)


def test_a_run_that_never_ends_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kind, "MAX_TRIES", 2)
    here = world_of(1, mail("hello", time={"after": {"days": 1}}))
    run = next(
        one
        for one in here.state.runs.values()
        if len(here.document(one.document).signers) == 2 and one.rule == "hello"
    )
    busy = {"state": "running", "lease_until": here.now + timedelta(days=1)}
    here.state.runs[run.key] = run.model_copy(update=busy)
    start(here)
    here.settle()
    here.advance(timedelta(minutes=5))
    assert counts(here) == ("done", 1, 0, 1)
    (refusal,) = job_of(here).refusals
    assert refusal.item == run.document
    assert f"{run.key}: still being performed" in refusal.reason


def test_an_outage_has_the_slice_worked_on_again(monkeypatch: pytest.MonkeyPatch) -> None:
    here = world_of(3)
    start(here)
    while not str(job_of(here).place).startswith("work"):
        (message,) = here.jobs.take_written()
        work_on_job(here.job_services, message)
    (message,) = here.jobs.take_written()
    calls = list[str]()

    def once(eraser: Any, document: str, *more: Any) -> Any:
        calls.append(document)
        if len(calls) == 2:
            raise UnavailableError("no answer")
        return erase_person(eraser, document, *more)

    monkeypatch.setattr(kind, "erase_person", once)
    work_on_job(here.job_services, message)
    assert counts(here) == ("running", 3, 1, 0)
    here.settle()
    assert counts(here) == ("done", 3, 3, 0)
    assert calls[1] == calls[2]


@pytest.mark.parametrize(
    ("ahead", "delay"),
    [
        (timedelta(seconds=30), 30),
        (timedelta(seconds=7, milliseconds=200), 8),
        (timedelta(milliseconds=1), 1),
    ],
)
def test_who_is_too_early_waits_for_the_first_document_and_does_none_behind_it(
    ahead: timedelta, delay: int
) -> None:
    here = world_of(2)
    first, second = (one.id for one in here.state.documents.values() if len(one.signers) == 2)
    start(here)
    update = {"version": 2, "parts": 1, "matched": 2, "place": "work:0:0"}
    later = (here.now + ahead).isoformat()
    here.jobs.put(job_of(here).model_copy(update=update), [f"1 {later} {first}", f"0 now {second}"])
    *_, message = here.jobs.take_written()
    work_on_job(here.job_services, message)
    assert (counts(here), job_of(here).place, job_of(here).delay) == (
        ("running", 2, 0, 0),
        "work:0:0",
        delay,
    )
    here.now += ahead
    (message,) = here.jobs.take_written()
    work_on_job(here.job_services, message)
    assert (counts(here), job_of(here).delay) == (("done", 2, 2, 0), 0)


def test_a_document_with_a_run_is_left_alone_for_thirty_seconds_ten_times() -> None:
    here = world_of(1, mail("hello", time={"after": {"days": 1}}))
    [run] = [
        one
        for one in here.state.runs.values()
        if len(here.document(one.document).signers) == 2 and one.rule == "hello"
    ]
    busy = {"state": "running", "lease_until": here.now + timedelta(days=1)}
    here.state.runs[run.key] = run.model_copy(update=busy)
    start(here)
    delays = []
    while messages := here.jobs.take_written():
        here.now += timedelta(seconds=messages[-1].delay)
        work_on_job(here.job_services, messages[-1])
        if job_of(here).delay:
            delays.append(job_of(here).delay)
    assert delays == [30] * 9
    assert counts(here) == ("done", 1, 0, 1)
    assert lines(here) == [0, 1]
