"""The samples of SignWell, where present."""

from __future__ import annotations

from typing import ClassVar

from tests.contract.providers.samples import Expected, Fact, SampleSuite

ID = "5e544e05-56db-48f5-9b47-061dd985b2c6"
AT = "2024-01-25T10:00:00+00:00"


class TestSignWellSamples(SampleSuite):
    name = "signwell"
    table: ClassVar[dict[str, Expected]] = {
        "document_canceled.json": ("shared_secret", (Fact("document.voided", ID, None, AT),)),
        "document_completed.json": ("shared_secret", (Fact("document.completed", ID, None, AT),)),
        "document_created.json": ("shared_secret", (Fact("document.created", ID, None, AT),)),
        "document_declined.json": ("shared_secret", (Fact("document.declined", ID, "1", AT),)),
        "document_expired.json": ("shared_secret", (Fact("document.expired", ID, None, AT),)),
        "document_sent.json": ("shared_secret", (Fact("document.sent", ID, None, AT),)),
        "document_signed.json": ("shared_secret", (Fact("signer.signed", ID, "1", AT),)),
        "document_viewed.json": ("shared_secret", (Fact("document.viewed", ID, "1", AT),)),
    }
