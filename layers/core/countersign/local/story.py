"""The main job as a short story: signed webhooks in, a document moves, mail goes out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from countersign.engine.explain import ExplainedRun
from countersign.local.cloud import LocalCloud
from countersign.local.contract_story import ContractStory, StandIns
from countersign.local.playing import Player, Sending, until
from countersign.providers import provider
from countersign.use_cases.services import Cloud

PIPELINE = "director-first"
NUMBERED = {"contract_number": "number", "amount": "amount", "currency": "currency"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryPart(Sending):
    """One provider's part: its connection, and the examples that are posted, in order."""

    pipeline: str = PIPELINE
    appears: str
    """The example with which the document appears."""
    director: str
    """The director signs."""
    client: tuple[str, ...]
    """The client signs, and the envelope is complete."""


PARTS = (
    StoryPart(
        provider="docusign",
        fields=NUMBERED,
        appears="envelope-sent",
        director="recipient-completed-director",
        client=("recipient-completed-client", "envelope-completed"),
    ),
    StoryPart(
        provider="dropbox_sign",
        fields=NUMBERED,
        appears="signature_request_sent",
        director="signature_request_signed_director",
        client=("signature_request_signed_client", "signature_request_all_signed"),
        options={"max_age_hours": "0"},
    ),
    StoryPart(
        provider="documenso",
        fields={"externalId": "number"},
        appears="DOCUMENT_SENT",
        director="DOCUMENT_SIGNED_director",
        client=("DOCUMENT_SIGNED_client", "DOCUMENT_COMPLETED"),
    ),
)


class Story:
    """Plays the parts on a running stack and tells each step when it has been seen to happen."""

    def __init__(
        self, examples: Path, stack: Cloud, local: LocalCloud, stand_ins: StandIns
    ) -> None:
        self._player = Player(examples, stack)
        self._local = local
        self._contract = ContractStory(self._player, stand_ins)

    def tell(self) -> Iterator[str]:
        """The whole story, line by line."""
        yield from self.set_up()
        yield ""
        yield from self._contract.play()
        for part in PARTS:
            yield ""
            yield from self.play(part)

    def endpoints(self, webhooks: str) -> dict[str, dict[str, str]]:
        """Each connection with its address and secret, for scripts and curl."""
        return {
            connected.connection.id: {
                "provider": name,
                "address": f"{webhooks}/{connected.address}",
                "secret": connected.secrets.secrets[0],
            }
            for name, connected in self._player.connections.items()
        }

    def set_up(self) -> Iterator[str]:
        """Publish the example pipelines and connect the providers."""
        yield from self._contract.set_up()
        yield f"published the pipeline {PIPELINE}: {self._player.publish(PIPELINE)}"
        for part in PARTS:
            self._player.connect(part)
        titles = ", ".join(provider(part.provider).title for part in PARTS)
        yield f"connected {titles}"

    def play(self, part: StoryPart) -> Iterator[str]:
        """One provider's part; PermanentError where a step is not seen to happen."""
        player, title = self._player, provider(part.provider).title
        document = player.send(part.provider, part.appears)
        first = until(f"the document {document} appears", lambda: player.find(document))
        yield f'{title}: a document appears, "{first.title}", in stage {first.stage}'
        player.send(part.provider, part.director)
        player.until_in(document, "sent")
        yield "  the director signs: it moves to Sent"
        asked = until("the mail's rule ends", lambda: player.ended(document, "ask-to-sign"))
        yield from self._tell_mail(document, asked)
        reminder = until("the reminder is on the schedule", lambda: self._timed(document))
        yield f"  a reminder is on the schedule: {reminder}"
        for example in part.client:
            player.send(part.provider, example)
        player.until_in(document, "signed")
        cancelled = until("the reminder is cancelled", lambda: player.ended(document, "remind"))
        yield "  the client signs: it moves on to Signed"
        yield f"  the reminder never comes: {cancelled.reason}"

    def _tell_mail(self, document: str, asked: ExplainedRun) -> Iterator[str]:
        if asked.state != "done":
            yield f"  no mail to the client: {asked.reason}"
            return
        number = self._player.document(document).number
        subject = f"Your contract {number} is ready to sign"
        mail = until(
            "the mail lies in the mailbox",
            lambda: next(
                (mail for mail in self._local.mails() if mail["Subject"] == subject), None
            ),
        )
        yield f'  mail to {mail["To"][0]}: "{mail["Subject"]}"'

    def _timed(self, document: str) -> str | None:
        """When the reminder's schedule fires, once the schedule is there."""
        run = self._player.run(document, "remind")
        if run is None or run.due is None:
            return None
        client = self._local.session().client("scheduler", endpoint_url=self._local.endpoint)
        names = [
            schedule["Name"]
            for page in client.get_paginator("list_schedules").paginate()
            for schedule in page["Schedules"]
        ]
        if not any(name.startswith(document) for name in names):
            return None
        zone = ZoneInfo(self._player.explained(document).time_zone)
        return f"{run.due.astimezone(zone):%A %Y-%m-%d %H:%M} {zone.key}"
