"""The samples of Xodo Sign, where present."""

from __future__ import annotations

from typing import ClassVar

from tests.contract.providers.samples import Expected, Fact, SampleSuite

ID = "uXIgmUwHpeFqjI"
AT = "2017-10-26T12:18:20+00:00"


class TestXodoSignSamples(SampleSuite):
    name = "xodo_sign"
    table: ClassVar[dict[str, Expected]] = {
        "document_completed.json": ("shared_secret", (Fact("document.completed", ID, None, AT),)),
        "document_declined.json": ("shared_secret", (Fact("document.declined", ID, "1", AT),)),
        "document_expired.json": ("shared_secret", (Fact("document.expired", ID, None, AT),)),
        "document_revoked.json": ("shared_secret", (Fact("document.voided", ID, None, AT),)),
        # The documentation's own: the API key behind its hash is not known.
        "document_sent_docs.json": (
            None,
            (Fact("document.sent", ID, None, "2017-10-26T12:17:17+00:00"),),
        ),
        "document_signed.json": ("shared_secret", (Fact("signer.signed", ID, "1", AT),)),
        "document_viewed.json": ("shared_secret", (Fact("document.viewed", ID, "1", AT),)),
        "signer_bounced.json": ("shared_secret", (Fact("signer.delivery_failed", ID, "1", AT),)),
    }
