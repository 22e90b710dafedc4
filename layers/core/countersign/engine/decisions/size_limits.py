"""How much a document and its timeline may hold, so that whatever happens can be written.

DynamoDB keeps 400 KB in an item and writes 4 MB in a transaction. Single texts and lists of a
message are bounded where they are read, and together they may still be more. Here all of it is
added up, in bytes of JSON, which is never less than the table's own measure by more than the few
keys that are left room for. What does not fit is cut, what matters least first, and a line of the
timeline says what. All functions are pure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from countersign.errors import TooLargeError
from countersign.model.document import Document, FieldValue
from countersign.model.log import (
    HASH_SIZE,
    MAX_ENTRY,
    FieldChange,
    LogEntry,
    Skipped,
    json_size,
    kept_size,
)
from countersign.model.signing_event import Signer

MAX_DOCUMENT = 330_000
"""Bytes of a document."""
MAX_EDITED = 250_000
"""Bytes that an edit may make of a document: what happens to it later needs room, too."""
MAX_LOG = 1_000_000
"""Bytes that one decision may put on the timeline: four items of the table."""
REMEMBERED = 500
"""Characters of an envelope's custom field that are kept to know whether it has changed."""
MAX_LINE = 1_000
"""Bytes of a single text in a line of the timeline that is too long."""
MAX_PASSED = 10
"""Triggers that a line of the timeline which is too long tells of."""

_Signers = tuple[Signer, ...]


def remembered(text: str) -> str:
    """What is kept of a custom field's text: itself, or for a long one its digest."""
    if len(text) <= REMEMBERED:
        return text
    return f"sha256:{hashlib.sha256(text.encode(errors='replace')).hexdigest()}"


def cut(text: str, most: int) -> str:
    """The text in at most so many bytes of UTF-8; where something is missing, it ends with …"""
    raw = text.encode(errors="replace")
    if len(raw) <= most:
        return text
    return raw[: max(0, most - 3)].decode(errors="ignore") + "…"


def size_of(document: Document) -> int:
    """Bytes of the document as JSON, where nothing is left out: signers are kept so."""
    try:
        return len(document.model_dump_json().encode())
    except ValueError:  # half a letter, which no store takes
        return len(repr(document))


def check_edit(before: Document, after: Document, names: Iterable[str]) -> None:
    """Raise TooLargeError where an edit of these fields makes the document too large.

    A document that is large already may still be moved, and get a short value.
    """
    size = size_of(after)
    if size > MAX_EDITED and size - size_of(before) > MAX_LINE:
        listed = ", ".join(names)[:200]
        msg = (
            f"the document would have {size:,} bytes with the new {listed}; expected at most "
            f"{MAX_EDITED:,}: make them shorter"
        )
        raise TooLargeError(msg)


@dataclass(frozen=True, slots=True)
class FittedTimeline:
    """A document that can be written, and what had to be cut for it, in sentences."""

    document: Document
    cut: tuple[str, ...] = ()


def fitted(document: Document) -> FittedTimeline:
    """The document in at most ``MAX_DOCUMENT`` bytes.

    Cut are, in this order and as far as needed: what signers' names, roles and reasons have beyond
    200 bytes; the same of the document's own texts beyond 4,000 and lists beyond 100 items; its
    title, number and reason beyond 500; the rest of those texts; and signers, from the last one.
    """
    warnings: list[str] = []
    for step, what in _STEPS:
        if size_of(document) <= MAX_DOCUMENT:
            break
        after = step(document)
        if after != document:
            warnings.append(
                f"the document became too large to be kept whole: {what(document, after)}"
            )
        document = after
    return FittedTimeline(document, tuple(warnings))


