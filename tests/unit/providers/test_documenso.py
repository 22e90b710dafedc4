"""Documenso: what it sends, what that means, and what must not pass for it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from countersign.errors import PermanentError
from countersign.model.provider_api import Access
from countersign.model.signing_event import (
    Envelope,
    EnvelopeStatus,
    Signer,
    SignerRef,
    SigningEvent,
)
from countersign.providers.base import MalformedError, Request
from tests.unit.providers.attacks import ProofInHeader, at

ID = "envelope_kqzvhtnpwsrmaxlf"
NUMBER = "4711"
"""The same document's number, by which older versions name it."""
NO = "We sign only with the other annex"

ANNA_WAITS = Signer(
    id="901", name="Anna Berger", email="anna.berger@acme.example", role="SIGNER", order=1
)
ANNA_ASKED = ANNA_WAITS.model_copy(update={"status": "notified"})
ANNA_SIGNED = ANNA_WAITS.model_copy(
    update={"status": "signed", "signed_at": at("2026-03-16T11:20:00.688Z")}
)
KLARA_WAITS = Signer(
    id="902", name="Klara Vogel", email="klara.vogel@kunde.example", role="SIGNER", order=2
)
KLARA_ASKED = KLARA_WAITS.model_copy(update={"status": "notified"})
KLARA_VIEWED = KLARA_WAITS.model_copy(update={"status": "viewed"})
KLARA_SIGNED = KLARA_WAITS.model_copy(
    update={"status": "signed", "signed_at": at("2026-03-17T16:42:00.311Z")}
)
KLARA_DECLINED = KLARA_WAITS.model_copy(
    update={"status": "declined", "declined_at": at("2026-03-17T16:50:00.9Z"), "reason": NO}
)
KLARA_LATE = KLARA_WAITS.model_copy(update={"status": "expired"})
ARCHIVE = Signer(
    id="903",
    name="Legal Archive",
    email="archive@acme.example",
    role="CC",
    order=3,
    action="copy",
)
ANNA = SignerRef(
    id="901", email="anna.berger@acme.example", name="Anna Berger", role="SIGNER", order=1
)
KLARA = SignerRef(
    id="902", email="klara.vogel@kunde.example", name="Klara Vogel", role="SIGNER", order=2
)


SAMPLE = [
    {"id": 51, "email": "signer1@documenso.com", "role": "SIGNER", "signingStatus": "SIGNED"},
    {"id": 50, "email": "Signer2@documenso.com", "role": "VIEWER", "signingStatus": "SIGNED"},
]
"""The recipients of the test button."""


def document(status: EnvelopeStatus, *signers: Signer, **more: Any) -> Envelope:
    """The example document in one of its states."""
    state = Envelope(
        id=NUMBER,
        title="Maintenance contract ACME and Kunde",
        status=status,
        signers=(*signers, ARCHIVE),
        created_at=at("2026-03-16T09:00:00.12Z"),
        expires_at=at("2026-04-15T09:00:00Z"),
        custom_fields={"externalId": "V-2026-0044"},
    )
    return state.model_copy(update=more)


def event(kind: Any, name: str, key: str, when: str, **more: Any) -> tuple[SigningEvent]:
    """The one event of an example."""
    given = {"envelope": NUMBER, "aliases": (ID,), **more}
    return (SigningEvent(kind=kind, key=key, provider_event=name, occurred_at=at(when), **given),)


ANNA_KEY = f"{NUMBER}:901:2026-03-16 11:20:00.688000+00:00"
DONE = at("2026-03-17T16:42:05.707Z")
ASKED = "0f20a59a720d0e91f497d0735d4392c3"
"""The name of the state in which Anna has signed and Klara has been asked."""

