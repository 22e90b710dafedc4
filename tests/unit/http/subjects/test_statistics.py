"""Statistics over the API."""

from __future__ import annotations

from countersign.model.statistics import CountedDocument, PendingCount, StatisticsChange
from tests.unit.cli.desk import Desk
from tests.unit.http.client import ApiClient


def test_a_pipelines_statistics_have_each_stage_and_each_day(api: ApiClient) -> None:
    query = {"first": "2026-03-01", "last": "2026-03-03"}

    shown = api("GET", "/statistics/contracts", query=query)

    assert shown.status == 200
    assert [day["day"] for day in shown.body["days"]] == ["2026-03-01", "2026-03-02", "2026-03-03"]
    assert [stage["stage"] for stage in shown.body["stages"]][:2] == ["draft", "sent"]
    assert shown.body["period"] == query


def test_a_period_that_cannot_be_is_refused(api: ApiClient) -> None:
    backwards = {"first": "2026-03-03", "last": "2026-03-01"}
    long = {"first": "2020-01-01", "last": "2026-03-01"}

    assert api("GET", "/statistics/contracts", query=backwards).status == 422
    assert api("GET", "/statistics/contracts", query=long).status == 422
    assert api("GET", "/statistics/contracts", query={"first": "yesterday"}).status == 422
    assert api("GET", "/statistics/contract").status == 404


def test_pipelines_are_listed_with_how_many_documents_they_have(api: ApiClient, desk: Desk) -> None:
    desk.world.statistics.record(
        [
            StatisticsChange(
                counted=CountedDocument(
                    document="d-1", pipeline="contracts", created_at=desk.world.now, revision=1
                ),
                counts=(
                    PendingCount(1, None, "present/sent", 3),
                    PendingCount(1, None, "present/signed", 2),
                    PendingCount(1, desk.world.now.date(), "created", 9),
                ),
            )
        ]
    )

    (plain,) = api("GET", "/pipelines").body["items"]
    (counted,) = api("GET", "/pipelines", query={"counts": "true"}).body["items"]

    assert plain["documents"] is None
    assert counted == {**plain, "documents": 5}
