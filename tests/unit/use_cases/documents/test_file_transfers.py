"""Whole files are sent and fetched as they were announced, or nothing changes."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.errors import ConflictError, NotFoundError, PermanentError, UnavailableError
from countersign.model.actor import user
from countersign.model.stored_file import MEDIA_TYPES, NewFile, StoredFile, check_beginning
from countersign.simulation.files import made_up
from countersign.simulation.world import World
from countersign.use_cases.documents.edit import NewDocument, make
from countersign.use_cases.documents.file_transfers import (
    FileService,
    check_uploads,
    fetch_file,
    send_file,
)
from countersign.use_cases.documents.files import FileUpload
from tests.builders import pipeline, stage

BEN = user("ben@acme.example")
OFFER = b"%PDF-1.6 offer 17"


def world() -> World:
    here = World()
    here.publish(pipeline(stage("draft")))
    make(here.store, NewDocument(id="d7", pipeline="contracts"), BEN)
    return here


def service(here: World) -> FileService:
    return FileService(
        store=here.store, files=here.files, transfers=here.transfers, new_id=here.new_id
    )


def upload(content: bytes = OFFER, name: str = "Offer.pdf", document: str = "d7") -> FileUpload:
    digest = hashlib.sha256(content).hexdigest()
    file = NewFile(name=name, kind="offer", size=len(content), sha256=digest)
    return FileUpload(document=document, file=file, id=f"u-{name}-{digest[:6]}")


def test_a_file_comes_back_byte_by_byte() -> None:
    here = world()
    added = send_file(service(here), upload(), OFFER, BEN)
    assert fetch_file(service(here), "d7", "offer.PDF") == (added, OFFER)


def test_a_file_that_changed_since_it_was_looked_at_is_not_sent() -> None:
    here = world()
    with pytest.raises(PermanentError, match="its content changed while it was being added"):
        send_file(service(here), upload(), OFFER + b"b", BEN)
    assert (here.transfers.calls, here.document("d7").stored_files) == (0, ())


def test_bytes_that_were_exchanged_in_the_bucket_are_not_given() -> None:
    here = world()
    added = send_file(service(here), upload(), OFFER, BEN)
    here.files.put("d7", added.id, b"%PDF-1.6 offer 71")
    with pytest.raises(PermanentError) as raised:
        fetch_file(service(here), "d7", "Offer.pdf")
    assert str(raised.value) == ("Offer.pdf: the bucket has other bytes than those that were added")


def test_bytes_that_got_lost_are_kept_under_the_files_own_id_again() -> None:
    here = world()
    added = send_file(service(here), upload(), OFFER, BEN)
    here.files.remove("d7", added.id)
    again = upload()
    same = send_file(service(here), FileUpload(document="d7", file=again.file, id="u9"), OFFER, BEN)
    assert (same, here.files.ids("d7")) == (added, frozenset({added.id}))
    assert fetch_file(service(here), "d7", "Offer.pdf")[1] == OFFER


def test_a_fault_on_the_way_leaves_the_document_as_it_was() -> None:
    here = world()
    here.transfers.fault = UnavailableError("s3.example gave no answer")
    before = here.document("d7")
    with pytest.raises(UnavailableError):
        send_file(service(here), upload(), OFFER, BEN)
    assert here.document("d7") == before


@pytest.mark.parametrize("document", ["d8", ""])
def test_an_unknown_document_is_not_found(document: str) -> None:
    here = world()
    with pytest.raises(NotFoundError):
        send_file(service(here), upload(document=document), OFFER, BEN)
    with pytest.raises(NotFoundError):
        check_uploads(here.documents, [upload(document=document)])
    assert here.transfers.calls == 0


def test_uploads_are_checked_against_the_document_and_each_other() -> None:
    here = world()
    send_file(service(here), upload(), OFFER, BEN)
    check_uploads(here.documents, [])
    check_uploads(here.documents, [upload(), upload(name="Other.pdf")])
    with pytest.raises(ConflictError, match=r"another file named Offer\.pdf"):
        check_uploads(here.documents, [upload(name="Other.pdf"), upload(OFFER + b"2")])
    for name in ("STRASSE.pdf", "Straße.PDF", "stra\u00dfe.pdf", " Strasse .pdf".strip()):
        both = [upload(name="Straße.pdf"), upload(OFFER + b"2", name=name)]
        if name == "Strasse .pdf":
            check_uploads(here.documents, both)
            continue
        with pytest.raises(PermanentError, match="two of the files are named"):
            check_uploads(here.documents, both)


def test_an_upload_that_replaces_may_have_a_name_that_is_there() -> None:
    here = world()
    send_file(service(here), upload(), OFFER, BEN)
    other = upload(OFFER + b"2")
    again = FileUpload(document="d7", file=other.file, id="u2", replace=True)
    check_uploads(here.documents, [again])
    check_uploads(here.documents, [again, upload(name="Other.pdf")])
    with pytest.raises(PermanentError, match="two of the files are named"):
        check_uploads(here.documents, [again, again])


def test_a_document_has_forty_files_at_most_without_those_of_the_provider() -> None:
    here = world()
    fetched = upload(name="signed.pdf").file.model_dump() | {
        "kind": "signed_pdf", "id": "f", "media_type": "application/pdf",
        "added_at": here.now, "added_by": "system",
    }  # fmt: skip
    home = here.document("d7")
    kept = StoredFile.model_validate(fetched)
    here.state.documents["d7"] = home.model_copy(update={"stored_files": (kept,)})
    send_file(service(here), upload(), OFFER, BEN)
    more = [upload(name=f"Plan {n}.pdf") for n in range(40)]
    check_uploads(here.documents, more[:39])
    with pytest.raises(PermanentError) as raised:
        check_uploads(here.documents, more)
    assert str(raised.value) == (
        "the document would have 41 files; expected at most 40; remove some first"
    )


@given(st.sampled_from(sorted(MEDIA_TYPES)), st.integers(1, 3_000))
def test_made_up_files_are_of_the_type_that_their_name_says(ending: str, size: int) -> None:
    content = made_up(f"Plan.{ending}", size)
    check_beginning(f"Plan.{ending}", content)
    assert len(content) == max(size, min(len(content), 8))