MEANINGS: dict[str, tuple[SigningEvent, ...]] = {
    "DOCUMENT_CREATED": event(
        "document.created",
        "DOCUMENT_CREATED",
        f"DOCUMENT_CREATED:{NUMBER}",
        "2026-03-16T09:00:00.12Z",
        state=document("created", ANNA_WAITS, KLARA_WAITS),
    ),
    "DOCUMENT_SENT": event(
        "document.sent",
        "DOCUMENT_SENT",
        f"DOCUMENT_SENT:{NUMBER}:b7c94139b7c8bc445c66764bad754e82:-:-",
        "2026-03-16T09:05:01.1Z",
        state=document("sent", ANNA_ASKED, KLARA_WAITS),
    ),
    "DOCUMENT_SIGNED_director": event(
        "signer.signed",
        "DOCUMENT_SIGNED",
        f"DOCUMENT_SIGNED:{ANNA_KEY}",
        "2026-03-16T11:20:00.688Z",
        signer=ANNA,
        state=document("sent", ANNA_SIGNED, KLARA_ASKED),
    ),
    "DOCUMENT_RECIPIENT_COMPLETED_director": event(
        "signer.signed",
        "DOCUMENT_RECIPIENT_COMPLETED",
        f"DOCUMENT_RECIPIENT_COMPLETED:{ANNA_KEY}",
        "2026-03-16T11:20:00.688Z",
        signer=ANNA,
        state=document("sent", ANNA_SIGNED, KLARA_WAITS),
    ),
    "DOCUMENT_OPENED_client": event(
        "document.viewed",
        "DOCUMENT_OPENED",
        f"DOCUMENT_OPENED:{NUMBER}:902",
        "2026-03-17T16:40:00.9Z",
        signer=KLARA,
        state=document("sent", ANNA_SIGNED, KLARA_VIEWED),
    ),
    "DOCUMENT_SIGNED_client": event(
        "signer.signed",
        "DOCUMENT_SIGNED",
        f"DOCUMENT_SIGNED:{NUMBER}:902:2026-03-17 16:42:00.311000+00:00",
        "2026-03-17T16:42:00.311Z",
        signer=KLARA,
        state=document("sent", ANNA_SIGNED, KLARA_SIGNED),
    ),
    "DOCUMENT_COMPLETED": event(
        "document.completed",
        "DOCUMENT_COMPLETED",
        f"DOCUMENT_COMPLETED:{NUMBER}",
        "2026-03-17T16:42:05.707Z",
        state=document(
            "completed",
            completed_at=DONE,
            signers=(
                ANNA_SIGNED,
                KLARA_SIGNED,
                ARCHIVE.model_copy(update={"status": "viewed"}),
            ),
        ),
    ),
    "DOCUMENT_REJECTED": event(
        "document.declined",
        "DOCUMENT_REJECTED",
        f"DOCUMENT_REJECTED:{NUMBER}",
        "2026-03-17T16:50:00.9Z",
        signer=KLARA,
        reason=NO,
        state=document("sent", ANNA_SIGNED, KLARA_DECLINED, reason=NO),
    ),
    "DOCUMENT_CANCELLED": event(
        "document.voided",
        "DOCUMENT_CANCELLED",
        f"DOCUMENT_CANCELLED:{NUMBER}",
        "2026-03-18T08:00:00.5Z",
        state=document("sent", ANNA_SIGNED, KLARA_VIEWED),
    ),
    "RECIPIENT_EXPIRED_client": event(
        "signer.expired",
        "RECIPIENT_EXPIRED",
        f"RECIPIENT_EXPIRED:{NUMBER}:0dbcdf767b16e581681b09d66774c979:-:-",
        "2026-04-15T09:01:01Z",
        signer=KLARA,
        state=document("sent", ANNA_SIGNED, KLARA_LATE),
    ),
    "DOCUMENT_REMINDER_SENT": event(
        "reminder.sent",
        "DOCUMENT_REMINDER_SENT",
        f"DOCUMENT_REMINDER_SENT:{NUMBER}:{ASKED}:2026-03-19:-",
        "2026-03-19T08:00:00Z",
        signer=KLARA,
        state=document("sent", ANNA_SIGNED, KLARA_ASKED),
    ),
    "DOCUMENT_UNHEARD_OF": event(
        "other",
        "DOCUMENT_UNHEARD_OF",
        f"DOCUMENT_UNHEARD_OF:{NUMBER}:{ASKED}:-:2026-03-16 11:20:00.688000+00:00",
        "2026-03-16T12:00:00Z",
        state=document("sent", ANNA_SIGNED, KLARA_ASKED),
    ),
    "TEMPLATE_CREATED": event(
        "template.changed",
        "TEMPLATE_CREATED",
        "TEMPLATE_CREATED:88:envelope_bwtplqmzrkcnvxdy:2026-03-10 07:59:59+00:00",
        "2026-03-10T07:59:59Z",
        envelope="",
        aliases=(),
        detail={"change": "created", "template": "88"},
    ),
}


