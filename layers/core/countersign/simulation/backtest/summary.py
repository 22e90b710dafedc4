"""What a back-test found, summed up document by document."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from countersign.model.base import Model
from countersign.simulation.backtest.effects import EffectKind
from countersign.simulation.backtest.slices import DocumentBacktest

MAX_REASONS = 20
"""Different reasons that are kept why the draft does not fit documents."""


class EffectTotal(Model):
    """How often one thing went otherwise."""

    change: Literal["added", "changed", "removed"]
    kind: EffectKind
    by: str
    documents: int = 0
    """For how many documents."""
    effects: int = 0
    """How often in all."""
    example: str
    """One of the documents."""


class UnfitTotal(Model):
    """Documents that the draft does not fit for one reason."""

    reason: str
    documents: int = 0
    example: str


class BacktestSummary(Model):
    """What went otherwise over all documents so far."""

    documents: int = 0
    same: int = 0
    """For which nothing went otherwise."""
    different: int = 0
    unfit: int = 0
    """That the draft does not fit, so that nothing was compared."""
    inexact: int = 0
    """Of which not everything is known exactly, such as messages that are not kept any more."""
    totals: tuple[EffectTotal, ...] = ()
    """Most documents first."""
    reasons: tuple[UnfitTotal, ...] = ()
    """Why the draft does not fit, most documents first."""

    def with_results(self, results: Iterable[DocumentBacktest]) -> BacktestSummary:
        """The summary with these documents as well; each must be added once."""
        summary = self
        for result in results:
            summary = _with_one(summary, result)
        return summary

    @property
    def fits(self) -> bool:
        """Whether the draft fits any of the documents; true where there are none."""
        return self.documents == 0 or self.unfit < self.documents


def _with_one(summary: BacktestSummary, result: DocumentBacktest) -> BacktestSummary:
    unfit, different = result.unfit is not None, bool(result.differences)
    return summary.model_copy(
        update={
            "documents": summary.documents + 1,
            "same": summary.same + (not different and not unfit),
            "different": summary.different + different,
            "unfit": summary.unfit + unfit,
            "inexact": summary.inexact + bool(result.notes),
            "totals": _totals(summary.totals, result),
            "reasons": _reasons(summary.reasons, result) if unfit else summary.reasons,
        }
    )


def _totals(totals: tuple[EffectTotal, ...], result: DocumentBacktest) -> tuple[EffectTotal, ...]:
    by_key = {(total.change, total.kind, total.by): total for total in totals}
    counted = set()
    for difference in result.differences:
        key = difference.change, difference.kind, difference.by
        total = by_key.get(key)
        if total is None:
            total = EffectTotal(
                change=difference.change,
                kind=difference.kind,
                by=difference.by,
                example=result.document,
            )
        documents = total.documents + (key not in counted)
        update = {"effects": total.effects + 1, "documents": documents}
        by_key[key] = total.model_copy(update=update)
        counted.add(key)
    return tuple(
        sorted(
            by_key.values(),
            key=lambda total: (-total.documents, total.kind, total.by, total.change),
        )
    )


def _reasons(reasons: tuple[UnfitTotal, ...], result: DocumentBacktest) -> tuple[UnfitTotal, ...]:
    by_reason = {total.reason: total for total in reasons}
    reason = result.unfit or ""
    known = by_reason.get(reason)
    if known is None and len(by_reason) >= MAX_REASONS:
        return reasons
    known = known or UnfitTotal(reason=reason, example=result.document)
    by_reason[reason] = known.model_copy(update={"documents": known.documents + 1})
    return tuple(sorted(by_reason.values(), key=lambda total: (-total.documents, total.reason)))
