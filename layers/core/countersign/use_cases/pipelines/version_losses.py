"""What a new version leaves behind: waiting runs and values that it takes something from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from countersign.engine.runs.lifecycle import is_left
from countersign.engine.runs.version_losses import VersionLoss, changed_fields, losses
from countersign.errors import PermanentError
from countersign.model.document import Document
from countersign.model.fields import fit
from countersign.model.pipeline import Head, Pipeline
from countersign.model.run import NOT_BEGUN, Run
from countersign.model.run_purpose import TimerRun, purpose_of
from countersign.ports import Documents, Pipelines
from countersign.use_cases.pipelines.compiled_pipelines import CompiledPipelines

MAX_EXAMINED = 1_000
"""Documents that are looked at, those in open stages first; with more, numbers are "at least"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionLosses:
    """Runs of one rule and version, or documents' values of one field, that lose something."""

    text: str
    """What it is about, what it loses, and what becomes of it, as sentences."""
    number: int
    """How many runs or documents."""
    example: str
    """One of the documents."""
    at_least: bool = False
    """Whether there were more documents than were looked at."""

    def __str__(self) -> str:
        least = "at least " if self.at_least else ""
        return f"{least}{self.number} {self.text} (for example document {self.example})"


def left_behind(
    pipelines: Pipelines, documents: Documents, head: Head, new: Pipeline
) -> tuple[VersionLosses, ...]:
    """The waiting runs and the values that the new version takes something from.

    Nothing is read where it takes nothing from the version that is published now. Otherwise the
    documents of the pipeline are, up to ``MAX_EXAMINED``, each with the runs of its stage entry
    (of all entries where rules are kept): about two read units and one round trip a document.
    """
    look = _Look(CompiledPipelines(pipelines), head, new)
    if not look.is_needed:
        return ()
    seen = 0
    for document in islice(_in_order(documents, look.old, head.pipeline), MAX_EXAMINED + 1):
        seen += 1
        if seen > MAX_EXAMINED:
            break
        look.at_values(document)
        if look.is_concerned(document):
            entry = None if look.keeps(document) else document.entry
            look.at_runs(document, documents.runs(document.id, entry))
    return tuple(look.summary(at_least=seen > MAX_EXAMINED))


def _in_order(documents: Documents, old: Pipeline, pipeline: str) -> Iterator[Document]:
    for stage in sorted(old.stages, key=lambda stage: stage.is_final):
        yield from documents.in_stage(pipeline, stage.id)


class _Look:
    """What was seen of a pipeline's documents."""

    def __init__(self, programs: CompiledPipelines, head: Head, new: Pipeline) -> None:
        self._programs, self._head, self._new = programs, head, new
        self.old = programs.get(head.pipeline, head.version).pipeline
        self._fields = changed_fields(self.old, new)
        self._lost: dict[int, dict[tuple[str, str], VersionLoss]] = {}
        self._runs: Counter[tuple[int, str, str]] = Counter()
        self._values: Counter[str] = Counter()
        self._examples: dict[object, str] = {}

    @property
    def is_needed(self) -> bool:
        """Whether the new version takes anything away."""
        gone = any(self._new.stage(stage.id) is None for stage in self.old.stages)
        return gone or bool(self._fields) or bool(self._losses(self._head.version))

    def is_concerned(self, document: Document) -> bool:
        """Whether a version that the document's stage entries were planned with loses anything."""
        return any(self._losses(version) for version in document.planned_with)

    def keeps(self, document: Document) -> bool:
        """Whether runs of stages that it has left may still wait."""
        return any(
            rule.on_leave == "keep"
            for version in document.planned_with
            for stage in self._programs.get(self._head.pipeline, version).pipeline.stages
            for rule in stage.rules
        )

    def at_values(self, document: Document) -> None:
        """Look at the document's values of fields that change."""
        for name, spec in self._fields.items():
            value = document.fields.get(name)
            if value is None:
                continue
            try:
                if spec is not None:
                    fit(value, spec, name)
                    continue
            except PermanentError:
                pass
            self._values[name] += 1
            self._examples.setdefault(name, document.id)

    def at_runs(self, document: Document, runs: tuple[Run, ...]) -> None:
        """Look at the document's runs that have not begun."""
        for run in runs:
            if run.state not in NOT_BEGUN or is_left(run, document):
                continue
            if (run.stage, run.rule) in self._losses(run.pipeline_version):
                key = (run.pipeline_version, run.stage, run.rule)
                self._runs[key] += 1
                self._examples.setdefault(key, document.id)

    def summary(self, *, at_least: bool) -> Iterator[VersionLosses]:
        """All that was seen, runs first."""
        for key, number in sorted(self._runs.items()):
            text = self._of_runs(key, number)
            yield VersionLosses(
                text=text, number=number, example=self._examples[key], at_least=at_least
            )
        for name, number in sorted(self._values.items()):
            text = self._of_values(name, number)
            yield VersionLosses(
                text=text, number=number, example=self._examples[name], at_least=at_least
            )

    def _losses(self, version: int) -> dict[tuple[str, str], VersionLoss]:
        if version not in self._lost:
            old = self._programs.get(self._head.pipeline, version)
            self._lost[version] = dict(losses(old, self._new))
        return self._lost[version]

    def _of_runs(self, key: tuple[int, str, str], number: int) -> str:
        version, stage, rule = key
        loss, many = self._lost[version][stage, rule], number != 1
        purpose = purpose_of(rule)
        trigger = purpose.trigger if isinstance(purpose, TimerRun) else None
        what = f"timer{'s' * many} of the trigger" if trigger else f"waiting run{'s' * many} of"
        name = trigger or f"the rule {rule}"
        they, stay, them = ("they", "stay", "them") if many else ("it", "stays", "it")
        moves = f"`countersign runs migrate {self._head.pipeline}`"
        if loss.is_gone and trigger:
            then = f"{moves} cancels {them}"
        elif loss.is_gone:
            s = "" if many else "s"
            then = (
                f"{they} {stay} on version {version} and run{s} as it says; {moves} cancels {them}"
            )
        else:
            then = (
                f"{they} {stay} on version {version}, where this will not work; once the new one "
                f"is published, {moves} moves {them} to it"
            )
        return f"{what} {name} in {stage}: {loss.reason}; {then}"

    def _of_values(self, name: str, number: int) -> str:
        spec, hold = self._fields[name], "hold a value" if number != 1 else "holds a value"
        documents = "documents" if number != 1 else "document"
        if spec is None:
            return f"{documents} {hold} in the field {name}, which goes; it is kept, and not shown"
        return (
            f"{documents} {hold} in the field {name} that is not a valid {spec.type} as it is "
            "defined now; correct it with `countersign documents edit`"
        )
