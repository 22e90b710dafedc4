"""The samples of OpenSign, where present."""

from __future__ import annotations

from typing import ClassVar

from tests.contract.providers.samples import ARRIVED, Expected, Fact, SampleSuite

ID = "DOCUMENT_ID"


class TestOpenSignSamples(SampleSuite):
    name = "opensign"
    hidden = ("DOCUMENT_URL",)
    # The documentation's placeholders stand for everything, the times too; none is signed.
    table: ClassVar[dict[str, Expected]] = {
        "completed.json": ("none", (Fact("document.completed", ID, None, ARRIVED),)),
        "created.json": ("none", (Fact("document.created", ID, None, ARRIVED),)),
        "signed.json": ("none", (Fact("signer.signed", ID, "SIGNER_EMAIL", ARRIVED),)),
        "viewed.json": ("none", (Fact("document.viewed", ID, "SIGNER_EMAIL", ARRIVED),)),
    }
