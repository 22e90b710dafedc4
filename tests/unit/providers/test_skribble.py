"""Skribble: which address means what, and that a call proves nothing."""

from __future__ import annotations

from typing import Any

import pytest

from countersign.model.signing_event import SignerRef, SigningEvent
from countersign.providers._toolkit.reading import read_json
from countersign.providers.base import MalformedError, Request
from tests.unit.providers.attacks import NoProof, at
from tests.unit.providers.engine import after

NOW = at("2026-03-16T11:20:03Z")
ID = "3f6b2c1e-7d48-4a90-9c15-b2e80d6f4a31"
FILES = {
    "sent": "91c4e7a2-0b3d-4f58-8e6a-17d2c9b05f44",
    "one": "a2d5f8b3-1c4e-4069-9f7b-28e3dac16055",
    "both": "b3e609c4-2d5f-417a-a08c-39f4ebd27166",
}
ANNA = "50d1b8f6-9e27-4c3a-b604-8a1f7c2e9d05"
KLARA = "61e2c907-af38-4d4b-8715-9b208d3fae16"


def event(
    kind: Any, slot: str, which: str, file: str, signer: str | None = None, **detail: str
) -> tuple[SigningEvent]:
    """The one event of an example."""
    return (
        SigningEvent(
            kind=kind,
            key=f"{slot}:{ID}:{which}",
            provider_event=slot,
            occurred_at=NOW,
            envelope=ID,
            signer=SignerRef(id=signer) if signer else None,
            detail={**detail, "file": FILES[file]},
        ),
    )


MEANINGS: dict[str, tuple[SigningEvent, ...]] = {
    "initiate": event("document.sent", "initiate", "-", "sent"),
    "update_director": event("signer.signed", "update", ANNA, "one", ANNA),
    "start_sign_client": event("signer.started", "start_sign", KLARA, "one", KLARA),
    "ident_error_client": event("signer.authentication_failed", "ident_error", KLARA, "one", KLARA),
    "update_client": event("signer.signed", "update", KLARA, "both", KLARA),
    "success": event("document.completed", "success", "-", "both"),
    "error": event(
        "document.declined", "error", "-", "one", change="declined, withdrawn or failed"
    ),
    "update_unnamed": event("document.modified", "update", FILES["one"], "one", change="updated"),
    "unheard_of": event("other", "unheard_of", "-", "one"),
}


