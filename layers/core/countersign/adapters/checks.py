"""What every adapter refuses before it writes, so that the twins refuse alike."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from countersign.errors import PermanentError
from countersign.model.transaction import MAX_ITEMS, Transaction

_IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PERSON = re.compile(r"[^\s\x00-\x1f\x7f]{1,128}")


def is_identifier(text: str) -> bool:
    """Whether it can be the id of a connection: 1 to 64 letters, digits, ``-`` and ``_``."""
    return _IDENTIFIER.fullmatch(text) is not None


def is_person_id(text: str) -> bool:
    """Whether it can name somebody in a user pool: 1 to 128 characters without blanks."""
    return _PERSON.fullmatch(text) is not None


def check_identifier(text: str) -> None:
    """Raise ``PermanentError`` where ``is_identifier`` is false."""
    if not is_identifier(text):
        msg = f'"{text[:80]}" is not a valid id; expected 1 to 64 letters, digits, "-" and "_"'
        raise PermanentError(msg)


def check(change: Transaction, most: int = MAX_ITEMS) -> None:
    """Raise ``PermanentError`` for a change that cannot be one transaction, or tells no story.

    The caller has to fix the change; no state of the database makes it valid.
    """
    document, stay = change.document, change.stay
    if document is None:
        homeless = [
            name
            for name in (
                *("log", "parts", "rewritten", "tasks", "attach"),
                *("new_words", "old_words"),
            )
            if getattr(change, name)
        ]
        if homeless:
            raise PermanentError(f"a change with {' and '.join(homeless)} must change its document")
    else:
        if stay is not None:
            msg = f"a change that writes document {document.id} cannot also make it stay"
            raise PermanentError(msg)
        expected = (change.was_version or 0) + 1
        if document.version != expected:
            msg = f"document {document.id} has version {document.version}; expected {expected}"
            raise PermanentError(msg)
    if change.hashes and len(change.hashes) != len(change.log):
        msg = f"a change has {len(change.hashes)} hashes for {len(change.log)} timeline entries"
        raise PermanentError(msg)
    if any(part.version >= (document.version if document else 0) for part in change.parts):
        msg = "a part of a timeline that is written anew must be of an earlier version"
        raise PermanentError(msg)
    home = None if document is None else document.id
    marked = (*change.events, *(event.mark.event for event in change.rewritten))
    if any(event.document != home for event in marked):
        raise PermanentError(f"every event of a change must be of its document, {home or 'none'}")
    if any(task.document != home for task in change.tasks):
        raise PermanentError(f"every task of a change must be of its document, {home or 'none'}")
    runs = [*(run.key for run in change.planned), *(update.run.key for update in change.updates)]
    _refuse_repeated("run", map(str, runs))
    _refuse_repeated("task", (str(task.key) for task in change.tasks))
    _refuse_repeated("event", (event.key for event in change.events))
    _refuse_repeated("once-mark", (f"{key.document}.{key.rule}" for key in change.once))
    _refuse_repeated("word", (*change.new_words, *change.old_words))
    if change.items > most:
        msg = f"a change of {change.items} items is too large; one transaction takes {most}"
        raise PermanentError(msg)


def _refuse_repeated(word: str, keys: Iterable[str]) -> None:
    given = tuple(keys)
    if len(set(given)) < len(given):
        repeated = sorted(key for key, times in Counter(given).items() if times > 1)
        raise PermanentError(f"a change names the {word} {', '.join(repeated)} more than once")
