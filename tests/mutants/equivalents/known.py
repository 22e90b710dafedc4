"""What a mutant that no test can kill is known by."""

from __future__ import annotations

from dataclasses import dataclass

from tests.mutants.mutant import Mutant

ONLY_ONE = "there is only one where this is reached"


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


def first_is_last(file: str, function: str, line: str, reason: str) -> Equivalent:
    """Of the first of several the last is taken, where both are the same."""
    return Equivalent(file, function, line, line.replace("[0]", "[(-1)]"), reason)
