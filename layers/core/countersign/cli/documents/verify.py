"""Whether a document's timeline is as it was written."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click

from countersign.cli.context import CliContext
from countersign.cli.operations.documents import documents_of
from countersign.cli.output.formats import show_one
from countersign.cli.output.verbs import Verb
from countersign.cli.parsing.parameters import DOCUMENT
from countersign.http.views.personal_data import VerificationView


@click.command(
    cls=Verb,
    examples=[
        "countersign documents verify d-1042",
        "countersign documents verify d-1042 --hash 5f0c…",
    ],
)
@DOCUMENT
@click.option(
    "--hash",
    "wanted",
    metavar="HASH",
    help="A hash that an earlier verification showed; it must still be on the timeline.",
)
@click.pass_obj
def verify(context: CliContext, document: str, wanted: str | None) -> None:
    """Verify the timeline of DOCUMENT by its hashes.

    Ends with exit code 1 where an entry was changed, removed, added or moved. Note the hash that is
    shown, outside of the database, to prove later what the timeline said until then.
    """
    verification = documents_of(context).verify(document, wanted)
    show_one(verification, list(_lines(verification)))
    if not verification.holds:
        sys.exit(1)


def _lines(verification: VerificationView) -> Iterator[str]:
    for problem in verification.problems:
        yield f"entry {problem.number}: {problem.text}"
    entries = verification.entries
    if verification.before:
        yield f"{verification.before} of {entries} entries are from before there were hashes"
    if verification.erased:
        yield f"personal data was erased from {verification.erased} of {entries} entries"
    if verification.holds:
        yield f"{entries - verification.before} of {entries} entries are as they were written"
        yield f"hash: {verification.hash or 'none yet'}"
