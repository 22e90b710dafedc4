"""What people change on documents: checked as they are then, decided anew, and found again."""

from __future__ import annotations

import pytest

from countersign.adapters.memory.tables.process.state import MemoryDocuments
from countersign.errors import ConflictError, NotFoundError, PermanentError
from countersign.model.actor import user
from countersign.model.document import Document
from countersign.model.log_hashes import TimelinePart
from countersign.model.stored_file import announced
from countersign.rules.base import Edit
from countersign.simulation.world import World
from countersign.use_cases.documents.attach import attach_envelope
from countersign.use_cases.documents.edit import NewDocument, call_by_code, make, save
from countersign.use_cases.documents.files import (
    FileUpload,
    begin_upload,
    complete_upload,
    download_address,
)
from countersign.use_cases.documents.move import DocumentMove, preview_move, target_of
from countersign.use_cases.documents.tasks import complete
from countersign.use_cases.documents.verify import verify
from countersign.use_cases.queries.pages.documents import DocumentReader, DocumentSearch
from tests.builders import ANNA, connection, mail, pipeline, stage, trigger

BEN = user("ben@acme.example")


def world_of(*stages: dict[str, object]) -> World:
    """A world with a document in the first of the stages, and a connection to their pipeline."""
    here = World()
    given = stages or (stage("new"), stage("sent"), stage("won", kind="success"))
    here.publish(pipeline(*given, senders=["contracts@acme.example"]))
    here.connect(connection())
    make(here.store, NewDocument(id="d-1", pipeline="contracts"), BEN)
    return here


class UnwantedError(PermanentError):
    """The document is not as it should be."""


def only_untouched(document: Document) -> None:
    if document.version > 1:
        raise UnwantedError(f"it is in its {document.version}. version")


# --- checked as they are then


def test_an_edit_is_checked_against_the_document_as_it_is() -> None:
    here = world_of()
    first = save(here.store, "d-1", Edit(stage="sent"), BEN, only_untouched)
    assert first.outcome.document.stage == "sent"
    with pytest.raises(UnwantedError, match=r"it is in its 2\. version"):
        save(here.store, "d-1", Edit(stage="new"), BEN, only_untouched)
    assert here.document("d-1").stage == "sent"


def test_attaching_is_checked_against_the_document_as_it_is() -> None:
    here = world_of()
    save(here.store, "d-1", Edit(stage="sent"), BEN)
    with pytest.raises(UnwantedError, match=r"it is in its 2\. version"):
        attach_envelope(here.store, "d-1", ("docusign", "env-1"), BEN, only_untouched)
    assert here.document("d-1").envelope is None
    attach_envelope(here.store, "d-1", ("docusign", " env-1 "), BEN)
    assert (here.document("d-1").connection, here.document("d-1").envelope) == (
        "docusign",
        "env-1",
    )


@pytest.mark.parametrize(
    ("target", "error", "text"),
    [
        (("docusign", ""), PermanentError, "an envelope's id has 1 to 500 characters; found 0"),
        (("docusign", "  "), PermanentError, "an envelope's id has 1 to 500 characters; found 0"),
        (
            ("docusign", "x" * 501),
            PermanentError,
            "an envelope's id has 1 to 500 characters; found 501",
        ),
        (("nobody", "env-1"), NotFoundError, 'there is no connection "nobody"'),
        (
            ("other", "env-1"),
            PermanentError,
            "the connection other belongs to the pipeline leases, the document d-1 to contracts",
        ),
        (
            ("docusign", "env-2"),
            PermanentError,
            "the envelope env-2 belongs to the document d-2 already",
        ),
    ],
)
def test_what_cannot_be_attached_is_told(
    target: tuple[str, str], error: type[Exception], text: str
) -> None:
    here = world_of()
    here.publish(pipeline(stage("new"), pipeline="leases"))
    here.connect(connection(id="other", pipeline="leases"))
    make(here.store, NewDocument(id="d-2", pipeline="contracts"), BEN)
    attach_envelope(here.store, "d-2", ("docusign", "env-2"), BEN)
    with pytest.raises(error) as refused:
        attach_envelope(here.store, "d-1", target, BEN)
    assert str(refused.value) == text
    with pytest.raises(PermanentError) as again:
        attach_envelope(here.store, "d-2", ("docusign", "env-9"), BEN)
    assert str(again.value) == "the document d-2 has the envelope env-2 already"


