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
    outcome = after("opensign", created, opensign("signed", signer={"email": HOUSE}), **OURS)
    assert (outcome.stage, outcome.signed) == ("sent", set())


def test_opensign_a_signer_without_an_address_is_kept() -> None:
    created = opensign("created", signers=[INGA, JALE])
    outcome = after(
        "opensign", created, opensign("signed", signer=INGA, signers=[INGA, JALE]), **OURS
    )
    assert outcome.names == ["Inga Sommer", "Jale Öz"]
    assert (outcome.stage, outcome.document.status) == ("client-signed", "sent")
    last = opensign("signed", signer={"name": "", "phone": "0049 (151) 5550137"})
    assert after("opensign", created, last, **OURS).signed == {"Jale Öz"}


# --- SignNow: one invite a message


def signnow(event: str, minute: int = 0, **content: Any) -> dict[str, Any]:
    meta = {"event": event, "timestamp": START_UNIX + 60 * minute}
    return {"meta": meta, "content": {"document_id": "sn-1", **content}}


@pytest.mark.parametrize("word", ["document.invite.signed", "document.fieldinvite.signed"])
def test_signnow_every_word_for_a_signature_counts(word: str) -> None:
    outcome = after(
        "signnow",
        signnow("document.invite.sent", invite_id="i7", signer="jale@kunde.example"),
        signnow(word, 5, invite_id="i7", signer="jale@kunde.example", status="signed"),
        **OURS,
    )
    assert (outcome.stage, outcome.signed) == ("client-signed", {"jale@kunde.example"})
    assert outcome.document.status == "sent"


def test_signnow_a_couple_has_two_invites() -> None:
    sent = [
        signnow("document.invite.sent", invite_id=invite, signer=HOUSE) for invite in ("i1", "i2")
    ]
    outcome = after("signnow", *sent, signnow("document.invite.signed", 3, invite_id="i2"), **OURS)
    assert [(signer.id, signer.status) for signer in outcome.document.signers] == [
        ("i1", "notified"),
        ("i2", "signed"),
    ]
    assert (outcome.stage, outcome.document.status) == ("client-signed", "sent")


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
        {key: value for key, value in who.items() if key != hidden} for who in (INGA_1, TORE_2)
    )
    first = getaccept("partially_signed", status="sent", **inga)
    first["recipient"]["status"] = "signed"
    second = getaccept("partially_signed", **tore)
    outcome = after("getaccept", getaccept("sent"), first, second)
    assert [signer.status for signer in outcome.document.signers] == ["signed", "signed"]
    assert (outcome.stage, outcome.document.status) == ("client-signed", "sent")
    end = after("getaccept", getaccept("sent"), first, second, getaccept("signed", "signed"))
    assert end.stage == "signed"


def test_getaccept_an_approvers_approval_is_no_signature() -> None:
    chief = {"fullname": "Chef", "email": "chef@kunde.example", "role": "approver"}
    outcome = after("getaccept", getaccept("sent"), getaccept("approved", **chief))
    assert (outcome.stage, [signer.action for signer in outcome.document.signers]) == (
        "sent",
        ["approve"],
    )


def test_getaccept_signed_does_not_end_what_is_still_open() -> None:
    outcome = after(
        "getaccept", getaccept("sent"), getaccept("signed", "partially_signed", **TORE_2)
    )
    assert (outcome.stage, outcome.document.status) == ("client-signed", "sent")


# --- SignWell: ids of the sender's own, the acting one by address and name


def signwell(kind: str, minute: int, related: Any, *recipients: dict[str, Any]) -> dict[str, Any]:
    event = {"type": kind, "time": START_UNIX + 60 * minute, "related_signer": related}
    document = {"id": "sw-3", "name": "Lease", "status": "Pending", "recipients": list(recipients)}
    return {"event": event, "data": {"object": document}}


LANDLORD = {"id": "1", **INGA, "placeholder_name": "Landlord", "status": "sent"}
TENANT = {"id": "2", **TORE, "placeholder_name": "Tenant", "status": "completed"}


