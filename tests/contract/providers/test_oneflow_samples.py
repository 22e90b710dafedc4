"""The samples of Oneflow, where present."""

from __future__ import annotations

from typing import Any, ClassVar

from tests.contract.providers.samples import Expected, Fact, SampleSuite

AT = "2020-07-06T15:14:14+00:00"


class TestOneflowSamples(SampleSuite):
    name = "oneflow"
    table: ClassVar[dict[str, Expected]] = {
        "contract_decline.json": ("shared_secret", (Fact("document.declined", "101", None, AT),)),
        "contract_sign.json": ("shared_secret", (Fact("document.completed", "101", None, AT),)),
        "data_field_update.json": ("shared_secret", (Fact("document.modified", "101", None, AT),)),
        "participant_first_visit.json": (
            "shared_secret",
            (Fact("document.viewed", "101", None, AT),),
        ),
        "participant_sign.json": ("shared_secret", (Fact("signer.signed", "101", None, AT),)),
    }

    def secret(self, notes: dict[str, Any]) -> str | None:
        return str(notes["_sign_key"])
