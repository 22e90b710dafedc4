"""Who has signed after a provider's messages, and how far the document is then."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.providers.stories import START_UNIX, after

HOUSE = "familie@sommer-haus.example"
INGA = {"name": "Inga Sommer", "email": HOUSE}
TORE = {"name": "Tore Sommer", "email": HOUSE}
JALE = {"name": "Jale Öz", "phone": "+49 151 5550137"}
OURS = {"emails": {"wirt@acme.example": "company"}}


# --- OpenSign: no ids at all


def opensign(event: str, **more: Any) -> dict[str, Any]:
    return {"event": event, "objectId": "Lk3Pz0", "name": "Lease", **more}


def test_opensign_a_couple_signs_one_after_the_other() -> None:
    created = opensign("created", signers=[INGA, TORE])
    inga, tore = opensign("signed", signer=INGA), opensign("signed", signer=TORE)
    first = after("opensign", created, inga, **OURS)
    assert (first.stage, first.signed) == ("client-signed", {"Inga Sommer"})
    assert first.names == ["Inga Sommer", "Tore Sommer"]
    second = after("opensign", created, inga, tore, **OURS)
    assert (second.signed, second.document.status) == ({"Inga Sommer", "Tore Sommer"}, "sent")
    end = after("opensign", created, inga, tore, opensign("completed"), **OURS)
    assert (end.stage, end.document.status) == ("signed", "completed")


def test_opensign_who_of_a_couple_signed_is_not_guessed() -> None:
    created = opensign("created", signers=[INGA, TORE])
    found = after("opensign", created, opensign("signed", signer={"email": HOUSE}), **OURS)
    assert (found.stage, found.signed) == ("sent", set())


def test_opensign_a_signer_without_an_address_is_kept() -> None:
    created = opensign("created", signers=[INGA, JALE])
    found = after(
        "opensign", created, opensign("signed", signer=INGA, signers=[INGA, JALE]), **OURS
    )
    assert found.names == ["Inga Sommer", "Jale Öz"]
    assert (found.stage, found.document.status) == ("client-signed", "sent")
    last = opensign("signed", signer={"name": "", "phone": "0049 (151) 5550137"})
    assert after("opensign", created, last, **OURS).signed == {"Jale Öz"}


# --- SignNow: one invite a message


def signnow(event: str, minute: int = 0, **content: Any) -> dict[str, Any]:
    meta = {"event": event, "timestamp": START_UNIX + 60 * minute}
    return {"meta": meta, "content": {"document_id": "sn-1", **content}}


@pytest.mark.parametrize("word", ["document.invite.signed", "document.fieldinvite.signed"])
def test_signnow_every_word_for_a_signature_counts(word: str) -> None:
    found = after(
        "signnow",
        signnow("document.invite.sent", invite_id="i7", signer="jale@kunde.example"),
        signnow(word, 5, invite_id="i7", signer="jale@kunde.example", status="signed"),
        **OURS,
    )
    assert (found.stage, found.signed) == ("client-signed", {"jale@kunde.example"})
    assert found.document.status == "sent"


def test_signnow_a_couple_has_two_invites() -> None:
    sent = [signnow("document.invite.sent", invite_id=one, signer=HOUSE) for one in ("i1", "i2")]
    found = after("signnow", *sent, signnow("document.invite.signed", 3, invite_id="i2"), **OURS)
    assert [(one.id, one.status) for one in found.document.signers] == [
        ("i1", "notified"),
        ("i2", "signed"),
    ]
    assert (found.stage, found.document.status) == ("client-signed", "sent")


def test_signnow_a_group_goes_out_and_is_declined() -> None:
    sent = signnow("document_group.invite.sent", group_id="g1")
    declined = signnow("document_group.invite.declined", 9, group_id="g1")
    assert after("signnow", sent).stage == "sent"
    assert after("signnow", sent, declined).stage == "not-signed"


# --- GetAccept: one recipient a message, without an id


def getaccept(action: str, status: str = "sent", **who: Any) -> dict[str, Any]:
    document = {
        "id": "ga-5",
        "name": "Offer",
        "status": status,
        "sender_email": "wirt@acme.example",
    }
    recipient = {"role": "signer", "status": "sent", **who} if who else None
    return {"event": f"document.{action}", "document": document, "recipient": recipient}


INGA_1 = {"fullname": "Inga Sommer", "email": HOUSE, "order_num": "1"}
TORE_2 = {"fullname": "Tore Sommer", "email": HOUSE, "order_num": "2"}


@pytest.mark.parametrize("hidden", ["", "fullname", "order_num"])
def test_getaccept_a_couple_signs_one_after_the_other(hidden: str) -> None:
    inga, tore = (
        {key: value for key, value in one.items() if key != hidden} for one in (INGA_1, TORE_2)
    )
    first = getaccept("partially_signed", status="sent", **inga)
    first["recipient"]["status"] = "signed"
    second = getaccept("partially_signed", **tore)
    found = after("getaccept", getaccept("sent"), first, second)
    assert [one.status for one in found.document.signers] == ["signed", "signed"]
    assert (found.stage, found.document.status) == ("client-signed", "sent")
    end = after("getaccept", getaccept("sent"), first, second, getaccept("signed", "signed"))
    assert end.stage == "signed"


def test_getaccept_an_approvers_approval_is_no_signature() -> None:
    chief = {"fullname": "Chef", "email": "chef@kunde.example", "role": "approver"}
    found = after("getaccept", getaccept("sent"), getaccept("approved", **chief))
    assert (found.stage, [one.action for one in found.document.signers]) == ("sent", ["approve"])


def test_getaccept_signed_does_not_end_what_is_still_open() -> None:
    found = after("getaccept", getaccept("sent"), getaccept("signed", "partially_signed", **TORE_2))
    assert (found.stage, found.document.status) == ("client-signed", "sent")


# --- SignWell: ids of the sender's own, the acting one by address and name


def signwell(kind: str, minute: int, related: Any, *recipients: dict[str, Any]) -> dict[str, Any]:
    event = {"type": kind, "time": START_UNIX + 60 * minute, "related_signer": related}
    document = {"id": "sw-3", "name": "Lease", "status": "Pending", "recipients": list(recipients)}
    return {"event": event, "data": {"object": document}}


LANDLORD = {"id": "1", **INGA, "placeholder_name": "Landlord", "status": "sent"}
TENANT = {"id": "2", **TORE, "placeholder_name": "Tenant", "status": "completed"}


@pytest.mark.parametrize("ids", [True, False])
def test_signwell_of_two_with_one_address_only_who_signed_has_signed(ids: bool) -> None:
    people = [dict(one) for one in (LANDLORD, TENANT)]
    for one in people if not ids else ():
        del one["id"]
    signed = signwell("document_signed", 5, TORE, *people)
    found = after("signwell", signed, roles={"Landlord": "company"})
    assert (found.stage, found.signed) == ("client-signed", {"Tore Sommer"})
    lines = found.world.documents.timeline(found.document.id)
    assert [line.event for line in lines].count("signer.signed") == 1


def test_signwell_who_of_two_viewed_is_not_guessed_and_said_so() -> None:
    waiting = [LANDLORD, {**TENANT, "status": "sent"}]
    found = after("signwell", signwell("document_viewed", 5, {"email": HOUSE}, *waiting))
    assert {one.status for one in found.document.signers} == {"notified"}
    lines = found.world.documents.timeline(found.document.id)
    assert [line.kind for line in lines].count("warning") == 1
