"""The samples collected from the providers' documentation and from real deliveries, where present.

They lie beside the project and are not part of it.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from countersign.model.connection import ConnectionCredentials
from countersign.model.signing_event import Authenticity
from countersign.providers import provider
from countersign.providers.base import MalformedError, Request, UnauthorizedError

SAMPLES = Path(__file__).parents[4] / "shared" / "payloads"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
DROPBOX_KEY = "324e3b0840f065eb51f3fd63231d0d33daa35d4ed10d27718839e81737065782"

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="no samples beside the project")


class Fact(NamedTuple):
    """What a sample tells, in short."""

    kind: str
    envelope: str
    signer: str | None
    at: str


DS = "7a5f1e05-6b6b-445e-9ec0-b8531bacca38"
DB_DOC = "fa5c8a0b0f492d768749333ad6fcc214c111e967"
DB_CAPTURE = "4092ab59cddab526ff79907f23f72022924617cc"
DN = "10"

Expected = tuple[Authenticity | None, tuple[Fact, ...] | None]
"""The authenticity, None where the sample is not signed; the facts, None where unreadable."""

NOTHING_DONE = (Fact("other", "", None, "2012-09-20T21:49:12+00:00"),)
TEMPLATE = (Fact("template.changed", "", None, "2012-09-20T21:49:12+00:00"),)

DOCUSIGN: dict[str, Expected] = {
    # The schema's sample has "sample string 17" for a time, and no name of an event.
    "connect_schema_sample_all_fields.json": (None, None),
    "envelope-completed_full.json": (
        "signed",
        (Fact("document.completed", DS, None, "2022-09-22T15:22:52.920000+00:00"),),
    ),
    "envelope-completed_minimal.json": (
        "signed",
        (
            Fact(
                "document.completed",
                "71799c95-8417-4b16-90d5-86ff24a91d09",
                None,
                "2022-12-09T18:32:13.299000+00:00",
            ),
        ),
    ),
    "envelope-declined.json": (
        "signed",
        (Fact("document.declined", DS, "98969862", "2022-09-22T15:59:58.100000+00:00"),),
    ),
    "envelope-delivered.json": (
        "signed",
        (Fact("document.delivered", DS, None, "2022-09-22T15:22:50.543000+00:00"),),
    ),
    "envelope-sent.json": (
        "signed",
        (Fact("document.sent", DS, None, "2022-09-22T15:19:41.090000+00:00"),),
    ),
    "envelope-voided.json": (
        "signed",
        (Fact("document.voided", DS, None, "2022-09-22T15:59:58.100000+00:00"),),
    ),
    "legacy_completed.xml": (
        "signed",
        (
            Fact(
                "document.completed",
                "9973b51a-784d-41bf-8eef-8ef7f4888f75",
                None,
                "2020-06-10T00:34:40.600000+00:00",
            ),
        ),
    ),
    "recipient-authenticationfailed.json": (
        "signed",
        (Fact("signer.authentication_failed", DS, "98969862", "2022-09-22T16:00:00+00:00"),),
    ),
    "recipient-declined.json": (
        "signed",
        (
            Fact("signer.declined", DS, "98969862", "2022-09-22T16:00:00+00:00"),
            Fact("document.declined", DS, "98969862", "2022-09-22T16:00:00+00:00"),
        ),
    ),
}

DROPBOX_SIGN: dict[str, Expected] = {
    "EventCallbackAccountSignatureRequestSent.json": (
        None,
        (
            Fact(
                "document.sent",
                DB_DOC,
                "ad4d8a769b555fa5ef38691465d426682bf2c992",
                "2012-09-20T21:49:12+00:00",
            ),
        ),
    ),
    "EventCallbackAccountTemplateCreated.json": (None, TEMPLATE),
    "EventCallbackAppAccountConfirmed.json": (None, NOTHING_DONE),
    "EventCallbackAppSignatureRequestSent.json": (
        None,
        (Fact("document.sent", DB_DOC, None, "2012-09-20T21:49:12+00:00"),),
    ),
    "EventCallbackAppTemplateCreated.json": (None, TEMPLATE),
    "signature_request_all_signed.json": (
        None,
        (Fact("document.completed", DB_CAPTURE, None, "2014-02-10T13:00:59+00:00"),),
    ),
    "signature_request_sent.json": (
        None,
        (Fact("document.sent", DB_CAPTURE, None, "2014-02-10T13:00:59+00:00"),),
    ),
    "signature_request_sent_multipart.form": ("shared_secret", NOTHING_DONE),
    # The capture names a signature that its own list lacks; the list shows who signed.
    "signature_request_signed_client.json": (
        None,
        (
            Fact(
                "signer.signed",
                DB_CAPTURE,
                "f8025d2899dfe85dba4db5b2083f1f54",
                "2014-02-10T13:00:59+00:00",
            ),
        ),
    ),
    "signature_request_viewed_client.json": (
        None,
        (
            Fact(
                "document.viewed",
                "5ba54718914ff7e6c615bb180f7635eebde59553",
                "6dfc33dafa56edfbd466a54f9ab6ab34",
                "2014-02-10T13:00:59+00:00",
            ),
        ),
    ),
    "vector_account_account.json": ("shared_secret", NOTHING_DONE),
    "vector_account_account_no_metadata.json": ("shared_secret", NOTHING_DONE),
    "vector_account_base.json": ("shared_secret", NOTHING_DONE),
    "vector_account_base_no_metadata.json": ("shared_secret", NOTHING_DONE),
    "vector_account_signature_request.json": ("shared_secret", NOTHING_DONE),
    "vector_account_signature_request_no_metadata.json": ("shared_secret", NOTHING_DONE),
    "vector_account_template.json": ("shared_secret", TEMPLATE),
    "vector_account_template_no_metadata.json": ("shared_secret", TEMPLATE),
    "vector_example_account_confirmed.json": (
        "shared_secret",
        (Fact("other", "", None, "2022-12-01T20:27:43+00:00"),),
    ),
}

DOCUMENSO: dict[str, Expected] = {
    "DOCUMENT_COMPLETED.json": (
        "shared_secret",
        (Fact("document.completed", DN, None, "2024-04-22T11:52:05.707000+00:00"),),
    ),
    "DOCUMENT_CREATED.json": (
        "shared_secret",
        (Fact("document.created", DN, None, "2024-04-22T11:44:43.341000+00:00"),),
    ),
    "DOCUMENT_OPENED.json": (
        "shared_secret",
        (Fact("document.viewed", DN, "52", "2024-04-22T11:50:26.174000+00:00"),),
    ),
    "DOCUMENT_RECIPIENT_COMPLETED.json": (
        "shared_secret",
        (Fact("signer.signed", DN, "52", "2024-04-22T11:52:05.688000+00:00"),),
    ),
    "DOCUMENT_REMINDER_SENT.json": (
        "shared_secret",
        (Fact("reminder.sent", DN, "52", "2024-04-23T09:00:00+00:00"),),
    ),
    "DOCUMENT_SENT.json": (
        "shared_secret",
        (Fact("document.sent", DN, None, "2024-04-22T11:48:07.945000+00:00"),),
    ),
    "DOCUMENT_SIGNED.json": (
        "shared_secret",
        (Fact("signer.signed", DN, "51", "2024-04-22T11:52:05.688000+00:00"),),
    ),
    "RECIPIENT_EXPIRED.json": (
        "shared_secret",
        (Fact("signer.expired", DN, "52", "2024-04-22T11:52:00+00:00"),),
    ),
    "TEMPLATE_CREATED.json": (
        "shared_secret",
        (Fact("template.changed", "", None, "2024-04-22T11:44:44.779000+00:00"),),
    ),
    "TEMPLATE_DELETED.json": (
        "shared_secret",
        (Fact("template.changed", "", None, "2024-04-22T13:00:00+00:00"),),
    ),
    "TEMPLATE_UPDATED.json": (
        "shared_secret",
        (Fact("template.changed", "", None, "2024-04-22T12:00:00+00:00"),),
    ),
    "TEMPLATE_USED.json": (
        "shared_secret",
        (Fact("template.changed", "", None, "2024-04-22T14:00:00+00:00"),),
    ),
}

TABLES = {"docusign": DOCUSIGN, "dropbox_sign": DROPBOX_SIGN, "documenso": DOCUMENSO}
CASES = [(name, sample) for name, table in TABLES.items() for sample in table]


def read(name: str, sample: str) -> tuple[Request, ConnectionCredentials]:
    """The sample as a request, and the secret it was signed with."""
    path = SAMPLES / name / sample
    beside = path.with_name(f"{path.stem}.headers.json")
    notes = json.loads(beside.read_text()) if beside.exists() else {}
    headers = {key.lower(): value for key, value in notes.items() if not key.startswith("_")}
    headers.setdefault("content-type", "application/json")
    body = path.read_bytes()
    if headers["content-type"].endswith("boundary=..."):
        headers["content-type"] = "multipart/form-data; boundary=sample"
        head = b'--sample\r\nContent-Disposition: form-data; name="json"\r\n\r\n'
        body = head + body + b"\r\n--sample--\r\n"
    secret = notes.get("_key") or headers.get("x-documenso-secret") or DROPBOX_KEY
    secrets = ConnectionCredentials(
        connection="sample",
        provider=name,
        pipeline="contracts",
        tokens=(),
        secrets=(secret,),
        options={"max_age_hours": "0"},
    )
    return Request(headers=headers, body=body, received_at=NOW), secrets


@pytest.mark.parametrize("name", TABLES)
def test_every_sample_has_its_line_in_the_table(name: str) -> None:
    files = {path.name for path in (SAMPLES / name).iterdir()}
    samples = {one for one in files if not one.endswith(".headers.json")}
    assert samples == set(TABLES[name])


@pytest.mark.parametrize(("name", "sample"), CASES)
def test_a_sample_is_accepted_as_it_is_signed(name: str, sample: str) -> None:
    request, secrets = read(name, sample)
    expected = TABLES[name][sample][0]
    try:
        authenticity: Authenticity | None = provider(name).verify(request, secrets, NOW)
    except UnauthorizedError:
        authenticity = None
    assert authenticity == expected


@pytest.mark.parametrize(("name", "sample"), CASES)
def test_a_sample_tells_what_the_table_says(name: str, sample: str) -> None:
    request, _ = read(name, sample)
    try:
        events = provider(name).parse(request)
    except MalformedError:
        found = None
    else:
        found = tuple(
            Fact(
                one.kind,
                one.envelope,
                one.signer.id if one.signer else None,
                one.occurred_at.isoformat(),
            )
            for one in events
        )
    assert found == TABLES[name][sample][1]


@pytest.mark.parametrize(("name", "sample"), CASES)
def test_no_secret_of_a_sample_is_kept(name: str, sample: str) -> None:
    request, _ = read(name, sample)
    kept = provider(name).redact(request)
    secrets = ("vbT8hi3jKQmrFP_LN1WcS", "HkrptwS42ZBXdRKj1TyUo", "https://your-endpoint.com")
    assert [one for one in secrets if one in kept] == []
