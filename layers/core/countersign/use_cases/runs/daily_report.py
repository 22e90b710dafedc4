"""The daily report: a mail about runs that have failed or are in doubt, and how to resolve them.

It lists all that are unresolved, not only the new ones, so that a report that was lost is made up
for by the next one. Sent once a day for each pipeline that names its readers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from countersign.engine.explain import moment
from countersign.errors import CountersignError, InDoubtError
from countersign.model.document import Document
from countersign.model.message import Notice
from countersign.model.pipeline import Pipeline
from countersign.model.run import Run
from countersign.ports import DailyReports, Documents, Mailer, Pipelines
from countersign.rules._shared.mail_texts import html_of
from countersign.rules._shared.senders import own_sender
from countersign.use_cases.pipelines.compiled_pipelines import CompiledPipelines

MAX_LISTED = 100
"""Runs that one report lists; of more it tells the number."""
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporter:
    """What reporting needs from outside."""

    documents: Documents
    pipelines: Pipelines
    programs: CompiledPipelines
    reports: DailyReports
    mailbox: Mailer
    clock: Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportResult:
    """What became of the reports that were due."""

    sent: tuple[str, ...]
    """The pipelines whose report was sent."""
    problems: tuple[str, ...]
    """What kept a report from being sent; it is tried again unless it may have been sent."""


def report(reporter: Reporter) -> ReportResult:
    """Send the reports that are due now and were not sent today."""
    sent: list[str] = []
    problems: list[str] = []
    for head in reporter.pipelines.list():
        try:
            pipeline = reporter.programs.get(head.pipeline, head.version).pipeline
            if _report(reporter, pipeline):
                sent.append(head.pipeline)
        except CountersignError as error:
            problems.append(f"pipeline {head.pipeline}: {error}")
    return ReportResult(sent=tuple(sent), problems=tuple(problems))


def _report(reporter: Reporter, pipeline: Pipeline) -> bool:
    wanted = pipeline.daily_report
    now = reporter.clock()
    local = now.astimezone(ZoneInfo(pipeline.time_zone))
    if wanted is None or local.time() < wanted.at:
        return False
    if not reporter.reports.claim(pipeline.pipeline, local.date()):
        return False
    try:
        runs = sorted(reporter.documents.troubled(pipeline.pipeline), key=_since, reverse=True)
        if not runs:
            return False
        documents = {run.document: None for run in runs[:MAX_LISTED]}
        known = {name: reporter.documents.get(name) for name in documents}
        reporter.mailbox.notify(notice(pipeline, runs, known, now))
    except InDoubtError:
        raise  # it may be on its way
    except CountersignError:
        reporter.reports.release(pipeline.pipeline, local.date())
        raise
    return True


def notice(
    pipeline: Pipeline, runs: Sequence[Run], documents: dict[str, Document | None], now: datetime
) -> Notice:
    """The report on these runs, newest first, in German for a German pipeline, else in English."""
    words = _GERMAN if (pipeline.language or "").startswith("de") else _ENGLISH
    failed = sum(run.state == "failed" for run in runs)
    new = sum(now - _since(run) < A_DAY for run in runs)
    name = pipeline.name or pipeline.pipeline
    counts = {"name": name, "failed": failed, "doubt": len(runs) - failed, "new": new}
    zone = ZoneInfo(pipeline.time_zone)
    lines = [words["summary"].format(**counts), ""]
    for run in runs[:MAX_LISTED]:
        lines += [*_lines(run, documents.get(run.document), zone, words), ""]
    if len(runs) > MAX_LISTED:
        lines += [words["more"].format(number=len(runs) - MAX_LISTED), ""]
    lines += [
        words["all"],
        f"  countersign runs list --pipeline {pipeline.pipeline}",
        f"  countersign runs retry --all --failed --pipeline {pipeline.pipeline}",
    ]
    to = pipeline.daily_report.to if pipeline.daily_report else ()
    text = "\n".join(lines) + "\n"
    return Notice(
        sender=own_sender(pipeline) or "",
        to=to,
        subject=words["subject"].format(**counts),
        text=text,
        html=html_of(text, pipeline),
    )


def _lines(
    run: Run, document: Document | None, zone: ZoneInfo, words: dict[str, str]
) -> Iterator[str]:
    state = words["failed" if run.state == "failed" else "in_doubt"]
    yield f"{run.key}: {state}, {moment(_since(run), zone)}"
    if document is not None:
        title = " ".join(filter(None, (document.title, document.number)))
        yield f"  {title or document.id} ({run.stage})"
    if run.reason:
        yield f"  {run.reason}"
    yield f"  countersign documents show {run.document} --why"
    for remedy in ("retry",) if run.state == "failed" else ("retry", "accept"):
        yield f"  countersign runs {remedy} {run.key}"


def _since(run: Run) -> datetime:
    return run.concluded_at or run.started_at or run.planned_at


_ENGLISH = {
    "subject": "{name}: failed runs: {failed}, in doubt: {doubt}",
    "summary": "Runs of {name} that failed: {failed}; in doubt: {doubt}; "
    "new since yesterday: {new}.",
    "failed": "failed",
    "in_doubt": "in doubt",
    "more": "{number} more runs are not listed here.",
    "all": "To list or to retry them all:",
}
_GERMAN = {
    "subject": "{name}: fehlgeschlagene Läufe: {failed}, ungeklärte: {doubt}",
    "summary": "Fehlgeschlagene Läufe von {name}: {failed}; ungeklärte: {doubt}; "
    "neu seit gestern: {new}.",
    "failed": "fehlgeschlagen",
    "in_doubt": "ungeklärt",
    "more": "{number} weitere Läufe sind hier nicht aufgeführt.",
    "all": "Alle auflisten oder wiederholen:",
}
