"""How fast commands start: the help against importing click, and the check of a small pipeline.

Each sample is a process of its own, and help takes turns with its floor. What is imported is held
by tests/unit/cli/test_start.py; here is what it costs.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

from tests.benchmarks.figures import Figure, ratio, write_figures

SAMPLES = 15
FLOOR = ("-c", "import click")
COMMAND = ("-m", "countersign.cli")
MAIL = """
      - id: mail-{n}
        kind: send_email
        time: {{after: {{working_days: {n}}}, at: "09:00"}}
        condition: {{all: [{{field: amount, op: greater, value: {n}000}}]}}
        settings:
          from: contracts@acme.example
          to: [client]
          subject: "Contract {{{{ document.number }}}}, {n}"
          text: "Dear {{{{ signer.name }}}}, {{{{ document.amount | money: 'EUR', locale: 'de' }}}}"
"""
PIPELINE = """\
pipeline: contracts
time_zone: Europe/Berlin
calendar: {holidays: DE-BY}
senders: [contracts@acme.example]
stages:
  - id: draft
  - id: sent
    triggers: [{id: sent, kind: sent}]
    rules:
""" + "".join(MAIL.lstrip("\n").format(n=n) for n in range(1, 11))
"""Ten rules, each with a condition, a time in working days and a text with inserts."""


class Sample(NamedTuple):
    """Seconds that one process took."""

    wall: float
    cpu: float


def main(output: Path) -> None:
    """Measure, and keep the figures."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "contracts.yaml"
        file.write_text(PIPELINE)
        figures = _measure((*COMMAND, "pipelines", "validate", str(file)))
    write_figures(output, figures)


def _measure(validate: tuple[str, ...]) -> list[Figure]:
    help_ = (*COMMAND, "--help")
    for program in (FLOOR, help_, validate):
        _sample(program)  # compiles what is not compiled yet
    taken = [(_sample(FLOOR), _sample(help_), _sample(validate)) for _ in range(SAMPLES)]
    floors, helps, checks = zip(*taken, strict=True)
    return [
        Figure(name="floor: import click", value=_ms(floors, "cpu"), unit="ms CPU"),
        Figure(name="countersign --help", value=_ms(helps, "cpu"), unit="ms CPU"),
        *(
            Figure(
                name=f"... to the floor, {word}",
                value=ratio(
                    [getattr(one, part) for one in helps], [getattr(one, part) for one in floors]
                ),
                target=1.5,
            )
            for word, part in (("by the wall", "wall"), ("CPU only", "cpu"))
        ),
        Figure(
            name="pipelines validate, 10 rules",
            value=_ms(checks, "cpu"),
            unit="ms CPU",
            target=800,
        ),
    ]


def _ms(samples: tuple[Sample, ...], part: str) -> float:
    seconds: float = median(getattr(one, part) for one in samples)
    return seconds * 1e3


def _sample(program: tuple[str, ...]) -> Sample:
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, *program], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        msg = f"{' '.join(program)} ended with {process.returncode}"
        raise RuntimeError(msg)
    return Sample(time.perf_counter() - started, used.ru_utime + used.ru_stime)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
