"""OpenSign: what it sends, what that means, and what must not pass for it."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest

from countersign.model.signing_event import (
    Envelope,
    EnvelopeStatus,
    Signer,
    SignerRef,
    SigningEvent,
)
from countersign.providers.base import MalformedError, Request
from tests.unit.providers.attacks import OTHER_PROOFS, SECRET, BodySigned, ProofInHeader, at

ID = "Wm4Tz8QkRb"
ANOTHER = "Pq7Yd2LnVs"
NO = "The deposit is too high"
NEWER = "A newer version follows"
ARRIVED = at("2026-05-06T07:00:00Z")
HOUSE = "familie@sommer-haus.example"
HOUSEHOLD = [
    {"name": "Inga Sommer", "email": HOUSE, "phone": ""},
    {"name": "Tore Sommer", "email": HOUSE, "phone": ""},
    {"name": "Jale", "email": "", "phone": "+49 151 5550137"},
]

ANNA_NAMED = Signer(name="Anna Berger", email="anna.berger@acme.example", phone="+49301234501")
ANNA_VIEWED = ANNA_NAMED.model_copy(
    update={"status": "viewed", "viewed_at": at("2026-05-04T09:30:05Z")}
)
ANNA_SIGNED = ANNA_NAMED.model_copy(
    update={"status": "signed", "signed_at": at("2026-05-04T09:33:40Z")}
)
KLARA_NAMED = Signer(name="Klara Vogel", email="klara.vogel@kunde.example", phone="+49301234502")
KLARA_VIEWED = KLARA_NAMED.model_copy(
    update={"status": "viewed", "viewed_at": at("2026-05-05T09:40:00Z")}
)
KLARA_SIGNED = KLARA_NAMED.model_copy(update={"status": "signed", "signed_at": ARRIVED})
KLARA_DECLINED = KLARA_NAMED.model_copy(
    update={"status": "declined", "declined_at": at("2026-05-05T10:00:00Z"), "reason": NO}
)
ANNA = SignerRef(email="anna.berger@acme.example", name="Anna Berger", phone="+49301234501")
KLARA = SignerRef(email="klara.vogel@kunde.example", name="Klara Vogel", phone="+49301234502")


def document(status: EnvelopeStatus | None, *signers: Signer, **more: Any) -> Envelope:
    """The example document in one of its states."""
    state = Envelope(
        id=ID,
        title="Lease contract ACME and Kunde",
        status=status,
        signers=signers,
        created_at=at("2026-05-04T08:00:00Z"),
    )
    return state.model_copy(update=more)


def event(kind: Any, name: str, key: str, when: str, **more: Any) -> tuple[SigningEvent]:
    """The one event of an example."""
    given = {"envelope": ID, **more}
    return (SigningEvent(kind=kind, key=key, provider_event=name, occurred_at=at(when), **given),)


MEANINGS: dict[str, tuple[SigningEvent, ...]] = {
    "created": event(
        "document.created",
        "created",
        f"created:{ID}",
        "2026-05-04T08:00:00Z",
        state=document("sent", ANNA_NAMED, KLARA_NAMED),
    ),
    "viewed_director": event(
        "document.viewed",
        "viewed",
        f"viewed:{ID}:anna.berger@acme.example:Mon, 04 May 2026 11:30:05 GMT+2",
        "2026-05-04T09:30:05Z",
        signer=ANNA,
        state=document(None, ANNA_VIEWED, KLARA_NAMED),
    ),
    "signed_director": event(
        "signer.signed",
        "signed",
        f"signed:{ID}:anna.berger@acme.example:Anna Berger:Mon, 04 May 2026 11:33:40 GMT+2",
        "2026-05-04T09:33:40Z",
        signer=ANNA,
        state=document(None, ANNA_SIGNED, all_signers=False),
    ),
    "viewed_client": event(
        "document.viewed",
        "viewed",
        f"viewed:{ID}:klara.vogel@kunde.example:Tue, 05 May 2026 15:10:00 GMT+5:30",
        "2026-05-05T09:40:00Z",
        signer=KLARA,
        state=document(None, ANNA_NAMED, KLARA_VIEWED),
    ),
    "signed_client": event(
        "signer.signed",
        "signed",
        f"signed:{ID}:klara.vogel@kunde.example:Klara Vogel:Tue, 05 May 2026 15:16:20 IST",
        "2026-05-06T07:00:00Z",
        signer=KLARA,
        state=document(None, KLARA_SIGNED, all_signers=False),
    ),
    "completed": event(
        "document.completed",
        "completed",
        f"completed:{ID}",
        "2026-05-05T09:46:21Z",
        state=document(
            None,
            ANNA_NAMED.model_copy(update={"status": "signed"}),
            KLARA_NAMED.model_copy(update={"status": "signed"}),
            completed_at=at("2026-05-05T09:46:21Z"),
        ),
    ),
    "declined_client": event(
        "document.declined",
        "declined",
        f"declined:{ID}",
        "2026-05-05T10:00:00Z",
        signer=KLARA,
        reason=NO,
        state=document(None, ANNA_NAMED, KLARA_DECLINED, reason=NO),
    ),
    "declined_by_the_sender": event(
        "document.declined",
        "declined",
        f"declined:{ANOTHER}",
        "2026-05-06T06:00:00Z",
        envelope=ANOTHER,
        signer=SignerRef(email="jonas.feld@acme.example"),
        reason=NEWER,
        state=document(None, ANNA_NAMED, KLARA_NAMED, id=ANOTHER, reason=NEWER),
    ),
    "archived": event(
        "other",
        "archived",
        f"archived:{ID}:-:Mon, 04 May 2026 10:00:00 GMT+2",
        "2026-05-06T07:00:00Z",
        state=document(None, ANNA_NAMED, KLARA_NAMED),
    ),
}


class TestOpenSign(ProofInHeader, BodySigned):
    name = "opensign"
    example = "signed_director"
    now = ARRIVED
    proof = "x-webhook-signature"
    upper_case = True
    telling = ("event", "objectId")
    meanings = MEANINGS
    hidden = (
        "opens-annas-signing-page",
        "opens-klaras-signing-page",
        "opens-the-file",
        "opens-the-certificate",
    )

    # A connection without any secret takes what is not signed; see below.
    test_without_the_right_secret_nothing_is_accepted = None  # type: ignore[assignment]

    def signed(self, request: Request, secret: str) -> Request:
        made = hmac.new(secret.encode(), request.body, hashlib.sha256).hexdigest()
        return self.with_proof(request, made)

    def retried(self, request: Request) -> Request:
        """Re-serialised, later, with other links."""
        message = {**json.loads(request.body), "file": "https://files.acme.example/another"}
        body = json.dumps(message, indent=1).encode()
        later = at("2026-05-07T00:00:00Z")
        return request.model_copy(update={"body": body, "received_at": later})

    @pytest.mark.parametrize("secrets", [("",), (" ", ""), ("wrong",), (SECRET + "x",)])
    def test_with_a_secret_that_is_not_the_right_one_nothing_is_accepted(
        self, secrets: tuple[str, ...]
    ) -> None:
        assert not self.accepted(self.genuine(), *secrets)

    @pytest.mark.parametrize("headers", [{}, OTHER_PROOFS, {"x-webhook-signature": "0" * 64}])
    @pytest.mark.parametrize("name", ["signed_director", "completed"])
    def test_a_connection_without_a_secret_takes_what_comes_as_unproven(
        self, name: str, headers: dict[str, str]
    ) -> None:
        request = self.read(name)
        request = request.model_copy(update={"headers": {**request.headers, **headers}})
        assert self.subject.verify(request, self.secrets(), self.now) == "none"

    def test_without_a_secret_an_example_is_sent_as_it_is(self) -> None:
        request = self.read(self.example)
        assert self.subject.sign(request, "", self.now) == request

    @pytest.mark.parametrize(
        ("text", "when"),
        [
            ("Fri, 16 May 2025 16:18:34 GMT+5:30", "2025-05-16T10:48:34Z"),
            ("Sat, 20 Dec 2025 00:58:20 GMT+9:30", "2025-12-19T15:28:20Z"),
            ("Fri, 16 May 2025 16:18:34 GMT-4", "2025-05-16T20:18:34Z"),
            ("Fri, 16 May 2025 16:18:34 GMT", "2025-05-16T16:18:34Z"),
            ("Fri, 16 May 2025 16:18:34 +0200", "2025-05-16T14:18:34Z"),
            ("Fri, 16 May 2025 16:18:34 PDT", "2025-05-16T23:18:34Z"),
            ("2025-05-16T16:18:34.123Z", "2025-05-16T16:18:34.123Z"),
            # What cannot be read costs no event: it is dated by its arrival.
            ("Fri, 16 May 2025 16:18:34 IST", "2026-05-06T07:00:00Z"),
            ("Fri, 16 May 2025 16:18:34", "2026-05-06T07:00:00Z"),
            ("Fri, 36 May 2025 16:18:34 GMT", "2026-05-06T07:00:00Z"),
            ("Fri, 16 Mai 2025 16:18:34 GMT", "2026-05-06T07:00:00Z"),
            ("Fri, 16 May 2025 16:18:34 GMT+99", "2026-05-06T07:00:00Z"),
            ("Fri, 01 Jan 0001 00:00:00 GMT+14", "2026-05-06T07:00:00Z"),
            ("TIMESTAMP", "2026-05-06T07:00:00Z"),
            (1747412314, "2026-05-06T07:00:00Z"),
            (None, "2026-05-06T07:00:00Z"),
        ],
    )
    def test_the_time_may_be_written_in_several_ways(self, text: object, when: str) -> None:
        assert self.parse("completed", completedAt=text).occurred_at == at(when)

    def test_created_without_signers_has_not_gone_out(self) -> None:
        found = self.parse("created")
        assert found.state == Envelope(id=ID, status="created", all_signers=False)

    def test_revoked_is_told_as_declined(self) -> None:
        declined, revoked = self.parse("declined"), self.parse("revoked")
        assert (revoked.kind, revoked.key) == (declined.kind, declined.key)

    def test_two_signatures_of_nobody_are_told_apart_by_their_time(self) -> None:
        keys = {self.parse("signed", signedAt=one).key for one in ("a", "b")}
        assert keys == {f"signed:{ID}:-:-:a", f"signed:{ID}:-:-:b"}

    def test_an_address_counts_in_any_case_and_spelling(self) -> None:
        signers = [{"email": "A@xn--mller-kva.example", "name": "A"}, {"email": "b@kunde.example"}]
        event = self.parse("viewed", signers=signers, viewedBy="a@müller.EXAMPLE")
        assert event.signer == SignerRef(email="A@xn--mller-kva.example", name="A")
        assert event.state is not None
        assert [each.status for each in event.state.signers] == ["viewed", "waiting"]

    @pytest.mark.parametrize(
        ("acting", "statuses"),
        [
            ({"name": "Tore Sommer", "email": HOUSE}, ["waiting", "signed", "waiting"]),
            ({"name": "TORE  SOMMER", "email": HOUSE.upper()}, ["waiting", "signed", "waiting"]),
            ({"name": "Jale", "phone": "0049 151 5550137"}, ["waiting", "waiting", "signed"]),
            ({"name": "", "email": HOUSE, "phone": ""}, ["waiting", "waiting", "waiting"]),
            ({"name": "Ingrid Sommer", "email": HOUSE}, ["waiting", "waiting", "waiting"]),
            ({}, ["waiting", "waiting", "waiting"]),
        ],
        ids=["name", "case", "phone", "address alone", "another name", "nobody"],
    )
    def test_of_those_who_share_an_address_only_the_one_who_is_meant_has_signed(
        self, acting: dict[str, str], statuses: list[str]
    ) -> None:
        event = self.parse("signed", signers=HOUSEHOLD, signer=acting, signedAt="x")
        assert event.state is not None
        assert [each.status for each in event.state.signers] == statuses
        assert [each.name for each in event.state.signers] == ["Inga Sommer", "Tore Sommer", "Jale"]
        assert (event.state.status, event.state.all_signers) == (None, True)

    def test_a_view_by_an_address_that_two_share_marks_neither(self) -> None:
        event = self.parse("viewed", signers=HOUSEHOLD, viewedBy=HOUSE)
        assert event.signer == SignerRef(email=HOUSE)
        assert event.state is not None
        assert {each.status for each in event.state.signers} == {"waiting"}

    def test_the_signatures_of_two_with_one_address_have_two_keys(self) -> None:
        keys = {self.parse("signed", signer=each, signedAt="x").key for each in HOUSEHOLD}
        assert len(keys) == 3

    def test_a_signer_of_whom_nothing_is_said_leaves_the_list_in_doubt(self) -> None:
        event = self.parse("created", signers=[*HOUSEHOLD, {"name": " ", "email": ""}])
        assert event.state is not None
        assert (len(event.state.signers), event.state.all_signers) == (3, False)

    def test_a_known_event_without_its_document_is_malformed(self) -> None:
        with pytest.raises(MalformedError, match="objectId"):
            self.subject.parse(self.with_json(b'{"event":"signed"}'))

    def parse(self, name: str, **more: Any) -> SigningEvent:
        body = {"event": name, "objectId": ID, **more}
        (found,) = self.subject.parse(self.with_json(json.dumps(body).encode()))
        return found
