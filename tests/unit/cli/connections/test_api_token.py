"""The API token of a connection: given unseen, checked, exchanged, and never shown."""

from __future__ import annotations

import pytest
from click.testing import CliRunner, Result

from countersign.cli.commands import countersign
from countersign.cli.connections.text import api_support
from countersign.cli.context import CliContext
from countersign.simulation.world import World
from tests.builders import pipeline, stage
from tests.unit.cli.desk import cloud_of

BOLDSIGN = ("connections", "create", "boldsign", "--pipeline", "contracts", "--secret", "s")


class Desk:
    """Runs commands on a world in memory; tokens are given by standard input."""

    def __init__(self) -> None:
        self.world = World()
        self.world.publish(pipeline(stage("draft")))

    def __call__(self, *arguments: str, given: str | None = None) -> Result:
        world = self.world
        context = CliContext(
            user="anna@acme.example",
            open_cloud=lambda: cloud_of(world),
            now=lambda: world.now,
        )
        return CliRunner(mix_stderr=False).invoke(
            countersign, [*arguments], obj=context, input=given
        )

    def kept(self) -> tuple[str | None, str | None]:
        """The API token and address of the connection, as they are kept."""
        secrets = self.world.secrets.get("boldsign")
        assert secrets is not None
        return secrets.api_token, secrets.api_url


def test_a_new_connection_takes_the_token_from_standard_input_and_shows_it_to_nobody() -> None:
    desk = Desk()
    made = desk(*BOLDSIGN, "--api-token", given="key-1\n")
    assert (made.exit_code, desk.kept()) == (0, ("key-1", None))
    shown = desk("connections", "boldsign").output
    offered = (
        "reminders, the signed PDF, the unsigned document, the audit trail and the link to sign\n"
    )
    assert f"  API        {offered}" in shown
    assert f"  API      {offered}" in made.output
    assert "key-1" not in made.output + shown


def test_token_and_address_of_a_connection_can_be_exchanged_each_for_itself() -> None:
    desk = Desk()
    assert desk(*BOLDSIGN).exit_code == 0
    assert "  API        nothing yet; set the API token" in desk("connections", "boldsign").output
    assert desk("connections", "update", "boldsign", "--api-token", given="key-1").exit_code == 0
    assert (
        desk(
            "connections", "update", "boldsign", "--api-url", "https://api-eu.boldsign.com"
        ).exit_code
        == 0
    )
    assert desk("connections", "update", "boldsign", "--api-token", given="key-2").exit_code == 0
    assert desk.kept() == ("key-2", "https://api-eu.boldsign.com")
    assert (
        "link to sign, at https://api-eu.boldsign.com\n" in desk("connections", "boldsign").output
    )


@pytest.mark.parametrize(
    ("arguments", "given", "says"),
    [
        (("connections", "update", "boldsign", "--api-token"), " \n", "not a valid API token"),
        (
            ("connections", "update", "boldsign", "--api-token"),
            "two\nlines",
            "not a valid API token",
        ),
        (
            ("connections", "update", "boldsign", "--api-token"),
            "x" * 2001,
            "one line of 1 to 2,000 characters",
        ),
        (("connections", "update", "boldsign", "--api-token"), "two words", "ASCII without blanks"),
        (
            ("connections", "update", "boldsign", "--api-url", "api.example"),
            None,
            "is not a valid address of an API",
        ),
        (
            ("connections", "update", "signwell", "--api-token"),
            "key",
            'there is no connection "signwell"',
        ),
        (
            ("connections", "create", "skribble", "--pipeline", "contracts", "--api-token"),
            "key",
            "Skribble is asked for nothing; leave API token and address out",
        ),
    ],
)
def test_what_is_no_token_is_refused_and_the_one_before_stays(
    arguments: tuple[str, ...], given: str | None, says: str
) -> None:
    desk = Desk()
    assert desk(*BOLDSIGN, "--api-token", given="key-1").exit_code == 0
    refused = desk(*arguments, given=given)
    assert (refused.exit_code, says in refused.stderr) == (4 if "there is no" in says else 1, True)
    assert desk.kept() == ("key-1", None)
    assert [one.id for one in desk.world.connections.list()] == ["boldsign"]


def test_all_that_a_provider_is_asked_for_reads_as_one_list() -> None:
    desk = Desk()
    offered = (
        "reminders, the signed PDF, the unsigned document, the audit trail and the link to sign"
    )
    for provider in ("docuseal", "yousign"):
        shown = desk("providers", provider).output
        assert f"  API support       {offered}, by its API key\n" in shown
        assert f" | {offered} |\n" in desk("providers").output
        assert api_support(provider, True, None) == offered
    assert api_support("signwell", False, None) == (
        "nothing yet; set the API token (--api-token) for reminders, the signed PDF and the link "
        "to sign"
    )
    assert api_support("opensign", True, None) == "nothing"
