"""The samples of BoldSign, where present."""

from __future__ import annotations

from typing import ClassVar

from tests.contract.providers.samples import ARRIVED, Expected, Fact, SampleSuite

ID = "26b8695f-46d0-4cd4-ba1a-c5a0d595c849"
SIGNER = "30e062d0-ae6a-4cc6-a78e-ae8cd232d8dd"
AT = "2022-12-02T05:38:34+00:00"


class TestBoldSignSamples(SampleSuite):
    name = "boldsign"
    # The actor that they name is not a signer of theirs: whoever it can be is read off the state.
    table: ClassVar[dict[str, Expected]] = {
        "Completed.json": ("signed", (Fact("document.completed", ID, None, AT),)),
        "Declined.json": ("signed", (Fact("document.declined", ID, SIGNER, AT),)),
        "DeliveryFailed.json": ("signed", (Fact("signer.delivery_failed", ID, SIGNER, AT),)),
        "Expired.json": ("signed", (Fact("document.expired", ID, None, AT),)),
        "Revoked.json": ("signed", (Fact("document.voided", ID, None, AT),)),
        "Sent.json": ("signed", (Fact("document.sent", ID, None, AT),)),
        "Signed.json": ("signed", (Fact("signer.signed", ID, SIGNER, AT),)),
        "Verification.json": ("signed", (Fact("webhook.test", "", None, ARRIVED),)),
        "Viewed.json": ("signed", (Fact("document.viewed", ID, SIGNER, AT),)),
    }