@pytest.mark.parametrize("ids", [True, False])
def test_signwell_of_two_with_one_address_only_who_signed_has_signed(ids: bool) -> None:
    people = [dict(who) for who in (LANDLORD, TENANT)]
    for person in people if not ids else ():
        del person["id"]
    signed = signwell("document_signed", 5, TORE, *people)
    outcome = after("signwell", signed, roles={"Landlord": "company"})
    assert (outcome.stage, outcome.signed) == ("client-signed", {"Tore Sommer"})
    lines = outcome.world.documents.timeline(outcome.document.id)
    assert [line.event for line in lines].count("signer.signed") == 1


def test_signwell_who_of_two_viewed_is_not_guessed_and_said_so() -> None:
    waiting = [LANDLORD, {**TENANT, "status": "sent"}]
    outcome = after("signwell", signwell("document_viewed", 5, {"email": HOUSE}, *waiting))
    assert {signer.status for signer in outcome.document.signers} == {"notified"}
    lines = outcome.world.documents.timeline(outcome.document.id)
    assert [line.kind for line in lines].count("warning") == 1


# --- Documenso: a number, later an envelope's id, and a test button that signs with the real secret


def documenso(event: str, second: int, *people: dict[str, Any], **ids: Any) -> dict[str, Any]:
    document = {"title": "Lease", "status": "PENDING", "recipients": list(people), **ids}
    created = f"2026-03-02T09:00:{second:02d}.000Z"
    return {"event": event, "createdAt": created, "payload": document}


