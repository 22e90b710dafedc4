"""The job that compares statistics with documents, as ``use_cases/statistics/rebuild`` says.

What differs is kept as parts of the job, and only then are the documents moved that it is about: so
that no difference is lost where a slice ends in the middle, since it is found but once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from math import ceil
from typing import ClassVar, Literal

from countersign.errors import ConflictError, PermanentError
from countersign.model.base import Instant, Model
from countersign.model.job import Job
from countersign.model.page import PageRequest
from countersign.model.person import Role
from countersign.model.statistics import Epochs
from countersign.use_cases.jobs.kinds.base import JobKind, JobServices, JobStep
from countersign.use_cases.queries.pipelines import list_pipelines
from countersign.use_cases.statistics.rebuild import (
    AT_ONCE,
    PASSES,
    Difference,
    Rebuilder,
    What,
    compare,
    left_over,
    move,
    never_ending,
    until_everybody_knows,
)

BATCHES = 5
"""Batches of documents that one slice compares."""
KEPT_AT_ONCE = 200
"""Differences of one part."""
LONGEST_TEXT = 300
"""Characters of a difference that are kept."""


class PipelineDifference(Model):
    """Something of a pipeline that was not counted as it should be."""

    pipeline: str
    what: What
    name: str
    text: str


class RebuildStatistics(JobKind):
    """Compares the statistics of a pipeline, or of all, with the documents' timelines and runs."""

    role: ClassVar[Role] = "administrator"

    kind: Literal["rebuild_statistics"] = "rebuild_statistics"
    pipeline: str | None = None
    """All pipelines for None."""
    replace: bool = False
    """Whether what differs is corrected."""

    def excludes(self, other: JobKind) -> bool:
        if not isinstance(other, RebuildStatistics):
            return False
        return self.pipeline is None or other.pipeline in (None, self.pipeline)

    def step(self, services: JobServices, job: Job) -> JobStep:
        if job.place is None:
            return JobStep(place=self._following(services, None))
        place = _Place.model_validate_json(job.place)
        if place.epoch is None:
            begun = services.statistics.begin_epoch(place.pipeline, services.store.clock())
            return JobStep(place=_Place.begun(place.pipeline, begun).text)
        if place.left_over is not None:
            return self._end(services, place, place.left_over)
        return self._compare(services, job, place)

    def _compare(self, services: JobServices, job: Job, place: _Place) -> JobStep:
        rebuilder, done = _rebuilder(services), 0
        for batch in range(BATCHES):
            if batch and services.time_is_up():
                break
            page = services.pages.cards(place.pipeline, PageRequest(place.after, AT_ONCE))
            ids = [card.id for card in page.items]
            comparison = compare(rebuilder, ids, place.epochs, replace=self.replace)
            noted = _noted(services, job, place.noted)
            differences = _of_pipeline(place.pipeline, comparison.differences)
            missing = [difference for difference in differences if difference not in noted]
            if missing:
                part = _lines(missing[:KEPT_AT_ONCE])
                following = place.model_copy(update={"noted": place.noted + 1})
                return JobStep(place=following.text, part=part, matched=done, done=done)
            moved = len(comparison.changes) - len(move(rebuilder, comparison))
            # The same documents again, where an earlier try of this slice has ended in the middle.
            done += moved + (comparison.compared_before if place.is_first_pass else 0)
            place = place.after_batch(page.next, moved=len(comparison.changes))
            if page.next is None:
                place, delay = _after_pass(services, place)
                return JobStep(place=place.text, matched=done, done=done, delay=delay)
        return JobStep(place=place.text, matched=done, done=done)

    def _end(self, services: JobServices, place: _Place, number: int) -> JobStep:
        statistics, pipeline = services.statistics, place.pipeline
        left = left_over(statistics, pipeline)[number : number + KEPT_AT_ONCE]
        if left:
            following = place.model_copy(update={"left_over": number + len(left)})
            return JobStep(place=following.text, part=_lines(_of_pipeline(pipeline, left)))
        if statistics.epochs(pipeline).newest == place.epochs.newest:
            with suppress(ConflictError):  # another rebuild was begun, and ends this one as well
                statistics.end_rebuild(pipeline, place.epochs.newest, drop=self.replace)
        return JobStep(place=self._following(services, pipeline))

    def _following(self, services: JobServices, pipeline: str | None) -> str | None:
        """The place where the pipeline behind that one begins."""
        if pipeline is not None and self.pipeline is not None:
            return None
        heads = list_pipelines(services.pipelines, self.pipeline)
        ids = [head.pipeline for head in heads if pipeline is None or head.pipeline > pipeline]
        return _Place(pipeline=ids[0]).text if ids else None


