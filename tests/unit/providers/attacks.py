"""What every provider must withstand and keep to; each provider's test module inherits it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from countersign.examples import read_example
from countersign.model.connection import ConnectionCredentials
from countersign.model.signing_event import SigningEvent
from countersign.providers import PROVIDERS, provider
from countersign.providers.base import MalformedError, Provider, Request, UnauthorizedError

EVENTS = Path(__file__).parents[3] / "events"
SECRET = "the secret of the connection"
OTHER_PROOFS = {
    "x-hub-signature-256": "sha256=" + "0" * 64,
    "x-signature": "c2lnbmF0dXJl",
    "authorization": "Bearer c2lnbmF0dXJl",
}
"""Proofs of other senders, which prove nothing here."""

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=40)
    | st.sampled_from(["", "0", "-1", "2026-13-01T00:00:00Z", "9" * 400, "a\x00b", "1" * 25]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


ODD: tuple[Any, ...] = (None, "", "odd \ud83d", 17, True, [], {}, ["x"], {"x": 1}, "9" * 5_000)
"""What a member may be by mistake: nothing, another type, half a letter, something far too long."""


def paths(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The place of every value in a JSON value."""
    inner: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    return [here, *(path for key, one in inner for path in paths(one, (*here, key)))]


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """The JSON value with another one at that place."""
    if not path:
        return new
    first, *rest = path
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[first] = replaced(value[first], tuple(rest), new)
    return copy


