"""The job that removes a pipeline with its documents: each once, the pipeline last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count

import pytest

from countersign.adapters.memory.tables.process.state import MemoryDocuments
from countersign.errors import ConflictError, NotFoundError, PermanentError, UnavailableError
from countersign.model.actor import Actor
from countersign.model.audit import AuditEntry, AuditFilter, AuditSource
from countersign.model.job import Job
from countersign.simulation.world import World
from countersign.use_cases.auditor import Auditor, audit_actor
from countersign.use_cases.documents.edit import NewDocument, make
from countersign.use_cases.jobs.kinds import remove_pipeline as kind
from countersign.use_cases.jobs.start import abort_job
from countersign.use_cases.jobs.start_removal import start_removal
from countersign.use_cases.jobs.work import work_on_job
from countersign.use_cases.pipelines.remove import Removal, Remover, removal_of
from countersign.use_cases.queries.operations.jobs import show_job
from tests.builders import connection, pipeline, stage
from tests.contract.adapters.test_held_messages import a_message
from tests.unit.use_cases.jobs.lost_slices import Dying, work

NUMBERS = count(1)
ADA = Actor(kind="user", name="ada@acme.example", id="ada", signed_in_by="cognito")


def world_of(number: int) -> World:
    """A world with so many documents, and one in another pipeline."""
    here = World()
    here.publish(pipeline(stage("draft"), stage("sent")))
    here.publish(pipeline(stage("draft"), pipeline="leases"))
    for n in range(number):
        create(here, f"d-{n:03}")
    create(here, "other", "leases")
    return here


def create(here: World, document: str, wanted: str = "contracts") -> None:
    make(here.store, NewDocument(id=document, pipeline=wanted, values={"title": document}), ADA)


def auditor(here: World) -> Auditor:
    return Auditor(
        log=here.audit,
        actor=audit_actor(ADA),
        source=AuditSource(channel="api"),
        clock=lambda: here.now,
        new_id=lambda: str(next(NUMBERS)),
    )


def removal(here: World) -> Removal:
    remover = Remover(
        documents=here.documents,
        pipelines=here.pipelines,
        connections=here.connections,
        secrets=here.secrets,
        held=here.held,
        files=here.files,
    )
    return removal_of(remover, "contracts")


def start(here: World, job_id: str = "j-1") -> Job:
    return start_removal(here.jobs, auditor(here), removal(here), job_id, ADA)


def job_of(here: World) -> tuple[str, int, int, int]:
    job = show_job(here.jobs, "j-1")
    return job.state, job.matched, job.done, job.refused


def entries(here: World) -> list[AuditEntry]:
    wanted = AuditFilter(subject_kind="pipeline", action="pipeline.removed")
    return [*here.audit.page(wanted, 10, before="9").items]


def left(here: World) -> list[str]:
    return sorted(here.state.documents)


def test_the_pipeline_is_removed_with_every_document_and_nothing_else() -> None:
    here = world_of(25)
    start(here)
    here.settle()
    assert job_of(here) == ("done", 25, 25, 0)
    assert left(here) == ["other"]
    assert here.pipelines.head("contracts") is None
    assert here.pipelines.head("leases") is not None
    assert {document for _, document in here.state.words} == {"other"}
    assert set(here.state.logs) == {"other"}


def test_a_pipeline_without_documents_is_removed() -> None:
    here = world_of(0)
    start(here)
    here.settle()
    assert job_of(here) == ("done", 0, 0, 0)
    assert here.pipelines.head("contracts") is None


def test_the_audit_log_has_who_asked_for_it_and_how_it_ended() -> None:
    here = world_of(3)
    start(here)
    (asked,) = entries(here)
    assert (asked.outcome, asked.actor.id) == ("requested", "ada")
    assert asked.before == {"version": 1, "documents": 3}
    here.settle()
    (ended,) = entries(here)
    assert (ended.id, ended.outcome, ended.reason) == (asked.id, "done", None)
    assert ended.concluded_at == here.now


def test_messages_that_waited_for_it_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kind, "DROPPED_AT_ONCE", 2)
    here = world_of(1)
    messages = [a_message(f"k{number}", pipeline="contracts") for number in range(5)]
    kept = a_message("k9", pipeline="leases")
    for message in (*messages, kept):
        here.held.add(message)
    for message in messages[:3]:
        here.held.set_aside(message, "broken", at=here.now)
    start(here)
    here.settle()
    assert job_of(here) == ("done", 1, 1, 0)
    assert list(here.held.list("contracts")) == []
    assert list(here.held.list_aside("contracts")) == []
    assert list(here.held.list("leases")) == [kept]


def test_no_slice_finds_or_removes_more_than_a_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kind, "PAGE_SIZE", 4)
    here = world_of(23)
    start(here)
    removed, there = list[int](), len(left(here))

    def look() -> None:
        nonlocal there
        removed.append(there - len(left(here)))
        there = len(left(here))

    work(here, look)
    assert (sum(removed), max(removed)) == (23, 4)
    assert job_of(here) == ("done", 23, 23, 0)


def test_a_slice_whose_end_is_lost_is_worked_on_again_and_each_document_counts_once() -> None:
    here = world_of(25)
    here.jobs = Dying()
    start(here)
    work(here)
    assert job_of(here) == ("done", 25, 25, 0)
    assert left(here) == ["other"]
    assert here.pipelines.head("contracts") is None
    assert [one.outcome for one in entries(here)] == ["done"]


class Interrupted(MemoryDocuments):
    """Gives up at every third removal."""

    removed = 0

    def remove(self, document: str) -> None:
        self.removed += 1
        if self.removed % 3 == 0:
            raise UnavailableError("the database is away")
        super().remove(document)


def test_an_outage_has_the_rest_removed_later() -> None:
    here = world_of(25)
    here.documents = Interrupted(here.state)
    start(here)
    work(here)
    assert job_of(here) == ("done", 25, 25, 0)
    assert left(here) == ["other"]


class Changing(MemoryDocuments):
    """One document changes each time that it is removed, so many times."""

    left = 7

    def remove(self, document: str) -> None:
        if document == "d-001" and self.left:
            self.left -= 1
            raise ConflictError("somebody changed it")
        super().remove(document)


def test_a_document_that_keeps_changing_is_left_alone_for_a_while() -> None:
    here = world_of(3)
    here.documents = Changing(here.state)
    begun = here.now
    start(here)
    work(here)
    assert job_of(here) == ("done", 3, 3, 0)
    assert (here.now - begun).total_seconds() == 60


def test_a_slice_ends_when_its_time_is_up_and_the_next_goes_on() -> None:
    here = world_of(5)
    start(here)
    done = list[int]()
    while messages := here.jobs.take_written():
        services = replace(here.job_services, time_is_up=lambda: True)
        for message in messages:
            work_on_job(services, message)
        done.append(job_of(here)[2])
    assert done == [0, 1, 2, 3, 4, 5, 5, 5]
    assert left(here) == ["other"]


def test_documents_that_are_made_meanwhile_are_removed_too() -> None:
    here = world_of(12)
    start(here)
    made = iter(("late-1", "late-2", "late-3"))

    def create_another() -> None:
        name = next(made, None)
        if name is not None:
            create(here, name)

    work(here, create_another)
    assert left(here) == ["other"]
    assert here.pipelines.head("contracts") is None
    state, matched, done, refused = job_of(here)
    assert (state, matched, done, refused) == ("done", 15, 15, 0)


def test_a_document_of_the_same_id_in_another_pipeline_stays() -> None:
    here = world_of(1)
    start(here)
    (find,) = here.jobs.take_written()
    work_on_job(here.job_services, find)
    here.documents.remove("d-000")
    create(here, "d-000", "leases")
    here.settle()
    assert left(here) == ["d-000", "other"]
    assert job_of(here) == ("done", 1, 1, 0)


def test_a_document_that_cannot_be_read_keeps_the_pipeline() -> None:
    here = world_of(3)
    here.state.spoiled.add(("document", "d-001"))
    start(here)
    here.settle()
    assert job_of(here) == ("failed", 3, 2, 1)
    job = show_job(here.jobs, "j-1")
    assert job.reason == "1 of the documents could not be removed, and contracts stays"
    assert [one.item for one in job.refusals] == ["d-001"]
    assert left(here) == ["d-001", "other"]
    assert here.pipelines.head("contracts") is not None
    (entry,) = entries(here)
    assert (entry.outcome, entry.reason) == ("failed", job.reason)


def test_a_connection_that_is_made_meanwhile_keeps_the_pipeline() -> None:
    here = world_of(3)
    start(here)
    (find,) = here.jobs.take_written()
    work_on_job(here.job_services, find)
    here.connect(connection())
    here.settle()
    job = show_job(here.jobs, "j-1")
    assert job.state == "failed"
    assert job.reason == (
        "messages of docusign still go to contracts; "
        "first run: countersign connections remove docusign"
    )
    assert here.pipelines.head("contracts") is not None
    assert [one.outcome for one in entries(here)] == ["failed"]


def test_an_aborted_removal_leaves_the_pipeline_and_what_is_left() -> None:
    here = world_of(25)
    start(here)
    for _ in range(2):
        (message,) = here.jobs.take_written()
        work_on_job(here.job_services, message)
    abort_job(here.jobs, "j-1", ADA, now=here.now, audit=here.audit)
    here.settle()
    assert job_of(here) == ("aborted", 25, 10, 0)
    assert len(left(here)) == 16
    assert here.pipelines.head("contracts") is not None
    (entry,) = entries(here)
    assert (entry.outcome, entry.reason) == ("failed", "aborted by ada@acme.example")
    again = start(here, "j-2")
    here.settle()
    assert show_job(here.jobs, again.id).state == "done"
    assert left(here) == ["other"]


def test_a_pipeline_that_is_being_removed_is_not_removed_by_another_job() -> None:
    here = world_of(3)
    first = start(here)
    with pytest.raises(ConflictError) as refused:
        start(here, "j-2")
    assert str(refused.value) == (
        "the job j-1 of ada@acme.example does that already; wait for its end, or abort it"
    )
    assert [one.outcome for one in entries(here)] == ["requested"]
    assert here.jobs.get("j-2") is None
    assert here.jobs.get("j-1") == first


def test_two_that_were_started_at_the_same_moment_do_no_harm() -> None:
    here = world_of(12)
    start(here)
    (message,) = here.jobs.take_written()
    twin = show_job(here.jobs, "j-1").model_copy(update={"id": "j-2"})
    here.jobs.add(twin)
    waiting = [message, *here.jobs.take_written()]
    while waiting:
        work_on_job(here.job_services, waiting.pop(0))
        waiting += here.jobs.take_written()
    assert [job.state for job in here.jobs.jobs.values()] == ["done", "done"]
    assert left(here) == ["other"]
    assert [one.outcome for one in entries(here)] == ["done"]


def test_a_job_whose_settings_cannot_be_read_is_aborted_and_is_in_nobodys_way() -> None:
    here = world_of(1)
    odd = start(here).model_copy(update={"id": "j-9", "arguments": '{"pipeline": 1}'})
    abort_job(here.jobs, "j-1", ADA, now=here.now)
    here.jobs.add(odd)
    assert start(here, "j-2").state == "waiting"
    aborted = abort_job(here.jobs, "j-9", ADA, now=here.now, audit=here.audit)
    assert aborted.state == "aborted"


def publish_nothing(here: World) -> None:
    here.pipelines.remove("contracts")


def connect(here: World) -> None:
    here.connect(connection())


@pytest.mark.parametrize(
    ("before", "error", "text"),
    [
        (publish_nothing, NotFoundError, 'there is no pipeline "contracts"; published are leases'),
        (connect, PermanentError, "messages of docusign still go to contracts"),
    ],
)
def test_what_cannot_be_removed_is_refused_at_once(
    before: Callable[[World], None], error: type[Exception], text: str
) -> None:
    here = world_of(1)
    before(here)
    with pytest.raises(error, match=text):
        start(here)
    assert (here.jobs.jobs, entries(here), left(here)) == ({}, [], ["d-000", "other"])
