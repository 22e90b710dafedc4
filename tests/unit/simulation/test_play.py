"""What a script does to a document: the provider's messages, time, people, expectations."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, get_args

import pytest

from countersign.model.pipeline import Pipeline
from countersign.simulation.envelope import KINDS
from countersign.simulation.play import ScriptResult, UnmetExpectation, play
from countersign.simulation.script import OF_A_SIGNER, Script, Word
from tests.builders import mail, pipeline, stage, trigger

ANNA = "anna@acme.example"
KLARA = "klara@kunde.example"
AFTER_3_DAYS = mail("remind", time={"after": {"days": 3}, "at": "09:00"})


def contracts(*rules: dict[str, Any], **more: Any) -> Pipeline:
    """Out for signature, signed by both, or not signed."""
    return pipeline(
        stage("out", *rules, triggers=[]),
        stage("half", triggers=[trigger("signed_by_company")]),
        stage("signed", kind="success", triggers=[trigger("signed_by_all")]),
        stage("lost", kind="failure", triggers=[trigger("declined"), trigger("expired")]),
        senders=["contracts@acme.example"],
        **more,
    )


def script(*steps: Any, start: str = "2026-03-02 09:00", **more: Any) -> Script:
    """Anna sends an envelope that she signs first, then Klara."""
    signers = [{"email": ANNA, "order": 1}, {"email": KLARA, "order": 2}]
    envelope = {"title": "Lease", "sender": ANNA, "signers": signers, **more}
    return Script.model_validate({"start": start, "envelope": envelope, "steps": steps})


def by(who: str, word: str, **more: Any) -> dict[str, Any]:
    """Something that a signer does."""
    return {"event": word, "by": who, **more}


SENT = {"event": "sent"}


def told(played: ScriptResult, *sorts: str) -> list[str]:
    """What happened, of these sorts."""
    return [one.text for one in played.moments if one.sort in sorts]


def stage_of(played: ScriptResult) -> str:
    assert played.document is not None
    return played.document.document.stage


# --- the provider


def test_each_signers_turn_follows_the_signing_order_and_the_last_signature_completes() -> None:
    played = play(contracts(), script(SENT, by(ANNA, "signed"), by(KLARA, "signed")))
    assert told(played, "event") == [
        "document.sent",
        f"signer.notified ({ANNA})",
        f"signer.signed ({ANNA})",
        f"signer.notified ({KLARA})",
        f"signer.signed ({KLARA})",
        "document.completed",
    ]
    assert stage_of(played) == "signed"


def test_signers_without_an_order_are_asked_at_once() -> None:
    played = play(contracts(), script(SENT, signers=[ANNA, KLARA]))
    assert told(played, "event")[1:] == [f"signer.notified ({ANNA})", f"signer.notified ({KLARA})"]


def test_who_declines_ends_the_envelope() -> None:
    played = play(contracts(), script(SENT, by(ANNA, "declined", reason="too dear")))
    assert told(played, "event")[2:] == [f"signer.declined ({ANNA})", "document.declined"]
    assert played.document is not None
    document = played.document.document
    assert (document.stage, document.status, document.reason) == ("lost", "declined", "too dear")


def test_who_signs_instead_is_known_by_the_new_address() -> None:
    steps = (
        SENT,
        by(ANNA, "reassigned", to={"email": "ben@acme.example"}),
        by("ben@acme.example", "signed"),
    )
    played = play(contracts(), script(*steps))
    assert played.document is not None
    assert [(one.email, one.status) for one in played.document.document.signers] == [
        ("ben@acme.example", "signed"),
        (KLARA, "notified"),
    ]


def test_the_next_message_makes_up_for_a_lost_one() -> None:
    lost = by(ANNA, "signed", lost=True)
    alone = play(contracts(), script(SENT, lost))
    assert (stage_of(alone), told(alone, "lost")[0]) == (
        "out",
        f"signer.signed ({ANNA}): the message never comes",
    )
    assert stage_of(play(contracts(), script(SENT, lost, by(KLARA, "viewed")))) == "half"


def test_an_envelope_that_is_out_expires_by_itself() -> None:
    weeks = {"wait": {"days": 20}}
    played = play(contracts(), script(SENT, weeks, expires="2026-03-10 12:00"))
    assert stage_of(played) == "lost"
    at = [one.at for one in played.moments if one.sort == "moved"]
    assert at == [datetime(2026, 3, 10, 11, tzinfo=UTC)]
    signed = (SENT, by(ANNA, "signed"), by(KLARA, "signed"), weeks)
    assert stage_of(play(contracts(), script(*signed, expires="2026-03-10 12:00"))) == "signed"


def test_an_event_after_the_end_is_late() -> None:
    steps = (SENT, {"event": "completed"}, by(KLARA, "viewed"))
    played = play(contracts(), script(*steps))
    assert told(played, "event")[-1] == (
        f"document.viewed ({KLARA}): late, older than what is known"
    )


@pytest.mark.parametrize("word", get_args(Word))
def test_every_word_is_a_message_with_something_new(word: Word) -> None:
    who = {"by": ANNA} if word in OF_A_SIGNER else {}
    to = {"to": "ben@acme.example"} if word == "reassigned" else {}
    # Anna's turn comes with the sending; Klara's does not.
    turn = {"by": KLARA} if word == "signers_turn" else {}
    played = play(contracts(), script({"event": word, **who, **to, **turn}))
    lines = [one.log for one in played.moments if one.log and one.log.event == KINDS[word]]
    assert lines[0].applied in ("new", "derived")


def test_sides_and_fields_are_taken_over_as_the_connection_says() -> None:
    wanted = script(
        SENT,
        custom_fields={"Value": "9000"},
        signers=[{"email": ANNA, "party": "client"}, KLARA],
    )
    fields = [{"source": "Value", "field": "amount"}]
    connection = {"provider": "documenso", "responsible": "ben@acme.example", "fields": fields}
    played = play(
        contracts(), Script.model_validate({**wanted.model_dump(), "connection": connection})
    )
    assert played.document is not None
    document = played.document.document
    assert (document.provider, document.responsible, document.amount) == (
        "documenso",
        "ben@acme.example",
        Decimal(9000),
    )
    assert [one.party for one in document.signers] == ["client", "client"]


# --- time


@pytest.mark.parametrize(
    ("start", "step", "end"),
    [
        ("2026-03-28 09:00", {"wait": {"days": 1}}, "2026-03-29T07:00:00+00:00"),
        ("2026-03-28 09:00", {"wait": {"hours": 24}}, "2026-03-29T08:00:00+00:00"),
        ("2026-03-27 09:00", {"wait": {"working_days": 1}}, "2026-03-30T07:00:00+00:00"),
        ("2026-03-02 09:00", {"until": "2026-03-05"}, "2026-03-04T23:00:00+00:00"),
        ("2026-03-02 09:00", {"until": "2026-03-05T10:00:00Z"}, "2026-03-05T10:00:00+00:00"),
    ],
    ids=["a-day-across-summer-time", "hours-are-exact", "a-working-day", "a-date", "an-offset"],
)
def test_time_passes_on_the_pipelines_calendar(start: str, step: Any, end: str) -> None:
    assert play(contracts(), script(SENT, step, start=start)).end == datetime.fromisoformat(end)


def test_what_falls_due_while_waiting_happens_at_its_own_moment() -> None:
    played = play(contracts(AFTER_3_DAYS), script(SENT, {"wait": {"days": 30}}))
    mails = [(one.at, one.text) for one in played.moments if one.sort == "mail"]
    assert mails == [(datetime(2026, 3, 5, 8, tzinfo=UTC), f"to {KLARA}: remind")]


def test_what_is_still_planned_at_the_end_is_told() -> None:
    played = play(contracts(AFTER_3_DAYS), script(SENT))
    assert told(played, "rule") == [
        "remind: ready, due 2026-03-05 09:00 Europe/Berlin: 3 days after its turn, at 09:00"
    ]


def test_a_script_plays_the_same_every_time() -> None:
    wanted = script(SENT, {"wait": {"days": 5}}, by(ANNA, "signed"), by(KLARA, "signed"))
    assert play(contracts(AFTER_3_DAYS), wanted) == play(contracts(AFTER_3_DAYS), wanted)


# --- people


def test_a_save_is_one_save_by_the_sender_unless_said() -> None:
    save = {"edit": {"amount": 9000}, "move": "half", "comment": "by phone"}
    played = play(contracts(), script(SENT, save, {"move": "out", "by": "ben@acme.example"}))
    logs = [one.log for one in played.moments if one.log is not None]
    assert [(one.kind, one.by) for one in logs][3:] == [
        ("edited", ANNA),
        ("commented", ANNA),
        ("moved", ANNA),
        ("moved", "ben@acme.example"),
    ]


def test_messages_of_a_paused_pipeline_are_kept_until_it_is_resumed() -> None:
    paused = (SENT, "pause", by(ANNA, "signed"), {"wait": {"days": 5}})
    before = play(contracts(AFTER_3_DAYS), script(*paused))
    assert (stage_of(before), told(before, "kept", "mail")) == (
        "out",
        [
            f"signer.signed ({ANNA}): kept until the pipeline is resumed",
            f"signer.notified ({KLARA}): kept until the pipeline is resumed",
        ],
    )
    assert stage_of(play(contracts(AFTER_3_DAYS), script(*paused, "resume"))) == "half"


def test_a_cancelled_rule_says_why_when_its_stage_is_left() -> None:
    played = play(contracts(AFTER_3_DAYS), script(SENT, by(ANNA, "signed")))
    assert told(played, "rule")[1:] == [
        "remind: cancelled: the document left the stage out before it began"
    ]


# --- expectations


def test_what_is_otherwise_than_expected_is_told_with_its_place() -> None:
    wanted = {
        "stage": "half",
        "status": "completed",
        "mails": ["remind", "again"],
        "rules": {"remind": "skipped"},
        "fields": {"amount": 3200, "currency": "EUR", "contract_end": "2026-05-31"},
    }
    steps = (SENT, {"edit": {"amount": 9000, "currency": "EUR"}}, {"wait": {"days": 4}})
    dated = contracts(AFTER_3_DAYS, fields={"contract_end": {"type": "date"}})
    played = play(dated, script(*steps, {"expect": wanted}))
    place = ("steps", 3, "expect")
    assert played.misses == (
        UnmetExpectation(place=(*place, "stage"), text="stage: expected half, found out"),
        UnmetExpectation(place=(*place, "status"), text="status: expected completed, found sent"),
        UnmetExpectation(
            place=(*place, "mails"), text="mails: expected “remind”, “again”, found “remind”"
        ),
        UnmetExpectation(
            place=(*place, "rules", "remind"),
            text="rule remind: expected skipped, found done 2026-03-05 09:00 Europe/Berlin",
        ),
        UnmetExpectation(
            place=(*place, "fields", "amount"), text="amount: expected 3,200, found 9,000"
        ),
        UnmetExpectation(
            place=(*place, "fields", "contract_end"),
            text="contract_end: expected 2026-05-31, found empty",
        ),
    )


@pytest.mark.parametrize(
    ("mails", "misses"),
    [
        (1, []),
        (0, ["number of mails: expected 0, found 1: “remind”"]),
        (["remind"], []),
        ([], ["mails: expected none, found “remind”"]),
    ],
)
def test_mails_are_counted_or_named(mails: Any, misses: list[str]) -> None:
    steps = (SENT, {"wait": {"days": 4}}, {"expect": {"mails": mails}})
    played = play(contracts(AFTER_3_DAYS), script(*steps))
    assert [miss.text for miss in played.misses] == misses


def test_the_built_in_fields_are_compared_as_what_they_are() -> None:
    fields = {"signers_open": [KLARA], "sent": "2026-03-02T09:00:00+01:00", "stage": "half"}
    steps = (SENT, by(ANNA, "signed"), {"expect": {"fields": fields}})
    assert play(contracts(), script(*steps)).misses == ()


def test_a_rule_that_was_never_planned_is_told() -> None:
    expect = {"expect": {"rules": {"remind": "done"}}}
    moved = pipeline(stage("out"), stage("later", mail("remind")), senders=["x@acme.example"])
    played = play(moved, script(SENT, expect))
    assert [one.text for one in played.misses] == [
        "rule remind: expected done, found never planned"
    ]


# --- tasks

CHECK = {
    "id": "check",
    "kind": "create_task",
    "settings": {"title": "Check it", "assignee": "ben@acme.example", "wait": True},
}


@pytest.mark.parametrize(
    ("step", "who"),
    [
        ({"complete_task": "check"}, "ben@acme.example completed"),
        (
            {"complete_task": "check", "by": "carla@acme.example"},
            "carla@acme.example completed as an operator",
        ),
    ],
)
def test_a_task_is_completed_by_whose_it_is_unless_said(step: dict[str, str], who: str) -> None:
    waits = {"expect": {"rules": {"check": "awaiting", "below": "waiting"}, "mails": 0}}
    ended = {"expect": {"rules": {"check": "done", "below": "done"}, "mails": ["below"]}}
    steps = (SENT, {"wait": {"days": 2}}, waits, step, ended)
    played = play(contracts(CHECK, mail("below")), script(*steps))
    assert played.misses == ()
    assert told(played, "task") == ['rule:check made the task "Check it" of ben@acme.example']
    assert told(played, "rule", "event")[-3:] == [
        f'{who} the task "Check it"',
        "check: done",
        "below: done",
    ]


@pytest.mark.parametrize(
    ("steps", "found"),
    [
        ([{"complete_task": "check"}] * 2, "one that is done"),
        ([{"complete_task": "later"}], "none"),
    ],
)
def test_a_task_that_is_not_open_cannot_be_completed(
    steps: list[dict[str, str]], found: str
) -> None:
    later = {**CHECK, "id": "later", "execution": "independent", "time": {"after": {"days": 1}}}
    played = play(contracts(CHECK, later), script(SENT, *steps))
    rule = steps[-1]["complete_task"]
    assert played.misses == (
        UnmetExpectation(
            place=("steps", len(steps), "complete_task"),
            text=f"task of {rule}: expected an open one, found {found}",
        ),
    )
