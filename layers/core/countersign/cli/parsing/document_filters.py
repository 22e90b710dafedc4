"""The options that lists of documents are filtered by."""

from __future__ import annotations

import click

from countersign.cli.parsing import completions
from countersign.cli.parsing.parameters import pipeline_option

FILTERS = (
    pipeline_option("Only documents of this pipeline."),
    click.option(
        "--stage",
        metavar="STAGE",
        shell_complete=completions.stages,
        help="Only documents in this stage (ID or name).",
    ),
    click.option("--responsible", metavar="USER", help="Only documents of this user."),
    click.option(
        "--person",
        metavar="USER",
        help="Only documents that this user is responsible for or observes.",
    ),
    click.option(
        "--party", metavar="ADDRESS", help="Only documents with a signer of this e-mail address."
    ),
    click.option(
        "--days",
        "days_in_stage",
        metavar="DAYS",
        type=click.IntRange(min=0),
        help="Only documents that have been in their stage for at least so many days.",
    ),
)
