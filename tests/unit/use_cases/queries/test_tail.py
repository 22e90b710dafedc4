"""What is written on timelines is handed out once, by time, until a document is removed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from countersign.errors import NotFoundError
from countersign.model.log import LogEntry
from countersign.model.log_hashes import TimelinePart
from countersign.simulation.world import START, World
from countersign.use_cases.queries.tail import DocumentTail, Tail
from tests.unit.use_cases.queries.scene import disordered, put


def write(here: World, document: str, minute: int, text: str) -> None:
    """One more entry of a document's timeline, in one more version of the document."""
    known = here.state.documents[document]
    changed = known.model_copy(update={"version": known.version + 1})
    here.state.documents[document] = changed
    at = START + timedelta(minutes=minute)
    entry = LogEntry(at=at, kind="edited", text=text, entry=1)
    part = TimelinePart(version=changed.version, entries=(entry,))
    here.state.logs.setdefault(document, []).append(part)


def new(following: Tail, *pipelines: str) -> list[tuple[str, str]]:
    return [(one.id, entry.text) for one, entry in following.new_entries(pipelines)]


def test_new_entries_stand_by_time_then_by_document_and_come_once() -> None:
    here = disordered()
    for document, pipeline in (("d-2", "contracts"), ("d-1", "leases"), ("d-3", "leases")):
        put(here, document, pipeline=pipeline)
    write(here, "d-1", 0, "before")
    following = Tail(here.documents, since=START)
    following.start(["contracts", "leases"])
    write(here, "d-2", 5, "a")
    write(here, "d-2", 5, "b")
    write(here, "d-1", 5, "c")
    write(here, "d-3", 2, "d")
    both = ("contracts", "leases")
    assert new(following, *both) == [("d-3", "d"), ("d-1", "c"), ("d-2", "a"), ("d-2", "b")]
    assert new(following, *both) == []
    put(here, "d-4")
    write(here, "d-4", -9, "made")
    write(here, "d-4", 1, "new")
    write(here, "d-1", 6, "e")
    # Of a document that came since, everything is new, whatever its clock said.
    assert new(following, "contracts") == [("d-4", "made"), ("d-4", "new")]
    assert new(following, *both) == [("d-1", "e")]


def test_one_document_s_new_entries_come_once_oldest_first() -> None:
    here = disordered()
    put(here, "d-1")
    write(here, "d-1", 1, "shown")
    following = DocumentTail(here.documents, "d-1", shown=1)
    assert following.new_entries() == ()
    write(here, "d-1", 2, "a")
    write(here, "d-1", 2, "b")
    assert [entry.text for entry in following.new_entries()] == ["a", "b"]
    assert following.new_entries() == ()
    write(here, "d-1", 3, "c")
    assert [entry.text for entry in following.new_entries()] == ["c"]


def test_following_a_document_ends_where_it_is_removed() -> None:
    here = disordered()
    put(here, "d-1")
    following = DocumentTail(here.documents, "d-1", shown=0)
    assert following.new_entries() == ()  # a document may have nothing on its timeline
    here.documents.remove("d-1")
    with pytest.raises(NotFoundError, match=r"^d-1 was removed$"):
        following.new_entries()
