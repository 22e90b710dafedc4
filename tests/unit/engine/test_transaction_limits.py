"""No pipeline that may be published leads to a transaction that is too large."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.adapters.memory.tables.process.state import MemoryDocuments, MemoryState
from countersign.engine.transaction_limits import PlannedItems, next_of, worst_of
from countersign.engine.validation.pipeline import check
from countersign.model.actor import user
from countersign.model.connection import Connection, ConnectionCredentials
from countersign.model.pipeline import Pipeline
from countersign.model.transaction import Transaction
from countersign.providers import provider
from countersign.providers.base import Request
from countersign.rules.base import Edit
from countersign.simulation.world import START, World
from countersign.use_cases.messages.receive import receive
from countersign.use_cases.runs.backfill import backfill
from tests.builders import connection, envelope, event, mail, stage, states, to_stage, trigger

BEN = "ben@acme.example"
FIELDS = {"end": {"type": "date"}, "go": {"type": "text"}}
TIMES: tuple[Any, ...] = (
    "immediately",
    {"after": {"days": 2}},
    {"on": {"field": "end"}},
    {"before": {"field": "end", "hours": 5}},
)


class Measured(MemoryDocuments):
    """Documents that keep the size of the largest transaction."""

    def __init__(self, state: MemoryState) -> None:
        super().__init__(state)
        self.largest = 0

    def commit(self, change: Transaction) -> None:
        self.largest = max(self.largest, change.items)
        super().commit(change)


@st.composite
def rules(draw: st.DrawFn, name: str, large: bool) -> list[dict[str, Any]]:
    """The rules of a stage: few, or about as many as there may be."""
    number = draw(st.sampled_from((35, 50, 60, 65, 70, 75, 80) if large else (0, 1, 5, 12, 20)))
    kept = draw(st.sampled_from((0, 1, 3, 5, 12, 20)))
    execution = draw(st.sampled_from(("after_previous", "independent")))
    time = draw(st.sampled_from(TIMES))
    made = [
        mail(f"{name}r{n}", execution=execution, time=time,
             on_leave="keep" if n >= number - kept else "cancel")
        for n in range(number)
    ]  # fmt: skip
    leads_on: bool = draw(st.booleans())
    if made and leads_on:
        made[0] = to_stage(f"{name}r0", draw(st.sampled_from(NAMES)), on_reentry="once")
    return made


NAMES = ("a", "b", "c", "d")
WATCHED = ("sent", "delivered", "declined", "signed_by_all")


@st.composite
def pipelines(draw: st.DrawFn) -> dict[str, Any]:
    """Four stages, each reached by a message or by a field, also from a later one."""
    returns = draw(st.booleans())
    large = draw(st.sets(st.sampled_from(NAMES), min_size=1, max_size=2))
    stages = []
    for n, name in enumerate(NAMES):
        triggers = [
            trigger(WATCHED[n], f"{name}-told", allow_return=returns and n < 3),
            trigger("field_changed", f"{name}-filled", settings={"fields": ["go"]},
                    allow_return=returns and n < 3,
                    condition={"field": "go", "op": "equals", "value": name}),
        ]  # fmt: skip
        timed = draw(st.integers(0, 2)) if n else 0
        triggers += [
            trigger("no_reaction", f"{name}-late{m}",
                    settings={"stage": "a", "after": {"days": 30 + m}})
            for m in range(timed)
        ]  # fmt: skip
        told = triggers if n or returns else []
        stages.append(stage(name, *draw(rules(name, name in large)), triggers=told))
    return {
        "pipeline": "contracts",
        "time_zone": "Europe/Berlin",
        "fields": FIELDS,
        "senders": ["contracts@acme.example"],
        "stages": stages,
    }


@st.composite
def steps(draw: st.DrawFn) -> list[tuple[str, Any]]:
    """What happens to a document, one after the other."""
    edits = st.one_of(
        st.builds(lambda one: Edit(stage=one), st.sampled_from(NAMES)),
        st.builds(lambda one: Edit(values={"end": one}), st.sampled_from((None, "2026-04-01"))),
        st.builds(
            lambda one, where: Edit(values={"end": one}, stage=where),
            st.sampled_from((None, "2026-05-01")), st.sampled_from(NAMES),
        ),
        st.builds(
            lambda one, where: Edit(values={"end": one, "go": where}),
            st.sampled_from((None, "2026-06-01")), st.sampled_from(NAMES),
        ),
        st.just(Edit(stop_rules=True)),
    )  # fmt: skip
    messages = st.lists(
        st.sampled_from(("document.sent", "document.delivered", "document.declined",
                         "document.completed", "document.viewed")),
        min_size=1, max_size=10, unique=True,
    )  # fmt: skip
    named = st.tuples(st.just("edit"), edits) | st.tuples(st.just("tell"), messages)
    return draw(st.lists(named, min_size=2, max_size=8))


@settings(max_examples=50, deadline=None)
@given(raw=pipelines(), happens=steps(), filled=st.sampled_from((None, *NAMES)))
def test_no_accepted_pipeline_makes_a_transaction_that_is_too_large(
    raw: dict[str, Any], happens: list[tuple[str, Any]], filled: str | None
) -> None:
    accepted, _ = check(raw, today=START.date())
    if accepted is None:
        return
    here = World()
    here.documents = documents = Measured(here.state)
    here.publish(accepted)
    here.connect(connection(fields=[{"source": "Go", "field": "go"}]))
    first = [event(kind, minute=n, state=envelope(None, custom_fields={"Go": filled or ""}))
             for n, kind in enumerate(("document.sent", "document.delivered"))]  # fmt: skip
    home = here.tell("docusign", first).id
    for number, (what, given_) in enumerate(happens):
        if what == "edit":
            here.edit(home, given_, by=BEN)
        else:
            minute = 10 * (number + 1)
            here.receive("docusign", [event(one, minute=minute + n)
                                      for n, one in enumerate(given_)])  # fmt: skip
        here.advance(timedelta(hours=3))
    assert documents.largest <= 100
    assert here.document(home).pending_updates is None


@pytest.mark.parametrize(
    ("loads", "runs"),
    [
        ([PlannedItems(rules=80, kept=80)], [80]),
        ([PlannedItems(rules=3, timers=2)], [5]),
        # the first stage, where a document is made, is passed with its kept rules
        ([PlannedItems(rules=30, kept=10), PlannedItems(rules=70)], [40, 80]),
        # and one more, where the message fills a field besides
        (
            [PlannedItems(rules=1), PlannedItems(rules=30, kept=30), PlannedItems(rules=60)],
            [31, 30, 90],
        ),
        (
            [
                PlannedItems(kept=1),
                PlannedItems(kept=2),
                PlannedItems(kept=4),
                PlannedItems(rules=8),
            ],
            [5, 5, 3, 13],
        ),
    ],
)
def test_what_one_happening_can_plan_counts_what_is_kept_on_the_way(
    loads: list[PlannedItems], runs: list[int]
) -> None:
    assert [worst.runs for worst in worst_of(loads)] == runs


def test_too_many_kept_rules_are_refused_with_what_to_do() -> None:
    kept = [mail(f"k{n}", on_leave="keep") for n in range(30)]
    raw = {
        "pipeline": "contracts",
        "senders": ["contracts@acme.example"],
        "stages": [
            stage("draft"),
            stage("sent", *kept, triggers=[trigger("sent")]),
            stage("signed", *(mail(f"m{n}") for n in range(51)),
                  triggers=[trigger("signed_by_all")]),
        ],
    }  # fmt: skip
    _, problems = check(raw, today=START.date())
    assert [(one.place, one.text) for one in problems if one.severity == "error"] == [
        (
            ("stages", 2),
            'the stage "signed" has 51 rules and 0 timers, and a message that leads through other '
            "stages first brings up to 30 of their rules that are kept; expected at most 80 "
            "together, because one transaction plans them; keep fewer rules when a stage is left, "
            'or spread those of "signed" over two stages',
        )
    ]


def test_a_message_of_forty_five_events_is_applied_in_parts_and_each_event_once() -> None:
    here = World()
    here.documents = documents = Measured(here.state)
    many = [mail(f"m{n}", time={"after": {"days": 3}}) for n in range(80)]
    here.publish(
        Pipeline.model_validate(
            {
                "pipeline": "contracts",
                "senders": ["contracts@acme.example"],
                "stages": [stage("draft"), stage("sent", *many, triggers=[trigger("sent")])],
            }
        )
    )
    connected = Connection(id="pandadoc", provider="pandadoc", pipeline="contracts")
    secrets = ConnectionCredentials(
        connection="pandadoc",
        provider="pandadoc",
        pipeline="contracts",
        tokens=("token",),
        secrets=("key",),
    )
    here.connect(connected, secrets)
    request = provider("pandadoc").sign(_pandadoc(45), "key", here.now)
    for outcome in ("applied", "duplicate"):
        assert receive(here.receiver, "pandadoc.token", request).outcome == outcome
    (document,) = here.state.documents.values()
    assert (document.stage, document.entry, document.version) == ("sent", 2, 5)
    assert len(here.documents.events(document.id)) == 45
    assert documents.largest == 3 + 10 + 1 + 80 + 2  # the last are its words


def _pandadoc(number: int) -> Request:
    """A call that tells of a document that was sent, and then changed again and again."""
    items = [
        {
            "event": "document_state_changed",
            "data": {
                "id": "hT3mWq9LrVxEcKbZ2sYdPn",
                "status": "document.sent" if n == 0 else "document.waiting_approval",
                "date_modified": f"2026-03-02T08:{n:02}:00Z",
            },
        }
        for n in range(number)
    ]
    return Request(
        method="POST",
        headers={"content-type": "application/json"},
        body=json.dumps(items).encode(),
        received_at=START,
    )


def test_a_rule_is_not_added_to_an_entry_that_has_as_many_runs_as_there_may_be() -> None:
    long = {"after": {"days": 3}}
    here = World()

    def published(*more: dict[str, Any]) -> None:
        rules_ = [mail(f"m{n}", time=long) for n in range(80)]
        here.publish(
            Pipeline.model_validate(
                {
                    "pipeline": "contracts",
                    "senders": ["contracts@acme.example"],
                    "stages": [stage("draft", *(more or rules_))],
                }
            )
        )

    published()
    here.connect(connection())
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    published(mail("new"))
    program = here.programs.current("contracts")
    assert backfill(here.store, program, "new", user(BEN)) == ()
    here.edit(document.id, Edit(stop_rules=True), by=BEN)
    assert set(states(here, document).values()) == {"cancelled"}
    assert backfill(here.store, program, "new", user(BEN)) == (document.id,)


@pytest.mark.parametrize(
    ("loads", "runs"),
    [
        ([PlannedItems(rules=3)], 3),
        ([PlannedItems(rules=3), PlannedItems(rules=50)], 50),
        # what a stage keeps is freed when the document leaves it for another
        ([PlannedItems(rules=30, kept=20), PlannedItems(rules=25), PlannedItems(rules=2)], 45),
        (
            [
                PlannedItems(rules=30, kept=20),
                PlannedItems(rules=40, kept=1),
                PlannedItems(kept=30),
            ],
            70,
        ),
    ],
)
def test_one_more_fact_can_plan_what_the_worst_stage_has_and_another_keeps(
    loads: list[PlannedItems], runs: int
) -> None:
    assert next_of(loads) == runs
