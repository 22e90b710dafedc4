"""What must be true of documents' files: of each change, each mail, and in the end."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping

from countersign.model.document import Document
from countersign.model.log import LogEntry
from countersign.model.message import Email
from countersign.model.run import Run, RunKey
from countersign.model.run_purpose import KeepFileRun
from countersign.model.stored_file import StoredFile
from tests.crash.bucket import FilePeople, WatchedBucket
from tests.crash.kernel import Kernel
from tests.crash.provider_api import ProviderApi

MADE_BY_PROVIDERS = ("signed_pdf", "audit_trail")
WORDS = {
    "contract": "contract",
    "invoice": "invoice",
    "offer": "offer",
    "attachment": "attachment",
    "signed PDF": "signed_pdf",
    "audit trail": "audit_trail",
}
"""Kinds of files, as the timeline words them."""
FILE = r"(.+?) \(([^,()]+), ([0-9,]+) bytes, SHA-256 ([0-9a-f]{64})\)"
LINES = {
    re.compile(f"[^ ]+ added {FILE}"): "added",
    re.compile(f"the .+ of the provider is kept: {FILE}"): "added",
    re.compile(f"[^ ]+ replaced {FILE} by {FILE}"): "replaced",
    re.compile(f"[^ ]+ removed {FILE}"): "removed",
}
MISSING = ("to attach; add", "is not in the bucket", "not signed by all yet")
"""What reasons say of a file that is not there."""
MAX_TRIES = 8
"""Tries after the first, of what is refused for now."""
MAX_DEATHS = 2
"""How often what its function died over is tried again without a person."""
Told = tuple[str, str, int, str]
"""A file as the timeline tells it: its name, kind, size and hash."""


class FileLaws:
    """Looks at each change of a document's files, and at each mail."""

    def __init__(
        self, kernel: Kernel, bucket: WatchedBucket, people: FilePeople, api: ProviderApi
    ) -> None:
        self._kernel = kernel
        self._bucket = bucket
        self._people = people
        self._api = api
        self._mailed: set[RunKey] = set()
        self.removed: set[tuple[str, str]] = set()
        """Documents and kinds of files of the provider that a person has removed."""

    # --- whole

    def look_at_change(self, old: Document | None, new: Document) -> None:
        """A document's files have changed."""
        broken = self._kernel.state.broken
        before = {one.id: one for one in (old.stored_files if old else ())}
        after = {one.id: one for one in new.stored_files}
        if len(after) != len(new.stored_files):
            broken("whole", f"{new.id} has files of one id: {new.stored_files}")
        if len({one.name.casefold() for one in new.stored_files}) != len(after):
            broken("whole", f"{new.id} has files of one name: {new.stored_files}")
        for one in new.stored_files:
            for text in self._is_whole(new.id, one):
                broken("whole", text)
            if one.id in before and before[one.id] != one:
                broken("whole", f"{before[one.id]} has become {one}")
        for name in after.keys() - before.keys():
            self._look_at_added(new, after[name])
        for name in before.keys() - after.keys():
            self._look_at_gone(new, before[name])
        for kind in MADE_BY_PROVIDERS:
            if len(made := _of_provider(new, kind)) > 1:
                broken("fetched", f"{new.id} was completed once, and has {made}")

    def _is_whole(self, document: str, file: StoredFile) -> Iterator[str]:
        if (document, file.id) in self._bucket.lost:
            return
        content = self._bucket.has(document, file.id)
        if content is None:
            yield f"{file.name} ({file.id}) of {document} has no bytes"
        elif (len(content), hashlib.sha256(content).hexdigest()) != (file.size, file.sha256):
            yield f"{file.name} ({file.id}) of {document} has other bytes: {content!r}"
        elif file.name.lower().endswith(".pdf") and not content.startswith(b"%PDF"):
            yield f"{file.name} ({file.id}) of {document} is not a PDF: {content!r}"

    def _command(self) -> str:
        """The command that is under way, without the number of its try."""
        return re.sub(r"(, too late)?(, \d+\.)?$", "", self._kernel.place.replace(", too late", ""))

    def _look_at_added(self, document: Document, file: StoredFile) -> None:
        broken = self._kernel.state.broken
        if file.kind in MADE_BY_PROVIDERS:
            if self._api.given.get(file.sha256) != (document.envelope, file.kind):
                broken("fetched", f"nobody gave {file} for {document.envelope}")
            return
        upload = self._people.announced.get(self._command())
        added = (document.id, file.name, file.kind, file.size, file.sha256)
        if upload is None or added != (upload.document, *upload.file.model_dump().values()):
            broken("whole", f"{self._command()} has added {file}; announced was {upload}")

    def _look_at_gone(self, document: Document, file: StoredFile) -> None:
        command = self._command()
        upload = self._people.announced.get(command)
        replaced = (
            upload is not None
            and upload.document == document.id
            and upload.file.name.casefold() == file.name.casefold()
            and (upload.replace or upload.file.sha256 == file.sha256)
        )
        wanted = self._people.removals.get(command, "")
        if wanted.casefold() == file.name.casefold() and file.kind in MADE_BY_PROVIDERS:
            self.removed.add((document.id, file.kind))
        if not replaced and wanted.casefold() != file.name.casefold():
            self._kernel.state.broken("whole", f"{command} has taken {file} from {document.id}")

    # --- attached

    def look_at_mail(self, email: Email) -> None:
        """A mail goes with what its rule names, as the document had it during the delivery."""
        run = self._kernel.state.runs.get(email.run)
        if run is None:
            return
        went = [(one.name, one.content) for one in email.attachments]
        names = self._named(run)
        versions = self._kernel.versions_since(run.document)
        wanted = [
            self._contents(run.document, files)
            for own in versions
            for made in versions
            if (files := _files(names, own, made)) is not None
        ]
        if went not in wanted:
            text = f"the mail of {run.key} is to have {names}: {wanted}, and went with {went}"
            self._kernel.state.broken("attached", text)
        self._mailed.add(run.key)

    def look_at_failure(self, run: Run) -> None:
        """A run has failed: for a file that is missing only where it is."""
        names, reason = self._named(run), run.reason or ""
        if not names or not any(text in reason for text in MISSING):
            return
        versions = self._kernel.versions_since(run.document)
        if "not signed" in reason:
            there = all(
                one.status == "completed" or (one.files and not one.reopened_at) for one in versions
            )
        else:
            own = [name for name in names if name not in MADE_BY_PROVIDERS]
            files = [_files(own, one, one) for one in versions]
            last = files[-1] or []
            there = all(one is not None for one in files) and all(
                self._bucket.has(run.document, one.id) for one in last
            )
            signed = [one for kind in names for one in _of_provider(versions[-1], kind)]
            there &= all((run.document, one.id) not in self._bucket.lost for one in signed)
        if there:
            text = f"{run.key} failed, though its files were there: {reason}"
            self._kernel.state.broken("attached", text)

    def _named(self, run: Run) -> tuple[str, ...]:
        rule = self._kernel.state.program_of(run).rule(run.stage, run.rule)
        if rule is None or rule.kind != "send_email":
            return ()
        return tuple(rule.settings.get("attachments", ()))

    def _contents(self, document: str, files: list[StoredFile]) -> list[tuple[str, bytes]]:
        return [(one.name, self._bucket.ever.get((document, one.id), b"")) for one in files]

    # --- the end

    def look_at_end(self, keeps: Mapping[str, tuple[str, ...]]) -> None:
        """``keeps`` are the kinds of files that each connection keeps, of those never removed."""
        state = self._kernel.state
        for document in state.documents.values():
            for one in document.stored_files:
                for text in self._is_whole(document.id, one):
                    state.broken("whole", text)
            for kind in keeps.get(document.connection or "", ()):
                if document.status == "completed" and document.envelope:
                    self._was_fetched(document, kind)
        for run in state.runs.values():
            by_person = "counted as" in (run.reason or "")
            done = run.state == "done" and not run.mails and not by_person
            if done and self._named(run) and run.key not in self._mailed:
                state.broken("attached", f"{run.key} is done, and no mail went")

    def _was_fetched(self, document: Document, kind: str) -> None:
        if _of_provider(document, kind) or (document.id, kind) in self.removed:
            return
        runs = [
            run
            for run in self._kernel.state.runs.values()
            if run.document == document.id
            and isinstance(run.purpose, KeepFileRun)
            and run.purpose.kind == kind
        ]
        if runs and all(self._may_be_without(run) for run in runs[-1:]):
            return
        told = [(run.key.rule, run.state, run.reason) for run in runs]
        self._kernel.state.broken("fetched", f"{document.id} is signed, without {kind}: {told}")

    def _may_be_without(self, run: Run) -> bool:
        """Whether a person has concluded it, it was refused for good, or its tries are used up."""
        reason = run.reason or ""
        by_person = " by " in reason and run.state in ("done", "skipped")
        tries = re.search(r"\(after (\d+) tries\)", reason)
        used_up = (tries is not None and int(tries[1]) > MAX_TRIES) or (
            run.state == "in_doubt" and run.swept >= MAX_DEATHS
        )
        return by_person or used_up or (run.state == "failed" and self._api.refused)


