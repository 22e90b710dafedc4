"""Persons are erased in the end: interrupted anywhere, and erased again until it is finished.

On a copy of what the state holds: the laws of single changes compare what messages told, and know
nothing of pseudonyms.
"""

from __future__ import annotations

from collections.abc import Iterator

from countersign.adapters.memory.services.file_store import MemoryFileStore
from countersign.adapters.memory.tables.process.state import (
    MemoryDocuments,
    MemoryPipelines,
    MemoryState,
)
from countersign.errors import PermanentError, UnavailableError
from countersign.model.actor import user
from countersign.model.document import Document
from countersign.model.erased_person import is_pseudonym
from countersign.model.run import Run
from countersign.model.transaction import Transaction
from countersign.use_cases.personal_data.erase import (
    DataEraser,
    Subject,
    documents_of,
    erase_person,
)
from countersign.use_cases.pipelines.compiled_pipelines import CompiledPipelines
from countersign.use_cases.store import Store
from tests.crash.acts import BEN
from tests.crash.timeline_laws import hash_faults
from tests.crash.universe import Universe
from tests.crash.wire import read_back

MAX_TIMES = 100
"""How often erasing is begun again at most."""


class _Interrupted(MemoryDocuments):
    """The database goes away after so many changes, and one more each time."""

    def __init__(self, state: MemoryState, first: int) -> None:
        super().__init__(state)
        self._left = self._most = first

    def commit(self, change: Transaction) -> None:
        """Write it as it is read back, or be away."""
        if not self._left:
            self._most += 1
            self._left = self._most
            raise UnavailableError("the database gives no answer")
        self._left -= 1
        super().commit(read_back(change))


def erase_in_the_end(universe: Universe) -> None:
    """Erase the last signer of each document from all documents; note every law that is broken."""
    state = _copy(universe.state)
    for document in tuple(state.documents.values()):
        addresses = [one.email for one in document.signers if one.email]
        if not addresses or is_pseudonym(addresses[-1]):
            continue
        for law, text in _erase(state, addresses[-1], universe):
            universe.state.broken(law, text)


def _copy(state: MemoryState) -> MemoryState:
    copied = MemoryState()
    for name in ("documents", "runs", "events", "tasks", "aliases", "heads", "versions"):
        setattr(copied, name, dict(getattr(state, name)))
    copied.logs = {name: list(parts) for name, parts in state.logs.items()}
    return copied


def _erase(state: MemoryState, address: str, universe: Universe) -> Iterator[tuple[str, str]]:
    subject, key = Subject(address=address), f"{universe.scenario.seed:032x}"
    documents, pipelines = MemoryDocuments(state), MemoryPipelines(state)
    store = Store(
        documents=_Interrupted(state, universe.scenario.seed % 3),
        programs=CompiledPipelines(pipelines),
        clock=lambda: universe.now,
        salt=lambda: key,
    )
    eraser = DataEraser(store=store, files=MemoryFileStore(), key=key)
    for name in tuple(documents_of(documents, pipelines, subject)):
        before = documents.get(name), documents.runs(name)
        if not _erased(eraser, name, subject):
            continue
        for text in _left_of(state, name, address):
            yield "erased", text
        for text in _changed(before, (documents.get(name), documents.runs(name))):
            yield "erased", f"{name}: {text}"
        for text in hash_faults(documents, name):
            yield "proven", text


def _erased(eraser: DataEraser, document: str, subject: Subject) -> bool:
    """Erase until it is finished; whether it may be, since the person is in charge of nothing."""
    for _ in range(MAX_TIMES):
        try:
            erase_person(eraser, document, subject, user(BEN))
        except UnavailableError:
            continue
        except PermanentError:
            return False
        else:
            return True
    msg = f"erasing somebody from {document} never came to an end"
    raise RuntimeError(msg)


def _left_of(state: MemoryState, name: str, address: str) -> Iterator[str]:
    """Where the address still is."""
    kept = {
        "the document": state.documents[name],
        "its timeline": state.logs.get(name),
        "its runs": [one for one in state.runs.values() if one.document == name],
        "its tasks": [one for one in state.tasks.values() if one.document == name],
        "its events": [one for one in state.events.values() if one.document == name],
    }
    for where, value in kept.items():
        if address.casefold() in repr(value).casefold():
            yield f"{name}: {address} was erased and is still in {where}"


_Known = tuple[Document | None, tuple[Run, ...]]


def _changed(before: _Known, after: _Known) -> Iterator[str]:
    """What erasing must leave as it is: how far signers and runs are."""
    (one, runs), (other, later) = before, after
    if one is None or other is None:
        yield "the document is gone"
        return
    for known, now in zip(one.signers, other.signers, strict=True):
        if (known.status, known.party, known.signed_at) != (now.status, now.party, now.signed_at):
            yield f"the signer {now.id} was {known.status} and is {now.status}"
    if (one.stage, one.entry, one.status) != (other.stage, other.entry, other.status):
        yield f"it was in {one.stage} and is in {other.stage}"
    for run, now_ in zip(runs, later, strict=True):
        if (run.state, run.due) != (now_.state, now_.due):
            yield f"the run {run.key} was {run.state} and is {now_.state}"
