"""DocuSign Connect: what it sends, what that means, and what must not pass for it."""

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
from countersign.providers.base import MalformedError, Request, UnauthorizedError
from tests.unit.providers.attacks import SECRET, BodySigned, ProofInHeader, at

ID = "3f6b2a90-8c1d-4e57-b2a4-91d0c7e5f8a6"
TITLE = "Framework agreement ACME and Kunde"

ANNA_WAITS = Signer(
    id="1", name="Anna Berger", email="anna.berger@acme.example", role="Director", order=1
)
ANNA_ASKED = ANNA_WAITS.model_copy(
    update={"status": "notified", "notified_at": at("2026-03-02T09:00:00.25Z")}
)
ANNA_SIGNED = ANNA_ASKED.model_copy(
    update={
        "status": "signed",
        "viewed_at": at("2026-03-02T10:14:20.5Z"),
        "signed_at": at("2026-03-02T10:15:00.907Z"),
    }
)
KLARA_WAITS = Signer(
    id="2", name="Klara Vogel", email="klara.vogel@kunde.example", role="Client", order=2
)
KLARA_ASKED = KLARA_WAITS.model_copy(
    update={"status": "notified", "notified_at": at("2026-03-02T10:15:02.31Z")}
)
KLARA_VIEWED = KLARA_ASKED.model_copy(
    update={"status": "viewed", "viewed_at": at("2026-03-03T14:28:41.4Z")}
)
KLARA_SIGNED = KLARA_VIEWED.model_copy(
    update={"status": "signed", "signed_at": at("2026-03-03T14:30:00.66Z")}
)
KLARA_DECLINED = KLARA_VIEWED.model_copy(
    update={
        "status": "declined",
        "declined_at": at("2026-03-03T15:02:11.5Z"),
        "reason": "Clause 7 is not what we agreed on",
    }
)
PAUL_ASKED = Signer(
    id="4",
    name="Paul Winter",
    email="paul.winter@kunde.example",
    role="Client",
    order=2,
    status="notified",
    notified_at=at("2026-03-03T08:59:59.1Z"),
)
ARCHIVE = Signer(
    id="3",
    name="Legal Archive",
    email="archive@acme.example",
    role="Archive",
    order=3,
    action="copy",
)
ANNA = SignerRef(
    id="1", email="anna.berger@acme.example", name="Anna Berger", role="Director", order=1
)
KLARA = SignerRef(
    id="2", email="klara.vogel@kunde.example", name="Klara Vogel", role="Client", order=2
)
PAUL = SignerRef(
    id="4", email="paul.winter@kunde.example", name="Paul Winter", role="Client", order=2
)


def envelope(status: EnvelopeStatus, *signers: Signer, **more: Any) -> Envelope:
    """The example envelope in one of its states."""
    state = Envelope(
        id=ID,
        title=TITLE,
        status=status,
        signers=(*signers, ARCHIVE),
        sender=Sender(name="Jonas Feld", email="jonas.feld@acme.example"),
        created_at=at("2026-03-02T08:59:30.123Z"),
        sent_at=None if status == "created" else at("2026-03-02T09:00:00.25Z"),
        expires_at=at("2026-04-01T09:00:00.25Z"),
        custom_fields={"contract_number": "V-2026-0042", "amount": "12500.00", "currency": "EUR"},
    )
    return state.model_copy(update=more)


def event(kind: Any, name: str, key: str, when: str, **more: Any) -> SigningEvent:
    """One event of the example envelope."""
    return SigningEvent(
        kind=kind, key=key, provider_event=name, occurred_at=at(when), envelope=ID, **more
    )