def fitted_log(entries: Sequence[LogEntry]) -> tuple[LogEntry, ...]:
    """The lines in at most ``MAX_LOG`` bytes with their hashes, none of them over ``MAX_ENTRY``.

    Lines that are too long lose the ends of their texts and the clauses of triggers that did not
    fire. Of too many lines, those behind lose first the clauses, then the triggers and the ends of
    their texts; what still does not fit is left out, what was read off a state before all else,
    and counted in a last line.
    """
    lines = [fitted_entry(entry) for entry in entries]
    if len(lines) <= MAX_LOG // (MAX_ENTRY + HASH_SIZE):
        return tuple(lines)
    sizes = list(map(kept_size, lines))
    for shorten in (_without_verdicts, _without_triggers):
        total = sum(sizes)
        for number in reversed(range(len(lines))):
            if total <= MAX_LOG:
                return tuple(lines)
            total -= sizes[number]
            lines[number] = shorten(lines[number])
            sizes[number] = kept_size(lines[number])
            total += sizes[number]
    gone = _left_out(lines, sizes)
    kept = tuple(line for number, line in enumerate(lines) if number not in gone)
    return (*kept, *_rest(entries[-1:], len(gone)))


def _left_out(lines: Sequence[LogEntry], sizes: Sequence[int]) -> frozenset[int]:
    """The places of the lines that do not fit: from the last one, first those that were read off a
    state, then other happenings, then the rest."""
    excess = sum(sizes) + MAX_ENTRY - MAX_LOG

    def rank(place: int) -> tuple[bool, bool, int]:
        line = lines[place]
        matters = line.kind != "event" or line.fired is not None
        return matters, matters or line.applied != "derived", -place

    gone: set[int] = set()
    for place in sorted(range(len(lines)), key=rank):
        if excess <= 0:
            break
        excess -= sizes[place]
        gone.add(place)
    return frozenset(gone)


def fitted_entry(entry: LogEntry) -> LogEntry:
    """The line in at most ``MAX_ENTRY`` bytes."""
    if json_size(entry) <= MAX_ENTRY:
        return entry
    texts = ("text", "by", "event", "key", "signer", "reason", "cause")
    given = {name: getattr(entry, name) for name in texts}
    update: dict[str, object] = {
        name: cut(text, MAX_LINE) for name, text in given.items() if text is not None
    }
    update["changes"] = tuple(map(_shortened, entry.changes[:MAX_PASSED]))
    entry = entry.model_copy(update=update)
    for shorten in (_without_verdicts, _without_triggers):
        if json_size(entry) <= MAX_ENTRY:
            return entry
        entry = shorten(entry)
    return entry


def _without_verdicts(entry: LogEntry) -> LogEntry:
    """Each trigger that did not fire keeps its reason, without the clauses behind it."""
    passed = tuple(
        skipped.model_copy(update={"verdict": None, "reason": cut(skipped.reason, MAX_LINE)})
        for skipped in entry.passed
    )
    return entry.model_copy(update={"passed": passed})


def _without_triggers(entry: LogEntry) -> LogEntry:
    """The first triggers that did not fire, and how many others there were."""
    fired = entry.fired and entry.fired.model_copy(update={"verdict": None})
    passed = tuple(
        Skipped(trigger=skipped.trigger, stage=skipped.stage, reason=cut(skipped.reason, 200))
        for skipped in entry.passed[:MAX_PASSED]
    )
    others = len(entry.passed) - len(passed)
    text = cut(entry.text, 300)
    if others:
        text = f"{text} (and {others} more triggers did not fire)"
    update = {"fired": fired, "passed": passed, "text": text}
    for name in ("reason", "cause"):
        explanation = getattr(entry, name)
        update[name] = explanation and cut(explanation, 300)
    return entry.model_copy(update=update)


def _rest(last: Sequence[LogEntry], number: int) -> Iterator[LogEntry]:
    """One line for those that were left out."""
    text = f"{number:,} more lines of this change were too much to be kept"
    for line in last if number else ():
        yield LogEntry(at=line.at, kind="warning", text=text, entry=line.entry)


def _shortened(change: FieldChange) -> FieldChange:
    return FieldChange(
        field=change.field, old=_value(change.old, MAX_LINE), new=_value(change.new, MAX_LINE)
    )


