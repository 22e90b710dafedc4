"""Arguments and options that several commands have."""

from __future__ import annotations

import click

from countersign.cli.parsing import completions
from countersign.cli.parsing.option_group import Decorator

DOCUMENT = click.argument("document", shell_complete=completions.documents)
CONNECTION = click.argument("connection", metavar="ID", shell_complete=completions.connections)


def pipeline_option(text: str, *, required: bool = False) -> Decorator:
    """The option ``--pipeline``, for the id of a published pipeline."""
    return click.option(
        "--pipeline",
        metavar="ID",
        shell_complete=completions.pipelines,
        required=required,
        help=text,
    )


def document_option(text: str) -> Decorator:
    """The option ``--document``, for the id of a document."""
    return click.option("--document", metavar="ID", shell_complete=completions.documents, help=text)
