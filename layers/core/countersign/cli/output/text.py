"""Plain text for people: a document's whole story, a task."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from countersign.cli.output.table import table
from countersign.cli.output.terminal import one_line
from countersign.engine.compiled_pipeline import NO_AUTOMATION
from countersign.engine.explain import ExplainedEntry, Explanation, moment
from countersign.engine.runs.tasks import points_done, shown_deadline, without_deadline
from countersign.model.condition import Verdict
from countersign.model.document import Document
from countersign.model.log import LogEntry
from countersign.model.signing_event import Signer
from countersign.model.stored_file import FILE_WORDS, StoredFile
from countersign.model.task import Task
from countersign.model.values import plain

__all__ = [
    "described_file",
    "one_line",
    "shown_amount",
    "story",
    "table",
    "task_lines",
    "timeline_lines",
]


def shown_amount(amount: Decimal | None, currency: str | None) -> str:
    """The amount with its currency, with two decimals at least; empty if there is none."""
    if amount is None:
        return ""
    places = max(2, -int(amount.normalize().as_tuple().exponent))
    return f"{amount:,.{places}f} {currency or ''}".rstrip()


def story(explanation: Explanation, *, why: bool) -> str:
    """A document's header, timeline and plan; ``why`` adds who was passed over, and each clause."""
    zone = ZoneInfo(explanation.time_zone)
    lines = [
        *_header(explanation, zone),
        "",
        f"Timeline ({zone.key})",
        *(line for entry in explanation.timeline for line in timeline_lines(entry, zone, why)),
        "",
        "Rules",
        *(line for entry in explanation.entries for line in _plan(entry, why)),
    ]
    if not explanation.entries:
        lines.append("  none planned")
    if explanation.added_later:
        later = explanation.added_later
        lines += ["", "Not planned on arrival", *(f"  {rule.name} {rule.words}" for rule in later)]
    if explanation.tasks:
        lines += ["", "Tasks", *(_task(task, zone) for task in explanation.tasks)]
    return "\n".join(one_line(line) for line in lines)


def _header(explanation: Explanation, zone: ZoneInfo) -> Iterator[str]:
    document = explanation.document
    yield document.title or document.id
    paused = ", which is paused" if explanation.paused else ""
    off = "" if explanation.automation else f" ({NO_AUTOMATION})"
    facts = {
        "document": document.id,
        "pipeline": f"{explanation.pipeline}{paused}{off}",
        "stage": f"{explanation.stage} since {moment(document.since, zone)}",
        "number": document.number,
        "responsible": document.responsible,
        "amount": shown_amount(document.amount, document.currency),
        "envelope": _envelope(document),
        "expires": document.expires_at and moment(document.expires_at, zone),
    }
    own = {name: plain(value) for name, value in document.fields.items()}
    rows = [(name, value) for name, value in {**facts, **own}.items() if value]
    rows += [("signer", _signer(signer, zone)) for signer in document.signers]
    rows += [("file", described_file(file)) for file in document.stored_files]
    width = max(len(name) for name, _ in rows)
    yield from (f"  {name:<{width}}  {value}" for name, value in rows)


def _envelope(document: Document) -> str | None:
    if document.envelope is None:
        return None
    reason = f" ({document.reason})" if document.reason else ""
    return f"{document.envelope} at {document.provider}: {document.status or 'unknown'}{reason}"


def _signer(signer: Signer, zone: ZoneInfo) -> str:
    who = " ".join(filter(None, (signer.name, signer.email and f"<{signer.email}>"))) or signer.id
    place = [f"{signer.order}."] if signer.order is not None else []
    side = [part for part in (signer.party, signer.role) if part]
    at = signer.signed_at or signer.declined_at
    when = f" {moment(at, zone)}" if at and signer.status in ("signed", "declined") else ""
    reason = f": {signer.reason}" if signer.reason else ""
    about = f" ({', '.join(side)})" if side else ""
    return f"{' '.join([*place, who])}{about} {signer.status}{when}{reason}"


