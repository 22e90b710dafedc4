"""What every provider's collected samples must show; each provider's module inherits it.

The samples lie beside the project and are not part of it.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import pytest

from countersign.model.connection import ConnectionCredentials
from countersign.model.signing_event import Authenticity
from countersign.providers import provider
from countersign.providers.base import MalformedError, Request, UnauthorizedError

SAMPLES = Path(__file__).parents[4] / "shared" / "payloads"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ARRIVED = NOW.isoformat()
"""The time of an event that tells none."""
SECRETS = ("_secret", "_key", "_api_key", "_webhook_id")
"""Members of a sample's notes that hold what it was signed with."""


class Fact(NamedTuple):
    """What a sample tells, in short."""

    kind: str
    envelope: str
    signer: str | None
    at: str


Expected = tuple[Authenticity | None, tuple[Fact, ...] | None]
"""The authenticity, None where the sample is not signed; the facts, None where unreadable."""


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="no samples beside the project")
class SampleSuite:
    """Subclasses give the provider and what each of its samples means."""

    name: ClassVar[str]
    table: ClassVar[dict[str, Expected]]
    now: ClassVar[datetime] = NOW
    """A moment at which the samples are fresh."""
    hidden: ClassVar[tuple[str, ...]] = ()
    """Texts of the samples that must not be kept."""

    def request(self, headers: dict[str, str], body: bytes) -> Request:
        """The sample as a request."""
        return Request(
            headers={"content-type": "application/json", **headers}, body=body, received_at=NOW
        )

    def secret(self, notes: dict[str, Any]) -> str | None:
        """What the sample was signed with."""
        return next((str(notes[name]) for name in SECRETS if name in notes), None)

    def read(self, sample: str) -> tuple[Request, ConnectionCredentials]:
        """A sample as a request, and the secret it was signed with."""
        path = SAMPLES / self.name / sample
        beside = path.with_name(f"{path.stem}.headers.json")
        notes = json.loads(beside.read_text()) if beside.exists() else {}
        headers = {key.lower(): value for key, value in notes.items() if not key.startswith("_")}
        secret = self.secret(notes)
        secrets = ConnectionCredentials(
            connection="sample",
            provider=self.name,
            pipeline="contracts",
            tokens=(),
            secrets=(secret,) if secret else (),
            options={"max_age_hours": "0"},
        )
        return self.request(headers, path.read_bytes()), secrets

    def test_every_sample_has_its_line_in_the_table(self) -> None:
        files = {path.name for path in (SAMPLES / self.name).iterdir()}
        assert {one for one in files if not one.endswith(".headers.json")} == set(self.table)

    def test_a_sample_is_accepted_as_it_is_signed(self) -> None:
        for sample, (expected, _) in self.table.items():
            request, secrets = self.read(sample)
            try:
                authenticity: Authenticity | None = provider(self.name).verify(
                    request, secrets, self.now
                )
            except UnauthorizedError:
                authenticity = None
            assert authenticity == expected, sample

    def test_a_sample_tells_what_the_table_says(self) -> None:
        for sample, (_, expected) in self.table.items():
            assert self.facts(sample) == expected, sample

    def facts(self, sample: str) -> tuple[Fact, ...] | None:
        """What the sample tells, None where it cannot be read."""
        try:
            events = provider(self.name).parse(self.read(sample)[0])
        except MalformedError:
            return None
        return tuple(
            Fact(
                one.kind,
                one.envelope,
                (one.signer.id or one.signer.email) if one.signer else None,
                one.occurred_at.isoformat(),
            )
            for one in events
        )

    def test_nothing_secret_of_a_sample_is_kept(self) -> None:
        for sample in self.table:
            request, secrets = self.read(sample)
            kept = provider(self.name).redact(request)
            secret_texts = (*self.hidden, *secrets.secrets)
            assert [one for one in secret_texts if one in kept] == [], sample
