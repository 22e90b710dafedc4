"""Commands to sign in and out: login, logout, whoami."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from countersign.cli.context import CliContext
from countersign.cli.output.formats import show_one
from countersign.cli.output.text import one_line
from countersign.cli.output.verbs import Verb
from countersign.errors import CountersignError, NotSignedInError

if TYPE_CHECKING:
    from countersign.cli.sign_in.pool import SignInPlace, Tokens
    from countersign.cli.sign_in.signed_in import SignInTools

API = click.option(
    "--api",
    "address",
    metavar="URL",
    help="Address of the API: the output ApiUrl of the stack. Default: the one that commands use.",
)


@click.command(
    cls=Verb,
    examples=[
        "countersign login --api https://abc123.execute-api.eu-central-1.amazonaws.com/api/v1",
        "countersign login --no-browser",
    ],
)
@API
@click.option(
    "--no-browser",
    is_flag=True,
    help="Print the address to sign in at, and ask for the one that the browser ends at.",
)
@click.pass_obj
def login(context: CliContext, address: str | None, no_browser: bool) -> None:
    """Sign in, so that commands go over the API.

    Opens the sign-in page in a browser. Commands then go over the API with your role; they need no
    AWS credentials. A sign-in lasts 12 hours.
    """
    from countersign.cli.sign_in.kept import SignIn
    from countersign.cli.sign_in.pool import sign_in_place

    tools = context.sign_in
    api = _address(context, address)
    place = sign_in_place(tools.web, api)
    tokens = _by_hand(tools, place) if no_browser else _by_browser(tools, place)
    session = _session(tools, api, tokens.access_token)
    sign_in = SignIn(
        api=api,
        sign_in_url=place.sign_in_url,
        client_id=place.client_id,
        name=session["name"],
        access_token="",
        refresh_token=tokens.refresh_token or "",
        expires_at=0,
    )
    tools.kept.put(tools.renewed(sign_in, tokens), current=True)
    record = _record(session, api)
    show_one(record, [one_line(f"signed in at {api} as {_who(session)}")])


@click.command(cls=Verb, examples=["countersign logout"])
@API
@click.pass_obj
def logout(context: CliContext, address: str | None) -> None:
    """Sign out.

    Revokes the sign-in where the pool offers that, and forgets its tokens.
    """
    from countersign.cli.sign_in.pool import Pool

    sign_ins = context.sign_in.kept
    api = _address(context, address)
    sign_in = sign_ins.get(api)
    if sign_in is None:
        raise NotSignedInError(f"nobody is signed in at {api}")
    pool = Pool(context.sign_in.web, sign_in.sign_in_url, sign_in.client_id)
    revoked = True
    try:
        pool.revoke(sign_in.refresh_token)
    except CountersignError as error:
        revoked = False
        text = f"the sign-in could not be revoked and ends by itself within 12 hours: {error}"
        click.echo(one_line(text), err=True)
    sign_ins.remove(api)
    record = {"api": api, "name": sign_in.name, "revoked": revoked}
    show_one(record, [one_line(f"{sign_in.name} is signed out at {api}")])


@click.command(cls=Verb, examples=["countersign whoami", "countersign whoami --output json"])
@click.pass_obj
def whoami(context: CliContext) -> None:
    """Show who is signed in, and with which role."""
    api = context.api
    if api is None:
        raise NotSignedInError(
            "commands do not go over the API but use AWS credentials; sign in: countersign login"
        )
    session = api.get("/session")
    lines = [_who(session), f"  API      {api.address}", f"  version  {session['version']}"]
    show_one(_record(session, api.address), map(one_line, lines))


def _address(context: CliContext, given: str | None) -> str:
    """The API that is meant: the one that is named, the local stack's, or the last one."""
    from countersign.cli.sign_in.signed_in import api_address

    root = click.get_current_context().find_root().params
    if named := given or root.get("api"):
        return api_address(named)
    if local := context.sign_in.local_api():
        return local
    current = context.sign_in.kept.current()
    if current is None:
        raise click.UsageError("give --api URL: the output ApiUrl of the stack")
    return current.api


def _by_browser(tools: SignInTools, place: SignInPlace) -> Tokens:
    from countersign.cli.sign_in.browser import ask, loopback
    from countersign.cli.sign_in.pool import Pool

    with loopback(place.redirect_ports) as here:
        request = ask(place, here.port)
        opened = tools.browse(request.address)
        begin = "If no browser opens, sign in at" if opened else "Sign in at"
        click.echo(f"{begin}:\n{request.address}", err=True)
        code = here.code(request)
    pool = Pool(tools.web, place.sign_in_url, place.client_id)
    return pool.exchange(code, request.verifier, request.redirect)


def _by_hand(tools: SignInTools, place: SignInPlace) -> Tokens:
    from countersign.cli.sign_in.browser import ask, code_of
    from countersign.cli.sign_in.pool import Pool

    request = ask(place, place.redirect_ports[0])
    click.echo(f"Sign in at:\n{request.address}\n", err=True)
    click.echo(f"The browser ends at a page of {request.redirect} that it cannot show.", err=True)
    ended_at = click.prompt("Its address", err=True)
    pool = Pool(tools.web, place.sign_in_url, place.client_id)
    return pool.exchange(code_of(request, ended_at), request.verifier, request.redirect)


def _session(tools: SignInTools, api: str, token: str) -> dict[str, Any]:
    from countersign.cli.remote.session import ApiSession

    session: dict[str, Any] = ApiSession(api, tools.web, lambda: token).get("/session")
    return session


def _who(session: dict[str, Any]) -> str:
    return f"{session['name']} ({session['role']})"


def _record(session: dict[str, Any], api: str) -> dict[str, Any]:
    return {
        "api": api,
        "name": session["name"],
        "role": session["role"],
        "roles": session["roles"],
        "signed_in_by": session["signed_in_by"],
        "version": session["version"],
    }
