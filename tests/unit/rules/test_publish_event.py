"""An event says what the rule wants said, under the run's key, in the size that the bus takes."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from countersign.errors import PermanentError
from countersign.model.http import BusEvent
from countersign.rules.publish_event import MAX_DETAIL, PublishEvent
from tests.unit.rules.scene import KEY, NOW, PIPELINE, context, rule


def event_rule(**settings: Any) -> PublishEvent:
    """Such a rule."""
    made: PublishEvent = rule("publish_event", **{"name": "ContractSigned", **settings})
    return made


def published(changes: dict[str, Any] | None = None, **settings: Any) -> BusEvent:
    """What such a rule publishes for the document, with these changes of it."""
    return event_rule(**settings).event(context(**(changes or {})))


def test_without_a_detail_the_whole_document_is_told() -> None:
    event = published()
    assert (event.name, event.run, event.repeatable) == ("ContractSigned", KEY, False)
    assert (event.detail["idempotency_key"], event.detail["at"]) == ("d1.1.it", NOW.isoformat())
    assert event.detail["document"]["amount"] == "1000.1"
    assert json.loads(json.dumps(event.detail)) == event.detail


def test_a_detail_has_its_inserts_filled_in_and_the_run_s_key() -> None:
    event = published(
        {"title": '"x"}, {"'},
        detail={
            "title": "{{ document.title }}",
            "who": ["{{ client.email }}", {"sum": "{{ document.amount }}"}],
            "fixed": Decimal("12.5"),
            "none": None,
        },
        repeatable=True,
    )
    assert event == BusEvent(
        name="ContractSigned",
        detail={
            "idempotency_key": "d1.1.it",
            "title": '"x"}, {"',
            "who": ["klara@kunde.example", {"sum": "1000.1"}],
            "fixed": 12.5,
            "none": None,
        },
        run=KEY,
        repeatable=True,
    )


def test_an_empty_detail_still_has_the_key() -> None:
    assert published(detail={}).detail == {"idempotency_key": "d1.1.it"}


def test_a_detail_that_the_bus_would_refuse_for_its_size_is_not_published() -> None:
    around = len('{"idempotency_key": "d1.1.it", "text": ""}')
    detail = {"text": "{{ document.title }}"}
    room = MAX_DETAIL - around
    assert published({"title": "x" * room}, detail=detail).detail["text"] == "x" * room
    with pytest.raises(PermanentError) as caught:
        published({"title": "x" * (room - 1) + "ä"}, detail=detail)
    assert str(caught.value) == (
        "the detail has 261,121 bytes; expected at most 261,120: make it shorter"
    )


@pytest.mark.parametrize("name", ["", "  ", "x" * 129, "a\nb"])
def test_a_name_is_one_short_line(name: str) -> None:
    with pytest.raises(ValidationError, match="a line of 1 to 128 characters"):
        event_rule(name=name)


def test_a_name_is_fixed() -> None:
    with pytest.raises(ValidationError, match="holds no inserts; put them into the detail"):
        event_rule(name="Signed {{ document.id }}")


@pytest.mark.parametrize(
    ("detail", "found"),
    [
        ({"a": ["{{ document.titel }}"]},
         ("detail.a.0", 'line 1: unknown insert "document.titel"; did you mean document.title?')),
        ({"idempotency_key": "1"},
         ("detail", "idempotency_key is set by the rule itself; leave it out")),
        (json.loads('{"a":' * 21 + "1" + "}" * 21),
         ("detail", "the detail is nested deeper than 20 levels")),
    ],
)  # fmt: skip
def test_publishing_refuses_a_detail_that_can_never_work(
    detail: dict[str, Any], found: tuple[str, str]
) -> None:
    assert event_rule(detail=detail).problems(PIPELINE) == (found,)


def test_publishing_takes_what_can_work() -> None:
    assert event_rule().problems(PIPELINE) == ()
    assert event_rule(detail={"title": "{{ document.title }}"}).problems(PIPELINE) == ()
