"""Erasing a person from a document: a pseudonym takes the place of name, address and phone number.

The first transaction replaces what the document itself says and notes the person's digests on it:
from then on whatever is decided on the document knows the pseudonym alone, and no mail to the
person is claimed any more. Timeline, runs, tasks and events follow in steps of a bounded size. What
was interrupted is finished by erasing again, for which the digests are enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

from countersign.engine.decisions.word_index import with_words
from countersign.engine.erasure import Eraser, has_erased, known_by, new_person
from countersign.engine.runs.lifecycle import update
from countersign.errors import ConflictError, NotFoundError, PermanentError
from countersign.model.actor import Actor
from countersign.model.document import Document
from countersign.model.erased_person import ErasedPerson
from countersign.model.log import LogEntry
from countersign.model.log_hashes import TimelinePart, without_salt
from countersign.model.run import Run
from countersign.model.stored_file import FileKind
from countersign.model.task import Task
from countersign.model.transaction import EventMark, RewrittenEvent, RunUpdate, Transaction
from countersign.ports import Documents, FileStore, Pipelines
from countersign.use_cases.documents.index_words import index_words
from countersign.use_cases.store import Store
from countersign.use_cases.transact import Proposal, transact

_T = TypeVar("_T")

STEP = 90
"""Items that one step writes; with the document and its timeline they fit into a transaction."""
STEP_BYTES = 3_000_000
"""Bytes of timeline that one step writes: a transaction takes 4 MB."""
HARMLESS = timedelta(microseconds=1)
"""By how much the lease of a run in the middle of its mails is moved, so that who performs it reads
it again before the next mail."""
ROUNDS = 8
"""How often a document that others change meanwhile is looked through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Who is to be erased: by address, or by the id of a signer; and how else they are named."""

    address: str | None = None
    signer: str | None = None
    names: tuple[str, ...] = ()
    """Further names, addresses and phone numbers of the same person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataEraser:
    """What erasing needs from outside."""

    store: Store
    files: FileStore
    key: str
    """What nobody can guess, in hexadecimal; one for a whole request, so that a person has the same
    pseudonym in every document."""
    keep_files: frozenset[FileKind] = frozenset()
    """Kinds of files that stay; all others are removed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What came of erasing a person from one document."""

    document: str
    pseudonym: str
    files: int
    """How many files were removed."""
    entries: int
    """How many entries of the timeline have pseudonyms now that had not before."""
    running: tuple[str, ...] = ()
    """Runs that were being performed: what they write may still name the person. Erase again once
    they have ended, within two minutes."""


def erase_person(eraser: DataEraser, document_id: str, subject: Subject, actor: Actor) -> Erasure:
    """Erase a person from a document; doing it again finishes what was interrupted.

    The signer keeps id, status and times. Mails and reminders to the person are skipped from now
    on; one that was claimed before had gone, and its run says so. NotFoundError where there is no
    such document, or nobody of that kind in it; PermanentError where the person is in charge of
    the document, observes it or has an open task of it; ConflictError where it keeps changing.
    """
    begun = _begin(eraser, document_id, subject, actor)
    document = eraser.store.document(document_id)
    index_words(eraser.store, document)
    persons = Eraser(document.erased)
    _forget_files(eraser, document)
    entries = 0
    for _ in range(ROUNDS):
        left, running, written = _look_through(eraser, document_id, persons)
        entries += written
        if not left:
            break
    else:
        msg = f"the document {document_id} keeps changing, and names the person each time"
        raise ConflictError(f"{msg}; erase the person again")
    return Erasure(
        document=document_id,
        pseudonym=begun.pseudonym,
        files=len(begun.files),
        entries=entries,
        running=tuple(str(run.key) for run in running),
    )


def documents_of(documents: Documents, pipelines: Pipelines, subject: Subject) -> Iterator[str]:
    """The ids of the documents that name the person, or did before the person was erased from them.

    Looks at every document of every pipeline, eventually consistent.
    """
    for head in pipelines.list():
        for document in documents.in_stage(head.pipeline):
            if is_named(document, subject):
                yield document.id


def person_in(document: Document, subject: Subject) -> ErasedPerson:
    """The person with all that the document knows the person by, to look for; nothing is erased."""
    return _person("00", document, subject)


def pseudonym_in(key: str, document: Document, subject: Subject) -> str:
    """What stands for the person in the document after an erasure with this key."""
    before = _erased_before(document, subject)
    return (before or _person(key, document, subject)).pseudonym


def is_named(document: Document, subject: Subject) -> bool:
    """Whether the document names the person, or did before the person was erased from it."""
    if _erased_before(document, subject) is not None:
        return True
    return Eraser([person_in(document, subject)]).names(document)


