"""Sends the messages of the table as their providers do, and reads what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from countersign.examples import read_example
from countersign.model.connection import Connection, ConnectionCredentials
from countersign.model.document import Document
from countersign.model.pipeline import Pipeline
from countersign.model.signing_event import Signer
from countersign.providers import provider
from countersign.providers.base import Request
from countersign.simulation.world import World
from countersign.use_cases.messages.receive import receive
from tests.builders import pipeline, stage, trigger
from tests.meaning.lives import Sender
from tests.meaning.outcome import Expected, Person, stage_of

EVENTS = Path(__file__).parents[2] / "events"
SECRET = "whsec_d2hhdC1pcy1zaWduZWQtaXMtdHJ1ZQ=="
TOKEN = "a-token-that-nobody-guesses"
ARRIVED = datetime(2026, 9, 1, 9, tzinfo=UTC)
"""After everything that the examples tell: no message comes before what it says has happened."""

ENDED = ("declined", "voided", "expired")
PIPELINE = pipeline(
    stage("draft"),
    stage("sent", triggers=[trigger("sent")]),
    stage("company-signed", triggers=[trigger("signed_by_company")]),
    stage("client-signed", triggers=[trigger("signed_by_client")]),
    stage("signed", kind="success", triggers=[trigger("signed_by_all")]),
    stage("not-signed", kind="failure", triggers=[trigger(one) for one in ENDED]),
    fields={"told": {"type": "text"}},
)


WITHOUT_ENDS = PIPELINE.model_copy(
    update={"stages": tuple(one for one in PIPELINE.stages if one.id != "not-signed")}
)
"""The same without a stage for envelopes that nobody completes."""


def connection(sender: Sender, *, name: str | None = None, into: Pipeline = PIPELINE) -> Connection:
    """A connection of the provider whose own side is known by its domain."""
    fields = [{"source": sender.custom[0], "field": "told"}] if sender.custom else []
    return Connection.model_validate(
        {
            "id": name or sender.name,
            "provider": sender.name,
            "pipeline": into.pipeline,
            "parties": {"company_domains": ["acme.example"]},
            "fields": fields,
        }
    )


def secrets(made: Connection, *keys: str) -> ConnectionCredentials:
    """Its secrets; a message may be as old as it likes."""
    return ConnectionCredentials(
        connection=made.id,
        provider=made.provider,
        pipeline=made.pipeline,
        tokens=(TOKEN,),
        secrets=keys or (SECRET,),
        options={"max_age_hours": "0"} if made.provider in SIGN_THE_TIME else {},
    )


SIGN_THE_TIME = ("dropbox_sign", "signwell", "xodo_sign")


@cache
def _text(sender: str, file: str) -> bytes:
    return (EVENTS / sender / f"{file}.json").read_bytes()


def signed(sender: Sender, file: str, now: datetime, secret: str = SECRET) -> Request:
    """A message as its provider sends it at that moment."""
    # Where the signature covers the event's time, it is made once, when that was.
    at = sender.messages[file].at if sender.name in SIGN_THE_TIME else None
    request = read_example(_text(sender.name, file), now)
    return provider(sender.name).sign(request, secret, at or now)


def world(sender: Sender, into: Pipeline = PIPELINE) -> World:
    """A world with the provider's connection."""
    here = World(ARRIVED)
    here.publish(into)
    made = connection(sender, into=into)
    here.connect(made, secrets(made))
    return here


def tell(here: World, sender: Sender, files: Sequence[str], *, name: str | None = None) -> None:
    """The messages come one after the other, a minute apart; each must be taken."""
    for file in files:
        here.now += timedelta(minutes=1)
        request = signed(sender, file, here.now)
        received = receive(here.receiver, f"{name or sender.name}.{TOKEN}", request)
        assert received.outcome in ("applied", "duplicate"), f"{file}: {received}"
        here.settle()


def only_document(here: World) -> Document | None:
    """The document, if there is one; never more than one of an envelope."""
    found = list(here.state.documents.values())
    assert len(found) <= 1, [one.envelope for one in found]
    return found[0] if found else None


def diff(
    sender: Sender, document: Document | None, wanted: Expected, *, dated: bool = True
) -> list[str]:
    """Where the document is not what the messages say; its dates only where they are ``dated``."""
    if document is None:
        return [] if wanted == Expected() else ["there is no document"]
    found: list[str] = []

    def compare(what: str, is_: object, should: object) -> None:
        if is_ != should:
            found.append(f"{what} is {is_}; told is {should}")

    compare("status", document.status, wanted.status)
    compare("reason", document.reason, wanted.reason)
    if wanted.dated and dated:
        if wanted.sent is not None:
            compare("sent", document.sent_at, wanted.sent)
        compare("completed", document.completed_at, wanted.completed)
    compare("the PDF", "signed_pdf" in document.files, wanted.pdf)
    if sender.custom is not None:
        compare("the field", document.envelope_fields.get(sender.custom[0]), wanted.custom)
    there = {_name(sender, one): one for one in document.signers if one.must_act}
    compare("who acts", sorted(there), sorted(wanted.people))
    for name, person in wanted.people.items():
        if name in there:
            found += _of_person(name, there[name], person, dated=dated)
    return found


def stage_differs(document: Document | None, wanted: Expected) -> list[str]:
    """Whether the document is in another stage than it must be in, in ``PIPELINE``."""
    if document is None or wanted.status == "deleted" or document.stage == stage_of(wanted):
        return []
    return [f"stage is {document.stage}; told is {stage_of(wanted)}"]


WORDS = {"listed": "waiting", "invited": "notified"}


def _of_person(name: str, signer: Signer, person: Person, *, dated: bool) -> list[str]:
    found = []
    state = WORDS.get(person.state, person.state)
    if signer.status != state:
        found.append(f"{name} is {signer.status}; told is {state}")
    if signer.party != person.side:
        found.append(f"{name} is on the side {signer.party}; told is {person.side}")
    held = {"signed": signer.signed_at, "declined": signer.declined_at}
    if not dated:
        return found
    if person.dated and state in held and held[state] != person.at:
        found.append(f"{name} {state} at {held[state]}; told is {person.at}")
    if person.viewed is not None and signer.viewed_at != person.viewed:
        found.append(f"{name} viewed at {signer.viewed_at}; told is {person.viewed}")
    return found


def _name(sender: Sender, signer: Signer) -> str:
    for name, (own_id, address) in sender.people.items():
        if (own_id is not None and signer.id == own_id) or (
            own_id is None and signer.email == address
        ):
            return name
    return signer.label
