"""What a cold start costs: importing each function, building what it works with, a first webhook.

The floor is boto3 with one client and the Logger; for the first webhook, the same AWS calls too.
Each sample is a process of its own, and the functions take turns with the floor. Needs the
functions' environment.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from tests.benchmarks.canned import canned_aws
from tests.benchmarks.cpu import ENVELOPE, NOW, SIZE, answers
from tests.benchmarks.figures import Figure, ratio, write_figures
from tests.benchmarks.scene import gateway_event, message

SAMPLES = 9
FLOOR = "floor"
FIRST = "receive_webhook: a first webhook"
FIRST_FLOOR = "floor: with the calls of a first webhook"
TIMED = """
import json, sys, time
# botocore and urllib3 load these where they find them, and Lambda's runtime has neither.
sys.modules.update(dict.fromkeys(("awscrt", "OpenSSL")))
given = json.loads(sys.argv[1])
class Context:
    function_name = aws_request_id = invoked_function_arn = "receive_webhook"
    memory_limit_in_mb = 1024
    get_remaining_time_in_millis = staticmethod(lambda: 25_000)
started = time.perf_counter(), time.process_time()
{first}
between = time.perf_counter(), time.process_time()
{second}
ended = time.perf_counter(), time.process_time()
print(json.dumps([
    [mark - start for mark, start in zip(marks, started)] for marks in (between, ended)
]))
"""
CALLS = """
import hmac
parameters = boto3.client("ssm")
parameters.get_parameter(Name="address_key_path")
parameters.get_parameter(Name="docusign")
state.batch_get_item(RequestItems={"table": {"Keys": [{"pk": {"S": "a"}, "sk": {"S": "b"}}]}})
state.get_item(TableName="table", Key={"pk": {"S": "a"}, "sk": {"S": "b"}})
hmac.new(b"key", given["body"].encode(), "sha256").digest()
put = {"TableName": "table", "Item": {"pk": {"S": "a"}, "sk": {"S": "b"}}}
state.transact_write_items(TransactItems=[{"Put": put}])
"""
"""What a first webhook asks AWS for, and its signature."""
BUILT = {
    "receive_webhook": "functions.receiver()",
    "dispatch_runs": "functions.run_queues()",
    "run_email": "functions.email_performer()",
    "run_web": "functions.web_performer()",
    "run_document": "functions.document_performer()",
    "record_mail_event": "functions.mail_event_recorder(), functions.mail_event_put_back()",
    "serve_api": "functions.api()",
    "record_statistics": "functions.statistics_recorder()",
    "serve_file": "functions.file_link_target()",
    "sweep": "functions.sweeper()",
    "send_daily_reports": "functions.reporter()",
}
"""What each function builds on its first call."""
TARGETS = {
    "receive_webhook": 1.2,
    "dispatch_runs": 1.4,
    "run_email": 1.4,
    "run_web": 1.4,
    "run_document": 1.4,
}
"""Times the floor, imported and built; the others keep nobody waiting."""
Samples = Sequence[Mapping[str, list[list[float]]]]
"""By program: seconds to the first mark and to the last, each by the wall and of the processor."""


def main(output: Path) -> None:
    """Measure, and keep the figures."""
    event = gateway_event(message("envelope-sent", ENVELOPE, NOW, size=SIZE))
    programs = {FLOOR: _floor(), FIRST_FLOOR: _floor(CALLS), FIRST: _first_webhook()}
    programs |= {name: _function(name) for name in BUILT}
    with canned_aws(answers()) as address:
        os.environ["AWS_ENDPOINT_URL"] = address
        for program in programs.values():
            _sample(program, event)  # compiles what is not compiled yet
        taken = [
            {name: _sample(program, event) for name, program in programs.items()}
            for _ in range(SAMPLES)
        ]
    floor = _seconds(taken, FLOOR)
    figures = [
        Figure(name="floor: boto3, one client, Logger", value=median(floor) * 1e3, unit="ms"),
        *(figure for name in BUILT for figure in _compared(taken, name)),
        Figure(name=FIRST, value=median(_seconds(taken, FIRST)) * 1e3, unit="ms"),
        Figure(
            name="... to the floor and the same calls",
            value=ratio(_seconds(taken, FIRST), _seconds(taken, FIRST_FLOOR)),
        ),
        Figure(
            name="... CPU only",
            value=ratio(_seconds(taken, FIRST, cpu=True), _seconds(taken, FIRST_FLOOR, cpu=True)),
        ),
    ]
    write_figures(output, figures)


def _compared(taken: Samples, name: str) -> list[Figure]:
    """A function against the floor."""
    built, floor = _seconds(taken, name), _seconds(taken, FLOOR)
    imported = [row[name][0][0] for row in taken]
    cpu = ratio(_seconds(taken, name, cpu=True), _seconds(taken, FLOOR, cpu=True))
    target = TARGETS.get(name)
    return [
        Figure(name=f"{name}: imported and built", value=median(built) * 1e3, unit="ms"),
        Figure(name=f"{name}: imported, to the floor", value=ratio(imported, floor)),
        Figure(name="... and built", value=ratio(built, floor)),
        Figure(name="... and built, CPU only", value=cpu, target=target),
    ]


def _seconds(taken: Samples, name: str, *, cpu: bool = False) -> list[float]:
    """How long a program took to its end."""
    return [row[name][1][cpu] for row in taken]


def _floor(calls: str = "") -> str:
    return TIMED.format(
        first="import boto3\nstate = boto3.client('dynamodb')",
        second="from aws_lambda_powertools import Logger\nLogger()" + calls,
    )


def _function(name: str) -> str:
    return TIMED.format(
        first=f"import functions.{name}.handler",
        second=f"from countersign.wiring import functions\n{BUILT[name]}",
    )


def _first_webhook() -> str:
    return TIMED.format(
        first="from functions.receive_webhook.handler import handler",
        second="answer = handler(given, Context())\nassert answer['statusCode'] == 200, answer",
    )


def _sample(program: str, event: object) -> list[list[float]]:
    """The seconds that a program took, in a process of its own that is given the event."""
    done = subprocess.run(
        [sys.executable, "-c", program, json.dumps(event)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    marks: list[list[float]] = json.loads(done.stdout.splitlines()[-1])
    return marks


if __name__ == "__main__":
    main(Path(sys.argv[1]))
