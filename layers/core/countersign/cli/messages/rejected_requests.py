"""Commands for genuine webhooks that were rejected: listed, shown, and taken again after a fix."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from countersign.cli.context import CliContext
from countersign.cli.operations.messages import messages_of
from countersign.cli.output.formats import Report, show_list, show_one, utc
from countersign.cli.output.text import one_line
from countersign.cli.parsing import completions
from countersign.cli.parsing.groups import NounGroup
from countersign.http.views.messages import RejectedRequestView
from countersign.providers import provider

MAX_SHOWN = 20_000
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
    listed = messages_of(context).rejected(connection)
    for unreadable in listed.unreadable:
        click.echo(one_line(unreadable), err=True)
    records = [
        {
            "id": kept.id,
            "received_at": kept.received_at,
            "connection": kept.connection,
            "provider": kept.provider,
            "status": kept.status,
            "reason": kept.reason,
        }
        for kept in listed.rows
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
    request = messages_of(context).show_rejected(rejected_id)
    record = {
        "id": request.id,
        "received_at": request.received_at,
        "connection": request.connection,
        "provider": request.provider,
        "status": request.status,
        "reason": request.reason,
        "authenticity": request.authenticity,
        "headers": request.headers,
        "body": request.body,
    }
    show_one(record, _lines(request))


def _lines(request: RejectedRequestView) -> Iterator[str]:
    yield f"{request.id}, received {utc(request.received_at)} UTC"
    facts = (
        ("connection", f"{request.connection} ({provider(request.provider).title})"),
        ("answered", f"{request.status}: {request.reason}"),
        ("authenticity", request.authenticity),
        ("request", " ".join((request.method, *((f"/{request.slot}",) if request.slot else ())))),
        ("query", ", ".join(request.query)),
    )
    for name, value in facts:
        if value:
            yield one_line(f"  {name:<10}  {value}")
    yield "\nHeaders"
    for name, value in sorted(request.headers.items()):
        yield one_line(f"  {name}: {value}")
    yield f"\nBody ({request.size:,} bytes)"
    for line in request.body[:MAX_SHOWN].splitlines():
        yield one_line(f"  {line}")
    if len(request.body) > MAX_SHOWN:
        yield f"  … {len(request.body) - MAX_SHOWN:,} characters more"


@rejected.command("retry", examples=["countersign rejected retry --all"])
@click.argument("rejected_id", metavar="ID", required=False)
@click.option("--all", "everything", is_flag=True, help="Every message there is.")
@click.pass_obj
def retry_rejected(context: CliContext, rejected_id: str | None, everything: bool) -> None:
    """Take the rejected message ID again, by this version's code; what is applied is removed."""
    if (rejected_id is None) != everything:
        raise click.UsageError("expected the ID of a message, or --all")
    messages = messages_of(context)
    ids = (rejected_id,) if rejected_id else messages.rejected_ids()
    left = 0
    report = Report()
    for done in messages.retry_rejected(ids):
        record: dict[str, Any] = {"id": done.id, "outcome": done.outcome}
        if done.outcome == "rejected":
            left += 1
            record |= {"documents": (), "reason": done.reason}
            report.add(record, f"{done.id}: still rejected: {done.reason}")
        else:
            record |= {"reason": None, "documents": done.documents}
            report.add(record, f"{done.id}: {done.outcome} {' '.join(done.documents)}".rstrip())
    report.end(None if ids else "no rejected messages")
    if left:
        raise click.ClickException(f"{left} of {len(ids)} messages could not be taken")
