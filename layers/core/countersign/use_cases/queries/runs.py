"""Lists of runs: those that a person has to resolve, and those that are not concluded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from countersign.errors import PermanentError
from countersign.model.base import Instant, Model
from countersign.model.page import Page, PageRequest
from countersign.model.run import NOT_BEGUN, TROUBLED, Run, RunState
from countersign.ports import Documents, DuePeriod, Pipelines, RunRead
from countersign.use_cases.known_runs import MAX_TOGETHER
from countersign.use_cases.queries.pipelines import published_head
from countersign.use_cases.store import existing_document

ALWAYS = DuePeriod(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
LISTED: tuple[RunState, ...] = (
    "ready",
    "running",
    "failed",
    "in_doubt",
    "waiting",
    "no_date",
    "awaiting",
)
"""The states that are listed; concluded runs are shown with their documents."""


class RunFilter(Model):
    """Which runs are listed: those that failed or are in doubt, where no state is given."""

    states: tuple[RunState, ...] = ()
    failed: bool = False
    """Those that failed, too."""
    in_doubt: bool = False
    """Those of which it is not known whether their effect happened, too."""
    pipeline: str | None = None
    rule: str | None = None
    """Id of a rule, or what a trigger's timer is called: ``trigger.<id>``."""
    document: str | None = None
    due_after: Instant | None = None
    """Only those that are due then or later."""
    due_before: Instant | None = None
    """Only those that are due before."""

    @property
    def wanted_states(self) -> frozenset[str]:
        """The states that are looked for."""
        flags = (("failed", self.failed), ("in_doubt", self.in_doubt))
        return frozenset({*self.states, *(state for state, on in flags if on)}) or TROUBLED

    def matches(self, run: Run) -> bool:
        """Whether the run is what is looked for."""
        return (
            run.state in self.wanted_states
            and self.pipeline in (None, run.pipeline)
            and self.document in (None, run.document)
            and self.rule in (None, run.rule)
            and self._is_due(run)
        )

    def _is_due(self, run: Run) -> bool:
        if self.due_after is None and self.due_before is None:
            return True
        return (
            run.due is not None
            and (self.due_after is None or self.due_after <= run.due)
            and (self.due_before is None or run.due < self.due_before)
        )


def unresolved_runs(
    documents: Documents, pipelines: Pipelines, wanted: RunFilter
) -> tuple[Run, ...]:
    """The runs that failed or are in doubt and that the filter matches, oldest first, then by key.

    Eventually consistent, unless a document is given. NotFoundError for a pipeline that is not
    published, and for a document that is not there.
    """
    _check_names(documents, pipelines, wanted)
    runs = (run for run in _troubled(documents, wanted) if wanted.matches(run))
    return tuple(sorted(runs, key=lambda run: (unresolved_since(run), str(run.key))))


def unresolved_since(run: Run) -> datetime:
    """When the run came into the state it is in."""
    return run.concluded_at or run.started_at or run.planned_at


def list_runs(
    documents: Documents, pipelines: Pipelines, wanted: RunFilter, page: PageRequest
) -> Page[Run]:
    """A page of the runs that the filter matches, without those whose stage was left.

    First by time those that are ready, then those that are running, then those that failed or are
    in doubt; then, document by document, those that wait for other rules, for a date or for a
    person. What a page reads has a bound: it may be short, or empty, and yet have a next one.
    Eventually consistent, unless a document is given.

    NotFoundError as in ``unresolved_runs``. PermanentError for a state that is not listed, for
    those that are listed by pipeline and document alone where neither is given, and for a place
    that no page has named.
    """
    _check_names(documents, pipelines, wanted)
    if unlisted := sorted(wanted.wanted_states - {*LISTED}):
        msg = f"runs in the state {unlisted[0]} are not listed; expected {', '.join(LISTED)}"
        raise PermanentError(msg)
    if wanted.document is not None:
        return _of_document(documents, wanted.document, wanted, page)
    sources = _sources(documents, wanted)
    number, place = _place(page.after, len(sources))
    run_page = sources[number](PageRequest(place, page.limit))
    after = None if run_page.next is None else f"{number}:{run_page.next}"
    if after is None and number + 1 < len(sources):
        after = f"{number + 1}:"
    return Page(tuple(still_there(documents, run_page.items)), after)


