"""What the local cloud uses, which this process started: each function, the cloud itself, the rest.

As Linux tells; None where there is no /proc. The cloud must lead a group of processes of its own,
and each process of a function must have the function's name in its environment.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
CLOUD = "the local cloud"
_GROUP = str(os.getpgrp())
_NAME = b"AWS_LAMBDA_FUNCTION_NAME="


@dataclass(frozen=True, slots=True)
class Usage:
    """CPU seconds until now."""

    by_process: Mapping[int, tuple[str, float]]
    """Of each that is alive: the function's logical id or ``CLOUD``, and its own seconds."""
    whole: float
    """Of all, also of those that have ended."""


@dataclass(frozen=True, slots=True)
class Spent:
    """CPU seconds between two moments."""

    functions: Mapping[str, float]
    """By the function's logical id; of the processes that are alive at the end."""
    cloud: float
    rest: float
    """Of processes that ended in between, and of others."""

    @property
    def whole(self) -> float:
        """All of it."""
        return sum(self.functions.values()) + self.cloud + self.rest


def usage() -> Usage | None:
    """What was used until now."""
    if not PROC.is_dir():
        return None
    tick = os.sysconf("SC_CLK_TCK")
    found = list(_processes())
    return Usage(
        {
            one.number: (name, one.seconds(11, 13) / tick)
            for one in found
            if (name := one.name()) is not None
        },
        sum(one.seconds(11, 15) for one in found) / tick,
    )


def spent(before: Usage | None, after: Usage | None) -> Spent | None:
    """What was used in between; None where nobody can tell."""
    if before is None or after is None:
        return None
    shares: dict[str, float] = defaultdict(float)
    for number, (name, seconds) in after.by_process.items():
        known = before.by_process.get(number)
        # Numbers of processes come again.
        shares[name] += seconds - (known[1] if known and known[0] == name else 0.0)
    cloud = shares.pop(CLOUD, 0.0)
    whole = after.whole - before.whole
    return Spent(dict(shares), cloud, max(0.0, whole - cloud - sum(shares.values())))


def megabytes() -> Mapping[str, float] | None:
    """Memory of the functions and of the cloud, by name; what processes share counted once."""
    if not PROC.is_dir():
        return None
    kilobytes: dict[str, int] = defaultdict(int)
    for one in _processes():
        try:
            lines = (one.folder / "smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        name = one.name()
        if name is not None:
            kilobytes[name] += sum(int(line.split()[1]) for line in lines if line[:4] == "Pss:")
    return {name: size / 1024 for name, size in kilobytes.items()}


@dataclass(frozen=True, slots=True)
class _Process:
    folder: Path
    fields: list[str]
    """Of its ``stat`` from the third, its state, on."""

    @property
    def number(self) -> int:
        return int(self.folder.name)

    def seconds(self, start: int, end: int) -> int:
        """Ticks: from 11 its own as user and system, from 13 those of its ended children."""
        return sum(map(int, self.fields[start:end]))

    def name(self) -> str | None:
        """The function's logical id, or the cloud; None for what belongs to neither."""
        if self.fields[1] == str(os.getpid()):
            return CLOUD
        try:
            environment = (self.folder / "environ").read_bytes().split(b"\0")
        except OSError:
            return None
        named = [one for one in environment if one.startswith(_NAME)]
        # Stack, logical id and what makes it unique, as CloudFormation names them.
        parts = named[0].removeprefix(_NAME).decode().split("-") if named else []
        return parts[-2] if len(parts) > 1 else None


def _processes() -> Iterator[_Process]:
    """The processes of the groups that our children lead."""
    found = list(_everything())
    mine = {
        one.fields[2]
        for one in found
        if one.fields[1] == str(os.getpid()) and one.fields[2] != _GROUP
    }
    return (one for one in found if one.fields[2] in mine)


def _everything() -> Iterator[_Process]:
    for folder in PROC.glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text()
        except OSError:
            continue
        # The second field is the program's name in brackets, with any characters.
        yield _Process(folder, stat.rpartition(")")[2].split())
