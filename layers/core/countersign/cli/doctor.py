"""The command doctor: what needs attention on the stack, and what to do about it."""

from __future__ import annotations

import click

from countersign.cli.context import CliContext
from countersign.cli.operations.deployment.health import health_of
from countersign.cli.output.formats import plain_json, show_records
from countersign.cli.output.terminal import painted
from countersign.cli.output.text import one_line
from countersign.cli.output.verbs import Verb
from countersign.use_cases.queries.operations.health import Finding

_COLOURS = {"ok": "added", "attention": "changed", "failed": "removed", "unknown": "changed"}


@click.command(
    cls=Verb,
    examples=["countersign doctor", "countersign doctor --output json"],
)
@click.pass_obj
def doctor(context: CliContext) -> None:
    """Check the stack, and say what to do about each problem.

    Checks that the stack is reachable and of this command's version, that older documents are found
    by their words, that Amazon SES is out of its sandbox and has verified the senders, that no
    connection waits for its secret or has been silent for too long, that nothing failed, and what
    the plan includes. Ends with exit code 1 if anything needs attention.
    """
    findings = health_of(context).findings()
    records = [plain_json(finding) for finding in findings]
    show_records(records, "\n".join(_line(finding) for finding in findings))
    if any(finding.status in ("attention", "failed") for finding in findings):
        raise click.exceptions.Exit(1)


def _line(finding: Finding) -> str:
    status = painted(f"{finding.status:<9}", _COLOURS[finding.status])
    action = f" -> {finding.action}" if finding.action else ""
    return f"{status}  {one_line(f'{finding.check:<13}  {finding.text}{action}')}"
