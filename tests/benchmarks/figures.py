"""Figures: what was measured, beside what is aimed at, as a table to read and as JSON to keep."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured value."""

    name: str
    value: float
    unit: str = ""
    target: float | None = None
    """Aimed at; None where the figure only explains others."""
    least: bool = False
    """Whether the target is the least that is wanted; otherwise it is the most."""
    details: Sequence[str] = ()
    """What the value is made of, shown below it, a line each."""

    @property
    def met(self) -> bool:
        """Whether the target is met, as it always is where there is none."""
        if self.target is None:
            return True
        return self.value >= self.target if self.least else self.value <= self.target


def write_figures(path: Path, figures: Iterable[Figure]) -> None:
    """Keep figures in a file, for ``read_figures``."""
    path.write_text(json.dumps([asdict(figure) for figure in figures], indent=2) + "\n")


def read_figures(path: Path) -> list[Figure]:
    """The figures that ``write_figures`` kept."""
    return [Figure(**one) for one in json.loads(path.read_text())]


def kept(parts: dict[str, Sequence[Figure]]) -> dict[str, Any]:
    """The figures of each part as plain values, each with whether it met its target."""
    return {
        title: [asdict(figure) | {"met": figure.met} for figure in figures]
        for title, figures in parts.items()
    }


def table(title: str, figures: Sequence[Figure]) -> str:
    """The figures of one part, a line each; what misses its target is marked."""
    lines = [title]
    for figure in figures:
        aim = ""
        if figure.target is not None:
            aim = f"at {'least' if figure.least else 'most'} {shown(figure.target)}"
        mark = "" if figure.met else "  <-- missed"
        line = f"  {figure.name:<58}{shown(figure.value):>10} {figure.unit:<9}{aim:<16}{mark}"
        lines.append(line.rstrip())
        lines.extend(f"      {detail}" for detail in figure.details)
    return "\n".join(lines)


def shown(value: float) -> str:
    """Three digits that matter, thousands apart."""
    if value >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.2f}" if value >= 1 else f"{value:.3f}"


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that so many percent of the values do not exceed."""
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def ratio(values: Sequence[float], floors: Sequence[float]) -> float:
    """The median of how often each value holds the floor that was measured next to it."""
    return median(value / floor for value, floor in zip(values, floors, strict=True))
