"""The samples of GetAccept, where present."""

from __future__ import annotations

from typing import ClassVar

from tests.contract.providers.samples import ARRIVED, Expected, Fact, SampleSuite

ID = "123123123"


class TestGetAcceptSamples(SampleSuite):
    name = "getaccept"
    hidden = (
        "https://app.getaccept.com/v/preview/123123123?token=x",
        "https://media.getaccept.com/preview/123123123/123123123.png",
        "https://example.com/123123123.pdf",
    )
    table: ClassVar[dict[str, Expected]] = {
        "document.signed.json": (
            "none",
            (Fact("document.completed", ID, None, "2023-09-12T15:18:44+00:00"),),
        ),
        "document.viewed.json": (
            "none",
            (Fact("document.viewed", ID, "email@test.com", ARRIVED),),
        ),
    }
