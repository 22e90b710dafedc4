"""Publishing looks at what waits: runs that lead to what goes, and values of fields that change."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from countersign.model.actor import done_by, user
from countersign.model.pipeline import Pipeline
from countersign.rules.base import Edit
from countersign.simulation.world import World
from countersign.use_cases.documents.edit import NewDocument, make
from countersign.use_cases.pipelines import version_losses as module
from countersign.use_cases.pipelines.publish import Publisher, propose, publish
from countersign.use_cases.runs.migrate_runs import migrate_runs
from tests.builders import mail, pipeline, run_of, stage, states, to_stage, trigger

BEN = "ben@acme.example"
DAY = timedelta(days=1)
LATER = {"after": {"days": 10}}
OWN: dict[str, Any] = {
    "senders": ["contracts@acme.example"],
    "fields": {"ends": {"type": "date"}, "region": {"type": "choice", "options": ["n", "s"]}},
}


def published(*stages: dict[str, Any], **more: Any) -> Pipeline:
    return pipeline(*stages, **{**OWN, **more})


def start(first: Pipeline, **documents: dict[str, Any]) -> World:
    """A world with these documents, each made by hand in the first stage."""
    here = World()
    here.publish(first)
    for name, values in documents.items():
        make(here.store, NewDocument(id=name, pipeline="contracts", values=values), user(BEN))
    return here


def told(here: World, new: Pipeline) -> list[str]:
    return [str(one) for one in propose(here.pipelines, here.documents, new).left_behind]


STAY = "they stay on version 1, where this will not work; once the new one is published"
MOVES = "`countersign runs migrate contracts` moves them to it"
AMOUNT = {"field": "region", "op": "equals", "value": "n"}
SET = {"kind": "change_fields", "settings": {"values": {"region": "s"}}}
INSERT = mail("text", time=LATER)
INSERT["settings"] = {**INSERT["settings"], "text": "{{ document.region }}"}

LOST: dict[str, tuple[list[dict[str, Any]], dict[str, Any], dict[str, Any], str]] = {
    # Rules of the first stage, the second version's stage and fields, and what is told.
    "a stage that a rule moves to": (
        [to_stage("on", "aside", time=LATER)],
        stage("new", to_stage("on", "done", time=LATER)),
        {},
        'waiting runs of the rule on in new: no stage "aside"; this pipeline has new, done; '
        f"{STAY}, {MOVES}",
    ),
    "a stage that a rule waiting below another moves to": (
        [mail("first", time=LATER), to_stage("on", "aside")],
        stage("new", mail("first", time=LATER), to_stage("on", "done")),
        {},
        'waiting runs of the rule on in new: no stage "aside"; this pipeline has new, done; '
        f"{STAY}, {MOVES}",
    ),
    "the date field of a run without a date": (
        [mail("warn", time={"on": {"field": "ends"}})],
        stage("new", mail("warn", time=LATER)),
        {"fields": {"region": OWN["fields"]["region"]}},
        'waiting runs of the rule warn in new: field "ends" is unknown; the date fields are '
        f"completed, created, expires, sent, since; {STAY}, {MOVES}",
    ),
    "the field of a condition": (
        [mail("some", time=LATER, condition=AMOUNT)],
        stage("new", mail("some", time=LATER)),
        {"fields": {"ends": {"type": "date"}}},
        "waiting runs of the rule some in new: ",
    ),
    "the type of a field of a condition": (
        [mail("some", time=LATER, condition=AMOUNT)],
        stage("new", mail("some", time=LATER)),
        {"fields": {"ends": {"type": "date"}, "region": {"type": "number"}}},
        "waiting runs of the rule some in new: ",
    ),
    "a choice that a rule sets": (
        [{"id": "set", "time": LATER, **SET}],
        stage("new"),
        {"fields": {**OWN["fields"], "region": {"type": "choice", "options": ["n"]}}},
        "waiting runs of the rule set in new: the stage new has no such rule any more; they stay "
        "on version 1 and run as it says; `countersign runs migrate contracts` cancels them",
    ),
    "a choice that a rule that stays sets": (
        [{"id": "set", "time": LATER, **SET}],
        stage("new", {"id": "set", "kind": "stop_rules"}),
        {"fields": {**OWN["fields"], "region": {"type": "choice", "options": ["n"]}}},
        "waiting runs of the rule set in new: ",
    ),
    "a field in a text": (
        [INSERT],
        stage("new", mail("text", time=LATER)),
        {"fields": {"ends": {"type": "date"}}},
        "waiting runs of the rule text in new: ",
    ),
    "a rule that is switched off": (
        [mail("off", time=LATER)],
        stage("new", mail("off", time=LATER, enabled=False)),
        {},
        "waiting runs of the rule off in new: the rule is switched off; they stay on version 1 and "
        "run as it says; `countersign runs migrate contracts` cancels them",
    ),
    "the rule itself": (
        [mail("gone", time=LATER)],
        stage("new", mail("other", time=LATER)),
        {},
        "waiting runs of the rule gone in new: the stage new has no such rule any more; they stay "
        "on version 1 and run as it says; `countersign runs migrate contracts` cancels them",
    ),
}


@pytest.mark.parametrize(("rules", "after", "more", "text"), LOST.values(), ids=LOST)
def test_runs_that_lead_to_what_goes_are_named_with_their_number_and_a_document(
    rules: list[dict[str, Any]], after: dict[str, Any], more: dict[str, Any], text: str
) -> None:
    first = published(stage("new", *rules), stage("aside"), stage("done"))
    here = start(first, a={}, b={}, c={})
    here.edit("c", Edit(stage="done"), by=BEN)
    found = told(here, published(after, stage("done"), **more))
    assert len(found) == 1
    assert found[0].startswith(f"2 {text}")
    assert found[0].endswith(" (for example document a)")


def test_one_run_is_told_of_as_one() -> None:
    here = start(
        published(stage("new", to_stage("on", "aside", time=LATER)), stage("aside")), only={}
    )
    assert told(here, published(stage("new", to_stage("on", "new", time=LATER)))) == [
        '1 waiting run of the rule on in new: no stage "aside"; this pipeline has new; it stays on '
        "version 1, where this will not work; once the new one is published, "
        "`countersign runs migrate contracts` moves it to it (for example document only)"
    ]


def test_nothing_is_told_of_runs_that_are_done_or_lose_nothing() -> None:
    first = published(
        stage("new", mail("now"), to_stage("on", "aside", time=LATER), mail("stays", time=LATER)),
        stage("aside"),
    )
    here = start(first, a={}, b={})
    here.advance(11 * DAY)
    for name in "ab":
        here.edit(name, Edit(stage="new"), by=BEN)
        here.edit(name, Edit(stop_rules=True), by=BEN)
    assert told(here, published(stage("new", mail("stays", time=LATER)))) == []


def test_a_run_that_has_ended_hides_none_that_waits() -> None:
    first, on = mail("first"), to_stage("on", "aside", time=LATER, execution="independent")
    here = start(published(stage("new", first, on), stage("aside"), stage("done")), a={})
    here.settle()
    new = to_stage("on", "done", time=LATER, execution="independent")
    (text,) = told(here, published(stage("new", first, new), stage("done")))
    assert 'waiting run of the rule on in new: no stage "aside"' in text


def test_a_version_that_takes_nothing_away_reads_no_document() -> None:
    here = start(published(stage("new", mail("stays", time=LATER))), a={})
    asked: list[str] = []
    here.documents.in_stage = lambda *_: iter(asked.append("read") or ())  # type: ignore[method-assign, func-returns-value]
    more = published(stage("new", mail("stays", time={"after": {"weeks": 1}}), mail("x")))
    assert told(here, more) == []
    assert asked == []


ASLEEP = trigger("no_reaction", "asleep", settings={"stage": "new", "after": {"days": 9}})


@pytest.mark.parametrize(
    ("after", "reason"),
    [
        ((stage("new"), stage("late")), "there is no such trigger any more"),
        (
            (stage("new", kind="success"), stage("late", triggers=[ASLEEP])),
            "no timer of it is armed there any more",
        ),
        (
            (stage("late", triggers=[ASLEEP]), stage("new")),
            "no timer of it is armed there any more",
        ),
        (
            (stage("new"), stage("late", triggers=[ASLEEP | {"enabled": False}])),
            "no timer of it is armed there any more",
        ),
    ],
    ids=["it goes", "its stage becomes final", "the order of stages", "it is switched off"],
)
def test_timers_that_can_fire_nothing_any_more_are_named_and_cancelled_on_request(
    after: tuple[dict[str, Any], ...], reason: str
) -> None:
    here = start(published(stage("new"), stage("late", triggers=[ASLEEP])), a={}, b={})
    assert told(here, published(*after)) == [
        f"2 timers of the trigger asleep in new: {reason}; "
        "`countersign runs migrate contracts` cancels them (for example document a)"
    ]
    here.publish(published(*after))
    migrate_runs(here.store, here.programs.current("contracts"))
    assert [states(here, name) for name in "ab"] == [{"trigger.asleep": "cancelled"}] * 2
    here.advance(10 * DAY)
    assert [here.document(name).stage for name in "ab"] == ["new", "new"]


def test_a_timer_whose_date_field_goes_is_named() -> None:
    ends = trigger("date_reached", "ends", settings={"time": {"on": {"field": "ends"}}})
    here = start(published(stage("new"), stage("late", triggers=[ends])), a={})
    other = ends | {"settings": {"time": {"on": {"field": "expires"}}}}
    after = published(stage("new"), stage("late", triggers=[other]), fields={})
    (found,) = told(here, after)
    assert found.startswith('1 timer of the trigger ends in new: field "ends" is unknown; ')


def test_runs_of_every_version_under_way_are_looked_at() -> None:
    def to(target: str) -> Pipeline:
        return published(
            stage("new", to_stage("on", target, time=LATER)), stage("aside"), stage("done")
        )

    here = start(to("aside"), a={}, b={})
    here.publish(to("done"))
    make(here.store, NewDocument(id="c", pipeline="contracts", values={}), user(BEN))
    last = published(stage("new", to_stage("on", "done", time=LATER)), stage("done"))
    (found,) = told(here, last)
    assert found.startswith("2 waiting runs of the rule on in new: no stage")
    assert "they stay on version 1," in found


def test_kept_runs_of_a_stage_that_was_left_are_counted() -> None:
    keeps = mail("later", time=LATER, on_leave="keep", condition=AMOUNT)
    here = start(published(stage("new", keeps), stage("done")), a={"region": "n"}, b={})
    here.edit("a", Edit(stage="done"), by=BEN)
    after = published(
        stage("new", mail("later", time=LATER)), stage("done"), fields={"ends": {"type": "date"}}
    )
    assert [one.partition(":")[0] for one in told(here, after)] == [
        "2 waiting runs of the rule later in new",
        "1 document holds a value in the field region, which goes; it is kept, and not shown "
        "(for example document a)",
    ]


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ({"type": "date"}, "that is not a valid date as it is defined now"),
        ({"type": "number"}, "that is not a valid number as it is defined now"),
        (
            {"type": "choice", "options": ["s", "w"]},
            "that is not a valid choice as it is defined now",
        ),
    ],
)
def test_values_that_do_not_fit_the_new_type_of_their_field_are_named(
    spec: dict[str, Any], text: str
) -> None:
    here = start(published(stage("new")), a={}, b={"region": "n"}, c={"region": "n"})
    after = published(stage("new"), fields={**OWN["fields"], "region": spec})
    assert told(here, after) == [
        f"2 documents hold a value in the field region {text}; "
        "correct it with `countersign documents edit` (for example document b)"
    ]


def test_values_that_fit_the_new_type_are_not_told_of() -> None:
    here = start(published(stage("new")), a={"region": "n"})
    after = published(stage("new"), fields={**OWN["fields"], "region": {"type": "text"}})
    assert told(here, after) == []


def test_each_value_of_a_document_is_looked_at() -> None:
    names = ("a", "b", "c", "d")
    before = {name: {"type": "text"} for name in names}
    after: dict[str, Any] = {
        "a": {"type": "number"},
        "b": {"type": "text"},
        "c": {"type": "number"},
    }
    here = start(published(stage("new"), fields=before), one={"b": "x", "c": "y", "d": "z"})
    assert told(here, published(stage("new"), fields=after)) == [
        "1 document holds a value in the field c that is not a valid number as it is defined now; "
        "correct it with `countersign documents edit` (for example document one)",
        "1 document holds a value in the field d, which goes; it is kept, and not shown "
        "(for example document one)",
    ]
    after["b"] = {"type": "choice", "options": ["x", "y"]}
    assert len(told(here, published(stage("new"), fields=after))) == 2


def test_of_more_documents_than_are_looked_at_the_number_is_the_least(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MAX_EXAMINED", 3)
    first = published(stage("new", mail("gone", time=LATER)), stage("old", kind="success"))
    here = start(first, a={}, b={}, c={}, d={}, e={})
    here.edit("a", Edit(stage="old"), by=BEN)
    (found,) = told(here, published(stage("new"), stage("old", kind="success")))
    assert found.startswith("at least 3 waiting runs of the rule gone in new")


@pytest.mark.parametrize(("most", "begins"), [(2, "at least 2 waiting"), (3, "3 waiting")])
def test_where_all_documents_were_looked_at_the_number_is_exact(
    monkeypatch: pytest.MonkeyPatch, most: int, begins: str
) -> None:
    monkeypatch.setattr(module, "MAX_EXAMINED", most)
    here = start(published(stage("new", mail("gone", time=LATER))), a={}, b={}, c={})
    (found,) = told(here, published(stage("new")))
    assert found.startswith(f"{begins} runs of the rule gone in new")


def test_publishing_tells_of_them_and_the_command_it_names_puts_it_right() -> None:
    first = published(
        stage("new", to_stage("on", "aside", time=LATER)), stage("aside"), stage("done")
    )
    here = start(first, a={}, b={})
    after = published(stage("new", to_stage("on", "done", time=LATER)), stage("done"))
    publisher = Publisher(pipelines=here.pipelines, documents=here.documents)
    done = publish(publisher, after, done_by(user(BEN), here.now))
    assert [(one.number, one.example) for one in done.left_behind] == [(2, "a")]
    migrate_runs(here.store, here.programs.current("contracts"))
    here.advance(11 * DAY)
    assert [here.document(name).stage for name in "ab"] == ["done", "done"]


def test_without_the_command_they_fail_as_was_told() -> None:
    first = published(
        stage("new", to_stage("on", "aside", time=LATER)), stage("aside"), stage("done")
    )
    here = start(first, a={})
    here.publish(published(stage("new", to_stage("on", "done", time=LATER)), stage("done")))
    here.advance(11 * DAY)
    run = run_of(here, here.document("a"), "on")
    assert (run.state, run.reason) == (
        "failed",
        'the stage "aside" does not exist; this pipeline has new, done',
    )
    assert states(here, "a") == {"on": "failed"}
