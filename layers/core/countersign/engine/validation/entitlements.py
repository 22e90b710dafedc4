"""What of a pipeline the deployment's plan does not include, each with its place."""

from __future__ import annotations

from collections.abc import Iterator

from countersign.engine.validation.pipeline import Problem
from countersign.model.entitlements import Entitlements
from countersign.model.pipeline import Pipeline, Rule, Trigger


def not_included(entitlements: Entitlements, pipeline: Pipeline) -> Iterator[Problem]:
    """The triggers and rules that the plan does not include, in the order of the pipeline.

    Those that are switched off count too.
    """
    number = 0
    for n, stage in enumerate(pipeline.stages):
        for m, trigger in enumerate(stage.triggers):
            if not _has_kind(entitlements.trigger_kinds, trigger):
                reason = kind_not_included(entitlements, "trigger", trigger.kind)
                text = f"the trigger {trigger.id} of the stage {stage.id}: {reason}"
                yield Problem(("stages", n, "triggers", m, "kind"), text)
        for m, rule in enumerate(stage.rules):
            number += 1
            if not _has_kind(entitlements.rule_kinds, rule):
                reason = kind_not_included(entitlements, "rule", rule.kind)
                text = f"the rule {rule.id} of the stage {stage.id}: {reason}"
                yield Problem(("stages", n, "rules", m, "kind"), text)
            if entitlements.rules is not None and number > entitlements.rules:
                text = (
                    f"the rule {rule.id} of the stage {stage.id} is number {number}; "
                    f"{entitlements.plan_in_words} includes {_rules(entitlements.rules)} in a "
                    "pipeline"
                )
                yield Problem(("stages", n, "rules", m), text)


def kind_not_included(entitlements: Entitlements, of: str, kind: str) -> str:
    """Why a kind of triggers or rules may not be published, as a sentence."""
    kinds = entitlements.trigger_kinds if of == "trigger" else entitlements.rule_kinds
    included = ", ".join(kinds or ()) or f"no kind of {of}"
    return (
        f"the kind {kind} is not included in {entitlements.plan_in_words}, "
        f"which includes {included}"
    )


def _has_kind(kinds: tuple[str, ...] | None, part: Trigger | Rule) -> bool:
    return kinds is None or part.kind in kinds


def _rules(number: int) -> str:
    return f"{number} rule{'s' * (number != 1)}"
