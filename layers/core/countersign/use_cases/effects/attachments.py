"""What goes with a mail: files of the document, attached or, where they are too large, linked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from countersign.errors import PermanentError, TransientError
from countersign.model.document import Document
from countersign.model.file_transfer import FileLink
from countersign.model.message import Attachment
from countersign.model.run_purpose import KeptKind
from countersign.model.stored_file import (
    FILE_WORDS,
    FROM_PROVIDER,
    FileKind,
    StoredFile,
    free_name,
    named,
)
from countersign.ports import FileLinks, FileStore
from countersign.rules.base import EmailRule
from countersign.use_cases.effects.provider_api import Accounts
from countersign.use_cases.effects.provider_files import ProviderFiles, file_after

MAX_ATTACHED = 7_000_000
"""Bytes of a mail's attachments. As a mail they take 10 MB, which is what most mailboxes accept;
SES itself takes 40: https://docs.aws.amazon.com/ses/latest/dg/quotas.html"""


@dataclass(frozen=True, slots=True)
class LinkedFile:
    """A file that a mail links instead of attaching it."""

    name: str
    size: int
    """Bytes."""
    address: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class MailFiles:
    """What goes with a mail."""

    attached: tuple[Attachment, ...] = ()
    linked: tuple[LinkedFile, ...] = ()


@dataclass(frozen=True, slots=True)
class _Unkept:
    """Bytes of the provider that are not kept: the unsigned document."""

    name: str
    content: bytes

    @property
    def size(self) -> int:
        return len(self.content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachments:
    """Has the files that rules name."""

    kept: ProviderFiles
    accounts: Accounts
    files: FileStore
    links: FileLinks

    def of(self, kind: EmailRule, document: Document, now: datetime) -> MailFiles:
        """The files that the rule's mails take with them.

        PermanentError where one is missing, or where they are too large together and the rule
        does not have them linked; TransientError where one may be had later.
        """
        wanted = kind.files
        if not wanted:
            return MailFiles()
        files: list[StoredFile | _Unkept] = []
        for name in wanted:
            files += [file for file in self._named(name, document) if file not in files]
        linked = _too_large(files) if kind.links_large_files else []
        attached = [file for file in files if file not in linked]
        _check_size(attached)
        expires = now + timedelta(days=kind.days_of_links)
        return MailFiles(
            attached=tuple(self._attached(attached, document)),
            linked=tuple(self._linked(file, document, expires) for file in linked),
        )

    def _named(self, name: str, document: Document) -> Iterator[StoredFile | _Unkept]:
        kind, _, file_name = name.partition(":")
        if kind == "file":
            yield _file_named(document, file_name)
        elif kind == "document" and not document.files_of("contract"):
            content = self.accounts.file(document, "the unsigned document")
            yield _Unkept(file_after(document, ".pdf"), content)
        elif kind in FROM_PROVIDER:
            yield self.kept.kept(document, cast("KeptKind", kind))
        else:
            yield from _of_kind(document, "contract" if kind == "document" else kind)

    def _attached(
        self, files: list[StoredFile | _Unkept], document: Document
    ) -> Iterator[Attachment]:
        names: list[str] = []
        for file in files:
            name = free_name(names, file.name)
            names.append(name)
            if isinstance(file, _Unkept):
                yield Attachment(name=name, media_type="application/pdf", content=file.content)
                continue
            content = self.files.get(document.id, file)
            if content is None and not self.kept.has(document.id, file):
                msg = f"{file.name} was replaced or removed while the mail was made"
                raise TransientError(msg)
            if content is None:
                msg = f"the content of {file.name} is not in the bucket any more; add it again"
                raise PermanentError(msg)
            yield Attachment(name=name, media_type=file.media_type, content=content)

    def _linked(self, file: StoredFile, document: Document, expires_at: datetime) -> LinkedFile:
        link = FileLink(document=document.id, file=file.id, expires_at=expires_at)
        return LinkedFile(file.name, file.size, self.links.make(link), expires_at)


def _file_named(document: Document, name: str) -> StoredFile:
    file = named(document.stored_files, name)
    if file is None:
        msg = (
            f'the document has no file "{name}" to attach; add it: '
            f"countersign documents files add {document.id} FILE"
        )
        raise PermanentError(msg)
    return file


def _of_kind(document: Document, kind: str) -> tuple[StoredFile, ...]:
    files = document.files_of(cast("FileKind", kind))
    if not files:
        msg = (
            f"the document has no {FILE_WORDS[cast('FileKind', kind)]} to attach; add one: "
            f"countersign documents files add {document.id} FILE --kind {kind}"
        )
        raise PermanentError(msg)
    return files


def _too_large(files: list[StoredFile | _Unkept]) -> list[StoredFile]:
    """The files that are linked, the largest first, until the others fit."""
    linked: list[StoredFile] = []
    kept = sorted((file for file in files if isinstance(file, StoredFile)), key=lambda f: -f.size)
    total = sum(file.size for file in files)
    for file in kept:
        if total <= MAX_ATTACHED:
            break
        linked.append(file)
        total -= file.size
    return linked


def _check_size(attached: list[StoredFile | _Unkept]) -> None:
    total = sum(file.size for file in attached)
    if total > MAX_ATTACHED:
        sizes = ", ".join(f"{file.name} {file.size:,}" for file in attached)
        msg = (
            f"the attachments have {total:,} bytes ({sizes}); expected at most "
            f"{MAX_ATTACHED:,} in a mail; have large files linked with large_files: link"
        )
        raise PermanentError(msg)
