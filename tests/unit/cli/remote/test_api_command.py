"""``countersign api`` calls any route with the sign-in, for scripts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.cli.desk import ANNA, Desk
from tests.unit.cli.transport import InProcess, over_the_api


@pytest.fixture
def web(desk: Desk) -> InProcess:
    return over_the_api(desk, "operator")


def test_the_answer_is_printed_as_json(desk: Desk, web: InProcess) -> None:
    told = desk("api", "GET", "/session")
    assert told.exit_code == 0
    assert (json.loads(told.stdout)["name"], json.loads(told.stdout)["role"]) == (ANNA, "operator")


def test_parameters_go_with_it(desk: Desk, web: InProcess) -> None:
    told = desk(
        *("api", "get", "/runs", "--query", "state=ready", "--query", "state=failed"),
        *("--query", "limit=5"),
    )
    assert told.exit_code == 0
    assert {one["state"] for one in json.loads(told.stdout)["items"]} <= {"ready", "failed"}
    assert web.calls == ["GET /runs"]


@pytest.mark.parametrize("source", ["file", "-"])
def test_a_body_is_read_from_a_file_or_standard_input(
    desk: Desk, web: InProcess, tmp_path: Path, source: str
) -> None:
    file = tmp_path / "comment.json"
    file.write_text('{"text": "Grüße"}', encoding="utf-8")
    named = str(file) if source == "file" else "-"
    told = desk(
        *("api", "POST", f"/documents/{desk.document}/comments", "--data", named),
        answer='{"text": "Grüße"}',
    )
    assert told.exit_code == 0
    assert json.loads(told.stdout)["timeline"][0]["kind"] == "commented"


def test_a_change_names_its_version(desk: Desk, web: InProcess, tmp_path: Path) -> None:
    file = tmp_path / "changes.json"
    file.write_text('{"fields": {"amount": "1"}}')
    change = ("api", "PATCH", f"/documents/{desk.document}", "--data", str(file))
    without = desk(*change)
    assert (without.exit_code, "If-Match" in without.stderr) == (1, True)
    stale = desk(*change, "--if-match", '"999"')
    assert (stale.exit_code, "the present version is" in stale.stderr) == (1, True)
    assert desk(*change, "--if-match", "*").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (("GET", "/nothing"), 4, "there is nothing at /nothing"),
        (("GET", "/people"), 3, "This needs the role administrator"),
        (("GET", "/documents", "--query", "stage"), 2, '"stage" is not a valid parameter'),
        (("GET", "/documents", "--query", "=x"), 2, '"=x" is not a valid parameter'),
        (("GET", "documents"), 2, '"documents" is not a valid path'),
        (("GET", "/documents", "--query", "stagse=x"), 1, "stagse is not a known member"),
        (("TRACE", "/documents"), 2, "'TRACE' is not one of"),
        (("POST", "/documents", "--data", "no.json"), 2, "does not exist"),
    ],
)
def test_what_is_wrong_is_said(
    desk: Desk, web: InProcess, arguments: tuple[str, ...], code: int, text: str
) -> None:
    told = desk("api", *arguments)
    assert (told.exit_code, told.stdout) == (code, "")
    assert text in told.stderr


@pytest.mark.parametrize("content", [b"{", b"", b"\xff", b'{"text": NaN'])
def test_a_file_that_is_no_json_is_refused(
    desk: Desk, web: InProcess, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "body.json"
    file.write_bytes(content)
    told = desk("api", "POST", "/documents", "--data", str(file))
    assert told.exit_code == 1
    assert "body.json is not valid JSON" in told.stderr
    assert web.calls == []


def test_nobody_is_signed_in(desk: Desk) -> None:
    told = desk("api", "GET", "/session")
    assert (told.exit_code, told.stderr) == (
        1,
        "Error: nobody is signed in; sign in: countersign login\n",
    )
