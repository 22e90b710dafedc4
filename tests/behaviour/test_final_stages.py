"""semantics, section 2.6: final stages hold, whatever is heard and whatever time comes."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from countersign.engine.compiled_pipeline import CompiledPipeline
from countersign.engine.validation.pipeline import check
from countersign.model.document import Document
from countersign.model.pipeline import Version
from countersign.rules.base import Edit
from countersign.simulation.world import World
from tests.builders import (
    KLARA,
    envelope,
    event,
    pipeline,
    signed,
    stage,
    states,
    to_stage,
    trigger,
    world,
)
from tests.unit.simulation.test_simulate import simulate

EXAMPLE = Path(__file__).parents[2] / "events" / "pipelines" / "contracts.yaml"
DAY = timedelta(days=1)
BEN = "ben@acme.example"
DATED = {"fields": {"ends": {"type": "date"}, "note": {"type": "text"}}}


def start(*stages: dict[str, Any]) -> tuple[World, Document]:
    """A world whose document is in the first stage, its envelope sent."""
    here = world(pipeline(*stages, **DATED))
    return here, here.tell("docusign", [event("document.sent", state=envelope())])


def move(here: World, document: Document, to: str) -> Document:
    return here.edit(document.id, Edit(stage=to), by=BEN)


def reasons(here: World, document: Document) -> dict[str, str]:
    """Why each trigger was passed over at the last happening that a trigger looked at."""
    lines = [line for line in here.documents.timeline(document.id) if line.passed]
    return {one.trigger: one.reason for one in lines[-1].passed}


# --- what happens


HAPPENINGS: dict[str, tuple[dict[str, Any], Any]] = {
    "the provider's expiry": (trigger("expired", "t"), event("document.expired", minute=9)),
    "the provider's voiding": (trigger("voided", "t"), event("document.voided", minute=9)),
    "a late signature": (
        trigger("signed_by_client", "t"),
        event("signer.signed", KLARA, minute=9, state=envelope(signers=signed(KLARA))),
    ),
    "a change of a field": (
        trigger("field_changed", "t", settings={"fields": ["note"]}),
        Edit(values={"note": "new"}),
    ),
    "another responsible person": (
        trigger("responsible_changed", "t"),
        Edit(values={"responsible": "carla@acme.example"}),
    ),
}


@pytest.mark.parametrize("kind", ["success", "failure"])
@pytest.mark.parametrize(("waiting", "happening"), HAPPENINGS.values(), ids=HAPPENINGS)
@pytest.mark.parametrize("allow_return", [False, True])
def test_only_a_trigger_with_allow_return_leaves_a_final_stage_for_a_later_one(
    kind: str, waiting: dict[str, Any], happening: Any, allow_return: bool
) -> None:
    here, document = start(
        stage("open"),
        stage("ended", kind=kind),
        stage("elsewhere", triggers=[waiting | {"allow_return": allow_return}]),
    )
    move(here, document, "ended")
    if isinstance(happening, Edit):
        after = here.edit(document.id, happening, by=BEN)
    else:
        after = here.tell("docusign", [happening])
    assert after.stage == ("elsewhere" if allow_return else "ended")
    if not allow_return:
        assert reasons(here, after) == {
            "t": f"the stage ended is final ({kind}), and it does not allow a return"
        }


def test_from_one_final_stage_into_another_leads_no_trigger_either() -> None:
    here, document = start(
        stage("open"),
        stage("won", kind="success", triggers=[trigger("signed_by_all")]),
        stage("lost", kind="failure", triggers=[trigger("declined")]),
    )
    move(here, document, "won")
    after = here.tell("docusign", [event("signer.declined", KLARA, minute=3, reason="too dear")])
    assert after.stage == "won"
    assert [one.status for one in after.signers] == ["waiting", "declined"]


def test_an_open_stage_behind_a_final_one_is_left_as_ever() -> None:
    here, document = start(
        stage("open"),
        stage("won", kind="success"),
        stage("again", triggers=[]),
        stage("lost", kind="failure", triggers=[trigger("declined")]),
    )
    move(here, document, "again")
    after = here.tell("docusign", [event("signer.declined", KLARA, minute=3)])
    assert after.stage == "lost"


def test_people_and_rules_may_move_a_document_out_of_a_final_stage() -> None:
    here, document = start(
        stage("open"),
        stage("won", to_stage("file", "filed", time={"after": {"days": 2}}), kind="success"),
        stage("filed", kind="success"),
    )
    move(here, document, "won")
    here.advance(3 * DAY)
    assert here.document(document.id).stage == "filed"
    assert move(here, document, "open").stage == "open"


# --- timers


TIMERS: dict[str, dict[str, Any]] = {
    "a date": {"kind": "date_reached", "settings": {"time": {"on": {"field": "ends"}}}},
    "some days before a date": {
        "kind": "date_reached",
        "settings": {"time": {"before": {"field": "ends", "days": 3}}},
    },
    "no reaction": {"kind": "no_reaction", "settings": {"stage": "won", "after": {"days": 4}}},
}


@pytest.mark.parametrize("timer", TIMERS.values(), ids=TIMERS)
@pytest.mark.parametrize("allow_return", [False, True])
def test_a_timer_is_armed_in_a_final_stage_only_with_allow_return(
    timer: dict[str, Any], allow_return: bool
) -> None:
    here, document = start(
        stage("open"),
        stage("won", kind="success"),
        stage("late", triggers=[{"id": "late", "allow_return": allow_return, **timer}]),
    )
    here.edit(document.id, Edit(values={"ends": "2026-03-10"}), by=BEN)
    moved = move(here, document, "won")
    assert ("trigger.late" in states(here, moved, moved.entry)) is allow_return
    here.advance(30 * DAY)
    assert here.document(document.id).stage == ("late" if allow_return else "won")


def test_a_timer_that_was_armed_before_the_stage_became_final_does_not_fire() -> None:
    timer = trigger("no_reaction", settings={"stage": "done", "after": {"days": 4}})
    here, document = start(stage("open"), stage("done"), stage("late", triggers=[timer]))
    moved = move(here, document, "done")
    assert states(here, moved, moved.entry) == {"trigger.no-reaction": "ready"}
    here.publish(
        pipeline(
            stage("open"), stage("done", kind="success"), stage("late", triggers=[timer]), **DATED
        )
    )
    here.advance(9 * DAY)
    assert here.document(document.id).stage == "done"
    run = here.documents.runs(document.id, moved.entry)[0]
    assert (run.state, run.reason) == (
        "skipped",
        "the time of trigger no-reaction came, but the stage done is final (success), "
        "and it does not allow a return",
    )


def test_timers_that_are_not_armed_take_no_room_of_an_arrival() -> None:
    timers = [
        {"id": f"t{n}", "kind": "date_reached", "settings": {"time": {"on": {"field": "ends"}}}}
        for n in range(5)
    ]
    made = pipeline(stage("open"), stage("won", kind="success"), stage("late", triggers=timers))
    program = CompiledPipeline(Version(number=1, pipeline=made))
    armed = [
        sum(one.waits_for(place, stage_) for one in program.candidates)
        for place, stage_ in enumerate(made.stages)
    ]
    assert armed == [5, 0, 0]


# --- publishing


VAIN: dict[str, tuple[tuple[dict[str, Any], ...], str | None]] = {
    "after a final stage alone": (
        (stage("won", kind="success"), stage("late", triggers=[trigger("viewed", "t")])),
        'the trigger "t" can never fire: won is a final stage, and it may not move documents out '
        "of one; write allow_return: true, or let it wait in a stage of the kind open",
    ),
    "no reaction in a final stage": (
        (
            stage("open"),
            stage("won", kind="success"),
            stage(
                "late",
                triggers=[
                    trigger("no_reaction", "t", settings={"stage": "won", "after": {"days": 1}})
                ],
            ),
        ),
        'the trigger "t" can never fire: won is a final stage, and it may not move documents out '
        "of one; write allow_return: true, or let it wait in a stage of the kind open",
    ),
    "a date in two final stages": (
        (
            stage("open"),
            stage("won", kind="success"),
            stage("lost", kind="failure"),
            stage(
                "late",
                triggers=[
                    trigger(
                        "date_reached",
                        "t",
                        settings={
                            "time": {"on": {"field": "ends"}},
                            "stages": ["won", "lost"],
                        },
                    )
                ],
            ),
        ),
        'the trigger "t" can never fire: won and lost are final stages, and it may not move '
        "documents out of one; write allow_return: true, or let it wait in a stage of the kind "
        "open",
    ),
    "no reaction in a final stage further on": (
        (
            stage("open"),
            stage(
                "back",
                triggers=[
                    trigger("no_reaction", "t", settings={"stage": "won", "after": {"days": 1}})
                ],
            ),
            stage("won", kind="success"),
            stage("lost", kind="failure"),
        ),
        'the trigger "t" can never fire: won is a final stage, and it may not move documents out '
        "of one; write allow_return: true, or let it wait in a stage of the kind open",
    ),
    "no reaction in a stage further on": (
        (
            stage("open"),
            stage(
                "back",
                triggers=[
                    trigger("no_reaction", "t", settings={"stage": "late", "after": {"days": 1}})
                ],
            ),
            stage("late"),
            stage("won", kind="success"),
        ),
        'the trigger "t" can never fire: late does not stand before back, and it may not move '
        "documents back; write allow_return: true, or let it lead to a later stage",
    ),
    "a final stage with allow return": (
        (
            stage("open"),
            stage("won", kind="success"),
            stage(
                "late",
                triggers=[
                    trigger(
                        "no_reaction",
                        "t",
                        allow_return=True,
                        settings={"stage": "won", "after": {"days": 1}},
                    )
                ],
            ),
        ),
        None,
    ),
    "an open stage among final ones": (
        (
            stage("open"),
            stage("won", kind="success"),
            stage("late", triggers=[trigger("viewed", "t")]),
        ),
        None,
    ),
}


@pytest.mark.parametrize(("stages", "expected"), VAIN.values(), ids=VAIN)
def test_a_trigger_that_could_only_leave_final_stages_is_refused(
    stages: tuple[dict[str, Any], ...], expected: str | None
) -> None:
    raw = {"pipeline": "p", "stages": [dict(one) for one in stages], **DATED}
    _, found = check(raw, today=date(2026, 3, 2))
    errors = [one.text for one in found if one.severity == "error"]
    assert errors == ([] if expected is None else [expected])


def test_a_stage_that_only_a_final_stage_leads_to_is_called_unreachable() -> None:
    dated = {"time": {"on": {"field": "ends"}}, "stages": ["won", "aside"]}
    stages = [
        stage("open"),
        stage("won", kind="success", triggers=[trigger("viewed")]),
        stage("aside"),
        stage("late", triggers=[trigger("date_reached", settings=dated)]),
    ]
    _, found = check({"pipeline": "p", "stages": stages, **DATED}, today=date(2026, 3, 2))
    assert [one.text for one in found] == [
        f'no trigger and no rule brings documents into the stage "{name}"; '
        "only people and the API can"
        for name in ("aside", "late")
    ]


# --- the shipped example


PAPER = """\
start: 2026-05-04 10:00
envelope:
  title: Maintenance of the lifts
  sender: anna@acme.example
  signers:
    - {name: Anna Berger, email: anna@acme.example, order: 1}
    - {name: Omar Adler, email: omar@firma.example, order: 2}
  expires: 2026-06-15
steps:
  - event: sent
  - wait: {days: 2}
  - {move: archived, comment: a signed copy came by post}
"""

LATER = {
    "the deadline passes": ["until: 2026-06-20 09:00"],
    "the provider voids it": ["event: voided"],
    "a signer declines": ["{event: declined, by: omar@firma.example}"],
    "everybody signs after all": [
        "{event: signed, by: anna@acme.example}",
        "{event: signed, by: omar@firma.example}",
    ],
}


@pytest.mark.parametrize("steps", LATER.values(), ids=LATER)
def test_the_example_keeps_archived_contracts_archived(tmp_path: Path, steps: list[str]) -> None:
    file = tmp_path / "paper.yaml"
    more = [*steps, "expect: {stage: archived}"]
    file.write_text(PAPER + "".join(f"  - {step}\n" for step in more))
    played = simulate(EXAMPLE, file)
    assert (played.exit_code, played.stderr) == (0, "")
