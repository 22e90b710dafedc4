"""Nothing that comes from outside steers a terminal or turns what is read, whatever prints it."""

from __future__ import annotations

import json
import sys
import unicodedata
from io import StringIO
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from countersign.cli.commands import countersign
from countersign.cli.context import CliContext
from countersign.cli.output.terminal import harmless, one_line, only_harmless
from countersign.cli.parsing.groups import RootGroup
from countersign.errors import PermanentError
from countersign.model.connection import Connection, ConnectionCredentials, FieldMapping
from countersign.model.refusal import RefusedCall
from countersign.model.signing_event import Envelope, Sender, Signer
from countersign.rules.base import Edit
from countersign.simulation.world import START, World
from tests.builders import event, mail, pipeline, stage, trigger
from tests.unit.cli.desk import cloud_of

BAD = "\x1b]0;x\x07\x1b[2J\x9b31m\x7f\u202eevil\u2066\u2069\u200f\u200b\u2028\ufeff\U000e0041"
"""A title for the window, a cleared screen, colours, turned text, and letters nobody sees."""
STEERING = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def steering(text: str) -> list[str]:
    """What of a printed text is more than letters, blanks and line ends."""
    return [one for one in text if one not in "\n\t" and unicodedata.category(one) in STEERING]


@given(st.text())
def test_what_is_harmless_steers_nothing_and_keeps_what_is_seen(text: str) -> None:
    shown = harmless(text)
    assert steering(shown) == []
    assert harmless(shown) == shown
    plain = [one for one in text if one.isprintable() or one == "\n"]
    assert [one for one in shown if one in plain] != [] or plain == []


@given(
    st.recursive(
        st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_json_stays_json_and_says_the_same(value: Any) -> None:
    for ascii_only in (False, True):
        assert json.loads(harmless(json.dumps(value, indent=2, ensure_ascii=ascii_only))) == value


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1\u202f234,50\u00a0\u20ac", "1\u202f234,50\u00a0\u20ac"),
        ("a\r\nb", "a\\u000d\nb"),
        ("\x1b[31m", "\\u001b[31m"),
        ("\U000e0041", "\\udb40\\udc41"),
        ("\u05d0\u202e\u05d1", "\u05d0\\u202e\u05d1"),
        ("\U0001f600 e\u0301", "\U0001f600 e\u0301"),
    ],
)
def test_letters_of_every_script_stay_and_the_rest_is_written_as_json_writes_it(
    text: str, shown: str
) -> None:
    assert harmless(text) == shown


@pytest.fixture
def world() -> World:
    """A world in which every text that can come from outside is hostile."""
    here = World()
    task = {
        "id": "look",
        "kind": "create_task",
        "settings": {"title": f"T {BAD}", "text": f"X {BAD}", "assignee": "anna@acme.example",
                     "checklist": [f"P {BAD}"]},
    }  # fmt: skip
    here.publish(
        pipeline(
            stage("draft", name=f"D {BAD}"),
            stage("sent", task, mail("m", name=f"M {BAD}"), triggers=[trigger("sent", name=BAD)]),
            name=f"N {BAD}",
            fields={"note": {"type": "text", "label": BAD}},
        )
    )
    here.connections.put(
        Connection(
            id="docusign", provider="docusign", pipeline="contracts", name=f"C {BAD}",
            fields=(FieldMapping(source=BAD, field="note"),),
        )
    )  # fmt: skip
    here.secrets.put(
        ConnectionCredentials(
            connection="docusign",
            provider="docusign",
            pipeline="contracts",
            tokens=("t",),
            secrets=("s",),
            options={"o": BAD},
            api_url=f"https://{BAD}.example",
        )
    )
    here.refusals.note(RefusedCall(at=START, connection="docusign", status=401, reason=BAD))
    state = Envelope(
        id=f"e{BAD}", title=BAD, reason=BAD, sender=Sender(name=BAD, email=f"{BAD}@x.example"),
        signers=(Signer(id=BAD, name=BAD, email=f"k{BAD}@x.example", role=BAD, reason=BAD,
                        status="declined", declined_at=START),),
        custom_fields={BAD: BAD},
    )  # fmt: skip
    here.tell(
        "docusign", [event("document.sent", envelope=f"e{BAD}", provider_event=BAD, state=state)]
    )
    return here


@pytest.fixture
def run(world: World) -> Any:
    context = CliContext(
        user="anna@acme.example",
        open_cloud=lambda: cloud_of(world),
        now=lambda: world.now,
        token=lambda: "t",
        post=lambda url, request: (500, f"answer {BAD}"),
    )

    def call(*arguments: str | Path) -> Result:
        return CliRunner(mix_stderr=False).invoke(countersign, [*map(str, arguments)], obj=context)

    return call


BAD_YAML = (
    f"pipeline: contracts\nname: !!str 'x'\n? {json.dumps(BAD)}\n: 1\nstages: {json.dumps(BAD)}\n"
)


