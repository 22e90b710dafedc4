"""Commands for the audit log: listed, and exported whole."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, get_args

import click
from pydantic import JsonValue

from countersign.cli.context import CliContext
from countersign.cli.operations.deployment.audit import audit_of
from countersign.cli.output.formats import Column, Record, plain_json, say, show_list
from countersign.cli.parsing.groups import NounGroup
from countersign.cli.parsing.option_group import option_group
from countersign.errors import PermanentError
from countersign.model.audit import AuditAction, AuditEntry, AuditFilter, SubjectKind
from countersign.text.suggestions import close_or_all
from countersign.use_cases.queries.operations.audit import subject_filter

LISTED = 50
"""Entries that are listed unless more are asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditOptions:
    """Which entries are wanted, as they are written."""

    subject: str | None
    actor: str | None
    action: str | None
    since: datetime | None
    until: datetime | None

    @property
    def wanted(self) -> AuditFilter:
        """What the options match; UsageError for a subject or an action that cannot be."""
        kind, name = _subject(self.subject)
        if self.action is not None and self.action not in get_args(AuditAction):
            hint = close_or_all(self.action, get_args(AuditAction))
            raise click.UsageError(f'there is no action "{self.action}"; {hint}')
        return AuditFilter.model_validate(
            {
                "subject_kind": kind,
                "subject_id": name,
                "actor": self.actor,
                "action": self.action,
                "since": self.since and self.since.replace(tzinfo=UTC),
                "until": self.until and self.until.replace(tzinfo=UTC),
            }
        )


_filters = option_group(
    "chosen",
    AuditOptions,
    click.option(
        "--subject",
        metavar="KIND[:ID]",
        help="Only changes of this subject, such as pipeline:contracts, or of its kind.",
    ),
    click.option(
        "--actor", metavar="ID", help="Only changes by this actor: iam:ARN, an id or an address."
    ),
    click.option("--action", metavar="ACTION", help="Only this action: pipeline.published."),
    click.option(
        "--since", type=click.DateTime(), metavar="TIME", help="Only from this time on, in UTC."
    ),
    click.option(
        "--until", type=click.DateTime(), metavar="TIME", help="Only before this time, in UTC."
    ),
)


@click.group(cls=NounGroup)
def audit() -> None:
    """List and export who changed the configuration.

    Each entry says who changed what, when and from where, and what it was before and after. No
    command changes or removes one.
    """


@audit.command(
    "list",
    examples=[
        "countersign audit list --subject pipeline:contracts",
        "countersign audit list --action secret.set --since 2026-03-01 --output json",
    ],
)
@_filters
@click.option(
    "--newest",
    metavar="N",
    type=click.IntRange(min=1),
    default=LISTED,
    show_default=True,
    help="How many entries to list.",
)
@click.pass_obj
def list_entries(context: CliContext, chosen: AuditOptions, newest: int) -> None:
    """List changes of the configuration, newest first."""
    entries = audit_of(context).entries(chosen.wanted)
    listed = list(islice(entries, newest + 1))
    columns: dict[str, Column] = {
        "AT (UTC)": "at",
        "ACTOR": lambda record: record["actor"]["name"] or record["actor"]["id"],
        "FROM": _source,
        "ACTION": "action",
        "SUBJECT": "subject",
        "OUTCOME": "outcome",
        "CHANGE": _change,
    }
    show_list(map(_record, listed[:newest]), columns, "nothing was changed")
    if len(listed) > newest:
        say("there are older ones; --newest lists more")


@audit.command(
    examples=[
        "countersign audit export",
        "countersign audit export --since 2026-01-01 --until 2027-01-01",
    ],
    output=False,
)
@_filters
@click.pass_obj
def export(context: CliContext, chosen: AuditOptions) -> None:
    """Print changes of the configuration as JSON, a line each, newest first."""
    for entry in audit_of(context).entries(chosen.wanted):
        click.echo(json.dumps(plain_json(_record(entry)), ensure_ascii=False))


def _subject(text: str | None) -> tuple[SubjectKind | None, str | None]:
    if not text:
        return None, None
    try:
        return subject_filter(text)
    except PermanentError as error:
        raise click.UsageError(str(error)) from error


def _record(entry: AuditEntry) -> dict[str, Any]:
    return {**entry.model_dump(), "subject": str(entry.subject)}


def _source(record: Record) -> str:
    source = record["source"]
    return f"{source['channel']} {source['ip'] or ''}".rstrip()


def _change(record: Record) -> str:
    """What is not as it was: ``version 3 -> 4``."""
    before, after = record["before"] or {}, record["after"] or {}
    names = [name for name in dict.fromkeys((*before, *after)) if name != "changes"]
    parts = [
        f"{name} {_shown(before.get(name))} -> {_shown(after.get(name))}"
        for name in names
        if before.get(name) != after.get(name)
    ]
    return ", ".join(parts)


def _shown(value: JsonValue) -> str:
    if value is None:
        return "none"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
