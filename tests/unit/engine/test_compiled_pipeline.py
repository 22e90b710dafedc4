"""What a published version tells of itself before any document is looked at."""

from __future__ import annotations

from typing import Any

import pytest

from countersign.engine.compiled_pipeline import CompiledPipeline
from countersign.engine.decisions.triggers import TriggerMatch, select_trigger
from countersign.model.document import Document
from countersign.model.document_event import DocumentEvent
from countersign.model.log import Firing, Skipped
from countersign.model.pipeline import Version
from countersign.simulation.world import START
from tests.builders import mail, pipeline, stage, trigger

FIELDS = {"end": {"type": "date"}, "start": {"type": "date"}}
KEEP = {"on_leave": "keep"}
DATED = {"time": {"on": {"field": "end"}}}
ALONE = {"execution": "independent"}


def program(*stages: dict[str, Any], **more: Any) -> CompiledPipeline:
    wanted = pipeline(*stages, senders=["contracts@acme.example"], fields=FIELDS, **more)
    return CompiledPipeline(Version(number=7, pipeline=wanted))


def asleep(trigger_id: str, in_stage: str, **more: Any) -> dict[str, Any]:
    settings = {"stage": in_stage, "after": {"days": 3}}
    return trigger("no_reaction", trigger_id, settings=settings, **more)


def reached(field: str, **more: Any) -> dict[str, Any]:
    settings = {"time": {"on": {"field": field}}}
    return trigger("date_reached", f"{field}-reached", settings=settings, **more)


@pytest.mark.parametrize(
    ("rules", "triggers", "hooks"),
    [
        ([mail("a")], [], set()),
        ([mail("a", **DATED)], [], {"end"}),
        ([mail("a", time={"after": {"days": 1}})], [], set()),
        ([mail("a", time={"before": {"field": "expires", "days": 3}})], [reached("start")],
         {"expires", "start"}),
        ([], [asleep("a", "draft")], set()),
    ],
)  # fmt: skip
def test_fields_that_times_hang_on_are_known(
    rules: list[Any], triggers: list[Any], hooks: set[str]
) -> None:
    found = program(stage("draft", *rules), stage("late", triggers=triggers))
    assert found.hooks == hooks


@pytest.mark.parametrize(
    ("rules", "hanging", "in_chain"),
    [
        ([mail("a"), mail("b")], False, False),
        ([mail("a"), mail("b", **KEEP)], False, True),
        ([mail("a", **KEEP), mail("b")], False, False),
        ([mail("a"), mail("b", **KEEP, **ALONE)], False, False),
        ([mail("a", **KEEP, **DATED), mail("b")], True, False),
        ([mail("a", **DATED), mail("b", **KEEP)], False, True),
        ([mail("a", **KEEP, time={"after": {"days": 1}})], False, False),
        ([mail("a"), mail("b"), mail("c", **KEEP, **DATED)], True, True),
    ],
)
def test_kept_rules_are_known_by_what_they_wait_for(
    rules: list[Any], hanging: bool, in_chain: bool
) -> None:
    found = program(stage("draft"), stage("sent", *rules))
    assert found.keeps_hanging is hanging
    assert found.keeps_in_chain("sent") is in_chain
    assert not found.keeps_in_chain("draft")
    assert not found.keeps_in_chain("nonesuch")


def test_the_most_that_a_fact_can_plan_counts_rules_timers_and_what_is_kept() -> None:
    found = program(
        stage("draft", mail("a", **KEEP), mail("b", enabled=False, **KEEP)),
        stage("sent", mail("c"), mail("d"), mail("e", enabled=False)),
        stage("late", triggers=[asleep("x", "sent"), asleep("y", "sent", enabled=False)]),
    )
    assert found.most_planned == 2 + 1 + 1


STAGES = [
    stage("draft"),
    stage("early", triggers=[asleep("x", "late"), asleep("back", "late", allow_return=True)]),
    stage("sent"),
    stage("late", triggers=[reached("end"), asleep("slow", "sent"), asleep("own", "late")]),
    stage("won", kind="success"),
    stage("end", triggers=[reached("start")]),
]


@pytest.mark.parametrize(
    ("name", "stages"),
    [
        ("x", ()),
        ("back", ("late",)),
        ("end-reached", ("draft", "early", "sent")),
        ("slow", ("sent",)),
        ("own", ()),
        ("start-reached", ("draft", "early", "sent", "late")),
    ],
)
def test_a_timer_starts_in_the_stages_its_trigger_may_move_documents_out_of(
    name: str, stages: tuple[str, ...]
) -> None:
    found = program(*STAGES)
    candidate = found.candidate(name)
    assert candidate is not None
    assert found.timed_stages(candidate) == stages
    assert found.has_timer(f"trigger.{name}")
    assert not found.has_timer(name)
    assert not found.has_timer("trigger.nonesuch")
    assert found.candidate("nonesuch") is None


