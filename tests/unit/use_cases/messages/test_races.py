"""What others do between the reading and the writing of a change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from countersign.adapters.memory.tables.process.state import MemoryDocuments, MemoryState
from countersign.model.actor import user
from countersign.model.pipeline import Pipeline
from countersign.model.run import Run
from countersign.model.signing_event import SigningEvent
from countersign.model.transaction import Transaction
from countersign.rules.base import Edit
from countersign.simulation.world import World
from countersign.use_cases.documents.edit import NewDocument, make, save
from countersign.use_cases.runs.backfill import backfill
from countersign.use_cases.runs.migrate_runs import migrate_runs
from tests.builders import (
    connection,
    envelope,
    event,
    mail,
    pipeline,
    run_of,
    stage,
    states,
    trigger,
)

BEN = "ben@acme.example"


class Meanwhile(MemoryDocuments):
    """Lets something happen once, ahead of a read or a write, or after a read."""

    def __init__(self, state: MemoryState) -> None:
        super().__init__(state)
        self.at_get: list[Callable[[], object]] = []
        self.at_commit: list[Callable[[], object]] = []
        self.at_runs: list[Callable[[], object]] = []
        self.after_runs: list[Callable[[], object]] = []

    def get(self, document: str) -> object:  # type: ignore[override]
        if self.at_get:
            self.at_get.pop()()
        return super().get(document)

    def runs(self, document: str, entry: int | None = None) -> tuple[Run, ...]:
        if self.at_runs:
            self.at_runs.pop()()
        found = super().runs(document, entry)
        if self.after_runs:
            self.after_runs.pop()()
        return found

    def commit(self, change: Transaction) -> None:
        if self.at_commit:
            self.at_commit.pop()()
        super().commit(change)


def watched(wanted: Pipeline) -> tuple[World, Meanwhile]:
    """A world in which something can happen meanwhile."""
    here = World()
    documents = Meanwhile(here.state)
    here.documents = documents
    here.publish(wanted)
    here.connect(connection())
    return here, documents


def naming(kind: str, **more: Any) -> SigningEvent:
    """A message of an envelope that names the document ``lease``."""
    return event(kind, state=envelope(custom_fields={"countersign_document": "lease"}), **more)


def with_lease() -> tuple[World, Meanwhile]:
    """A world with a document that was made by hand."""
    here, documents = watched(pipeline(stage("draft")))
    make(here.store, NewDocument(id="lease", pipeline="contracts", values={}), user(BEN))
    return here, documents


def homes(here: World) -> dict[str, list[str]]:
    """The events that were applied to each document."""
    return {name: [e.key for e in here.documents.events(name)] for name in here.state.documents}


def test_two_first_messages_of_an_envelope_at_once_attach_it_to_one_document() -> None:
    here, documents = with_lease()
    second = naming("document.viewed", minute=1)
    documents.at_get.append(lambda: here.receive("docusign", [second]))
    here.receive("docusign", [naming("document.sent")])
    assert homes(here) == {"lease": [second.key, "document.sent:None:0"]}


@pytest.mark.parametrize("naming_first", [True, False])
def test_a_message_that_does_not_name_the_document_makes_no_second_one_meanwhile(
    naming_first: bool,
) -> None:
    here, documents = with_lease()
    named, unnamed = naming("document.sent"), event("document.viewed", minute=1)
    first, second = (named, unnamed) if naming_first else (unnamed, named)
    documents.at_commit.append(lambda: here.receive("docusign", [second]))
    here.receive("docusign", [first])
    here.advance(timedelta(hours=1))
    with_events = {name: keys for name, keys in homes(here).items() if keys}
    assert list(with_events.values()) == [[second.key, first.key]]


def test_a_move_by_somebody_else_is_decided_on_anew_though_its_runs_were_seen() -> None:
    after_end = {"after": {"field": "end", "hours": 3}}
    here, documents = watched(
        pipeline(
            stage("draft"),
            stage(
                "waiting",
                mail("reminder", time=after_end, on_leave="keep"),
                triggers=[trigger("field_changed", settings={"fields": ["end"]})],
            ),
            senders=["contracts@acme.example"],
            fields={"end": {"type": "date"}},
        )
    )
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    documents.at_runs.append(lambda: here.edit(document.id, Edit(stage="waiting"), by=BEN))
    after = here.edit(document.id, Edit(values={"end": "2026-03-09"}), by=BEN)
    assert (after.stage, after.entry, after.fields) == ("waiting", 2, {"end": "2026-03-09"})
    (run,) = here.documents.runs(document.id)
    assert (run.state, run.due) == ("ready", datetime(2026, 3, 9, 2, tzinfo=UTC))


def test_a_rule_that_stops_others_is_decided_on_anew_when_one_of_them_began_meanwhile() -> None:
    here, documents = watched(
        pipeline(
            stage(
                "draft",
                {"id": "halt", "kind": "stop_rules", "time": {"after": {"hours": 1}}},
                mail("alone", execution="independent", time={"after": {"hours": 1}}),
            ),
            senders=["contracts@acme.example"],
        )
    )
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    here.now += timedelta(hours=1)
    halt, alone = here.lanes.take_due(here.now)
    documents.after_runs.append(lambda: here.deliver(alone))
    assert here.deliver(halt).result == "done"
    assert states(here, document) == {"halt": "done", "alone": "done"}


# A date field that is filled just when a run begins to hang on it.

ON_END = {"time": {"on": {"field": "end"}}}
HOUR = timedelta(hours=1)


def dated(*rules: dict[str, Any]) -> Pipeline:
    """A pipeline of one stage, with a date field."""
    fields = {"end": {"type": "date"}}
    return pipeline(stage("draft", *rules), senders=["contracts@acme.example"], fields=fields)


def conclude_above(here: World, document: str) -> None:
    here.now += HOUR
    (above,) = here.lanes.take_due(here.now)
    here.deliver(above)


def move_to_new_version(here: World, document: str) -> None:
    program = here.programs.current("contracts")
    moved = migrate_runs(here.store, program)
    assert {move.was.rule for move in moved} == {"below", "other"}


def run_it_here(here: World, document: str) -> None:
    program = here.programs.current("contracts")
    planned = backfill(here.store, program, "below", user(BEN))
    assert planned == (document,)


@pytest.mark.parametrize("edit_first", [False, True])
@pytest.mark.parametrize(
    ("before", "after", "meanwhile"),
    [
        (
            [mail("above", time={"after": {"hours": 1}}), mail("below", **ON_END)],
            None,
            conclude_above,
        ),
        (
            [mail("below", time={"after": {"hours": 1}})],
            [mail("below", **ON_END)],
            move_to_new_version,
        ),
        ([], [mail("below", **ON_END)], run_it_here),
    ],
)
def test_a_run_that_begins_to_hang_on_a_field_sees_that_it_is_filled_meanwhile(
    before: list[dict[str, Any]],
    after: list[dict[str, Any]] | None,
    meanwhile: Callable[[World, str], None],
    edit_first: bool,
) -> None:
    here, documents = watched(dated(*before, mail("other", execution="independent", **ON_END)))
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    if after is not None:
        here.publish(dated(*after, mail("other", execution="independent", **ON_END)))
    filled = Edit(values={"end": "2026-03-09"})

    def fill() -> None:
        save(here.store, document.id, filled, user(BEN))

    if edit_first:
        documents.at_commit.append(fill)
        meanwhile(here, document.id)
    else:
        documents.after_runs.append(lambda: meanwhile(here, document.id))
        fill()
    run = run_of(here, document, "below")
    assert (run.state, run.due) == ("ready", datetime(2026, 3, 8, 23, tzinfo=UTC))


@pytest.mark.parametrize("on_leave", ["cancel", "keep"])
@pytest.mark.parametrize("amount", [3, 50], ids=["it would be skipped", "it would start"])
def test_a_run_neither_starts_nor_ends_by_a_date_that_changes_meanwhile(
    amount: int, on_leave: str
) -> None:
    enough = {"field": "amount", "op": "greater", "value": 5}
    here, documents = watched(dated(mail("late", on_leave=on_leave, condition=enough, **ON_END)))
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    values = {"amount": amount, "end": "2026-03-09"}
    here.edit(document.id, Edit(values=values), by=BEN)
    here.now = datetime(2026, 3, 9, tzinfo=UTC)
    (message,) = here.lanes.take_due(here.now)

    def put_off() -> None:
        # As if more runs hung on the field than fit: this one is left for later.
        here.state.most_items = 3
        wanted = Edit(values={"end": "2026-03-20"})
        save(here.store, document.id, wanted, user(BEN))

    documents.at_commit.append(put_off)
    assert here.deliver(message).reason == (
        "its date field end has changed; it will be rescheduled"
    )
    here.settle()
    run = run_of(here, document, "late")
    assert (run.state, run.due) == ("ready", datetime(2026, 3, 19, 23, tzinfo=UTC))
    assert here.mailbox.sent == []
