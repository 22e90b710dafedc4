"""A played script as plain text: day by day what happened, what went out, what is still planned."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from countersign.cli.output.text import one_line
from countersign.engine.explain import Explanation, moment
from countersign.model.http import WebRequest
from countersign.model.log import LogEntry
from countersign.model.message import Email
from countersign.model.run import NOT_BEGUN
from countersign.model.values import plain
from countersign.simulation.play import ScriptResult
from countersign.simulation.record import Moment

_MARGIN = " " * 20
_WIDE = 240
"""Characters that are shown of a call's body or an event's detail; JSON has all of it."""
_OPEN = NOT_BEGUN | {"running", "awaiting", "in_doubt"}


def result_text(played: ScriptResult, *, why: bool) -> str:
    """Everything that happened, in the clock time of the pipeline; ``why`` adds who was passed."""
    zone = ZoneInfo(played.time_zone)
    lines = [
        f"{played.pipeline}: {played.title}" if played.title else played.pipeline,
        f"{moment(played.start, zone)} to {moment(played.end, zone)}",
    ]
    days = groupby(
        played.moments, key=lambda played_moment: played_moment.at.astimezone(zone).date()
    )
    for day, moments in days:
        lines += ["", f"{day:%a %Y-%m-%d}"]
        clock = None
        for played_moment in moments:
            local = played_moment.at.astimezone(zone)
            shown = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
            first, *more = _moment_lines(played_moment, why=why)
            name = played.names.get(played_moment.document or "")
            whose = f"{name}: " if name else ""
            lines.append(
                f"  {shown if shown != clock else '':<8}  {played_moment.sort:<7} {whose}{first}"
            )
            lines += [_MARGIN + line for line in more]
            clock = shown
    lines += ["", *_end(played.document, zone, played.names)]
    for other in played.others:
        lines += _end(other, zone, played.names)
    lines.append(_expectations(played))
    return "\n".join(one_line(line).rstrip() for line in lines)


def _expectations(played: ScriptResult) -> str:
    if not played.expectations:
        return "The script has no expectations"
    return f"{played.met} of {played.expectations} expectations met"


def _moment_lines(played_moment: Moment, *, why: bool) -> Iterator[str]:
    log = played_moment.log
    if log is None:
        yield played_moment.text
    else:
        text = played_moment.text.removeprefix("moved ")
        yield text if log.kind == "event" else f"{text} ({log.by})"
        yield from _logged(log, why=why)
    if played_moment.mail is not None:
        yield from _mail(played_moment.mail)
    if played_moment.call is not None:
        yield from (
            _posted(played_moment.call)
            if played_moment.sort == "post"
            else _body(played_moment.call)
        )
    if played_moment.published is not None:
        yield _cut(json.dumps(played_moment.published.detail, ensure_ascii=False))
    if played_moment.sms is not None:
        yield from _quoted(played_moment.sms.text)


def _logged(log: LogEntry, *, why: bool) -> Iterator[str]:
    if log.fired is not None:
        yield f"fired the trigger {log.fired.trigger} of {log.fired.stage}"
    if log.kind == "edited":
        for change in log.changes:
            old, new = plain(change.old) or "empty", plain(change.new) or "empty"
            yield f"{change.field}: {old} -> {new}"
    if log.reason:
        yield f"reason: {log.reason}"
    for trigger in log.passed if why else ():
        yield f"did not match: trigger {trigger.trigger} ({trigger.stage}): {trigger.reason}"


def _mail(mail: Email) -> Iterator[str]:
    for name, there in (("cc", mail.cc), ("bcc", mail.bcc), ("reply to", mail.reply_to)):
        if there:
            yield f"{name} {', '.join(there)}"
    if mail.attachments:
        yield f"attached {', '.join(attachment.name for attachment in mail.attachments)}"
    yield from _quoted(mail.text if mail.text is not None else mail.html or "")


def _posted(call: WebRequest) -> Iterator[str]:
    """A chat message as it is read, whatever its service wraps it in."""
    for text in _texts(json.loads(call.body)):
        yield from _quoted(text)


def _texts(content: Any) -> Iterator[str]:
    if isinstance(content, dict):
        for name, value in content.items():
            if name == "text":
                yield value
            else:
                yield from _texts(value)
    elif isinstance(content, list):
        for value in content:
            yield from _texts(value)


def _body(call: WebRequest) -> Iterator[str]:
    if call.body:
        yield _cut(call.body.decode())


def _quoted(text: str) -> Iterator[str]:
    for line in text.strip().splitlines():
        yield f"| {line}"


def _cut(text: str) -> str:
    return f"| {text}" if len(text) <= _WIDE else f"| {text[:_WIDE]}…"


def _end(
    explanation: Explanation | None, zone: ZoneInfo, names: Mapping[str, str]
) -> Iterator[str]:
    if explanation is None:
        yield "No message came, so there is no document."
        return
    name = names.get(explanation.document.id, "it")
    since = moment(explanation.document.since, zone)
    yield f"In the end {name} is in {explanation.stage}, since {since}"
    still = [
        (entry, run) for entry in explanation.entries for run in entry.runs if run.state in _OPEN
    ]
    if not still:
        yield "Nothing more is planned"
    for entry, run in still:
        yield f"  {run.name} ({entry.name}): {run.words}"
