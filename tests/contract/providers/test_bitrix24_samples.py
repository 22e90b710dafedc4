"""The samples of Bitrix24, where present."""

from __future__ import annotations

import json
from typing import ClassVar

from countersign.model.connection import ConnectionCredentials
from countersign.providers._toolkit.form import FORM, read_nested, write_nested
from countersign.providers.base import Request
from tests.contract.providers.samples import NOW, Expected, Fact, SampleSuite

ID = "R-LK-50JI-3AAK-WS1A"


def crm(at: str) -> Expected:
    """A change in the CRM."""
    return "shared_secret", (Fact("other", "", None, at),)


SIGNING: Expected = (
    "shared_secret",
    (Fact("document.sent", ID, None, "2026-02-06T10:48:19+00:00"),),
)
HCM_LINK = crm("2026-08-07T07:15:30+00:00")


class TestBitrix24Samples(SampleSuite):
    name = "bitrix24"
    hidden = ("s6p6eclrvim6da22ft9ch94ekreb52lv", "4s386p3q0tr8dy89xvmt96234v3dljg8")
    # The documentation prints as JSON what is sent as a form: both are here.
    table: ClassVar[dict[str, Expected]] = {
        "ONCRMDEALADD.form": crm("2024-12-28T08:21:21+00:00"),
        "ONCRMDEALADD.json": crm("2024-12-28T08:21:21+00:00"),
        "ONCRMDEALADD_outgoing_webhook.form": crm("2025-12-18T08:38:44+00:00"),
        "ONCRMDEALDELETE.form": crm("2025-01-09T06:48:14+00:00"),
        "ONCRMDEALDELETE.json": crm("2025-01-09T06:48:14+00:00"),
        "ONCRMDEALUPDATE.form": crm("2025-01-09T06:56:47+00:00"),
        "ONCRMDEALUPDATE.json": crm("2025-01-09T06:56:47+00:00"),
        "ONSIGNB2EDOCUMENTSTATUSCHANGED.form": SIGNING,
        "ONSIGNB2EDOCUMENTSTATUSCHANGED.json": SIGNING,
        "ONSIGNB2EMEMBERSTATUSCHANGED.json": (
            "shared_secret",
            (
                Fact(
                    "signer.signed",
                    ID,
                    "2ditmm6vjoolzbygaeua2jltkjb9hgks",
                    "2026-02-06T10:49:05+00:00",
                ),
            ),
        ),
        "ONSIGNHCMLINKB2EDOCUMENTSIGNED.form": HCM_LINK,
        "ONSIGNHCMLINKB2EDOCUMENTSIGNED.json": HCM_LINK,
    }

    def request(self, headers: dict[str, str], body: bytes) -> Request:
        form = write_nested(json.loads(body)) if body.startswith(b"{") else body
        return Request(headers={"content-type": FORM}, body=form, received_at=NOW)

    def read(self, sample: str) -> tuple[Request, ConnectionCredentials]:
        """The token that the sample carries is the one that was stored."""
        request, secrets = super().read(sample)
        token = read_nested(request.body)["auth"]["application_token"]
        return request, secrets.model_copy(update={"secrets": (token,)})
