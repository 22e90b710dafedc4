"""The samples of Scrive, where present."""

from __future__ import annotations

from typing import ClassVar
from urllib.parse import urlencode

from countersign.providers._toolkit.form import FORM
from countersign.providers.base import Request
from tests.contract.providers.samples import NOW, Expected, Fact, SampleSuite

ID = "8222115557375075439"
SIGNED = "2017-01-13T10:38:49.590815+00:00"


class TestScriveSamples(SampleSuite):
    name = "scrive"
    hidden = ("da675b76d876abda",)
    table: ClassVar[dict[str, Expected]] = {
        "callback_canceled.form": ("none", (Fact("document.voided", ID, None, SIGNED),)),
        "callback_closed.form": (
            "none",
            (
                Fact("document.completed", ID, None, SIGNED),
                Fact("document.artifact_ready", ID, None, SIGNED),
            ),
        ),
        "callback_pending.form": ("none", (Fact("signer.signed", ID, "189256", SIGNED),)),
        # Made from the signed example: nobody in it bears the time of a refusal.
        "callback_rejected.form": ("none", (Fact("document.declined", ID, None, SIGNED),)),
        "document_json_example.json": ("none", (Fact("document.completed", ID, None, SIGNED),)),
    }

    def request(self, headers: dict[str, str], body: bytes) -> Request:
        """The documentation's example is the document alone, without the form around it."""
        form = urlencode({"document_json": body}).encode() if body.startswith(b"{") else body
        return Request(headers={"content-type": FORM}, body=form, received_at=NOW)
