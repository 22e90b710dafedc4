"""The command line signs in on the local stack's pages, and goes over its API from then on."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from countersign.cli.commands import countersign
from countersign.cli.context import CliContext
from countersign.cli.sign_in.signed_in import SignInTools
from countersign.local.people import LocalPeople, ended_at
from countersign.local.playing import local_stack
from tests.end_to_end.conftest import Running


class Terminal:
    """Runs commands of somebody who signs in as an operator."""

    def __init__(self, running: Running, people: LocalPeople, folder: Path) -> None:
        self.running = running
        self.tools = SignInTools(
            folder=lambda: folder,
            browse=lambda address: self.browse(ended_at(address, people.people["operator"])),
            local_api=lambda: running.stack.api,
        )

    def browse(self, end: str) -> bool:
        here = end.replace("localhost", "127.0.0.1", 1)
        assert here.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(here, timeout=30) as answer:  # noqa: S310 - asserted above
            return bool(answer.status == 200)

    def __call__(self, *arguments: str) -> Result:
        api = self.running.stack.api
        context = CliContext(
            user="nobody",
            open_cloud=lambda: local_stack(self.running.cloud, self.running.stack),
            open_api=lambda: self.tools.session(api) if self.tools.kept.get(api) else None,
            open_sign_in=lambda: self.tools,
        )
        return CliRunner(mix_stderr=False).invoke(countersign, [*arguments], obj=context)


@pytest.fixture(scope="module")
def terminal(
    running: Running, people: LocalPeople, tmp_path_factory: pytest.TempPathFactory
) -> Terminal:
    return Terminal(running, people, tmp_path_factory.mktemp("configuration"))


def test_somebody_signs_in_works_over_the_api_and_signs_out(terminal: Terminal) -> None:
    credentials = terminal("pipelines", "list", "--output", "json")
    signed_in = terminal("login")
    assert signed_in.exit_code == 0, signed_in.stderr
    assert signed_in.stdout.endswith(" as operator@acme.example (operator)\n")
    assert json.loads(terminal("whoami", "--output", "json").stdout)["roles"] == ["operator"]
    assert terminal("pipelines", "list", "--output", "json").stdout == credentials.stdout
    listed = terminal("runs", "list", "--state", "ready", "--state", "failed")
    assert listed.exit_code == 0, listed.stderr
    found = terminal("documents", "find", "Vogel, Klara & Söhne")
    assert (found.exit_code, found.stdout) == (0, "no document was found\n")
    refused = terminal("people", "list")
    assert (refused.exit_code, "the role administrator" in refused.stderr) == (3, True)
    missing = terminal("documents", "show", "d-/../x?y")
    assert missing.exit_code == 4, missing.stderr
    signed_out = terminal("logout")
    assert signed_out.stdout.startswith("operator@acme.example is signed out at ")
    assert terminal("whoami").exit_code == 1


def test_where_people_sign_in_is_told_to_everybody(running: Running, people: LocalPeople) -> None:
    with urllib.request.urlopen(  # noqa: S310 - the local cloud's own address
        f"{running.stack.api}/sign-in", timeout=60
    ) as answer:
        told = json.load(answer)
    assert told == {
        "sign_in_url": running.cloud.endpoint,
        "client_id": people.client_id,
        "scopes": ["openid", "email", "profile"],
        "redirect_ports": [53682, 53683, 53684],
    }
