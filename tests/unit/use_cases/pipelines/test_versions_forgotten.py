"""Which versions of its pipeline a document knows: those that its runs are on."""

from __future__ import annotations

import pytest

from countersign.model.actor import user
from countersign.model.pipeline import Pipeline
from countersign.rules.base import Edit
from countersign.simulation.world import World
from countersign.use_cases.documents.edit import NewDocument, make
from countersign.use_cases.runs.propagate import MANY_VERSIONS
from tests.builders import mail, pipeline, stage

BEN = "ben@acme.example"
LEASE = "lease"
REMINDER = mail("reminder", on_leave="keep", time={"on": {"field": "end"}, "at": "09:00"})


def version(number: int) -> Pipeline:
    """A version that differs from the others; the first alone keeps a rule on a date."""
    rules = [mail(f"hello-{number}", execution="independent")]
    if number == 1:
        rules.append(REMINDER)
    return pipeline(
        stage("draft"),
        stage("sent", *rules),
        senders=["contracts@acme.example"],
        fields={"end": {"type": "date"}},
    )


class Counted(World):
    """A world that counts which versions are read."""

    def __init__(self) -> None:
        super().__init__()
        self.reads: list[int] = []
        get = self.programs._pipelines.version

        def counted(pipeline: str, number: int) -> object:
            self.reads.append(number)
            return get(pipeline, number)

        # Reads are counted where they leave the cache.
        self.programs._pipelines.version = counted  # type: ignore[method-assign,assignment]


def through(versions: int) -> Counted:
    """A document that entered a stage with each of so many versions."""
    here = Counted()
    for number in range(1, versions + 1):
        here.publish(version(number))
        if number == 1:
            make(here.store, NewDocument(id=LEASE, pipeline="contracts", values={}), user(BEN))
        for name in ("sent", "draft"):
            here.edit(LEASE, Edit(stage=name), by=BEN)
    return here


@pytest.mark.parametrize("versions", [MANY_VERSIONS, 70])
def test_versions_that_no_run_is_on_any_more_are_forgotten(versions: int) -> None:
    known = through(versions).document(LEASE).planned_with
    assert len(known) <= MANY_VERSIONS + 1
    assert 1 in known
    assert versions in known


def test_a_change_reads_few_versions_however_many_there_were() -> None:
    here = through(70)
    here.programs._programs.clear()
    here.reads.clear()
    here.edit(LEASE, Edit(values={"end": "2026-05-01"}), by=BEN)
    assert 1 <= len(here.reads) <= MANY_VERSIONS + 1
    assert len(set(here.reads)) == len(here.reads)


def test_what_a_forgotten_version_stood_between_still_follows_its_date() -> None:
    here = through(70)
    here.edit(LEASE, Edit(values={"end": "2026-05-01"}), by=BEN)
    dated = [run for run in here.state.runs.values() if run.rule == "reminder"]
    assert [(run.state, run.pipeline_version) for run in dated] == [("ready", 1)]
    assert dated[0].due is not None
    assert f"{dated[0].due:%Y-%m-%d}" == "2026-05-01"


@pytest.mark.parametrize("versions", [MANY_VERSIONS - 1, MANY_VERSIONS, MANY_VERSIONS + 1])
def test_a_date_is_followed_by_the_change_that_forgets_versions_too(versions: int) -> None:
    here = through(versions)
    here.publish(version(versions + 1))
    here.edit(LEASE, Edit(stage="sent"), by=BEN)
    here.edit(LEASE, Edit(values={"end": "2026-05-01"}), by=BEN)
    dated = [run for run in here.state.runs.values() if run.rule == "reminder"]
    assert [(run.state, run.pipeline_version) for run in dated] == [("ready", 1)]


def test_a_version_whose_runs_are_over_is_forgotten_though_its_stage_was_not_left() -> None:
    here = through(MANY_VERSIONS)
    here.publish(version(MANY_VERSIONS + 1))
    here.edit(LEASE, Edit(stage="sent"), by=BEN)
    here.settle()
    here.programs._programs.clear()
    here.reads.clear()
    here.edit(LEASE, Edit(values={"title": "Lease"}), by=BEN)
    assert set(here.reads) == {1, MANY_VERSIONS + 1}
    assert here.document(LEASE).planned_with == (1,)


def test_a_version_is_known_for_as_long_as_a_run_of_it_waits() -> None:
    here = through(MANY_VERSIONS)
    waiting = mail("waiting", execution="independent", time={"after": {"days": 30}})
    for number in (MANY_VERSIONS + 1, MANY_VERSIONS + 2):
        here.publish(
            pipeline(
                stage("draft"),
                stage("sent", *([waiting] if number == MANY_VERSIONS + 1 else [])),
                senders=["contracts@acme.example"],
                fields={"end": {"type": "date"}},
            )
        )
        if number == MANY_VERSIONS + 1:
            here.edit(LEASE, Edit(stage="sent"), by=BEN)
    here.settle()
    here.edit(LEASE, Edit(values={"title": "Lease"}), by=BEN)
    assert here.document(LEASE).planned_with == (1, MANY_VERSIONS + 1)
