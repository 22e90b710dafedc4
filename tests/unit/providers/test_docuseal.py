"""DocuSeal: what it sends, what that means, and what must not pass for it."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest

from countersign.errors import PermanentError
from countersign.model.provider_api import Access
from countersign.model.signing_event import (
    Envelope,
    EnvelopeStatus,
    Sender,
    Signer,
    SignerRef,
    SigningEvent,
)
from countersign.providers.base import MalformedError, Request, UnauthorizedError
from tests.unit.providers.attacks import SECRET, BodySigned, ProofInHeader, TimeSigned, at

ID = "5821"
NO = "The deposit is too high"

ANNA_WAITS = Signer(
    id="9041", name="Anna Berger", email="anna.berger@acme.example", role="Director"
)
ANNA_ASKED = ANNA_WAITS.model_copy(
    update={"status": "notified", "notified_at": at("2026-04-13T08:00:03.101Z")}
)
ANNA_SIGNED = ANNA_ASKED.model_copy(
    update={
        "status": "signed",
        "viewed_at": at("2026-04-13T09:14:30.4Z"),
        "signed_at": at("2026-04-13T09:16:00.25Z"),
    }
)
KLARA_WAITS = Signer(
    id="9042", name="Klara Vogel", email="klara.vogel@kunde.example", role="Client"
)
KLARA_VIEWED = KLARA_WAITS.model_copy(
    update={
        "status": "viewed",
        "notified_at": at("2026-04-13T09:16:05.7Z"),
        "viewed_at": at("2026-04-14T12:40:10.02Z"),
    }
)
KLARA_SIGNED = KLARA_VIEWED.model_copy(
    update={"status": "signed", "signed_at": at("2026-04-14T12:45:31.9Z")}
)
KLARA_DECLINED = KLARA_VIEWED.model_copy(
    update={"status": "declined", "declined_at": at("2026-04-14T12:50:00.6Z"), "reason": NO}
)
ANNA = SignerRef(id="9041", email="anna.berger@acme.example", name="Anna Berger", role="Director")
KLARA = SignerRef(id="9042", email="klara.vogel@kunde.example", name="Klara Vogel", role="Client")


def form(status: EnvelopeStatus, signer: Signer, **fields: str) -> Envelope:
    """The example submission as one submitter's form tells of it."""
    return Envelope(
        id=ID,
        title="Rental agreement",
        title_of_template=True,
        status=status,
        signers=(signer,),
        all_signers=False,
        created_at=at("2026-04-13T08:00:00.512Z"),
        custom_fields={"flat": "3 left", **fields},
    )


def whole(status: EnvelopeStatus, *signers: Signer, **fields: str) -> Envelope:
    """The example submission in one of its states."""
    return Envelope(
        id=ID,
        title="Rental agreement ACME and Kunde",
        status=status,
        signers=tuple(
            one.model_copy(update={"order": place}) for place, one in enumerate(signers, 1)
        ),
        sender=Sender(name="Jonas Feld", email="jonas.feld@acme.example"),
        created_at=at("2026-04-13T08:00:00.512Z"),
        sent_at=at("2026-04-13T08:00:03.101Z"),
        expires_at=at("2026-05-13T08:00:00Z"),
        custom_fields={
            "flat": "3 left",
            "currency": "EUR",
            "external_id": "V-2026-0051",
            **fields,
        },
    )


def event(kind: Any, name: str, key: str, when: str, **more: Any) -> SigningEvent:
    """One event of an example."""
    given = {"envelope": ID, **more}
    return SigningEvent(kind=kind, key=key, provider_event=name, occurred_at=at(when), **given)


ANNAS_FIELDS = {"Rent": "1850.5", "currency": "EUR", "external_id": "V-2026-0051"}
NEW = whole("sent", ANNA_ASKED, KLARA_WAITS)
REFUSED = form("declined", KLARA_DECLINED).model_copy(update={"reason": NO})

