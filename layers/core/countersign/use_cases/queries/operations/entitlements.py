"""What the deployment's plan includes, in words, and what was published before it changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from countersign.engine.validation.entitlements import not_included
from countersign.model.entitlements import Entitlements
from countersign.model.pipeline import Head
from countersign.ports import Pipelines


@dataclass(frozen=True, slots=True, kw_only=True)
class UnincludedParts:
    """What of a published version its plan does not include, and that goes on until it is published
    again."""

    pipeline: str
    parts: tuple[str, ...]
    """The ids of its triggers and rules."""

    @property
    def texts(self) -> tuple[str, ...]:
        """A sentence about them, if there are any."""
        if not self.parts:
            return ()
        return (f"published before the plan changed: {', '.join(self.parts)} not included",)


def unincluded_parts(
    entitlements: Entitlements, pipelines: Pipelines, head: Head
) -> UnincludedParts:
    """What the plan does not include of the pipeline's published version.

    The version is read only where the plan limits kinds or rules.
    """
    limits = (entitlements.trigger_kinds, entitlements.rule_kinds, entitlements.rules)
    if all(limit is None for limit in limits):
        return UnincludedParts(pipeline=head.pipeline, parts=())
    pipeline = pipelines.version(head.pipeline, head.version).pipeline
    parts = []
    for problem in not_included(entitlements, pipeline):
        _, n, group, m, *_ = problem.place
        stage = pipeline.stages[int(n)]
        of = stage.triggers if group == "triggers" else stage.rules
        parts.append(of[int(m)].id)
    return UnincludedParts(pipeline=head.pipeline, parts=tuple(dict.fromkeys(parts)))


def limits_of(entitlements: Entitlements) -> Iterator[str]:
    """What the plan includes, where that is limited, in few words each."""
    if not entitlements.automation:
        yield "no automation"
    if entitlements.trigger_kinds is not None:
        yield _counted(len(entitlements.trigger_kinds), "kind", " of triggers")
    if entitlements.rule_kinds is not None:
        yield _counted(len(entitlements.rule_kinds), "kind", " of rules")
    if entitlements.pipelines is not None:
        yield _counted(entitlements.pipelines, "pipeline")
    if entitlements.rules is not None:
        yield _counted(entitlements.rules, "rule", " in a pipeline")


def _counted(number: int, word: str, more: str = "") -> str:
    return f"{number} {word}{'s' * (number != 1)}{more}"
