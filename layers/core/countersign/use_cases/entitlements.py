"""What a deployment's plan includes: set by its operator, and checked wherever it counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from countersign.engine.validation.entitlements import not_included
from countersign.engine.validation.pipeline import Problem
from countersign.errors import ConflictError, NotAllowedError, NotFoundError, PermanentError
from countersign.model.audit import AuditSubject, Values
from countersign.model.entitlements import Entitlements
from countersign.model.pipeline import Pipeline
from countersign.ports import EntitlementStore, Pipelines
from countersign.registry import Registry
from countersign.rules import RULES
from countersign.text.suggestions import close_or_all
from countersign.triggers import TRIGGERS
from countersign.use_cases.auditor import Auditor, Change, entry_of

SUBJECT = AuditSubject(kind="entitlements", id="deployment")


class NotIncludedError(NotAllowedError):
    """Something that the deployment's plan does not include."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(problem.text for problem in problems))
        self.problems = problems
        """Each with its place in the pipeline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntitlementStores:
    """What setting entitlements needs from outside."""

    entitlements: EntitlementStore
    pipelines: Pipelines
    auditor: Auditor | None = None
    """Records who sets them; nobody does for None."""


def set_entitlements(
    stores: EntitlementStores, changes: Mapping[str, object], *, version: int | None = None
) -> Entitlements:
    """Change what the plan includes: attributes of Entitlements and their new values.

    ``version`` is the one that is changed; None for whichever is there.
    Automation begins or ends with each pipeline at once. What was interrupted is finished by
    setting the same again. PermanentError for an attribute, a kind or a number that cannot be,
    ConflictError when somebody else set them at the same time.
    """
    before = stores.entitlements.get()
    if version not in (None, before.version):
        raise ConflictError(f"the entitlements have version {before.version} meanwhile")
    after = changed(before, changes)
    if after != before:
        after = after.model_copy(update={"version": before.version + 1})
        change = Change(
            action="entitlements.set",
            subject=SUBJECT,
            before=_recorded_values(before),
            after=_recorded_values(after),
        )
        stores.entitlements.put(after, entry_of(stores.auditor, change))
    return _carry_out(stores)


def changed(before: Entitlements, changes: Mapping[str, object]) -> Entitlements:
    """What is included once the changes are made.

    PermanentError for an attribute or a number that cannot be, NotFoundError for a kind.
    """
    values: dict[str, Any] = before.model_dump()
    for name, value in changes.items():
        if name not in values or name == "version":
            there = [key for key in values if key != "version"]
            msg = f'entitlements have no "{name}"; {close_or_all(name, there)}'
            raise PermanentError(msg)
        values[name] = value
    try:
        after = Entitlements.model_validate(values)
    except ValidationError as error:
        raise PermanentError("; ".join(map(_in_words, error.errors()))) from error
    _check_kinds(after.trigger_kinds, TRIGGERS, "trigger")
    _check_kinds(after.rule_kinds, RULES, "rule")
    return after.model_copy(
        update={
            "trigger_kinds": _sorted(after.trigger_kinds),
            "rule_kinds": _sorted(after.rule_kinds),
        }
    )


def problems_of(
    entitlements: Entitlements, pipelines: Pipelines, pipeline: Pipeline
) -> tuple[Problem, ...]:
    """What publishing a pipeline would be refused for, each with its place in the pipeline."""
    return (
        *_one_too_many(entitlements, pipelines, pipeline),
        *not_included(entitlements, pipeline),
    )


def check_included(entitlements: Entitlements, pipelines: Pipelines, pipeline: Pipeline) -> None:
    """NotIncludedError for a pipeline that the plan does not include."""
    problems = problems_of(entitlements, pipelines, pipeline)
    if problems:
        raise NotIncludedError(problems)


def _one_too_many(
    entitlements: Entitlements, pipelines: Pipelines, pipeline: Pipeline
) -> tuple[Problem, ...]:
    if entitlements.pipelines is None:
        return ()
    ids = {head.pipeline for head in pipelines.list()} | {pipeline.pipeline}
    if len(ids) <= entitlements.pipelines:
        return ()
    number = entitlements.pipelines
    text = (
        f"{pipeline.pipeline} would be one of {len(ids)} pipelines; {entitlements.plan_in_words} "
        f"includes {number}; there are {', '.join(sorted(ids - {pipeline.pipeline})) or 'none'}"
    )
    return (Problem(("pipeline",), text),)


def _in_words(error: Mapping[str, Any]) -> str:
    name = ".".join(map(str, error["loc"]))
    return f'"{error["input"]}" is not valid for {name}: {error["msg"]}'


def _check_kinds(kinds: tuple[str, ...] | None, registry: Registry[Any], of: str) -> None:
    for kind in kinds or ():
        if kind not in registry.kinds:
            hint = close_or_all(kind, registry.kinds)
            raise NotFoundError(f'there is no kind of {of} "{kind}"; {hint}')


def _sorted(kinds: tuple[str, ...] | None) -> tuple[str, ...] | None:
    return None if kinds is None else tuple(sorted(set(kinds)))


def _recorded_values(entitlements: Entitlements) -> Values:
    return entitlements.model_dump(mode="json", exclude={"version"})


def _carry_out(stores: EntitlementStores) -> Entitlements:
    """Have every pipeline's head say whether automation is included, by what is kept at the end."""
    while True:
        wanted = stores.entitlements.get()
        for head in stores.pipelines.list():
            if head.automation is not wanted.automation:
                _switch(stores.pipelines, head.pipeline, wanted.automation)
        if stores.entitlements.get().version == wanted.version:
            return wanted


def _switch(pipelines: Pipelines, pipeline: str, included: bool) -> None:
    try:
        pipelines.set_automation(pipeline, included)
    except NotFoundError:
        return  # it was removed meanwhile
