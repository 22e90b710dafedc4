"""SignWell: what it sends, what that means, and what must not pass for it."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import timedelta
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
from tests.unit.providers.attacks import SECRET, TimeSigned, at

ID = "8f2c61d4-7b93-4e05-a1d8-3c5f90e7b264"
TEMPLATE_ID = "3e9b5a70-c1f4-4d82-9b6e-05d7a2c8f139"
NO = "The delivery dates do not fit"

ANNA_WAITS = Signer(
    id="1", name="Anna Berger", email="anna.berger@acme.example", role="Director", order=1
)
ANNA_ASKED = ANNA_WAITS.model_copy(update={"status": "notified"})
ANNA_BEGAN = ANNA_WAITS.model_copy(update={"status": "started"})
ANNA_SIGNED = ANNA_WAITS.model_copy(update={"status": "signed"})
KLARA_WAITS = Signer(
    id="2", name="Klara Vogel", email="klara.vogel@kunde.example", role="Client", order=2
)
KLARA_ASKED = KLARA_WAITS.model_copy(update={"status": "notified"})
KLARA_VIEWED = KLARA_WAITS.model_copy(update={"status": "viewed"})
KLARA_SIGNED = KLARA_WAITS.model_copy(update={"status": "signed"})
KLARA_DECLINED = KLARA_WAITS.model_copy(update={"status": "declined", "reason": NO})
PAUL_ASKED = KLARA_ASKED.model_copy(
    update={"name": "Paul Winter", "email": "paul.winter@kunde.example"}
)
ARCHIVE = Signer(name="Legal Archive", email="archive@acme.example", action="copy")
ANNA = SignerRef(
    id="1", email="anna.berger@acme.example", name="Anna Berger", role="Director", order=1
)
KLARA = SignerRef(
    id="2", email="klara.vogel@kunde.example", name="Klara Vogel", role="Client", order=2
)
HOUSE = "hof@bauer-lang.example"


def document(status: EnvelopeStatus, *signers: Signer, **more: Any) -> Envelope:
    """The example document in one of its states."""
    state = Envelope(
        id=ID,
        title="Supply contract ACME and Kunde",
        status=status,
        signers=(*signers, ARCHIVE),
        sender=Sender(name="Jonas Feld", email="jonas.feld@acme.example"),
        created_at=at("2026-04-20T07:55:12Z"),
        custom_fields={"contract_number": "V-2026-0078", "amount": "9150.00"},
    )
    return state.model_copy(update=more)


def event(kind: Any, name: str, rest: str, when: str, **more: Any) -> tuple[SigningEvent]:
    """The one event of an example; ``rest`` ends its key."""
    given = {"key": f"{name}:{ID}{rest}", "envelope": ID, **more}
    return (SigningEvent(kind=kind, provider_event=name, occurred_at=at(when), **given),)


MEANINGS: dict[str, tuple[SigningEvent, ...]] = {
    "document_created": event(
        "document.created",
        "document_created",
        ":-:1776671712",
        "2026-04-20T07:55:12Z",
        state=document("created", ANNA_WAITS, KLARA_WAITS),
    ),
    "document_sent": event(
        "document.sent",
        "document_sent",
        ":-:1776672000",
        "2026-04-20T08:00:00Z",
        state=document("sent", ANNA_ASKED, KLARA_WAITS, sent_at=at("2026-04-20T08:00:00Z")),
    ),
    "document_in_progress_director": event(
        "signer.started",
        "document_in_progress",
        ":anna.berger@acme.example:Anna Berger:1776676520",
        "2026-04-20T09:15:20Z",
        signer=ANNA,
        state=document("sent", ANNA_BEGAN, KLARA_WAITS),
    ),
    "document_signed_director": event(
        "signer.signed",
        "document_signed",
        ":anna.berger@acme.example:Anna Berger:1776676680",
        "2026-04-20T09:18:00Z",
        signer=ANNA,
        state=document("sent", ANNA_SIGNED, KLARA_ASKED),
    ),
    "document_viewed_client": event(
        "document.viewed",
        "document_viewed",
        ":klara.vogel@kunde.example:Klara Vogel:1776781800",
        "2026-04-21T14:30:00Z",
        signer=KLARA,
        state=document("sent", ANNA_SIGNED, KLARA_VIEWED),
    ),
    "document_signed_client": event(
        "signer.signed",
        "document_signed",
        ":klara.vogel@kunde.example:Klara Vogel:1776782200",
        "2026-04-21T14:36:40Z",
        signer=KLARA,
        state=document("completed", ANNA_SIGNED, KLARA_SIGNED),
    ),
    "document_completed": event(
        "document.completed",
        "document_completed",
        "",
        "2026-04-21T14:36:43Z",
        state=document(
            "completed", ANNA_SIGNED, KLARA_SIGNED, completed_at=at("2026-04-21T14:36:43Z")
        ),
    ),
    "document_declined": event(
        "document.declined",
        "document_declined",
        "",
        "2026-04-21T14:50:00Z",
        signer=KLARA,
        reason=NO,
        state=document("declined", ANNA_SIGNED, KLARA_DECLINED, reason=NO),
    ),
    "document_canceled": event(
        "document.voided",
        "document_canceled",
        "",
        "2026-04-22T06:30:00Z",
        state=document("voided", ANNA_SIGNED, KLARA_VIEWED),
    ),
    "document_expired": event(
        "document.expired",
        "document_expired",
        ":-:1779264002",
        "2026-05-20T08:00:02Z",
        state=document("expired", ANNA_SIGNED, KLARA_VIEWED),
    ),
    "document_bounced_client": event(
        "signer.delivery_failed",
        "document_bounced",
        ":-:1776676710",
        "2026-04-20T09:18:30Z",
        signer=KLARA,
        reason="550 no such mailbox",
        state=document("sent", ANNA_SIGNED, KLARA_ASKED),
    ),
    "document_recipients_updated": event(
        "signer.updated",
        "document_recipients_updated",
        ":-:1776758400",
        "2026-04-21T08:00:00Z",
        state=document("sent", ANNA_SIGNED, PAUL_ASKED),
        detail={"change": "recipients"},
    ),
    "document_unheard_of": event(
        "other",
        "document_unheard_of",
        ":-:1776676740",
        "2026-04-20T09:19:00Z",
        state=document("sent", ANNA_SIGNED, KLARA_ASKED),
    ),
    "template_created": event(
        "template.changed",
        "template_created",
        "",
        "2026-04-17T12:00:00Z",
        key=f"template_created:{TEMPLATE_ID}:1776427200",
        envelope="",
        detail={"change": "created", "template": TEMPLATE_ID},
    ),
}


class TestSignWell(TimeSigned):
    name = "signwell"
    example = "document_signed_director"
    now = at("2026-04-20T09:18:00Z")
    upper_case = True
    stale_after = timedelta(days=4)
    telling = ("event.type", "data.object.id")
    meanings = MEANINGS
    hidden = (
        "https://www.signwell.com/docs/opens-the-signing-page-1/",
        "https://www.signwell.com/docs/opens-the-signing-page-2/",
        "klaras-passcode-7193",
    )

    def signed(self, request: Request, secret: str) -> Request:
        event = json.loads(request.body)["event"]
        text = f"{event['type']}@{event['time']}".encode()
        return self.with_proof(request, hmac.new(secret.encode(), text, hashlib.sha256).hexdigest())

    def with_proof(self, request: Request, value: str | None) -> Request:
        message = json.loads(request.body)
        message["event"]["hash"] = value
        return request.model_copy(update={"body": json.dumps(message).encode()})

    def proof_of(self, request: Request) -> str:
        proof: str = json.loads(request.body)["event"]["hash"]
        return proof

    def event_name(self, message: Any) -> str:
        return str(message["event"]["type"])

    def retried(self, request: Request) -> Request:
        """Re-serialised, by now with a later state."""
        message = json.loads(request.body)
        message["data"]["object"].update(status="Completed", updated_at="2026-06-01T00:00:00Z")
        for one in message["data"]["object"].get("recipients", ()):
            one.update(status="completed", bounced=True)
        return request.model_copy(update={"body": json.dumps(message, indent=1).encode()})

    def test_the_body_beside_time_and_type_is_not_covered_as_the_authenticity_says(self) -> None:
        message = json.loads(self.genuine().body)
        message["data"]["object"]["name"] = "Another title"
        assert self.accepted(self.with_json(json.dumps(message).encode()), SECRET)

    @pytest.mark.parametrize(("member", "value"), [("time", 1776676681), ("type", "document_sent")])
    def test_a_changed_time_or_type_is_refused(self, member: str, value: object) -> None:
        message = json.loads(self.genuine().body)
        message["event"][member] = value
        assert not self.accepted(self.with_json(json.dumps(message).encode()), SECRET)

    def test_a_message_from_the_future_is_refused(self) -> None:
        assert not self.accepted(self.genuine(), SECRET, now=self.now - timedelta(hours=2))

    @pytest.mark.parametrize(
        ("hours", "age", "accepted"),
        [
            ("0", timedelta(days=4000), True),
            ("1", timedelta(minutes=61), False),
            ("200", timedelta(days=8), True),
            ("soon", timedelta(0), False),
        ],
    )
    def test_the_connection_may_set_another_age(
        self, hours: str, age: timedelta, accepted: bool
    ) -> None:
        secrets = self.secrets(SECRET, max_age_hours=hours)
        try:
            self.subject.verify(self.genuine(), secrets, self.now + age)
        except UnauthorizedError:
            assert not accepted
        else:
            assert accepted

    def test_an_old_example_is_signed_with_the_present_time(self) -> None:
        now = self.now + timedelta(days=400)
        request = self.subject.sign(self.read(self.example), SECRET, now)
        assert self.accepted(request, SECRET, now=now)
        assert [one.occurred_at for one in self.subject.parse(request)] == [now]

    @pytest.mark.parametrize(
        ("name", "related", "recipients", "expected"),
        [
            (
                "document_signed",
                "2@KUNDE.example",
                [(1, 1), (2, 2)],
                SignerRef(id="2", email="2@kunde.example"),
            ),
            # One person in two parts of the list: the address is all that is certain.
            (
                "document_signed",
                "1@kunde.example",
                [(1, 1), (2, 1)],
                SignerRef(email="1@kunde.example"),
            ),
            ("document_viewed", "3@kunde.example", [(1, 1)], SignerRef(email="3@kunde.example")),
            ("document_viewed", None, [(1, 1)], None),
            ("document_declined", None, [(1, 1)], None),
        ],
    )
    def test_who_acted_is_told_by_the_address(
        self,
        name: str,
        related: str | None,
        recipients: list[tuple[int, int]],
        expected: SignerRef | None,
    ) -> None:
        found = self.parse(
            name,
            {"email": related} if related else None,
            recipients=[
                {"id": str(number), "email": f"{address}@kunde.example", "status": "sent"}
                for number, address in recipients
            ],
        )
        assert found.signer == expected

    @pytest.mark.parametrize(
        ("word", "status"),
        [
            ("Draft", "created"),
            ("Sent", "sent"),
            ("Viewed", "sent"),
            ("Pending", "sent"),
            ("In Progress", "sent"),
            ("in_progress", "sent"),
            ("Completed", "completed"),
            ("Manually Completed", "completed"),
            ("Canceled", "voided"),
            ("Declined", "declined"),
            ("Expired", "expired"),
            ("Another", None),
        ],
    )
    def test_a_documents_status_in_our_words(self, word: str, status: str | None) -> None:
        found = self.parse("document_recipients_updated", None, status=word)
        assert found.state is not None
        assert (found.state.status, found.state.all_signers) == (status, False)

    def test_a_document_without_an_id_is_malformed(self) -> None:
        body = {"event": {"type": "document_sent", "time": 1776672000}, "data": {"object": {}}}
        with pytest.raises(MalformedError, match=r"data\.object\.id"):
            self.subject.parse(self.with_json(json.dumps(body).encode()))

    @pytest.mark.parametrize("time", ["", "soon", "-1", "1e9", "9" * 12, True, None, {}])
    def test_an_event_whose_time_cannot_be_read_is_dated_by_its_arrival(self, time: object) -> None:
        body = {"event": {"type": "document_sent", "time": time}, "data": {"object": {"id": ID}}}
        (event,) = self.subject.parse(self.with_json(json.dumps(body).encode()))
        assert (event.kind, event.occurred_at) == ("document.sent", self.now)

    @pytest.mark.parametrize("time", ["", "soon", "-1", "1e9", "9" * 12, True, None, {}])
    def test_a_time_that_cannot_be_read_proves_nothing(self, time: object) -> None:
        text = f"document_sent@{'' if time is None else time}".encode()
        made = hmac.new(SECRET.encode(), text, hashlib.sha256).hexdigest()
        body = {"event": {"type": "document_sent", "time": time, "hash": made}}
        assert not self.accepted(self.with_json(json.dumps(body).encode()), SECRET)

    @pytest.mark.parametrize(
        ("related", "expected"),
        [
            ({"email": HOUSE, "name": "Ute Lang"}, "b"),
            ({"email": HOUSE.title(), "name": "UTE\u00a0LANG"}, "b"),
            ({"name": "Veit Lang"}, "a"),
            ({"email": HOUSE, "name": "U. Lang"}, None),
            ({"email": HOUSE}, None),
        ],
    )
    def test_of_two_with_one_address_the_name_tells_who_acted(
        self, related: dict[str, str], expected: str | None
    ) -> None:
        recipients = [
            {"id": "a", "name": "Veit Lang", "email": HOUSE, "status": "sent"},
            {"id": "b", "name": "Ute Lang", "email": HOUSE, "status": "completed"},
        ]
        event = self.parse("document_signed", related, status="Pending", recipients=recipients)
        assert event.signer is not None
        assert (event.signer.id, event.signer.email or HOUSE) == (
            expected,
            HOUSE if expected else related["email"],
        )
        assert event.state is not None
        assert [each.status for each in event.state.signers] == ["notified", "signed"]

    def test_two_with_one_address_who_sign_in_one_second_have_two_keys(self) -> None:
        keys = {
            self.parse("document_signed", {"email": HOUSE, "name": name}).key
            for name in ("Veit Lang", "Ute Lang")
        }
        assert len(keys) == 2

    @pytest.mark.parametrize(
        ("recipient", "kept"),
        [
            ({"name": "Veit Lang"}, True),
            ({"placeholder_name": "Witness", "signing_order": 2}, True),
            ({"email": HOUSE}, True),
            ({"status": "sent"}, False),
        ],
    )
    def test_a_recipient_without_an_id_is_kept_or_leaves_the_list_in_doubt(
        self, recipient: dict[str, Any], kept: bool
    ) -> None:
        first = {"id": "1", "email": "a@kunde.example", "status": "completed"}
        event = self.parse("document_signed", None, recipients=[first, recipient])
        assert event.state is not None
        assert (len(event.state.signers), event.state.all_signers) == (1 + kept, kept)

    def test_who_gets_a_copy_has_not_acted(self) -> None:
        contacts = [{"email": HOUSE, "name": "Ute Lang"}]
        event = self.parse("document_viewed", {"email": HOUSE}, copied_contacts=contacts)
        assert event.signer == SignerRef(email=HOUSE)

    def parse(self, name: str, related: Any, **more: Any) -> SigningEvent:
        event = {"type": name, "time": 1776676680, "related_signer": related}
        body = {"event": event, "data": {"object": {"id": ID, **more}}}
        (found,) = self.subject.parse(self.with_json(json.dumps(body).encode()))
        return found
