"""What travels between the functions: messages to the lanes, mails to the mail service."""

from datetime import datetime
from typing import NamedTuple

from countersign.model.base import Model
from countersign.model.run import Lane, Run, RunKey


class RunMessage(Model):
    """Asks a lane to perform a run. Safe to deliver twice: the run itself is claimed first."""

    document: str
    entry: int
    rule: str
    repeat: int | None = None
    """As in the key; None, and so not written, where it is 0."""
    generation: int
    pipeline: str
    next: str | None = None
    """The rule below in the chain, so that one read brings both."""

    @property
    def key(self) -> RunKey:
        return RunKey(
            document=self.document, entry=self.entry, rule=self.rule, repeat=self.repeat or 0
        )

    @classmethod
    def of(cls, run: Run) -> "RunMessage":
        """The message that asks for this run in its present generation."""
        return cls(
            document=run.document,
            entry=run.entry,
            rule=run.rule,
            repeat=run.repeat or None,
            generation=run.generation,
            pipeline=run.pipeline,
            next=run.next,
        )


class JobMessage(Model):
    """Asks the document lane to work on a job. Safe to deliver twice: the second delivery finds
    the job in a later version."""

    job: str
    """Its id."""
    version: int
    """The version that is to be worked on."""
    delay: int = 0
    """Seconds that it is to wait in the queue."""


def lane_message(body: str) -> RunMessage | JobMessage:
    """What a message of the document lane asks for; ValidationError where it asks for nothing."""
    if body.startswith('{"job"'):
        return JobMessage.model_validate_json(body)
    return RunMessage.model_validate_json(body)


class RunDelivery(NamedTuple):
    """A message for a lane, and when it is to be there."""

    lane: Lane
    message: RunMessage
    due: datetime


class Attachment(Model):
    """A file that goes with a mail."""

    name: str
    media_type: str
    content: bytes


class Notice(Model):
    """A mail of the product's own, such as a report: nothing waits for what becomes of it."""

    sender: str
    to: tuple[str, ...]
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    reply_to: tuple[str, ...] = ()
    subject: str
    text: str | None = None
    html: str | None = None
    attachments: tuple[Attachment, ...] = ()


class Email(Notice):
    """The mail of a run, as it is handed to the mail service."""

    track: bool = False
    """Whether the mail service is to report who opens it and follows its links."""
    run: RunKey
    """Written into the message's tags, so that the mail service's reports find the run."""
    pipeline: str | None = None
    """The run's pipeline; in the tags, too, so that one read brings all that a report needs."""
    mail: int | None = None
    """Which of the run's several mails it is, from 0; None where the run sends one. In the tags,
    too."""