class _Place(Model):
    """How far it is with one pipeline."""

    pipeline: str
    epoch: int | None = None
    """None where it is still to be begun."""
    begun_at: Instant | None = None
    everybody_knows: bool = False
    """Whether all who count know of the epoch."""
    passes: int = 0
    """How often the documents were listed."""
    moved: int = 0
    """How many were moved while they are listed this time."""
    after: str | None = None
    """Where in the list it goes on."""
    noted: int = 0
    """How many parts of the job, the last ones, have differences of the batch that comes next."""
    left_over: int | None = None
    """How much of what is left in older epochs was noted; None while there are documents."""

    @classmethod
    def begun(cls, pipeline: str, epochs: Epochs) -> _Place:
        return cls(pipeline=pipeline, epoch=epochs.newest, begun_at=epochs.begun_at)

    @property
    def epochs(self) -> Epochs:
        """The epoch that it moves documents into."""
        return Epochs(newest=self.epoch or 0, begun_at=self.begun_at, rebuilding=True)

    @property
    def is_first_pass(self) -> bool:
        return not self.everybody_knows and self.passes == 0

    @property
    def text(self) -> str:
        """As the job keeps it."""
        return self.model_dump_json(exclude_defaults=True)

    def after_batch(self, following: str | None, *, moved: int) -> _Place:
        update = {"after": following, "moved": self.moved + moved, "noted": 0}
        return self.model_copy(update=update)


def _after_pass(services: JobServices, place: _Place) -> tuple[_Place, int]:
    """Where it goes on once all documents were listed, and how many seconds later."""
    if place.moved:
        if place.passes + 1 >= PASSES:
            raise PermanentError(never_ending(place.pipeline))
        return place.model_copy(update={"passes": place.passes + 1, "moved": 0}), 0
    wait = until_everybody_knows(place.epochs, services.store.clock()).total_seconds()
    if wait > 0 and not place.everybody_knows:
        return place.model_copy(update={"everybody_knows": True, "passes": 0}), ceil(wait)
    return place.model_copy(update={"left_over": 0}), 0


def _rebuilder(services: JobServices) -> Rebuilder:
    store = services.store
    return Rebuilder(
        documents=store.documents,
        statistics=services.statistics,
        clock=store.clock,
        backoff=store.backoff,
    )


def _of_pipeline(pipeline: str, differences: Sequence[Difference]) -> list[PipelineDifference]:
    return [
        PipelineDifference(
            pipeline=pipeline,
            what=difference.what,
            name=difference.name,
            text=difference.text[:LONGEST_TEXT],
        )
        for difference in differences
    ]


def _noted(services: JobServices, job: Job, parts: int) -> list[PipelineDifference]:
    numbers = range(job.parts - parts, job.parts)
    kept = (services.jobs.part(job.id, number) for number in numbers)
    return [difference for part in kept for difference in read_differences(part)]


def _lines(differences: Sequence[PipelineDifference]) -> tuple[str, ...]:
    return tuple(json.dumps([*difference.model_dump().values()]) for difference in differences)


def read_differences(part: Sequence[str]) -> Iterator[PipelineDifference]:
    """The differences that a part of the job has."""
    for line in part:
        pipeline, what, name, text = json.loads(line)
        yield PipelineDifference(pipeline=pipeline, what=what, name=name, text=text)