# --- the document itself


def _begin(eraser: DataEraser, document_id: str, subject: Subject, actor: Actor) -> ErasedPerson:
    """Replace what the document says and note the person on it; who it is, if that was done."""
    store = eraser.store

    def propose() -> Proposal[ErasedPerson]:
        document = store.document(document_id)
        before = _erased_before(document, subject)
        person = _person(before.key if before else eraser.key, document, subject)
        known = Eraser([person])
        is_news = before is None or not set(person.digests) <= set(before.digests)
        if not known.names(document) and (before is None or not is_news):
            if before is None:
                msg = f"the document {document_id} does not name that person"
                raise NotFoundError(msg)
            return Proposal(None, before)
        _check_not_in_charge(document, store.documents.tasks(document_id), known)
        gone = [file.id for file in document.stored_files if file.kind not in eraser.keep_files]
        person = person.model_copy(update={"files": tuple(gone)})
        after = known.value(document)
        update = {
            "version": document.version + 1,
            "erased": (*document.erased, person),
            "stored_files": tuple(file for file in after.stored_files if file.id not in gone),
        }
        change = Transaction(
            document=after.model_copy(update=update),
            was_version=document.version,
            log=(_entry(document, actor, len(gone), at=store.clock()),),
        )
        room = store.documents.most_items - change.items
        return Proposal(with_words(change, document, room=room).change, person)

    return transact(store, propose, subject=f"the document {document_id}").outcome


def _person(key: str, document: Document, subject: Subject) -> ErasedPerson:
    names = (*known_by(document, subject.address, subject.signer), *subject.names)
    return new_person(key, subject.address, names)


def _erased_before(document: Document, subject: Subject) -> ErasedPerson | None:
    """Who was erased before as the same person."""
    if subject.address is not None:
        return next(iter(has_erased(document, subject.address)), None)
    signer = document.signer(subject.signer or "")
    known = (signer.name, signer.email, signer.phone) if signer is not None else ()
    matches = (
        person for person in document.erased if {person.pseudonym, person.address} & set(known)
    )
    return next(matches, None)


def _check_not_in_charge(document: Document, tasks: Sequence[Task], person: Eraser) -> None:
    """PermanentError where the document would be left to somebody who is not there any more."""
    users = [
        ("is responsible for", document.responsible),
        *(("observes", observer) for observer in document.observers),
        *(
            (f"has the open task {task.id} of", task.assignee)
            for task in tasks
            if task.state == "open"
        ),
    ]
    for what, user in users:
        if user is not None and person.text(user) != user:
            msg = f"the person {what} the document {document.id}; give that to somebody else first"
            raise PermanentError(f"{msg}, then erase")


def _entry(document: Document, actor: Actor, files: int, *, at: datetime) -> LogEntry:
    removed = f", and {files} file{'s' * (files != 1)} removed" if files else ""
    return LogEntry(
        at=at,
        kind="erased",
        text=f"personal data of a signer was erased by {actor}{removed}",
        by=str(actor),
        entry=document.entry,
        cause=str(actor),
    )


def _forget_files(eraser: DataEraser, document: Document) -> None:
    there = {file.id for file in document.stored_files}
    for person in document.erased:
        for file in person.files:
            if file not in there:
                eraser.files.remove(document.id, file)


