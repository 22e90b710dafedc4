"""Simulations for programs: a script given as plain values, played on a pipeline without any file.

Nothing is read or sent: what the script does not say is made up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from countersign.engine.validation.pipeline import Problem
from countersign.errors import CountersignError
from countersign.model.base import Model
from countersign.model.pipeline import Pipeline
from countersign.providers import provider
from countersign.providers.base import Request
from countersign.simulation.capture_file import read_captured
from countersign.simulation.play import ScriptResult, play
from countersign.simulation.script import Message, Script
from countersign.simulation.script_reader import check
from countersign.use_cases.pipelines.validate import PlacedProblem, placed

MAX_STEPS = 500
"""Steps of a script that is played for a program, which waits for the result."""

NO_CAPTURES: Mapping[str, bytes] = MappingProxyType({})


class Simulation(Model):
    """What became of a script, or why it cannot be played."""

    problems: tuple[PlacedProblem, ...]
    """What is wrong with the script, each with a pointer to its place; nothing where it was
    played."""
    result: ScriptResult | None
    """What happened, step by step; what was sent; what is still planned; what did not come out as
    the script expects. None where there are problems."""


def simulate(
    pipeline: Pipeline, script: object, captures: Mapping[str, bytes] = NO_CAPTURES
) -> Simulation:
    """Play a script on a checked pipeline; the same every time.

    ``script`` is what a script's file says, as plain values, its numbers as int or Decimal;
    ``captures`` has the captured messages that its steps name, by these names.
    """
    read, problems = check(script, pipeline)
    if read is not None and len(read.steps) > MAX_STEPS:
        text = f"the script has {len(read.steps):,} steps; expected at most {MAX_STEPS}"
        problems = (*problems, Problem(("steps",), text))
    if read is None or problems:
        return Simulation(problems=tuple(map(placed, problems)), result=None)
    messages, unread = read_messages(read, lambda name: _captured(captures, name))
    if unread:
        return Simulation(problems=tuple(map(placed, unread)), result=None)
    return Simulation(problems=(), result=play(pipeline, read, messages))


def read_messages(
    script: Script, content_of: Callable[[str], bytes]
) -> tuple[dict[str, Request], tuple[Problem, ...]]:
    """The captured messages of the script's steps by name, and what is wrong with them.

    ``content_of`` gives the content that is called so; OSError or one of our errors if it cannot.
    """
    sender = provider(script.connection.provider)
    messages: dict[str, Request] = {}
    problems = []
    for n, step in enumerate(script.steps):
        if not isinstance(step, Message):
            continue
        try:
            content = content_of(step.message)
            request = read_captured(content, sender, datetime.min.replace(tzinfo=UTC))
            sender.read(request)
        except (OSError, CountersignError) as error:
            text = error.strerror if isinstance(error, OSError) else str(error)
            problems.append(Problem(("steps", n, "message"), f"{step.message}: {text}"))
        else:
            messages[step.message] = request
    return messages, tuple(problems)


def _captured(captures: Mapping[str, bytes], name: str) -> bytes:
    if name not in captures:
        there = ", ".join(captures) or "none"
        raise FileNotFoundError(0, f"there is no captured message of this name; given are {there}")
    return captures[name]
