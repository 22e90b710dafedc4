"""The job that moves documents: found first, each moved once as a person moves it, or refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from countersign.errors import NotFoundError, PermanentError, UnavailableError
from countersign.model.actor import user
from countersign.model.job import Job, JobRefusal
from countersign.rules.base import Edit
from countersign.simulation.world import World
from countersign.use_cases.documents.edit import NewDocument, make
from countersign.use_cases.documents.move import (
    DocumentMove,
    MovePreview,
    StartedRule,
    preview_move,
)
from countersign.use_cases.documents.remove import remove_document
from countersign.use_cases.jobs.kinds import JOBS
from countersign.use_cases.jobs.kinds.move_documents import MoveDocuments
from countersign.use_cases.jobs.start import abort_job, start_job
from countersign.use_cases.jobs.work import work_on_job
from countersign.use_cases.queries.pages.documents import DocumentReader, DocumentSearch
from tests.builders import mail, pipeline, stage, subjects
from tests.unit.use_cases.jobs.slices import (
    Mute,
    counts,
    die_in_the_middle,
    dying,
    job_of,
    slice_of,
)

ANNA, BEN = "anna@acme.example", "ben@acme.example"
DAY = timedelta(days=1)
SENDERS = ["contracts@acme.example"]


def world_of(number: int, *rules: dict[str, Any]) -> World:
    """So many documents in the first stage, and one of another pipeline."""
    here = World()
    stages = stage("new"), stage("sent", *(rules or (greeting(),))), stage("won", kind="success")
    here.publish(pipeline(*stages, senders=SENDERS))
    here.publish(pipeline(stage("new"), stage("let"), pipeline="leases", senders=SENDERS))
    for n in range(number):
        add(here, f"d-{n:03}", "contracts", responsible=ANNA if n % 2 else BEN)
    add(here, "l-1", "leases")
    return here


def greeting(**more: Any) -> dict[str, Any]:
    """A rule that mails the responsible person."""
    rule = mail("hello", **more)
    return {**rule, "settings": {**rule["settings"], "to": ["responsible"]}}


def add(here: World, name: str, of: str, **values: Any) -> None:
    make(here.store, NewDocument(id=name, pipeline=of, values=values), user(BEN))


def start(here: World, *documents: str, stage: str = "sent", **more: Any) -> Job:
    given = {"documents": documents} if documents else {"search": DocumentSearch(), **more}
    wanted = MoveDocuments(pipeline="contracts", stage=stage, **{**more, **given})
    return start_job(here.jobs, "j-1", wanted, user(BEN), now=here.now)


def search(here: World, **wanted: Any) -> Job:
    move = MoveDocuments(pipeline="contracts", stage="sent", search=DocumentSearch(**wanted))
    return start_job(here.jobs, "j-1", move, user(BEN), now=here.now)


def moves(here: World, document: str) -> int:
    return sum(line.kind == "moved" for line in here.documents.timeline(document))


def stages(here: World) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in sorted(here.state.documents.values(), key=lambda one: one.id):
        found.setdefault(one.stage, []).append(one.id)
    return found


# --- what a move does


def test_named_documents_are_moved_as_a_person_moves_them() -> None:
    here = world_of(3)
    start(here, "d-000", "d-002", comment="Signed on paper")
    here.settle()
    assert counts(here) == ("done", 2, 2, 0)
    assert stages(here) == {"new": ["d-001", "l-1"], "sent": ["d-000", "d-002"]}
    assert subjects(here) == ["hello", "hello"]
    comment, moved = here.documents.timeline("d-000")[1:3]
    assert (comment.kind, comment.text, comment.by) == ("commented", "Signed on paper", BEN)
    assert (moved.kind, moved.text, moved.by, moved.cause) == (
        "moved",
        "moved from new to sent as ben@acme.example",
        BEN,
        "job j-1",
    )


def test_all_that_a_search_finds_are_moved_once_however_many_there_are() -> None:
    here = world_of(230)
    search(here)
    here.settle()
    assert counts(here) == ("done", 230, 230, 0)
    assert {moves(here, f"d-{n:03}") for n in range(230)} == {1}
    assert stages(here)["new"] == ["l-1"]
    assert len(subjects(here)) == 230


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"responsible": ANNA}, ["d-001", "d-003"]),
        ({"stage": "new"}, ["d-000", "d-001", "d-002", "d-003"]),
        ({"text": "d-003"}, ["d-003"]),
        ({"days_in_stage": 2}, ["d-000", "d-001", "d-002", "d-003"]),
        ({"days_in_stage": 3}, []),
    ],
)
def test_a_search_is_what_a_list_of_documents_is_filtered_by(
    wanted: dict[str, Any], found: list[str]
) -> None:
    here = world_of(4)
    here.advance(2 * DAY)
    add(here, "d-new", "contracts", responsible=ANNA)
    here.edit("d-new", Edit(stage="sent"), by=BEN)
    search(here, **wanted)
    here.settle()
    assert counts(here) == ("done", len(found), len(found), 0)
    assert stages(here)["sent"] == [*found, "d-new"]


def test_what_is_in_the_stage_already_is_none_of_those_that_are_searched_for() -> None:
    here = world_of(2)
    here.edit("d-000", Edit(stage="sent"), by=BEN)
    search(here)
    here.settle()
    assert counts(here) == ("done", 1, 1, 0)
    assert moves(here, "d-000") == 1


def test_what_is_searched_for_is_kept_no_longer_than_the_job_goes_on() -> None:
    here = world_of(1)
    assert ANNA in search(here, responsible=ANNA).arguments
    here.settle()
    assert (job_of(here).state, job_of(here).arguments) == ("done", "")
    assert JOBS.get("move_documents").role == "operator"


# --- what cannot be moved


def test_each_that_cannot_be_moved_is_told_with_the_reason_and_the_others_are_moved() -> None:
    here = world_of(3)
    here.edit("d-001", Edit(stage="sent"), by=BEN)
    start(here, "d-000", "d-001", "d-9", "l-1", "d-000")
    here.settle()
    assert counts(here) == ("done", 4, 1, 3)
    assert job_of(here).refusals == (
        JobRefusal(item="d-001", reason="the document is in the stage sent already"),
        JobRefusal(item="d-9", reason="there is no document d-9"),
        JobRefusal(
            item="l-1", reason="the document belongs to the pipeline leases, not to contracts"
        ),
    )
    assert moves(here, "d-000") == 1
    assert here.document("l-1").stage == "new"


def test_a_document_that_is_moved_meanwhile_stays_where_it_is() -> None:
    here = world_of(3)
    start(here, "d-000", "d-001", "d-002")
    assert slice_of(here) == "went_on"
    remove_document(here.documents, here.files, "d-002")
    here.edit("d-001", Edit(stage="won"), by=ANNA)
    here.settle()
    assert counts(here) == ("done", 3, 1, 2)
    assert job_of(here).refusals == (
        JobRefusal(
            item="d-001",
            reason="the document has been moved meanwhile; it is in the stage won",
        ),
        JobRefusal(item="d-002", reason="there is no document d-002"),
    )
    assert stages(here) == {"new": ["l-1"], "sent": ["d-000"], "won": ["d-001"]}


def test_a_document_that_came_there_by_others_meanwhile_is_not_counted_as_moved() -> None:
    here = world_of(1)
    start(here, "d-000")
    slice_of(here)
    here.edit("d-000", Edit(stage="sent"), by=ANNA)
    here.settle()
    assert counts(here) == ("done", 1, 0, 1)
    assert subjects(here) == ["hello"]


def test_a_job_whose_stage_is_removed_before_it_has_begun_fails_with_the_reason() -> None:
    here = world_of(1)
    start(here, "d-000")
    here.publish(pipeline(stage("new"), stage("won", kind="success"), senders=SENDERS))
    here.settle()
    assert (job_of(here).state, job_of(here).reason) == (
        "failed",
        'the stage "sent" does not exist; this pipeline has new, won',
    )
    assert here.document("d-000").stage == "new"


# --- slices that die, two at once, and the end by a person


def test_a_slice_that_dies_in_the_middle_moves_nothing_twice_and_leaves_nothing_out() -> None:
    here = dying(world_of(30))
    search(here)
    die_in_the_middle(here)
    assert counts(here) == ("done", 30, 30, 0)
    assert {moves(here, f"d-{n:03}") for n in range(30)} == {1}
    assert subjects(here) == ["hello"] * 30


def test_what_was_moved_before_the_instance_died_counts_as_moved_wherever_it_is_by_then() -> None:
    here = world_of(3, greeting(time={"after": {"days": 3}}))
    here.jobs = jobs = Mute()
    search(here)
    slice_of(here)
    (message,) = here.jobs.take_written()
    jobs.meanwhile = lambda: here.edit("d-001", Edit(stage="won"), by=ANNA)
    with pytest.raises(UnavailableError, match="the instance is gone"):
        work_on_job(here.job_services, message)
    assert stages(here) == {"new": ["l-1"], "sent": ["d-000", "d-002"], "won": ["d-001"]}
    work_on_job(here.job_services, message)
    here.settle()
    assert counts(here) == ("done", 3, 3, 0)
    assert [moves(here, f"d-{n:03}") for n in range(3)] == [1, 2, 1]


def test_what_was_moved_is_found_behind_all_that_was_said_of_it_since() -> None:
    here = world_of(1)
    here.jobs = jobs = Mute()
    search(here)
    slice_of(here)
    (message,) = here.jobs.take_written()

    def talk() -> None:
        here.edit("d-000", Edit(stage="won"), by=ANNA)
        for number in range(130):
            here.edit("d-000", Edit(comment=f"{number}"), by=ANNA)

    jobs.meanwhile = talk
    with pytest.raises(UnavailableError, match="the instance is gone"):
        work_on_job(here.job_services, message)
    work_on_job(here.job_services, message)
    here.settle()
    assert counts(here) == ("done", 1, 1, 0)


def test_two_who_work_on_the_same_slice_move_each_document_once() -> None:
    here = world_of(5)
    search(here)
    slice_of(here)
    (message,) = here.jobs.take_written()
    before = job_of(here)
    assert work_on_job(here.job_services, message).result == "done"
    here.jobs.jobs["j-1"] = before
    assert work_on_job(here.job_services, message).result == "done"
    assert counts(here) == ("done", 5, 5, 0)
    assert {moves(here, f"d-{n:03}") for n in range(5)} == {1}


def test_an_aborted_move_keeps_what_it_has_moved_and_moves_no_more() -> None:
    here = world_of(60)
    search(here)
    assert [slice_of(here), slice_of(here)] == ["went_on", "went_on"]
    abort_job(here.jobs, "j-1", user(BEN), now=here.now)
    here.settle()
    job = job_of(here)
    assert (job.state, job.done, job.left) == ("aborted", 25, 35)
    assert len(stages(here)["sent"]) == 25


# --- the preview


def preview(here: World, cursor: str | None = None, **move: Any) -> MovePreview:
    reader = DocumentReader(pages=here.pages, pipelines=here.pipelines, programs=here.programs)
    wanted = DocumentMove(**{"pipeline": "contracts", "stage": "sent", **move})
    return preview_move(reader, here.documents, wanted, cursor, now=here.now)


def test_the_preview_has_the_number_the_rules_and_what_is_left_out() -> None:
    off = mail("off", enabled=False)
    here = world_of(4, greeting(name="Say hello"), off)
    here.edit("d-000", Edit(stage="sent"), by=BEN)
    here.edit("d-001", Edit(stage="won"), by=BEN)
    found = preview(here, search=DocumentSearch())
    assert found == MovePreview(
        documents=3,
        there_already=1,
        leaving_final=1,
        refusals={},
        rules=(StartedRule(rule="hello", name="Say hello", kind="send_email"),),
        final=False,
        paused=False,
        automation=True,
        next=None,
    )
    named = preview(here, documents=("d-000", "d-002", "l-1"), stage="won")
    assert (named.documents, list(named.refusals), named.final) == (2, ["l-1"], True)
    assert [here.document(f"d-{n:03}").stage for n in range(3)] == ["sent", "won", "new"]


def test_the_numbers_of_a_previews_pages_add_up() -> None:
    here = world_of(620)
    first = preview(here, search=DocumentSearch())
    assert first.next is not None
    second = preview(here, first.next, search=DocumentSearch())
    assert (first.documents, second.documents, second.next) == (500, 120, None)


@pytest.mark.parametrize(
    ("move", "error", "text"),
    [
        ({"documents": ("d-1",), "stage": "lost"}, PermanentError, 'the stage "lost" does not'),
        ({"documents": ("d-1",), "pipeline": "none"}, NotFoundError, 'there is no pipeline "none"'),
        ({}, PermanentError, "a move takes either `documents` or a `filter`"),
        (
            {"documents": ("d-1",), "search": DocumentSearch()},
            PermanentError,
            "a move takes either `documents` or a `filter`",
        ),
        ({"search": DocumentSearch(stage="lost")}, NotFoundError, 'there is no stage "lost"'),
        ({"search": DocumentSearch(text="a")}, PermanentError, '"a" is too short'),
        ({"search": DocumentSearch(party="anna")}, PermanentError, '"anna" is not a valid e-mail'),
    ],
)
def test_a_move_that_cannot_be_is_refused_before_it_begins(
    move: dict[str, Any], error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        preview(world_of(1), **move)


def test_a_search_that_finds_nothing_moves_nothing() -> None:
    here = world_of(1)
    assert preview(here, search=DocumentSearch(responsible="carla@acme.example")).documents == 0
    search(here, responsible="carla@acme.example")
    here.settle()
    assert counts(here) == ("done", 0, 0, 0)
