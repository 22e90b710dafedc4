"""The command send: an example message, signed as its provider signs, to a connection."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

import click
from pydantic import ValidationError

from countersign.cli.connections.options import pairs, several
from countersign.cli.context import CliContext
from countersign.cli.output.formats import show_one
from countersign.cli.output.text import one_line
from countersign.cli.output.verbs import Verb
from countersign.cli.parsing import completions
from countersign.errors import PermanentError
from countersign.examples import read_example
from countersign.model.connection import ConnectionCredentials
from countersign.providers import PROVIDERS
from countersign.providers import provider as provider_of
from countersign.providers.base import MalformedError, Request
from countersign.use_cases.connections.connect import (
    existing_credentials,
    set_secret,
    waits_for_secret,
)


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
    cloud = context.cloud
    known = existing_credentials(cloud.connections, cloud.secrets, connection)
    folder = file.resolve().parent.name
    if folder in PROVIDERS.kinds and folder != known.provider:
        msg = f"{file} is an example of {folder}; the connection {connection} is {known.provider}'s"
        raise PermanentError(msg)
    if waits_for_secret(known):
        msg = f"{connection} is waiting for its secret and refuses all messages; set it first"
        raise PermanentError(f"{msg}: {set_secret(connection)}")
    request = _signed(context, file, known, replace)
    slot = f"/{request.slot}" if request.slot else ""
    query = f"?{urlencode(request.query)}" if request.query else ""
    url = f"{cloud.webhooks}/{connection}.{known.tokens[0]}{slot}{query}"
    status, text = context.post(url, request)
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


def _signed(
    context: CliContext, file: Path, known: ConnectionCredentials, replace: tuple[str, ...]
) -> Request:
    now = context.now()
    try:
        request = read_example(file.read_bytes(), now, dict(pairs("--replace", replace)))
    except MalformedError as error:
        raise PermanentError(f"{file} is not a valid example: {error}") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise PermanentError(f"{file} is not a valid example: {place}: {first['msg']}") from error
    secret = next(iter(known.secrets), "")
    return provider_of(known.provider).sign(request, secret, now)