def test_no_command_prints_what_came_from_outside_as_it_came(
    run: Any, world: World, tmp_path: Path
) -> None:
    (document,) = world.documents.in_stage("contracts")
    (task,) = world.documents.tasks(document.id)
    file, script = tmp_path / "bad.yaml", tmp_path / "script.yaml"
    file.write_text(BAD_YAML)
    good = tmp_path / "good.yaml"
    good.write_text(run("pipelines", "show", "contracts").stdout)
    script.write_text(f"steps: {json.dumps(BAD)}\n{json.dumps(BAD)}: 1\n")
    message = tmp_path / "message.json"
    message.write_text(json.dumps({"event": BAD, "data": {"envelopeId": BAD}}))
    commands: list[tuple[str | Path, ...]] = [
        ("pipelines", "validate", file), ("pipelines", "plan", file),
        ("pipelines", "publish", file), ("pipelines", "simulate", file, script),
        ("pipelines", "simulate", good, script),
        ("pipelines", "validate", tmp_path / f"{BAD}.yaml"),
        ("pipelines",), ("pipelines", "list"), ("pipelines", "show", "contracts"),
        ("pipelines", "show", f"p{BAD}"),
        ("documents",), ("documents", "--pipeline", "contracts"),
        ("documents", "--stage", BAD), ("documents", "show", document.id),
        ("documents", "show", document.id, "--why"),
        ("documents", "show", document.id, "--output", "json"), ("documents", "show", BAD),
        ("documents", "edit", document.id, f"note={BAD}"), ("documents", "edit", document.id, BAD),
        ("documents", "move", document.id, BAD),
        ("documents", "call", document.id, BAD), ("documents", "create", BAD),
        ("documents", "create", "contracts", f"{BAD}=1"),
        ("tasks", "list"), ("tasks", "list", "--document", document.id),
        ("tasks", "list", "--assignee", BAD), ("tasks", "show", str(task.key)),
        ("tasks", "show", str(task.key), "--output", "json"),
        ("tasks", "assign", str(task.key), BAD),
        ("tasks", "complete", str(task.key)), ("tasks", "complete", BAD),
        ("connections",), ("connections", "docusign"), ("connections", BAD),
        ("connections", "create", BAD), ("connections", "create", "docusign", "--pipeline", BAD),
        ("connections", "create", "docusign", "--option", BAD),
        ("connections", "create", "docusign", "--role", f"{BAD}=x"),
        ("events", "send", "docusign", message), ("events", "inspect", "docusign", message),
        ("events", "inspect", "docusign", message, "--output", "json"),
        ("events", "inspect", BAD, message),
        ("runs", "list"), ("runs", "retry", BAD), ("dead-letters", "list", BAD),
        ("secrets", "set", BAD), ("providers", BAD), (BAD,), (f"--{BAD}",),
        ("documents", "show", f"--{BAD}"),
        ("--help",), ("kinds",),
    ]  # fmt: skip
    printed = 0
    for command in commands:
        result = run(*command)
        unexpected = result.exception
        assert unexpected is None or isinstance(unexpected, SystemExit), (command, unexpected)
        assert steering(result.stdout) == [], command
        assert steering(result.stderr) == [], command
        printed += "evil" in result.stdout + result.stderr
        if "json" in command and result.exit_code == 0:
            json.loads(result.stdout)
    assert printed > 30


def test_json_says_exactly_what_is_kept(run: Any, world: World) -> None:
    (document,) = world.documents.in_stage("contracts")
    told = json.loads(run("documents", "show", document.id, "--output", "json").stdout)
    assert told["document"]["title"] == BAD
    assert told["document"]["signers"][0]["name"] == BAD


def test_a_comment_of_somebody_else_is_one_line(run: Any, world: World) -> None:
    (document,) = world.documents.in_stage("contracts")
    world.edit(document.id, Edit(comment="first\nsecond \x1b[1m"), by="ben@acme.example")
    assert "first second  [1m" in run("documents", "show", document.id).stdout


def test_an_error_of_ours_stays_on_one_line() -> None:
    @click.group(cls=RootGroup)
    def program() -> None: ...

    @program.command()
    def fail() -> None:
        raise PermanentError(f"the title is {BAD}\nError: all is well")

    result = CliRunner(mix_stderr=False).invoke(program, ["fail"])
    assert result.exit_code == 1
    assert len(result.stderr.strip().splitlines()) == 1
    assert steering(result.stderr) == []


def test_nobody_writes_past_the_cleaned_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    held = StringIO()
    monkeypatch.setattr(sys, "stdout", held)
    with only_harmless():
        print("\x1b[5m", end="")  # noqa: T201 - what is proved
        sys.stdout.writelines(["\x9b", "\u202e"])
        click.echo("\x07", nl=False)
        assert not hasattr(sys.stdout, "buffer")
    assert held.getvalue() == "\\u001b[5m\\u009b\\u202e\\u0007"
    assert sys.stdout is held


@given(st.text())
def test_one_line_is_one_line(text: str) -> None:
    assert one_line(text).isprintable()
    assert len(one_line(text)) == len(text)
