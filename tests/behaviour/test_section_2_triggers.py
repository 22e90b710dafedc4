"""semantics, section 2: which trigger fires, and what the record says of the others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from countersign.model.document import Document
from countersign.model.log import LogEntry
from countersign.rules.base import Edit
from countersign.simulation.world import World
from tests.builders import (
    ANNA,
    KLARA,
    envelope,
    event,
    mail,
    pipeline,
    signed,
    stage,
    subjects,
    to_stage,
    trigger,
    world,
)


def moves(here: World, document: Document) -> list[tuple[str | None, str | None]]:
    """Every move of the document, oldest first."""
    return [
        (line.from_stage, line.to_stage)
        for line in here.documents.timeline(document.id)
        if line.kind == "moved"
    ]


def last_event(here: World, document: Document) -> LogEntry:
    """The newest line that tells of a happening."""
    return [line for line in here.documents.timeline(document.id) if line.kind == "event"][-1]


def passed(here: World, document: Document) -> dict[str, str]:
    """Why each trigger was passed over at the last happening."""
    return {one.trigger: one.reason for one in last_event(here, document).passed}


def start(*stages: dict[str, Any], **more: Any) -> tuple[World, Document]:
    """A world whose document is in the first stage, its envelope sent."""
    here = world(pipeline(*stages, **more))
    return here, here.tell("docusign", [event("document.sent", state=envelope())])


# --- 1. Candidates are the enabled triggers of the matching kinds in every stage but the current


def test_1_a_trigger_in_the_current_stage_is_no_candidate() -> None:
    here, _ = start(stage("draft", triggers=[trigger("viewed")]), stage("sent"))
    after = here.tell("docusign", [event("document.viewed", KLARA, minute=1)])
    assert moves(here, after) == []
    assert passed(here, after) == {"viewed": "the document is in the trigger's own stage"}


def test_1_a_trigger_that_is_switched_off_is_no_candidate() -> None:
    here, _ = start(stage("draft"), stage("sent", triggers=[trigger("viewed", enabled=False)]))
    after = here.tell("docusign", [event("document.viewed", KLARA, minute=1)])
    assert after.stage == "draft"
    assert passed(here, after) == {"viewed": "the trigger is switched off"}


def test_1_triggers_of_other_kinds_are_not_asked() -> None:
    here, _ = start(stage("draft"), stage("sent", triggers=[trigger("voided")]))
    after = here.tell("docusign", [event("document.viewed", KLARA, minute=1)])
    assert passed(here, after) == {}


# --- 2. Later stages are always eligible, earlier ones only with allow return


@pytest.mark.parametrize(
    ("allow_return", "stage_after"),
    [(False, "sent"), (True, "draft")],
    ids=["forbidden", "allowed"],
)
def test_2_an_earlier_stage_takes_the_document_back_only_with_allow_return(
    allow_return: bool, stage_after: str
) -> None:
    here, _ = start(
        stage("draft", triggers=[trigger("viewed", allow_return=allow_return)]),
        stage("sent", triggers=[trigger("signed_by_company")]),
    )
    here.tell("docusign", [event("signer.signed", ANNA, minute=1)])
    after = here.tell("docusign", [event("document.viewed", KLARA, minute=2)])
    assert after.stage == stage_after


# --- 3. Stage order, listed order; the first match wins; the rest are recorded with the reason


def test_3_the_first_match_in_stage_order_wins_and_the_rest_are_recorded() -> None:
    here, _ = start(
        stage("draft"),
        stage(
            "review",
            triggers=[
                trigger("signed_by_client", "by-client"),
                trigger(
                    "signed_by_company",
                    "big-ones",
                    condition={"field": "amount", "op": "greater", "value": 5000},
                ),
                trigger("signed_by_company", "any"),
            ],
        ),
        stage("signed", triggers=[trigger("signed_by_company", "too-late")]),
    )
    after = here.tell("docusign", [event("signer.signed", ANNA, minute=1)])
    assert after.stage == "review"
    fired = last_event(here, after).fired
    assert fired is not None
    assert fired.trigger == "any"
    assert passed(here, after) == {
        "by-client": f"{ANNA} is on the side of the company, not of the client",
        "big-ones": "amount is empty",
        "too-late": "the trigger any of the stage review fired first",
    }


# --- 4. Firing moves the document, writes who, why and by which trigger, starts the stage's rules


@pytest.mark.parametrize(
    ("move_as", "author"), [("responsible", ANNA), ("bot@acme.example", "bot@acme.example")]
)
def test_4_firing_writes_who_and_why_and_starts_the_rules(move_as: str, author: str) -> None:
    here, _ = start(
        stage("draft"),
        stage("sent", mail("hello"), triggers=[trigger("viewed", move_as=move_as)]),
        senders=["contracts@acme.example"],
    )
    after = here.tell("docusign", [event("document.viewed", KLARA, minute=1)])
    line = next(one for one in here.documents.timeline(after.id) if one.kind == "moved")
    assert (after.moved_by, line.by, line.cause) == (
        author,
        "trigger:viewed",
        "provider:docusign document.viewed > trigger:viewed",
    )
    assert subjects(here) == ["hello"]


# --- 5. One save: responsible first, then fields, then the stage asked for; a trigger's stage wins


SAVE = (
    stage("draft"),
    stage("asked"),
    stage(
        "by-field",
        triggers=[trigger("field_changed", "amount", settings={"fields": ["amount"]})],
    ),
    stage("by-responsible", triggers=[trigger("responsible_changed", "handed-over")]),
)


@pytest.mark.parametrize(
    ("wanted", "stage_after"),
    [
        (Edit(stage="asked"), "asked"),
        (Edit(values={"number": "4711"}, stage="asked"), "asked"),
        (Edit(values={"amount": 5}, stage="asked"), "by-field"),
        (Edit(values={"amount": 5, "responsible": "ben@acme.example"}), "by-responsible"),
        (Edit(values={"amount": None}, stage="asked"), "asked"),
    ],
    ids=["stage", "unwatched-field", "watched-field", "responsible-first", "nothing-changed"],
)
def test_5_one_save_fires_at_most_one_trigger(wanted: Edit, stage_after: str) -> None:
    here, document = start(*SAVE)
    after = here.edit(document.id, wanted, by="ben@acme.example")
    assert after.stage == stage_after
    assert len(moves(here, after)) == 1


# --- 6. Final stages: later events are recorded but move nothing, unless a return is allowed


@pytest.mark.parametrize(("allow_return", "stage_after"), [(False, "not-signed"), (True, "draft")])
def test_6_a_final_stage_is_left_only_by_a_trigger_with_allow_return(
    allow_return: bool, stage_after: str
) -> None:
    here, _ = start(
        stage("draft", triggers=[trigger("reassigned", allow_return=allow_return)]),
        stage("sent", triggers=[trigger("viewed")]),
        stage("not-signed", kind="failure", triggers=[trigger("declined")]),
    )
    here.tell("docusign", [event("signer.declined", KLARA, minute=1, reason="too dear")])
    here.tell("docusign", [event("document.viewed", ANNA, minute=2)])
    after = here.tell("docusign", [event("signer.reassigned", ANNA, minute=3)])
    assert after.stage == stage_after


def test_6_a_later_event_in_a_final_stage_is_on_the_timeline() -> None:
    here, _ = start(
        stage("draft"),
        stage("sent", triggers=[trigger("viewed")]),
        stage("not-signed", kind="failure", triggers=[trigger("declined")]),
    )
    here.tell("docusign", [event("signer.declined", KLARA, minute=1)])
    after = here.tell("docusign", [event("document.viewed", ANNA, minute=2)])
    assert passed(here, after) == {
        "viewed": "its stage is an earlier one, and it does not allow a return"
    }


# --- 7. Seen before: no change, success. Older than what is known: late, undoes nothing


def test_7_an_event_seen_before_changes_nothing() -> None:
    here, _document = start(stage("draft"), stage("sent", triggers=[trigger("viewed")]))
    viewed = event("document.viewed", KLARA, minute=1)
    once = here.tell("docusign", [viewed])
    assert here.tell("docusign", [viewed]) == once


@pytest.mark.parametrize(
    ("kind", "who", "applied"),
    [
        ("document.viewed", KLARA, "late"),
        ("document.sent", None, "late"),
        ("signer.notified", KLARA, "late"),
        ("signer.signed", KLARA, "known"),
        ("signer.declined", KLARA, "late"),
        ("document.voided", None, "late"),
        ("document.expired", None, "late"),
        ("document.completed", None, "known"),
        ("other", None, "no_effect"),
    ],
)
def test_7_nothing_undoes_a_completed_envelope(kind: str, who: str | None, applied: str) -> None:
    here, _ = start(
        stage("draft"),
        stage("signed", triggers=[trigger("signed_by_all")]),
        stage(
            "lost",
            kind="failure",
            triggers=[trigger(k) for k in ("voided", "expired", "declined", "viewed")],
        ),
    )
    whole = envelope("completed", signers=signed(ANNA, KLARA))
    done = here.tell("docusign", [event("document.completed", minute=9, state=whole)])
    after = here.tell("docusign", [event(kind, who, minute=1)])
    assert (after.stage, after.status) == ("signed", "completed")
    statuses = [(one.id, one.status) for one in done.signers]
    assert [(one.id, one.status) for one in after.signers] == statuses
    assert last_event(here, after).applied == applied


# --- 8. State that a message carries: what is missing is derived and handled first, in time order


def test_8_a_lost_signature_is_derived_and_moves_the_document_before_the_message_itself() -> None:
    here, _ = start(
        stage("draft"),
        stage("by-us", triggers=[trigger("signed_by_company")]),
        stage("seen", triggers=[trigger("viewed", settings={"party": "client"})]),
    )
    half = envelope(signers=signed(ANNA, at=None))
    after = here.tell("docusign", [event("document.viewed", KLARA, minute=5, state=half)])
    assert moves(here, after) == [("draft", "by-us"), ("by-us", "seen")]


def test_8_the_lost_message_that_comes_after_all_says_nothing_new() -> None:
    here, _ = start(stage("draft"), stage("by-us", triggers=[trigger("signed_by_company")]))
    half = envelope(signers=signed(ANNA))
    here.tell("docusign", [event("document.viewed", KLARA, minute=5, state=half)])
    after = here.tell("docusign", [event("signer.signed", ANNA, minute=1)])
    assert last_event(here, after).applied == "known"
    assert len(moves(here, after)) == 1


def test_8_who_acted_is_read_off_the_state_where_the_message_does_not_say() -> None:
    here, _ = start(stage("draft"), stage("by-us", triggers=[trigger("signed_by_company")]))
    half = envelope(signers=signed(ANNA))
    after = here.tell("docusign", [event("signer.signed", minute=5, state=half)])
    assert after.stage == "by-us"
    assert last_event(here, after).signer == ANNA
    assert last_event(here, after).applied == "new"


def test_8_when_all_have_signed_the_end_is_derived_even_if_its_message_is_lost() -> None:
    here, _ = start(stage("draft"), stage("signed", triggers=[trigger("signed_by_all")]))
    whole = envelope(None, signers=signed(ANNA, KLARA))
    after = here.tell("docusign", [event("signer.signed", KLARA, minute=5, state=whole)])
    assert (after.stage, after.status) == ("signed", "completed")


@pytest.mark.parametrize("open_word", ["sent", "delivered"])
def test_8_what_the_provider_calls_open_is_not_completed_by_the_last_signature(
    open_word: str,
) -> None:
    here, _ = start(stage("draft"), stage("signed", triggers=[trigger("signed_by_all")]))
    whole = envelope(open_word, signers=signed(ANNA, KLARA))
    after = here.tell("docusign", [event("signer.signed", KLARA, minute=5, state=whole)])
    assert (after.stage, after.status) == ("draft", open_word)
    assert [signer.status for signer in after.signers] == ["signed", "signed"]


@pytest.mark.parametrize("word", ["sent", "delivered", None])
def test_8_a_list_that_is_not_whole_does_not_end_anything(word: str | None) -> None:
    here, _ = start(stage("draft"), stage("signed", triggers=[trigger("signed_by_all")]))
    part = envelope(word, signers=signed(ANNA, KLARA), all_signers=False)
    after = here.tell("docusign", [event("signer.signed", KLARA, minute=5, state=part)])
    assert (after.stage, after.status) == ("draft", word or "sent")


def test_8_an_older_state_cannot_take_back_what_is_known() -> None:
    here, _ = start(stage("draft"))
    here.tell(
        "docusign", [event("signer.signed", ANNA, minute=9, state=envelope(signers=signed(ANNA)))]
    )
    old = envelope(title="An older title")
    after = here.tell("docusign", [event("document.viewed", KLARA, minute=1, state=old)])
    assert after.title == "Service agreement"
    assert [one.status for one in after.signers] == ["signed", "viewed"]


# --- the limit of automatic moves


def test_a_loop_of_rules_stops_after_twenty_moves_with_a_readable_reason() -> None:
    here, document = start(
        stage("a", to_stage("to-b", "b", time={"after": {"hours": 1}})),
        stage("b", to_stage("to-a", "a", time={"after": {"hours": 1}})),
    )
    here.advance(timedelta(days=3))
    after = here.document(document.id)
    assert (len(moves(here, after)), after.automatic_moves) == (20, 20)
    run = here.documents.runs(after.id, after.entry)[0]
    assert run.state == "failed"
    assert run.reason is not None
    assert run.reason.startswith("rule:to-b did not move the document: it made 20 automatic moves")


def test_a_person_or_a_new_event_sets_the_count_of_automatic_moves_back() -> None:
    here, document = start(
        stage("a", to_stage("to-b", "b", time={"after": {"hours": 1}})),
        stage("b", to_stage("to-a", "a", time={"after": {"hours": 1}})),
    )
    here.advance(timedelta(hours=10))
    here.edit(document.id, Edit(values={"number": "1"}), by="ben@acme.example")
    here.advance(timedelta(days=3))
    assert len(moves(here, document)) == 30


def test_a_trigger_can_demand_how_well_a_message_proves_its_sender() -> None:
    here, _ = start(
        stage("draft"), stage("sent", triggers=[trigger("viewed", authenticity="signed")])
    )
    after = here.tell(
        "docusign", [event("document.viewed", KLARA, minute=1)], authenticity="shared_secret"
    )
    assert passed(here, after) == {
        "viewed": (
            "the message is authenticated by a shared secret; the trigger requires a signed body"
        )
    }
