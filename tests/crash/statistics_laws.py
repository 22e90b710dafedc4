"""What statistics must say in the end, counted from all documents without the engine's help."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime
from math import isqrt

from countersign.adapters.memory.tables.process.state import MemoryState
from countersign.model.document import Document
from countersign.model.log import LogEntry
from countersign.model.run import Run
from countersign.ports import Statistics

Counted = Mapping[tuple[date | None, str], int]

ENDS = ("completed", "declined", "voided", "expired", "deleted")
MAIL_LINES = ("mail.delivered", "mail.bounced", "mail.complained", "mail.rejected")


def counted_pipelines(state: MemoryState) -> tuple[str, ...]:
    """The pipelines that have documents."""
    return tuple(sorted({document.pipeline for document in state.documents.values()}))


def everything(statistics: Statistics, pipeline: str) -> dict[tuple[date | None, str], int]:
    """All counters of a pipeline, of whatever epoch."""
    found: Counter[tuple[date | None, str]] = Counter()
    for key, number in statistics.read(pipeline, date.min, date.max).items():
        found[key.day, key.name] += number
    return {key: number for key, number in found.items() if number}


def counted_naively(state: MemoryState, pipeline: str) -> dict[tuple[date | None, str], int]:
    """The same, from the documents, their timelines and their runs."""
    found: Counter[tuple[date | None, str]] = Counter()
    for document in state.documents.values():
        if document.pipeline == pipeline:
            _count_document(found, document)
            lines = [line for part in state.logs[document.id] for line in part.entries]
            _count_lines(found, document, lines)
    for run in state.runs.values():
        if run.pipeline == pipeline:
            _count_run(found, run)
    return dict(found)


def _count_document(found: Counter[tuple[date | None, str]], document: Document) -> None:
    created = _day(document.created_at)
    found[created, "created"] += 1
    if document.sent_at is not None:
        found[_day(document.sent_at), "sent"] += 1
        found[created, "cohort/sent"] += 1
    if document.status in ENDS:
        at = document.status_at or document.created_at
        if document.status == "completed" and document.completed_at is not None:
            at = document.completed_at
        found[_day(at), f"ended/{document.status}"] += 1
        found[created, f"cohort/ended/{document.status}"] += 1
        if document.status == "completed" and document.sent_at is not None:
            found[_day(at), f"signing/{_bucket(document.sent_at, at)}"] += 1
    for signer in document.signers:
        if (signer.action, signer.status) != ("sign", "signed") or signer.signed_at is None:
            continue
        found[_day(signer.signed_at), f"signature/{signer.party}"] += 1
        since = signer.notified_at or document.sent_at
        if since is not None:
            first = _bucket(since, signer.signed_at)
            found[_day(signer.signed_at), f"signer/{signer.party}/{first}"] += 1


def _count_lines(
    found: Counter[tuple[date | None, str]], document: Document, lines: list[LogEntry]
) -> None:
    arrivals = [(line.to_stage, line.at) for line in lines if line.kind in ("created", "moved")]
    for stage in {stage for stage, _ in arrivals}:
        found[_day(document.created_at), f"cohort/reached/{stage}"] += 1
    for place, (stage, at) in enumerate(arrivals):
        found[_day(at), f"arrived/{stage}"] += 1
        if place + 1 < len(arrivals):
            left = arrivals[place + 1][1]
            found[_day(left), f"left/{stage}"] += 1
            found[_day(left), f"stay/{stage}/{_bucket(at, left)}"] += 1
    found[None, f"present/{document.stage}"] += 1
    for line in lines:
        if line.kind == "event" and line.event in MAIL_LINES:
            found[_day(line.at), line.event.replace("mail.", "mail/")] += 1


def _count_run(found: Counter[tuple[date | None, str]], run: Run) -> None:
    if run.state not in ("done", "skipped", "failed", "in_doubt"):
        return
    if run.rule.startswith("trigger.") or run.rule == "_backlog":
        return
    day = _day(run.concluded_at or run.started_at or run.planned_at)
    rule = run.rule
    if rule.startswith("_task-"):
        rule = rule.split("-", 2)[2]
    elif rule.startswith("_keep-"):
        rule = "keep_file"
    found[day, f"run/{run.state}/{run.kind}/{rule}"] += 1
    mails = sum(mail.state == "sent" for mail in run.mails)
    if not run.mails and run.lane == "email" and run.state == "done":
        mails = int("message_id" in run.result)
    if mails:
        found[day, "mail/sent"] += mails


def _bucket(start: datetime, end: datetime) -> int:
    """The largest whole fourth root of a power of two that the seconds reach."""
    seconds = max(0, int((end - start).total_seconds()))
    bounds = [0]
    while bounds[-1] <= seconds:
        bounds.append(isqrt(isqrt(2 ** (len(bounds) - 1))))
    return bounds[-2]


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()
