"""What comes from outside in a script: calls by code, reports on mails, answers of addresses."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from countersign.cli.pipelines.simulation_report import result_text
from countersign.simulation.play import ScriptResult, play
from countersign.simulation.script import Script
from tests.builders import mail, pipeline, stage, trigger

CALL = {
    "id": "tell-crm",
    "kind": "call_web_address",
    "settings": {"url": "https://crm.example/", "answer": {"crm_id": "data.id"}},
}
WAITING = {
    "called": trigger("called_by_code", settings={"code": "go"}),
    "outside": trigger("incoming_call", settings={"code": "go"}),
    "opened": trigger("mail_opened", settings={"rule": "hello"}),
    "clicked": trigger("link_clicked", settings={"url_prefix": "https://acme.example/"}),
    "bounced": trigger("mail_bounced"),
}


def played(*steps: Any, **more: Any) -> ScriptResult:
    """A document in a stage that mails and calls, with stages behind it for whatever comes."""
    wanted = pipeline(
        stage("out", mail("hello"), CALL),
        *(stage(name, triggers=[one]) for name, one in WAITING.items()),
        senders=["contracts@acme.example"],
        fields={"crm_id": {"type": "text"}},
    )
    signers = [{"email": "klara@kunde.example"}]
    script = {
        "start": "2026-03-02 09:00",
        "envelope": {"title": "Lease", "sender": "anna@acme.example", "signers": signers},
        "steps": [{"event": "sent"}, *steps],
        **more,
    }
    return play(wanted, Script.model_validate(script))


@pytest.mark.parametrize(
    ("step", "arrives"),
    [
        ({"call": "go"}, "called"),
        ({"call": "go", "by": "ben@acme.example"}, "called"),
        ({"call": "stop"}, "out"),
        ({"call": "go", "from_outside": True}, "outside"),
        ({"call": "stop", "from_outside": True}, "out"),
        ({"report": "opened", "rule": "hello"}, "opened"),
        ({"report": "clicked", "rule": "hello", "link": "https://acme.example/x"}, "clicked"),
        ({"report": "clicked", "rule": "hello", "link": "https://other.example/"}, "out"),
        ({"report": "opened", "rule": "hello", "automated": True}, "out"),
        ({"report": "opened", "rule": "hello", "automated": False}, "opened"),
        (
            {
                "report": "clicked",
                "rule": "hello",
                "link": "https://acme.example/x",
                "automated": True,
            },
            "out",
        ),
        ({"report": "bounced", "rule": "hello"}, "bounced"),
        ({"report": "delivered", "rule": "hello"}, "out"),
    ],
)
def test_triggers_hear_of_calls_and_reports(step: dict[str, Any], arrives: str) -> None:
    done = played(step, {"expect": {"stage": arrives}})
    assert done.misses == ()


def test_a_script_has_a_machine_open_a_mail_before_a_person_does() -> None:
    opened = {"report": "opened", "rule": "hello"}
    done = played(
        {**opened, "automated": True},
        {"expect": {"stage": "out"}},
        opened,
        {"expect": {"stage": "opened"}},
    )
    assert done.misses == ()
    shown = " ".join(result_text(done, why=True).split())
    assert "was opened by a machine" in shown
    assert (
        "did not match: trigger mail-opened (opened): made by a machine: the mail service reported "
        "it as automated; the trigger fires for that only with automated: true"
    ) in shown


def test_a_report_on_a_mail_that_was_not_sent_is_a_miss() -> None:
    (miss,) = played({"edit": {"title": "x"}}, {"report": "opened", "rule": "later"}).misses
    assert miss.place == ("steps", 2, "report")
    assert miss.text == "mail of later: expected one that was sent, found none"


def test_an_address_answers_what_the_script_says() -> None:
    answers = {"tell-crm": {"body": {"data": {"id": "c-17"}}}}
    wanted = {"expect": {"rules": {"tell-crm": "done"}, "fields": {"crm_id": "c-17"}}}
    assert played(wanted, answers=answers).misses == ()


@pytest.mark.parametrize(("status", "state"), [(404, "failed"), (503, "ready"), (504, "in_doubt")])
def test_an_address_may_refuse(status: int, state: str) -> None:
    answers = {"tell-crm": {"status": status}}
    assert played({"expect": {"rules": {"tell-crm": state}}}, answers=answers).misses == ()


@pytest.mark.parametrize(
    ("body", "place", "kept"),
    [
        ({"sum": Decimal("817.25")}, "sum", "817.25"),
        ({"rows": [{"net": Decimal("0.1")}]}, "rows[0].net", "0.1"),
        ([Decimal("2.50"), 3], "[0]", "2.5"),
        (Decimal("19.75"), "@", "19.75"),
        ({"sum": Decimal("1234567890123456789.5")}, "sum", "1234567890123456789.5"),
    ],
)
def test_an_answer_with_decimals_is_an_answer(body: Any, place: str, kept: str) -> None:
    settings = {"url": "https://crm.example/", "answer": {"total": place}}
    wanted = pipeline(
        stage("out", {"id": "ask", "kind": "call_web_address", "settings": settings}),
        fields={"total": {"type": "number"}},
    )
    script = {
        "start": "2026-03-02 09:00",
        "envelope": {"sender": "anna@acme.example", "signers": ["klara@kunde.example"]},
        "answers": {"ask": {"body": body}},
        "steps": [
            {"event": "sent"},
            {"expect": {"rules": {"ask": "done"}, "fields": {"total": kept}}},
        ],
    }
    assert play(wanted, Script.model_validate(script)).misses == ()


def test_every_word_of_the_timeline_stands_apart_from_its_text() -> None:
    shown = result_text(
        played({"comment": "called back"}, {"stop_rules": True}, {"edit": {"crm_id": "7"}}),
        why=False,
    )
    lines = [line[12:] for line in shown.splitlines()]
    assert "commented called back (anna@acme.example)" in lines
    assert "rules_stopped anna@acme.example stopped the rules of the stage out" in "\n".join(lines)
    assert "edited  anna@acme.example changed crm_id (anna@acme.example)" in lines
