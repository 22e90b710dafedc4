"""Commands for genuine webhooks that were rejected: listed, shown, and taken again after a fix."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from countersign.cli import completions
from countersign.cli.context import CliContext
from countersign.cli.groups import NounGroup
from countersign.cli.output import Report, show_list, show_one, utc
from countersign.cli.text import one_line
from countersign.errors import CountersignError, NotFoundError, PermanentError
from countersign.model.rejected_request import RejectedRequest
from countersign.providers import provider
from countersign.providers._toolkit.redaction import REDACTED
from countersign.use_cases.connections.connect import no_connection
from countersign.use_cases.messages.rejected_requests import find, retry
from countersign.use_cases.messages.verified_request import VerifiedRequest

MOST_SHOWN = 20_000
"""Characters of a body that are printed."""


@click.group("rejected", cls=NounGroup)
def rejected() -> None:
    """List, show and retry webhooks that could not be read.

    They proved their sender and are kept for 30 days.
    """


@rejected.command(
    "list", examples=["countersign rejected list", "countersign rejected list docusign"]
)
@click.argument("connection", required=False, shell_complete=completions.connections)
@click.pass_obj
def list_rejected(context: CliContext, connection: str | None) -> None:
    """List the rejected messages, or those of CONNECTION, newest first, and why."""
    kept = sorted(_all(context, connection), key=lambda one: one.received_at, reverse=True)
    records = [
        {
            "id": one.id,
            "received_at": one.received_at,
            "connection": one.connection,
            "provider": one.provider,
            "status": one.status,
            "reason": one.reason,
        }
        for one in kept
    ]
    columns = {
        "ID": "id",
        "RECEIVED (UTC)": "received_at",
        "PROVIDER": "provider",
        "STATUS": "status",
        "REASON": "reason",
    }
    show_list(records, columns, "no rejected messages")


@rejected.command(examples=["countersign rejected show docusign.9f86d081884c7d65"])
@click.argument("rejected_id", metavar="ID")
@click.pass_obj
def show(context: CliContext, rejected_id: str) -> None:
    """Show the rejected message ID: when, why, its headers and its body."""
    found = find(context.cloud.rejected, rejected_id)
    verified = VerifiedRequest.model_validate_json(found.request)
    text = _redacted(context, found, verified)
    request = verified.request()
    record = {
        "id": found.id,
        "received_at": found.received_at,
        "connection": found.connection,
        "provider": found.provider,
        "status": found.status,
        "reason": found.reason,
        "authenticity": verified.authenticity,
        "headers": dict(request.headers),
        "body": text,
    }
    show_one(record, _lines(found, verified, text))


def _lines(found: RejectedRequest, verified: VerifiedRequest, text: str) -> Iterator[str]:
    request = verified.request()
    yield f"{found.id}, received {utc(found.received_at)} UTC"
    facts = (
        ("connection", f"{found.connection} ({provider(found.provider).title})"),
        ("answered", f"{found.status}: {found.reason}"),
        ("authenticity", verified.authenticity),
        ("request", " ".join((request.method, *((f"/{request.slot}",) if request.slot else ())))),
        ("query", ", ".join(request.query)),
    )
    for name, value in facts:
        if value:
            yield one_line(f"  {name:<10}  {value}")
    yield "\nHeaders"
    for name, value in sorted(request.headers.items()):
        yield one_line(f"  {name}: {value}")
    yield f"\nBody ({len(request.body):,} bytes)"
    for line in text[:MOST_SHOWN].splitlines():
        yield one_line(f"  {line}")
    if len(text) > MOST_SHOWN:
        yield f"  … {len(text) - MOST_SHOWN:,} characters more"


@rejected.command("retry", examples=["countersign rejected retry --all"])
@click.argument("rejected_id", metavar="ID", required=False)
@click.option("--all", "everything", is_flag=True, help="Every message there is.")
@click.pass_obj
def retry_rejected(context: CliContext, rejected_id: str | None, everything: bool) -> None:
    """Take the rejected message ID again, by this version's code; what is applied is removed."""
    if (rejected_id is None) != everything:
        raise click.UsageError("expected the ID of a message, or --all")
    ids = [rejected_id] if rejected_id else list(context.cloud.rejected.ids())
    left = 0
    report = Report()
    for done in retry(context.receiver, ids):
        if done.received is None:
            left += 1
            record: dict[str, Any] = {"id": done.id, "outcome": "rejected", "documents": ()}
            record["reason"] = done.reason
            report.add(record, f"{done.id}: still rejected: {done.reason}")
        else:
            outcome, documents = done.received.outcome, done.received.documents
            record = {"id": done.id, "outcome": outcome, "reason": None, "documents": documents}
            report.add(record, f"{done.id}: {outcome} {' '.join(documents)}".rstrip())
    report.end(None if ids else "no rejected messages")
    if left:
        raise click.ClickException(f"{left} of {len(ids)} messages could not be taken")


def number_of_rejected(context: CliContext, connection: str) -> str | None:
    """How many messages of the connection are kept, as a sentence; None where there are none.

    What is shown beside it does not depend on it: a bucket that cannot be read is told.
    """
    try:
        number = sum(1 for _ in context.cloud.rejected.ids(connection))
    except CountersignError as error:
        return one_line(f"rejected messages could not be counted: {error}")
    if number == 0:
        return None
    messages = f"{number} genuine message{'s' * (number != 1)} of {connection}"
    return f"{messages} rejected and kept: countersign rejected list {connection}"


def _all(context: CliContext, connection: str | None) -> Iterator[RejectedRequest]:
    """What is kept; one that cannot be read is named and passed over."""
    cloud = context.cloud
    if connection is not None and cloud.connections.get(connection) is None:
        ids = list(cloud.rejected.ids(connection))
        if not ids:
            raise NotFoundError(no_connection(cloud.connections, connection))
    for rejected_id in cloud.rejected.ids(connection):
        try:
            found = cloud.rejected.get(rejected_id)
        except PermanentError as error:
            click.echo(one_line(str(error)), err=True)
            continue
        if found is not None:
            yield found


def _redacted(context: CliContext, found: RejectedRequest, verified: VerifiedRequest) -> str:
    """The body as it may be shown: as a message is kept where it can be read, otherwise as it came
    but for the connection's secrets."""
    request = verified.request()
    try:
        text = provider(found.provider).redact(request)
    except Exception:
        # Unreadable is what most of these are, in ways that nobody foresaw.
        text = request.body.decode("utf-8", "replace")
    known = context.cloud.secrets.get(found.connection)
    for secret in filter(None, known.secrets if known else ()):
        text = text.replace(secret, REDACTED)
    return text
