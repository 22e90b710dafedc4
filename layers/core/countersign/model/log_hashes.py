"""Hashes that prove a timeline: each covers its entry and all entries before it.

What may have to be erased (texts, names, addresses, values) goes into the hash with a salt that
nobody can guess. Erasing destroys the salt and keeps its digest: the hashes still hold, and what
was erased cannot be guessed from them. What is never erased (when, what kind, which stage) is
covered as it is.

The form of what is hashed is stored, in effect: it must not change, and an attribute that an entry
gets must be left out where it has its default.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from decimal import Context, Decimal
from typing import Any, NamedTuple

from countersign.model.base import Model
from countersign.model.document import FieldValue
from countersign.model.log import LogEntry

LASTING = frozenset(
    {
        "at",
        "kind",
        "entry",
        "event",
        "occurred_at",
        "applied",
        "from_stage",
        "to_stage",
        "pipeline_version",
    }
)
"""What of an entry is never erased; of the trigger that fired also its id, stage and kind."""

_DIGITS = Context(prec=200)


class EntryHash(NamedTuple):
    """What proves one entry of a timeline. Hashes are SHA-256, in hexadecimal."""

    salt: str | None
    """What nobody can guess; None once it was destroyed."""
    erased: str | None
    """The salted digest of what was erased; None while the salt is there."""
    timeline: str
    """The hash over the entry and all before it."""


class TimelinePart(Model):
    """The entries that are kept in one place, with their hashes."""

    version: int
    """The document's version whose change brought them."""
    piece: int = 0
    """Its place among the parts of one change, from 0."""
    entries: tuple[LogEntry, ...]
    hashes: tuple[EntryHash, ...] = ()
    """One for each entry; none for those of before there were hashes."""


class EntryProblem(Model):
    """An entry that does not follow from what is before it."""

    number: int
    """Its place on the timeline, from 1; one more than there are entries where the end is
    missing."""
    text: str
    """What was found, as a sentence."""


class Verification(Model):
    """What recomputing a timeline's hashes found."""

    document: str
    entries: int
    before: int
    """How many entries at the beginning are from before there were hashes: nothing proves them."""
    erased: int
    """How many entries had personal data that was erased."""
    hash: str | None
    """The hash over all of it, as the document has it."""
    problems: tuple[EntryProblem, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether every entry that has a hash is as it was written."""
        return not self.problems


def beginning(document: str, *, new: bool) -> str:
    """What stands in place of a hash before the first: it says whether entries without one may
    stand before it."""
    return f"{'new' if new else 'earlier'} {document}"


def hashed(before: str, log: Sequence[LogEntry], salts: Sequence[str]) -> tuple[EntryHash, ...]:
    """The hashes of entries that follow upon ``before``, each with its salt."""
    hashes = []
    for entry, salt in zip(log, salts, strict=True):
        lasting, erasable = _content(entry)
        before = _next(before, lasting, _salted(salt, erasable))
        hashes.append(EntryHash(salt, None, before))
    return tuple(hashes)


def without_salt(entry: LogEntry, proof: EntryHash) -> EntryHash:
    """The hash of an entry whose erasable content is about to be replaced."""
    if proof.salt is None:
        return proof
    return EntryHash(None, _salted(proof.salt, _content(entry)[1]), proof.timeline)


def verified(
    document: str, parts: Sequence[TimelinePart], end: str | None, *, wanted: str | None = None
) -> Verification:
    """Recompute the hashes of a whole timeline, oldest part first; ``end`` is the document's.

    ``wanted`` is a hash that was noted earlier, which must be among them.
    """
    entries = [pair for part in parts for pair in _pairs(part)]
    problems = list(_problems(document, entries, end))
    if wanted is not None and all(
        proof is None or proof.timeline != wanted for _, proof in entries
    ):
        text = f"no entry has the hash {wanted}: entries up to it were changed or removed"
        problems.append(EntryProblem(number=len(entries) + 1, text=text))
    return Verification(
        document=document,
        entries=len(entries),
        before=_without(entries),
        erased=sum(proof is not None and proof.salt is None for _, proof in entries),
        hash=end,
        problems=tuple(problems),
    )


_Pair = tuple[LogEntry | None, EntryHash | None]


def _pairs(part: TimelinePart) -> Iterator[_Pair]:
    for place in range(max(len(part.entries), len(part.hashes))):
        entry = part.entries[place] if place < len(part.entries) else None
        yield entry, part.hashes[place] if place < len(part.hashes) else None


def _without(entries: Sequence[_Pair]) -> int:
    first = (place for place, (_, proof) in enumerate(entries) if proof is not None)
    return next(first, len(entries))


def _problems(document: str, entries: Sequence[_Pair], end: str | None) -> Iterator[EntryProblem]:
    start = _without(entries)
    before = beginning(document, new=not start)
    for number, (entry, proof) in enumerate(entries[start:], start=start + 1):
        if proof is None:
            text = "it has no hash, although earlier entries have one: it was inserted"
            yield EntryProblem(number=number, text=text)
            continue
        if entry is None:
            yield EntryProblem(number=number, text="there is a hash, and no entry to it")
        elif not _follows(before, entry, proof):
            text = "it does not follow: it, or what stood before it, was changed, removed or added"
            yield EntryProblem(number=number, text=text)
        before = proof.timeline
    last = None if start == len(entries) else before
    if last != end:
        text = "the timeline does not end as the document says: entries are missing, or were added"
        yield EntryProblem(number=len(entries) + 1, text=text)


def _follows(before: str, entry: LogEntry, proof: EntryHash) -> bool:
    lasting, erasable = _content(entry)
    salted = proof.erased if proof.salt is None else _salted(proof.salt, erasable)
    return salted is not None and _next(before, lasting, salted) == proof.timeline


def _content(entry: LogEntry) -> tuple[str, str]:
    """What of an entry lasts and what may be erased, each as JSON in one form."""
    content = entry.model_dump(mode="json", exclude={"changes"}, exclude_defaults=True)
    lasting = {name: content.pop(name) for name in LASTING & content.keys()}
    if "fired" in content:
        lasting["fired"] = content["fired"]
        content["fired"] = lasting["fired"].pop("verdict", None)
    if entry.changes:
        content["changes"] = [
            [change.field, _plain(change.old), _plain(change.new)] for change in entry.changes
        ]
    return _as_json(lasting), _as_json(content)


def _plain(value: FieldValue) -> Any:
    """A field's value; a number in the one form in which every store gives it back."""
    if isinstance(value, Decimal):
        return {"number": str(value.normalize(_DIGITS)) if value else "0"}
    return value


def _as_json(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _salted(salt: str, erasable: str) -> str:
    return hashlib.sha256(f"{salt}\n{erasable}".encode()).hexdigest()


def _next(before: str, lasting: str, salted: str) -> str:
    return hashlib.sha256(f"{before}\n{lasting}\n{salted}".encode()).hexdigest()
