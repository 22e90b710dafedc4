"""What a planted fault is: a text of the package and what it is replaced with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Planted:
    """One fault: a text of the package and what it is replaced with."""

    name: str
    file: str
    """In the package."""
    old: str
    new: str

    @property
    def is_in_aws(self) -> bool:
        """Whether it is in an adapter that the simulation has a twin for."""
        return self.file.startswith("adapters/") and not self.file.startswith("adapters/memory/")

    def apply(self, package: Path) -> None:
        """Plant it in this copy. LookupError where its text is not there exactly once."""
        path = package / self.file
        text = path.read_text()
        if (found := text.count(self.old)) != 1:
            msg = f'"{self.name}": its text stands {found} times in {self.file}; expected once'
            raise LookupError(msg)
        path.write_text(text.replace(self.old, self.new))
