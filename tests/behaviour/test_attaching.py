"""An envelope that names a document: attached where it can be, told why where it cannot."""

from __future__ import annotations

from typing import Any

import pytest

from countersign.model.actor import user
from countersign.model.signing_event import SigningEvent
from countersign.simulation.world import World
from countersign.use_cases.documents.edit import NewDocument, make
from tests.builders import ANNA, KLARA, connection, envelope, event, pipeline, stage, trigger, world

BEN = "ben@acme.example"
PIPELINE = pipeline(stage("draft"), stage("sent", triggers=[trigger("sent")]))


def naming(document: str, **more: Any) -> SigningEvent:
    """The first message of an envelope that names this document."""
    state = envelope(custom_fields={"countersign_document": document})
    return event("document.sent", state=state, **more)


def with_lease() -> World:
    """A world with a document that was made by hand."""
    here = world(PIPELINE)
    values = {"number": "4711"}
    make(here.store, NewDocument(id="lease", pipeline="contracts", values=values), user(BEN))
    return here


def warnings(here: World) -> list[str]:
    """The warnings on the timelines of all documents."""
    return [
        line.text
        for document in here.documents.in_stage("contracts")
        for line in here.documents.timeline(document.id)
        if line.kind == "warning"
    ]


def test_the_envelope_is_attached_to_the_document_it_names_and_moves_it() -> None:
    here = with_lease()
    lease = here.tell("docusign", [naming("lease")])
    assert (lease.connection, lease.provider) == ("docusign", "docusign")
    assert (lease.id, lease.envelope, lease.stage, lease.number) == (
        "lease",
        "env-1",
        "sent",
        "4711",
    )


def test_later_messages_find_the_document_though_they_do_not_name_it() -> None:
    here = with_lease()
    here.tell("docusign", [naming("lease")])
    here.tell("docusign", [event("signer.signed", ANNA, minute=1)])
    (only,) = here.documents.in_stage("contracts")
    assert (only.id, only.signers[0].status) == ("lease", "signed")


@pytest.mark.parametrize(
    ("named", "reason"),
    [
        ("nowhere", "which does not exist"),
        ("other", "which belongs to the pipeline others, not contracts"),
        ("taken", "which has the envelope env-0 already"),
    ],
)
def test_an_envelope_whose_document_cannot_be_had_gets_its_own_and_says_why(
    named: str, reason: str
) -> None:
    here = with_lease()
    here.publish(PIPELINE.model_copy(update={"pipeline": "others"}))
    make(here.store, NewDocument(id="other", pipeline="others", values={}), user(BEN))
    make(here.store, NewDocument(id="taken", pipeline="contracts", values={}), user(BEN))
    here.tell("docusign", [naming("taken", envelope="env-0", key="first")])
    made = here.tell("docusign", [naming(named)])
    assert made.id not in ("nowhere", "other", "taken")
    assert warnings(here) == [
        f'the custom field "countersign_document" names the document {named}, {reason}; '
        "this document was made instead"
    ]


def test_the_name_of_the_custom_field_is_the_connections() -> None:
    here = with_lease()
    here.connect(connection(document_field="Vorgang"))
    state = envelope(custom_fields={"Vorgang": " lease "})
    assert here.tell("docusign", [event("document.sent", state=state)]).id == "lease"


def payment(document: str, **detail: str) -> SigningEvent:
    """A payment that names a document, as a payment provider's message tells it."""
    told = {"document": document, "amount": "500.00", "currency": "EUR", **detail}
    return event("payment.received", minute=-9, envelope="pay-1", key="p", detail=told)


@pytest.mark.parametrize(
    ("settings", "stage_after"),
    [
        ({}, "paid"),
        ({"currency": "EUR", "at_least": 500}, "paid"),
        ({"currency": "EUR", "at_least": "500.01"}, "draft"),
        ({"currency": "USD"}, "draft"),
    ],
)
def test_a_payment_reaches_the_document_it_names_though_its_envelope_has_ended(
    settings: dict[str, Any], stage_after: str
) -> None:
    paid = trigger("payment_received", settings=settings)
    here = world(pipeline(stage("draft"), stage("paid", triggers=[paid])))
    document = here.tell("docusign", [event("document.completed", state=envelope("completed"))])
    after = here.tell("docusign", [payment(document.id)])
    assert (after.stage, after.envelope, after.title) == (stage_after, "env-1", document.title)


def test_a_payment_for_a_document_that_does_not_exist_makes_none_and_is_kept() -> None:
    here = with_lease()
    with pytest.raises(LookupError):
        here.tell("docusign", [payment("nowhere")])
    assert [one.id for one in here.documents.in_stage("contracts")] == ["lease"]
    assert [one.key for one in here.documents.recent_events("docusign", 9)] == ["p"]


# --- one envelope, several names


def named(name: str, *aliases: str, minute: int) -> SigningEvent:
    """A message that names its envelope so."""
    made = event("document.viewed", KLARA, minute=minute, state=envelope())
    return made.model_copy(update={"envelope": name, "aliases": aliases})


@pytest.mark.parametrize(
    "names",
    [
        [("17",), ("17", "env_a"), ("env_a",)],
        [("env_a",), ("17", "env_a"), ("17",)],
        [("17", "env_a"), ("env_a",), ("17",)],
        [("17", "env_a"), ("env_a", "17", "third"), ("third",)],
    ],
    ids=str,
)
def test_a_document_stays_one_however_the_provider_names_its_envelope(
    names: list[tuple[str, ...]],
) -> None:
    here = world(PIPELINE)
    for minute, (name, *aliases) in enumerate(names):
        here.tell("docusign", [named(name, *aliases, minute=minute)])
    (only,) = here.documents.in_stage("contracts", "sent")
    known = [only.envelope, *only.envelope_aliases]
    assert sorted(map(str, known)) == sorted({name for one in names for name in one})
    viewed = [e for e in here.documents.timeline(only.id) if e.event == "document.viewed"]
    assert len(viewed) == len(names)


def test_the_name_that_a_message_uses_is_no_other_name_of_its_envelope() -> None:
    here = world(PIPELINE)
    document = here.tell("docusign", [named("17", "17", "env_a", "", "env_a", minute=0)])
    assert (document.envelope, document.envelope_aliases) == ("17", ("env_a",))


def test_two_documents_that_turn_out_to_be_one_envelope_stay_two_and_one_says_so() -> None:
    here = world(PIPELINE)
    here.tell("docusign", [named("17", minute=0)])
    other = here.tell("docusign", [named("env_a", minute=1)])
    for minute in (2, 3):
        here.tell("docusign", [named("17", "env_a", minute=minute)])
    assert warnings(here) == [f"the envelope is also named env_a, which is the document {other.id}"]


@pytest.mark.parametrize("named", ["nowhere", "lease"])
def test_an_envelope_is_known_by_all_its_names_whatever_document_it_came_to(named: str) -> None:
    here = with_lease()
    document = here.tell("docusign", [naming(named, aliases=("env-1-old",))])
    assert document.envelope_aliases == ("env-1-old",)
    later = event("signer.signed", ANNA, minute=1, envelope="env-1-old", key="later")
    assert here.tell("docusign", [later]).id == document.id