def _of_provider(document: Document, kind: str) -> list[StoredFile]:
    """What the provider made since the envelope was opened last."""
    since = document.reopened_at
    files = [one for one in document.stored_files if one.kind == kind]
    return [one for one in files if since is None or one.added_at > since]


def _files(
    names: tuple[str, ...] | list[str], own: Document, made: Document
) -> list[StoredFile] | None:
    """The files that these names mean, each once; None where one means nothing."""
    files: list[StoredFile] = []
    for name in names:
        if name.startswith("file:"):
            wanted = name.removeprefix("file:").casefold()
            meant = [one for one in own.stored_files if one.name.casefold() == wanted]
        elif name in MADE_BY_PROVIDERS:
            meant = _of_provider(made, name)[-1:]
        else:
            meant = [one for one in own.stored_files if one.kind == name]
        if not meant:
            return None
        files += [one for one in meant if one not in files]
    return files


def told_files(lines: Iterable[LogEntry]) -> Iterator[str | list[Told]]:
    """What is wrong with the timeline's lines of files; at last the files that they lead to."""
    files: list[Told] = []
    for line in lines:
        if line.kind != "file":
            continue
        read = ((what, pattern.fullmatch(line.text)) for pattern, what in LINES.items())
        what, match = next(((what, match) for what, match in read if match), ("", None))
        if match is None:
            yield f"nobody knows what this means: {line.text}"
            continue
        parts = match.groups()
        told = [_told(*parts[place : place + 4]) for place in range(0, len(parts), 4)]
        if what == "added":
            files += told
        elif told[0] not in files:
            yield f"{told[0]} was not there, and is {what}"
        elif what == "removed":
            files.remove(told[0])
        else:
            files[files.index(told[0])] = told[1]
    yield files


def as_told(file: StoredFile) -> Told:
    """A file as the timeline tells it."""
    return file.name, file.kind, file.size, file.sha256


def _told(name: str, word: str, size: str, sha256: str) -> Told:
    return name, WORDS[word], int(size.replace(",", "")), sha256