# --- what belongs to it


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rest:
    """What still names the person, of what belongs to the document."""

    parts: tuple[TimelinePart, ...] = ()
    updates: tuple[RunUpdate, ...] = ()
    tasks: tuple[Task, ...] = ()
    events: tuple[RewrittenEvent, ...] = ()

    def steps(self) -> Iterator[_Rest]:
        """The same in steps of a bounded size."""
        parts, size = list(self.parts), 0
        while parts:
            step: list[TimelinePart] = []
            size = 0
            while parts and len(step) < STEP:
                size += len(parts[0].model_dump_json())
                if step and size > STEP_BYTES:
                    break
                step.append(parts.pop(0))
            yield _Rest(parts=tuple(step))
        for updates in _chunks(self.updates, STEP):
            yield _Rest(updates=updates)
        for tasks in _chunks(self.tasks, STEP):
            yield _Rest(tasks=tasks)
        for events in _chunks(self.events, STEP // 3):
            yield _Rest(events=events)


def _look_through(
    eraser: DataEraser, document_id: str, persons: Eraser
) -> tuple[bool, tuple[Run, ...], int]:
    """Replace what names the person, step by step: whether anything was found, which runs were
    being performed, and how many entries of the timeline were replaced."""
    store = eraser.store
    rest, running = _rest(store, document_id, persons)
    entries = sum(
        new.salt is None and old.salt is not None
        for part, known in _with_known(store, document_id, rest.parts)
        for new, old in zip(part.hashes, known.hashes, strict=False)
    )
    any_left = False
    for step in rest.steps():
        any_left = True
        transact(store, _writes(store, document_id, step), subject=f"the document {document_id}")
    return any_left, running, entries


def _with_known(
    store: Store, document_id: str, parts: Sequence[TimelinePart]
) -> Iterator[tuple[TimelinePart, TimelinePart]]:
    known = {
        (part.version, part.piece): part for part in store.documents.timeline_parts(document_id)
    }
    for part in parts:
        yield part, known[part.version, part.piece]


def _rest(store: Store, document_id: str, persons: Eraser) -> tuple[_Rest, tuple[Run, ...]]:
    documents = store.documents
    runs = documents.runs(document_id)
    replaced = [(run, _run(run, persons)) for run in runs]
    rest = _Rest(
        parts=tuple(
            part
            for known in documents.timeline_parts(document_id)
            if (part := _part(known, persons)) != known
        ),
        updates=tuple(
            update(run, after) for run, after in replaced if after is not None and after != run
        ),
        tasks=tuple(
            after.model_copy(update={"version": task.version + 1})
            for task in documents.tasks(document_id)
            if (after := persons.value(task)) != task
        ),
        events=tuple(
            rewritten
            for mark in documents.event_marks(document_id)
            if (rewritten := _event(mark, persons)).items
        ),
    )
    return rest, tuple(run for run in runs if run.state == "running")


def _writes(store: Store, document_id: str, step: _Rest) -> Callable[[], Proposal[None]]:
    """What writes a step; what of it has changed since is left to the next round."""

    def propose() -> Proposal[None]:
        document = store.document(document_id)
        there = {run.key: run for run in store.documents.runs(document_id)} if step.updates else {}
        same = [
            run_update
            for run_update in step.updates
            if (run := there.get(run_update.run.key)) is not None
            and (run.state, run.generation) == (run_update.was, run_update.was_generation)
            and run_update.was_lease in (None, run.lease_until)
        ]
        versions = (
            {task.key: task.version for task in store.documents.tasks(document_id)}
            if step.tasks
            else {}
        )
        tasks = tuple(task for task in step.tasks if versions.get(task.key) == task.version - 1)
        after = document.model_copy(update={"version": document.version + 1})
        change = Transaction(
            document=after,
            was_version=document.version,
            parts=step.parts,
            updates=tuple(same),
            tasks=tasks,
            rewritten=step.events,
        )
        return Proposal(change, None)

    return propose


def _part(part: TimelinePart, persons: Eraser) -> TimelinePart:
    entries, hashes = list(part.entries), list(part.hashes)
    for place, entry in enumerate(part.entries):
        after = persons.value(entry)
        if after == entry:
            continue
        entries[place] = after
        if place < len(hashes):
            hashes[place] = without_salt(entry, hashes[place])
    return part.model_copy(update={"entries": tuple(entries), "hashes": tuple(hashes)})


def _run(run: Run, persons: Eraser) -> Run | None:
    """The run without the person, in a new generation: who has read it before cannot write it back.

    One that is being performed is left to who performs it; only mails to the person that it has not
    begun to hand over are taken from it. None where there is nothing to do.
    """
    after = persons.value(run)
    if run.state != "running":
        return None if after == run else after.newer_than(run)
    erased = {mail.signer for mail, new in zip(run.mails, after.mails, strict=True) if mail != new}
    open_ = [mail for mail in run.mails if mail.state == "open" and mail.signer in erased]
    if not open_ or run.lease_until is None:
        return None
    mails = tuple(
        new.model_copy(update={"state": "left_out", "reason": "erased on request"})
        if mail in open_
        else mail
        for mail, new in zip(run.mails, after.mails, strict=True)
    )
    return run.model_copy(update={"mails": mails, "lease_until": run.lease_until + HARMLESS})


def _event(mark: EventMark, persons: Eraser) -> RewrittenEvent:
    event = mark.event
    after = persons.value(event).model_copy(update={"raw": None})
    return RewrittenEvent(
        was=event.key,
        had_raw=event.raw is not None,
        mark=mark.model_copy(update={"event": after}),
    )


def _chunks(values: Sequence[_T], size: int) -> Iterator[tuple[_T, ...]]:
    rest = iter(values)
    while chunk := tuple(islice(rest, size)):
        yield chunk
