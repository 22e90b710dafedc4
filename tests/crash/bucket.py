"""The bucket of the documents' files, and the people who send files to it and have them removed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from countersign.adapters.memory.services.file_store import MemoryFileStore
from countersign.errors import ConflictError, PermanentError, UnavailableError
from countersign.model.actor import user
from countersign.model.stored_file import NewFile, StoredFile
from countersign.ports import FileStore
from countersign.use_cases.documents.files import (
    FileUpload,
    begin_upload,
    complete_upload,
    remove_file,
)
from countersign.use_cases.store import Store
from tests.crash.acts import BEN, CARLA, Act
from tests.crash.fate import Crash
from tests.crash.filing import NAMED
from tests.crash.kernel import Kernel

EXPECTED = (PermanentError, ConflictError, UnavailableError)
LATEST = timedelta(minutes=20)
"""How much later than the bytes an upload may be completed; the bytes are kept for a day."""
SOON = timedelta(seconds=10)
MAX_TRIES = 4
CONTENTS = {
    ".pdf": (b"%PDF-1", b"%PDF-2", b"%PDF-3", b"%PDF-4"),
    ".txt": (b"one", b"two", b"three", b"four"),
    ".csv": (b"a;1", b"a;2", b"a;3", b"a;4"),
}


class WatchedBucket(MemoryFileStore):
    """Keeps all bytes that it ever had, by document and file; may lose some."""

    def __init__(self, kernel: Kernel) -> None:
        super().__init__()
        self._kernel = kernel
        self.ever: dict[tuple[str, str], bytes] = {}
        self.lost: set[tuple[str, str]] = set()
        """What the seed has lost, and no function."""

    def keep_upload(self, document: str, upload: str, file: str) -> None:
        """Keep what was sent."""
        super().keep_upload(document, upload, file)
        self._note(document, file)

    def put(self, document: str, file: str, content: bytes) -> None:
        """Keep the bytes."""
        super().put(document, file, content)
        self._note(document, file)

    def remove(self, document: str, file: str) -> None:
        """Forget them; no file of the document may be left without."""
        super().remove(document, file)
        held = self._kernel.state.documents.get(document)
        if held is not None and any(one.id == file for one in held.stored_files):
            self._kernel.state.broken("whole", f"the bytes of {file} of {document} are removed")

    def has(self, document: str, file: str) -> bytes | None:
        """The bytes that are there now."""
        return self._kept.get((document, file))

    def lose(self, document: str, file: str) -> None:
        """The bytes are gone, and nobody has removed them."""
        self.lost.add((document, file))
        super().remove(document, file)

    def _note(self, document: str, file: str) -> None:
        content = self._kept[document, file]
        if self.ever.setdefault((document, file), content) != content:
            text = f"the bytes of {file} of {document} were {self.ever[document, file]!r}"
            self._kernel.state.broken("whole", f"{text}, and are {content!r}")


@dataclass(frozen=True, slots=True)
class _Sending:
    """An upload on its way."""

    name: str
    upload: FileUpload
    content: bytes | None
    """What is sent; None where nothing is."""
    by: str


class FilePeople:
    """Who adds files and removes them; each step may fail, come late or twice."""

    def __init__(
        self, kernel: Kernel, store: Store, port: FileStore, bucket: WatchedBucket
    ) -> None:
        self._kernel = kernel
        self._store = store
        self._port = port
        self._bucket = bucket
        self._uploads = 0
        self._ids = 0
        self.announced: dict[str, FileUpload] = {}
        """What was to be added, by the name of the command that adds it."""
        self.removals: dict[str, str] = {}
        """The name of the file that a command removes."""

    # --- adding

    def upload(self, act: Act, document: str) -> None:
        """Somebody adds a file: announces it, sends its bytes, and completes the upload."""
        _, number, content, wrong, replaces = act.with_
        self._uploads += 1
        name, kind = NAMED[number]
        sent = CONTENTS[name[-4:]][content]
        announced = sent
        if wrong == "of another type":
            sent = announced = b"\0" + sent
        elif wrong == "other":
            sent = sent[:-1] + b"!"
        elif wrong == "cut":
            sent = sent[:-1]
        digest = hashlib.sha256(announced).hexdigest()
        file = NewFile.model_validate(
            {"name": name, "kind": kind, "size": len(announced), "sha256": digest}
        )
        upload = FileUpload(document=document, file=file, id=f"u-{self._uploads}", replace=replaces)
        by = (BEN, CARLA)[self._uploads % 2]
        command = f"person: upload {self._uploads} of {name}"
        self.announced[command] = upload
        sending = _Sending(command, upload, None if wrong == "unsent" else sent, by)
        self._step(f"{command} begun", partial(self._begin, sending), self._send, sending)

    def _begin(self, sending: _Sending) -> object:
        return begin_upload(self._store.documents, self._port, sending.upload)

    def _send(self, sending: _Sending, _: object) -> None:
        """The bytes go to the bucket itself, by its address."""
        kernel, upload = self._kernel, sending.upload
        fault = kernel.strike(f"{sending.name} sent", ("never sent", "late", "twice"))
        if sending.content is not None and fault != "never sent":
            self._bucket.receive(upload.document, upload.id, sending.content)
        delay = timedelta(seconds=1)
        if fault == "late":
            delay = LATEST * kernel.fate.number(sending.name)
        for _ in range(2 if fault == "twice" else 1):
            self._later(delay, partial(self._finish, sending))
            delay += kernel.fate.pick(f"{sending.name} again", (SOON, LATEST)) * (
                kernel.fate.number(sending.name)
            )

    def _finish(self, sending: _Sending) -> None:
        self._step(sending.name, partial(self._complete, sending), _nothing, sending)

    def _complete(self, sending: _Sending) -> StoredFile:
        state, document = self._kernel.state, sending.upload.document
        file = complete_upload(
            self._store, self._port, sending.upload, user(sending.by), self._new_id
        )
        there = self._kernel.versions_since(document)
        if not any(file in version.stored_files for version in there):
            state.broken("whole", f"{sending.name} was answered, and {document} has no such file")
        return file

    def _new_id(self) -> str:
        self._ids += 1
        return f"n-{self._ids}"

    def _step(
        self,
        name: str,
        work: Callable[[], object],
        then: Callable[[_Sending, object], None],
        sending: _Sending,
        tries: int = 1,
    ) -> None:
        outcome: Any = self._kernel.invoke(name, work)
        if not self._kernel.failed(name, outcome, EXPECTED):
            then(sending, outcome)
        elif isinstance(outcome, Crash | UnavailableError) and tries < MAX_TRIES:
            # Whoever got no answer does it again, with the same upload.
            again = partial(self._step, name, work, then, sending, tries + 1)
            self._later(timedelta(seconds=30), again)

    def _later(self, delay: timedelta, work: Callable[[], None]) -> None:
        self._kernel.agenda.add(self._kernel.now + delay, "person", work)

    # --- removing and losing

    def remove(self, act: Act, document: str) -> None:
        """Somebody removes one of the document's files, whatever became of it meanwhile."""
        file = self._one_of(document, act.with_[1])
        if file is not None:
            command = f"person: remove {file.name} from {document}"
            self.removals[command] = file.name

            def work() -> object:
                return remove_file(self._store, self._port, document, file.name, user(BEN))

            self._kernel.failed(command, self._kernel.invoke(command, work), EXPECTED)

    def lose(self, act: Act, document: str) -> None:
        """The bucket loses the bytes of a file."""
        file = self._one_of(document, act.with_[1])
        if file is not None:
            self._kernel.tell(f"the bytes of {file.name} ({file.id}) are lost")
            self._bucket.lose(document, file.id)

    def _one_of(self, document: str, number: int) -> StoredFile | None:
        held = self._kernel.state.documents.get(document)
        files = held.stored_files if held else ()
        return files[number % len(files)] if files else None


def _nothing(sending: _Sending, outcome: object) -> None:
    """Nothing follows."""
