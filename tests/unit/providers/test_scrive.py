"""Scrive: what it sends, what that means, and that it proves nothing."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest

from countersign.model.signing_event import Envelope, Sender, Signer, SignerRef, SigningEvent
from countersign.providers._toolkit.form import FORM
from countersign.providers.base import MalformedError, Request
from tests.unit.providers.attacks import NoProof, at

ID = "8222115557381102044"
NO = "We sign only with the other annex"

ANNA_WAITS = Signer(
    id="301",
    name="Anna Berger",
    email="anna.berger@acme.example",
    role="signing_party",
    order=1,
)
ANNA_ASKED = ANNA_WAITS.model_copy(update={"status": "notified"})
ANNA_SIGNED = ANNA_WAITS.model_copy(
    update={
        "status": "signed",
        "viewed_at": at("2026-03-16T11:18:00.5Z"),
        "signed_at": at("2026-03-16T11:20:00.688Z"),
    }
)
KLARA_WAITS = Signer(
    id="302",
    name="Klara Vogel",
    email="klara.vogel@kunde.example",
    role="signing_party",
    order=2,
)
KLARA_ASKED = KLARA_WAITS.model_copy(update={"status": "notified"})
KLARA_VIEWED = KLARA_WAITS.model_copy(
    update={"status": "viewed", "viewed_at": at("2026-03-17T16:40:00.9Z")}
)
KLARA_SIGNED = KLARA_VIEWED.model_copy(
    update={"status": "signed", "signed_at": at("2026-03-17T16:42:00.311Z")}
)
KLARA_DECLINED = KLARA_VIEWED.model_copy(
    update={"status": "declined", "declined_at": at("2026-03-17T16:50:00.9Z"), "reason": NO}
)
ARCHIVE = Signer(
    id="303",
    name="Legal Archive",
    email="archive@acme.example",
    role="viewer",
    order=1,
    action="view",
)
ANNA = SignerRef(
    id="301", email="anna.berger@acme.example", name="Anna Berger", role="signing_party", order=1
)
KLARA = SignerRef(
    id="302", email="klara.vogel@kunde.example", name="Klara Vogel", role="signing_party", order=2
)


def document(status: Any, *signers: Signer, **more: Any) -> Envelope:
    """The example document in one of its states."""
    state = Envelope(
        id=ID,
        title="Maintenance contract ACME and Kunde",
        status=status,
        signers=(*signers, ARCHIVE),
        sender=Sender(name="Anna Berger", email="anna.berger@acme.example"),
        created_at=at("2026-03-16T09:00:00.12Z"),
        expires_at=at("2026-04-15T21:59:59Z"),
        custom_fields={"Cost centre": "4711", "countersign_document": "d-44"},
    )
    return state.model_copy(update=more)


def event(kind: Any, name: str, key: str, when: str, **more: Any) -> SigningEvent:
    """One event of an example."""
    return SigningEvent(
        kind=kind, key=key, provider_event=name, occurred_at=at(when), envelope=ID, **more
    )


CLOSED = event(
    "document.completed",
    "closed",
    f"closed:{ID}:-",
    "2026-03-17T16:42:00.311Z",
    state=document(
        "completed", ANNA_SIGNED, KLARA_SIGNED, completed_at=at("2026-03-17T16:42:00.311Z")
    ),
)


def sealed(when: str) -> SigningEvent:
    """The sealed file is ready."""
    name = "document_signed_and_sealed"
    return event("document.artifact_ready", name, f"sealed:{ID}", when)


MEANINGS: dict[str, tuple[SigningEvent, ...]] = {
    "pending_sent": (
        event(
            "document.sent",
            "pending",
            f"document.sent:{ID}:-:DIGEST",
            "2026-03-16T09:05:01.1Z",
            state=document("sent", ANNA_WAITS, KLARA_WAITS),
        ),
    ),
    "pending_delivery_failed": (
        event(
            "document.sent",
            "pending",
            f"document.sent:{ID}:-:DIGEST",
            "2026-03-16T09:06:00Z",
            state=document("sent", ANNA_ASKED, KLARA_WAITS),
        ),
        event(
            "signer.delivery_failed",
            "pending",
            f"not_delivered:{ID}:302:email:klara.vogel@kunde.example",
            "2026-03-16T09:06:00Z",
            signer=KLARA,
            detail={"channel": "email"},
        ),
    ),
    "pending_signed_director": (
        event(
            "signer.signed",
            "pending",
            f"signer.signed:{ID}:301:DIGEST",
            "2026-03-16T11:20:00.688Z",
            signer=ANNA,
            state=document("sent", ANNA_SIGNED, KLARA_ASKED),
        ),
    ),
    "pending_viewed_client": (
        event(
            "document.viewed",
            "pending",
            f"document.viewed:{ID}:302:DIGEST",
            "2026-03-17T16:40:00.9Z",
            signer=KLARA,
            state=document("delivered", ANNA_SIGNED, KLARA_VIEWED),
        ),
    ),
    "closed": (CLOSED,),
    "closed_sealed": (CLOSED, sealed("2026-03-17T16:42:09Z")),
    "closed_sealed_again": (CLOSED, sealed("2026-04-06T02:10:00Z")),
    "rejected": (
        event(
            "document.declined",
            "rejected",
            f"rejected:{ID}:-",
            "2026-03-17T16:50:00.9Z",
            signer=KLARA,
            reason=NO,
            state=document("declined", ANNA_SIGNED, KLARA_DECLINED, reason=NO),
        ),
    ),
    "canceled": (
        event(
            "document.voided",
            "canceled",
            f"canceled:{ID}:-",
            "2026-03-18T08:00:00.5Z",
            state=document("voided", ANNA_SIGNED, KLARA_VIEWED),
        ),
    ),
    "timedout": (
        event(
            "document.expired",
            "timedout",
            f"timedout:{ID}:DIGEST",
            "2026-04-15T21:59:59Z",
            state=document("expired", ANNA_SIGNED, KLARA_VIEWED),
        ),
    ),
    "unheard_of": (
        event(
            "other",
            "unheard_of",
            f"unheard_of:{ID}:DIGEST",
            "2026-03-16T12:00:00Z",
            state=document(None, ANNA_SIGNED, KLARA_ASKED),
        ),
    ),
}
DIGESTS = {
    "pending_sent": "ffdc6d3bd10f49ff49ba2370c6665864",
    "pending_delivery_failed": "57f67b690ccf732d0a3ab51467d86f5d",
    "pending_signed_director": "f4ba51464edcde6bb99dc8a1f2a3a40f",
    "pending_viewed_client": "91767d48cb156a177b0ce4c00b2c6db0",
    "timedout": "bfa7038c45f46531dffdfed0b75f0ad5",
    "unheard_of": "bcc094e74a1717c41bfac16b0681fc6a",
}
"""The names of the states of these examples."""


WHOLE = {
    name: tuple(
        one.model_copy(update={"key": one.key.replace("DIGEST", DIGESTS.get(name, ""))})
        for one in events
    )
    for name, events in MEANINGS.items()
}


class TestScrive(NoProof):
    name = "scrive"
    example = "pending_signed_director"
    now = at("2026-03-16T11:20:03Z")
    meanings = WHOLE
    same_fact = (
        frozenset({"closed", "closed_sealed", "closed_sealed_again"}),
        frozenset({"closed_sealed", "closed_sealed_again"}),
    )
    telling = (
        "status",
        "id",
        "document_signed_and_sealed",
        "parties.*.sign_time",
        "parties.*.seen_time",
        "parties.*.rejected_time",
        "parties.*.*_delivery_status",
    )
    hidden = (
        "opens-the-document",
        "opens-the-session",
        "opens-the-signing-page",
        "the-unguessable-part",
    )

    def with_json(self, text: bytes) -> Request:
        fields: dict[str, Any] = {"document_json": text}
        with suppress(ValueError, AttributeError, RecursionError):
            if sealed := json.loads(text).get("document_signed_and_sealed"):
                fields["document_signed_and_sealed"] = sealed
        return self.form(fields)

    def form(self, fields: dict[str, Any]) -> Request:
        body = urlencode(fields).encode()
        return Request(headers={"content-type": FORM}, body=body, received_at=self.now)

    def event_name(self, message: Any) -> str:
        return str(message["status"])

    def retried(self, request: Request) -> Request:
        """The same state, of a file that was touched since."""
        fields = dict(parse_qsl(request.body.decode()))
        message = json.loads(fields["document_json"])
        message["mtime"] = "2026-05-01T00:00:00Z"
        message["object_version"] += 3
        return self.form({**fields, "document_json": json.dumps(message)})

    def test_a_sealed_file_is_kept_as_a_fact(self) -> None:
        kept = json.loads(self.subject.redact(self.read("closed_sealed")))
        assert (kept["status"], kept["document_signed_and_sealed"]) == ("closed", "true")

    @pytest.mark.parametrize(
        ("given", "action"),
        [
            ({"is_signatory": True, "signatory_role": "signing_party"}, "sign"),
            ({"is_signatory": False, "signatory_role": "viewer"}, "view"),
            ({"is_signatory": False, "signatory_role": "approver"}, "approve"),
            ({"is_signatory": True, "signatory_role": "viewer"}, "sign"),
            ({"is_signatory": False, "signatory_role": "signing_party"}, "view"),
            ({"is_signatory": False}, "view"),
            ({"signatory_role": "approver"}, "approve"),
            ({}, "sign"),
        ],
    )
    def test_a_role_tells_what_a_party_does(self, given: dict[str, Any], action: str) -> None:
        (found,) = self.parse({"id": "1", **given})
        assert found.state is not None
        assert [one.action for one in found.state.signers] == [action]

    @pytest.mark.parametrize(
        ("parties", "kind", "signer"),
        [
            ([{}, {}], "document.sent", None),
            ([{"read_invitation_time": "T09"}, {}], "document.sent", None),
            ([{"seen_time": "T09"}, {"seen_time": "T10"}], "document.viewed", "2"),
            (
                [{"seen_time": "T09", "sign_time": "T11"}, {"seen_time": "T10"}],
                "signer.signed",
                "1",
            ),
            ([{"seen_time": "T09", "sign_time": "T09"}, {}], "signer.signed", "1"),
            ([{"sign_time": "T09"}, {"rejected_time": "T10"}], "signer.declined", "2"),
        ],
    )
    def test_of_a_pending_document_the_newest_act_is_told(
        self, parties: list[dict[str, str]], kind: str, signer: str | None
    ) -> None:
        found = self.parse(
            *(
                {"id": str(number), "signatory_role": "signing_party"}
                | {name: f"2026-03-16{hour}:00:00Z" for name, hour in party.items()}
                for number, party in enumerate(parties, 1)
            )
        )[0]
        assert (found.kind, found.signer and found.signer.id) == (kind, signer)

    @pytest.mark.parametrize(
        ("parties", "status"),
        [
            (
                [{"read_invitation_time": "2026-03-16T09:00:00Z"}, {"signatory_role": "viewer"}],
                True,
            ),
            ([{"read_invitation_time": "2026-03-16T09:00:00Z"}, {}], False),
            ([{"signatory_role": "viewer"}], False),
        ],
    )
    def test_it_is_delivered_when_all_who_must_act_are_reached(
        self, parties: list[dict[str, str]], status: bool
    ) -> None:
        found = self.parse(*({"id": str(n), **party} for n, party in enumerate(parties)))[0]
        assert found.state is not None
        assert found.state.status == ("delivered" if status else "sent")

    def test_another_state_is_another_fact(self) -> None:
        one, other = self.parse({"id": "1"})[0], self.parse({"id": "1", "sign_order": 2})[0]
        assert one.key != other.key

    def test_a_corrected_address_that_fails_too_is_another_fact(self) -> None:
        keys = {
            self.parse(
                {
                    "id": "1",
                    "email_delivery_status": "not_delivered",
                    "fields": [{"type": "email", "value": address}],
                }
            )[1].key
            for address in ("a@kunde.example", "b@kunde.example")
        }
        assert len(keys) == 2

    def test_values_that_are_no_text_and_no_address_are_left_out(self) -> None:
        (found,) = self.parse(
            {
                "id": "1",
                "fields": [
                    {"type": "name", "order": 1, "value": ["x"]},
                    {"type": "name", "order": 2, "value": "Vogel"},
                    {"type": "email", "value": "none yet"},
                    {"type": "text", "value": "no name"},
                ],
            }
        )
        assert found.state is not None
        assert found.state.signers == (Signer(id="1", name="Vogel"),)
        assert found.state.custom_fields == {}

    def test_the_form_may_name_the_document_alone(self) -> None:
        text = json.dumps({"status": "canceled"})
        (found,) = self.subject.parse(self.form({"document_id": "17", "document_json": text}))
        assert (found.kind, found.envelope) == ("document.voided", "17")
        assert found.state == Envelope(id="17", status="voided", all_signers=False)

    @pytest.mark.parametrize(
        "fields",
        [
            {"document_id": "17"},
            {"document_json": "{}"},
            {"document_json": '{"id":"17"}'},
            {"document_json": '{"status":"closed"}'},
            {"document_json": "no JSON", "document_id": "17"},
        ],
    )
    def test_a_call_without_document_status_or_id_is_malformed(self, fields: Any) -> None:
        with pytest.raises(MalformedError):
            self.subject.parse(self.form(fields))

    def parse(self, *parties: dict[str, Any]) -> tuple[SigningEvent, ...]:
        text = json.dumps({"id": "17", "status": "pending", "parties": list(parties)})
        return self.subject.parse(self.form({"document_json": text}))
