"""Dropbox Sign: who the signers are, without ids, by SMS, in groups and with one address."""

from __future__ import annotations

import json
from typing import Any

import pytest

from countersign.model.signing_event import Signer, SignerRef, SigningEvent
from countersign.providers import provider
from countersign.providers.base import MalformedError, Request
from tests.unit.providers.attacks import at
from tests.unit.providers.engine import after, signers

CAME = at("2026-05-04T08:00:05Z")
SENDER = "ines.roth@acme.example"
INES = {
    "signature_id": "s-1",
    "signer_name": "Ines Roth",
    "signer_email_address": SENDER,
    "status_code": "awaiting_signature",
}
SIGNED = {"status_code": "signed", "signed_at": 1777881600}


def message(
    name: str, *signatures: Any, related: str | None = None, time: Any = "1777881604", **more: Any
) -> Request:
    """One callback; without signatures its list is left out."""
    event = {
        "event_type": f"signature_request_{name}",
        "event_time": time,
        "event_metadata": {"related_signature_id": related},
    }
    request = {
        "signature_request_id": "q-1",
        "is_complete": False,
        "requester_email_address": SENDER,
        "signatures": list(signatures) or None,
        **more,
    }
    text = json.dumps({"event": event, "signature_request": request}).encode()
    body = b'--b\r\nContent-Disposition: form-data; name="json"\r\n\r\n' + text + b"\r\n--b--\r\n"
    headers = {"content-type": "multipart/form-data; boundary=b"}
    return Request(headers=headers, body=body, received_at=CAME)


def read(request: Request) -> SigningEvent:
    (event,) = provider("dropbox_sign").read(request)
    return event


def read_signers(*signatures: Any, **more: Any) -> tuple[Signer, ...]:
    state = read(message("sent", *signatures, **more)).state
    assert state is not None
    return state.signers


class TestNobodyGetsLost:
    def test_signatures_without_id_and_address_are_kept(self) -> None:
        assert read_signers(
            {"sms_phone_number": "+491525550101", "signer_name": "Paul Winter"},
            {"signer_role": "Tenant", "order": 2},
            {},
            cc_email_addresses=["Archive@acme.example", None],
        ) == (
            Signer(name="Paul Winter", phone="+491525550101", status="notified"),
            Signer(role="Tenant", order=2, status="notified"),
            Signer(status="notified"),
            Signer(email="Archive@acme.example", action="copy"),
        )

    @pytest.mark.parametrize("own_id", [None, "s-2"])
    def test_a_request_waits_for_one_who_is_reached_by_sms(self, own_id: str | None) -> None:
        paul = {"signature_id": own_id, "signer_email_address": None}
        paul |= {"sms_phone_number": "+491525550101", "status_code": "awaiting_signature"}
        signed = message("signed", INES | SIGNED, paul, related="s-1")
        document = after("dropbox_sign", message("sent", INES, paul), signed)
        assert (document.status, document.stage) == ("sent", "company-signed")
        assert signers(document) == [
            (INES["signer_name"], SENDER, "company", True),
            (None, None, "unknown", False),
        ]

    @pytest.mark.parametrize(
        ("signatures", "whole"),
        [
            ([INES], True),
            ([INES, "Paul"], False),
            ([INES] * 501, False),
            ({"1": INES}, False),
            (None, False),
        ],
    )
    def test_a_list_that_may_lack_somebody_does_not_count_as_whole(
        self, signatures: Any, whole: bool
    ) -> None:
        state = read(message("sent", signatures=signatures)).state
        assert state is not None
        assert state.all_signers is whole

    @pytest.mark.parametrize(
        ("name", "flags", "status"),
        [
            ("all_signed", {}, None),
            ("all_signed", {"is_complete": None}, None),
            ("downloadable", {"is_complete": True}, "completed"),
            ("canceled", {}, None),
            ("expired", {"is_declined": False}, None),
            ("viewed", {"is_declined": True}, "declined"),
        ],
    )
    def test_the_state_has_the_requests_own_flags_alone(
        self, name: str, flags: dict[str, Any], status: str | None
    ) -> None:
        state = read(message(name, INES, **flags)).state
        assert state is not None
        assert state.status == status


EVA = INES | {"signature_id": "s-7", "signer_name": "Eva", "signer_email_address": "k@h.example"}
OLE = EVA | {"signature_id": "s-8", "signer_name": "Ole"}


