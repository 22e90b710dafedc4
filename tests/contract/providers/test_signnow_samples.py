"""The samples of SignNow, where present."""

from __future__ import annotations

from typing import Any, ClassVar

from tests.contract.providers.samples import Expected, Fact, SampleSuite

ID = "eb7db0adac8a405b9ff6d08bfc8ca6d21cb02432"
INVITE = "0a9c4c8e5b8a4c5b9f3d"
AT = "2024-08-27T20:38:54+00:00"


class TestSignNowSamples(SampleSuite):
    name = "signnow"
    hidden = ("***masked***", "https://example.com/hook")
    table: ClassVar[dict[str, Expected]] = {
        "document.delete.json": ("signed", (Fact("document.deleted", ID, None, AT),)),
        "document.fieldinvite.decline.json": ("signed", (Fact("signer.declined", ID, INVITE, AT),)),
        "document.fieldinvite.sent.json": ("signed", (Fact("signer.notified", ID, INVITE, AT),)),
        "document.fieldinvite.signed.json": ("signed", (Fact("signer.signed", ID, INVITE, AT),)),
        "document.open.json": ("signed", (Fact("document.viewed", ID, None, AT),)),
        "document_group.complete.json": ("signed", (Fact("document.completed", "g1", None, AT),)),
    }

    def secret(self, notes: dict[str, Any]) -> str | None:
        return str(notes["_secret_key"])
