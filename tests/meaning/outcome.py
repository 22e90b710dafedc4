"""The second model: what a set of messages must lead to, whatever their order.

Each message says something of its own (``lives.txt``); a set of them says what its members say
together: the furthest status, of each person the furthest state, of each date the earliest that is
told, and of what is told once, that. So a loss is told by later messages exactly as far as one of
them says the same, or more: a signature whose message is lost is known from any later list in which
the person has signed, and from the end of an envelope that was completed, for everybody who is
known to have to act; its moment is then known to be no later than that of the message.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from tests.meaning.lives import Sender, Told

FURTHER = {None: -1, "created": 0, "sent": 1, "delivered": 2, "completed": 3, "declined": 3,
           "voided": 3, "expired": 3, "deleted": 4}  # fmt: skip
STEPS = {"listed": 0, "invited": 1, "viewed": 2, "started": 3, "signed": 4, "declined": 4,
         "expired": 4}  # fmt: skip
DATED = {"signed", "declined"}
SIDES = {"acme.example": "company", "kunde.example": "client"}


@dataclass(slots=True)
class Person:
    """What is known of a person."""

    state: str = "listed"
    at: datetime | None = None
    """When the person signed or declined; None where nothing tells a date."""
    dated: bool = True
    """Whether the date can be told: a message without a time of its own gives that of arrival."""
    viewed: datetime | None = None
    side: str = "unknown"


@dataclass(slots=True)
class Expected:
    """What a document must know."""

    status: str | None = None
    people: dict[str, Person] = field(default_factory=dict)
    sent: datetime | None = None
    """None where nothing tells it: an end says that it was sent, but not when."""
    completed: datetime | None = None
    dated: bool = True
    """Whether ``sent`` and ``completed`` can be told."""
    reason: str | None = None
    custom: str | None = None
    pdf: bool = False


def expected(sender: Sender, messages: Iterable[Told]) -> Expected:
    """What these messages say together."""
    known = Expected()
    for told in messages:
        _add(known, sender, told)
    if known.status == "completed":
        for person in known.people.values():
            if STEPS[person.state] < STEPS["signed"]:
                person.state, person.at, person.dated = "signed", known.completed, known.dated
    return known


def stage_of(known: Expected) -> str:
    """Where the document is, in a pipeline that has a stage for every step.

    The stages are draft, sent, company-signed, client-signed, signed and not-signed; a document
    never goes back. Only a signature counts, and only of somebody whose side is known.
    """
    if known.status == "completed":
        return "signed"
    if known.status in ("declined", "voided", "expired"):
        return "not-signed"
    people = known.people.values()
    if any(one.state == "declined" for one in people):
        return "not-signed"
    for side in ("client", "company"):
        # Paul and Mara approve; that is not a signature.
        names = [name for name, one in known.people.items() if one.side == side]
        if any(known.people[name].state == "signed" for name in names if name in SIGNING):
            return f"{side}-signed"
    return "sent" if FURTHER[known.status] >= FURTHER["sent"] else "draft"


SIGNING = {"anna", "klara"}


def _add(known: Expected, sender: Sender, told: Told) -> None:
    if FURTHER[told.status] > FURTHER[known.status]:
        known.status = told.status
    if told.status in ("sent", "delivered") or told.sent is not None:
        known.sent = _earliest(known.sent, told.sent or told.at)
        known.dated &= told.sent is not None or told.at is not None
    if told.status == "completed":
        known.completed = _earliest(known.completed, told.completed or told.at)
        known.dated &= told.completed is not None or told.at is not None
    known.reason = known.reason or told.reason
    known.pdf |= told.pdf
    if told.custom and sender.custom:
        known.custom = sender.custom[1]
    for name, said in told.people.items():
        person = known.people.setdefault(name, Person())
        address = sender.people[name][1]
        if said.named and address:
            person.side = SIDES[address.partition("@")[2]]
        if STEPS[said.state] > STEPS[person.state]:
            person.state = said.state
        if said.state in DATED:
            person.at = _earliest(person.at, said.at or told.at)
            person.dated &= said.at is not None or told.at is not None
        if said.state == "viewed" and said.at is not None:
            person.viewed = _earliest(person.viewed, said.at)


def _earliest(known: datetime | None, told: datetime | None) -> datetime | None:
    return min((one for one in (known, told) if one is not None), default=None)