def test_an_envelope_of_five_hundred_characters_is_attached() -> None:
    here = world_of()
    attach_envelope(here.store, "d-1", ("docusign", "x" * 500), BEN)
    assert here.document("d-1").envelope == "x" * 500


# --- made and called


def test_a_document_is_made_in_the_first_stage_or_in_the_one_that_is_named() -> None:
    here = world_of()
    decision = make(here.store, NewDocument(id="d-2", pipeline="contracts", stage="sent"), BEN)
    assert (here.document("d-1").stage, here.document("d-2").stage) == ("new", "sent")
    assert (decision.document.id, decision.document.stage) == ("d-2", "sent")
    assert here.documents.timeline("d-2")[0].by == "ben@acme.example"


def test_a_code_calls_the_trigger_that_waits_for_it_each_time() -> None:
    waits = trigger("called_by_code", settings={"code": "go"}, allow_return=True)
    here = world_of(stage("new"), stage("sent", triggers=[waits]))
    call_by_code(here.store, "d-1", "stop", BEN)
    assert here.document("d-1").stage == "new"
    called = call_by_code(here.store, "d-1", "go", BEN)
    assert (called.outcome.document.stage, here.document("d-1").stage) == ("sent", "sent")
    lines = [line.text for line in here.documents.timeline("d-1") if "code" in line.text]
    assert lines == ["ben@acme.example called the document by a code"] * 2
    with pytest.raises(NotFoundError, match="there is no document d-9"):
        call_by_code(here.store, "d-9", "go", BEN)


def test_what_follows_from_a_completed_task_says_whose_and_which() -> None:
    task = {
        "id": "check",
        "kind": "create_task",
        "settings": {"title": "Check", "assignee": ANNA},
    }
    waits = trigger("task_completed", "checked")
    here = world_of(stage("new", task), stage("sent", triggers=[waits]))
    here.settle()
    (open_task,) = here.documents.tasks("d-1")
    complete(here.store, open_task.key, user(ANNA))
    moved = [line for line in here.documents.timeline("d-1") if line.kind == "moved"]
    assert [(line.to_stage, line.cause) for line in moved] == [
        ("sent", "anna@acme.example > check > trigger:checked")
    ]


# --- verified


def test_a_hash_that_was_noted_must_still_be_there() -> None:
    here = world_of()
    noted = verify(here.documents, "d-1")
    assert (noted.problems, noted.entries) == ((), 1)
    save(here.store, "d-1", Edit(stage="sent"), BEN)
    assert verify(here.documents, "d-1", wanted=noted.hash).problems == ()
    (problem,) = verify(here.documents, "d-1", wanted="0" * 64).problems
    assert (problem.number, problem.text) == (
        3,
        f"no entry has the hash {'0' * 64}: entries up to it were changed or removed",
    )


class Restless(MemoryDocuments):
    """A document that changes each time its timeline is read, so many times."""

    here: World
    times = 0
    reads = 0

    def timeline_parts(self, document: str) -> tuple[TimelinePart, ...]:
        parts = super().timeline_parts(document)
        self.reads += 1
        if self.reads <= self.times:
            stage_ = "sent" if self.reads % 2 else "new"
            save(self.here.store, document, Edit(stage=stage_), BEN)
        return parts


@pytest.mark.parametrize("times", [0, 1, 7])
def test_a_document_that_changes_meanwhile_is_read_again(times: int) -> None:
    here = world_of()
    documents = Restless(here.state)
    documents.here, documents.times = here, times
    found = verify(documents, "d-1")
    assert (found.problems, documents.reads) == ((), times + 1)
    assert found.hash == here.document("d-1").timeline_hash


