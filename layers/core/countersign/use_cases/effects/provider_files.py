"""What signing providers made of an envelope: fetched once, kept, and the same bytes ever after."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from countersign.engine.decisions.files import with_provider_file
from countersign.errors import NothingToDoError, PermanentError
from countersign.model.actor import Actor, done_by
from countersign.model.document import Document
from countersign.model.provider_api import KEPT_FILES
from countersign.model.run_purpose import KeptKind
from countersign.model.stored_file import LONGEST_NAME, StoredFile, announced, file_name
from countersign.ports import FileStore
from countersign.rules._shared.keep_file import KeepFile
from countersign.rules.base import RuleContext
from countersign.use_cases.effects.base import EffectResult, PreparedEffect
from countersign.use_cases.effects.provider_api import Accounts
from countersign.use_cases.store import Store
from countersign.use_cases.transact import Proposal, transact

_ENDINGS: Mapping[KeptKind, str] = {"signed_pdf": ".pdf", "audit_trail": " - audit trail.pdf"}


ERASED = (
    "personal data was erased from the document on request: files of the provider, which would "
    "bring it back, are not fetched any more"
)


class ProviderFiles:
    """Fetches and keeps; of two who do it at once, both get what the first has kept."""

    def __init__(
        self, store: Store, accounts: Accounts, files: FileStore, new_id: Callable[[], str]
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._files = files
        self._new_id = new_id

    def kept(self, document: Document, kind: KeptKind) -> StoredFile:
        """The document's file of that kind, fetched where it is not kept yet.

        PermanentError where it cannot be had, TransientError where it can later.
        """
        if there := document.files_of(kind):
            return there[0]
        _check_nobody_erased(document)
        content = self._accounts.file(document, KEPT_FILES[kind])
        announcement = announced(file_after(document, _ENDINGS[kind]), kind, content)
        file = announcement.stored(self._new_id(), at=self._store.clock(), by="system")
        # The bytes first: a file of the document always has them. Those of a second writer, or of
        # one after an erasure of personal data, are removed with the document.
        self._files.put(document.id, file.id, content)
        return self._add(document.id, file, kind)

    def has(self, document_id: str, file: StoredFile) -> bool:
        """Whether the file is one of the document's, as it is now."""
        return file in self._store.document(document_id).stored_files

    def _add(self, document_id: str, file: StoredFile, kind: KeptKind) -> StoredFile:
        def propose() -> Proposal[StoredFile]:
            document = self._store.document(document_id)
            if there := document.files_of(kind):
                return Proposal(None, there[0])
            _check_nobody_erased(document)
            origin = done_by(Actor(kind="system", name="system"), self._store.clock())
            added = with_provider_file(document, file, origin)
            return Proposal(added.change, added.file)

        return transact(self._store, propose, subject=f"the document {document_id}").outcome

    def prepare(self, kind: KeepFile, context: RuleContext) -> PreparedEffect:
        """Keeping the file; asked for again, it is kept already."""
        if context.document.erased:
            raise NothingToDoError(ERASED)

        def execute() -> EffectResult:
            file = self.kept(context.document, kind.wanted)
            return EffectResult(result={"file": file.name, "sha256": file.sha256})

        return PreparedEffect(execute=execute, repeatable=True)


def _check_nobody_erased(document: Document) -> None:
    """PermanentError where a file of the provider would bring back what was erased."""
    if document.erased:
        raise PermanentError(ERASED)


def file_after(document: Document, ending: str) -> str:
    """A name for a file, after the document's title."""
    title = file_name(document.title or "") or file_name(document.number or "") or "document"
    if title.lower().endswith(".pdf"):
        title = title[:-4].rstrip(". ")
    return title[: LONGEST_NAME - len(ending)].rstrip(". ") + ending
