"""The command inspect: what a captured message is read as, and what it would do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from pydantic import ValidationError

from countersign.cli.connections.options import ReadingOptions, description, reading
from countersign.cli.context import CliContext
from countersign.cli.output.formats import say, show_list
from countersign.cli.output.text import one_line
from countersign.cli.output.verbs import TABLE, Verb, output_format
from countersign.cli.parsing import completions
from countersign.cli.parsing.option_group import option_group
from countersign.cli.pipelines.validate import checked
from countersign.errors import PermanentError
from countersign.model.connection import PartyMapping
from countersign.model.log import LogEntry
from countersign.pipeline_files.reader import UnreadableError, read_file
from countersign.providers import named_provider
from countersign.simulation.capture_file import read_captured
from countersign.simulation.inspection import (
    Effect,
    InspectedSigner,
    Inspection,
    Inspector,
    connection_for,
)
from countersign.simulation.script import ScriptConnection
from countersign.use_cases.connections.connect import unknown_options

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectOptions:
    """Where the messages came from and where they would go, as far as it is given."""

    pipeline: Path | None
    script: Path | None
    url: str | None


@click.command(
    cls=Verb,
    examples=["countersign events inspect docusign captured.json --pipeline contracts.yaml"],
)
@click.argument("provider", shell_complete=completions.providers)
@click.argument("files", metavar="FILE...", type=FILE, nargs=-1, required=True)
@option_group(
    "about",
    InspectOptions,
    click.option("--pipeline", type=FILE, help="Show what the message would do in this pipeline."),
    click.option("--script", type=FILE, help="Take the connection from this script of simulate."),
    click.option("--url", metavar="URL", help="The address that was called, with its query."),
)
@reading
@click.pass_obj
def inspect(
    context: CliContext,
    provider: str,
    files: tuple[Path, ...],
    about: InspectOptions,
    given: ReadingOptions,
) -> None:
    """Show what a captured message of PROVIDER is read as.

    FILE holds the body alone, headers and body, an HTTP request, an event of API Gateway, or an
    example. Shows the events, the signers with their parties and why, the state, and what is cut
    out before the message is stored. With --pipeline, also which trigger would fire, and why the
    others would not. Several files are read one after the other. Needs no stack and no secret.
    """
    sender = named_provider(provider)
    at = checked(context, about.pipeline)[0] if about.pipeline else None
    options = description(given)
    if unknown := unknown_options(sender, options.options):
        raise PermanentError("; ".join(unknown))
    known = _connection_of(about.script) if about.script else {}
    parties = {**known.get("parties", {}), **options.parties}
    changes = {**known, **options.changes, "parties": PartyMapping.model_validate(parties)}
    inspector = Inspector(connection_for(provider, at, **changes), at, options.options)
    records: list[dict[str, Any]] = []
    for file in files:
        request = read_captured(file.read_bytes(), sender, context.now(), url=about.url)
        inspection = inspector.inspect(request)
        records.append({"file": str(file), **inspection.model_dump()})
        if len(files) > 1:
            say(one_line(f"{file}:"))
        for line in shown(inspection):
            say(one_line(line))
    if output_format() != TABLE:
        show_list(records, {}, "")


def _connection_of(script: Path) -> dict[str, Any]:
    """What a script says of its connection; PermanentError where it cannot be read."""
    try:
        value, _, _ = read_file(script)
    except UnreadableError as error:
        raise PermanentError(error.line.shown(str(script))) from None
    section = value.get("connection") if isinstance(value, dict) else None
    try:
        written = ScriptConnection.model_validate(section or {})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, ("connection", *first["loc"])))
        raise PermanentError(f"{script}: {place}: {first['msg']}") from None
    return written.model_dump(exclude={"provider"}, exclude_unset=True)


def shown(inspection: Inspection) -> Iterator[str]:
    """The inspection as plain text."""
    for event in inspection.events:
        envelope = f" of {event.envelope}" if event.envelope else ""
        yield f"{event.kind}{envelope}, from {event.provider_event}, at {event.occurred_at:%F %T}Z"
        if event.signer is not None:
            said = event.signer.model_dump(exclude_none=True)
            yield f"  signer   {', '.join(f'{name} {value}' for name, value in said.items())}"
        for name, value in event.detail.items():
            yield f"  {name:<8} {value}"
        if event.reason:
            yield f"  reason   {event.reason}"
        yield f"  key      {event.key}"
    yield from _state(inspection)
    for warning in inspection.warnings:
        yield f"warning: {warning}"
    if inspection.cut_out:
        yield f"removed before it is stored: {', '.join(inspection.cut_out)}"
    for effect in inspection.effects:
        yield from _effect(effect)


def _state(inspection: Inspection) -> Iterator[str]:
    state = inspection.state
    if state is not None:
        yield ""
        title = f' "{state.title}"' if state.title else ""
        yield f"envelope {state.id}{title}: {state.status or 'the message does not tell how far'}"
        if state.sender is not None:
            yield f"  sender   {state.sender.name or ''} <{state.sender.email or '?'}>"
        for name in ("sent_at", "completed_at", "expires_at", "reason"):
            if (value := getattr(state, name)) is not None:
                yield f"  {name:<12} {value}"
        for name, value in state.custom_fields.items():
            yield f"  field    {name} = {value}"
    if inspection.signers:
        whole = state is not None and state.all_signers
        yield ""
        yield "signers, the whole list" if whole else "signers, as far as this message tells"
    for signer in inspection.signers:
        yield from _signer(signer)


def _signer(inspected_signer: InspectedSigner) -> Iterator[str]:
    signer = inspected_signer.signer
    facts = [
        signer.name or "",
        f"<{signer.email}>" if signer.email else "",
        signer.phone or "",
        f"number {signer.order}" if signer.order is not None else "",
        f'"{signer.role}"' if signer.role else "",
        signer.action if signer.action != "sign" else "",
        f"id {signer.id}" if signer.id else "without id",
        signer.status,
    ]
    yield f"  {', '.join(fact for fact in facts if fact)}"
    yield f"    {inspected_signer.party}: {inspected_signer.reason}"


def _effect(effect: Effect) -> Iterator[str]:
    yield ""
    document = effect.document
    yield f"{effect.outcome}: the document is in {document.stage}" if document else effect.outcome
    for line in effect.timeline:
        yield from _timeline(line)


def _timeline(line: LogEntry) -> Iterator[str]:
    yield f"  {line.kind}: {line.text}"
    if line.fired is not None:
        yield f"    fires {line.fired.trigger} of {line.fired.stage}"
    for trigger in line.passed:
        yield f"    does not fire {trigger.trigger} of {trigger.stage}: {trigger.reason}"