def _value(value: FieldValue, most: int, items: int = MAX_PASSED) -> FieldValue:
    """A field's value with texts of at most so many bytes, lists of at most so many items."""
    if isinstance(value, str):
        return cut(value, most)
    if isinstance(value, tuple):
        return tuple(cut(item, min(most, 200)) for item in value[:items])
    return value


def _signers_cut(most: int) -> Callable[[Document], Document]:
    def cut_signer(signer: Signer) -> Signer:
        given = {name: getattr(signer, name) for name in ("name", "role", "reason")}
        update = {name: cut(text, most) if most else None for name, text in given.items() if text}
        return signer.model_copy(update=update)

    def step(document: Document) -> Document:
        signers = tuple(map(cut_signer, document.signers))
        return document.model_copy(update={"signers": signers})

    return step


def _fields_cut(most: int, items: int) -> Callable[[Document], Document]:
    def step(document: Document) -> Document:
        own = {name: _value(value, most, items) for name, value in document.fields.items()}
        envelope_fields = {
            name: remembered(text) for name, text in document.envelope_fields.items()
        }
        observers = _value(document.observers, most, items)
        update = {"fields": own, "envelope_fields": envelope_fields, "observers": observers}
        return document.model_copy(update=update)

    return step


def _texts_cut(document: Document) -> Document:
    given = {name: getattr(document, name) for name in ("title", "number", "reason")}
    update: dict[str, object] = {name: cut(text, 500) for name, text in given.items() if text}
    if document.sender is not None:
        name = document.sender.name
        update["sender"] = document.sender.model_copy(update={"name": name and cut(name, 200)})
    return document.model_copy(update=update)


def _signers_dropped(document: Document) -> Document:
    """With as many of its signers as there is room for, from the first one."""
    room = MAX_DOCUMENT - size_of(document.model_copy(update={"signers": ()}))
    kept: list[Signer] = []
    for signer in document.signers:
        room -= len(signer.model_dump_json().encode()) + 1
        if room < 0:
            break
        kept.append(signer)
    return document.model_copy(update={"signers": tuple(kept)})


def _fields_emptied(document: Document) -> Document:
    """Without the largest of its own fields, as many as must go; at last without what is remembered
    of the envelope's."""
    excess = size_of(document) - MAX_DOCUMENT
    own = dict(document.fields)
    for name in sorted(own, key=lambda name: len(str(own[name])), reverse=True):
        if excess <= 0:
            break
        excess -= len(str(own.pop(name)))
    known = document.envelope_fields if excess <= 0 else {}
    return document.model_copy(update={"fields": own, "envelope_fields": known})


def _said(text: str) -> Callable[[Document, Document], str]:
    return lambda before, after: text


def _fewer_signers(before: Document, after: Document) -> str:
    return f"{len(after.signers):,} of its {len(before.signers):,} signers are kept"


def _fewer_fields(before: Document, after: Document) -> str:
    gone = [name for name in before.fields if name not in after.fields]
    return f"{len(gone):,} of its fields were emptied ({', '.join(gone)[:200]})"


_STEPS: tuple[tuple[Callable[[Document], Document], Callable[[Document, Document], str]], ...] = (
    (_signers_cut(200), _said("its signers' names, roles and reasons were cut to 200 bytes")),
    (_fields_cut(4_000, 100), _said("its fields were cut to 4,000 bytes, lists to 100 items")),
    (_texts_cut, _said("its title, number and reason were cut to 500 bytes")),
    (_signers_cut(40), _said("its signers' names, roles and reasons were cut to 40 bytes")),
    (_fields_cut(500, 20), _said("its fields were cut to 500 bytes, lists to 20 items")),
    (_signers_cut(0), _said("its signers' names, roles and reasons were left out")),
    (_fields_emptied, _fewer_fields),
    (_signers_dropped, _fewer_signers),
)
