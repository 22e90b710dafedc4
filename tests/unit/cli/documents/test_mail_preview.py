"""countersign documents preview: the mails of a rule as text, as JSON, and as files of HTML."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from countersign.model.signing_event import Signer
from tests.builders import mail, pipeline, stage
from tests.unit.cli.desk import Desk
from tests.unit.use_cases.queries.scene import put

LENA = Signer(id="1", name="Lena \x1b[31m", email="lena@nord.example", order=1, party="client")
OTTO = Signer(id="2", name="Otto", email="otto@nord.example", order=2, party="client")


def desk(*signers: Signer, **settings: Any) -> Desk:
    made = Desk()
    rule = mail("hello")
    rule["settings"] |= {"text": "Dear {{ signer.name }},\n\nhello", **settings}
    senders = ["contracts@acme.example"]
    made.world.publish(
        pipeline(stage("draft"), stage("next", rule), pipeline="letters", senders=senders)
    )
    put(made.world, "d1", pipeline="letters", signers=signers)
    return made


def test_a_mail_is_shown_with_what_a_terminal_can_take() -> None:
    result = desk(LENA, cc=["ben@acme.example"], attachments=["signed_pdf"])(
        "documents", "preview", "d1", "hello"
    )
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        "from         contracts@acme.example\n"
        "to           lena@nord.example\n"
        "cc           ben@acme.example\n"
        "subject      hello\n"
        "attachments  signed_pdf\n"
        "\n"
        "| Dear Lena  [31m,\n"
        "| \n"
        "| hello\n"
    )


def test_several_mails_are_numbered_and_one_that_cannot_be_made_says_why() -> None:
    nobody = Signer(id="3", name="Nina", order=3, party="client")
    result = desk(OTTO, nobody)("documents", "preview", "d1", "hello")
    assert result.exit_code == 0
    assert result.stdout.startswith("mail 1 of 2\nfrom         contracts@acme.example\nto  ")
    assert 'not sent     to "client": the signer "Nina" has no e-mail address' in result.stdout


def test_programs_get_all_of_it() -> None:
    result = desk(OTTO, plain=True)("documents", "preview", "d1", "hello", "--output", "json")
    assert json.loads(result.stdout) == {
        "document": "d1",
        "pipeline": "letters",
        "pipeline_version": 1,
        "stage": "next",
        "rule": "hello",
        "attachments": [],
        "mails": [
            {
                "sender": "contracts@acme.example",
                "to": ["otto@nord.example"],
                "cc": [],
                "bcc": [],
                "reply_to": [],
                "subject": "hello",
                "text": "Dear Otto,\n\nhello",
                "html": None,
                "reason": None,
            }
        ],
    }


@pytest.mark.parametrize(
    ("signers", "names"),
    [((OTTO,), ["mail.html"]), ((OTTO, LENA), ["mail-1.html", "mail-2.html"])],
)
def test_the_html_is_written_to_files(
    tmp_path: Path, signers: tuple[Signer, ...], names: list[str]
) -> None:
    file = tmp_path / "mail.html"
    result = desk(*signers)("documents", "preview", "d1", "hello", "--html", str(file))
    assert (result.exit_code, sorted(one.name for one in tmp_path.iterdir())) == (0, names)
    first = (tmp_path / names[0]).read_text(encoding="utf-8")
    assert first.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert ">Dear Otto,</p>" in first
    assert result.stderr.splitlines() == [f"wrote {tmp_path / name}" for name in names]


@pytest.mark.parametrize("settings", [{"plain": True}, {"to": ["company"]}])
def test_without_html_no_file_is_written(tmp_path: Path, settings: dict[str, Any]) -> None:
    file = tmp_path / "mail.html"
    result = desk(OTTO, **settings)("documents", "preview", "d1", "hello", "--html", str(file))
    assert (result.exit_code, file.exists()) == (1, False)
    assert "no mail of the rule hello has HTML; nothing was written" in result.stderr


def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "none" / "mail.html"
    result = desk(OTTO)("documents", "preview", "d1", "hello", "--html", str(file))
    assert result.exit_code == 1
    assert f"{file} could not be written: No such file or directory" in result.stderr
