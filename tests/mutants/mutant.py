"""What a mutant is: one small change of the package's code, and how it is known again."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one file."""

    file: str
    """In the package."""
    function: str
    """The innermost, with what it is in; that alone at the top of a class or module."""
    called: bool
    """Whether it is in a function, and so only does something when that is called."""
    line: int
    start: int
    end: int
    """Which bytes of the file are replaced."""
    new: str

    def applied_to(self, source: bytes) -> bytes:
        """The file with the change."""
        return source[: self.start] + self.new.encode() + source[self.end :]

    def apply(self, package: Path) -> None:
        """Make the change in this copy of the package."""
        path = package / self.file
        path.write_bytes(self.applied_to(path.read_bytes()))

    def is_python(self, source: bytes) -> bool:
        """Whether the changed file can be compiled at all."""
        try:
            compile(self.applied_to(source), self.file, "exec", dont_inherit=True)
        except SyntaxError:
            return False
        return True

    def changed_lines(self, source: bytes) -> tuple[str, str]:
        """The lines that change, before and after, without what they are indented by."""
        first = source.rfind(b"\n", 0, self.start) + 1
        last = source.find(b"\n", self.end)
        last = len(source) if last == -1 else last
        after = source[first : self.start] + self.new.encode() + source[self.end : last]
        return _without_indent(source[first:last]), _without_indent(after)

    def diff(self, source: bytes) -> str:
        """The change as people read it, with a line around it."""
        lines = difflib.unified_diff(
            source.decode().splitlines(), self.applied_to(source).decode().splitlines(), n=1
        )
        return "\n".join(list(lines)[2:])


def _without_indent(lines: bytes) -> str:
    return "\n".join(line.strip() for line in lines.decode().splitlines())
