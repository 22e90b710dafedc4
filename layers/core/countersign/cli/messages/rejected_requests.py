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
    found = messages_of(context).show_rejected(rejected_id)
    record = {
        "id": found.id,
        "received_at": found.received_at,
        "connection": found.connection,
        "provider": found.provider,
        "status": found.status,
        "reason": found.reason,
        "authenticity": found.authenticity,
        "headers": found.headers,
        "body": found.body,
    }
    show_one(record, _lines(found))


def _lines(found: RejectedRequestView) -> Iterator[str]:
    yield f"{found.id}, received {utc(found.received_at)} UTC"
    facts = (
        ("connection", f"{found.connection} ({provider(found.provider).title})"),
        ("answered", f"{found.status}: {found.reason}"),
        ("authenticity", found.authenticity),
        ("request", " ".join((found.method, *((f"/{found.slot}",) if found.slot else ())))),
        ("query", ", ".join(found.query)),
    )
    for name, value in facts:
        if value:
            yield one_line(f"  {name:<10}  {value}")
    yield "\nHeaders"
    for name, value in sorted(found.headers.items()):
        yield one_line(f"  {name}: {value}")
    yield f"\nBody ({found.size:,} bytes)"
    for line in found.body[:MOST_SHOWN].splitlines():
        yield one_line(f"  {line}")
    if len(found.body) > MOST_SHOWN:
        yield f"  … {len(found.body) - MOST_SHOWN:,} characters more"


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
