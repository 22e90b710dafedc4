"""The files of a document: which may be added, under which name, and what is told of it."""

from __future__ import annotations

from typing import Any

import pytest

from countersign.engine.decisions.files import check_addition, with_file
from countersign.errors import ConflictError, CountersignError, PermanentError
from countersign.model.actor import done_by, user
from countersign.model.document import Document
from countersign.model.stored_file import NewFile, StoredFile
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
