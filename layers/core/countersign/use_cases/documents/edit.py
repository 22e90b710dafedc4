"""What a person does to a document: saves fields, responsible and stage, or calls it by a code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from countersign.engine.compiled_pipeline import CompiledPipeline
from countersign.engine.decisions.decide import create, edit, happen
from countersign.engine.decisions.decision import Decision
from countersign.model.actor import Actor, done_by
from countersign.model.document import Document
from countersign.model.document_event import DocumentEvent
from countersign.rules.base import Edit
from countersign.use_cases.runs.propagate import propagated
from countersign.use_cases.store import Store
from countersign.use_cases.transact import CommitResult, Proposal, transact

Check = Callable[[Document], None]


def accept(document: Document) -> None:
    """Any document will do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDocument:
    """A document that somebody makes."""

    id: str
    """Must be new."""
    pipeline: str
    values: Mapping[str, object] = field(default_factory=dict)
    """Fields by name, as people write them."""
    stage: str | None = None
    """None: the pipeline's first."""


def make(store: Store, wanted: NewDocument, actor: Actor) -> Decision:
    """Make a document that has no envelope yet; one may be attached to it later.

    Raises NotFoundError for an unknown pipeline, PermanentError for a field or stage that does not
    exist.
    """
    program = store.programs.current(wanted.pipeline)
    origin = done_by(actor, store.clock())
    decision = create(program, wanted.id, wanted.values, origin, stage=wanted.stage)
    store.commit(propagated(store, decision.change(), decision, program))
    return decision


def save(
    store: Store,
    document_id: str,
    wanted: Edit,
    actor: Actor,
    check: Check = accept,
) -> CommitResult[Decision]:
    """Apply the changes to the document as it is now; a conflict is decided anew.

    ``check`` raises where the document is not as it should be for them.
    Raises NotFoundError for an unknown document, PermanentError for a field or stage that does
    not exist, ConflictError when the document keeps changing under it.
    """

    def decide(program: CompiledPipeline, before: Document) -> Decision:
        check(before)
        return edit(program, before, wanted, done_by(actor, store.clock()))

    return decided(store, document_id, decide)


def call_by_code(store: Store, document_id: str, code: str, actor: Actor) -> CommitResult[Decision]:
    """Call the document by a code, for which a trigger may wait; every call is a new one.

    Raises NotFoundError for an unknown document, ConflictError as ``save`` does.
    """

    def decide(program: CompiledPipeline, before: Document) -> Decision:
        origin = done_by(actor, store.clock())
        happening = DocumentEvent(kind="api.called", at=origin.at, detail={"code": code})
        text = f"{actor} called the document by a code"
        return happen(program, before, happening, text, origin)

    return decided(store, document_id, decide)


def decided(
    store: Store, document_id: str, decide: Callable[[CompiledPipeline, Document], Decision]
) -> CommitResult[Decision]:
    """Decide on the document as it is now, and commit that; a conflict is decided anew.

    Raises what ``decide`` raises, NotFoundError and ConflictError as ``save`` does.
    """

    def propose() -> Proposal[Decision]:
        before = store.document(document_id)
        program = store.programs.current(before.pipeline)
        decision = decide(program, before)
        return Proposal(propagated(store, decision.change(), decision, program), decision)

    return transact(store, propose, subject=f"the document {document_id}")
