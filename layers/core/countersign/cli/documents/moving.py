"""The command documents move: one at once, many by a job."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import click

from countersign.cli.context import CliContext
from countersign.cli.documents.changes import change_lines, saved_record
from countersign.cli.jobs.following import end_with, job_lines, job_record, watched
from countersign.cli.operations.bulk import moves_of
from countersign.cli.operations.documents import documents_of
from countersign.cli.output.formats import show_one
from countersign.cli.output.text import counted, one_line
from countersign.cli.output.verbs import Verb
from countersign.cli.parsing import completions
from countersign.cli.parsing.document_filters import FILTERS
from countersign.cli.parsing.option_group import option_group
from countersign.http.views.document_moves import MovePreviewView
from countersign.model.page import MAX_PAGE_SIZE
from countersign.use_cases.documents.move import DocumentMove
from countersign.use_cases.queries.pages.documents import DocumentSearch

MAX_COUNTED = 10_000
"""How many documents are counted before the command asks; there may be more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveOptions:
    """The documents that are named, or the filters that match them, and the stage."""

    words: tuple[str, ...]
    every: bool
    yes: bool
    pipeline: str | None
    stage: str | None
    responsible: str | None
    person: str | None
    party: str | None
    text: str | None
    days_in_stage: int | None

    @property
    def search(self) -> DocumentSearch:
        """What the filters match."""
        names = [field.name for field in fields(DocumentSearch)]
        return DocumentSearch(**{name: getattr(self, name) for name in names})


@click.command(
    cls=Verb,
    examples=[
        'countersign documents move d-1042 done --comment "Signed on paper"',
        "countersign documents move --all --pipeline reminders --stage work --days 30 done --yes",
    ],
)
@option_group(
    "choice",
    MoveOptions,
    click.argument(
        "words",
        nargs=-1,
        required=True,
        metavar="DOCUMENT... STAGE",
        shell_complete=completions.documents_to_move,
    ),
    *FILTERS,
    click.option("--text", metavar="TEXT", help="Only documents that TEXT finds."),
    click.option("--all", "every", is_flag=True, help="All documents that match the filters."),
    click.option("--yes", is_flag=True, help="Do not ask for confirmation."),
)
@click.option("--comment", metavar="TEXT", help="Comment for the timeline.")
@click.pass_obj
def move(context: CliContext, choice: MoveOptions, comment: str | None) -> None:
    """Move each DOCUMENT to STAGE and start the stage's rules.

    With --all instead of DOCUMENT..., every document of the pipeline that matches the filters.
    Several are moved by a job, which goes on while nobody watches it.
    """
    *named, stage = choice.words
    _check(choice, named)
    if len(named) == 1:
        _move_one(context, named[0], stage, comment)
    elif named:
        pipeline = moves_of(context).pipeline_of(named[0])
        wanted = DocumentMove(pipeline=pipeline, stage=stage, documents=tuple(named))
        _follow(context, wanted, comment)
    else:
        wanted = DocumentMove(pipeline=choice.pipeline or "", stage=stage, search=choice.search)
        _move_all(context, wanted, comment, yes=choice.yes)


def _check(choice: MoveOptions, named: Sequence[str]) -> None:
    if bool(named) == choice.every or (choice.search != DocumentSearch() and not choice.every):
        raise click.UsageError("documents move takes DOCUMENT..., or --all with filters; not both")
    if choice.every and choice.pipeline is None:
        raise click.UsageError("documents move --all takes the documents of one --pipeline")
    if len(named) > MAX_PAGE_SIZE:
        text = f"{len(named)} documents are named; expected {MAX_PAGE_SIZE} at most, or --all"
        raise click.UsageError(text)


def _move_one(context: CliContext, document: str, stage: str, comment: str | None) -> None:
    saved = documents_of(context).move(document, stage, comment)
    lines = list(change_lines(saved))
    if not saved.moved:
        lines.append(f"{document} is in {stage} already; no rule was started")
    show_one(saved_record(saved), lines)


def _move_all(context: CliContext, wanted: DocumentMove, comment: str | None, *, yes: bool) -> None:
    preview, more = _previewed(context, wanted)
    if not preview.documents and not more:
        there = preview.there_already
        already = f"; {there:,} are in {wanted.stage} already" if there else ""
        show_one({"documents": 0, "job": None}, [f"no document is to be moved{already}"])
        return
    if not yes:
        _confirm(wanted, preview, more)
    _follow(context, wanted, comment)


def _previewed(context: CliContext, wanted: DocumentMove) -> tuple[MovePreviewView, bool]:
    """What the move would do, and whether there are more documents than were counted."""
    moves = moves_of(context)
    preview = moves.preview(wanted)
    while preview.next is not None and preview.documents < MAX_COUNTED:
        page = moves.preview(wanted, preview.next)
        so_far = {
            name: getattr(preview, name) + getattr(page, name)
            for name in ("documents", "there_already", "leaving_final")
        }
        preview = page.model_copy(update=so_far)
    return preview, preview.next is not None


def _confirm(wanted: DocumentMove, preview: MovePreviewView, more: bool) -> None:
    for note in _notes(wanted, preview):
        click.echo(one_line(f"  {note}"), err=True)
    number = (
        f"more than {MAX_COUNTED:,} documents" if more else counted(preview.documents, "document")
    )
    click.confirm(f"move {number} to {wanted.stage}?", abort=True, err=True)


def _notes(wanted: DocumentMove, preview: MovePreviewView) -> Iterator[str]:
    """What there is to know before the move."""
    names = ", ".join(rule.name or rule.rule for rule in preview.rules)
    yield f"rules that start in {wanted.stage}: {names}" if names else "no rule starts"
    if preview.there_already:
        there = counted(preview.there_already, "document")
        yield f"{there} in {wanted.stage} already, left out"
    if preview.leaving_final:
        yield f"{counted(preview.leaving_final, 'document')} of a final stage"
    if preview.final:
        yield "the stage is final"
    if preview.paused:
        yield "the pipeline is paused: rules start when it is resumed"
    if not preview.automation:
        yield "automation is not included in this deployment's plan"


def _follow(context: CliContext, wanted: DocumentMove, comment: str | None) -> None:
    job = watched(context, moves_of(context).start(wanted, comment))
    if job is not None:
        show_one({"documents": job.matched, "job": job_record(job)}, job_lines(job))
        end_with(job)
