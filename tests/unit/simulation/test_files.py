"""A simulation has files, what providers made, and links to sign that are none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from countersign.cli.commands import countersign
from countersign.cli.context import CliContext
from countersign.cli.pipelines.simulation_report import result_text
from countersign.providers import PROVIDERS, provider
from countersign.simulation.play import ScriptResult, play
from countersign.simulation.script import Script
from countersign.simulation.script_reader import check
from tests.builders import ANNA, KLARA, mail, pipeline, stage, trigger

FROM = "contracts@acme.example"


def sending(name: str = "send", **settings: Any) -> dict[str, Any]:
    """A mail to the client an hour after the arrival."""
    rule = mail(name, time={"after": {"hours": 1}}, execution="independent")
    rule["settings"] |= {"to": ["client"], **settings}
    return rule


def played(*steps: Any, provider: str = "docusign", **settings: Any) -> ScriptResult:
    """Klara gets a mail an hour after the contract was sent, and another one when it is signed."""
    letters = pipeline(
        stage("draft"),
        stage("sent", sending(**settings), triggers=[trigger("sent")]),
        stage("signed", triggers=[trigger("signed_by_all")]),
        senders=[FROM],
    )
    signers = [{"name": "Klara Vogel", "email": KLARA, "order": 1}]
    script = {
        "start": "2026-03-02 09:00",
        "connection": {"provider": provider},
        "envelope": {"title": "Lease", "sender": ANNA, "signers": signers},
        "steps": [{"event": "sent"}, *steps],
    }
    read, problems = check(script, letters)
    assert problems == ()
    assert read is not None
    return play(letters, read)


def added(name: str, kind: str = "contract", **more: Any) -> dict[str, Any]:
    return {"add_file": {"name": name, "kind": kind, **more}}


def shown(result: ScriptResult) -> str:
    return result_text(result, why=True)


def test_added_files_go_with_the_mail_and_stand_in_the_report() -> None:
    done = played(
        added("Lease.pdf"),
        {**added("Plan.png", "attachment", size=20), "by": "ben@acme.example"},
        {"wait": {"hours": 2}},
        {"expect": {"attachments": ["Plan.png", "Lease.pdf"], "files": ["Lease.pdf", "Plan.png"]}},
        attachments=["contract", "attachment"],
    )
    assert (done.misses, done.expectations, done.met) == ((), 2, 2)
    text = shown(done)
    assert "ben@acme.example added Plan.png (attachment, 20 bytes, SHA-256 " in text
    assert "anna@acme.example added Lease.pdf (contract, 100,000 bytes, SHA-256 " in text
    assert "                    attached Lease.pdf, Plan.png\n" in text


def test_programs_get_the_attachments_names_without_their_content() -> None:
    done = played(added("Lease.pdf"), {"wait": {"hours": 2}}, attachments=["contract"])
    (sent,) = [one.mail for one in done.moments if one.mail]
    assert [(one.name, one.media_type, one.content) for one in sent.attachments] == [
        ("Lease.pdf", "application/pdf", b"")
    ]


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ({"attachments": []}, "attachments: expected none, found Lease.pdf"),
        ({"attachments": ["lease.pdf"]}, "attachments: expected lease.pdf, found Lease.pdf"),
        ({"files": ["Lease.pdf", "B.pdf"]}, "files: expected Lease.pdf, B.pdf, found Lease.pdf"),
        ({"files": []}, "files: expected none, found Lease.pdf"),
    ],
)
def test_other_files_than_expected_are_a_miss(expected: dict[str, Any], text: str) -> None:
    done = played(
        added("Lease.pdf"), {"wait": {"hours": 2}}, {"expect": expected}, attachments=["contract"]
    )
    assert [miss.text for miss in done.misses] == [text]
    assert done.misses[0].place == ("steps", 3, "expect", next(iter(expected)))


def test_no_mail_has_no_attachments() -> None:
    done = played({"expect": {"attachments": ["Lease.pdf"]}})
    assert [miss.text for miss in done.misses] == ["attachments: expected Lease.pdf, found none"]
    assert played({"expect": {"attachments": [], "files": []}}).misses == ()


def test_a_rule_that_misses_its_file_fails_as_in_operation() -> None:
    done = played({"wait": {"hours": 2}}, attachments=["contract"])
    assert "the document has no contract to attach; add one: countersign documents files add" in (
        done.misses[0].text
    )


def test_a_file_that_is_added_again_replaces_the_first() -> None:
    done = played(
        added("Lease.pdf"), added("LEASE.pdf", size=9), {"expect": {"files": ["LEASE.pdf"]}}
    )
    assert done.misses == ()


def test_more_files_than_a_document_may_have_are_a_miss() -> None:
    done = played(*(added(f"{n}.txt", "attachment", size=1) for n in range(41)))
    assert [(miss.place, miss.text) for miss in done.misses] == [
        (
            ("steps", 41, "add_file"),
            "the document has 40 files already, the most it may have; remove one",
        )
    ]


def test_what_is_too_large_fails_or_is_linked_by_a_placeholder() -> None:
    large = added("Plan.pdf", size=8_000_000), {"wait": {"hours": 2}}
    failed = played(*large, attachments=["contract"])
    assert "the attachments have 8,000,000 bytes" in failed.misses[0].text
    linked = played(*large, attachments=["contract"], large_files="link")
    assert linked.misses == ()
    assert "| Plan.pdf (8.0 MB, until 2026-03-16): [link to the file]\n" in shown(linked)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ({"name": "tool.exe"}, "tool.exe: files of this type are not accepted"),
        ({"name": "a.pdf", "size": 0}, "size is 0; expected at least 1"),
        ({"name": "a.pdf", "size": 50_000_001}, "expected at most 50000000"),
        ({"name": "", "size": 1}, '"" is not a valid file name'),
        ({"name": "a.pdf", "kind": "signed_pdf"}, "expected contract, invoice, offer, attachment"),
        ({"name": "a.pdf", "content": "x"}, '"content" is unknown in a file'),
        ({}, '"name" is missing; a file must have it'),
        ("a.pdf", 'add_file is "a.pdf"; expected a mapping with name'),
    ],
    ids=str,
)
def test_a_file_that_no_document_takes_is_refused_when_the_script_is_read(
    file: Any, text: str
) -> None:
    script = {
        "start": "2026-03-02 09:00",
        "envelope": {"sender": ANNA, "signers": [KLARA]},
        "steps": [{"event": "sent"}, {"add_file": file}],
    }
    read, problems = check(script, pipeline(stage("draft")))
    assert read is None
    assert [problem.place[:3] for problem in problems] == [("steps", 1, "add_file")]
    assert text in problems[0].text


def test_a_file_needs_a_document() -> None:
    script = {
        "start": "2026-03-02 09:00",
        "envelope": {"sender": ANNA, "signers": [KLARA]},
        "steps": [added("a.pdf"), {"event": "sent"}],
    }
    _, problems = check(script, pipeline(stage("draft")))
    assert [problem.text for problem in problems] == [
        "there is no document yet; begin with an event, such as sent"
    ]


LINKING = "Dear {{ signer.name }}, sign here: {{ signer.signing_link }}"


def offering(offer: str) -> list[str]:
    return [name for name in PROVIDERS.kinds if offer in provider(name).offers()]


@pytest.mark.parametrize("name", offering("the link to sign"))
def test_a_link_to_sign_is_a_placeholder(name: str) -> None:
    done = played({"wait": {"hours": 2}}, {"expect": {"mails": 1}}, provider=name, text=LINKING)
    assert done.misses == ()
    assert "| Dear Klara Vogel, sign here: [link to sign]\n" in shown(done)
    (sent,) = [one.mail for one in done.moments if one.mail]
    assert sent.html is not None
    assert "sign here: [link to sign]" in sent.html
    assert "href=" not in sent.html


def test_several_signers_get_a_placeholder_each() -> None:
    both = pipeline(
        stage("sent", sending(text=LINKING, to=["unsigned"]), triggers=[trigger("sent")]),
        senders=[FROM],
    )
    signers = [{"name": name, "email": f"{name}@kunde.example"} for name in ("klara", "lena")]
    script = {
        "start": "2026-03-02 09:00",
        "connection": {"provider": "docuseal"},
        "envelope": {"title": "Lease", "sender": ANNA, "signers": signers},
        "steps": [{"event": "sent"}, {"wait": {"hours": 2}}, {"expect": {"mails": 2}}],
    }
    done = play(both, Script.model_validate(script))
    assert done.misses == ()
    assert [one.mail.text for one in done.moments if one.mail] == [
        "Dear klara, sign here: [link to sign]",
        "Dear lena, sign here: [link to sign]",
    ]


@pytest.mark.parametrize("name", ["docusign", "dropbox_sign", "skribble"])
def test_a_provider_without_links_to_sign_fails_the_rule_as_in_operation(name: str) -> None:
    done = played({"wait": {"hours": 2}}, provider=name, text=LINKING)
    assert provider(name).title in done.misses[0].text


def test_a_link_for_a_signer_who_has_signed_fails_as_in_operation() -> None:
    done = played(
        {"event": "signed", "by": KLARA}, {"wait": {"hours": 2}}, provider="docuseal", text=LINKING
    )
    assert [mail for mail in done.moments if mail.mail] == []


@pytest.mark.parametrize("name", offering("the unsigned document"))
def test_the_unsigned_document_comes_from_the_provider_and_is_not_kept(name: str) -> None:
    expected = {"attachments": ["Lease.pdf"], "files": []}
    done = played(
        {"wait": {"hours": 2}}, {"expect": expected}, provider=name, attachments=["document"]
    )
    assert done.misses == ()


@pytest.mark.parametrize("name", offering("the signed PDF"))
def test_what_the_provider_made_is_kept_once_all_have_signed(name: str) -> None:
    kept = ["Lease.pdf"]
    if "the audit trail" in provider(name).offers():
        kept.append("Lease - audit trail.pdf")
    done = played({"event": "signed", "by": KLARA}, {"expect": {"files": kept}}, provider=name)
    assert done.misses == ()


def test_a_provider_without_an_api_keeps_nothing_and_nothing_fails() -> None:
    done = played({"event": "signed", "by": KLARA}, {"expect": {"stage": "signed", "files": []}})
    assert done.misses == ()


def test_the_command_prints_neither_links_nor_content(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(
        json.dumps(
            {
                "pipeline": "letters",
                "senders": [FROM],
                "stages": [
                    {"id": "draft"},
                    {
                        "id": "sent",
                        "triggers": [{"id": "sent", "kind": "sent"}],
                        "rules": [
                            {
                                "id": "send",
                                "kind": "send_email",
                                "time": {"after": {"hours": 1}},
                                "settings": {
                                    "from": FROM,
                                    "to": ["client"],
                                    "subject": "Lease",
                                    "text": LINKING,
                                    "attachments": ["contract"],
                                },
                            }
                        ],
                    },
                ],
            }
        )
    )
    (tmp_path / "s.yaml").write_text(
        json.dumps(
            {
                "start": "2026-03-02 09:00",
                "connection": {"provider": "yousign"},
                "envelope": {"sender": ANNA, "signers": [{"name": "Klara", "email": KLARA}]},
                "steps": [{"event": "sent"}, added("Lease.pdf"), {"wait": {"hours": 2}}],
            }
        )
    )

    def no_cloud() -> Any:
        raise AssertionError("a simulation asks no stack")

    context = CliContext(user=ANNA, open_cloud=no_cloud)
    arguments = ["pipelines", "simulate", str(tmp_path / "p.yaml"), str(tmp_path / "s.yaml")]
    for more in ((), ("--output", "json")):
        result = CliRunner(mix_stderr=False).invoke(countersign, [*arguments, *more], obj=context)
        assert (result.exit_code, result.stderr) == (0, "")
        assert "Dear Klara, sign here: [link to sign]" in result.stdout
        assert "simulated Lease.pdf" not in result.stdout
        assert len(result.stdout) < 100_000