def still_there(documents: Documents, runs: tuple[Run, ...]) -> Iterator[Run]:
    """The runs as they are now, without those that end with a stage that was left."""
    for first in range(0, len(runs), MAX_TOGETHER):
        some = runs[first : first + MAX_TOGETHER]
        read = documents.read_runs(tuple(RunRead(run.key) for run in some))
        for was, snapshot in zip(some, read, strict=True):
            run, document = snapshot.run, snapshot.document
            if run is None or document is None or run.state != was.state:
                continue
            if run.state not in NOT_BEGUN or not run.left_stage(document) or run.sent_mails:
                yield run


_Source = Callable[[PageRequest], Page[Run]]


def _sources(documents: Documents, wanted: RunFilter) -> list[_Source]:
    """The lists that hold runs in the wanted states, one after the other."""
    states = wanted.wanted_states
    sources: list[_Source] = []
    if "ready" in states:
        period = DuePeriod(wanted.due_after or ALWAYS.since, wanted.due_before or ALWAYS.until)
        ready = _only("ready", wanted)
        sources.append(lambda page: documents.due_between(period, page, ready.matches))
    if "running" in states:
        running = _only("running", wanted)
        sources.append(lambda page: documents.due_between(ALWAYS, page, running.matches))
    if states & TROUBLED:
        sources.append(lambda page: documents.troubled_page(page, wanted.matches))
    if others := states & {"waiting", "no_date", "awaiting"}:
        pipeline = wanted.pipeline
        if pipeline is None:
            msg = f"runs in the state {sorted(others)[0]} are listed by pipeline; give a pipeline"
            raise PermanentError(msg)
        rest = wanted.model_copy(
            update={"states": tuple(sorted(others)), "failed": False, "in_doubt": False}
        )
        sources.append(lambda page: documents.waiting_page(pipeline, page, rest.matches))
    return sources


def _only(state: RunState, wanted: RunFilter) -> RunFilter:
    return wanted.model_copy(update={"states": (state,), "failed": False, "in_doubt": False})


def _place(after: str | None, sources: int) -> tuple[int, str | None]:
    """Which list a page begins in, and where in it."""
    if after is None:
        return 0, None
    number, separator, place = after.partition(":")
    if not (separator and number.isdecimal() and int(number) < sources):
        raise PermanentError(
            f'"{after}" is not a place in this list; expected one that a page named'
        )
    return int(number), place or None


def _of_document(
    documents: Documents, document: str, wanted: RunFilter, page: PageRequest
) -> Page[Run]:
    """All runs of one document come with a few reads; the place is how many came before."""
    there = existing_document(documents, document)
    runs = [
        run
        for run in documents.runs(document)
        if wanted.matches(run)
        and (run.state not in NOT_BEGUN or not run.left_stage(there) or run.sent_mails)
    ]
    first = int(page.after) if page.after and page.after.isdecimal() else 0
    end = first + page.limit
    return Page(tuple(runs[first:end]), str(end) if end < len(runs) else None)


def _check_names(documents: Documents, pipelines: Pipelines, wanted: RunFilter) -> None:
    if wanted.pipeline is not None:
        published_head(pipelines, wanted.pipeline)
    if wanted.document is not None:
        existing_document(documents, wanted.document)


def _troubled(documents: Documents, wanted: RunFilter) -> Iterator[Run]:
    if wanted.document is not None:
        yield from documents.runs(wanted.document)
    else:
        yield from documents.troubled(wanted.pipeline)
