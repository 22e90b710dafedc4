"""Keys of events, made of their meaning so that what is delivered twice counts once; details."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass


def event_key(*parts: object) -> str:
    """An idempotency key made of an event's meaning; None parts are written as ``-``.

    At most 465 bytes of UTF-8: a sort key of DynamoDB holds 1,024.
    """
    text = ":".join("-" if part is None or part == "" else str(part) for part in parts)
    if len(text.encode()) <= 400:
        return text
    return f"{text[:100]}:{hashlib.sha256(text.encode()).hexdigest()}"


@dataclass(frozen=True, slots=True)
class EventKeys:
    """How one provider's events are distinguished: by name, envelope, signer and time.

    What comes about once needs no time in its key, so that the webhooks of an account and of an
    app, whose times may differ, tell of it once. Keys are stored: their form must not change.
    """

    once: frozenset[str]
    """Names of events that come about once to an envelope."""
    once_per_signer: frozenset[str] = frozenset()
    """Names of events that come about once to a signer of an envelope."""

    def key(
        self,
        name: str,
        envelope: str | None,
        who: Sequence[object] = (None,),
        *moment: object,
        identified: bool = False,
    ) -> str:
        """The key of an event: ``name:envelope``, then ``who`` and ``moment`` where it needs them.

        ``who`` is what the message says of the signer; ``identified`` says that it means one
        signer alone, as an id does and an address, which two may share, does not.
        """
        if name in self.once:
            return event_key(name, envelope)
        if name in self.once_per_signer and identified:
            return event_key(name, envelope, *who)
        return event_key(name, envelope, *who, *moment)


def known_by(signer_id: str | None, *others: object) -> tuple[object, ...]:
    """Whom a key is about: the id; without one, all else that tells signers apart."""
    return (signer_id,) if signer_id else others


def details(**members: str | None) -> dict[str, str]:
    """An event's details, without those that are absent or empty."""
    return {name: value for name, value in members.items() if value}
