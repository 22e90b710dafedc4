"""Commands for secrets: keys, tokens and secret addresses that rules use by name."""

from __future__ import annotations

import base64
import re
import secrets as chance

import click

from countersign.cli.context import CliContext
from countersign.cli.operations.deployment.secrets import secrets_of
from countersign.cli.output.formats import show_list, show_one
from countersign.cli.parsing import completions
from countersign.cli.parsing.groups import NounGroup
from countersign.errors import PermanentError

NAME = click.argument("name", shell_complete=completions.secrets)
LONGEST = 4_000
"""Characters: what a parameter of the standard tier holds, less some for a margin."""
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


@click.group("secrets", cls=NounGroup)
def secrets() -> None:
    """Manage secrets that rules use as secret:NAME.

    They are kept in the AWS Systems Manager parameter store.
    """


@secrets.command("list", examples=["countersign secrets list"])
@click.pass_obj
def list_secrets(context: CliContext) -> None:
    """List the names of the secrets; their values are never shown."""
    names = secrets_of(context).names()
    none = "there are no secrets; set one with `countersign secrets set NAME`"
    show_list([{"name": name} for name in names], {"NAME": "name"}, none)


@secrets.command("set", examples=["countersign secrets set crm"])
@NAME
@click.pass_obj
def set_secret(context: CliContext, name: str) -> None:
    """Set a secret (prompted for, or read from standard input)."""
    _check(name)
    secrets_of(context).set(name, asked_for("secret", LONGEST))
    show_one({"name": name, "set": True}, [f"{name} is set; rules use it within a minute"])


@secrets.command("make", examples=["countersign secrets make webhook-key"])
@NAME
@click.option("--replace", is_flag=True, help="Replace the key if there is one already.")
@click.pass_obj
def make_secret(context: CliContext, name: str, replace: bool) -> None:
    """Generate a key for signing web calls, and show it once for their receiver."""
    _check(name)
    store = secrets_of(context)
    if not replace and store.exists(name):
        msg = f"{name} exists; with --replace, its receivers must be given the new key at once"
        raise PermanentError(msg)
    value = f"whsec_{base64.b64encode(chance.token_bytes(32)).decode()}"
    store.set(name, value)
    text = f"{name} is set; give this key to the receiver of the calls:\n{value}"
    show_one({"name": name, "set": True, "value": value}, [text])


@secrets.command("remove", examples=["countersign secrets remove crm"])
@NAME
@click.pass_obj
def remove_secret(context: CliContext, name: str) -> None:
    """Remove a secret; rules that use it fail from then on."""
    secrets_of(context).remove(name)
    show_one({"name": name, "removed": True}, [f"{name} is removed"])


def asked_for(what: str, longest: int) -> str:
    """A secret, asked for unseen or read from standard input: never an argument, which whoever
    lists the machine's processes could read. PermanentError where it is not valid."""
    stdin = click.get_text_stream("stdin")
    given = click.prompt(what, hide_input=True) if stdin.isatty() else stdin.read()
    value: str = given.strip()
    if not value or len(value) > longest or any(not character.isprintable() for character in value):
        msg = f"not a valid {what}: expected one line of 1 to {longest:,} characters"
        raise PermanentError(msg)
    return value


def _check(name: str) -> None:
    if not _NAME.fullmatch(name):
        expected = 'expected lower-case letters, digits, "-" and "_", at most 63'
        msg = f'"{name}" is not a valid name; {expected}'
        raise PermanentError(msg)