class TestDocumenso(ProofInHeader):
    name = "documenso"
    example = "DOCUMENT_SIGNED_director"
    now = at("2026-03-16T11:20:03Z")
    proof = "x-documenso-secret"
    telling = ("event", "payload.id")
    meanings = MEANINGS
    hidden = (
        "Tk901_opens-the-signing-page",
        "Tk902_opens-the-signing-page",
        "https://hooks.acme.example/webhooks/the-unguessable-part",
    )

    def signed(self, request: Request, secret: str) -> Request:
        headers = {**request.headers, "x-documenso-secret": secret}
        return request.model_copy(update={"headers": headers})

    def retried(self, request: Request) -> Request:
        """Every attempt makes ``createdAt`` anew."""
        message = json.loads(request.body)
        message["createdAt"] = message["createdAt"][:-4] + "999Z"
        return request.model_copy(update={"body": json.dumps(message).encode()})

    def test_the_retry_differs_from_the_first_try(self) -> None:
        request = self.read(self.example)
        assert self.retried(request) != request

    def test_another_state_of_the_document_is_another_fact(self) -> None:
        before = self.parse("DOCUMENT_SENT", recipient(1, sendStatus="SENT"), recipient(2))
        after = self.parse(
            "DOCUMENT_SENT", recipient(1, sendStatus="SENT"), recipient(2, sendStatus="SENT")
        )
        assert before.key != after.key

    @pytest.mark.parametrize(
        ("name", "recipients", "signer"),
        [
            ("DOCUMENT_SIGNED", [("SIGNED", "05"), ("SIGNED", "07"), ("", None)], "2"),
            ("DOCUMENT_SIGNED", [("SIGNED", "05"), ("SIGNED", "05")], None),
            ("DOCUMENT_SIGNED", [("SIGNED", None)], None),
            ("DOCUMENT_OPENED", [("OPENED", None), ("", None)], "1"),
            ("DOCUMENT_OPENED", [("OPENED", None), ("OPENED", None)], None),
            ("DOCUMENT_OPENED", [("SIGNED", "05"), ("OPENED", None)], "2"),
            ("DOCUMENT_REJECTED", [("REJECTED", "05"), ("SIGNED", "07")], "1"),
            ("DOCUMENT_REJECTED", [("REJECTED", "05"), ("REJECTED", "07")], None),
            ("RECIPIENT_EXPIRED", [("", None), ("expired", None)], "2"),
            ("DOCUMENT_SENT", [("", None)], None),
        ],
    )
    def test_who_acted_is_named_only_where_the_state_leaves_no_doubt(
        self, name: str, recipients: list[tuple[str, str | None]], signer: str | None
    ) -> None:
        found = self.parse(
            name,
            *(
                recipient(
                    number,
                    signingStatus=word if word in ("SIGNED", "REJECTED") else "NOT_SIGNED",
                    readStatus="OPENED" if word == "OPENED" else "NOT_OPENED",
                    signedAt=f"2026-03-16T11:{minute}:00Z" if minute else None,
                    expirationNotifiedAt="2026-03-16T12:00:00Z" if word == "expired" else None,
                )
                for number, (word, minute) in enumerate(recipients, 1)
            ),
        )
        assert (found.signer and found.signer.id) == signer

    @pytest.mark.parametrize(
        ("role", "action", "status"),
        [
            ("SIGNER", "sign", "signed"),
            ("APPROVER", "approve", "signed"),
            ("ASSISTANT", "fill", "signed"),
            ("VIEWER", "acknowledge", "signed"),
            ("CC", "copy", "waiting"),
        ],
    )
    def test_a_role_tells_what_a_recipient_does(self, role: str, action: str, status: str) -> None:
        found = self.parse("DOCUMENT_SENT", recipient(1, role=role, signingStatus="SIGNED"))
        assert found.state is not None
        assert [(one.action, one.status) for one in found.state.signers] == [(action, status)]

    def test_an_older_version_calls_the_list_by_another_name(self) -> None:
        payload = {"id": 7, "status": "PENDING", "Recipient": [recipient(1, sendStatus="SENT")]}
        body = {"event": "DOCUMENT_SENT", "payload": payload}
        (found,) = self.subject.parse(self.with_json(json.dumps(body).encode()))
        assert found.envelope == "7"
        assert found.state == Envelope(
            id="7",
            status="sent",
            signers=(Signer(id="1", email="1@kunde.example", role="SIGNER", status="notified"),),
        )

    @pytest.mark.parametrize(
        ("ids", "envelope", "aliases"),
        [
            ({"id": 77}, "77", ()),
            ({"id": 77, "envelopeId": "envelope_b"}, "77", ("envelope_b",)),
            ({"id": 77, "envelopeId": None}, "77", ()),
            ({"envelopeId": "envelope_b"}, "envelope_b", ()),
            ({"id": None, "envelopeId": "envelope_b"}, "envelope_b", ()),
        ],
    )
    def test_a_document_keeps_its_number_and_is_found_by_either_id(
        self, ids: dict[str, Any], envelope: str, aliases: tuple[str, ...]
    ) -> None:
        event = self.message("DOCUMENT_SENT", **ids)
        assert (event.envelope, event.aliases) == (envelope, aliases)

    def test_a_templates_number_is_never_taken_for_a_documents(self) -> None:
        events = [self.message(name, id=77) for name in ("TEMPLATE_USED", "TEMPLATE_MOVED")]
        assert [(event.kind, event.envelope, event.state) for event in events] == [
            ("template.changed", "", None),
            ("other", "", None),
        ]

    @pytest.mark.parametrize(
        ("envelope", "aliases", "path", "content"),
        [
            ("77", ["envelope_b"], "envelope", {"envelopeId": "envelope_b"}),
            ("77", ["78", "envelope_b"], "envelope", {"envelopeId": "envelope_b"}),
            ("77", [], "document", {"documentId": 77}),
            ("envelope_b", ["77"], "envelope", {"envelopeId": "envelope_b"}),
        ],
    )
    def test_reminders_name_the_envelope_where_its_own_id_is_known(
        self, envelope: str, aliases: list[str], path: str, content: dict[str, Any]
    ) -> None:
        asked = self.subject.api_id(envelope, aliases)
        access = Access(token="t", url="https://sign.acme.example")
        (made,) = self.subject.reminders(asked, [Signer(id="5")], access)
        assert made.request.url == f"https://sign.acme.example/api/v2/{path}/redistribute"
        assert json.loads(made.request.body) == {**content, "recipients": [5]}

    def test_a_number_of_our_own_making_is_not_told_to_documenso(self) -> None:
        access = Access(token="t", url="https://sign.acme.example")
        with pytest.raises(PermanentError, match="by the recipient's number"):
            self.subject.reminders("77", [Signer(id="5", has_own_id=False)], access)

    @pytest.mark.parametrize(
        ("name", "payload"),
        [
            ("DOCUMENT_SIGNED", {"id": 10, "title": "documenso.pdf"}),
            ("DOCUMENT_CANCELLED", {"id": 7, "title": "documenso.pdf"}),
            ("TEMPLATE_USED", {"id": 10, "title": "Document from Template"}),
            ("DOCUMENT_REJECTED", {"id": 10, "envelopeId": "env_123", "recipients": None}),
        ],
    )
    def test_the_test_buttons_samples_move_nothing(self, name: str, payload: Any) -> None:
        event = self.message(name, **{"status": "COMPLETED", "recipients": SAMPLE, **payload})
        assert (event.kind, event.envelope, event.state) == ("webhook.test", "", None)

    @pytest.mark.parametrize(
        "payload",
        [
            {"id": 10, "envelopeId": "envelope_b", "recipients": "sample"},
            {"id": 11, "recipients": "sample"},
            {"id": 10, "title": "Lease", "recipients": "sample"},
            {"id": 10, "recipients": []},
            {"id": 10, "recipients": [{"id": 1, "email": "k@kunde.example"}]},
            {"id": 10, "recipients": [*SAMPLE, {"id": 1, "email": "k@kunde.example"}]},
        ],
        ids=["its own id", "number", "title", "nobody", "a client", "a client too"],
    )
    def test_a_document_that_only_looks_like_a_sample_is_real(self, payload: Any) -> None:
        given = {"title": "documenso.pdf", **payload}
        if given["recipients"] == "sample":
            given["recipients"] = SAMPLE
        event = self.message("DOCUMENT_COMPLETED", status="COMPLETED", **given)
        assert (event.kind, event.envelope) == ("document.completed", str(given["id"]))

    @pytest.mark.parametrize(
        ("listed", "kept"),
        [({"name": "Jo"}, True), ({"signingOrder": 2}, True), ({"role": "SIGNER"}, False)],
    )
    def test_a_recipient_without_an_id_is_kept_or_leaves_the_list_in_doubt(
        self, listed: dict[str, Any], kept: bool
    ) -> None:
        event = self.parse("DOCUMENT_SENT", recipient(1), listed)
        assert event.state is not None
        assert (len(event.state.signers), event.state.all_signers) == (1 + kept, kept)

    def test_a_document_without_any_id_is_malformed(self) -> None:
        with pytest.raises(MalformedError, match="envelopeId"):
            self.subject.parse(self.with_json(b'{"event":"DOCUMENT_SENT","payload":{}}'))

    def test_a_secret_with_letters_beyond_ascii_counts(self) -> None:
        assert self.accepted(self.genuine("gehört zusammen €"), "gehört zusammen €")

    def parse(self, name: str, *recipients: dict[str, Any]) -> SigningEvent:
        payload = {"envelopeId": ID, "status": "PENDING", "recipients": list(recipients)}
        return self.message(name, **payload)

    def message(self, name: str, **payload: Any) -> SigningEvent:
        body = {"event": name, "createdAt": "2026-03-16T12:00:00.000Z", "payload": payload}
        (event,) = self.subject.parse(self.with_json(json.dumps(body).encode()))
        return event


def recipient(number: int, **more: Any) -> dict[str, Any]:
    """One recipient as Documenso writes it."""
    return {"id": number, "email": f"{number}@kunde.example", "role": "SIGNER", **more}
