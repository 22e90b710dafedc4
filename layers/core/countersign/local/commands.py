"""Runs another program to its end, quietly; its output is shown when it fails."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from countersign.errors import PermanentError
from countersign.local.progress import child

REGION = "eu-central-1"
"""The local cloud is in Europe too: the same words come out of it as out of the real one."""


def local_environment(**more: str) -> dict[str, str]:
    """This process's environment, cut off from any real account and from any proxy.

    What is started keeps its bytecode, which images of containers often forbid: otherwise each
    process of a function compiles boto3 anew, half a second of CPU.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("AWS_")
        and not name.lower().endswith("_proxy")
        and name != "PYTHONDONTWRITEBYTECODE"
    }
    return {
        **kept,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "SAM_CLI_TELEMETRY": "0",
        **more,
    }


def run_quietly(
    command: Sequence[str | Path], *, cwd: Path, environment: Mapping[str, str], log: Path
) -> None:
    """Run to the end, with all output in `log`; `PermanentError` with its last lines on failure.

    What interrupts this process ends the command too, with everything that it started.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with (
        log.open("wb") as output,
        child(command, cwd=cwd, environment=environment, output=output) as process,
    ):
        code = process.wait()
    if code:
        said = "\n".join(log.read_text(errors="replace").strip().splitlines()[-15:])
        name = " ".join([Path(command[0]).name, *map(str, command[1:2])])
        raise PermanentError(f"`{name}` ended with {code}; all it said is in {log}:\n{said}")