class ProviderSuite:
    """Subclasses give the provider, a way to sign of their own, and what its examples mean."""

    name: ClassVar[str]
    example: ClassVar[str]
    """The example that the attacks are tried on."""
    now: ClassVar[datetime]
    """A moment at which the examples are fresh."""
    upper_case: ClassVar[bool] = False
    """Whether the proof in capitals counts."""
    meanings: ClassVar[dict[str, tuple[SigningEvent, ...]]]
    """Every example of the provider and the whole events it means."""
    same_fact: ClassVar[tuple[frozenset[str], ...]] = ()
    """Examples that tell of the same fact and so must share their key."""
    telling: ClassVar[tuple[str, ...]] = ()
    """Places of members, as ``data.*.status``, that say which event it is, or of which envelope:
    every other member may be odd and costs no event."""
    hidden: ClassVar[tuple[str, ...]]
    """Texts of the examples that must not be kept."""

    def signed(self, request: Request, secret: str) -> Request:
        """The request with its proof, made without the code under test."""
        raise NotImplementedError

    def retried(self, request: Request) -> Request:
        """The same message as the provider sends it when we did not answer."""
        return request

    def with_json(self, text: bytes) -> Request:
        """A request that carries this JSON text."""
        headers = {"content-type": "application/json"}
        return Request(headers=headers, body=text, received_at=self.now)

    def event_name(self, message: Any) -> str:
        """The event's name in a message's JSON."""
        event = message["event"]
        return str(event["event_type"] if isinstance(event, dict) else event)

    @property
    def subject(self) -> Provider:
        return provider(self.name)

    def read(self, name: str) -> Request:
        path = EVENTS / self.name / f"{name}.json"
        return read_example(path.read_bytes(), self.now)

    def examples(self) -> list[str]:
        return sorted(path.stem for path in (EVENTS / self.name).glob("*.json"))

    def secrets(self, *values: str, **options: str) -> ConnectionCredentials:
        return ConnectionCredentials(
            connection="test",
            provider=self.name,
            pipeline="contracts",
            tokens=("token",),
            secrets=values,
            options=options,
        )

    def genuine(self, secret: str = SECRET) -> Request:
        return self.signed(self.read(self.example), secret)

    def accepted(self, request: Request, *values: str, now: datetime | None = None) -> bool:
        try:
            authenticity = self.subject.verify(request, self.secrets(*values), now or self.now)
        except UnauthorizedError:
            return False
        assert authenticity == self.subject.authenticity
        return True

    def with_proof(self, request: Request, value: str | None) -> Request:
        """The request with another proof, or none."""
        raise NotImplementedError

    def proof_of(self, request: Request) -> str:
        """The proof that the request carries."""
        raise NotImplementedError

    # What is genuine

    def test_a_genuine_message_is_accepted_with_its_authenticity(self) -> None:
        authenticity = self.subject.verify(self.genuine(), self.secrets(SECRET), self.now)
        assert authenticity == self.subject.authenticity

    @pytest.mark.parametrize("secrets", [("new", SECRET), (SECRET, "new"), ("", SECRET)])
    def test_an_old_secret_counts_while_it_is_listed(self, secrets: tuple[str, ...]) -> None:
        assert self.accepted(self.genuine(), *secrets)

    def test_the_examples_are_signed_as_the_provider_signs(self) -> None:
        for name in self.examples():
            request = self.subject.sign(self.read(name), SECRET, self.now)
            assert self.accepted(request, SECRET), name

    def test_sign_makes_the_proof_the_provider_makes(self) -> None:
        ours = self.subject.sign(self.read(self.example), SECRET, self.now)
        assert self.proof_of(ours) == self.proof_of(self.genuine())

    # What is not

    @pytest.mark.parametrize("secrets", [(), ("",), (" ", ""), ("wrong",), (SECRET + "x",)])
    def test_without_the_right_secret_nothing_is_accepted(self, secrets: tuple[str, ...]) -> None:
        assert not self.accepted(self.genuine(), *secrets)

    @pytest.mark.parametrize("secret", ["", " ", "wrong"])
    def test_what_is_made_with_another_secret_is_refused(self, secret: str) -> None:
        assert not self.accepted(self.genuine(secret), SECRET)
        assert not self.accepted(self.genuine(secret), "", " ")

    @pytest.mark.parametrize(
        "value", [None, "", " ", "0", "ä€\udcff", "\x00", "A" * 1_000_000, ",,,", "=", "sha256="]
    )
    def test_a_proof_that_is_missing_or_odd_is_refused(self, value: str | None) -> None:
        assert not self.accepted(self.with_proof(self.genuine(), value), SECRET)

    def test_the_proof_of_another_provider_is_refused(self) -> None:
        bare = self.with_proof(self.genuine(), None)
        request = bare.model_copy(update={"headers": {**bare.headers, **OTHER_PROOFS}})
        assert not self.accepted(request, SECRET)

    def test_a_proof_in_capitals_is_judged_as_documented(self) -> None:
        request = self.with_proof(self.genuine(), self.proof_of(self.genuine()).upper())
        assert self.accepted(request, SECRET) is self.upper_case

    # What it means

    def test_every_example_means_what_the_table_says(self) -> None:
        found = {name: self.subject.parse(self.read(name)) for name in self.examples()}
        assert found.keys() == self.meanings.keys()
        for name, events in found.items():
            assert events == self.meanings[name], name

    def test_a_message_sent_again_keeps_its_keys(self) -> None:
        for name in self.examples():
            first = self.subject.parse(self.read(name))
            again = self.subject.parse(self.retried(self.read(name)))
            assert [one.key for one in again] == [one.key for one in first], name

    def test_different_facts_have_different_keys(self) -> None:
        names: dict[str, set[str]] = {}
        for name in self.examples():
            for event in self.subject.parse(self.read(name)):
                names.setdefault(event.key, set()).add(name)
        shared = {frozenset(one) for one in names.values() if len(one) > 1}
        assert shared == set(self.same_fact)

    def test_a_number_without_bounds_is_kept_as_nothing(self) -> None:
        kept = self.subject.redact(self.with_json(b'{"event":{"odd":1e999},"other":-1e999}'))
        assert json.loads(kept) == {"event": {"odd": None}, "other": None}

    def test_nothing_secret_is_kept(self) -> None:
        for name in self.examples():
            kept = self.subject.redact(self.subject.sign(self.read(name), SECRET, self.now))
            assert [text for text in (*self.hidden, SECRET) if text in kept] == [], name

    def test_the_hidden_texts_stand_in_the_examples(self) -> None:
        everything = b"".join(self.read(name).body for name in self.examples()).decode()
        assert [text for text in self.hidden if text not in everything] == []

    @pytest.mark.parametrize(
        "text",
        [
            b"",
            b"\x00",
            b"\xff\xfe\x00",
            b"no JSON",
            b"null",
            b"17",
            b"[]",
            b'"text"',
            b"{}",
            b'{"event":null}',
            b'{"event":{}}',
            b'{"event":"","data":{}}',
            b"[" * 100_000,
            b'{"event":' * 50_000 + b"1" + b"}" * 50_000,
            b'{"event":NaN}',
        ],
        ids=lambda text: repr(text[:24]),
    )
    def test_what_cannot_be_read_is_malformed(self, text: bytes) -> None:
        with pytest.raises(MalformedError):
            self.subject.parse(self.with_json(text))

    def test_an_over_long_name_of_an_event_is_malformed(self) -> None:
        text = self.subject.redact(self.read(self.example))
        name = self.event_name(json.loads(text))
        for odd in ("x" * 201, "a\\u0000b", "a\\nb"):
            with pytest.raises(MalformedError):
                self.subject.parse(self.with_json(text.replace(name, odd).encode()))

    @pytest.mark.parametrize("odd", ODD, ids=lambda odd: repr(odd)[:12])
    def test_an_odd_minor_member_costs_no_event(self, odd: Any) -> None:
        for name in self.examples():
            try:
                value = json.loads(self.subject.redact(self.read(name)))
            except ValueError:
                continue  # not JSON: its own tests say what of it may be odd
            for path in self.minor(value):
                text = json.dumps(replaced(value, path, odd)).encode()
                events = self.subject.read(self.with_json(text))
                assert self.named(events) == self.named(self.meanings[name]), (name, path)

    def minor(self, value: Any) -> list[tuple[Any, ...]]:
        """The places of a message that may be odd."""

        def tells(path: tuple[Any, ...]) -> bool:
            """Whether it is such a place, is within one, or holds one."""
            for one in (pattern.split(".") for pattern in self.telling):
                pairs = zip(path, one, strict=False)
                if all(fnmatch(str(part), wanted) for part, wanted in pairs):
                    return True
            return False

        return [path for path in paths(value) if path and not tells(path)]

    @staticmethod
    def named(events: Sequence[SigningEvent]) -> list[tuple[str, str]]:
        return [(event.kind, event.envelope) for event in events]

    @given(data=st.data())
    @settings(deadline=None, suppress_health_check=list(HealthCheck))
    def test_several_odd_minor_members_cost_no_event(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(self.examples()))
        try:
            value = json.loads(self.subject.redact(self.read(name)))
        except ValueError:
            return
        for _ in range(data.draw(st.integers(1, 4))):
            if places := self.minor(value):
                odd = data.draw(json_values | st.sampled_from(ODD))
                value = replaced(value, data.draw(st.sampled_from(places)), odd)
        events = self.subject.read(self.with_json(json.dumps(value).encode()))
        assert self.named(events) == self.named(self.meanings[name]), name

    # What nobody thought of

    @given(data=st.data())
    @settings(deadline=None, suppress_health_check=list(HealthCheck))
    def test_a_changed_message_gives_events_or_a_refusal(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(self.examples()))
        request = self.signed(self.read(name), SECRET)
        try:
            value = json.loads(self.subject.redact(request))
        except ValueError:
            body = self.mutated(data, request.body)
            self.survives(request.model_copy(update={"body": body}))
            return
        for _ in range(data.draw(st.integers(1, 3))):
            path = data.draw(st.sampled_from(paths(value)))
            value = replaced(value, path, data.draw(json_values))
        self.survives(self.with_json(json.dumps(value).encode()))

    @given(data=st.data())
    @settings(deadline=None, suppress_health_check=list(HealthCheck))
    def test_changed_bytes_give_events_or_a_refusal(self, data: st.DataObject) -> None:
        request = self.signed(self.read(self.example), SECRET)
        body = self.mutated(data, request.body)
        self.survives(request.model_copy(update={"body": body}))

    @staticmethod
    def mutated(data: st.DataObject, body: bytes) -> bytes:
        start = data.draw(st.integers(0, len(body)))
        end = data.draw(st.integers(start, min(len(body), start + 60)))
        return body[:start] + data.draw(st.binary(max_size=20)) + body[end:]

    def survives(self, request: Request) -> None:
        """Nothing but events, or one of the two errors that the receiver knows."""
        with suppress(UnauthorizedError):
            self.subject.verify(request, self.secrets(SECRET), self.now)
        try:
            events = self.subject.parse(request)
            self.subject.redact(request)
        except MalformedError:
            return
        assert all(isinstance(event, SigningEvent) for event in events)
        for event in events:
            assert len(event.key.encode()) <= 900
            assert SigningEvent.model_validate_json(event.model_dump_json()) == event

    # How it fits in

    def test_it_tells_how_to_set_it_up(self) -> None:
        subject = self.subject
        assert len(subject.setup) == 3
        assert "{url}" in "".join(subject.setup)
        assert ("{secret}" in "".join(subject.setup)) is subject.secret_required
        assert all((subject.title, subject.retries, subject.content_types))

    def test_the_examples_are_sent_with_a_content_type_it_accepts(self) -> None:
        types = {self.read(name).content_type for name in self.examples()}
        assert types <= self.subject.content_types

    def test_loading_it_loads_no_other_provider_and_nothing_heavy(self) -> None:
        code = (
            f"import sys; from countersign.providers import provider; provider({self.name!r}); "
            "print(*sys.modules)"
        )
        run = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        loaded = set(run.stdout.split())
        others = {f"countersign.providers.{one}" for one in PROVIDERS.kinds if one != self.name}
        heavy = {"boto3", "botocore", "aws_lambda_powertools", "yaml", "liquid", "email.parser"}
        assert f"countersign.providers.{self.name}" in loaded
        assert loaded & (others | heavy) == set()

    def test_the_suite_is_the_one_for_its_authenticity(self) -> None:
        assert isinstance(self, BodySigned) is (self.subject.authenticity == "signed")


