"""The samples of Zoho Sign, where present."""

from __future__ import annotations

from typing import ClassVar

from tests.contract.providers.samples import Expected, Fact, SampleSuite

ID = "1000000102049"
SIGNER = "1000000102052"
AT = "2022-11-07T14:38:10.816000+00:00"


class TestZohoSignSamples(SampleSuite):
    name = "zoho_sign"
    table: ClassVar[dict[str, Expected]] = {
        "RequestCompleted.json": ("signed", (Fact("document.completed", ID, None, AT),)),
        "RequestExpired.json": ("signed", (Fact("document.expired", ID, None, AT),)),
        "RequestRejected.json": ("signed", (Fact("document.declined", ID, SIGNER, AT),)),
        "RequestSigningSuccess.json": ("signed", (Fact("signer.signed", ID, SIGNER, AT),)),
        "RequestSubmitted.json": ("signed", (Fact("document.sent", ID, None, AT),)),
        "RequestViewed.json": ("signed", (Fact("document.viewed", ID, SIGNER, AT),)),
    }
