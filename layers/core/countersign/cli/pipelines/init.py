"""The command ``pipelines init``: a new pipeline file from a template."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import click

from countersign.cli.context import CliContext
from countersign.cli.output.formats import show_one
from countersign.cli.output.verbs import Verb
from countersign.cli.pipelines.templates import TEMPLATES
from countersign.engine.validation.pipeline import check
from countersign.errors import PermanentError
from countersign.pipeline_files.reader import read

SENDER = "contracts@acme.example"
"""Stands where no sender is given; SES sends nothing from it."""


@click.command(
    cls=Verb,
    examples=[
        "countersign pipelines init leases.yaml",
        "countersign pipelines init offers.yaml --template approval --sender offers@acme.example",
    ],
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--template",
    type=click.Choice(tuple(TEMPLATES)),
    help="; ".join(f"{name}: {one.describes}" for name, one in TEMPLATES.items()) + ".",
)
@click.option("--id", "pipeline", metavar="ID", help="Default: the name of the file.")
@click.option("--name", metavar="TEXT", help="Display name. Default: the ID.")
@click.option("--sender", metavar="ADDRESS", help=f"Sender of e-mails. Default: {SENDER}.")
@click.option("--time-zone", metavar="NAME", help="Default: UTC.")
@click.option("--replace", is_flag=True, help="Replace a file that exists.")
@click.pass_obj
def init(context: CliContext, /, file: Path, replace: bool, **given: str | None) -> None:
    """Write a new pipeline FILE from a template.

    On a terminal, asks for what is not given as an option; elsewhere the defaults are used.
    """
    if file.exists() and not replace:
        raise PermanentError(f"{file} exists; use --replace to replace it")
    template = _value("template", given["template"], "signing")
    pipeline = _value("ID", given["pipeline"], _id_of(file))
    name = _value("name", given["name"], pipeline.replace("-", " ").capitalize())
    sender = _value("sender", given["sender"], SENDER)
    zone = _value("time zone", given["time_zone"], "UTC")
    if template not in TEMPLATES:
        raise click.UsageError(f'there is no template "{template}"; use {", ".join(TEMPLATES)}')
    values = {"ID": pipeline, "NAME": name, "SENDER": sender, "TIME_ZONE": zone}
    text = _filled(TEMPLATES[template].text, values)
    _check(text, context.now().date())
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


def _filled(text: str, values: dict[str, str]) -> str:
    """The template with its values, each written as YAML reads it as a text."""
    pattern = rf"\b({'|'.join(values)})\b"
    return re.sub(pattern, lambda found: json.dumps(values[found[1]], ensure_ascii=False), text)


def _check(text: str, today: date) -> None:
    """PermanentError where what was given does not fit, such as an id of other letters."""
    value, _, _ = read(text)
    pipeline, problems = check(value, today=today)
    if pipeline is None:
        raise PermanentError("; ".join(problem.text for problem in problems))
