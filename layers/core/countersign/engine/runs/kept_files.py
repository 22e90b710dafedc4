"""Fetching what the signing provider makes of an envelope: a run of its own for each file."""

from __future__ import annotations

from collections.abc import Iterator

from countersign.model.actor import Origin
from countersign.model.connection import Connection
from countersign.model.document import Document
from countersign.model.run import Run
from countersign.model.run_purpose import KeepFileRun

BEHIND = 9_998
"""Their place in the plan of their entry: behind its rules."""


def is_signed(document: Document) -> bool:
    """Whether all have signed, so that the provider has, or makes, the signed document.

    Of an envelope that was opened again, what was ready before says nothing.
    """
    ready = "signed_pdf" in document.files and document.reopened_at is None
    return ready or document.status == "completed"


def runs_to_keep(
    before: Document | None, document: Document, connection: Connection, origin: Origin
) -> Iterator[Run]:
    """The runs that fetch what this change of the document has made ready."""
    if not is_signed(document):
        return
    if before is not None and is_signed(before) and before.reopened_at == document.reopened_at:
        return
    for place, kind in enumerate(connection.keep_files):
        if document.files_of(kind):
            continue  # that it was opened again in between is reported after it was completed again
        yield Run(
            document=document.id,
            entry=document.entry,
            rule=KeepFileRun(kind=kind, version=document.version).name,
            position=BEHIND + place,
            pipeline=document.pipeline,
            pipeline_version=document.planned_with[-1],
            stage=document.stage,
            kind="keep_file",
            lane="web",
            state="ready",
            planned_at=origin.at,
            due=origin.at,
            on_leave="keep",
            cause=origin.cause,
        )