def described_file(file: StoredFile) -> str:
    """A file by its name, with its kind and size."""
    return f"{file.name} ({FILE_WORDS[file.kind]}, {file.size:,} bytes)"


def timeline_lines(entry: LogEntry, zone: ZoneInfo, why: bool) -> Iterator[str]:
    """An entry of the timeline by the clock of the zone; ``why`` adds who did not fire."""
    local = entry.at.astimezone(zone)
    yield f"  {local:%Y-%m-%d %H:%M:%S}  {entry.text or entry.kind} ({entry.by})"
    margin = " " * 23
    happened = entry.occurred_at
    if happened is not None and abs(entry.at - happened) >= timedelta(minutes=1):
        yield f"{margin}by the provider's clock {moment(happened, zone)}"
    if entry.fired is not None:
        yield f"{margin}fired the trigger {entry.fired.trigger} of {entry.fired.stage}"
    if entry.kind == "edited":
        for change in entry.changes:
            old, new = plain(change.old) or "empty", plain(change.new) or "empty"
            yield f"{margin}{change.field}: {old} -> {new}"
    if entry.reason:
        yield f"{margin}reason: {entry.reason}"
    if not why:
        return
    if entry.fired is not None and entry.fired.verdict is not None:
        yield from _verdict(entry.fired.verdict, margin)
    for trigger in entry.passed:
        yield (
            f"{margin}did not match: trigger {trigger.trigger} ({trigger.stage}): {trigger.reason}"
        )
        if trigger.verdict is not None:
            yield from _verdict(trigger.verdict, margin)
    if entry.cause and entry.cause != entry.by:
        yield f"{margin}caused by {entry.cause}"


def _plan(entry: ExplainedEntry, why: bool) -> Iterator[str]:
    here = ", here now" if entry.current else ""
    yield f"  {entry.name} ({entry.entry}. stage entry{here})"
    width = max(len(run.name) for run in entry.runs)
    for run in entry.runs:
        yield f"    {run.name:<{width}}  {run.words}"
        margin = " " * (width + 6)
        if why and run.state == "ready" and run.reason:
            yield f"{margin}{run.reason}"
        if why and run.verdict is not None:
            yield from _verdict(run.verdict, margin)


def _task(task: Task, zone: ZoneInfo) -> str:
    return f"  {task.id}  {task.title}: {', '.join(_task_facts(task, zone))}"


def _task_facts(task: Task, zone: ZoneInfo) -> Iterator[str]:
    if task.state == "open" or task.concluded_at is None:
        yield f"open, of {task.assignee}"
        if task.deadline is not None:
            yield f"due {shown_deadline(task.deadline, zone)}"
        if task.no_deadline is not None:
            yield without_deadline(task.no_deadline)
    else:
        yield f"{task.state} {moment(task.concluded_at, zone)} by {task.concluded_by}"
    if task.checklist:
        yield points_done(task)


def task_lines(task: Task, zone: ZoneInfo) -> Iterator[str]:
    """One task with its text and its checklist."""
    yield task.title
    yield f"  {', '.join(_task_facts(task, zone))}"
    yield f"  made by the rule {task.rule} in {task.stage}, {moment(task.created_at, zone)}"
    yield from (f"  | {line}" for line in task.text.splitlines())
    for number, point in enumerate(task.checklist, 1):
        yield f"  {number}. [{'x' if point.done else ' '}] {point.text}"


def _verdict(verdict: Verdict, margin: str) -> Iterator[str]:
    signs = {"true": "yes", "false": "no", "unknown": "unknown"}
    for clause in verdict.clauses:
        wanted = f" {clause.wanted}" if clause.wanted is not None else ""
        value = clause.found if clause.found is not None else "empty"
        op = clause.op.replace("_", " ")
        yield f"{margin}  {clause.field} {op}{wanted}? found {value}: {signs[clause.outcome]}"


def counted(number: int, word: str) -> str:
    """``1 rule``, ``2 rules``."""
    return f"{number} {word}{'s' * (number != 1)}"
