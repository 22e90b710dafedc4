"""Lives of envelopes at every provider, as their example messages tell them, in any order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from countersign.model.connection import Connection, ConnectionCredentials
from countersign.model.document import Document
from countersign.model.pipeline import Pipeline
from countersign.ports import CredentialStore
from countersign.providers.base import Request
from tests.crash.envelopes import TOKEN, MakeRequest, Message
from tests.meaning import telling
from tests.meaning.lives import Sender, senders
from tests.meaning.outcome import expected

OTHERS = "others"
"""A second pipeline, without rules, which an envelope may enter by a second connection."""
NEW_KEY = "whsec_dGhlLW5ldy1rZXktdGhhdC1pcy11c2VkLXRoZW4="
WHILE = timedelta(minutes=1)
"""How long an old key is kept at the least: longer than any message is on its way."""
WAYS_IN = ("life", "twin", "other")
"""The first connection of a provider, a second one into the same pipeline, one into the other."""


def others() -> Pipeline:
    """The second pipeline: a stage for every step of an envelope."""
    return telling.PIPELINE.model_copy(update={"pipeline": OTHERS})


def life(number: int, which: int) -> tuple[Sender, tuple[str, ...]]:
    """A provider and the messages of one of its envelopes' lives."""
    there = list(senders().values())
    sender = there[number % len(there)]
    return sender, sender.lives[which % len(sender.lives)]


def life_connection(
    way: str, sender: Sender, pipeline: str
) -> tuple[Connection, ConnectionCredentials]:
    """The connection of a provider by one of its ways in."""
    name = f"{way}_{sender.name}"
    made = telling.connection(sender, name=name)
    into = OTHERS if way == "other" else pipeline
    if into == pipeline:  # which has another field for texts
        fields = tuple(one.model_copy(update={"field": "note"}) for one in made.fields)
        made = made.model_copy(update={"fields": fields})
    made = made.model_copy(update={"pipeline": into})
    secrets = telling.secrets(made)
    return made, secrets.model_copy(update={"tokens": (TOKEN,)})


class Keys:
    """The keys that providers sign with, and how one is replaced without refusing a message.

    First the connection knows both, then the provider signs with the new one, and a while after
    that the old one is forgotten. A step before which another one failed is not taken.
    """

    def __init__(self) -> None:
        self._since: dict[str, datetime] = {}

    def of(self, connection: str) -> str:
        """What the provider signs with now."""
        return NEW_KEY if connection in self._since else telling.SECRET

    def known(self, secrets: ConnectionCredentials) -> ConnectionCredentials:
        """The secrets of a connection that is made anew, with what its provider signs with now."""
        if secrets.connection not in self._since:
            return secrets
        return secrets.model_copy(update={"secrets": (NEW_KEY,)})

    def rotate(self, secrets: CredentialStore, connection: str, step: int, now: datetime) -> str:
        """Take a step, if its time has come."""
        held = secrets.get(connection)
        if held is None:
            return "no such connection"
        if step == 0 and len(held.secrets) == 1 and connection not in self._since:
            secrets.put(held.model_copy(update={"secrets": (NEW_KEY, telling.SECRET)}))
        elif step == 1 and NEW_KEY in held.secrets:
            self._since.setdefault(connection, now)
        elif step == 2 and now - self._since.get(connection, now) > WHILE:
            secrets.put(held.model_copy(update={"secrets": (NEW_KEY,)}))
        else:
            return "not yet"
        return ("both are known", "the new one is used", "the old one is forgotten")[step]


def life_message(way: str, sender: Sender, file: str, keys: Keys) -> Message:
    """A message of a life, signed anew for each attempt, as most providers do."""
    connection = f"{way}_{sender.name}"

    def make(now: datetime, attempt: int) -> Request:
        return telling.signed(sender, file, now, keys.of(connection))

    made: MakeRequest = make
    return Message(name=f"{connection} {file}", connection=connection, make=made)


def life_faults(sent: Iterable[str], documents: Iterable[Document]) -> Iterator[str]:
    """Documents that are not what the messages of their life say, in whatever order they came."""
    heard: defaultdict[str, list[str]] = defaultdict(list)
    for name in sent:
        connection, _, file = name.partition(" ")
        if connection.partition("_")[0] in WAYS_IN:
            heard[connection].append(file)
    there: defaultdict[str | None, list[Document]] = defaultdict(list)
    for one in documents:
        there[one.connection].append(one)
    for connection, files in heard.items():
        sender = senders()[connection.partition("_")[2]]
        messages = [sender.messages[file] for file in files]
        wanted, found = expected(sender, messages), there[connection]
        if len(found) > 1:
            yield f"{connection} made {len(found)} documents of one envelope"
            continue
        document = next(iter(found), None)
        # A message without a time of its own comes before what its others tell.
        dated = all(told.at is not None for told in sender.messages.values())
        faults = telling.diff(sender, document, wanted, dated=dated)
        if connection.startswith("other_") and sender.name != "yousign":
            faults += telling.stage_differs(document, wanted)
        yield from (f"{connection}: {fault}" for fault in faults)