REFUSED = envelope(
    "declined", ANNA_SIGNED, KLARA_DECLINED, reason="Clause 7 is not what we agreed on"
)
LEASE = "c27d4e18-5f0a-4b93-8e61-0d9f3a7b2c54"
MIRA_SIGNED = Signer(
    id="1",
    name="Mira Sand",
    email="mira.sand@kunde.example",
    role="Tenant",
    order=1,
    status="signed",
    notified_at=at("2026-03-02T09:00:00.25Z"),
    viewed_at=at("2026-03-02T10:14:20.5Z"),
    signed_at=at("2026-03-02T10:15:00.907Z"),
)
FACILITIES = Signer(
    id="2",
    name="ACME Facilities",
    members=("anna.berger@acme.example", "ben.krug@acme.example"),
    role="Landlord",
    order=2,
)
TOM = Signer(id="3", name="Tom Sand", phone="+49 1525550123", role="Guarantor", order=3)
LEGACY_ANNA = "7d4f0b6a-1c2e-4b8f-a1d3-0e9c5b7a2f41"

MEANINGS: dict[str, tuple[SigningEvent, ...]] = {
    "envelope-created": (
        event(
            "document.created",
            "envelope-created",
            f"envelope-created:{ID}:-:-",
            "2026-03-02T08:59:30.123Z",
            state=envelope("created", ANNA_WAITS, KLARA_WAITS),
        ),
    ),
    "envelope-sent": (
        event(
            "document.sent",
            "envelope-sent",
            f"envelope-sent:{ID}:-:2026-03-02T09:00:01.418073+00:00",
            "2026-03-02T09:00:00.25Z",
            state=envelope("sent", ANNA_ASKED, KLARA_WAITS),
        ),
    ),
    "recipient-sent-director": (
        event(
            "signer.notified",
            "recipient-sent",
            f"recipient-sent:{ID}:1:2026-03-02T09:00:01.502190+00:00",
            "2026-03-02T09:00:00.25Z",
            signer=ANNA,
            state=envelope("sent", ANNA_ASKED, KLARA_WAITS),
        ),
    ),
    "recipient-completed-director": (
        event(
            "signer.signed",
            "recipient-completed",
            f"recipient-completed:{ID}:1:-",
            "2026-03-02T10:15:00.907Z",
            signer=ANNA,
            state=envelope("sent", ANNA_SIGNED, KLARA_WAITS),
        ),
    ),
    "recipient-sent-client": (
        event(
            "signer.notified",
            "recipient-sent",
            f"recipient-sent:{ID}:2:2026-03-02T10:15:03.770091+00:00",
            "2026-03-02T10:15:02.31Z",
            signer=KLARA,
            state=envelope("sent", ANNA_SIGNED, KLARA_ASKED),
        ),
    ),
    "recipient-delivered-client": (
        event(
            "document.viewed",
            "recipient-delivered",
            f"recipient-delivered:{ID}:2:2026-03-03T14:28:42.881200+00:00",
            "2026-03-03T14:28:41.4Z",
            signer=KLARA,
            state=envelope("delivered", ANNA_SIGNED, KLARA_VIEWED),
        ),
    ),
    "recipient-completed-client": (
        event(
            "signer.signed",
            "recipient-completed",
            f"recipient-completed:{ID}:2:-",
            "2026-03-03T14:30:00.66Z",
            signer=KLARA,
            state=envelope("delivered", ANNA_SIGNED, KLARA_SIGNED),
        ),
    ),
    "envelope-completed": (
        event(
            "document.completed",
            "envelope-completed",
            f"envelope-completed:{ID}:-:-",
            "2026-03-03T14:30:01.02Z",
            state=envelope(
                "completed",
                ANNA_SIGNED,
                KLARA_SIGNED,
                completed_at=at("2026-03-03T14:30:01.02Z"),
            ),
        ),
    ),
    "envelope-completed-minimal": (
        event(
            "document.completed",
            "envelope-completed",
            f"envelope-completed:{ID}:-:-",
            "2026-03-03T14:30:02.44Z",
        ),
    ),
    "recipient-declined-client": (
        event(
            "signer.declined",
            "recipient-declined",
            f"recipient-declined:{ID}:2:-",
            "2026-03-03T15:02:11.5Z",
            signer=KLARA,
            reason="Clause 7 is not what we agreed on",
            state=REFUSED,
        ),
        event(
            "document.declined",
            "recipient-declined",
            f"envelope-declined:{ID}:-:-",
            "2026-03-03T15:02:11.5Z",
            signer=KLARA,
            reason="Clause 7 is not what we agreed on",
            state=REFUSED,
        ),
    ),
    "envelope-declined": (
        event(
            "document.declined",
            "envelope-declined",
            f"envelope-declined:{ID}:-:-",
            "2026-03-03T15:02:11.8Z",
            signer=KLARA,
            reason="Clause 7 is not what we agreed on",
            state=REFUSED,
        ),
    ),
    "envelope-voided": (
        event(
            "document.voided",
            "envelope-voided",
            f"envelope-voided:{ID}:-:-",
            "2026-03-04T08:00:00.5Z",
            reason="The offer was replaced by a new one",
            state=envelope(
                "voided", ANNA_SIGNED, KLARA_ASKED, reason="The offer was replaced by a new one"
            ),
        ),
    ),
    "envelope-voided-expired": (
        event(
            "document.expired",
            "envelope-voided",
            f"envelope-voided:{ID}:-:-",
            "2026-04-01T09:05:10.2Z",
            reason="Envelope has expired.",
            state=envelope("expired", ANNA_SIGNED, KLARA_VIEWED, reason="Envelope has expired."),
        ),
    ),
    "recipient-authenticationfailed-client": (
        event(
            "signer.authentication_failed",
            "recipient-authenticationfailed",
            f"recipient-authenticationfailed:{ID}:2:2026-03-03T14:00:00+00:00",
            "2026-03-03T14:00:00Z",
            signer=KLARA,
            state=envelope("sent", ANNA_SIGNED, KLARA_ASKED),
        ),
    ),
    "recipient-autoresponded-client": (
        event(
            "signer.delivery_failed",
            "recipient-autoresponded",
            f"recipient-autoresponded:{ID}:2:2026-03-02T10:15:30+00:00",
            "2026-03-02T10:15:30Z",
            signer=KLARA,
            state=envelope("sent", ANNA_SIGNED, KLARA_ASKED),
        ),
    ),
    "recipient-reassign-client": (
        event(
            "signer.reassigned",
            "recipient-reassign",
            f"recipient-reassign:{ID}:2:2026-03-03T09:00:00+00:00",
            "2026-03-03T09:00:00Z",
            signer=PAUL,
            previous_signer=KLARA,
            state=envelope("sent", ANNA_SIGNED, KLARA_ASKED, PAUL_ASKED),
            detail={"change": "reassigned"},
        ),
    ),
    "recipient-completed-in-person": (
        event(
            "signer.signed",
            "recipient-completed",
            f"recipient-completed:{LEASE}:1:-",
            "2026-03-02T10:15:00.907Z",
            signer=SignerRef(
                id="1", email="mira.sand@kunde.example", name="Mira Sand", role="Tenant", order=1
            ),
            state=envelope(
                "sent",
                id=LEASE,
                title="Lease of a workshop",
                signers=(FACILITIES, TOM, MIRA_SIGNED),
            ),
        ).model_copy(update={"envelope": LEASE}),
    ),
    "envelope-unheard-of": (
        event(
            "other",
            "envelope-unheard-of",
            f"envelope-unheard-of:{ID}:-:2026-03-02T11:00:00+00:00",
            "2026-03-02T11:00:00Z",
            state=envelope("sent", ANNA_SIGNED, KLARA_ASKED),
        ),
    ),
    # The legacy message names no event and calls recipients by other ids; its times are UTC-8.
    "legacy-sent": (
        event(
            "signer.signed",
            "Sent",
            f"recipient-completed:{ID}:{LEGACY_ANNA}:-",
            "2026-03-02T10:15:00.907Z",
            signer=ANNA.model_copy(update={"id": LEGACY_ANNA}),
            state=Envelope(
                id=ID,
                title=TITLE,
                status="sent",
                signers=(
                    ANNA_SIGNED.model_copy(update={"id": LEGACY_ANNA}),
                    KLARA_ASKED.model_copy(update={"id": "b81e5c34-92f7-4d06-8a5b-6c3d1e0f7a92"}),
                ),
                sender=Sender(name="Jonas Feld", email="jonas.feld@acme.example"),
                created_at=at("2026-03-02T08:59:30.123Z"),
                sent_at=at("2026-03-02T09:00:00.25Z"),
                custom_fields={"contract_number": "V-2026-0042"},
            ),
        ),
    ),
}


