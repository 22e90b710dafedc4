"""What must be true of each change that ends a call, and of what its answer fills."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from countersign.engine.compiled_pipeline import CompiledPipeline
from countersign.model import fields
from countersign.model.document import Document
from countersign.model.http import WebAnswer
from countersign.model.run import CONCLUDED, Run, RunKey
from countersign.model.run_purpose import KeepFileRun
from countersign.model.transaction import Transaction

UNFILLED = ("no field was filled", "the answer was not taken over")
"""How a warning begins that tells of every field."""
ProgramOf = Callable[[Run], CompiledPipeline]
"""The published version that a run is on."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a call was answered, and when."""

    at: datetime
    answer: WebAnswer

    @property
    def is_good(self) -> bool:
        """Whether the call was taken for good."""
        return 200 <= self.answer.status <= 299

    @property
    def not_before(self) -> datetime:
        """Before when it asks not to be called again."""
        return self.at + timedelta(seconds=int(self.answer.headers.get("retry-after", 0)))


def is_repeatable(run: Run, program_of: ProgramOf) -> bool:
    """Whether the rule says that the address knows a repeated call."""
    settings = _settings(run, program_of)
    return bool(settings.get("repeatable")) or settings.get("method") == "GET"


def call_faults(
    change: Transaction,
    runs: Mapping[RunKey, Run],
    documents: Mapping[str, Document],
    heard: Mapping[RunKey, Heard],
    program_of: ProgramOf,
    *,
    skew: timedelta = timedelta(0),
) -> Iterator[tuple[str, str]]:
    """The laws that the change breaks, and how.

    ``runs`` are as they were before it, ``documents`` as they are after it. ``heard`` is what the
    call of each run was answered since it was claimed, ``skew`` how much clocks may differ.
    """
    for one in change.updates:
        run, before = one.run, runs[one.run.key]
        fetches = isinstance(run.purpose, KeepFileRun)
        if run.lane != "web" or before.state != "running" or fetches:
            continue
        answer = heard.get(run.key)
        if run.state == "done" and (answer is None or not answer.is_good):
            yield "reply", f"{run.key} is done, and its call was not answered with 2xx"
        elif run.state == "done" and answer is not None:
            wanted = _settings(run, program_of).get("answer", {})
            for text in _unfilled(answer.answer, wanted, documents[run.document], change):
                yield "reply", f"{run.key}: {text}"
        elif run.state == "ready" and answer and (run.due or answer.at) < answer.not_before - skew:
            yield "due", f"{run.key} is due {run.due}, and was asked for {answer.not_before}"
        alone = run.state == "in_doubt" and run.doubt_until is None and run.swept < 2
        # What is due before a date is not had again after it.
        if alone and run.not_after is None and is_repeatable(run, program_of):
            yield "doubt", f"{run.key} may be repeated, and is left to a person"
    ends = {one.run.rule for one in change.updates if one.run.state in {*CONCLUDED, "awaiting"}}
    for line in change.log:
        rule = line.by.removeprefix("rule:")
        if line.kind == "edited" and rule != line.by and rule not in ends:
            yield "reply", f"{line.text}, and its run was not concluded with it"


def _settings(run: Run, program_of: ProgramOf) -> Mapping[str, Any]:
    rule = program_of(run).rule(run.stage, run.rule)
    return rule.settings if rule else {}


def _unfilled(
    answer: WebAnswer, wanted: Mapping[str, str], document: Document, change: Transaction
) -> Iterator[str]:
    """The fields that neither hold what was answered nor are warned about."""
    try:
        said = json.loads(answer.body)
    except ValueError:
        said = None
    warnings = [line.text for line in change.log if line.kind == "warning"]
    for name, place in wanted.items():
        given = said.get(place) if isinstance(said, dict) else None
        held = fields.read(document, name)
        filled = given is not None and str(held) == str(given)
        told = any(name in text or text.startswith(UNFILLED) for text in warnings)
        if not filled and not told:
            yield f"it was answered {given} for {name}, which is {held}"
