"""The samples of SignWell, where present."""

from __future__ import annotations

from typing import ClassVar

from tests.contract.providers.samples import Expected, Fact, SampleSuite

ID = "5e544e05-56db-48f5-9b47-061dd985b2c6"
AT = "2024-01-25T10:00:00+00:00"


class TestSignWellSamples(SampleSuite):
    name = "signwell"
    table: ClassVar[dict[str, Expected]] = {
        "document_canceled.json": ("origin", (Fact("document.voided", ID, None, AT),)),
        "document_completed.json": ("origin", (Fact("document.completed", ID, None, AT),)),
        "document_created.json": ("origin", (Fact("document.created", ID, None, AT),)),
        "document_declined.json": ("origin", (Fact("document.declined", ID, "1", AT),)),
        "document_expired.json": ("origin", (Fact("document.expired", ID, None, AT),)),
        "document_sent.json": ("origin", (Fact("document.sent", ID, None, AT),)),
        "document_signed.json": ("origin", (Fact("signer.signed", ID, "1", AT),)),
        "document_viewed.json": ("origin", (Fact("document.viewed", ID, "1", AT),)),
    }
