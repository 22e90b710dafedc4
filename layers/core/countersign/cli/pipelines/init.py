"""The command ``pipelines init``: a new pipeline file from a template."""

from __future__ import annotations

import re
from pathlib import Path

import click

from countersign.cli.context import CliContext
from countersign.cli.output.formats import show_one
from countersign.cli.output.verbs import Verb
from countersign.errors import PermanentError
from countersign.model.person import Language
from countersign.use_cases.pipelines.templates import (
    SENDER,
    TEMPLATES,
    NewPipeline,
    default_name,
    pipeline_file,
)


@click.command(
    cls=Verb,
    examples=[
        "countersign pipelines init leases.yaml",
        "countersign pipelines init vertraege.yaml --template two-parties --language de",
        "countersign pipelines init offers.yaml --template approval --sender offers@acme.example",
    ],
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--template",
    type=click.Choice(tuple(TEMPLATES)),
    help="; ".join(f"{name}: {template.descriptions['en']}" for name, template in TEMPLATES.items())
    + ".",
)
@click.option("--id", "pipeline", metavar="ID", help="Default: the name of the file.")
@click.option("--name", metavar="TEXT", help="Display name. Default: the ID.")
@click.option("--sender", metavar="ADDRESS", help=f"Sender of e-mails. Default: {SENDER}.")
@click.option("--time-zone", metavar="NAME", help="Default: UTC.")
@click.option(
    "--language",
    type=click.Choice(("en", "de")),
    default="en",
    show_default=True,
    help="The language of stages, rules and mails.",
)
@click.option("--replace", is_flag=True, help="Replace a file that exists.")
@click.pass_obj
def init(
    context: CliContext, /, file: Path, replace: bool, language: Language, **given: str | None
) -> None:
    """Write a new pipeline FILE from a template.

    On a terminal, asks for what is not given as an option; elsewhere the defaults are used.
    """
    if file.exists() and not replace:
        raise PermanentError(f"{file} exists; use --replace to replace it")
    template = _value("template", given["template"], "signing")
    pipeline = _value("ID", given["pipeline"], _id_of(file))
    new = NewPipeline(
        id=pipeline,
        name=_value("name", given["name"], default_name(pipeline)),
        sender=_value("sender", given["sender"], SENDER),
        time_zone=_value("time zone", given["time_zone"], "UTC"),
        language=language,
    )
    if template not in TEMPLATES:
        raise click.UsageError(f'there is no template "{template}"; use {", ".join(TEMPLATES)}')
    text = pipeline_file(template, new, today=context.now().date())
    file.write_text(text, encoding="utf-8")
    record = {"file": str(file), "pipeline": pipeline, "template": template}
    lines = [f"{file} is written", f"next: countersign pipelines validate {file}"]
    show_one(record, lines)


def _value(what: str, given: str | None, default: str) -> str:
    if given is not None:
        return given
    if not _is_terminal():
        return default
    asked: str = click.prompt(what, default=default, err=True)
    return asked


def _is_terminal() -> bool:
    return click.get_text_stream("stdin").isatty()


def _id_of(file: Path) -> str:
    """What of the file's name can be an id."""
    return re.sub(r"[^a-z0-9_]+", "-", file.stem.lower()).strip("-_")[:63] or "pipeline"
