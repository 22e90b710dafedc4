"""Bitrix24: what it sends, what that means, and what must not pass for it."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlencode

import pytest

from countersign.model.connection import ConnectionCredentials
from countersign.model.signing_event import SignerRef, SigningEvent
from countersign.providers._toolkit.form import read_nested, write_nested
from countersign.providers._toolkit.reading import read_json
from countersign.providers.base import MalformedError, Request, UnauthorizedError
from tests.unit.providers.attacks import SECRET, ProviderSuite, at

ID = "K7-QW-20MX-4TZR-VL9B"
ANNA = "q3v8m1t6x0anna7berger4r2k9w5z1d8"
KLARA = "h6c2y9s4p7klara1vogel8n3j0f5u2e"
DOCUMENT = "ONSIGNB2EDOCUMENTSTATUSCHANGED"
MEMBER = "ONSIGNB2EMEMBERSTATUSCHANGED"
TOKEN = "auth[application_token]"


def event(kind: Any, name: str, key: str, when: str, **more: Any) -> tuple[SigningEvent]:
    """The one event of an example."""
    given = {"envelope": ID, **more}
    return (SigningEvent(kind=kind, key=key, provider_event=name, occurred_at=at(when), **given),)


def document(kind: Any, code: str, when: str, stamp: str = "-") -> tuple[SigningEvent]:
    """A status of the document."""
    return event(kind, f"{DOCUMENT}:{code}", f"{DOCUMENT}:{ID}:-:{code}:{stamp}", when)


def member(
    kind: Any, who: str, code: str, when: str, change: str | None = None, stamp: str = "-"
) -> tuple[SigningEvent]:
    """A status of a member."""
    return event(
        kind,
        f"{MEMBER}:{code}",
        f"{MEMBER}:{ID}:{who}:{code}:{stamp}",
        when,
        signer=SignerRef(id=who),
        detail={"change": change} if change else {},
    )


DONE = document("document.completed", "done", "2026-03-17T16:42:02Z")
MEANINGS: dict[str, tuple[SigningEvent, ...]] = {
    "document_new": document("document.created", "new", "2026-03-16T09:00:00Z"),
    "document_signing": document("document.sent", "signing", "2026-03-16T09:05:01Z"),
    "member_wait_client": member(
        "signer.updated",
        KLARA,
        "wait",
        "2026-03-16T09:05:02Z",
        "waiting",
        "2026-03-16T09:05:02+00:00",
    ),
    "member_done_director": member("signer.signed", ANNA, "done", "2026-03-16T11:20:00Z"),
    "member_ready_client": member(
        "signer.notified",
        KLARA,
        "ready",
        "2026-03-16T11:20:01Z",
        stamp="2026-03-16T11:20:01+00:00",
    ),
    "member_done_client": member("signer.signed", KLARA, "done", "2026-03-17T16:42:00Z"),
    "document_done": DONE,
    "document_done_other_handler": (
        DONE[0].model_copy(update={"occurred_at": at("2026-03-17T16:42:05Z")}),
    ),
    "member_refused_client": member("signer.declined", KLARA, "refused", "2026-03-17T16:50:00Z"),
    "document_stopped": document("document.voided", "stopped", "2026-03-18T08:00:00Z"),
    "member_stopped_client": member(
        "signer.updated", KLARA, "stopped", "2026-03-18T08:00:00Z", "stopped"
    ),
    "document_error": document(
        "document.failed", "error", "2026-03-18T08:01:40Z", "2026-03-18T08:01:40+00:00"
    ),
    "document_unheard_of": document(
        "other", "unheard_of", "2026-03-18T08:02:30Z", "2026-03-18T08:02:30+00:00"
    ),
    "hcm_link_signed": event(
        "other",
        "ONSIGNHCMLINKB2EDOCUMENTSIGNED",
        "ONSIGNHCMLINKB2EDOCUMENTSIGNED:3942:2026-03-17T16:42:10+00:00",
        "2026-03-17T16:42:10Z",
        envelope="",
        detail={"id": "3942", "company": "acme-hr"},
    ),
    "crm_deal_update": event(
        "other",
        "ONCRMDEALUPDATE",
        "ONCRMDEALUPDATE:759:2026-03-16T11:21:40+00:00",
        "2026-03-16T11:21:40Z",
        envelope="",
        detail={"id": "759"},
    ),
}


class TestBitrix24(ProviderSuite):
    name = "bitrix24"
    example = "member_done_director"
    now = at("2026-03-16T11:20:03Z")
    meanings = MEANINGS
    same_fact = (frozenset({"document_done", "document_done_other_handler"}),)
    telling = ("event", "data.documentUid", "data.statusCode")
    hidden = ("opens-the-account-for-an-hour", "opens-the-account-for-good")

    # A form holds texts only.
    test_a_number_without_bounds_is_kept_as_nothing = None  # type: ignore[assignment]

    def signed(self, request: Request, secret: str) -> Request:
        return self.with_proof(request, secret)

    def with_proof(self, request: Request, value: str | None) -> Request:
        pairs = [pair for pair in parse_qsl(request.body.decode()) if pair[0] != TOKEN]
        body = urlencode(pairs)
        if value is not None:
            token = value.encode("utf-8", "surrogatepass")
            body += f"&{quote_plus(TOKEN)}={quote_plus(token)}"
        return request.model_copy(update={"body": body.encode()})

    def proof_of(self, request: Request) -> str:
        return dict(parse_qsl(request.body.decode()))[TOKEN]

    def with_json(self, text: bytes) -> Request:
        """The same members as a form; what is not a valid object goes as it is."""
        headers = {"content-type": "application/x-www-form-urlencoded"}
        try:
            value = read_json(text)
        except MalformedError:
            value = None
        body = write_nested(value) if isinstance(value, dict) else text
        return Request(headers=headers, body=body, received_at=self.now)

    def test_a_member_id_may_be_demanded_besides(self) -> None:
        account = "5b0c7e914a2d4f6c8e13a7d9b5f20c46"
        request = self.genuine()
        for wanted, accepted in ((account, True), (account[:-1], False), ("", True)):
            secrets = self.secrets(SECRET, member_id=wanted)
            assert self.judged(request, secrets) is accepted, wanted
        bare = write_nested({"event": "X", "auth": {"application_token": SECRET}})
        without = request.model_copy(update={"body": bare})
        assert not self.judged(without, self.secrets(SECRET, member_id=account))

    def judged(self, request: Request, secrets: ConnectionCredentials) -> bool:
        try:
            return self.subject.verify(request, secrets, self.now) == "shared_secret"
        except UnauthorizedError:
            return False

    def test_of_two_tokens_the_last_counts_as_in_php(self) -> None:
        request = self.with_proof(self.read(self.example), SECRET)
        doubled = request.body + b"&" + quote_plus(TOKEN).encode() + b"=wrong"
        assert not self.accepted(request.model_copy(update={"body": doubled}), SECRET)

    @pytest.mark.parametrize(
        ("name", "code", "kind"),
        [
            (DOCUMENT, "undefined", "document.modified"),
            (DOCUMENT, "refused", "other"),
            (DOCUMENT, "", "other"),
            (MEMBER, "undefined", "other"),
            (MEMBER, "signing", "other"),
            (MEMBER.title(), "done", "signer.signed"),
        ],
    )
    def test_a_status_means_what_it_means_of_its_kind(
        self, name: str, code: str, kind: str
    ) -> None:
        data = {"documentUid": ID, "memberUid": KLARA, "statusCode": code}
        (found,) = self.subject.parse(self.form({"event": name, "data": data}))
        assert found.kind == kind

    @pytest.mark.parametrize("name", [DOCUMENT, MEMBER])
    def test_an_event_that_names_no_document_is_malformed(self, name: str) -> None:
        with pytest.raises(MalformedError, match="documentUid"):
            self.subject.parse(self.form({"event": name, "data": {"statusCode": "done"}}))

    def form(self, value: dict[str, Any]) -> Request:
        return Request(body=write_nested(value), received_at=self.now)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"", {}),
        (b"a=1&b=", {"a": "1", "b": ""}),
        (b"a[b][c]=1&a[b][d]=2", {"a": {"b": {"c": "1", "d": "2"}}}),
        (b"a%5Bb%5D=%C3%A4+b", {"a": {"b": "ä b"}}),
        (b"a[]=1&a[]=2", {"a": {"0": "1", "1": "2"}}),
        (b"a[=1&]=2&[b]=3", {"a[": "1", "]": "2", "[b]": "3"}),
    ],
)
def test_bracket_keys_make_nested_objects(body: bytes, value: Any) -> None:
    assert read_nested(body) == value


@pytest.mark.parametrize(
    "body",
    [
        b"a=1&a[b]=2",
        b"a[b]=2&a=1",
        b"a=%ff",
        b"\xff=1",
        b"a" + b"[b]" * 12 + b"=1",
        b"&".join(b"a%d=1" % number for number in range(2_001)),
    ],
    ids=lambda body: repr(body[:12]),
)
def test_a_form_that_contradicts_itself_or_has_no_end_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedError):
        read_nested(body)


def test_what_is_written_with_brackets_is_read_back() -> None:
    value = {"a": {"b": ["x", True, 3, None], "c": "ä & b"}, "d": ""}
    assert read_nested(write_nested(value)) == {
        "a": {"b": {"0": "x", "1": "1", "2": "3"}, "c": "ä & b"},
        "d": "",
    }
