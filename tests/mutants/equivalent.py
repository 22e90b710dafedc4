"""Mutants that no test can kill: what they change makes no difference that anybody could see."""

from __future__ import annotations

from dataclasses import dataclass

from tests.mutants.mutant import Mutant


@dataclass(frozen=True, slots=True)
class Equivalent:
    """One of them, by what does not change when lines move, and why it is none."""

    file: str
    function: str
    old: str
    """The lines that change, without what they are indented by."""
    new: str
    reason: str

    def is_of(self, mutant: Mutant, source: bytes) -> bool:
        """Whether it is this one. The source is that of the mutant's file."""
        return (self.file, self.function) == (mutant.file, mutant.function) and (
            self.old,
            self.new,
        ) == mutant.changed_lines(source)


_OUTLINE = "an outline is never written: each arrival gives it its document, entry and time"

EQUIVALENT: tuple[Equivalent, ...] = (
    Equivalent("engine/plan.py", "_outlines", "entry=0,", "entry=(-1),", _OUTLINE),
    Equivalent("engine/plan.py", "_outlines", "entry=0,", "entry=1,", _OUTLINE),
    Equivalent(
        "adapters/dynamodb/table.py",
        "Table.keys",
        'ProjectionExpression="pk, sk",',
        "",
        "of the whole items the keys are taken all the same; they only travel for nothing",
    ),
    Equivalent(
        "adapters/dynamodb/sizes.py",
        "_bound",
        "return 4 * len(value.model_dump_json()) + ASIDE",
        "return 5 * len(value.model_dump_json()) + ASIDE",
        "only what is near the limit is measured exactly; a looser bound measures more often",
    ),
    Equivalent(
        "adapters/dynamodb/sizes.py",
        "check_change",
        "if max(bounds, default=0) > MOST_ITEM or sum(bounds) > MOST_TRANSACTION:",
        "if max(bounds, default=0) >= MOST_ITEM or sum(bounds) > MOST_TRANSACTION:",
        "only what is near the limit is measured exactly; a looser bound measures more often",
    ),
)
