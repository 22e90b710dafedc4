"""A function can be loaded anywhere: what it needs is looked for when it is first called."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FUNCTIONS = sorted(path.parent.name for path in (ROOT / "functions").glob("*/handler.py"))

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
