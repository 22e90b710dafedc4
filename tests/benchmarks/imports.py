"""What a cold start costs: importing each function, and building what it works with.

The floor is boto3 with one client and the Logger. Each sample is a process of its own, and the
functions take turns with the floor. Needs the functions' environment.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from statistics import median

from tests.benchmarks.figures import Figure, ratio, write_figures

SAMPLES = 9
FLOOR = "floor"
TIMED = """
import json, time
started = time.perf_counter(), time.process_time()
{first}
between = time.perf_counter(), time.process_time()
{second}
ended = time.perf_counter(), time.process_time()
print(json.dumps([
    [mark - start for mark, start in zip(marks, started)] for marks in (between, ended)
]))
"""
BUILT = {
    "receive_webhook": "functions.receiver()",
    "dispatch_runs": "functions.run_queues()",
    "run_email": "functions.email_performer()",
    "run_web": "functions.web_performer()",
    "run_document": "functions.document_performer()",
}
"""What each function builds on its first call, all clients included."""


def main(output: Path) -> None:
    """Measure, and keep the figures."""
    programs = {FLOOR: _floor()} | {name: _function(name) for name in BUILT}
    for program in programs.values():
        _sample(program)  # compiles what is not compiled yet
    taken = [{name: _sample(program) for name, program in programs.items()} for _ in range(SAMPLES)]

    def seconds(name: str, built: bool, cpu: bool) -> list[float]:
        return [row[name][built][cpu] for row in taken]

    floor = seconds(FLOOR, True, False)
    figures = [
        Figure(name="floor: boto3, one client, Logger", value=median(floor) * 1e3, unit="ms"),
    ]
    for name in BUILT:
        target = 1.4 if name == "receive_webhook" else None
        built = seconds(name, True, False)
        imported = ratio(seconds(name, False, False), floor)
        cpu = ratio(seconds(name, True, True), seconds(FLOOR, True, True))
        figures += [
            Figure(name=f"{name}: imported and built", value=median(built) * 1e3, unit="ms"),
            Figure(name=f"{name}: imported, to the floor", value=imported, target=target),
            Figure(name="... and built", value=ratio(built, floor), target=target),
            Figure(name="... and built, CPU only", value=cpu),
        ]
    write_figures(output, figures)


def _floor() -> str:
    return TIMED.format(
        first="import boto3\nboto3.client('dynamodb')",
        second="from aws_lambda_powertools import Logger\nLogger()",
    )


def _function(name: str) -> str:
    return TIMED.format(
        first=f"import functions.{name}.handler",
        second=f"from countersign.wiring import functions\n{BUILT[name]}",
    )


def _sample(program: str) -> list[list[float]]:
    """Seconds to the first mark and to the last, each by the wall and of the processor."""
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, stdout=subprocess.PIPE, text=True
    )
    marks: list[list[float]] = json.loads(done.stdout)
    return marks


if __name__ == "__main__":
    main(Path(sys.argv[1]))
