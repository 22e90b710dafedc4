"""Where the project's files lie, and what makes a build of them the same."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from countersign.errors import NotFoundError, PermanentError

# Of the core these stay at home (layers/Makefile), so they do not make a build another one.
_NOT_BUILT = ("cli", "local", "simulation")


@dataclass(frozen=True, slots=True)
class Project:
    """A checkout of the project."""

    root: Path

    @property
    def template(self) -> Path:
        return self.root / "template.yaml"

    @property
    def sam_settings(self) -> Path:
        return self.root / "samconfig.toml"

    @property
    def local(self) -> Path:
        """Everything that running locally writes; never committed."""
        return self.root / ".local"

    @property
    def cloud_python(self) -> Path:
        """The interpreter of the local cloud, which runs the functions too."""
        return self.program(".venv-cloud", "python")

    @property
    def sam(self) -> Path:
        return self.program(".venv", "sam")

    def program(self, environment: str, name: str) -> Path:
        """A program of one of the project's environments; `NotFoundError` if it is not there."""
        path = self.root / environment / "bin" / name
        if not path.is_file():
            raise NotFoundError(
                f"{environment}/bin/{name} is not installed; `make install` does it"
            )
        return path

    def fingerprint(self) -> str:
        """The same for the same sources of everything that is built, and for nothing else."""
        digest = hashlib.sha256()
        for path in sorted(self._sources()):
            digest.update(f"{path.relative_to(self.root)}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()[:16]

    def _sources(self) -> set[Path]:
        core = self.root / "layers" / "core" / "countersign"
        aside = {core / name for name in _NOT_BUILT}
        files = {self.template, self.root / "requirements" / "cloud.txt"}
        for folder in ("functions", "layers"):
            files.update(
                path
                for path in (self.root / folder).rglob("*")
                if path.is_file()
                and path.parent.name != "__pycache__"
                and aside.isdisjoint(path.parents)
            )
        return files


def find_project(start: Path) -> Project:
    """The checkout that `start` lies in."""
    for folder in (start, *start.parents):
        if (folder / "template.yaml").is_file() and (folder / "pyproject.toml").is_file():
            return Project(folder)
    raise PermanentError(
        f"{start} is in no checkout of the project (a folder with template.yaml and pyproject.toml)"
    )
