"""Commands for genuine webhooks that were rejected: listed, shown, and taken again after a fix."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from countersign.cli.context import CliContext
from countersign.cli.output.formats import Report, show_list, show_one, utc
from countersign.cli.output.text import one_line
from countersign.cli.parsing import completions
from countersign.cli.parsing.groups import NounGroup
from countersign.providers import provider
from countersign.use_cases.messages.rejected_requests import retry
from countersign.use_cases.queries.operations import rejected as query
from countersign.use_cases.queries.operations.rejected import RejectedDetails

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
    cloud = context.cloud
    listed = query.list_rejected(cloud.rejected, cloud.connections, connection)
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
        for kept in listed.requests
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
    details = query.show_rejected(context.cloud.rejected, context.cloud.secrets, rejected_id)
    found, verified = details.kept, details.verified
    record = {
        "id": found.id,
        "received_at": found.received_at,
        "connection": found.connection,
        "provider": found.provider,
        "status": found.status,
        "reason": found.reason,
        "authenticity": verified.authenticity,
        "headers": dict(verified.request().headers),
        "body": details.body,
    }
    show_one(record, _lines(details))


def _lines(details: RejectedDetails) -> Iterator[str]:
    found, verified, text = details.kept, details.verified, details.body
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
