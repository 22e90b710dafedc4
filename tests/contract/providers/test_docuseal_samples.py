"""The samples of DocuSeal, where present."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar

from tests.contract.providers.samples import Expected, Fact, SampleSuite

RECORDED = "2023-12-14T15:50:22+00:00"


class TestDocuSealSamples(SampleSuite):
    name = "docuseal"
    now = datetime.fromtimestamp(1_700_000_000, UTC)
    hidden = (
        "https://docuseal.com/e/J38nmUvG1CVzS6",
        "https://docuseal.com/file/hash/sample-document.pdf",
        "dsEeWrhRD8yDXT",
    )
    table: ClassVar[dict[str, Expected]] = {
        "form.completed.json": (
            "signed",
            (Fact("signer.signed", "3", "7", "2023-12-14T15:50:21.701000+00:00"),),
        ),
        "form.started.json": ("signed", (Fact("signer.started", "3", "7", RECORDED),)),
        "form.viewed.json": ("signed", (Fact("document.viewed", "3", "7", RECORDED),)),
        "submission.archived.json": (
            "signed",
            (Fact("document.deleted", "1", None, "2023-12-14T15:50:21.799000+00:00"),),
        ),
        "submission.completed.json": (
            "signed",
            (Fact("document.completed", "1", None, "2023-12-14T15:49:21.701000+00:00"),),
        ),
        "submission.created.json": (
            "signed",
            (
                Fact("document.created", "1", None, "2023-12-10T15:48:17.166000+00:00"),
                Fact("document.sent", "1", None, "2023-12-14T15:45:49.011000+00:00"),
            ),
        ),
        "template.created.json": ("signed", (Fact("template.changed", "", None, RECORDED),)),
    }
