"""CPU and cold start of the API, against Powertools' resolver with one route that does nothing.

Both sides validate their answers by a model. The API's state is in memory, so that its own part of
a request is measured and not AWS's.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from pydantic import BaseModel

from tests.benchmarks.figures import Figure, ratio, write_figures
from tests.unit.cli.desk import Desk
from tests.unit.http.client import CONTEXT, ApiClient, event_of

BATCHES = 40
CALLS = 50
SAMPLES = 9
FLOOR = """
from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from pydantic import BaseModel
class Empty(BaseModel):
    id: str
logger = Logger()
resolver = APIGatewayHttpResolver(enable_validation=True)
@resolver.get("/api/v1/empty")
def empty() -> Empty:
    return Empty(id="x")
answer = resolver.resolve(event("/api/v1/empty"), Context())
"""
OURS = """
from countersign.http.application import Application
from countersign.http.callers import Caller
from countersign.use_cases.services import Services
caller = Caller(id="a", name="a", roles=("viewer",), signed_in_by="program")
from types import SimpleNamespace
from countersign.model.entitlements import Entitlements
cloud = SimpleNamespace(entitlements=SimpleNamespace(get=Entitlements))
services = Services(
    open_cloud=lambda: cloud, now=lambda: None, new_id=str, token=lambda: "", salt=lambda: ""
)
answer = Application(services, lambda event: caller).respond(event("/api/v1/session"), Context())
"""
TIMED = """
import sys, time
def event(path):
    return {{"version": "2.0", "rawPath": path, "rawQueryString": "", "headers": {{}},
            "requestContext": {{"requestId": "r", "stage": "$default",
                               "http": {{"method": "GET", "path": path}}}},
            "isBase64Encoded": False}}
class Context:
    function_name = aws_request_id = invoked_function_arn = "serve_api"
    memory_limit_in_mb = 1024
    get_remaining_time_in_millis = staticmethod(lambda: 25_000)
started = time.process_time()
{code}
assert answer["statusCode"] == 200, answer
print(time.process_time() - started)
"""


class Empty(BaseModel):
    """What the empty route answers."""

    id: str


def main(output: Path) -> None:
    """Measure, and keep the figures."""
    write_figures(output, [*_warm(), *_cold()])


def _warm() -> list[Figure]:
    desk = Desk()
    client = ApiClient(desk.world, "viewer")
    document = f"/api/v1/documents/{desk.document}"
    resolver = APIGatewayHttpResolver(enable_validation=True)

    @resolver.get("/api/v1/empty")
    def empty() -> Empty:
        return Empty(id="x")

    respond = client.application.respond
    calls: dict[str, Callable[[], Any]] = {
        "floor": _call(resolver.resolve, "/api/v1/empty"),
        "session": _call(respond, "/api/v1/session"),
        "document": _call(respond, document),
    }
    took: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(BATCHES):
        for name, call in calls.items():
            started = time.process_time()
            for _ in range(CALLS):
                call()
            took[name].append((time.process_time() - started) / CALLS * 1e3)
    floor = median(took["floor"])
    return [
        Figure(name="one empty route, warm", value=floor, unit="ms"),
        Figure(name="GET /session / that", value=ratio(took["session"], took["floor"]), target=1.3),
        Figure(
            name="GET /documents/<id>, from memory, warm",
            value=median(took["document"]),
            unit="ms",
        ),
    ]


def _call(respond: Callable[[dict[str, Any], Any], dict[str, Any]], path: str) -> Callable[[], Any]:
    event = event_of("GET", path, None)

    def call() -> None:
        answer = respond(event, CONTEXT)
        assert answer["statusCode"] == 200, answer

    return call


def _cold() -> list[Figure]:
    took: dict[str, list[float]] = {"floor": [], "ours": []}
    for _ in range(SAMPLES):
        for name, code in (("floor", FLOOR), ("ours", OURS)):
            took[name].append(first_answer(code))
    floor = median(took["floor"])
    return [
        Figure(name="one empty route: import and first request", value=floor, unit="ms"),
        Figure(
            name="the API's import and first request / that",
            value=ratio(took["ours"], took["floor"]),
            target=1.3,
        ),
    ]


def first_answer(code: str) -> float:
    """Milliseconds of CPU until a new process that imports nothing before has answered."""
    command = [sys.executable, "-c", TIMED.format(code=code)]
    ended = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(ended.stdout.splitlines()[-1]) * 1e3


if __name__ == "__main__":
    main(Path(sys.argv[1]))