class TestSkribble(NoProof):
    name = "skribble"
    example = "update_director"
    now = NOW
    meanings = MEANINGS
    # Without a signature's id an update may be of anything.
    telling = ("slot", "query.signature_request", "query.signature_id")
    hidden = ()

    # Nothing but the address is read and kept.
    test_a_number_without_bounds_is_kept_as_nothing = None  # type: ignore[assignment]

    def with_json(self, text: bytes) -> Request:
        """What ``redact`` keeps of a call, as the call; anything else is a call without ids."""
        try:
            value = read_json(text)
            slot, query = value["slot"], value["query"]
            # An address holds texts alone.
            query = {name: one for name, one in query.items() if isinstance(one, str)}
            return Request(slot=slot, query=query, body=text, received_at=self.now)
        except (MalformedError, AttributeError, TypeError, KeyError, ValueError):
            return Request(body=text, received_at=self.now)

    def event_name(self, message: Any) -> str:
        return str(message["slot"])

    def retried(self, request: Request) -> Request:
        """The same address, ten minutes later."""
        return request.model_copy(update={"received_at": at("2026-03-16T11:30:03Z")})

    def test_it_tells_how_to_set_it_up(self) -> None:
        subject = self.subject
        slots = ("success", "update", "error")
        assert all(
            f"{{url}}/{slot}?" in step for slot, step in zip(slots, subject.setup, strict=True)
        )
        assert all((subject.title, subject.retries))

    def test_the_examples_are_sent_with_a_content_type_it_accepts(self) -> None:
        """None is documented, so any is taken."""
        assert self.subject.content_types == frozenset()

    def test_what_stands_in_the_body_changes_nothing(self) -> None:
        request = self.read(self.example)
        for body in (b"{}", b"\xff\x00", b'{"slot":"success"}'):
            changed = request.model_copy(update={"body": body})
            assert self.subject.parse(changed) == self.subject.parse(request)
            assert self.subject.redact(changed) == self.subject.redact(request)

    @pytest.mark.parametrize(
        ("slot", "query", "expected"),
        [
            ("SUCCESS", {"signature_request": "r"}, ("document.completed", None)),
            ("start-sign", {"signature_request": "r"}, ("signer.started", None)),
            (
                "update",
                {"signature_request": "r", "amp;document_id": "d", "amp;signature_id": "s"},
                ("signer.signed", "s"),
            ),
            (
                "update",
                {"signature_request": "r", "signature_id": "SKRIBBLE_SIGNATURE_ID"},
                ("document.modified", None),
            ),
            # Only a call about one signature names a signer.
            (
                "success",
                {"signature_request": "r", "signature_id": "s"},
                ("document.completed", None),
            ),
        ],
    )
    def test_an_address_may_be_written_in_several_ways(
        self, slot: str, query: dict[str, str], expected: tuple[str, str | None]
    ) -> None:
        (found,) = self.subject.parse(self.call(slot, query))
        assert (found.kind, found.signer and found.signer.id) == expected

    @pytest.mark.parametrize("kind", ["document.declined", "document.voided", "document.failed"])
    def test_an_option_says_what_an_error_is_taken_for(self, kind: str) -> None:
        assert self.subject.problems(self.secrets(error=kind)) == ()
        (found,) = self.subject.parse(self.read("error"), {"error": kind})
        assert found.kind == kind

    def test_an_option_that_is_no_such_kind_is_named(self) -> None:
        says = 'option "error": "signed"; expected document.declined, document.voided'
        (found,) = self.subject.problems(self.secrets(error="signed"))
        assert found.startswith(says)
        with pytest.raises(MalformedError, match="option"):
            self.subject.parse(self.read("error"), {"error": "signed"})

    @pytest.mark.parametrize(
        ("slot", "query"),
        [
            (None, {"signature_request": "r"}),
            ("success", {}),
            ("success", {"signature_request": ""}),
            ("success", {"signature_request": "SKRIBBLE_SIGNATURE_REQUEST_ID"}),
            ("x" * 201, {"signature_request": "r"}),
        ],
    )
    def test_a_call_without_its_ids_is_malformed(
        self, slot: str | None, query: dict[str, str]
    ) -> None:
        with pytest.raises(MalformedError):
            self.subject.parse(self.call(slot, query))

    @pytest.mark.parametrize("odd", ["a\nb", "x" * 201, "\x00", "\udcff"])
    @pytest.mark.parametrize(
        ("slot", "kind"),
        [
            ("update", "signer.signed"),
            ("start_sign", "signer.started"),
            ("ident_error", "signer.authentication_failed"),
            ("success", "document.completed"),
        ],
    )
    def test_an_id_of_a_signature_or_file_that_cannot_be_read_costs_no_event(
        self, slot: str, kind: str, odd: str
    ) -> None:
        query = {"signature_request": "r", "signature_id": odd, "document_id": odd}
        (found,) = self.subject.read(self.call(slot, query))
        assert (found.kind, found.envelope, found.signer, found.detail) == (kind, "r", None, {})
        assert len(found.warnings) == 2

    def test_two_signatures_with_ids_that_cannot_be_read_are_two(self) -> None:
        keys = {
            self.subject.parse(
                self.call("update", {"signature_request": "r", "signature_id": odd})
            )[0].key
            for odd in ("a\nb", "a\nc")
        }
        assert len(keys) == 2

    def test_who_signed_is_known_by_the_id_alone_and_on_nobodys_side(self) -> None:
        query = {"signature_request": "r", "document_id": "d"}
        document = after(
            "skribble",
            self.call("initiate", query),
            self.call("update", {**query, "signature_id": "s1"}),
            self.call("update", {**query, "signature_id": "s2"}),
        )
        assert [(one.id, one.party, one.has_signed) for one in document.signers] == [
            ("s1", "unknown", True),
            ("s2", "unknown", True),
        ]
        assert (document.status, document.stage) == ("sent", "sent")
        document = after("skribble", self.call("initiate", query), self.call("success", query))
        assert document.stage == "signed"

    def call(self, slot: str | None, query: dict[str, str]) -> Request:
        return Request(slot=slot, query=query, received_at=self.now)
