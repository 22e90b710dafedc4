"""Signing in and out: hosted pages, by code and PKCE, tokens that only their owner reads."""

from __future__ import annotations

import json
import os
import socket
import stat
import threading
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from countersign.cli.commands import countersign
from countersign.cli.context import CliContext
from countersign.cli.sign_in.signed_in import SignInTools
from tests.unit.cli.sign_in.hosted_pages import API, HostedPages, fetch, free_ports, sign_in_tools

ANNA = "anna@acme.example"


class Terminal:
    """Runs commands of somebody whose configuration is in a folder of its own."""

    def __init__(self, pages: HostedPages, folder: Path) -> None:
        self.pages = pages
        self.folder = folder

    @property
    def file(self) -> Path:
        """Where the sign-ins are kept."""
        return self.folder / "sign-ins.json"

    @property
    def tools(self) -> SignInTools:
        return sign_in_tools(self.pages, self.folder)

    def __call__(self, *arguments: str, answer: str | None = None) -> Result:
        tools = self.tools
        context = CliContext(
            user="anna",
            open_cloud=lambda: pytest.fail("no stack is needed to sign in"),
            open_api=lambda: tools.session(API) if tools.kept.get(API) else None,
            open_sign_in=lambda: tools,
        )
        return CliRunner(mix_stderr=False).invoke(
            countersign, [*arguments], obj=context, input=answer
        )


@pytest.fixture
def ports() -> list[int]:
    """Three ports that are free now."""
    return free_ports()


@pytest.fixture
def pages(ports: list[int]) -> HostedPages:
    return HostedPages(ports)


@pytest.fixture
def terminal(pages: HostedPages, tmp_path: Path) -> Terminal:
    return Terminal(pages, tmp_path / "countersign")


