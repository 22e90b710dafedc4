"""A function can be loaded anywhere: what it needs is looked for when it is first called."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import BaseModel

from countersign import model
from tests.benchmarks.__main__ import environment
from tests.benchmarks.imports import BUILT

ROOT = Path(__file__).parents[2]
FUNCTIONS = sorted(
    {path.parent.name for path in (ROOT / "functions").glob("*/handler.py")} - {"serve_console"}
)
"""serve_console imports nothing of ours (tests/unit/console)."""

LOAD = """
import sys
sys.path[:0] = ["{root}/layers/core", "{root}"]
import functions.{name}.handler
print("boto3" in sys.modules, "botocore.session" in sys.modules)
"""


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_loaded_with_an_empty_environment_and_makes_no_client(name: str) -> None:
    loaded = subprocess.run(
        [sys.executable, "-W", "error", "-c", LOAD.format(root=ROOT, name=name)],
        env={},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (loaded.returncode, loaded.stderr, loaded.stdout) == (0, "", "False False\n")


@pytest.mark.parametrize(
    ("environment", "states"),
    [
        ({"AWS_LAMBDA_FUNCTION_NAME": "any"}, "False True True"),
        ({}, "True True False"),
    ],
    ids=["in Lambda", "elsewhere"],
)
def test_garbage_is_collected_from_the_first_invocation_of_a_function_on(
    environment: dict[str, str], states: str
) -> None:
    code = (
        LOAD
        + """
import gc
collected_before = gc.isenabled()
class Context:
    def get_remaining_time_in_millis(self):
        return 10_000
functions.{name}.handler.stack.begin(Context())
print(collected_before, gc.isenabled(), gc.get_freeze_count() > 10_000)
"""
    )
    ended = subprocess.run(
        [sys.executable, "-c", code.format(root=ROOT, name="sweep")],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.stdout.splitlines()[1] == states


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_loads_nothing_that_the_command_line_is_wired_with(name: str) -> None:
    """What each builds is imported when it is built: of the adapters only those of its events."""
    code = f"""
import sys
sys.path[:0] = ["{ROOT}/layers/core", "{ROOT}"]
import functions.{name}.handler
print(*sorted(name for name in sys.modules if name.startswith("countersign.wiring")))
for name in ("cli", "adapters.sqs", "adapters.ssm", "adapters.s3", "adapters.http"):
    assert f"countersign.{{name}}" not in sys.modules, name
"""
    loaded = subprocess.run(
        [sys.executable, "-c", code], env={}, check=True, capture_output=True, text=True, timeout=60
    )
    assert loaded.stdout.split() == [
        "countersign.wiring",
        "countersign.wiring.functions",
        "countersign.wiring.secret_text",
        "countersign.wiring.stack",
    ]


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("receive_webhook", ("TABLE_NAME", "CONNECTIONS_PATH", "PARKED_QUEUE_URL")),
        ("run_email", ("TABLE_NAME", "EMAIL_QUEUE_URL", "CONFIGURATION_SET")),
        ("run_document", ("TABLE_NAME", "DOCUMENT_QUEUE_URL")),
    ],
)
def test_a_function_that_lacks_its_environment_says_which_variables(
    name: str, missing: tuple[str, ...]
) -> None:
    call = LOAD + "functions.{name}.handler.functions.{made}()"
    made = {"receive_webhook": "receiver", "run_email": "email_performer"}
    code = call.format(root=ROOT, name=name, made=made.get(name, "document_performer"))
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env={},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    last = ended.stderr.strip().splitlines()[-1]
    assert ended.returncode == 1
    assert "the environment of this function is not as template.yaml sets it" in last
    assert [variable for variable in missing if f"{variable}: Field required" not in last] == []


BUILD = (
    LOAD
    + """
from countersign.wiring import functions, stack
{built}
clients = stack.client.cache_info().currsize
unwanted = [name for name in {unwanted} if name in sys.modules]
print(clients, *unwanted)
"""
)
UNWANTED = (
    "asyncio",
    "aws_lambda_powertools.utilities.batch",
    "aws_lambda_powertools.utilities.data_classes",
    "aws_lambda_powertools.utilities.parser",
    "babel",
    "boto3",
    "countersign.cli",
    "countersign.engine.validation",
    "countersign.local",
    "holidays",
    "liquid",
    "multiprocessing",
    "s3transfer",
    "tomllib",
)
"""What costs a cold start much, and what no function, or no ordinary call of one, needs."""
OF_THE_RESOLVER = ("asyncio", "aws_lambda_powertools.utilities.data_classes")
"""What Powertools' resolver of HTTP APIs brings."""


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_that_is_ready_to_work_has_loaded_nothing_that_is_dear_and_seldom_needed(
    name: str,
) -> None:
    """Each has a client of what its calls begin with; the daily report and the mail lane two, and
    the API none: which it needs depends on the call."""
    unwanted = [one for one in UNWANTED if name != "serve_api" or one not in OF_THE_RESOLVER]
    code = BUILD.format(root=ROOT, name=name, built=BUILT[name], unwanted=unwanted)
    loaded = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(),
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    clients = {"run_email": 2, "send_daily_reports": 2, "serve_api": 0}.get(name, 1)
    assert loaded.stdout.splitlines()[-1].split() == [str(clients)]


def test_pydantic_finds_types_in_the_models_annotations_and_no_texts_to_evaluate() -> None:
    """It evaluates each text with the compiler, which took a twentieth of a cold start."""
    modules = [
        importlib.import_module(f"{model.__name__}.{found.name}")
        for found in pkgutil.iter_modules(model.__path__)
    ]
    with_models = [
        module
        for module in modules
        if any(
            issubclass(made, BaseModel) and made.__module__ == module.__name__
            for _, made in inspect.getmembers(module, inspect.isclass)
        )
    ]
    assert len(with_models) > 10
    assert [module.__name__ for module in with_models if hasattr(module, "annotations")] == []
