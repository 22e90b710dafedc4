"""A rule for documents already here: by the command itself for a few, by a job for many."""

from __future__ import annotations

import json
from itertools import count

import pytest

from tests.builders import mail, pipeline, stage
from tests.unit.cli.desk import Desk
from tests.unit.cli.transport import over_the_api

LATER = mail("later", time={"after": {"days": 3}})


def with_documents(number: int) -> Desk:
    """A pipeline with so many documents, to which a rule is added then."""
    made = Desk()
    for rules in ((), (LATER,)):
        published = pipeline(
            stage("new", *rules), pipeline="leases", senders=["contracts@acme.example"]
        )
        made.world.publish(published)
        for _ in range(number if not rules else 0):
            assert made("documents", "create", "leases").exit_code == 0
    made.wait = lambda _: made.world.settle()
    return made


def planned(desk: Desk) -> int:
    return sum(run.rule == "later" for run in desk.world.state.runs.values())


@pytest.mark.parametrize("way", ["stack", "api"])
def test_a_few_documents_get_it_at_once(way: str) -> None:
    desk = with_documents(25)
    if way == "api":
        over_the_api(desk)
    told = desk("pipelines", "backfill", "leases", "later")
    assert (told.exit_code, told.stdout) == (0, "later is planned for 25 documents\n")
    assert planned(desk) == 25
    again = desk("pipelines", "backfill", "leases", "later", "--output", "json")
    assert json.loads(again.stdout) == {"pipeline": "leases", "rule": "later", "documents": []}


@pytest.mark.parametrize("format_", ["table", "json"])
def test_many_get_it_by_a_job(monkeypatch: pytest.MonkeyPatch, format_: str) -> None:
    told = []
    for way in ("stack", "api"):
        tokens = map("{:022}".format, count())
        monkeypatch.setattr("secrets.token_urlsafe", lambda _, tokens=tokens: next(tokens))
        desk = with_documents(130)
        if way == "api":
            over_the_api(desk)
        done = desk("pipelines", "backfill", "leases", "later", "--output", format_)
        assert (done.exit_code, planned(desk)) == (0, 130)
        told.append(done.stdout)
    assert told[0] == told[1]
    if format_ == "table":
        assert "  130 of 130 done, 0 refused\n" in told[0]
    else:
        record = json.loads(told[0])
        assert (record["kind"], record["state"], record["done"]) == ("backfill", "done", 130)


def test_a_pipeline_of_which_all_have_the_rule_is_counted_to_its_end() -> None:
    desk = with_documents(0)
    for _ in range(130):
        assert desk("documents", "create", "leases").exit_code == 0
    over_the_api(desk)
    told = desk("pipelines", "backfill", "leases", "later")
    assert told.stdout == "later is planned for 0 documents\n"
