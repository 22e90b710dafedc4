"""The command send: an example message, signed as its provider signs, to a connection."""

from __future__ import annotations

from pathlib import Path

import click
from pydantic import ValidationError

from countersign.cli.connections.options import pairs, several
from countersign.cli.context import CliContext
from countersign.cli.operations.connections import connections_of
from countersign.cli.output.formats import show_one
from countersign.cli.output.text import one_line
from countersign.cli.output.verbs import Verb
from countersign.cli.parsing import completions
from countersign.errors import PermanentError
from countersign.examples import read_example
from countersign.providers import PROVIDERS
from countersign.providers.base import MalformedError, Request
from countersign.use_cases.connections.connect import set_secret


@click.command(
    cls=Verb,
    examples=["countersign events send events/docusign/envelope-voided.json --connection docusign"],
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--connection",
    metavar="ID",
    shell_complete=completions.connections,
    required=True,
    help="The connection to send it to.",
)
@several(
    "--replace",
    metavar="OLD=NEW",
    text="Replace a text in the example first, such as the envelope's id.",
)
@click.pass_obj
def send(context: CliContext, file: Path, connection: str, replace: tuple[str, ...]) -> None:
    """Send an example FILE to a connection, signed like the provider.

    Examples are in events/PROVIDER/EVENT.json.
    """
    connections = connections_of(context)
    provider, waits_for_secret = connections.recipient(connection)
    folder = file.resolve().parent.name
    if folder in PROVIDERS.kinds and folder != provider:
        msg = f"{file} is an example of {folder}; the connection {connection} is {provider}'s"
        raise PermanentError(msg)
    if waits_for_secret:
        msg = f"{connection} is waiting for its secret and refuses all messages; set it first"
        raise PermanentError(f"{msg}: {set_secret(connection)}")
    status, text = connections.send(connection, _example(context, file, replace))
    answer = f"{file.name} to {connection}: answered {status} {one_line(text[:200])}".rstrip()
    if status >= 300:
        raise click.ClickException(answer)
    record = {
        "file": str(file),
        "connection": connection,
        "status": status,
        "answer": text,
    }
    show_one(record, [answer])


def _example(context: CliContext, file: Path, replace: tuple[str, ...]) -> Request:
    try:
        return read_example(file.read_bytes(), context.now(), dict(pairs("--replace", replace)))
    except MalformedError as error:
        raise PermanentError(f"{file} is not a valid example: {error}") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise PermanentError(f"{file} is not a valid example: {place}: {first['msg']}") from error
