"""The command backtest: what a file would have done with the documents of the last days."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from countersign.cli.context import CliContext
from countersign.cli.operations.history.backtests import backtests_of
from countersign.cli.output.formats import Report
from countersign.cli.output.terminal import painted
from countersign.cli.output.text import counted, one_line
from countersign.cli.output.verbs import TABLE, Verb, output_format
from countersign.cli.pipelines.validate import FILE, checked
from countersign.simulation.backtest.differences import EffectDifference
from countersign.simulation.backtest.slices import MAX_DAYS, DocumentBacktest
from countersign.simulation.backtest.summary import BacktestSummary

EACH = 500
"""After so many documents it is said how many there were."""
DAYS = 30


@click.command(
    cls=Verb,
    examples=[
        "countersign pipelines backtest contracts.yaml",
        "countersign pipelines backtest contracts.yaml --days 7",
    ],
)
@FILE
@click.option(
    "--days",
    metavar="N",
    type=click.IntRange(1, MAX_DAYS),
    default=DAYS,
    show_default=True,
    help="How far back.",
)
@click.pass_obj
def backtest(context: CliContext, file: Path, days: int) -> None:
    """Show what FILE would have done with real documents.

    Takes what came to each document that was active in the last days, and plays it on the
    published version and on FILE: as if FILE had been published at the beginning. Shows which
    moves, mails, tasks and calls would have gone otherwise. Nothing is changed or sent.
    """
    pipeline, _ = checked(context, file)
    report, summary, people = Report(), BacktestSummary(), output_format() == TABLE
    for result in backtests_of(context).results(pipeline, days):
        summary = summary.with_results([result])
        if people:
            for line in _lines(result):
                click.echo(line)
        else:
            report.add(result.model_dump(), "")
        if summary.documents % EACH == 0:
            click.echo(f"{summary.documents:,} documents so far", err=True)
    report.end("\n".join(_summary(summary, days)))
    if not summary.fits:
        first = summary.reasons[0]
        raise click.ClickException(
            f"{file} fits none of the documents; for example {first.example}: {first.reason}"
        )


def _lines(result: DocumentBacktest) -> Iterator[str]:
    """The lines of one document; none where nothing went otherwise."""
    if not result.differences and result.unfit is None:
        return
    title = f" ({result.title})" if result.title else ""
    yield one_line(f"{result.document}{title}")
    if result.unfit is not None:
        yield one_line(f"  ! {result.unfit}")
    for difference in result.differences:
        yield from _difference(difference)
    if result.stage_draft != result.stage_published and result.unfit is None:
        yield one_line(f"    ends in {result.stage_draft} instead of {result.stage_published}")
    yield from (one_line(f"    not exactly: {note}") for note in result.notes)


def _difference(difference: EffectDifference) -> Iterator[str]:
    sign = {"added": "+", "removed": "-", "changed": "~"}[difference.change]
    effects = " -> ".join(
        text for text in (difference.published, difference.draft) if text is not None
    )
    yield painted(one_line(f"  {sign} {effects}"), difference.change)
    yield one_line(f"      {difference.reason}")


def _summary(summary: BacktestSummary, days: int) -> Iterator[str]:
    if not summary.documents:
        yield f"no document was active in the last {counted(days, 'day')}"
        return
    yield (
        f"{counted(summary.documents, 'document')} of the last {counted(days, 'day')}: "
        f"{summary.same} the same, {summary.different} otherwise, {summary.unfit} that do not fit"
    )
    for total in summary.totals:
        word = {"added": "more", "removed": "less", "changed": "otherwise"}[total.change]
        what = counted(total.effects, total.kind)
        yield one_line(f"  {what} {word} by {total.by}, for {counted(total.documents, 'document')}")
    for reason in summary.reasons:
        count = counted(reason.documents, "document")
        yield one_line(f"  does not fit {count}: {reason.reason} (such as {reason.example})")
    if summary.inexact:
        yield f"  not known exactly: what came to {counted(summary.inexact, 'document')}"
