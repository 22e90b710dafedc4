"""Rules that the settings of a kind name: whether they exist, and do what is waited for."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from countersign.engine.validation.schema_errors import close_or_all
from countersign.model.base import Model, Place
from countersign.model.pipeline import Pipeline
from countersign.rules import RULES
from countersign.triggers._shared.mail_event import MailTrigger
from countersign.triggers.link_clicked import LinkClicked
from countersign.triggers.mail_opened import MailOpened
from countersign.triggers.task_completed import TaskCompleted


def problems(kind: Model | None, pipeline: Pipeline) -> Iterator[tuple[Place, str]]:
    """What publishing must refuse about them, each with its place below the settings."""
    if isinstance(kind, MailTrigger):
        yield from _named("rule", kind.rule, pipeline, _sends_mail, "sends mail")
    if isinstance(kind, MailOpened | LinkClicked):
        yield from _tracked(kind.rule, pipeline)
    if isinstance(kind, TaskCompleted):
        yield from _named("task", kind.task, pipeline, _creates_task, "creates a task")


def _tracked(wanted: str | None, pipeline: Pipeline) -> Iterator[tuple[Place, str]]:
    """Opens and clicks are reported of tracked mails only."""
    sending = [
        rule
        for stage in pipeline.stages
        for rule in stage.rules
        if rule.kind in RULES.kinds and _sends_mail(rule.kind) and wanted in (None, rule.id)
    ]
    if not sending and wanted is not None:
        return  # told above
    if not any(rule.settings.get("track") is True for rule in sending):
        which = f'the rule "{wanted}"' if wanted else "a rule that sends the mail"
        yield ("rule",), f"no mail that it waits for is tracked; set track: true in {which}"


def _sends_mail(kind: str) -> bool:
    return RULES.get(kind).lane == "email"


def _creates_task(kind: str) -> bool:
    return kind == "create_task"


def _named(
    setting: str, rule: str | None, pipeline: Pipeline, does: Callable[[str], bool], what: str
) -> Iterator[tuple[Place, str]]:
    if rule is None:
        return
    rules = {rule.id: rule.kind for stage in pipeline.stages for rule in stage.rules}
    # A kind that does not exist is told where it stands.
    there = [rule for rule, kind in rules.items() if kind not in RULES.kinds or does(kind)]
    if rule not in there:
        text = f'the pipeline has no rule "{rule}" that {what}'
        yield (setting,), f"{text}; {close_or_all(rule, there)}"
