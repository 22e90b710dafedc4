"""Secrets are kept, listed by name only, and removed from the command line."""

from __future__ import annotations

import base64

from click.testing import CliRunner, Result

from countersign.cli.commands import countersign
from countersign.cli.context import CliContext
from countersign.simulation.world import World
from tests.unit.cli.desk import cloud_of


class Desk:
    """Runs ``countersign secrets`` on a world in memory."""

    def __init__(self) -> None:
        self.world = World()

    def __call__(self, *arguments: str, given: str | None = None) -> Result:
        world = self.world
        context = CliContext(
            user="anna@acme.example",
            open_cloud=lambda: cloud_of(world),
        )
        return CliRunner(mix_stderr=False).invoke(
            countersign, ["secrets", *arguments], obj=context, input=given
        )


def test_a_secret_from_standard_input_is_kept_without_its_line_break_and_never_shown() -> None:
    desk = Desk()
    told = desk("set", "crm", given="s3cret value\n")
    assert (told.exit_code, told.stdout) == (0, "crm is set; rules use it within a minute\n")
    assert desk.world.named_secrets.get("crm") == "s3cret value"
    assert desk("list").stdout == "NAME\ncrm\n"


def test_what_is_no_secret_is_refused() -> None:
    desk = Desk()
    for given in ("", "\n", "two\nlines\n", "x" * 4_001):
        told = desk("set", "crm", given=given)
        assert (told.exit_code, told.stdout) == (1, "")
        assert told.stderr == (
            "Error: not a valid secret: expected one line of 1 to 4,000 characters\n"
        )
    assert desk.world.named_secrets.list() == ()


def test_a_name_that_no_rule_could_write_is_refused() -> None:
    told = Desk()("set", "CRM key", given="x")
    assert told.exit_code == 1
    assert told.stderr == (
        'Error: "CRM key" is not a valid name; expected lower-case letters, digits, "-" and "_", '
        "at most 63\n"
    )


def test_a_key_is_made_once_and_replaced_only_when_told() -> None:
    desk = Desk()
    told = desk("make", "crm")
    key = told.stdout.splitlines()[-1]
    assert desk.world.named_secrets.get("crm") == key
    assert len(base64.b64decode(key.removeprefix("whsec_"), validate=True)) == 32
    again = desk("make", "crm")
    assert (again.exit_code, again.stdout) == (1, "")
    assert "with --replace" in again.stderr
    assert desk("make", "crm", "--replace").stdout.splitlines()[-1] != key


def test_a_secret_is_removed() -> None:
    desk = Desk()
    desk("set", "crm", given="x")
    assert desk("remove", "crm").stdout == "crm is removed\n"
    gone = desk("remove", "crm")
    assert (gone.exit_code, gone.stderr) == (
        4,
        'Error: there is no secret "crm"; there are none\n',
    )
    assert desk("list").stdout == (
        "there are no secrets; set one with `countersign secrets set NAME`\n"
    )