class TestDocuSign(ProofInHeader, BodySigned):
    name = "docusign"
    example = "recipient-completed-director"
    now = at("2026-03-02T10:15:03Z")
    proof = "x-docusign-signature-1"
    doubled = True
    meanings = MEANINGS
    same_fact = (
        frozenset({"envelope-completed", "envelope-completed-minimal"}),
        frozenset({"recipient-declined-client", "envelope-declined"}),
        frozenset({"envelope-voided", "envelope-voided-expired"}),
    )
    telling = (
        "event",
        "data.envelopeId",
        # A refusal ends the envelope where its own status says so.
        "data.envelopeSummary.status",
        # It says that a void is an expiry, where the time of the end does not.
        "data.envelopeSummary.voidedReason",
        # The legacy message names no event: the newest time of its state tells it.
        "envelopeId",
        "recipients.signers.0.signedDateTime",
    )
    hidden = ("JVBERi0xLjcK",)

    def signed(self, request: Request, secret: str) -> Request:
        digest = hmac.new(secret.encode(), request.body, hashlib.sha256).digest()
        headers = {**request.headers, "x-docusign-signature-1": base64.b64encode(digest).decode()}
        return request.model_copy(update={"headers": headers})

    def retried(self, request: Request) -> Request:
        return request.model_copy(
            update={"body": request.body.replace(b'"retryCount":0', b'"retryCount":3')}
        )

    def test_the_retry_differs_from_the_first_try(self) -> None:
        request = self.read(self.example)
        assert self.retried(request) != request

    @pytest.mark.parametrize("number", [1, 2, 7, 100])
    def test_any_of_its_signature_headers_counts(self, number: int) -> None:
        true = self.proof_of(self.genuine())
        headers = {f"x-docusign-signature-{n}": "AAAA" for n in range(1, 101)}
        headers[f"x-docusign-signature-{number}"] = true
        request = self.genuine().model_copy(update={"headers": headers})
        assert self.accepted(request, "new", SECRET)

    @pytest.mark.parametrize(
        "name", ["x-docusign-signature", "x-docusign-signature-", "x-docusign-signature-1x"]
    )
    def test_a_header_of_a_like_name_does_not_count(self, name: str) -> None:
        headers = {name: self.proof_of(self.genuine())}
        with pytest.raises(UnauthorizedError, match="Include HMAC Signature"):
            self.subject.verify(
                self.genuine().model_copy(update={"headers": headers}),
                self.secrets(SECRET),
                self.now,
            )

    def test_a_key_is_text_and_not_base64(self) -> None:
        key = base64.b64encode(b"a key that looks like Base64").decode()
        assert self.accepted(self.genuine(key), key)

    @pytest.mark.parametrize(
        ("reason", "voided", "deadline", "enabled", "kind"),
        [
            ("Envelope has expired.", None, None, "true", "document.expired"),
            ("ENVELOPE HAS EXPIRED", None, None, "true", "document.expired"),
            ("The offer has expired, sorry", None, None, "true", "document.voided"),
            ("", "2026-04-01T09:00:01Z", "2026-04-01T09:00:00Z", "true", "document.expired"),
            ("", "2026-04-01T08:59:59Z", "2026-04-01T09:00:00Z", "true", "document.voided"),
            ("", "2026-04-01T09:00:01Z", "2026-04-01T09:00:00Z", "false", "document.voided"),
            (None, None, None, None, "document.voided"),
        ],
    )
    def test_a_voided_envelope_is_expired_when_its_deadline_ended_it(
        self,
        reason: str | None,
        voided: str | None,
        deadline: str | None,
        enabled: str | None,
        kind: str,
    ) -> None:
        summary = {
            "status": "voided",
            "voidedReason": reason,
            "voidedDateTime": voided,
            "expireDateTime": deadline,
            "expireEnabled": enabled,
        }
        (found,) = self.parse_sim("envelope-voided", envelopeSummary=summary)
        assert found.kind == kind

    def test_a_copy_that_was_sent_is_no_signature(self) -> None:
        summary = {"recipients": {"carbonCopies": [{"recipientId": "3", "status": "completed"}]}}
        (found,) = self.parse_sim("recipient-completed", recipientId="3", envelopeSummary=summary)
        assert (found.kind, found.detail) == ("other", {"change": "copy sent"})

    def test_without_the_list_of_recipients_nobody_can_say_that_all_signed(self) -> None:
        (found,) = self.parse_sim("envelope-completed", envelopeSummary={"status": "completed"})
        assert found.state == Envelope(id=ID, status="completed", all_signers=False)

    @pytest.mark.parametrize(
        ("group", "action"),
        [
            ("signers", "sign"),
            ("inPersonSigners", "sign"),
            ("notaries", "sign"),
            ("witnesses", "sign"),
            ("seals", "sign"),
            ("agents", "fill"),
            ("editors", "fill"),
            ("intermediaries", "fill"),
            ("certifiedDeliveries", "acknowledge"),
            ("carbonCopies", "copy"),
        ],
    )
    def test_the_list_a_recipient_stands_in_tells_what_he_does(
        self, group: str, action: str
    ) -> None:
        summary = {"recipients": {group: [{"recipientId": "7", "email": "k@kunde.example"}]}}
        (found,) = self.parse_sim("envelope-sent", envelopeSummary=summary)
        assert found.state is not None
        assert [(one.id, one.action) for one in found.state.signers] == [("7", action)]

    @pytest.mark.parametrize("status", ["created", "sent", "autoresponded"])
    def test_who_opened_the_documents_stays_a_viewer_though_the_status_falls_back(
        self, status: str
    ) -> None:
        signer = {
            "recipientId": "2",
            "status": status,
            "deliveredDateTime": "2026-03-03T14:28:41.4Z",
        }
        summary = {"recipients": {"signers": [signer]}}
        (found,) = self.parse_sim("recipient-autoresponded", envelopeSummary=summary)
        assert found.state is not None
        assert [one.status for one in found.state.signers] == ["viewed"]

    @pytest.mark.parametrize("name", ["envelope-sent", "recipient-completed"])
    def test_a_known_event_without_its_envelope_is_malformed(self, name: str) -> None:
        with pytest.raises(MalformedError, match="envelopeId"):
            self.subject.parse(self.with_json(json.dumps({"event": name, "data": {}}).encode()))

    def test_a_template_is_no_envelope(self) -> None:
        body = {
            "event": "template-modified",
            "generatedDateTime": "2026-03-02T09:00:00.0000000Z",
            "data": {"templateId": "77"},
        }
        assert self.subject.parse(self.with_json(json.dumps(body).encode())) == (
            SigningEvent(
                kind="template.changed",
                key="template-modified:77:-:2026-03-02T09:00:00+00:00",
                provider_event="template-modified",
                occurred_at=at("2026-03-02T09:00:00Z"),
                envelope="",
                detail={"change": "modified", "template": "77"},
            ),
        )

    @pytest.mark.parametrize(
        "time",
        ["yesterday", "2026-03-02T09:00:00", "0001-01-01T00:00:00+09:00", 17, True, {}],
    )
    def test_a_time_that_cannot_be_read_is_when_the_message_came(self, time: object) -> None:
        body = {"event": "envelope-sent", "generatedDateTime": time, "data": {"envelopeId": ID}}
        (found,) = self.subject.read(self.with_json(json.dumps(body).encode()))
        assert (found.kind, found.occurred_at) == ("document.sent", self.now)
        assert "generatedDateTime of the message was not read" in found.warnings[0]

    def test_codes_links_and_documents_are_not_kept(self) -> None:
        body = {
            "event": "envelope-sent",
            "data": {
                "envelopeSummary": {
                    "envelopeDocuments": [{"name": "a.pdf", "PDFBytes": "JVBERi0x"}],
                    "recipients": {
                        "signers": [
                            {"accessCode": "4711", "embeddedRecipientStartURL": "https://x.example"}
                        ]
                    },
                }
            },
        }
        kept = json.loads(self.subject.redact(self.with_json(json.dumps(body).encode())))
        assert kept["data"]["envelopeSummary"] == {
            "envelopeDocuments": [{"name": "a.pdf", "PDFBytes": "[redacted]"}],
            "recipients": {
                "signers": [{"accessCode": "[redacted]", "embeddedRecipientStartURL": "[redacted]"}]
            },
        }

    def parse_sim(self, name: str, **data: Any) -> tuple[SigningEvent, ...]:
        body = {
            "event": name,
            "generatedDateTime": "2026-03-02T09:00:00.0000000Z",
            "data": {"envelopeId": ID, **data},
        }
        return self.subject.parse(self.with_json(json.dumps(body).encode()))


