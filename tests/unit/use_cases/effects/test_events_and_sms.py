"""An event or an SMS goes out once for its run, or the run says why not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from countersign.adapters.memory.services.event_bus import MemoryEventBus
from countersign.adapters.memory.services.sms_sender import MemorySmsSender
from countersign.errors import CountersignError, InDoubtError, PermanentError, TransientError
from countersign.model.actor import user
from countersign.model.http import BusEvent, TextMessage
from countersign.model.run import Run
from countersign.simulation.world import World
from countersign.use_cases.documents.edit import NewDocument, make
from tests.builders import pipeline, stage

EVENT = {"kind": "publish_event", "settings": {"name": "Made", "detail": {"n": 1}}}
REPEATABLE = {**EVENT, "settings": {**EVENT["settings"], "repeatable": True}}  # type: ignore[dict-item]
SMS = {"kind": "send_sms", "settings": {"to": "+4915112345678", "text": "{{ document.title }}"}}


class Service:
    """Raises in turn what it is told to, and is content afterwards."""

    def __init__(self, *errors: CountersignError) -> None:
        self._errors = list(errors)

    def __call__(self, _: object) -> CountersignError | None:
        return self._errors.pop(0) if self._errors else None


def world(rule: dict[str, Any], *errors: CountersignError) -> World:
    """A document has come into a stage with this rule, whose service first raises these."""
    service = Service(*errors)
    here = World(bus=MemoryEventBus(service), phones=MemorySmsSender(service))
    here.publish(pipeline(stage("here", {"id": "it", **rule})))
    make(
        here.store,
        NewDocument(id="d1", pipeline="contracts", values={"title": "Lease"}),
        user("anna@acme.example"),
    )
    here.settle()
    return here


def run(here: World) -> Run:
    """The run of the rule."""
    (found,) = here.documents.runs("d1", 1)
    return found


def test_an_event_leaves_its_id_and_an_sms_its_own_and_its_number() -> None:
    told, sent = world(EVENT), world(SMS)
    assert (run(told).state, run(told).result) == ("done", {"event_id": "memory-1"})
    assert run(sent).result == {"sms_id": "memory-1", "to": "+4915112345678"}
    detail = {"idempotency_key": "d1.1.it", "n": 1}
    assert told.bus.published == [BusEvent(name="Made", detail=detail, run=run(told).key)]
    assert sent.phones.sent == [TextMessage(to="+4915112345678", text="Lease", run=run(sent).key)]


@pytest.mark.parametrize("rule", [EVENT, SMS])
def test_a_passing_fault_is_tried_again_and_a_lasting_one_fails_the_run(
    rule: dict[str, Any],
) -> None:
    here = world(rule, TransientError("busy"))
    assert run(here).state == "ready"
    here.advance(timedelta(seconds=20))
    assert (run(here).state, run(here).attempts) == ("done", 2)
    here = world(rule, PermanentError("never"))
    assert (run(here).state, run(here).reason) == ("failed", "never")


@pytest.mark.parametrize("rule", [EVENT, SMS])
def test_what_nobody_answered_for_waits_for_a_person(rule: dict[str, Any]) -> None:
    here = world(rule, InDoubtError("silence"))
    here.advance(timedelta(days=2))
    here.sweep()
    assert (run(here).state, run(here).reason) == ("in_doubt", "silence")
    assert len(here.bus.published) + len(here.phones.sent) == 0


def test_an_event_that_may_be_repeated_is_published_again_under_the_same_key() -> None:
    here = world(REPEATABLE, InDoubtError("silence"))
    here.advance(timedelta(minutes=1))
    assert (run(here).state, run(here).attempts) == ("done", 2)
    assert [one.detail["idempotency_key"] for one in here.bus.published] == ["d1.1.it"]
