"""The document: the item that moves through a pipeline's stages."""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from countersign.model.base import Instant, Model
from countersign.model.erased_person import ErasedPerson
from countersign.model.signing_event import EnvelopeStatus, Sender, Signer, SignerRef
from countersign.model.stored_file import FROM_PROVIDER, FileKind, StoredFile

FieldValue = str | Decimal | bool | tuple[str, ...] | None
"""A field's value: text, choice, user, date and time as text (ISO 8601), numbers and amounts as
Decimal, yes/no as bool, lists as tuples of text."""


class PendingUpdates(Model):
    """What changes of a document still mean for its runs, since one transaction was too small."""

    fields: dict[str, int] = {}
    """Date fields that not every run has followed yet, each with the version that changed it."""
    entries: tuple[int, ...] = ()
    """Stage entries that were left, whose kept rules have not all got their turn."""


class OverridingEnd(Model):
    """An end of the envelope that was reported besides the one that holds, and came after it."""

    status: EnvelopeStatus
    at: Instant
    reason: str | None = None


class HandOver(Model):
    """One signer has handed on to another; lists of before it still name the former."""

    by: SignerRef
    to: SignerRef
    at: Instant


class DocumentCard(NamedTuple):
    """What the lists of a pipeline's stages hold of a document."""

    stage: str
    since: datetime
    """When the document arrived in its stage, in UTC."""
    id: str
    title: str | None


class Document(Model):
    """One contract out for signature, as the product knows it now."""

    id: str
    pipeline: str
    stage: str
    entry: int = 1
    """Number of the current stage entry, from 1."""
    since: Instant
    """When the document arrived in its stage."""
    version: int = 1
    """Grows by one with every change: the optimistic lock, and the order of the timeline."""
    created_at: Instant
    previous_stage: str | None = None
    moved_by: str | None = None
    """Who is written as the author of the last move: a user, or ``system``."""
    automatic_moves: int = 0
    """Automatic moves since a person or a provider last did something: the loop guard."""
    planned_with: tuple[int, ...] = ()
    """The pipeline's versions that its stage entries were planned with, oldest first; without those
    that were found to have no run any more."""
    timeline_hash: str | None = None
    """The hash over its whole timeline; None before the first entry that has one."""
    erased: tuple[ErasedPerson, ...] = ()
    """Whose personal data was erased from it, oldest request first."""
    pending_updates: PendingUpdates | None = None
    """What the run of its backlog still has to do; None nearly always."""
    word_index: int = 0
    """The version of the word index that its words were written to, ``search_words.WORD_INDEX``;
    0 where none were."""
    words_to_add: tuple[str, ...] = ()
    words_to_remove: tuple[str, ...] = ()
    """Its words that the index does not have yet, and those that it still has; none nearly always.
    The run of its backlog writes them."""

    title: str | None = None
    title_of_template: bool = False
    """Whether the title is only the name of the envelope's template."""
    number: str | None = None
    responsible: str | None = None
    observers: tuple[str, ...] = ()
    amount: Decimal | None = None
    currency: str | None = None
    fields: dict[str, FieldValue] = {}
    """The pipeline's own fields, by id."""
    edited: tuple[str, ...] = ()
    """Fields whose value a person gave: the provider's messages leave them alone."""
    envelope_title: str | None = None
    """The envelope's title as last reported, where a person gave the document another."""

    connection: str | None = None
    provider: str | None = None
    envelope: str | None = None
    """The provider's id of the envelope, as the first message named it."""
    envelope_aliases: tuple[str, ...] = ()
    """Other ids by which the provider names the same envelope."""
    status: EnvelopeStatus | None = None
    """How far the envelope is at the provider."""
    heard: tuple[str, ...] = ()
    """The envelope's steps that were reported, of those that a later one may overtake."""
    status_at: Instant | None = None
    """When ``status`` came about, by the provider's clock."""
    reopened_at: Instant | None = None
    """When the provider last opened the envelope again: what ended it before that is over."""
    later_end: OverridingEnd | None = None
    """Holds in place of ``status`` where the envelope turns out to have been opened in between."""
    state_at: Instant | None = None
    """Up to when the envelope's title, signers and deadline are known, by the provider's clock."""
    reason: str | None = None
    """Why the envelope was declined or voided, in the words of the person who did."""
    sender: Sender | None = None
    signers: tuple[Signer, ...] = ()
    signers_complete: bool = False
    """Whether a message has reported the whole list of signers, so that nobody else must sign."""
    hand_overs: tuple[HandOver, ...] = ()
    """Who handed on to whom, oldest message first, until a later whole list is reported."""
    sent_at: Instant | None = None
    completed_at: Instant | None = None
    expires_at: Instant | None = None
    envelope_fields: dict[str, str] = {}
    """The envelope's custom fields that the connection maps, as last reported."""
    files: tuple[str, ...] = ()
    """What is known to exist of the envelope's files: ``signed_pdf`` once it is ready."""
    stored_files: tuple[StoredFile, ...] = ()
    """The document's own files, oldest first; their bytes are in the bucket."""

    def files_of(self, kind: FileKind) -> tuple[StoredFile, ...]:
        """The files of that kind, oldest first. Of what the provider made, the newest, and none
        where the envelope was opened again since it was fetched."""
        files = tuple(file for file in self.stored_files if file.kind == kind)
        if kind not in FROM_PROVIDER:
            return files
        reopened = self.reopened_at
        return tuple(file for file in files[-1:] if reopened is None or file.added_at > reopened)

    @property
    def file_kinds(self) -> tuple[str, ...]:
        """Of which kinds there are files, here or at the provider."""
        return tuple(dict.fromkeys((*self.files, *(file.kind for file in self.stored_files))))

    def after_user_action(self) -> "Document":
        """Its next version, written because of something that a person did about it: automatic
        moves are counted anew."""
        return self.model_copy(update={"version": self.version + 1, "automatic_moves": 0})

    def signer(self, signer_id: str) -> Signer | None:
        """The signer of that id, or None."""
        return next((signer for signer in self.signers if signer.id == signer_id), None)
