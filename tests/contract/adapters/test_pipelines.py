"""What ``ports.Pipelines`` and ``ports.Connections`` promise, kept by the table and its twin."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from countersign.errors import NotFoundError, PermanentError
from countersign.model.connection import Connection, FieldMapping, PartyMapping
from countersign.model.pipeline import Head, Pipeline, Version
from countersign.model.values import fit
from countersign.ports import Connections, Pipelines

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SALES = Pipeline.model_validate(
    {
        "pipeline": "sales",
        "name": "Sales",
        "time_zone": "Europe/Berlin",
        "fields": {"floor": {"type": "number"}},
        "stages": [
            {
                "id": "sent",
                "triggers": [{"id": "sent", "kind": "sent", "settings": {"count": 2}}],
                "rules": [
                    {
                        "id": "mail",
                        "kind": "send_email",
                        "time": {"after": {"days": 2}, "at": "09:30"},
                        "condition": {
                            "all": [
                                {"field": "amount", "op": "greater", "value": 5000.5},
                                {"field": "floor", "op": "one_of", "value": [1, 2, "3"]},
                                {"field": "urgent", "op": "equals", "value": True},
                                {"field": "number", "op": "equals", "value": "17"},
                            ]
                        },
                        "settings": {"to": ["client"], "ratio": 0.1, "nested": {"a": None}},
                    }
                ],
            }
        ],
    }
)
CONNECTION = Connection(
    id="c1",
    provider="docusign",
    pipeline="sales",
    created_at=NOON,
    parties=PartyMapping(
        emails={"eva@house.example": "company"}, orders={1: "client"}, others=None
    ),
    fields=(FieldMapping(source="Total", field="amount"),),
)


def test_a_number_in_the_settings_of_a_rule_stays_the_number_it_was(pipelines: Pipelines) -> None:
    written = {"values": {"amount": Decimal("5.000"), "floor": 2, "price": Decimal("1000.50")}}
    rule = {"id": "set", "kind": "change_fields", "settings": written}
    raw = {"pipeline": "sales", "stages": [{"id": "sent", "rules": [rule]}]}
    pipelines.publish(Pipeline.model_validate(raw), at=NOON, by="eva")
    values = pipelines.version("sales", 1).pipeline.stages[0].rules[0].settings["values"]
    assert values == written["values"]
    assert [fit(value, "money", name) for name, value in values.items()] == [5, 2, 1000.5]


def test_what_was_published_is_read_back(pipelines: Pipelines) -> None:
    version = pipelines.publish(SALES, at=NOON, by="eva@house.example")
    assert version == Version(
        number=1,
        pipeline=SALES,
        published_at="2026-03-02T12:00:00.000000Z",
        published_by="eva@house.example",
    )
    assert pipelines.version("sales", 1) == version
    assert pipelines.head("sales") == Head(pipeline="sales", name="Sales", version=1)


def test_the_head_points_at_the_newest_version_and_older_ones_stay(pipelines: Pipelines) -> None:
    first = pipelines.publish(SALES, at=NOON, by="eva")
    second = pipelines.publish(SALES.model_copy(update={"name": "Sales II"}), at=NOON, by="max")
    assert second.number == 2
    assert pipelines.head("sales") == Head(pipeline="sales", name="Sales II", version=2)
    assert [pipelines.version("sales", n) for n in (1, 2)] == [first, second]


def test_a_version_that_was_not_published_is_not_found(pipelines: Pipelines) -> None:
    pipelines.publish(SALES, at=NOON, by="eva")
    assert pipelines.head("hr") is None
    with pytest.raises(NotFoundError, match="sales has no version 2"):
        pipelines.version("sales", 2)
    assert pipelines.publish(SALES, at=NOON, by="eva") == pipelines.version("sales", 2)


def test_publishing_keeps_a_pipeline_paused(pipelines: Pipelines) -> None:
    pipelines.publish(SALES, at=NOON, by="eva")
    paused = Head(pipeline="sales", name="Sales", version=1, paused=True)
    assert pipelines.set_paused("sales", True) == paused
    pipelines.publish(SALES, at=NOON, by="eva")
    assert pipelines.head("sales") == paused.model_copy(update={"version": 2})
    resumed = Head(pipeline="sales", name="Sales", version=2)
    assert pipelines.set_paused("sales", False) == resumed
    assert pipelines.head("sales") == resumed


def test_what_is_not_there_cannot_be_paused(pipelines: Pipelines) -> None:
    with pytest.raises(NotFoundError, match="no pipeline hr"):
        pipelines.set_paused("hr", True)
    assert pipelines.head("hr") is None


def test_pipelines_are_listed_by_id(pipelines: Pipelines) -> None:
    assert pipelines.list() == ()
    for name in ("sales", "hr", "sales"):
        pipelines.publish(SALES.model_copy(update={"pipeline": name}), at=NOON, by="eva")
    assert [(head.pipeline, head.version) for head in pipelines.list()] == [("hr", 1), ("sales", 2)]


def test_a_connection_is_read_back_and_replaced(connections: Connections) -> None:
    assert connections.get("c1") is None
    connections.put(CONNECTION)
    assert connections.get("c1") == CONNECTION
    changed = CONNECTION.model_copy(update={"fields": (), "responsible": "max@house.example"})
    connections.put(changed)
    assert connections.get("c1") == changed


def test_connections_are_listed_by_id(connections: Connections) -> None:
    other = CONNECTION.model_copy(update={"id": "b1"})
    connections.put(CONNECTION)
    connections.put(other)
    connections.put(CONNECTION)
    assert connections.list() == (other, CONNECTION)


@pytest.mark.parametrize("name", ["", "a/b", "ä", "a" * 65, "a b", "../c1"])
def test_what_can_be_no_id_is_refused(connections: Connections, name: str) -> None:
    with pytest.raises(PermanentError, match="is not a valid id"):
        connections.put(CONNECTION.model_copy(update={"id": name}))
    assert connections.list() == ()


def test_automation_is_switched_beside_what_is_published_and_paused(pipelines: Pipelines) -> None:
    pipelines.publish(SALES, at=NOON, by="eva")
    off = Head(pipeline="sales", name="Sales", version=1, automation=False)
    assert pipelines.set_automation("sales", False) == off
    paused = off.model_copy(update={"paused": True})
    assert pipelines.set_paused("sales", True) == paused
    pipelines.publish(SALES, at=NOON, by="eva")
    assert pipelines.head("sales") == paused.model_copy(update={"version": 2})
    assert pipelines.list() == (paused.model_copy(update={"version": 2}),)
    on = Head(pipeline="sales", name="Sales", version=2, paused=True)
    assert pipelines.set_automation("sales", True) == on
    assert pipelines.head("sales") == on
    with pytest.raises(NotFoundError, match="no pipeline hr"):
        pipelines.set_automation("hr", False)