class TestOneAddress:
    @pytest.mark.parametrize("related", ["s-8", None])
    def test_of_a_couple_only_the_one_who_signed_has_signed(self, related: str | None) -> None:
        sent = message("sent", EVA, OLE, INES)
        signed = message("signed", EVA, OLE | SIGNED, INES, related=related)
        document = after("dropbox_sign", sent, signed)
        assert [one.id for one in document.signers if one.has_signed] == ["s-8"]
        assert document.stage == "client-signed"

    def test_an_id_that_the_whole_list_does_not_have_makes_nobody_up(self) -> None:
        sent = message("sent", EVA, OLE, INES)
        signed = message("signed", EVA, OLE | SIGNED, INES, related="s-99")
        document = after("dropbox_sign", sent, signed)
        assert [(one.id, one.has_signed) for one in document.signers] == [
            ("s-7", False),
            ("s-8", True),
            ("s-1", False),
        ]

    def test_without_ids_a_couple_is_two_by_name(self) -> None:
        eva, ole = EVA | {"signature_id": None}, OLE | {"signature_id": None}
        sent = message("sent", eva, ole, INES)
        document = after("dropbox_sign", sent, message("signed", eva | SIGNED, ole, INES))
        assert [one.name for one in document.signers if one.has_signed] == ["Eva"]
        assert document.status == "sent"


class TestGroups:
    def group(self, **signed: Any) -> list[dict[str, Any]]:
        return [
            {
                "signature_id": number,
                "signer_group_guid": "g-1",
                "signer_role": "Purchasing",
                "signer_name": name,
                "signer_email_address": f"{name.lower()}@kunde.example",
                "status_code": "awaiting_signature",
                **(signed if number == "m-2" else {}),
            }
            for number, name in (("m-1", "Bea"), ("m-2", "Cem"))
        ]

    def test_a_group_of_signatures_is_one_signer(self) -> None:
        (_, group) = read_signers(INES, *self.group())
        assert group == Signer(
            id="m-1",
            name="Purchasing",
            role="Purchasing",
            members=("bea@kunde.example", "cem@kunde.example"),
            status="notified",
        )

    def test_the_one_of_a_group_who_signed_is_the_signer_and_nobody_else_of_it_signs(self) -> None:
        sent = message("sent", INES, *self.group())
        signed = message("signed", INES, *self.group(**SIGNED), related="m-2")
        assert read(signed).signer == SignerRef(
            id="m-1", email="cem@kunde.example", name="Cem", role="Purchasing"
        )
        both = message("all_signed", INES | SIGNED, *self.group(**SIGNED), is_complete=True)
        document = after("dropbox_sign", sent, signed)
        assert document.stage == "client-signed"
        document = after("dropbox_sign", sent, signed, both)
        assert [(one.name, one.has_signed) for one in document.signers] == [
            ("Ines Roth", True),
            ("Cem", True),
        ]
        assert document.stage == "signed"


class TestWhatIsOddIsLeftOut:
    @pytest.mark.parametrize("odd", ["yesterday", -1, {}, ["x"], "2026-05-04"])
    def test_an_odd_time_of_an_event_or_signature_costs_no_signature(self, odd: Any) -> None:
        event = read(
            message(
                "signed",
                INES | SIGNED | {"signed_at": odd, "last_viewed_at": odd},
                related="s-1",
                time=odd,
                expires_at=odd,
            )
        )
        assert (event.kind, event.occurred_at) == ("signer.signed", CAME)
        assert event.signer == SignerRef(id="s-1", email=SENDER, name="Ines Roth")
        assert event.warnings != ()

    @pytest.mark.parametrize("odd", [None, "", [], {}, "a\nb"])
    def test_a_request_that_cannot_be_named_is_malformed(self, odd: Any) -> None:
        with pytest.raises(MalformedError, match="must name its request"):
            read(message("signed", INES, signature_request_id=odd))

    def test_bytes_that_are_not_utf_8_cost_a_letter(self) -> None:
        request = message("sent", INES, title="Miete in K?ln")
        request = request.model_copy(update={"body": request.body.replace(b"?", b"\xf6")})
        event = read(request)
        assert event.state is not None
        assert event.state.title == "Miete in K\ufffdln"
