"""Create a task: gives somebody something to do for the document, and may wait until it is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from countersign.errors import PermanentError
from countersign.model import fields, timing
from countersign.model.pipeline import Pipeline
from countersign.model.references import SettingPlace
from countersign.model.task import GROUP, NewTask
from countersign.model.timing import Timing
from countersign.rules._shared import rendering
from countersign.rules._shared.senders import own_sender
from countersign.rules._shared.template_variables import first, values
from countersign.rules._shared.users import assignee_of, group_problem, supervisor_of
from countersign.rules.base import DocumentRule, Edit, RuleContext, RuleGroup
from countersign.text.addresses import is_address, is_one_line

MAX_TITLE = 250
"""Characters of a title or of a point, before and after its inserts are filled in."""
MAX_TEXT = 8000
MAX_POINTS = 50
FIELD = "field:"
"""Stands before the id of a field that holds a user."""

_Line = Annotated[str, Field(min_length=1, max_length=MAX_TITLE)]


def _assignee(text: str) -> str:
    if text in ("responsible", "supervisor") or is_address(text):
        return text
    for start in (FIELD, GROUP):
        if text.startswith(start) and text.removeprefix(start).strip() and is_one_line(text):
            return text
    msg = (
        f'"{text}" is nobody a task can be given to; expected responsible, supervisor, field:<id>, '
        "group:<name> or a user's address"
    )
    raise ValueError(msg)


class CreateTask(DocumentRule):
    """Makes one task, in the transaction that claims and concludes the rule.

    With ``wait`` the rule, and the chain below it, is concluded only with the task: done when it
    is completed, cancelled when it is withdrawn. A task stays when its document leaves the stage,
    and keeps its assignee and its deadline when the fields they came from change.
    """

    kind: Literal["create_task"] = "create_task"
    group: ClassVar[RuleGroup] = "task_management"
    products: ClassVar[frozenset[str]] = frozenset({"task"})
    titles: ClassVar = {"en": "Create a task", "de": "Aufgabe erstellen"}
    descriptions: ClassVar = {
        "en": "Creates a task for a user or group, and can wait for its completion.",
        "de": "Gibt jemandem eine Aufgabe und wartet auf Wunsch, bis sie erledigt ist.",
    }
    title: _Line
    """With the inserts of mails, as ``text`` and the checklist."""
    text: Annotated[str, Field(max_length=MAX_TEXT)] = ""
    """What is to be done."""
    assignee: Annotated[str, AfterValidator(_assignee)] = "responsible"
    """``responsible``, ``supervisor`` (of the responsible person), ``field:<id>`` of a field that
    holds a user, ``group:<name>`` (everybody of the group has it), or a user's address."""
    deadline: Timing | None = None
    """Counted from the moment the task is made, or from a date field: as the time of a rule."""
    checklist: Annotated[tuple[_Line, ...], Field(max_length=MAX_POINTS)] = ()
    """Points to tick off."""
    wait: bool = False
    """Whether the chain below waits until the task is completed or withdrawn."""
    task_mail: bool | None = None
    """Whether the assignee, now or later, gets an email about the task. Where it is left out, the
    pipeline's setting holds."""

    def problems(self, pipeline: Pipeline) -> tuple[tuple[SettingPlace, str], ...]:
        problems = rendering.problems({"title": self.title, "text": self.text}, pipeline)
        points = rendering.problems(
            {f"point {n}": point for n, point in enumerate(self.checklist, 1)}, pipeline
        )
        checklist = (("checklist", f"{point}: {text}") for point, text in points)
        when = self.deadline or timing.IMMEDIATELY
        deadline = timing.problems(when, fields.types(pipeline), ("deadline",))
        return (*problems, *checklist, *self._assignee_problems(pipeline), *deadline)

    def _mails(self, pipeline: Pipeline) -> bool:
        return pipeline.task_mail if self.task_mail is None else self.task_mail

    def _assignee_problems(self, pipeline: Pipeline) -> Iterator[tuple[str, str]]:
        if self._mails(pipeline) and own_sender(pipeline) is None:
            lacks = "no address among its senders" if pipeline.senders else "no senders"
            text = f"the pipeline has {lacks}; list one, or leave task_mail out"
            yield "task_mail" if self.task_mail else "assignee", text
        if self.assignee == "supervisor" and not pipeline.supervisors:
            yield (
                "assignee",
                "the pipeline names no supervisors; list each user's under supervisors",
            )
        wrong = group_problem(self.assignee, pipeline)
        if wrong is not None:
            yield "assignee", wrong
        if self.assignee.startswith(FIELD):
            holding = [f"{FIELD}{n}" for n, spec in pipeline.fields.items() if spec.type == "user"]
            if self.assignee not in holding:
                there = f"expected {', '.join(holding)}" if holding else "the pipeline has none"
                yield "assignee", f'"{self.assignee}" is not a field that holds a user; {there}'

    def edit(self, context: RuleContext) -> Edit:
        inserted = values(context, first(context.document, "client"), self.titles["en"])
        points = (
            _line(f"point {n} of the checklist", point, inserted)
            for n, point in enumerate(self.checklist, 1)
        )
        text = rendering.filled("text", self.text, inserted).strip()
        if len(text) > MAX_TEXT:
            raise PermanentError(_misfit("text", text, MAX_TEXT))
        run = context.run
        return Edit(
            task=NewTask(
                run=run.key,
                stage=run.stage,
                pipeline_version=run.pipeline_version,
                title=_line("title", self.title, inserted),
                text=text,
                assignee=self._who(context),
                deadline=self.deadline,
                checklist=tuple(points),
                waits=self.wait,
                mail=self._mails(context.pipeline),
            )
        )

    def _who(self, context: RuleContext) -> str:
        document = context.document
        name = self.assignee.removeprefix(FIELD)
        if name == self.assignee and name not in ("responsible", "supervisor"):
            return assignee_of(name, context.pipeline)
        held = document.fields.get(name) if name != self.assignee else document.responsible
        user = held.strip() if isinstance(held, str) else ""
        if not user:
            what = (
                f"the field {name} is empty" if name != self.assignee else "nobody is responsible"
            )
            msg = f'assignee "{self.assignee}": {what}; fill it, or name a user in the rule'
            raise PermanentError(msg)
        if self.assignee != "supervisor":
            return user
        supervisor = supervisor_of(user, context.pipeline)
        if supervisor is None:
            msg = f"{user} has no supervisor; name one under the pipeline's supervisors"
            raise PermanentError(msg)
        return supervisor


def _line(setting: str, source: str, inserted: Mapping[str, object]) -> str:
    text = " ".join(rendering.filled(setting, source, inserted).split())
    if not text or len(text) > MAX_TITLE:
        raise PermanentError(_misfit(setting, text, MAX_TITLE))
    return text


def _misfit(setting: str, text: str, most: int) -> str:
    size = f"has {len(text)} characters" if text else "is empty"
    return (
        f"{setting}: it {size} once its inserts are filled in; expected 1 to {most}: correct it, "
        "for example with the filters default and truncate"
    )