MEANINGS: dict[str, tuple[SigningEvent, ...]] = {
    "submission.created": (
        event(
            "document.created",
            "submission.created",
            f"submission.created:{ID}",
            "2026-04-13T08:00:00.512Z",
            state=NEW,
        ),
        event(
            "document.sent",
            "submission.created",
            f"submission.sent:{ID}",
            "2026-04-13T08:00:03.101Z",
            state=NEW,
        ),
    ),
    "form.completed_director": (
        event(
            "signer.signed",
            "form.completed",
            f"form.completed:{ID}:9041:-",
            "2026-04-13T09:16:00.25Z",
            signer=ANNA,
            state=form("sent", ANNA_SIGNED, **ANNAS_FIELDS),
        ),
    ),
    "form.viewed_client": (
        event(
            "document.viewed",
            "form.viewed",
            f"form.viewed:{ID}:9042:2026-04-14 12:40:10.300000+00:00",
            "2026-04-14T12:40:10.3Z",
            signer=KLARA,
            state=form("sent", KLARA_VIEWED),
        ),
    ),
    "form.started_client": (
        event(
            "signer.started",
            "form.started",
            f"form.started:{ID}:9042:-",
            "2026-04-14T12:41:55Z",
            signer=KLARA,
            state=form("sent", KLARA_VIEWED),
        ),
    ),
    "form.completed_client": (
        event(
            "signer.signed",
            "form.completed",
            f"form.completed:{ID}:9042:-",
            "2026-04-14T12:45:31.9Z",
            signer=KLARA,
            state=form("completed", KLARA_SIGNED, Pets="false"),
        ),
    ),
    "submission.completed": (
        event(
            "document.completed",
            "submission.completed",
            f"submission.completed:{ID}",
            "2026-04-14T12:45:31.9Z",
            state=whole(
                "completed", ANNA_SIGNED, KLARA_SIGNED, Rent="1850.5", Pets="false"
            ).model_copy(update={"completed_at": at("2026-04-14T12:45:31.9Z")}),
        ),
    ),
    "form.declined_client": (
        event(
            "signer.declined",
            "form.declined",
            f"form.declined:{ID}:9042:-",
            "2026-04-14T12:50:00.6Z",
            signer=KLARA,
            reason=NO,
            state=REFUSED,
        ),
        event(
            "document.declined",
            "form.declined",
            f"submission.declined:{ID}",
            "2026-04-14T12:50:00.6Z",
            signer=KLARA,
            reason=NO,
            state=REFUSED,
        ),
    ),
    "submission.expired": (
        event(
            "document.expired",
            "submission.expired",
            f"submission.expired:{ID}",
            "2026-05-13T08:00:00Z",
            state=whole("expired", ANNA_SIGNED, KLARA_VIEWED, Rent="1850.5"),
        ),
    ),
    "submission.archived": (
        event(
            "document.deleted",
            "submission.archived",
            f"submission.archived:{ID}",
            "2026-04-14T19:59:59.1Z",
            detail={"change": "archived"},
        ),
    ),
    "submission.unheard_of": (
        event(
            "other",
            "submission.unheard_of",
            f"submission.unheard_of:{ID}:{ID}:2026-04-14 13:00:00+00:00",
            "2026-04-14T13:00:00Z",
        ),
    ),
    "template.created": (
        event(
            "template.changed",
            "template.created",
            "template.created:-:311:2026-01-07 09:00:01+00:00",
            "2026-01-07T09:00:01Z",
            envelope="",
            detail={"change": "created", "template": "311"},
        ),
    ),
}