class ProofInHeader(ProviderSuite):
    """For providers whose proof is a header."""

    proof: ClassVar[str]
    """The header's name in lower case."""
    doubled: ClassVar[bool] = False
    """Whether a genuine proof counts though a false one stands beside it in the same header."""

    def with_proof(self, request: Request, value: str | None) -> Request:
        headers = {k: v for k, v in request.headers.items() if k != self.proof}
        if value is not None:
            headers[self.proof] = value
        return request.model_copy(update={"headers": headers})

    def proof_of(self, request: Request) -> str:
        return request.headers[self.proof]

    def test_a_header_sent_twice_is_judged_as_documented(self) -> None:
        true, false = self.proof_of(self.genuine()), self.proof_of(self.genuine("wrong"))
        for joined in (f"{true},{false}", f"{false}, {true}"):
            request = self.with_proof(self.genuine(), joined)
            assert self.accepted(request, SECRET) is self.doubled
        assert not self.accepted(self.with_proof(self.genuine(), f"{false},{false}"), SECRET)


class BodySigned(ProviderSuite):
    """For providers whose proof covers the whole body."""

    @pytest.mark.parametrize("share", [0, 0.25, 0.5, 0.75, 0.999])
    def test_one_changed_byte_is_noticed(self, share: float) -> None:
        request = self.genuine()
        at = int(len(request.body) * share)
        changed = bytes([request.body[at] ^ 1])
        body = request.body[:at] + changed + request.body[at + 1 :]
        assert not self.accepted(request.model_copy(update={"body": body}), SECRET)