def test_a_browser_signs_in_and_the_tokens_are_the_owner_s_alone(
    terminal: Terminal, pages: HostedPages
) -> None:
    told = terminal("login", "--api", API)

    assert (told.exit_code, told.stdout) == (
        0,
        f"signed in at {API} as anna@acme.example (operator)\n",
    )
    assert pages.asked["redirect_uri"] == f"http://localhost:{pages.ports[0]}/callback"
    assert pages.asked["scope"] == "openid email profile"
    assert stat.S_IMODE(terminal.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(terminal.folder.stat().st_mode) == 0o700
    assert json.loads(terminal.file.read_text()) == {
        "current": API,
        "sign_ins": {
            API: {
                "api": API,
                "sign_in_url": "https://sign-in.acme.example",
                "client_id": "console",
                "name": ANNA,
                "access_token": "access-1",
                "refresh_token": "refresh-1",
                "expires_at": 1772442900.0,
            }
        },
    }


def test_the_origin_of_the_api_is_enough(terminal: Terminal) -> None:
    assert terminal("login", "--api", "https://api.acme.example/").exit_code == 0


def test_each_sign_in_has_a_state_and_a_challenge_of_its_own(
    terminal: Terminal, pages: HostedPages
) -> None:
    seen = []
    for _ in range(2):
        assert terminal("login", "--api", API).exit_code == 0
        seen += [pages.asked["state"], pages.asked["code_challenge"]]
    assert len(set(seen)) == 4
    assert min(map(len, seen)) >= 32


def test_no_token_code_or_verifier_is_printed(terminal: Terminal) -> None:
    told = terminal("login", "--api", API)
    for secret in ("access-1", "refresh-1", "code-1", "code_verifier"):
        assert secret not in told.stdout + told.stderr


def test_the_next_port_is_taken_where_one_is_in_use(terminal: Terminal, pages: HostedPages) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", pages.ports[0]))
        other.listen()
        assert terminal("login", "--api", API).exit_code == 0
    assert pages.asked["redirect_uri"] == f"http://localhost:{pages.ports[1]}/callback"


def test_where_all_ports_are_in_use_it_is_said(terminal: Terminal, pages: HostedPages) -> None:
    with ExitStack() as held:
        for port in pages.ports:
            other = held.enter_context(socket.socket())
            other.bind(("127.0.0.1", port))
            other.listen()
        told = terminal("login", "--api", API)
    listed = ", ".join(map(str, pages.ports))
    assert (told.exit_code, told.stderr) == (
        1,
        f"Error: the ports {listed} of this machine are all in use; free one, or use "
        "--no-browser\n",
    )
    assert not terminal.file.exists()


def test_what_else_comes_to_the_port_is_passed_over(terminal: Terminal, pages: HostedPages) -> None:
    sign_in = pages.browse

    def browse(address: str) -> bool:
        fetch(f"http://localhost:{pages.ports[0]}/callback?code=stolen&state=other")
        fetch(f"http://localhost:{pages.ports[0]}/callback")
        return sign_in(address)

    pages.browser = browse
    assert terminal("login", "--api", API).exit_code == 0


def test_the_browser_is_told_to_go_on_in_the_terminal(
    terminal: Terminal, pages: HostedPages
) -> None:
    shown = []

    def browse(address: str) -> bool:
        shown.append(fetch(pages.end_of(address)))
        return True

    pages.browser = browse
    assert terminal("login", "--api", API).exit_code == 0
    ((status, text),) = shown
    assert status == 200
    assert "You can close this window and go on in the terminal." in text
    assert "Sie können dieses Fenster schließen und im Terminal weitermachen." in text


def test_where_no_browser_opens_the_address_is_printed(
    terminal: Terminal, pages: HostedPages
) -> None:
    def by_hand(address: str) -> bool:
        threading.Timer(0, lambda: fetch(pages.end_of(address))).start()
        return False

    pages.browser = by_hand
    told = terminal("login", "--api", API)
    assert told.exit_code == 0
    assert told.stderr.startswith(
        "Sign in at:\nhttps://sign-in.acme.example/oauth2/authorize?response_type=code&"
    )


def test_a_refusal_of_the_pool_is_shown(terminal: Terminal, pages: HostedPages) -> None:
    pages.refuses = "access_denied"
    told = terminal("login", "--api", API)
    assert told.exit_code == 1
    assert told.stderr.endswith("Error: the sign-in was refused: access_denied: not today\n")
    assert not terminal.file.exists()


class AtADesk:
    """Somebody who opens the printed address elsewhere, and types where the browser ended."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, pages: HostedPages) -> None:
        self.pages = pages
        self.changed: dict[str, str] = {}
        monkeypatch.setattr("click.prompt", self.answer)
        self.printed: list[str] = []
        echo = __import__("click").echo

        def keep(text: object = None, **more: object) -> None:
            self.printed.append(str(text))
            echo(text, **more)

        monkeypatch.setattr("click.echo", keep)

    def answer(self, _: str, **__: object) -> str:
        (line,) = [
            line for text in self.printed for line in text.splitlines() if "authorize?" in line
        ]
        return f" {self.pages.end_of(line, **self.changed)} "


def test_without_a_browser_the_address_is_typed(
    terminal: Terminal, pages: HostedPages, monkeypatch: pytest.MonkeyPatch
) -> None:
    AtADesk(monkeypatch, pages)
    told = terminal("login", "--api", API, "--no-browser")
    assert told.exit_code == 0
    assert told.stdout == f"signed in at {API} as anna@acme.example (operator)\n"


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        (
            {"state": "other"},
            "this is not the end of the sign-in that was begun; begin it again",
        ),
        ({"code": ""}, "the sign-in ended without a code; begin it again"),
        ({"code": "made-up"}, "sign-in.acme.example did not accept the sign-in: invalid_grant"),
    ],
)
def test_the_end_of_another_sign_in_is_refused(
    terminal: Terminal,
    pages: HostedPages,
    monkeypatch: pytest.MonkeyPatch,
    changed: dict[str, str],
    text: str,
) -> None:
    AtADesk(monkeypatch, pages).changed = changed
    told = terminal("login", "--api", API, "--no-browser")
    assert told.exit_code == 1
    assert told.stderr.endswith(f"Error: {text}\n")
    assert not terminal.file.exists()


@pytest.mark.parametrize("typed", ["http://[", "not an address"])
def test_what_is_no_address_is_refused(terminal: Terminal, typed: str) -> None:
    told = terminal("login", "--api", API, "--no-browser", answer=f"{typed}\n")
    assert told.exit_code == 1
    assert not terminal.file.exists()


@pytest.mark.parametrize(
    "address",
    [
        "http://api.acme.example",
        "api.acme.example",
        "ftp://api.acme.example",
        "https://",
        "https://anna:secret@api.acme.example",
        "https://api.acme.example/?next=x",
        "http://localhost.acme.example",
        "https://[",
    ],
)
def test_an_address_that_a_token_must_not_go_to_is_refused(
    terminal: Terminal, address: str
) -> None:
    told = terminal("login", "--api", address)
    assert told.exit_code == 1
    assert "expected an address with https://" in told.stderr


def test_somebody_without_a_role_is_not_signed_in(terminal: Terminal, pages: HostedPages) -> None:
    pages.role = None
    told = terminal("login", "--api", API)
    assert told.exit_code == 3
    assert "have no role in this deployment yet" in told.stderr
    assert not terminal.file.exists()


def test_without_an_address_it_is_asked_for_once(terminal: Terminal) -> None:
    told = terminal("login")
    assert (told.exit_code, "give --api URL: the output ApiUrl" in told.stderr) == (2, True)
    assert terminal("login", "--api", API).exit_code == 0
    assert terminal("login").exit_code == 0


def test_who_is_signed_in_is_shown(terminal: Terminal) -> None:
    terminal("login", "--api", API)
    assert terminal("whoami").stdout == (
        f"anna@acme.example (operator)\n  API      {API}\n  version  0.1.0\n"
    )
    assert json.loads(terminal("whoami", "--output", "json").stdout) == {
        "api": API,
        "name": ANNA,
        "role": "operator",
        "roles": ["operator"],
        "signed_in_by": "cognito",
        "version": "0.1.0",
    }


def test_nobody_is_signed_in(terminal: Terminal) -> None:
    told = terminal("whoami")
    assert (told.exit_code, told.stdout) == (1, "")
    assert told.stderr.endswith("sign in: countersign login\n")


@pytest.mark.parametrize(("later", "refreshed"), [(0, 0), (839, 0), (841, 1), (10_000, 1)], ids=str)
def test_a_token_is_refreshed_when_less_than_a_minute_is_left(
    terminal: Terminal, pages: HostedPages, later: int, refreshed: int
) -> None:
    terminal("login", "--api", API)
    pages.now += timedelta(seconds=later)
    assert terminal("whoami").exit_code == 0
    assert terminal("whoami").exit_code == 0
    assert pages.refreshed == refreshed
    kept = json.loads(terminal.file.read_text())["sign_ins"][API]
    assert kept["access_token"] == f"access-{1 + refreshed}"
    assert kept["refresh_token"] == "refresh-1"


def test_a_sign_in_that_has_ended_is_said(terminal: Terminal, pages: HostedPages) -> None:
    terminal("login", "--api", API)
    pages.now += timedelta(hours=13)
    pages.ended = True
    told = terminal("whoami")
    assert (told.exit_code, told.stderr) == (
        1,
        "Error: the sign-in has ended (invalid_grant); sign in again: countersign login\n",
    )


def test_a_token_that_the_gateway_refuses_is_said(terminal: Terminal, pages: HostedPages) -> None:
    terminal("login", "--api", API)
    pages.access.clear()
    told = terminal("whoami")
    assert (told.exit_code, told.stderr) == (
        1,
        f"Error: {API} does not accept the sign-in; sign in again: countersign login\n",
    )


def test_signing_out_revokes_and_forgets(terminal: Terminal, pages: HostedPages) -> None:
    terminal("login", "--api", API)
    told = terminal("logout")
    assert (told.exit_code, told.stdout) == (0, f"anna@acme.example is signed out at {API}\n")
    assert pages.revoked == ["refresh-1"]
    assert json.loads(terminal.file.read_text()) == {"current": None, "sign_ins": {}}
    assert "refresh-1" not in terminal.file.read_text()
    assert terminal("logout", "--api", API).exit_code == 1


def test_signing_out_forgets_where_the_pool_revokes_nothing(
    terminal: Terminal, pages: HostedPages
) -> None:
    pages.revokes = False
    terminal("login", "--api", API)
    told = terminal("logout", "--output", "json")
    assert json.loads(told.stdout) == {"api": API, "name": ANNA, "revoked": False}
    assert "could not be revoked and ends by itself within 12 hours" in told.stderr
    assert json.loads(terminal.file.read_text()) == {"current": None, "sign_ins": {}}


@pytest.mark.skipif(os.name != "posix", reason="rights of files are of POSIX")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644])
def test_a_file_that_others_can_use_is_refused(terminal: Terminal, mode: int) -> None:
    terminal("login", "--api", API)
    terminal.file.chmod(mode)
    for command in (("whoami",), ("login", "--api", API), ("logout", "--api", API)):
        told = terminal(*command)
        assert told.exit_code == 1
        assert f"can be used by others (mode {mode:o}; expected 600)" in told.stderr
        assert "access-1" not in told.stderr


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"sign_ins": []}',
        json.dumps({"current": API, "sign_ins": {API: {"api": API}}}),
        json.dumps({"current": API, "sign_ins": {API: []}}),
    ],
)
def test_a_file_that_cannot_be_read_is_said(terminal: Terminal, content: str) -> None:
    terminal.folder.mkdir()
    terminal.file.write_text(content)
    terminal.file.chmod(0o600)
    told = terminal("whoami")
    assert told.exit_code == 1
    assert "is not as this version writes it; remove it and sign in again" in told.stderr


def test_a_sign_in_shows_no_tokens_where_it_is_printed(terminal: Terminal) -> None:
    terminal("login", "--api", API)
    shown = repr(terminal.tools.kept.current())
    assert "anna@acme.example" in shown
    assert "access-1" not in shown
    assert "refresh-1" not in shown
