"""Files come to a document whole and as announced, or not at all; what is removed is gone."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta

import pytest

from countersign.adapters.memory.services.file_store import MemoryFileStore
from countersign.errors import ConflictError, CountersignError, NotFoundError, PermanentError
from countersign.model.actor import user
from countersign.model.file_transfer import FileLink
from countersign.model.stored_file import FileKind, NewFile, StoredFile
from countersign.simulation.world import World
from countersign.use_cases.documents.edit import NewDocument, make
from countersign.use_cases.documents.files import (
    FileUpload,
    begin_upload,
    complete_upload,
    download_address,
    follow_link,
    remove_file,
)
from tests.builders import pipeline, stage

ANNA = user("anna@acme.example")
PDF = b"%PDF-1.7 the contract"


def world() -> World:
    here = World()
    here.publish(pipeline(stage("draft")))
    make(here.store, NewDocument(id="d1", pipeline="contracts"), ANNA)
    return here


def announced(
    content: bytes = PDF, name: str = "Contract.pdf", kind: FileKind = "contract"
) -> NewFile:
    digest = hashlib.sha256(content).hexdigest()
    return NewFile(name=name, kind=kind, size=len(content), sha256=digest)


def add(
    here: World,
    content: bytes = PDF,
    name: str = "Contract.pdf",
    kind: FileKind = "contract",
    *,
    replace: bool = False,
) -> StoredFile:
    """Announce, send and complete, as the command line does."""
    file = announced(content, name, kind)
    upload = FileUpload(document="d1", file=file, id=here.new_id(), replace=replace)
    begin_upload(here.documents, here.files, upload)
    here.files.receive("d1", upload.id, content)
    return complete_upload(here.store, here.files, upload, ANNA, here.new_id)


def names(here: World) -> list[str]:
    return [file.name for file in here.store.document("d1").stored_files]


def test_a_file_is_the_documents_with_its_hash_and_on_the_timeline() -> None:
    here = world()
    file = add(here)
    assert here.store.document("d1").stored_files == (file,)
    assert (file.size, file.media_type, file.added_by) == (21, "application/pdf", str(ANNA))
    assert file.sha256 == hashlib.sha256(PDF).hexdigest()
    assert here.files.get("d1", file) == PDF
    (line,) = [line for line in here.documents.timeline("d1") if line.kind == "file"]
    assert line.text == (
        f"anna@acme.example added Contract.pdf (contract, 21 bytes, SHA-256 {file.sha256})"
    )


def test_an_upload_that_is_completed_twice_is_one_file() -> None:
    here = world()
    upload = FileUpload(document="d1", file=announced(), id="u1")
    here.files.receive("d1", "u1", PDF)
    first = complete_upload(here.store, here.files, upload, ANNA, here.new_id)
    version = here.store.document("d1").version
    assert complete_upload(here.store, here.files, upload, ANNA, here.new_id) == first
    assert here.store.document("d1").version == version
    assert here.files.get("d1", first) == PDF


class Interrupted(MemoryFileStore):
    """Something else happens once, right before bytes are removed or after they are kept."""

    def __init__(self) -> None:
        super().__init__()
        self.before_removing: Callable[[], object] | None = None
        self.after_keeping: Callable[[], object] | None = None

    def remove(self, document: str, file: str) -> None:
        work, self.before_removing = self.before_removing, None
        if work is not None:
            work()
        super().remove(document, file)

    def keep_upload(self, document: str, upload: str, file: str) -> None:
        super().keep_upload(document, upload, file)
        work, self.after_keeping = self.after_keeping, None
        if work is not None:
            work()


def interrupted() -> tuple[World, Interrupted]:
    """A document that has ``Contract.pdf`` by the upload u1."""
    here, files = world(), Interrupted()
    here.files = files
    files.receive("d1", "u1", PDF)
    completed(here, "u1")
    return here, files


def completed(
    here: World, upload: str, content: bytes = PDF, kind: FileKind = "contract"
) -> StoredFile:
    given = FileUpload(document="d1", file=announced(content, kind=kind), id=upload, replace=True)
    here.files.receive("d1", upload, content)
    return complete_upload(here.store, here.files, given, ANNA, here.new_id)


def contents(here: World) -> list[bytes | None]:
    return [here.files.get("d1", one) for one in here.store.document("d1").stored_files]


def test_an_upload_that_is_completed_again_while_its_file_is_removed_has_its_bytes() -> None:
    here, files = interrupted()
    files.before_removing = lambda: completed(here, "u1")
    remove_file(here.store, files, "d1", "Contract.pdf", ANNA)
    assert contents(here) == [b"%PDF-1.7 the contract"]


def test_a_file_that_is_removed_while_its_upload_is_completed_again_has_its_bytes() -> None:
    here, files = interrupted()
    files.after_keeping = lambda: remove_file(here.store, files, "d1", "Contract.pdf", ANNA)
    completed(here, "u1")
    assert contents(here) == [b"%PDF-1.7 the contract"]


def test_a_file_that_is_replaced_while_its_upload_is_completed_again_has_its_bytes() -> None:
    here, files = interrupted()
    files.after_keeping = lambda: completed(here, "u2", b"%PDF-1.7 second draft")
    completed(here, "u1")
    assert contents(here) == [b"%PDF-1.7 the contract"]


def test_an_upload_that_is_completed_as_another_kind_keeps_its_bytes() -> None:
    here, _files = interrupted()
    offer = completed(here, "u1", kind="offer")
    assert here.store.document("d1").stored_files == (offer,)
    assert (offer.kind, contents(here)) == ("offer", [b"%PDF-1.7 the contract"])


def test_an_upload_whose_name_another_file_took_meanwhile_leaves_no_bytes_behind() -> None:
    here = world()
    other = FileUpload(document="d1", file=announced(b"%PDF-other"), id="u2")
    begin_upload(here.documents, here.files, other)
    here.files.receive("d1", "u2", b"%PDF-other")
    first = add(here)
    with pytest.raises(ConflictError, match=r"another file named Contract\.pdf"):
        complete_upload(here.store, here.files, other, ANNA, here.new_id)
    assert here.files.ids("d1") == {first.id}


def test_the_same_file_again_changes_nothing_and_leaves_no_bytes_behind() -> None:
    here = world()
    first = add(here)
    again = add(here, name="CONTRACT.pdf")
    assert again == first
    assert here.files.ids("d1") == {first.id}


@pytest.mark.parametrize(
    ("sent", "error", "reason"),
    [
        (None, NotFoundError, "no content was sent to the upload address"),
        (PDF[:-1], PermanentError, "20 bytes were sent; expected 21 as announced"),
        (PDF + b"!", PermanentError, "22 bytes were sent; expected 21"),
        (PDF.upper(), PermanentError, "has another SHA-256 than was announced"),
        (b"", PermanentError, "0 bytes were sent; expected 21"),
    ],
)
def test_what_was_not_sent_as_announced_is_not_added(
    sent: bytes | None, error: type[CountersignError], reason: str
) -> None:
    here = world()
    upload = FileUpload(document="d1", file=announced(), id="u1")
    if sent is not None:
        here.files.receive("d1", "u1", sent)
    with pytest.raises(error, match=reason):
        complete_upload(here.store, here.files, upload, ANNA, here.new_id)
    assert (names(here), here.files.ids("d1")) == ([], frozenset())


def test_content_of_another_type_than_the_name_is_not_added() -> None:
    here = world()
    with pytest.raises(PermanentError, match=r"the content is not of the type \.pdf"):
        add(here, b"<html>")
    assert (names(here), here.files.ids("d1")) == ([], frozenset())


def test_another_file_of_the_same_name_is_refused_before_it_is_sent() -> None:
    here = world()
    add(here)
    upload = FileUpload(document="d1", file=announced(b"%PDF-other", "contract.PDF"), id="u2")
    with pytest.raises(ConflictError, match=r"another file named Contract\.pdf; replace it, or"):
        begin_upload(here.documents, here.files, upload)
    # And where it came meanwhile, when it is completed.
    here.files.receive("d1", "u2", b"%PDF-other")
    with pytest.raises(ConflictError, match="another file named"):
        complete_upload(here.store, here.files, upload, ANNA, here.new_id)
    assert names(here) == ["Contract.pdf"]


def test_a_file_that_is_replaced_keeps_its_place_and_its_bytes_go() -> None:
    here = world()
    add(here)
    add(here, name="Annex.pdf", kind="attachment")
    new = add(here, b"%PDF-2.0 better", replace=True)
    assert names(here) == ["Contract.pdf", "Annex.pdf"]
    assert here.files.get("d1", new) == b"%PDF-2.0 better"
    assert len(here.files.ids("d1")) == 2
    text = [line.text for line in here.documents.timeline("d1")][-1]
    assert text.startswith("anna@acme.example replaced Contract.pdf (contract, 21 bytes, SHA-256 ")
    assert " by Contract.pdf (contract, 15 bytes, SHA-256 " in text


@pytest.mark.parametrize("kind", ["signed_pdf", "audit_trail"])
def test_nobody_can_upload_what_the_provider_makes(kind: FileKind) -> None:
    here = world()
    with pytest.raises(PermanentError, match="comes from the signing provider; choose another"):
        add(here, kind=kind)


def test_a_document_has_at_most_forty_files() -> None:
    here = world()
    for number in range(40):
        add(here, name=f"Annex {number}.pdf", kind="attachment")
    with pytest.raises(PermanentError, match="has 40 files already, the most it may have"):
        add(here, name="Annex 40.pdf")
    add(here, b"%PDF-new", name="Annex 7.pdf", replace=True)
    assert len(names(here)) == 40


def test_a_removed_file_is_gone_with_its_bytes() -> None:
    here = world()
    add(here)
    kept = add(here, name="Annex.pdf")
    removed = remove_file(here.store, here.files, "d1", " contract.PDF", ANNA)
    assert (removed.name, names(here)) == ("Contract.pdf", ["Annex.pdf"])
    assert here.files.ids("d1") == {kept.id}
    with pytest.raises(NotFoundError, match=r'no file "Contract\.pdf"; there are Annex\.pdf'):
        remove_file(here.store, here.files, "d1", "Contract.pdf", ANNA)


def test_two_files_with_the_same_bytes_do_not_share_them() -> None:
    here = world()
    add(here)
    copy = add(here, name="Copy.pdf")
    remove_file(here.store, here.files, "d1", "Contract.pdf", ANNA)
    assert here.files.get("d1", copy) == PDF


@pytest.mark.parametrize("document", ["d2", ""])
def test_a_document_that_does_not_exist_gets_no_files(document: str) -> None:
    here = world()
    upload = FileUpload(document=document, file=announced(), id="u1")
    for step in (
        lambda: begin_upload(here.documents, here.files, upload),
        lambda: complete_upload(here.store, here.files, upload, ANNA, here.new_id),
        lambda: download_address(here.documents, here.files, document, "Contract.pdf"),
    ):
        with pytest.raises(NotFoundError, match="there is no document"):
            step()


def test_a_link_leads_to_its_file_until_it_expires_and_to_no_other() -> None:
    here = world()
    file = add(here)
    link = FileLink(document="d1", file=file.id, expires_at=here.now + timedelta(days=1))

    def followed(link: FileLink | None, later: timedelta = timedelta()) -> tuple[bool, bool]:
        target = follow_link(here.documents, here.files, link, here.now + later)
        return target.address is not None, target.expired

    assert followed(link) == (True, False)
    assert followed(link, timedelta(hours=23, minutes=59)) == (True, False)
    assert followed(link, timedelta(days=1)) == (False, True)
    assert followed(None) == (False, False)
    for other in ({"document": "d2"}, {"file": "f-99"}):
        assert followed(link.model_copy(update=other)) == (False, False)
    add(here, b"%PDF-better", replace=True)
    assert followed(link) == (False, False)
