"""The files of a document: which may be added, under which name, and what is told of it."""

from __future__ import annotations

from typing import Any

import pytest

from countersign.engine.decisions.files import (
    FileChange,
    check_addition,
    with_file,
    with_provider_file,
    without_file,
)
from countersign.errors import ConflictError, CountersignError, NotFoundError, PermanentError
from countersign.model.actor import Actor, Origin, done_by, user
from countersign.model.document import Document
from countersign.model.log import LogEntry
from countersign.model.stored_file import NewFile, StoredFile
from countersign.model.transaction import Transaction
from countersign.simulation.world import START

ANNA = done_by(user("anna@acme.example"), START)


def file(name: str, **more: Any) -> StoredFile:
    given = {"id": f"f-{name}", "kind": "contract", "size": 3, "sha256": "a" * 64}
    return StoredFile.model_validate(
        {
            "name": name,
            "media_type": "application/pdf",
            "added_at": START,
            "added_by": "anna@acme.example",
            **given,
            **more,
        }
    )


def document(*files: StoredFile) -> Document:
    return Document(
        id="d",
        pipeline="contracts",
        stage="s",
        since=START,
        created_at=START,
        stored_files=files,
    )


FORTY = tuple(file(f"{number}.pdf") for number in range(40))
SIGNED = file("Lease.pdf", kind="signed_pdf")


@pytest.mark.parametrize(
    ("files", "added", "error", "text"),
    [
        (FORTY, file("one more.pdf"), PermanentError, "40 files"),
        ((file("a.pdf"),), file("A.PDF", sha256="b" * 64), ConflictError, "another file named a"),
        ((SIGNED,), file("lease.pdf"), PermanentError, "is the name of the signed PDF"),
        ((), file("a.pdf", kind="audit_trail"), PermanentError, "comes from the signing provider"),
    ],
)
def test_what_may_not_be_added_is_refused_when_it_is_announced_and_when_it_is_there(
    files: tuple[StoredFile, ...], added: StoredFile, error: type[CountersignError], text: str
) -> None:
    """Between the two, somebody else may have added another file."""
    announced = NewFile(name=added.name, kind=added.kind, size=added.size, sha256=added.sha256)
    with pytest.raises(error, match=text):
        check_addition(document(*files), announced)
    with pytest.raises(error, match=text):
        with_file(document(*files), added, ANNA)


def test_files_of_the_provider_do_not_count() -> None:
    few = document(*FORTY[:39], SIGNED, file("trail.pdf", kind="audit_trail"))
    assert with_file(few, file("the last.pdf"), ANNA).change is not None


# --- whole changes

A, B = "a" * 64, "b" * 64
SYSTEM = Origin(by=Actor(kind="system", name="system"), at=START, cause="provider:docusign x")


def written(origin: Origin, before: Document, text: str, *files: StoredFile) -> Transaction:
    """The change after which the document has these files."""
    after = before.model_copy(update={"version": before.version + 1, "stored_files": files})
    line = LogEntry(
        at=START, kind="file", text=text, by=str(origin.by), entry=1, cause=origin.cause
    )
    return Transaction(document=after, was_version=before.version, log=(line,))


PLAN, OTHER = file("Plan.pdf", size=2000), file("Other.pdf", sha256=B)


def test_a_file_that_is_added_stands_behind_the_others_and_on_the_timeline() -> None:
    text = f"anna@acme.example added Plan.pdf (contract, 2,000 bytes, SHA-256 {A})"
    before = document(OTHER)
    assert with_file(before, PLAN, ANNA) == FileChange(
        change=written(ANNA, before, text, OTHER, PLAN), file=PLAN
    )


def test_a_file_that_is_replaced_keeps_its_place() -> None:
    newer = file("PLAN.pdf", id="n", sha256=B)
    text = (
        f"anna@acme.example replaced Plan.pdf (contract, 2,000 bytes, SHA-256 {A}) by PLAN.pdf "
        f"(contract, 3 bytes, SHA-256 {B})"
    )
    before = document(PLAN, OTHER)
    assert with_file(before, newer, ANNA, replace=True) == FileChange(
        change=written(ANNA, before, text, newer, OTHER), file=newer, gone=PLAN
    )


def test_the_very_file_that_is_there_is_not_added_again() -> None:
    again = file("plan.PDF", id="n")
    assert with_file(document(PLAN), again, ANNA) == FileChange(change=None, file=PLAN)
    # The same bytes as another kind of file are another file.
    invoice = file("Plan.pdf", id="n", kind="invoice")
    assert with_file(document(PLAN), invoice, ANNA).gone == PLAN


def test_what_is_removed_is_told_and_its_bytes_are_not_needed_any_more() -> None:
    text = f"anna@acme.example removed Plan.pdf (contract, 2,000 bytes, SHA-256 {A})"
    before = document(PLAN, OTHER)
    assert without_file(before, "plan.pdf", ANNA) == FileChange(
        change=written(ANNA, before, text, OTHER), file=PLAN, gone=PLAN
    )


@pytest.mark.parametrize(("files", "there"), [((), "none"), ((PLAN, OTHER), "Plan.pdf, Other.pdf")])
def test_a_file_that_is_not_there_is_answered_by_those_that_are(
    files: tuple[StoredFile, ...], there: str
) -> None:
    with pytest.raises(NotFoundError) as refused:
        without_file(document(*files), "x.pdf", ANNA)
    assert str(refused.value) == f'the document d has no file "x.pdf"; there are {there}'


def test_what_the_provider_made_is_kept_and_told() -> None:
    text = f"the signed PDF of the provider is kept: Lease.pdf (signed PDF, 3 bytes, SHA-256 {A})"
    before = document(PLAN)
    assert with_provider_file(before, SIGNED, SYSTEM) == FileChange(
        change=written(SYSTEM, before, text, PLAN, SIGNED), file=SIGNED
    )
    again = file("Lease.pdf", id="n", kind="signed_pdf")
    assert with_provider_file(document(SIGNED), again, SYSTEM) == FileChange(
        change=None, file=SIGNED
    )


@pytest.mark.parametrize(
    ("there", "added", "name"),
    [
        (["Lease.pdf"], "signed_pdf", "Lease - signed.pdf"),
        (["Lease.pdf", "Lease - signed.pdf"], "signed_pdf", "Lease - signed (2).pdf"),
        (["Lease.pdf"], "audit_trail", "Lease (2).pdf"),
        (["Other.pdf"], "signed_pdf", "Lease.pdf"),
    ],
)
def test_a_signed_pdf_beside_a_file_of_its_name_says_which_it_is(
    there: list[str], added: str, name: str
) -> None:
    home = document(*(file(one) for one in there))
    fetched = file("Lease.pdf", id="n", kind=added, sha256=B)
    assert with_provider_file(home, fetched, SYSTEM).file.name == name


def test_ten_files_of_a_kind_are_kept_of_a_provider() -> None:
    made = [file(f"{n}.pdf", kind="signed_pdf", sha256=f"{n:064}") for n in range(10)]
    trails = [file(f"t{n}.pdf", kind="audit_trail", sha256=f"{n:064}") for n in range(10)]
    assert with_provider_file(document(*made[:9], *trails), SIGNED, SYSTEM).change is not None
    with pytest.raises(PermanentError) as refused:
        with_provider_file(document(*made), SIGNED, SYSTEM)
    assert str(refused.value) == (
        "the document has 10 files of the kind signed PDF already; remove one"
    )
