"""The samples of Acrobat Sign, where present: messages, the handshake, and Adobe's templates."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from countersign.model.connection import ConnectionCredentials
from countersign.providers import provider
from countersign.providers.base import Request
from tests.contract.providers.samples import NOW, SAMPLES, Expected, Fact, SampleSuite

ID = "CBJCHBCAABAA2XhaLGV0pKssKU03QXTcTXS4ebPyoSL_"
CASEY = "CBJCHBCAABAAte-PIPyeug0KlgUmRIncdyFBh-UvRKV8"
OTHER = "CBJCHBCAABAA85vUWoa0pSTcQCdz_j8XDv41dMT2Qlbp"
CLIENT_ID = "BGBQIIE7H253K6"
MADE = "2024-05-30T22:57:28+00:00"
AT = "2024-05-31T09:15:30+00:00"
OF_NO_SIGNING_MEANING = {
    "AGREEMENT_REMINDER_INITIATED",
    # Adobe's templates leave the participant empty, and without one it tells nothing.
    "AGREEMENT_PARTICIPANT_COMPLETED",
}


class TestAdobeSignSamples(SampleSuite):
    name = "adobe_sign"
    hidden = ("postWebhooksPublish",)
    table: ClassVar[dict[str, Expected]] = {
        "AGREEMENT_ACTION_COMPLETED.json": (
            "shared_secret",
            (Fact("signer.signed", ID, CASEY, AT),),
        ),
        "AGREEMENT_ACTION_REQUESTED.json": (
            "shared_secret",
            (Fact("signer.notified", ID, CASEY, AT),),
        ),
        "AGREEMENT_CREATED.json": (
            "shared_secret",
            (Fact("document.created", ID, None, MADE), Fact("document.sent", ID, None, MADE)),
        ),
        "AGREEMENT_EMAIL_BOUNCED.json": (
            "shared_secret",
            (Fact("signer.delivery_failed", ID, OTHER, AT),),
        ),
        "AGREEMENT_EMAIL_VIEWED.json": ("shared_secret", (Fact("document.viewed", ID, CASEY, AT),)),
        "AGREEMENT_RECALLED.json": ("shared_secret", (Fact("document.voided", ID, None, AT),)),
        "AGREEMENT_REJECTED.json": ("shared_secret", (Fact("document.declined", ID, OTHER, AT),)),
        "AGREEMENT_WORKFLOW_COMPLETED.json": (
            "shared_secret",
            (Fact("document.completed", ID, None, AT),),
        ),
    }

    def secret(self, notes: dict[str, Any]) -> str | None:
        return CLIENT_ID

    def test_every_sample_has_its_line_in_the_table(self) -> None:
        files = {path.name for path in (SAMPLES / self.name).glob("*.json")}
        assert {one for one in files if not one.endswith(".headers.json")} == set(self.table)

    def test_the_handshake_is_answered_as_the_sample_says(self) -> None:
        text = (SAMPLES / self.name / "verification_request.txt").read_text()
        first, second, third = text.partition("--- expected answer, variant 1 ---")
        asked = dict(line.split(": ", 1) for line in first.strip().splitlines()[1:])
        headers = {name.lower(): value for name, value in asked.items()}
        secrets = ConnectionCredentials(
            connection="sample",
            provider=self.name,
            pipeline="contracts",
            tokens=(),
            secrets=(CLIENT_ID,),
        )
        answer = provider(self.name).handshake(
            Request(method="GET", headers=headers, received_at=NOW), secrets
        )
        assert answer is not None
        assert answer.status == 200
        wanted = [line for line in (second + third).splitlines() if ": " in line]
        assert f"X-AdobeSign-ClientId: {answer.headers['X-AdobeSign-ClientId']}" in wanted
        assert json.loads(wanted[-1]) == json.loads(answer.body)

    def test_every_template_of_adobe_is_an_event_that_we_know(self) -> None:
        for path in sorted((SAMPLES / self.name / "templates").glob("*.json")):
            message = json.loads(path.read_text())
            message["event"] = path.stem
            for name in ("agreement", "widget", "megaSign", "libraryDocument"):
                if name in message:
                    message[name]["id"] = "the-id"
            body = json.dumps(message).encode()
            request = self.request({}, body)
            found = provider(self.name).parse(request)
            known = {one.kind for one in found} != {"other"}
            assert known is (path.stem not in OF_NO_SIGNING_MEANING), path.stem
