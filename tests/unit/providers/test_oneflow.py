"""Oneflow: what it sends, what that means, and what must not pass for it."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from countersign.model.signing_event import SigningEvent
from countersign.providers.base import MalformedError, Request
from tests.unit.providers.attacks import SECRET, ProviderSuite, at

ID = "880417"


def event(kind: Any, name: str, number: int, when: str, **more: Any) -> SigningEvent:
    """One event of an example."""
    return SigningEvent(
        kind=kind,
        key=f"{name}:{ID}:{number}",
        provider_event=name,
        occurred_at=at(when),
        envelope=ID,
        **more,
    )


MEANINGS: dict[str, tuple[SigningEvent, ...]] = {
    "contract_publish": (
        event("document.sent", "contract:publish", 61001, "2026-03-16T09:05:01Z"),
    ),
    "participant_sign_director": (
        event("signer.signed", "participant:sign", 61004, "2026-03-16T11:20:00Z"),
    ),
    "participant_first_visit_client": (
        event("document.viewed", "participant:first_visit", 61007, "2026-03-17T16:40:00Z"),
    ),
    # Listed the other way round and in the same second: the signature comes before the end.
    "contract_sign": (
        event("signer.signed", "participant:sign", 61010, "2026-03-17T16:42:00Z"),
        event("document.completed", "contract:sign", 61011, "2026-03-17T16:42:00Z"),
    ),
    "contract_decline": (
        event("signer.declined", "participant:decline", 61015, "2026-03-17T16:50:00Z"),
        event("document.declined", "contract:decline", 61016, "2026-03-17T16:50:01Z"),
    ),
    "contract_delete": (
        event("document.deleted", "contract:delete", 61018, "2026-03-18T08:00:00Z"),
    ),
    "contract_signing_period_expire": (
        event("document.expired", "contract:signing_period_expire", 61020, "2026-04-15T22:00:00Z"),
    ),
    "contract_signing_period_revive": (
        event(
            "document.modified",
            "contract:signing_period_revive",
            61021,
            "2026-04-16T07:30:00Z",
            detail={"change": "revived"},
        ),
    ),
    "contract_signature_reset": (
        event(
            "document.modified",
            "contract:signature_reset",
            61023,
            "2026-04-16T07:45:00Z",
            detail={"change": "restarted"},
        ),
    ),
    "participant_delete": (
        event(
            "signer.updated",
            "participant:delete",
            61025,
            "2026-03-16T09:30:00Z",
            detail={"change": "removed"},
        ),
    ),
    "contract_changes": (
        event(
            "document.modified",
            "data_field:update",
            61030,
            "2026-03-16T09:40:00Z",
            detail={"change": "data fields"},
        ),
        event(
            "document.modified",
            "product:update",
            61031,
            "2026-03-16T09:40:00Z",
            detail={"change": "products"},
        ),
        event(
            "document.modified",
            "contract:lifecycle_state:start",
            61032,
            "2026-03-16T09:41:00Z",
            detail={"change": "lifecycle"},
        ),
    ),
    "unheard_of": (event("other", "contract:unheard_of", 61040, "2026-03-16T12:00:00Z"),),
}


class TestOneflow(ProviderSuite):
    name = "oneflow"
    example = "contract_sign"
    now = at("2026-03-17T16:42:03Z")
    upper_case = True
    meanings = MEANINGS
    telling = ("contract.id", "events.*.type", "events.*.created_time")
    hidden = ()

    def signed(self, request: Request, secret: str) -> Request:
        message = json.loads(request.body)
        text = message["callback_id"] + secret
        message["signature"] = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
        return request.model_copy(update={"body": json.dumps(message).encode()})

    def retried(self, request: Request) -> Request:
        """The same call, written anew."""
        message = json.loads(request.body)
        return request.model_copy(update={"body": json.dumps(message, indent=1).encode()})

    def with_proof(self, request: Request, value: str | None) -> Request:
        message = json.loads(request.body)
        message.pop("signature")
        if value is not None:
            message["signature"] = value
        return request.model_copy(update={"body": json.dumps(message).encode()})

    def proof_of(self, request: Request) -> str:
        return str(json.loads(request.body)["signature"])

    def event_name(self, message: Any) -> str:
        return str(message["events"][0]["type"])

    def test_two_webhooks_that_tell_of_one_event_share_its_key(self) -> None:
        request = self.read(self.example)
        message = json.loads(request.body) | {"callback_id": "another webhook's"}
        again = request.model_copy(update={"body": json.dumps(message).encode()})
        keys = [[one.key for one in self.subject.parse(each)] for each in (request, again)]
        assert keys[0] == keys[1]

    def test_a_signature_is_not_kept(self) -> None:
        kept = json.loads(self.subject.redact(self.genuine()))
        assert kept["signature"] == "[redacted]"

    def test_the_signature_of_another_call_proves_nothing(self) -> None:
        other = self.signed(self.read("contract_publish"), SECRET)
        request = self.with_proof(self.genuine(), self.proof_of(other))
        assert not self.accepted(request, SECRET)

    @pytest.mark.parametrize(
        ("name", "kind"),
        [
            ("contract:create", "document.created"),
            ("contract:content_update", "document.modified"),
            ("contract:lifecycle_state:terminate", "document.modified"),
            ("participant:create", "signer.updated"),
            ("comment:create", "comment.added"),
            ("product:delete", "document.modified"),
            ("party:create", "other"),
            ("contract:lifecycle_state", "other"),
        ],
    )
    def test_a_type_has_its_kind(self, name: str, kind: str) -> None:
        found = self.parse([{"id": 1, "type": name, "created_time": "2026-03-16T09:00:00+0000"}])
        assert [one.kind for one in found] == [kind]

    def test_an_event_without_its_id_is_known_by_its_call_and_time(self) -> None:
        found = self.parse([{"type": "participant:sign", "created_time": "2026-03-16T09:00:00Z"}])
        assert [one.key for one in found] == [
            f"participant:sign:{ID}:call-1/2026-03-16T09:00:00+00:00"
        ]

    def test_an_over_long_name_of_an_event_is_malformed(self) -> None:
        for odd in ("x" * 201, "a\x00b", "a\nb"):
            with pytest.raises(MalformedError):
                self.parse([{"id": 1, "type": odd}])

    def test_an_event_that_cannot_be_read_does_not_cost_the_others(self) -> None:
        message = {
            "contract": {"id": 1},
            "events": [{"id": 1}, {"id": 2, "type": "participant:sign"}, "odd"],
        }
        found = self.subject.read(self.with_json(json.dumps(message).encode()))
        assert [event.kind for event in found] == ["signer.signed"]
        assert len(found[0].warnings) == 2

    def test_a_call_without_events_says_nothing(self) -> None:
        assert self.parse([]) == ()

    @pytest.mark.parametrize(
        "message",
        [
            {"contract": {"id": 1}},
            {"contract": {}, "events": []},
            {"events": [{"id": 1, "type": "contract:sign"}]},
            {"contract": {"id": 1}, "events": [{"id": 1}]},
        ],
    )
    def test_a_call_without_contract_events_or_types_is_malformed(self, message: Any) -> None:
        with pytest.raises(MalformedError):
            self.subject.parse(self.with_json(json.dumps(message).encode()))

    def parse(self, events: list[dict[str, Any]]) -> tuple[SigningEvent, ...]:
        message = {"contract": {"id": 880417}, "callback_id": "call-1", "events": events}
        return self.subject.parse(self.with_json(json.dumps(message).encode()))
