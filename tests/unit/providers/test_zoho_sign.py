"""Zoho Sign: what it sends, what that means, and what must not pass for it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from countersign.model.signing_event import (
    Envelope,
    EnvelopeStatus,
    Sender,
    Signer,
    SignerRef,
    SigningEvent,
)
from countersign.providers.base import MalformedError, Request
from tests.unit.providers.attacks import SECRET, BodySigned, ProofInHeader, at

ID = "297461000000184023"
ANNA_ID = "297461000000184031"
KLARA_ID = "297461000000184037"
NO = "We need a cap on the fees"
NEWER = "A newer version follows"

ANNA_ASKED = Signer(
    id=ANNA_ID,
    name="Anna Berger",
    email="anna.berger@acme.example",
    role="Director",
    order=1,
    status="notified",
)
ANNA_SIGNED = ANNA_ASKED.model_copy(update={"status": "signed"})
KLARA_WAITS = Signer(
    id=KLARA_ID, name="Klara Vogel", email="klara.vogel@kunde.example", role="Client", order=2
)
KLARA_ASKED = KLARA_WAITS.model_copy(update={"status": "notified"})
KLARA_VIEWED = KLARA_WAITS.model_copy(update={"status": "viewed"})
KLARA_SIGNED = KLARA_WAITS.model_copy(update={"status": "signed"})
KLARA_DECLINED = KLARA_WAITS.model_copy(update={"status": "declined", "reason": NO})
PAUL_ASKED = KLARA_ASKED.model_copy(
    update={"name": "Paul Winter", "email": "paul.winter@kunde.example"}
)
ARCHIVE = Signer(
    id="297461000000184041",
    name="Legal Archive",
    email="archive@acme.example",
    order=3,
    action="copy",
)
ANNA = SignerRef(
    id=ANNA_ID, email="anna.berger@acme.example", name="Anna Berger", role="Director", order=1
)
KLARA = SignerRef(
    id=KLARA_ID, email="klara.vogel@kunde.example", name="Klara Vogel", role="Client", order=2
)
PAUL = SignerRef(
    id=KLARA_ID, email="paul.winter@kunde.example", name="Paul Winter", role="Client", order=2
)


def request(status: EnvelopeStatus, *signers: Signer, **more: Any) -> Envelope:
    """The example request in one of its states."""
    state = Envelope(
        id=ID,
        title="Licence contract ACME and Kunde",
        status=status,
        signers=(*signers, ARCHIVE),
        sender=Sender(name="Jonas Feld", email="jonas.feld@acme.example"),
        created_at=at("2026-04-13T08:00:00.25Z"),
        sent_at=at("2026-04-13T08:04:11.02Z"),
        expires_at=at("2026-05-13T21:59:59Z"),
    )
    return state.model_copy(update=more)


def event(kind: Any, name: str, rest: str, when: str, **more: Any) -> tuple[SigningEvent]:
    """The one event of an example; ``rest`` ends its key."""
    given = {"key": f"{name}:{ID}{rest}", "envelope": ID, **more}
    return (SigningEvent(kind=kind, provider_event=name, occurred_at=at(when), **given),)


LEASE, MIRA_ID = "297461000000191007", "297461000000191011"
MIRA_SIGNED = Signer(
    id=MIRA_ID,
    name="Mira Sand",
    email="mira.sand@kunde.example",
    role="Tenant",
    order=1,
    status="signed",
)
TOM_ASKED = Signer(
    id="297461000000191013",
    name="Tom Sand",
    phone="+49 1525550123",
    role="Guarantor",
    order=2,
    status="notified",
)

MEANINGS: dict[str, tuple[SigningEvent, ...]] = {
    "RequestSubmitted": event(
        "document.sent",
        "RequestSubmitted",
        ":jonas.feld@acme.example:2026-04-13 08:04:11.020000+00:00",
        "2026-04-13T08:04:11.02Z",
        state=request("sent", ANNA_ASKED, KLARA_WAITS),
    ),
    "RequestSigningSuccess_director": event(
        "signer.signed",
        "RequestSigningSuccess",
        f":{ANNA_ID}",
        "2026-04-13T09:30:05.816Z",
        signer=ANNA,
        state=request("sent", ANNA_SIGNED, KLARA_ASKED),
    ),
    "RequestSigningSuccess_in_person": event(
        "signer.signed",
        "RequestSigningSuccess",
        "",
        "2026-04-13T09:30:05.816Z",
        key=f"RequestSigningSuccess:{LEASE}:{MIRA_ID}",
        envelope=LEASE,
        signer=SignerRef(
            id=MIRA_ID, email="mira.sand@kunde.example", name="Mira Sand", role="Tenant", order=1
        ),
        state=request(
            "sent", id=LEASE, title="Lease of a workshop", signers=(MIRA_SIGNED, TOM_ASKED)
        ),
    ),
    "RequestViewed_client": event(
        "document.viewed",
        "RequestViewed",
        f":{KLARA_ID}:2026-04-14 13:10:00.101000+00:00",
        "2026-04-14T13:10:00.101Z",
        signer=KLARA,
        state=request("sent", ANNA_SIGNED, KLARA_VIEWED),
    ),
    "RequestSigningSuccess_client": event(
        "signer.signed",
        "RequestSigningSuccess",
        f":{KLARA_ID}",
        "2026-04-14T13:14:20.512Z",
        signer=KLARA,
        state=request("completed", ANNA_SIGNED, KLARA_SIGNED),
    ),
    "RequestCompleted": event(
        "document.completed",
        "RequestCompleted",
        "",
        "2026-04-14T13:14:21.007Z",
        state=request(
            "completed", ANNA_SIGNED, KLARA_SIGNED, completed_at=at("2026-04-14T13:14:21.007Z")
        ),
    ),
    "RequestRejected": event(
        "document.declined",
        "RequestRejected",
        "",
        "2026-04-14T13:20:00.4Z",
        signer=KLARA,
        reason=NO,
        state=request("declined", ANNA_SIGNED, KLARA_DECLINED, reason=NO),
    ),
    "RequestRecalled": event(
        "document.voided",
        "RequestRecalled",
        "",
        "2026-04-15T07:00:00.9Z",
        reason=NEWER,
        state=request("voided", ANNA_SIGNED, KLARA_VIEWED, reason=NEWER),
    ),
    "RequestExpired": event(
        "document.expired",
        "RequestExpired",
        ":jonas.feld@acme.example:2026-05-13 22:00:03+00:00",
        "2026-05-13T22:00:03Z",
        state=request("expired", ANNA_SIGNED, KLARA_VIEWED),
    ),
    "RequestForwarded_client": event(
        "signer.reassigned",
        "RequestForwarded",
        f":{KLARA_ID}:2026-04-14 13:12:00.640000+00:00",
        "2026-04-14T13:12:00.64Z",
        signer=PAUL,
        previous_signer=SignerRef(email="klara.vogel@kunde.example", name="Klara Vogel"),
        state=request("sent", ANNA_SIGNED, PAUL_ASKED),
    ),
    "RequestAnnotated": event(
        "other",
        "RequestAnnotated",
        ":jonas.feld@acme.example:2026-04-13 09:31:00+00:00",
        "2026-04-13T09:31:00Z",
        state=request("sent", ANNA_SIGNED, KLARA_ASKED),
    ),
}


class TestZohoSign(ProofInHeader, BodySigned):
    name = "zoho_sign"
    example = "RequestSigningSuccess_director"
    now = at("2026-04-13T09:30:07Z")
    proof = "x-zs-webhook-signature"
    meanings = MEANINGS
    telling = ("notifications.operation_type", "requests.request_id")
    hidden = ("KV-40-81-73", "iVBORw0KGgo-a-picture-of-page-one")

    def signed(self, request: Request, secret: str) -> Request:
        made = hmac.new(secret.encode(), request.body, hashlib.sha256).digest()
        return self.with_proof(request, base64.b64encode(made).decode())

    def event_name(self, message: Any) -> str:
        return str(message["notifications"]["operation_type"])

    def retried(self, request: Request) -> Request:
        """Re-serialised, the ids as text, the state by now a later one."""
        message = json.loads(request.body)
        state, told = message["requests"], message["notifications"]
        state["request_status"] = "completed"
        state["request_id"] = str(state["request_id"])
        for one in (*state["actions"], *([told] if "action_id" in told else ())):
            one["action_id"] = str(one["action_id"])
        return request.model_copy(update={"body": json.dumps(message, indent=1).encode()})

    def test_a_time_that_is_not_signed_is_not_looked_at(self) -> None:
        request = self.genuine()
        for time in ("0", "soon", "99999999999"):
            headers = {**request.headers, "x-zs-webhook-timestamp": time}
            assert self.accepted(request.model_copy(update={"headers": headers}), SECRET)

    def test_the_secret_counts_with_its_prefix_as_it_is(self) -> None:
        request = self.genuine("whsec_c2VjcmV0")
        assert self.accepted(request, "whsec_c2VjcmV0")
        assert not self.accepted(request, "secret")
        assert not self.accepted(request, "c2VjcmV0")

    def test_a_list_of_notifications_is_read_as_documented(self) -> None:
        message = json.loads(self.read("RequestCompleted").body)
        signed = json.loads(self.read("RequestSigningSuccess_client").body)["notifications"]
        message["notifications"] = [signed, message["notifications"]]
        found = self.subject.parse(self.with_json(json.dumps(message).encode()))
        assert [one.key for one in found] == [
            f"RequestSigningSuccess:{ID}:{KLARA_ID}",
            f"RequestCompleted:{ID}",
        ]

    @pytest.mark.parametrize(
        ("time", "when"),
        [
            (1776072605816, "2026-04-13T09:30:05.816Z"),
            ("1776072605816", "2026-04-13T09:30:05.816Z"),
            ("2026-04-13T11:30:05+02:00", "2026-04-13T09:30:05Z"),
            # What cannot be read costs no event: it is dated by its arrival.
            ("Apr 13 2026", "2026-04-13T09:30:07Z"),
            (0, "2026-04-13T09:30:07Z"),
            (None, "2026-04-13T09:30:07Z"),
        ],
    )
    def test_the_time_may_be_written_in_several_ways(self, time: object, when: str) -> None:
        assert self.parse("RequestViewed", performed_at=time).occurred_at == at(when)

    def test_an_id_of_64_bits_keeps_every_digit(self) -> None:
        found = self.parse("RequestViewed", action_id=9223372036854775807)
        assert found.key == f"RequestViewed:{ID}:9223372036854775807:-"

    @pytest.mark.parametrize(
        ("told", "signer"),
        [
            ({"action_id": 1}, "1"),
            ({"performed_by_email": "2@KUNDE.example"}, "2"),
            ({"action_id": 7, "performed_by_email": "2@kunde.example"}, "2"),
            ({"performed_by_email": "somebody@kunde.example"}, None),
            ({}, None),
        ],
    )
    def test_who_acted_is_told_by_the_action_or_the_address(
        self, told: dict[str, object], signer: str | None
    ) -> None:
        found = self.parse("RequestSigningSuccess", **told)
        assert (found.signer and found.signer.id) == signer

    def test_a_list_that_shows_the_one_who_passed_it_on_does_not_tell_the_new_signer(self) -> None:
        found = self.parse("RequestForwarded", action_id=1, performed_by_email="1@kunde.example")
        assert found.signer is None
        assert found.previous_signer == SignerRef(email="1@kunde.example")

    @pytest.mark.parametrize(
        ("sort", "word", "action", "status"),
        [
            ("SIGN", "NOACTION", "sign", "waiting"),
            ("SIGN", "UNOPENED", "sign", "notified"),
            ("INPERSONSIGN", "VIEWED", "sign", "viewed"),
            ("APPROVER", "APPROVED", "approve", "signed"),
            ("APPROVER", "SIGNED", "approve", "signed"),
            ("SIGN", "DECLINED", "sign", "declined"),
            ("SIGN", "EXPIRED", "sign", "expired"),
            ("VIEW", "VIEWED", "copy", "viewed"),
            ("ANOTHER", "ANOTHER", "sign", "waiting"),
        ],
    )
    def test_a_recipients_part_in_our_words(
        self, sort: str, word: str, action: str, status: str
    ) -> None:
        part = {"action_id": 1, "action_type": sort, "action_status": word}
        found = self.parse("RequestSubmitted", actions=[part])
        assert found.state is not None
        assert [(one.action, one.status) for one in found.state.signers] == [(action, status)]

    def test_a_known_event_without_its_request_is_malformed(self) -> None:
        body = {"notifications": {"operation_type": "RequestViewed"}}
        with pytest.raises(MalformedError, match="request_id"):
            self.subject.parse(self.with_json(json.dumps(body).encode()))

    def parse(self, name: str, *, actions: Any = None, **told: object) -> SigningEvent:
        if actions is None:
            actions = [
                {"action_id": one, "recipient_email": f"{one}@kunde.example"} for one in (1, 2)
            ]
        body = {
            "requests": {"request_id": int(ID), "actions": actions},
            "notifications": {"operation_type": name, **told},
        }
        (found,) = self.subject.parse(self.with_json(json.dumps(body).encode()))
        return found
