"""Attaching an envelope that exists at a provider to a document, by hand."""

from __future__ import annotations

from countersign.engine.decisions.decide import attach
from countersign.engine.decisions.decision import Decision
from countersign.errors import NotFoundError, PermanentError
from countersign.model.actor import Actor, done_by
from countersign.model.connection import Connection
from countersign.model.document import Document
from countersign.ports import EnvelopeSnapshot
from countersign.use_cases.documents.edit import Check, accept
from countersign.use_cases.messages.apply_message import document_id as own_document_id
from countersign.use_cases.runs.propagate import propagated
from countersign.use_cases.store import Store
from countersign.use_cases.transact import CommitResult, Proposal, transact

LONGEST_ENVELOPE = 500
"""Characters of an envelope's id."""


def attach_envelope(
    store: Store,
    document_id: str,
    target: tuple[str, str],
    actor: Actor,
    check: Check = accept,
) -> CommitResult[Decision]:
    """Attach the envelope to the document: messages about it find the document from now on.

    ``target``: the connection that reports the envelope, and the provider's id of it. What was
    reported before is not reported again. NotFoundError for an unknown document or connection,
    PermanentError where the document has an envelope, belongs to another pipeline than the
    connection, or where the envelope has a document.
    """
    connection_id, envelope = target[0], target[1].strip()
    if not envelope or len(envelope) > LONGEST_ENVELOPE:
        msg = f"an envelope's id has 1 to {LONGEST_ENVELOPE} characters; found {len(envelope)}"
        raise PermanentError(msg)

    def propose() -> Proposal[Decision]:
        document = store.document(document_id)
        check(document)
        arrival = store.documents.read_arrival(
            connection_id,
            document.pipeline,
            envelope,
            own_document_id(connection_id, envelope),
        )
        connection = _checked(document, arrival, target)
        program = store.programs.current(document.pipeline)
        origin = done_by(actor, store.clock())
        decision = attach(program, document, connection, envelope, origin)
        change = decision.change(attach=[f"{connection_id}#{envelope}"])
        return Proposal(propagated(store, change, decision, program), decision)

    return transact(store, propose, subject=f"the document {document_id}")


def _checked(document: Document, arrival: EnvelopeSnapshot, target: tuple[str, str]) -> Connection:
    """The connection; raises where the envelope cannot be attached."""
    connection_id, envelope = target
    connection = arrival.connection
    if connection is None:
        raise NotFoundError(f'there is no connection "{connection_id}"')
    if connection.pipeline != document.pipeline:
        msg = (
            f"the connection {connection.id} belongs to the pipeline {connection.pipeline}, "
            f"the document {document.id} to {document.pipeline}"
        )
        raise PermanentError(msg)
    if document.envelope is not None:
        msg = f"the document {document.id} has the envelope {document.envelope} already"
        raise PermanentError(msg)
    if arrival.document is not None:
        msg = f"the envelope {envelope} belongs to the document {arrival.document.id} already"
        raise PermanentError(msg)
    return connection
