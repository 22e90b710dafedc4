"""Reads ``lives.txt``: what the example messages of each provider say, and in which order."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("lives.txt")


@dataclass(frozen=True, slots=True)
class Said:
    """What a message says of one person."""

    state: str
    at: datetime | None = None
    """When that was, where the message tells it."""
    named: bool = True
    """Whether it tells who that is, not only an id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one message says."""

    file: str
    at: datetime | None
    """Its own time; None where it has none."""
    status: str | None
    people: dict[str, Said] = field(default_factory=dict)
    sent: datetime | None = None
    completed: datetime | None = None
    reason: str | None = None
    custom: bool = False
    """Whether it carries the custom field."""
    pdf: bool = False

    @property
    def says_nothing(self) -> bool:
        """Whether nothing is told of the envelope."""
        return self.status is None and not self.people and not self.custom and not self.pdf


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """A provider: its people, what its messages say, and its lives."""

    name: str
    people: dict[str, tuple[str | None, str | None]]
    """Id at the provider and address, by the name that the table uses."""
    custom: tuple[str, str] | None
    """A custom field of its envelopes, and its value."""
    messages: dict[str, Told]
    lives: tuple[tuple[str, ...], ...]


@dataclass(slots=True)
class _Block:
    """A provider's block while it is read."""

    name: str
    people: dict[str, tuple[str | None, str | None]] = field(default_factory=dict)
    custom: tuple[str, str] | None = None
    moments: dict[str, datetime] = field(default_factory=dict)
    messages: dict[str, Told] = field(default_factory=dict)
    lives: list[tuple[str, ...]] = field(default_factory=list)

    def sender(self) -> Sender:
        return Sender(
            name=self.name,
            people=self.people,
            custom=self.custom,
            messages=self.messages,
            lives=tuple(self.lives),
        )


@cache
def senders() -> dict[str, Sender]:
    """Every provider of the table, by its name."""
    blocks: list[_Block] = []
    for line in TABLE.read_text().splitlines():
        if line.startswith("#") or not line.strip():
            continue
        if not line.startswith(" "):
            blocks.append(_Block(line.strip()))
        else:
            _read(blocks[-1], line.strip())
    return {block.name: block.sender() for block in blocks}


def _read(block: _Block, line: str) -> None:
    text, _, reason = line.partition(" | ")
    first, *rest = text.split()
    match first:
        case "people":
            for part in rest:
                name, _, known = part.partition("=")
                own_id, _, address = known.partition(",")
                block.people[name] = (_maybe(own_id), _maybe(address))
        case "field":
            name, _, value = rest[0].partition("=")
            block.custom = (name, value)
        case "moments":
            for part in rest:
                name, _, moment = part.partition("=")
                block.moments[name] = _time(moment)
        case "life":
            block.lives.append(tuple(rest))
        case _:
            block.messages[first] = _told(block, first, rest, reason or None)


def _told(block: _Block, file: str, words: list[str], reason: str | None) -> Told:
    at, status, *more = words
    people: dict[str, Said] = {}
    moments: dict[str, datetime | None] = {"sent": None, "completed": None}
    for word in more:
        name, _, said = word.partition(":")
        told, _, moment = name.partition("@")
        if said:
            how, _, unnamed = said.partition(",")
            state, _, when = how.partition("@")
            people[name] = Said(state, block.moments[when] if when else None, not unnamed)
        elif told in moments:
            moments[told] = block.moments[moment]
        else:
            assert word in ("field", "pdf"), f"{block.name}: {word}"
    assert people.keys() <= block.people.keys(), f"{block.name}: {file}"
    return Told(
        file=file,
        at=None if at == "-" else _time(at),
        status=_maybe(status),
        people=people,
        reason=reason,
        custom="field" in more,
        pdf="pdf" in more,
        **moments,
    )


def _maybe(text: str) -> str | None:
    return None if text == "-" else text


def _time(text: str) -> datetime:
    if text.isdecimal():
        return datetime.fromtimestamp(int(text), UTC)
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
