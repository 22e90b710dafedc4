"""Which way commands go: over the API where somebody is signed in, unless a stack is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from countersign.cli.commands import countersign
from countersign.cli.context import CliContext
from countersign.cli.sign_in.kept import SignIn, SignIns
from countersign.cli.stack import context_of
from countersign.errors import NotSignedInError, PermanentError

HERE = "https://here.acme.example/api/v1"
THERE = "https://there.acme.example/api/v1"
LOCAL = "http://localhost:4566/_aws/execute-api/abc/%24default/api/v1"
Choose = Callable[..., CliContext]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user without sign-ins, in a folder without a local stack."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("click.get_app_dir", lambda _: str(tmp_path / "configuration"))
    for name in ("STACK", "USER", "API"):
        monkeypatch.delenv(f"COUNTERSIGN_{name}", raising=False)
    for name in ("AWS_ENDPOINT_URL", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def choose(told: list[str]) -> Choose:
    """What a command line with these options works with."""

    def chosen(*options: str) -> CliContext:
        # The group itself is not run: it would print its help.
        root = click.Context(countersign, info_name="countersign", resilient_parsing=False)
        countersign.parse_args(root, [*options, "whoami"])
        return context_of(root, told.append)

    return chosen


def sign_in(folder: Path, api: str, *, current: bool = True) -> None:
    made = SignIn(
        api=api,
        sign_in_url="https://sign-in.acme.example",
        client_id="console",
        name="ada@acme.example",
        access_token="access",
        refresh_token="refresh",
        expires_at=4_102_444_800.0,
    )
    SignIns(folder / "configuration").put(made, current=current)


def run_locally(folder: Path, told: Any) -> None:
    (folder / ".local").mkdir()
    (folder / ".local" / "endpoints.json").write_text(
        told if isinstance(told, str) else json.dumps(told)
    )


def test_without_a_sign_in_credentials_are_used(choose: Choose, told: list[str]) -> None:
    assert choose().api is None
    assert told == []


def test_the_last_sign_in_is_used_and_it_is_said(
    choose: Choose, folder: Path, told: list[str]
) -> None:
    sign_in(folder, THERE)
    sign_in(folder, HERE)
    api = choose().api
    assert api is not None
    assert api.address == HERE
    assert told == [f"(ada@acme.example at {HERE}; --no-api for AWS credentials)"]


@pytest.mark.parametrize(
    "options",
    [
        ("--no-api",),
        ("--stack", "mine"),
        ("--endpoint", "http://localhost:4566"),
        ("--region", "eu-central-1"),
        ("--local",),
        ("--no-local",),
    ],
    ids=" ".join,
)
def test_options_of_aws_choose_credentials(
    choose: Choose, folder: Path, options: tuple[str, ...]
) -> None:
    sign_in(folder, HERE)
    assert choose(*options).api is None


def test_a_stack_of_the_environment_chooses_credentials(
    choose: Choose, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(folder, HERE)
    monkeypatch.setenv("COUNTERSIGN_STACK", "mine")
    assert choose().api is None


def test_a_region_of_the_environment_does_not(
    choose: Choose, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(folder, HERE)
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    assert choose().api is not None


@pytest.mark.parametrize("named", [THERE, "https://there.acme.example"])
def test_an_api_that_is_named_is_used(
    choose: Choose, folder: Path, told: list[str], named: str
) -> None:
    sign_in(folder, THERE)
    sign_in(folder, HERE)
    api = choose("--api", named).api
    assert api is not None
    assert api.address == THERE
    assert told == []


def test_an_api_where_nobody_is_signed_in_is_refused_once_it_is_called(choose: Choose) -> None:
    api = choose("--api", THERE).api
    assert api is not None
    with pytest.raises(NotSignedInError, match=f"nobody is signed in at {THERE}"):
        api.get("/session")


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (("--api", HERE, "--no-api"), "--api and --no-api exclude each other"),
        (("--api", HERE, "--stack", "mine"), "leave out the options of AWS"),
        (("--api", HERE, "--as", "ben"), "you act as who you signed in as"),
        (("--api", "http://there.acme.example"), "expected an address with https://"),
    ],
)
def test_options_that_exclude_each_other_are_refused(
    choose: Choose, options: tuple[str, ...], text: str
) -> None:
    context = choose(*options)
    with pytest.raises(PermanentError, match=text):
        _ = context.api


def test_who_one_is_cannot_be_said_over_the_api(choose: Choose, folder: Path) -> None:
    sign_in(folder, HERE)
    context = choose("--as", "ben@acme.example")
    with pytest.raises(PermanentError, match="you act as who you signed in as"):
        _ = context.api
    assert choose("--no-api", "--as", "ben@acme.example").api is None


def test_a_user_of_the_environment_is_passed_over_where_somebody_is_signed_in(
    choose: Choose, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(folder, HERE)
    monkeypatch.setenv("COUNTERSIGN_USER", "ben@acme.example")
    assert choose().api is not None


def test_the_local_stack_goes_before_the_last_sign_in(
    choose: Choose, folder: Path, told: list[str]
) -> None:
    sign_in(folder, HERE)
    run_locally(folder, {"api": LOCAL})
    assert choose().api is None
    sign_in(folder, LOCAL, current=False)
    api = choose().api
    assert api is not None
    assert api.address == LOCAL


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"api": 1}'])
def test_a_local_stack_that_does_not_say_its_api_changes_nothing(
    choose: Choose, folder: Path, content: str
) -> None:
    sign_in(folder, HERE)
    run_locally(folder, content)
    api = choose().api
    assert api is not None
    assert api.address == HERE


def test_what_the_api_does_not_offer_says_that_it_needs_credentials(
    choose: Choose, folder: Path
) -> None:
    sign_in(folder, HERE)
    context = choose()
    with pytest.raises(PermanentError) as refused:
        _ = context.cloud
    assert str(refused.value) == (
        f"this needs AWS credentials, and commands go to {HERE}; use --no-api, with --stack and "
        "--region where they are not the usual ones"
    )