class NoProof(ProviderSuite):
    """For providers that sign nothing: knowing the address is all that is asked for."""

    # With nothing to verify these make no sense; what must hold instead stands below.
    test_sign_makes_the_proof_the_provider_makes = None  # type: ignore[assignment]
    test_an_old_secret_counts_while_it_is_listed = None  # type: ignore[assignment]
    test_without_the_right_secret_nothing_is_accepted = None  # type: ignore[assignment]
    test_what_is_made_with_another_secret_is_refused = None  # type: ignore[assignment]
    test_a_proof_that_is_missing_or_odd_is_refused = None  # type: ignore[assignment]
    test_the_proof_of_another_provider_is_refused = None  # type: ignore[assignment]
    test_a_proof_in_capitals_is_judged_as_documented = None  # type: ignore[assignment]

    def signed(self, request: Request, secret: str) -> Request:
        return request

    def test_it_promises_no_proof_and_asks_for_no_secret(self) -> None:
        assert (self.subject.authenticity, self.subject.secret_required) == ("none", False)

    @pytest.mark.parametrize("secrets", [(), ("",), (" ", ""), ("wrong",), (SECRET,)])
    @pytest.mark.parametrize("headers", [{}, OTHER_PROOFS], ids=["no proof", "other proofs"])
    @pytest.mark.parametrize("body", [None, b"", b"\xff\x00", b"no JSON"], ids=repr)
    def test_any_request_at_the_right_address_is_accepted_as_unproven(
        self, secrets: tuple[str, ...], headers: dict[str, str], body: bytes | None
    ) -> None:
        request = self.read(self.example)
        update = {
            "headers": {**request.headers, **headers},
            "body": request.body if body is None else body,
        }
        authenticity = self.subject.verify(
            request.model_copy(update=update), self.secrets(*secrets), self.now
        )
        assert authenticity == "none"

    def test_a_secret_changes_nothing_on_an_example(self) -> None:
        for name in self.examples():
            request = self.read(name)
            assert self.subject.sign(request, SECRET, self.now) == request


class TimeSigned(ProviderSuite):
    """For providers whose proof covers a time."""

    stale_after: ClassVar[timedelta]

    def test_a_stale_message_is_refused(self) -> None:
        late = timedelta(seconds=1)
        assert self.accepted(self.genuine(), SECRET, now=self.now + self.stale_after - late)
        assert not self.accepted(self.genuine(), SECRET, now=self.now + self.stale_after + late)


def at(text: str) -> datetime:
    """A time in UTC, written as in the examples."""
    return datetime.fromisoformat(text).astimezone(UTC)
