"""The samples of PandaDoc, where present."""

from __future__ import annotations

import json
from typing import Any, ClassVar
from urllib.parse import parse_qsl

from countersign.model.connection import ConnectionCredentials
from countersign.providers.base import Request
from tests.contract.providers.samples import SAMPLES, Expected, Fact, SampleSuite

ID = "aahcZhiB6pKRbjagoZrrrr"
JOSH = "TM2nqhKYgPmJA9hUPDKHrr"
AT = "2024-07-31T16:06:09.157758+00:00"


class TestPandaDocSamples(SampleSuite):
    name = "pandadoc"
    table: ClassVar[dict[str, Expected]] = {
        "document_deleted.json": ("signed", (Fact("document.deleted", ID, None, AT),)),
        "document_state_changed_completed.json": (
            "signed",
            (Fact("document.completed", ID, None, AT),),
        ),
        "document_state_changed_draft.json": ("signed", (Fact("document.created", ID, None, AT),)),
        "document_state_changed_sent.json": ("signed", (Fact("document.sent", ID, None, AT),)),
        # Its one recipient is the only one who can have opened it.
        "document_state_changed_viewed.json": ("signed", (Fact("document.viewed", ID, JOSH, AT),)),
        "recipient_completed.json": (
            "signed",
            (Fact("signer.signed", ID, JOSH, "2024-07-31T17:00:00+00:00"),),
        ),
    }

    def secret(self, notes: dict[str, Any]) -> str | None:
        return str(notes["_shared_key"])

    def read(self, sample: str) -> tuple[Request, ConnectionCredentials]:
        request, secrets = super().read(sample)
        beside = (SAMPLES / self.name / sample).with_suffix(".headers.json")
        query = dict(parse_qsl(json.loads(beside.read_text())["_query"]))
        return request.model_copy(update={"query": query}), secrets
