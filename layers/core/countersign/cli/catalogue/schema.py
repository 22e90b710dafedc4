"""The command that prints the JSON Schema of the pipeline file."""

from __future__ import annotations

import json

import click

from countersign.cli.output.verbs import Verb
from countersign.use_cases.queries.catalogue.schema import pipeline_schema


@click.command(cls=Verb, output=False, examples=["countersign schema > pipeline.schema.json"])
def schema() -> None:
    """Print the JSON Schema of the pipeline file.

    Editors complete and check pipeline files by it. In Visual Studio Code and others that use the
    YAML language server, write this as the first line of a pipeline file:

    # yaml-language-server: $schema=pipeline.schema.json
    """
    click.echo(json.dumps(pipeline_schema(), indent=2, ensure_ascii=False))
