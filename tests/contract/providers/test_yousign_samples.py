"""The samples of Yousign, where present."""

from __future__ import annotations

from typing import ClassVar

from tests.contract.providers.samples import Expected, Fact, SampleSuite

ID = "89120884-d29a-4b1a-ac7b-a9e73a872795"
JOHN = "bb0f0c0e-1111-4a1a-8f3a-000000000001"
AT = "2024-01-18T22:59:00+00:00"


class TestYousignSamples(SampleSuite):
    name = "yousign"
    table: ClassVar[dict[str, Expected]] = {
        "signature_request.activated.json": ("signed", (Fact("document.sent", ID, None, AT),)),
        # As the documentation prints it, without the rest of the request.
        "signature_request.activated_docs.json": (
            "signed",
            (Fact("document.sent", "xxx-xxx", None, "2022-12-12T14:38:09+00:00"),),
        ),
        "signature_request.canceled.json": ("signed", (Fact("document.voided", ID, None, AT),)),
        "signature_request.done.json": ("signed", (Fact("document.completed", ID, None, AT),)),
        "signature_request.expired.json": ("signed", (Fact("document.expired", ID, None, AT),)),
        "signer.done.json": ("signed", (Fact("signer.signed", ID, JOHN, AT),)),
        "signer.link_opened.json": ("signed", (Fact("document.viewed", ID, JOHN, AT),)),
        "signer.notified.json": ("signed", (Fact("signer.notified", ID, JOHN, AT),)),
    }
