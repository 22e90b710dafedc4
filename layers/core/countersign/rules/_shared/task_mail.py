"""The mail to the assignee of a task, where the rule or the pipeline wants one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from countersign.errors import NothingToDoError, PermanentError
from countersign.model.message import Email
from countersign.model.pipeline import Pipeline
from countersign.model.task import GROUP, Task
from countersign.rules._shared.email_rule import MAX_SUBJECT
from countersign.rules._shared.mail_texts import html_of
from countersign.rules._shared.recipients import MAX_RECIPIENTS
from countersign.rules._shared.senders import own_sender, sender_of
from countersign.rules._shared.template_variables import zone_of
from countersign.rules._shared.users import users
from countersign.rules.base import EmailRule, RuleContext, RuleGroup
from countersign.text.addresses import AddressError, outgoing
from countersign.text.folding import unique


class TaskMail(EmailRule):
    """Tells the assignee, or everybody of the group, of a task; no rule kind of a pipeline."""

    group: ClassVar[RuleGroup] = "task_management"
    titles: ClassVar = {"en": "Mail about a task", "de": "E-Mail zur Aufgabe"}
    descriptions: ClassVar = {
        "en": "Notifies the assignee of a task.",
        "de": "Benachrichtigt, wem eine Aufgabe gegeben wird.",
    }
    task: Task
    assigned_in: int
    """The version of the task that the mail is about."""

    def email(self, context: RuleContext) -> Email:
        """The mail. NothingToDoError where the task is concluded or somebody else's by now."""
        task, pipeline = self.task, context.pipeline
        if task.state != "open":
            raise NothingToDoError(f"the task is {task.state} already")
        if task.assigned_in != self.assigned_in:
            raise NothingToDoError(f"the task was handed over to {task.assignee} meanwhile")
        sender = own_sender(pipeline)
        if sender is None:
            raise PermanentError("the pipeline has no senders; list one for the mails about tasks")
        to = unique(_address(user) for user in users(task.assignee, pipeline))
        if len(to) > MAX_RECIPIENTS:
            msg = f"the mail has {len(to)} recipients; expected at most {MAX_RECIPIENTS}"
            raise PermanentError(msg)
        title = " ".join(task.title.split())
        text = "\n".join(self._lines(context))
        return Email(
            sender=sender_of(sender, pipeline),
            to=to,
            subject=f"{_words(pipeline)['task']}: {title}"[:MAX_SUBJECT],
            text=text,
            html=html_of(text, pipeline),
            run=context.run.key,
            pipeline=context.run.pipeline,
        )

    def _lines(self, context: RuleContext) -> Iterator[str]:
        task, document, words = self.task, context.document, _words(context.pipeline)
        yield task.title
        if task.text:
            yield from ("", task.text)
        if task.checklist:
            yield ""
            yield from (f"[{'x' if point.done else ' '}] {point.text}" for point in task.checklist)
        yield ""
        number = f" ({document.number})" if document.number else ""
        yield f"{words['document']}: {document.title or document.id}{number}"
        if task.deadline is not None:
            due = task.deadline.astimezone(zone_of(context.pipeline))
            yield f"{words['due']}: {due:%Y-%m-%d %H:%M} {context.pipeline.time_zone}"
        group = f" ({words['group']})" if task.assignee.startswith(GROUP) else ""
        yield f"{words['assignee']}: {task.assignee}{group}"
        yield f"{words['task']}: {task.key}"


def _words(pipeline: Pipeline) -> Mapping[str, str]:
    """German for a German pipeline, else English."""
    return _GERMAN if (pipeline.language or "").startswith("de") else _ENGLISH


_ENGLISH = {
    "task": "Task",
    "document": "Document",
    "due": "Due",
    "assignee": "Assigned to",
    "group": "any one of you completes it",
}
_GERMAN = {
    "task": "Aufgabe",
    "document": "Dokument",
    "due": "Fällig",
    "assignee": "Zugewiesen an",
    "group": "eine oder einer von Ihnen erledigt sie",
}


def _address(user: str) -> str:
    try:
        return outgoing(user)
    except AddressError as error:
        msg = f'the task\'s assignee "{user}" has no e-mail address that can be written to; {error}'
        raise PermanentError(msg) from None