class TestDocuSeal(BodySigned, TimeSigned, ProofInHeader):
    name = "docuseal"
    example = "form.completed_director"
    now = at("2026-04-13T09:16:02Z")
    proof = "x-docuseal-signature"
    stale_after = timedelta(minutes=5)
    telling = (
        "event_type",
        "data.id",
        "data.submission_id",
        # That a submission went out is seen in its submitters alone.
        "data.submitters.?",
    )
    meanings = MEANINGS
    hidden = (
        "aB3kTq9WmZp4Xe",
        "kV7nRs2YdUh6Lo",
        "https://docuseal.example/e/qW8eRt5YuIo2Pa",
        "https://docuseal.example/blobs_proxy/anna-signature.png",
        "https://docuseal.example/blobs_proxy/klara-copy.pdf",
    )

    def event_name(self, message: Any) -> str:
        return str(message["event_type"])

    def signed(self, request: Request, secret: str) -> Request:
        time = str(int(self.now.timestamp()))
        digest = hmac.new(secret.encode(), f"{time}.".encode() + request.body, hashlib.sha256)
        return self.with_proof(request, f"{time}.{digest.hexdigest()}")

    def retried(self, request: Request) -> Request:
        """Written anew: other spaces, and the state of a later moment."""
        message = json.loads(request.body)
        message["data"]["updated_at"] = "2026-04-30T00:00:00.000Z"
        if message["event_type"] == "form.viewed":
            message["data"].update(status="completed", completed_at="2026-04-14T12:45:31.900Z")
        return request.model_copy(update={"body": json.dumps(message, indent=1).encode()})

    def test_the_retry_differs_from_the_first_try(self) -> None:
        request = self.read(self.example)
        assert self.retried(request) != request

    @pytest.mark.parametrize(
        ("proof", "accepted"),
        [
            ("{time}.{right}", True),
            (" {time}.{right} ", True),
            ("{time}.{right}0", False),
            ("{time},{right}", False),
            ("t={time},s0={right}", False),
            ("{time}.{time}.{right}", False),
            ("-{time}.{right}", False),
            ("{time}.0.{right}", False),
            ("9{time}.{right}", False),
            ("٣.{right}", False),
            (".{right}", False),
        ],
    )
    def test_only_a_time_and_its_proof_count(self, proof: str, accepted: bool) -> None:
        time, _, right = self.proof_of(self.genuine()).partition(".")
        value = proof.replace("{time}", time).replace("{right}", right)
        assert self.accepted(self.with_proof(self.genuine(), value), SECRET) is accepted

    def test_another_time_with_the_same_proof_is_refused(self) -> None:
        time, _, right = self.proof_of(self.genuine()).partition(".")
        moved = self.with_proof(self.genuine(), f"{int(time) + 60}.{right}")
        assert not self.accepted(moved, SECRET)

    def test_a_message_from_the_future_is_refused(self) -> None:
        early = self.now - timedelta(minutes=6)
        assert not self.accepted(self.genuine(), SECRET, now=early)

    @pytest.mark.parametrize(
        ("option", "header", "value", "authenticity"),
        [
            ("X-Our-Secret", "x-our-secret", SECRET, "shared_secret"),
            (" x-our-secret ", "x-our-secret", SECRET, "shared_secret"),
            ("x-our-secret", "x-our-secret", "wrong", None),
            ("x-our-secret", "x-our-secret", "", None),
            ("x-our-secret", "x-another", SECRET, None),
            ("", "", SECRET, None),
            (None, "x-our-secret", SECRET, None),
        ],
    )
    def test_an_unsigned_message_counts_only_by_the_secret_header_the_connection_names(
        self, option: str | None, header: str, value: str, authenticity: str | None
    ) -> None:
        options = {} if option is None else {"secret_header": option}
        request = self.read(self.example)
        request = request.model_copy(update={"headers": {**request.headers, header: value}})
        try:
            found = self.subject.verify(request, self.secrets(SECRET, **options), self.now)
        except UnauthorizedError:
            assert authenticity is None
        else:
            assert found == authenticity

    def test_a_secret_header_without_secrets_opens_nothing(self) -> None:
        request = Request(headers={"x-our-secret": ""}, received_at=self.now)
        with pytest.raises(UnauthorizedError):
            self.subject.verify(request, self.secrets("", secret_header="x-our-secret"), self.now)

    @pytest.mark.parametrize(
        ("times", "status"),
        [
            ({}, "waiting"),
            ({"sent_at": "2026-04-13T08:00:00Z"}, "notified"),
            ({"opened_at": "2026-04-13T08:00:00Z"}, "viewed"),
            ({"completed_at": "2026-04-13T08:00:00Z"}, "signed"),
            ({"declined_at": "2026-04-13T08:00:00Z", "opened_at": ""}, "declined"),
        ],
    )
    def test_a_submitters_times_tell_the_state(self, times: dict[str, str], status: str) -> None:
        (found,) = self.parse("submission.expired", id=1, submitters=[{"id": 7, **times}])
        assert found.state is not None
        assert [one.status for one in found.state.signers] == [status]

    @pytest.mark.parametrize(
        ("order", "orders"), [("preserved", [1, 2]), ("random", [None, None]), (None, [None, None])]
    )
    def test_the_place_in_the_list_counts_only_where_the_order_is_kept(
        self, order: str | None, orders: list[int | None]
    ) -> None:
        (found,) = self.parse(
            "submission.created", id=1, submitters_order=order, submitters=[{"id": 7}, {"id": 8}]
        )
        assert found.state is not None
        assert [one.order for one in found.state.signers] == orders

    def test_a_submission_nobody_was_invited_to_is_only_created(self) -> None:
        found = self.parse("submission.created", id=1, status="pending", submitters=[{"id": 7}])
        assert [one.kind for one in found] == ["document.created"]
        assert [one.state and one.state.status for one in found] == ["created"]

    def test_a_declined_form_of_a_submission_that_goes_on_ends_nothing(self) -> None:
        found = self.parse("form.declined", id=7, submission_id=1, submission={"status": "pending"})
        assert [one.kind for one in found] == ["signer.declined"]

    @pytest.mark.parametrize("status", [None, 7, "another", "declined"])
    def test_a_refusal_ends_the_submission_unless_its_status_says_otherwise(
        self, status: Any
    ) -> None:
        events = self.parse("form.declined", id=7, submission_id=1, submission={"status": status})
        assert [each.kind for each in events] == ["signer.declined", "document.declined"]

    @pytest.mark.parametrize(
        "data",
        [
            {"submission_id": 1, "submission": None},
            {"submission_id": 1, "submission": [], "template": None},
            {"submission_id": None, "submission": {"id": 1}},
            {"submission": {"id": "1", "status": {}}},
        ],
    )
    def test_the_submission_is_known_by_whichever_place_tells_its_id(self, data: Any) -> None:
        (event,) = self.parse("form.completed", id=7, email="k@kunde.example", **data)
        assert (event.kind, event.envelope) == ("signer.signed", "1")
        assert event.signer == SignerRef(id="7", email="k@kunde.example")

    @pytest.mark.parametrize(
        ("submitter", "signer"),
        [
            ({"id": {}, "email": "k@kunde.example"}, Signer(email="k@kunde.example")),
            ({"id": None, "name": "Klara"}, Signer(name="Klara")),
            ({"phone": "+49 151 5550137"}, Signer(phone="+49 151 5550137")),
            ({"id": 7, "sent_at": 3, "status": "sent"}, Signer(id="7", status="notified")),
            ({"id": 7, "opened_at": "x", "status": "opened"}, Signer(id="7", status="viewed")),
            ({"id": 7, "completed_at": [], "status": "completed"}, Signer(id="7", status="signed")),
        ],
    )
    def test_a_submitter_is_kept_whatever_of_him_cannot_be_read(
        self, submitter: dict[str, Any], signer: Signer
    ) -> None:
        (event,) = self.parse("submission.expired", id=1, submitters=[{"id": 6}, submitter])
        assert event.state is not None
        assert event.state.signers == (Signer(id="6"), signer)

    def test_a_submitter_of_whom_nothing_is_said_leaves_the_list_in_doubt(self) -> None:
        (event,) = self.parse("submission.expired", id=1, submitters=[{"id": 6}, {"id": {}}])
        assert event.state is not None
        assert (event.state.signers, event.state.all_signers) == ((Signer(id="6"),), False)

    def test_a_form_of_nobody_adds_nobody(self) -> None:
        (event,) = self.parse("form.completed", submission_id=1, id=None, email="", role="Tenant")
        assert (event.kind, event.signer) == ("signer.signed", None)
        assert event.state is not None
        assert event.state.signers == ()

    def test_a_signer_whose_id_is_not_known_cannot_be_reminded(self) -> None:
        access = Access(token="t", url="https://docuseal.acme.example")
        signer = Signer(id="k@kunde.example", has_own_id=False, email="k@kunde.example")
        with pytest.raises(PermanentError, match="none of the signer k@kunde"):
            self.subject.reminders("1", [signer], access)

    def test_a_form_without_its_submission_is_malformed(self) -> None:
        with pytest.raises(MalformedError, match="submission_id"):
            self.parse("form.completed", id=7)

    @pytest.mark.parametrize("data", [None, 17, "text", [], {"id": 9}])
    def test_an_unknown_event_is_other_whatever_it_carries(self, data: Any) -> None:
        body = json.dumps({"event_type": "party.invited", "data": data}).encode()
        (found,) = self.subject.parse(self.with_json(body))
        assert (found.kind, found.envelope, found.state) == ("other", "", None)

    def test_a_link_with_quotes_in_it_is_cut_out_whole(self) -> None:
        body = json.dumps({"a": 'https://x.example/"q"', "b": ["http://y.example", "c"]})
        kept = self.subject.redact(self.with_json(body.encode()))
        assert json.loads(kept) == {"a": "[redacted]", "b": ["[redacted]", "c"]}

    def parse(self, name: str, **data: Any) -> tuple[SigningEvent, ...]:
        body = {"event_type": name, "timestamp": "2026-04-13T12:00:00Z", "data": data}
        return self.subject.parse(self.with_json(json.dumps(body).encode()))