def test_rules_and_their_kinds_are_found_by_stage_and_id() -> None:
    found = program(stage("draft", mail("a")), stage("sent", mail("a", name="Other")))
    first, second = found.rule("draft", "a"), found.rule("sent", "a")
    assert first is not None
    assert second is not None
    assert second.name == "Other"
    assert found.rule("sent", "b") is None
    assert found.kind_of("draft", first) is found.kind_of("draft", first)
    assert found.kind_of("draft", first) is not found.kind_of("sent", second)


@pytest.mark.parametrize(
    ("name", "plans"),
    [
        ("draft", True),
        ("early", False),
        ("sent", True),
        ("late", False),
        ("won", False),
        ("end", True),
        ("nonesuch", False),
    ],
)
def test_an_arrival_plans_where_a_rule_is_on_or_a_timer_starts(name: str, plans: bool) -> None:
    found = program(
        stage("draft", mail("a")),
        stage("early", mail("b", enabled=False)),
        stage("sent"),
        stage("late", triggers=[asleep("x", "sent"), asleep("y", "early", enabled=False)]),
        stage("won", kind="success"),
        stage("end", mail("z")),
    )
    assert found.plans_in(name) is plans


# --- firing


def document(in_stage: str, **more: Any) -> Document:
    given = {"id": "d", "pipeline": "contracts", "stage": in_stage, "since": START, **more}
    return Document.model_validate({"created_at": START, **given})


def fired(found: CompiledPipeline, home: Document, kind: str, **more: Any) -> TriggerMatch:
    happening = DocumentEvent.model_validate({"kind": kind, "at": START, **more})
    return select_trigger(found, home, happening, START)


def test_the_first_that_matches_fires_and_the_others_say_why_not() -> None:
    never = {"field": "title", "op": "is_set"}
    found = program(
        stage("early", triggers=[trigger("viewed", "a"), trigger("viewed", "b", enabled=False)]),
        stage("draft", triggers=[trigger("viewed", "c")]),
        stage(
            "sent",
            triggers=[
                trigger("viewed", "d", condition=never),
                trigger("sent", "other"),
                trigger("viewed", "e", authenticity="signed"),
                trigger("viewed", "f", authenticity="shared_secret"),
                trigger("viewed", "g"),
            ],
        ),
    )
    told = fired(found, document("draft"), "document.viewed", authenticity="shared_secret")
    assert told.candidate is not None
    assert told.candidate.trigger.id == "f"
    assert told.firing == Firing(trigger="f", stage="sent", kind="viewed")
    assert [(one.trigger, one.stage, one.reason) for one in told.passed] == [
        ("a", "early", "its stage is an earlier one, and it does not allow a return"),
        ("b", "early", "the trigger is switched off"),
        ("c", "draft", "the document is in the trigger's own stage"),
        ("d", "sent", "title is empty"),
        ("e", "sent",
         "the message is authenticated by a shared secret; the trigger requires a signed body"),
        ("g", "sent", "the trigger f of the stage sent fired first"),
    ]  # fmt: skip
    assert [one.trigger for one in told.passed if one.verdict is not None] == ["d"]


def test_a_document_whose_stage_is_gone_is_held_by_nothing() -> None:
    found = program(stage("early", triggers=[trigger("viewed", "a")]), stage("draft"))
    told = fired(found, document("gone"), "document.viewed")
    assert told.firing == Firing(trigger="a", stage="early", kind="viewed")
    assert told.passed == ()


def test_a_final_stage_holds_unless_a_return_is_allowed() -> None:
    late = [trigger("viewed", "a"), trigger("viewed", "b", allow_return=True)]
    found = program(stage("won", kind="success"), stage("late", triggers=late))
    told = fired(found, document("won"), "document.viewed")
    assert told.passed == (
        Skipped(
            trigger="a",
            stage="late",
            reason="the stage won is final (success), and it does not allow a return",
        ),
    )
    assert told.firing == Firing(trigger="b", stage="late", kind="viewed")


def test_a_timer_concerns_its_own_trigger_alone() -> None:
    found = program(stage("draft"), stage("late", triggers=[asleep(n, "draft") for n in "ab"]))
    told = fired(found, document("draft"), "timer.due", timer="b")
    assert told.firing == Firing(trigger="b", stage="late", kind="no_reaction")
    assert told.passed == ()
    assert fired(found, document("draft"), "timer.due", timer="c") == TriggerMatch(
        candidate=None, firing=None, passed=()
    )
