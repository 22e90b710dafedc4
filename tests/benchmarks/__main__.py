"""`make bench`: every figure beside its target, as a table and in .local/bench.json.

Figures, not tests: one that misses its target is marked, and nothing fails. Each part runs in a
process of its own, so that none pays for what another has imported. Parts may be named:
``python -m tests.benchmarks cpu imports``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

from countersign.local.commands import local_environment
from countersign.local.progress import Progress, child, interruptible
from tests.benchmarks.figures import Figure, kept, read_figures, table
from tests.benchmarks.scene import ROOT
from tests.function_settings import SETTINGS

PARTS = {
    "calls": "AWS calls (moto)",
    "settled": "AWS calls from a webhook to its settled mail (moto), every function warm",
    "capacity": "Reads and writes of the table, from a webhook to its settled mail",
    "cpu": "CPU of a warm webhook of 6 KB that moves a document and plans 3 rules",
    "mail": "A mail with an attachment of 5 MB, within the lane's memory and time",
    "imports": "Cold start, each function against boto3, one client and the Logger",
    "engine": "CPU of the pure parts",
    "backtest": "A back-test of 10,000 documents, in memory",
    "api": "CPU of the API, against a resolver with one empty route",
    "commands": "How fast commands start",
    "pages": "Of a page of 50, by how many documents there are (counted, not measured)",
    "scale": "Of the quotas of AWS at 1,000 webhooks a second (counted, not measured)",
    "console": "Local stack: the API, and the console in Chromium",
    "local_stack": "Local stack: a signed webhook of 6 KB, a condition, a stage, a mail",
}


def main() -> int:
    """Measure the parts one after the other, then tell all."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("part", nargs="*", help=f"one of {', '.join(PARTS)}; all by default")
    parser.add_argument("--profile", type=Path, help="also write where a webhook's CPU goes")
    given = parser.parse_args()
    wanted = given.part or list(PARTS)
    if unknown := [part for part in wanted if part not in PARTS]:
        parser.error(f"there is no part {', '.join(unknown)}; there are {', '.join(PARTS)}")

    def measure(part: str) -> list[Figure]:
        more = [str(given.profile.absolute())] if part == "cpu" and given.profile else []
        with Progress(f"measuring {part}, part {wanted.index(part) + 1} of {len(wanted)}"):
            return _measure(part, more)

    return run(wanted, measure, ROOT / ".local" / "bench.json")


def run(parts: Sequence[str], measure: Callable[[str], Sequence[Figure]], kept_in: Path) -> int:
    """Measure each part and print all figures; 0 unless a part could not be measured."""
    found: dict[str, Sequence[Figure]] = {}
    broken = []
    for part in parts:
        try:
            found[part] = measure(part)
        except MeasuringError as error:
            broken.append(f"{part} could not be measured:\n{error}")
    print("\n\n".join(table(PARTS[part], figures) for part, figures in found.items()))
    _keep(found, kept_in)
    missed = sum(not figure.met for figures in found.values() for figure in figures)
    print(f"\n{missed} of the targets missed; all figures are in .local/bench.json")
    print(*broken, sep="\n", end="", file=sys.stderr)
    return 1 if broken else 0


class MeasuringError(Exception):
    """A part ended with an error; the text is the end of what it said."""


def _measure(part: str, more: Sequence[str]) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        output, said = Path(folder) / "figures.json", Path(folder) / "said.txt"
        command = [sys.executable, "-m", f"tests.benchmarks.{part}", str(output), *more]
        with (
            said.open("wb") as file,
            child(command, cwd=ROOT, environment=environment(), output=file) as process,
        ):
            code = process.wait()
        if code:
            # What the functions logged, and the traceback.
            lines = said.read_text(encoding="utf-8", errors="replace").splitlines()
            raise MeasuringError("\n".join(lines[-30:]) + "\n")
        return read_figures(output)


def _keep(found: dict[str, Sequence[Figure]], path: Path) -> None:
    """With what they were measured on; parts that were not measured now stay as they were."""
    path.parent.mkdir(exist_ok=True)
    old = json.loads(path.read_text())["parts"] if path.is_file() else {}
    told = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "parts": old | kept(found),
    }
    path.write_text(json.dumps(told, indent=2) + "\n")


def environment() -> dict[str, str]:
    """Settings of all functions, as the template gives them, and no real account."""
    fields = [
        (name, field) for model in SETTINGS.values() for name, field in model.model_fields.items()
    ]
    values = {name.upper(): _value(name, field.annotation) for name, field in fields}
    return local_environment(
        **values,
        AWS_LAMBDA_FUNCTION_NAME="countersign",
        PYDANTIC_DISABLE_PLUGINS="__all__",
        POWERTOOLS_SERVICE_NAME="countersign",
        POWERTOOLS_METRICS_NAMESPACE="Countersign",
        POWERTOOLS_LOG_LEVEL="INFO",
    )


def _value(name: str, kind: Any) -> str:
    """Something of the setting's form: nothing is called by these."""
    if kind is int:
        return "4400000"
    if choices := get_args(kind):
        return str(choices[0])
    region = "eu-central-1"
    if name.endswith("_url"):
        return f"https://sqs.{region}.amazonaws.com/123456789012/{name}"
    if name.endswith("_arn"):
        return f"arn:aws:sqs:{region}:123456789012:{name}"
    return f"/countersign/{name}" if name.endswith("_path") else name


if __name__ == "__main__":
    sys.exit(interruptible(main))
