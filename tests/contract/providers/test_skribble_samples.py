"""The samples of Skribble, where present."""

from __future__ import annotations

from typing import ClassVar
from urllib.parse import parse_qsl, urlsplit

from countersign.providers.base import Request
from tests.contract.providers.samples import ARRIVED, NOW, Expected, Fact, SampleSuite

ID = "88d0b1a2-0000-4000-8000-000000000001"
SIGNATURE = "66d0b1a2-0000-4000-8000-000000000003"


class TestSkribbleSamples(SampleSuite):
    name = "skribble"
    table: ClassVar[dict[str, Expected]] = {
        "callback_error.txt": ("none", (Fact("document.declined", ID, None, ARRIVED),)),
        "callback_success.txt": ("none", (Fact("document.completed", ID, None, ARRIVED),)),
        "callback_update.txt": ("none", (Fact("signer.signed", ID, SIGNATURE, ARRIVED),)),
    }

    def request(self, headers: dict[str, str], body: bytes) -> Request:
        """The sample is the whole call, its request line first."""
        method, target, _ = body.decode().split(maxsplit=2)
        address = urlsplit(target)
        return Request(
            method=method,
            query=dict(parse_qsl(address.query)),
            slot=address.path.rpartition("/")[2],
            received_at=NOW,
        )