OWN = {"id": 1, "name": "Wirt", "email": "wirt@acme.example", "role": "SIGNER"}
GUEST = {"id": 2, **INGA, "role": "SIGNER", "signingOrder": 2}
DONE = {"signingStatus": "SIGNED", "signedAt": "2026-03-02T09:00:20.000Z"}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"id": 811}, {"id": 811, "envelopeId": "envelope_q"}),
        ({"id": 811, "envelopeId": "envelope_q"}, {"envelopeId": "envelope_q"}),
        ({"envelopeId": "envelope_q"}, {"id": 811, "envelopeId": "envelope_q"}),
    ],
    ids=["before the upgrade", "after the number is gone", "number last"],
)
def test_documenso_a_document_stays_one_by_whichever_id_it_is_named(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    outcome = after(
        "documenso",
        documenso("DOCUMENT_SENT", 1, OWN, GUEST, **first),
        documenso("DOCUMENT_SIGNED", 30, OWN, {**GUEST, **DONE}, **second),
        **OURS,
    )
    assert (outcome.stage, outcome.signed) == ("client-signed", {"Inga Sommer"})
    assert len(outcome.world.state.documents) == 1


def test_documenso_the_test_button_makes_and_moves_nothing() -> None:
    sent = documenso("DOCUMENT_SENT", 1, OWN, GUEST, id=10)
    sample = {"id": 51, "email": "signer1@documenso.com", "name": "Signer 1", **DONE}
    test = documenso("DOCUMENT_COMPLETED", 40, sample, id=10, title="documenso.pdf")
    test["payload"]["status"] = "COMPLETED"
    outcome = after("documenso", sent, test, **OURS)
    assert (outcome.stage, outcome.document.status, outcome.names) == (
        "sent",
        "sent",
        ["Wirt", "Inga Sommer"],
    )


def test_documenso_an_approver_holds_the_document_open_and_signs_nothing() -> None:
    chief = {"id": 3, "email": "chef@kunde.example", "role": "APPROVER"}
    sent = documenso("DOCUMENT_SENT", 1, OWN, GUEST, chief, id=5)
    approved = documenso("DOCUMENT_RECIPIENT_COMPLETED", 30, OWN, GUEST, {**chief, **DONE}, id=5)
    outcome = after("documenso", sent, approved, **OURS)
    assert (outcome.stage, outcome.document.status) == ("sent", "sent")


# --- DocuSeal: a form a submitter, known by id


def docuseal(event: str, **data: Any) -> dict[str, Any]:
    return {"event_type": event, "timestamp": "2026-03-02T09:00:40Z", "data": data}


@pytest.mark.parametrize("member", ["id", "email", "submission", "submission_id", "template"])
def test_docuseal_a_signature_counts_whichever_minor_member_is_null(member: str) -> None:
    invited = [{"id": 71, **INGA, "status": "sent"}, {"id": 72, **TORE, "status": "sent"}]
    created = docuseal("submission.created", id=9, status="pending", submitters=invited)
    form = {"id": 72, **TORE, "status": "completed", "completed_at": "2026-03-02T09:00:30Z"}
    whole = {"submission_id": 9, "submission": {"id": 9, "status": "pending"}, "template": None}
    signed = docuseal("form.completed", **{**form, **whole, member: None})
    outcome = after("docuseal", created, signed, **OURS)
    assert (outcome.stage, outcome.signed) == ("client-signed", {"Tore Sommer"})
    assert outcome.names == ["Inga Sommer", "Tore Sommer"]
    assert outcome.document.status == "sent"


# --- Xodo Sign: one signer a message, numbered within the document


def xodo(event: str, minute: int, signer: dict[str, Any] | None = None) -> dict[str, Any]:
    time = START_UNIX + 60 * minute
    meta = {"related_document_hash": "x9"}
    return {"event_type": event, "event_time": time, "meta": meta, "signer": signer}


@pytest.mark.parametrize("ids", [True, False])
def test_xodo_a_couple_signs_one_after_the_other(ids: bool) -> None:
    inga, tore = (
        {**who, "order": number, **({"id": number} if ids else {})}
        for number, who in enumerate((INGA, TORE), 1)
    )
    sent = xodo("document_sent", 1)
    first = after("xodo_sign", sent, xodo("document_signed", 5, inga), others="client")
    assert (first.stage, first.signed, first.document.status) == (
        "client-signed",
        {"Inga Sommer"},
        "sent",
    )
    signed = [xodo("document_signed", 5, who) for who in (inga, tore)]
    both = after("xodo_sign", sent, *signed, others="client")
    assert (both.signed, both.document.status) == ({"Inga Sommer", "Tore Sommer"}, "sent")
    end = after("xodo_sign", sent, *signed, xodo("document_completed", 6), others="client")
    assert end.stage == "signed"


# --- Yousign: the request's list by ids and states, the acting one in full


def yousign(event: str, second: int, acting: Any, *states: str, **more: Any) -> dict[str, Any]:
    signers = [{"id": f"s{n}", "status": state} for n, state in enumerate(states, 1)]
    request = {"id": "y4", "status": "ongoing", "signers": signers, "approvers": [], **more}
    data = {"signature_request": request, event.partition(".")[0]: acting}
    return {"event_name": event, "event_time": START_UNIX + second, "data": data}


def info(first_name: str, email: str = HOUSE) -> dict[str, str]:
    return {"first_name": first_name, "last_name": "Sommer", "email": email}


def test_yousign_a_couple_is_two_ids() -> None:
    asked = [
        yousign("signer.notified", 1, {"id": "s1", "info": info("Inga")}, "notified", "notified"),
        yousign("signer.notified", 2, {"id": "s2", "info": info("Tore")}, "notified", "notified"),
    ]
    tore = {"id": "s2", "info": info("Tore"), "status": "signed"}
    signed = yousign("signer.done", 30, tore, "notified", "signed", expiration_date="2026-12-01")
    outcome = after("yousign", *asked, signed, **OURS)
    assert (outcome.stage, outcome.signed, outcome.document.status) == (
        "client-signed",
        {"Tore Sommer"},
        "sent",
    )
    nameless = yousign("signer.done", 30, {**tore, "id": None}, "notified", "signed")
    assert after("yousign", *asked, nameless, **OURS).signed == {"Tore Sommer"}


def test_yousign_an_approvers_approval_is_no_signature() -> None:
    chief = {"id": "a1", "info": info("Chef", "chef@kunde.example"), "status": "approved"}
    approvers = [{"id": "a1", "status": "approved"}]
    outcome = after(
        "yousign", yousign("approver.approved", 9, chief, "notified", approvers=approvers), **OURS
    )
    assert (outcome.stage, outcome.document.status) == ("sent", "sent")
    assert [s.action for s in outcome.document.signers] == ["sign", "approve"]
