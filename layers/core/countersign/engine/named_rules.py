"""Rules that the settings of a kind name: whether they exist, and send mail."""

from __future__ import annotations

from collections.abc import Iterator

from countersign.engine.misfits import close_or_all
from countersign.model.base import Model, Place
from countersign.model.pipeline import Pipeline
from countersign.rules import RULES
from countersign.triggers._mail import MailTrigger


def problems(kind: Model | None, pipeline: Pipeline) -> Iterator[tuple[Place, str]]:
    """What publishing must refuse about them, each with its place below the settings."""
    if not isinstance(kind, MailTrigger) or kind.rule is None:
        return
    rules = {rule.id: rule.kind for stage in pipeline.stages for rule in stage.rules}
    # A kind that does not exist is told where it stands.
    mails = [
        rule for rule, sort in rules.items()
        if sort not in RULES.kinds or RULES.get(sort).lane == "email"
    ]  # fmt: skip
    if kind.rule not in mails:
        text = f'the pipeline has no rule "{kind.rule}" that sends mail'
        yield ("rule",), f"{text}; {close_or_all(kind.rule, mails)}"