class TestLegacyXml:
    suite = TestDocuSign()

    def parse(self, xml: str | bytes) -> tuple[SigningEvent, ...]:
        return self.suite.subject.parse(self.request(xml))

    def request(self, xml: str | bytes) -> Request:
        body = xml.encode() if isinstance(xml, str) else xml
        headers = {"content-type": "text/xml; charset=utf-8"}
        return Request(headers=headers, body=body, received_at=self.suite.now)

    def xml(self, status: str, more: str = "") -> str:
        return (
            '<DocuSignEnvelopeInformation xmlns="http://www.docusign.net/API/3.0"><EnvelopeStatus>'
            f"<EnvelopeID>{ID}</EnvelopeID><TimeGenerated>2026-03-02T09:00:00</TimeGenerated>"
            f"<Status>{status}</Status>{more}</EnvelopeStatus></DocuSignEnvelopeInformation>"
        )

    @pytest.mark.parametrize(
        ("status", "more", "kinds"),
        [
            ("Created", "<Created>2026-03-01T00:00:00</Created>", ["document.created"]),
            ("Sent", "<Sent>2026-03-01T00:00:00</Sent>", ["document.sent"]),
            ("Completed", "", ["document.completed"]),
            ("Declined", "", ["document.declined"]),
            ("Voided", "<VoidReason>Changed</VoidReason>", ["document.voided"]),
            ("Voided", "<VoidReason>Envelope has expired.</VoidReason>", ["document.expired"]),
            ("Deleted", "", ["document.deleted"]),
            ("Processing", "", ["other"]),
            (
                "Sent",
                "<RecipientStatuses><RecipientStatus><Status>AutoResponded</Status>"
                "<RecipientId>9</RecipientId></RecipientStatus></RecipientStatuses>"
                "<Sent>2026-03-01T00:00:00</Sent>",
                ["signer.delivery_failed", "document.sent"],
            ),
            (
                "Sent",
                "<RecipientStatuses><RecipientStatus><Status>AuthenticationFailed</Status>"
                "<RecipientId>9</RecipientId></RecipientStatus></RecipientStatuses>"
                "<Sent>2026-03-01T00:00:00</Sent>",
                ["signer.authentication_failed", "document.sent"],
            ),
        ],
    )
    def test_the_state_tells_what_happened(self, status: str, more: str, kinds: list[str]) -> None:
        assert [one.kind for one in self.parse(self.xml(status, more))] == kinds

    @pytest.mark.parametrize(
        "xml",
        [
            "",
            "text",
            "<a>",
            "<a/>",
            "<DocuSignEnvelopeInformation/>",
            '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
            '<!DOCTYPE a SYSTEM "file:///etc/hostname"><a/>',
            "<a>&undefined;</a>",
            "<a>" * 200 + "</a>" * 200,
            '<?xml version="1.0" encoding="utf-16"?><a/>'.encode("utf-16"),
            b'<?xml version="1.0" encoding="latin-1"?><a>\xe4</a>',
            b"<a>\x00</a>",
        ],
    )
    def test_what_is_no_message_of_docusign_is_malformed(self, xml: str | bytes) -> None:
        with pytest.raises(MalformedError):
            self.parse(xml)

    def test_many_entities_are_refused_before_they_grow(self) -> None:
        bomb = '<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">'
        bomb += "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
        with pytest.raises(MalformedError, match="document type"):
            self.parse(bomb + "]><l>&a9;</l>")

    @pytest.mark.parametrize(
        "more",
        [
            "<Tab/>" * 150_000,
            "<TabStatuses>" + "<TabStatus><TabName>n</TabName></TabStatus>" * 75_000
            + "</TabStatuses>",
            "<a " + " ".join(f"a{n}=''" for n in range(150_000)) + "/>",
            "<a x='' y=''/>" * 50_000,
            "n<b/>" * 150_000,
        ],
        ids=["empty elements", "skipped ones", "attributes of one", "of many", "among text"],
    )  # fmt: skip
    def test_more_parts_than_any_envelope_has_are_refused_as_they_are_counted(
        self, more: str
    ) -> None:
        with pytest.raises(MalformedError, match="more than 150,000 elements and attributes"):
            self.parse(self.xml("Sent", more))

    def test_a_large_message_of_many_signers_with_many_tabs_and_documents_is_read(self) -> None:
        tab = "<TabStatus><TabType>SignHere</TabType><XPosition>1</XPosition></TabStatus>"
        signer = (
            "<RecipientStatus><Email>s{0}@kunde.example</Email><RecipientId>{0}</RecipientId>"
            f"<Status>Sent</Status><TabStatuses>{tab * 30}</TabStatuses></RecipientStatus>"
        )
        signers = "".join(signer.format(number) for number in range(200))
        pdfs = "</EnvelopeStatus><DocumentPDFs><PDFBytes>" + "QUJD" * 750_000 + "</PDFBytes>"
        whole = self.xml(
            "Sent",
            f"<Sent>2026-03-01T00:00:00</Sent><RecipientStatuses>{signers}</RecipientStatuses>",
        ).replace("</EnvelopeStatus>", f"{pdfs}</DocumentPDFs>")
        (found,) = self.parse(whole)
        assert found.state is not None
        assert len(found.state.signers) == 200
        assert len(self.suite.subject.redact(self.request(whole)) or "") < 1_000_000

    def test_documents_are_cut_out_and_the_rest_is_kept_as_it_is(self) -> None:
        head, tail = "<a x='>'><b>ü</b><PDFBytes y='1'>", "</PDFBytes><PDFBytes/></a>"
        kept = self.suite.subject.redact(self.request(f"{head}JVBERi0x{tail}"))
        assert kept == f"{head}[redacted]{tail}"

    def test_the_json_without_an_event_is_read_by_its_state_too(self) -> None:
        body = {
            "envelopeId": ID,
            "status": "completed",
            "completedDateTime": "2026-03-03T14:30:01.02Z",
        }
        (found,) = self.suite.subject.parse(self.suite.with_json(json.dumps(body).encode()))
        assert found == event(
            "document.completed",
            "completed",
            f"envelope-completed:{ID}:-:-",
            "2026-03-03T14:30:01.02Z",
            state=Envelope(
                id=ID,
                status="completed",
                all_signers=False,
                completed_at=at("2026-03-03T14:30:01.02Z"),
            ),
        )