def test_a_document_that_never_rests_is_given_up_after_eight_times() -> None:
    here = world_of()
    documents = Restless(here.state)
    documents.here, documents.times = here, 99
    with pytest.raises(ConflictError) as gave_up:
        verify(documents, "d-1")
    assert str(gave_up.value) == "the document d-1 changed 8 times meanwhile; try again"
    assert documents.reads == 8


# --- files


def test_a_file_is_had_for_fifteen_minutes_by_its_name() -> None:
    here = world_of()
    upload = FileUpload(
        document="d-1", file=announced("a.pdf", "contract", b"%PDF-1.7 content"), id="f-1"
    )
    begin_upload(here.documents, here.files, upload)
    here.files.receive("d-1", upload.id, b"%PDF-1.7 content")
    file = complete_upload(here.store, here.files, upload, BEN, here.new_id)
    address = download_address(here.documents, here.files, "d-1", "a.pdf")
    assert address.endswith(f"/documents/d-1/{file.id}?for=900")
    with pytest.raises(NotFoundError):
        download_address(here.documents, here.files, "d-1", "b.pdf")
    with pytest.raises(NotFoundError):
        download_address(here.documents, here.files, "d-9", "a.pdf")


# --- moves of many


def reader(here: World) -> DocumentReader:
    return DocumentReader(pages=here.pages, pipelines=here.pipelines, programs=here.programs)


@pytest.mark.parametrize(
    ("search", "error", "text"),
    [
        (DocumentSearch(stage="lost"), NotFoundError, 'there is no stage "lost"'),
        (DocumentSearch(text="a"), PermanentError, '"a" is too short'),
    ],
)
def test_the_target_of_a_move_is_only_known_where_its_search_can_be_made(
    search: DocumentSearch, error: type[Exception], text: str
) -> None:
    here = world_of()
    with pytest.raises(error, match=text):
        target_of(reader(here), DocumentMove(pipeline="contracts", stage="sent", search=search))


def test_a_stage_that_is_not_there_is_told_with_those_that_are() -> None:
    here = world_of()
    with pytest.raises(PermanentError) as refused:
        target_of(
            reader(here), DocumentMove(pipeline="contracts", stage="lost", documents=("d-1",))
        )
    assert str(refused.value) == (
        'the stage "lost" does not exist; this pipeline has new, sent, won'
    )


def test_named_documents_that_cannot_be_moved_are_told_each_with_its_reason() -> None:
    here = world_of()
    here.publish(pipeline(stage("new"), pipeline="leases"))
    make(here.store, NewDocument(id="l-1", pipeline="leases"), BEN)
    make(here.store, NewDocument(id="d-2", pipeline="contracts", stage="sent"), BEN)
    move = DocumentMove(
        pipeline="contracts", stage="sent", documents=("d-2", "d-1", "l-1", "d-9", "d-1")
    )
    found = preview_move(reader(here), here.documents, move, now=here.now)
    assert (found.documents, found.there_already, found.refusals) == (
        1,
        0,
        {
            "d-2": "the document is in the stage sent already",
            "l-1": "the document belongs to the pipeline leases, not to contracts",
            "d-9": "there is no document d-9",
        },
    )


def test_where_automation_is_not_included_no_rule_begins() -> None:
    here = world_of(stage("new"), stage("sent", mail("hello")))
    move = DocumentMove(pipeline="contracts", stage="sent", documents=("d-1",))
    with_rules = preview_move(reader(here), here.documents, move, now=here.now)
    assert [rule.rule for rule in with_rules.rules] == ["hello"]
    assert with_rules.automation
    head = here.state.heads["contracts"]
    here.state.heads["contracts"] = head.model_copy(update={"automation": False})
    without = preview_move(reader(here), here.documents, move, now=here.now)
    assert (without.rules, without.automation) == ((), False)
