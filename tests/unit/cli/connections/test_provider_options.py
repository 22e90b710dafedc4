"""A provider's options: what there are is shown, and what there are not is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.cli.desk import Desk

EVENTS = Path(__file__).parents[4] / "events"
SIGNED = EVENTS / "standard_webhooks" / "signer.signed_director.json"


@pytest.mark.parametrize(
    ("provider", "options"),
    [
        ("docuseal", {"secret_header": "Name of the header that carries the secret as it is."}),
        ("bitrix24", {"member_id": "Account whose messages alone are accepted."}),
        ("documenso", {}),
    ],
)
def test_a_provider_is_shown_with_its_options(provider: str, options: dict[str, str]) -> None:
    desk = Desk()
    shown = json.loads(desk("providers", "show", provider, "--output", "json").stdout)
    assert shown["options"] == options
    lines = desk("providers", "show", provider).stdout.splitlines()
    assert [line.split()[0] for line in lines if line.startswith("    ")] == list(options)


@pytest.mark.parametrize(
    "command",
    [
        ("connections", "create", "standard_webhooks", "--pipeline", "contracts"),
        ("events", "inspect", "standard_webhooks", str(SIGNED)),
    ],
)
def test_an_option_that_the_mapping_does_not_have_is_named(command: tuple[str, ...]) -> None:
    result = Desk()(*command, "--option", "envelop=data.id")
    assert result.exit_code == 1
    expected = 'Error: Standard Webhooks has no option "envelop"; there are type, envelope, title,'
    assert result.stderr.startswith(expected)


def test_an_option_that_the_provider_does_not_have_makes_no_connection() -> None:
    desk = Desk()
    made = desk(
        *("connections", "create", "boldsign", "--pipeline", "contracts", "--secret", "s"),
        *("--option", "max_age_hour=8"),
    )
    assert (made.exit_code, made.stderr) == (
        1,
        'Error: BoldSign has no option "max_age_hour"; there are max_age_hours\n',
    )
    assert desk.world.connections.get("boldsign") is None
