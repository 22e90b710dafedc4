"""The command ``api``: any call of the API, for scripts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from countersign.cli.context import CliContext
from countersign.cli.output.verbs import Verb
from countersign.errors import NotSignedInError, PermanentError

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@click.command(
    cls=Verb,
    output=False,
    examples=[
        "countersign api GET /session",
        "countersign api GET /documents --query pipeline=contracts --query limit=10",
        "countersign api POST /documents/d-1042/comments --data comment.json",
    ],
)
@click.argument("method", type=click.Choice(METHODS, case_sensitive=False))
@click.argument("path")
@click.option(
    "--data",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    help="File with the JSON to send; - for standard input.",
)
@click.option("--query", metavar="NAME=VALUE", multiple=True, help="Parameter; repeatable.")
@click.option("--if-match", metavar="ETAG", help="Version that is changed; * for any.")
@click.pass_obj
def api(context: CliContext, /, method: str, path: str, **given: Any) -> None:
    """Call a route of the API.

    PATH stands below /api/v1; openapi.json there describes the routes. Prints the answer as JSON.
    """
    from countersign.cli.remote.session import error_of

    session = context.api
    if session is None:
        raise NotSignedInError("nobody is signed in; sign in: countersign login")
    if not path.startswith("/"):
        raise click.UsageError(f'"{path}" is not a valid path; expected one such as /documents')
    match = given["if_match"]
    reply = session.call(
        method.upper(),
        path,
        query=_query(given["query"]),
        body=_content(given["data"]),
        headers={} if match is None else {"if-match": match},
    )
    if reply.status >= 300:
        raise error_of(reply, session.address)
    if reply.body:
        click.echo(json.dumps(json.loads(reply.body), indent=2, ensure_ascii=False))


def _query(given: tuple[str, ...]) -> dict[str, list[str]]:
    query: dict[str, list[str]] = {}
    for parameter in given:
        name, equals, value = parameter.partition("=")
        if not equals or not name:
            raise click.UsageError(f'"{parameter}" is not a valid parameter; expected NAME=VALUE')
        query.setdefault(name, []).append(value)
    return query


def _content(file: Path | None) -> bytes | None:
    """The JSON to send, as it is written: its numbers may be more exact than ours."""
    if file is None:
        return None
    typed = str(file) == "-"
    content = click.get_binary_stream("stdin").read() if typed else file.read_bytes()
    try:
        json.loads(content)
    except ValueError as error:
        raise PermanentError(f"{file} is not valid JSON: {error}") from error
    return content
