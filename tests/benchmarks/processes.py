"""What a program that this process started uses, with all that it started itself, as Linux tells.

It must lead a group of processes of its own. None where there is no /proc.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

PROC = Path("/proc")
_GROUP = str(os.getpgrp())


def cpu_seconds() -> float | None:
    """CPU time of its processes, and of those of them that have ended, since they started."""
    if not PROC.is_dir():
        return None
    ticks = sum(sum(int(text) for text in fields[11:15]) for _, fields in _processes())
    return ticks / os.sysconf("SC_CLK_TCK")


def megabytes() -> float | None:
    """Memory of its processes, what they share counted once."""
    if not PROC.is_dir():
        return None
    kilobytes = 0
    for folder, _ in _processes():
        try:
            lines = (folder / "smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        kilobytes += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return kilobytes / 1024


def _processes() -> list[tuple[Path, list[str]]]:
    """Each process's folder and the fields of its ``stat`` from the third, its state, on."""
    found = list(_everything())
    mine = {
        fields[2] for _, fields in found if fields[1] == str(os.getpid()) and fields[2] != _GROUP
    }
    return [(folder, fields) for folder, fields in found if fields[2] in mine]


def _everything() -> Iterator[tuple[Path, list[str]]]:
    for folder in PROC.glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text()
        except OSError:
            continue
        # The second field is the program's name in brackets, with any characters.
        yield folder, stat.rpartition(")")[2].split()
