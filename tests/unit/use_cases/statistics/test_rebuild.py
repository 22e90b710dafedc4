"""A rebuild finds what was counted wrongly, corrects it, and stands in nobody's way."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from countersign.errors import UnavailableError
from countersign.model.statistics import CounterKey, Epochs, PendingCount
from countersign.use_cases.statistics.rebuild import (
    RebuildStep,
    compare,
    rebuild,
    until_everybody_knows,
)
from tests.unit.use_cases.statistics.scene import MONDAY, NOON, Scene


def many(documents: int = 45) -> Scene:
    """Documents that were sent, each with a mail, all of it counted and long ago."""
    scene = Scene()
    for number in range(documents):
        scene.create(f"d-{number:02}")
        scene.move("sent", document=f"d-{number:02}")
        scene.run("done", document=f"d-{number:02}")
    scene.count()
    scene.pass_time(hours=1)
    return scene


def rebuilt(scene: Scene, *, replace: bool) -> list[RebuildStep]:
    """All steps, with the waits between them."""
    steps = []
    for step in rebuild(scene.rebuilder, "contracts", replace=replace):
        steps.append(step)
        scene.now += step.wait
    return steps


def found(steps: list[RebuildStep]) -> list[tuple[str, str]]:
    return [(one.name, one.text) for step in steps for one in step.differences]


@pytest.mark.parametrize("replace", [True, False])
def test_what_is_right_stays_as_it_is(replace: bool) -> None:
    scene = many()
    before = scene.counted()
    steps = rebuilt(scene, replace=replace)
    assert found(steps) == []
    assert [step.documents for step in steps if step.documents] == [20, 20, 5]
    assert [step.wait for step in steps if step.wait] == [timedelta(minutes=2)]
    assert scene.counted() == before
    assert before["03-02 created"] == 45


def damaged() -> Scene:
    """One document counted wrongly, one not at all, a run forgotten, and a wrong counter."""
    scene = many(4)
    documents = scene.statistics.documents
    wrong = documents["d-00"]
    documents["d-00"] = wrong.model_copy(update={"stays": wrong.stays[:1]})
    key = CounterKey(1, MONDAY, "arrived/sent")
    scene.statistics.counters["contracts"][key] -= 1
    scene.run("failed", rule="other", document="d-02")
    scene.create("d-09")
    scene.statistics.counters["contracts"][CounterKey(1, MONDAY, "created")] += 7
    scene.pass_time(hours=1)
    return scene


def of_documents(names: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(one for one in names if one[0].startswith("d-"))


DIFFERENCES = [
    ("d-00", "its stays was counted otherwise"),
    ("d-02", "its run 1.other was counted otherwise"),
    ("d-09", "it is not counted"),
]


def test_what_is_wrong_is_found_and_corrected() -> None:
    scene = damaged()
    names = found(rebuilt(scene, replace=True))
    assert of_documents(names) == DIFFERENCES
    assert ("2026-03-02 created", "it holds 7 that no document has counted") in names
    assert scene.counted() == {
        "03-02 arrived/draft": 5,
        "03-02 arrived/sent": 4,
        "03-02 cohort/reached/draft": 5,
        "03-02 cohort/reached/sent": 4,
        "03-02 created": 5,
        "03-02 left/draft": 4,
        "03-02 run/done/send_email/mail": 4,
        "03-02 run/failed/send_email/other": 1,
        "now present/draft": 1,
        "now present/sent": 4,
    }
    assert found(rebuilt(scene, replace=False)) == []


def test_a_run_that_an_older_version_counted_without_its_generation_is_counted_right() -> None:
    scene = Scene()
    scene.create()
    for state in ("failed", "ready", "failed"):
        scene.run(state)
    scene.count()
    counted = scene.statistics.documents["d-1"]
    run = counted.runs["1.mail"].model_copy(update={"generation": 1})
    scene.statistics.documents["d-1"] = counted.model_copy(update={"runs": {"1.mail": run}})
    scene.pass_time(hours=1)
    assert found(rebuilt(scene, replace=True)) == []


def test_without_being_told_to_it_corrects_nothing() -> None:
    scene = damaged()
    before = scene.counted()
    names = found(rebuilt(scene, replace=False))
    assert of_documents(names) == DIFFERENCES
    after = scene.counted()
    # What was not counted at all is.
    assert after["03-02 created"] == before["03-02 created"] + 1
    assert after["03-02 arrived/sent"] == before["03-02 arrived/sent"]
    assert of_documents(found(rebuilt(scene, replace=False))) == DIFFERENCES[:2]


def test_what_is_still_to_be_counted_is_no_difference() -> None:
    scene = many(2)
    scene.create("d-new")
    scene.move("signed", document="d-00")
    scene.run("failed", rule="other", document="d-01")
    assert found(rebuilt(scene, replace=False)) == []
    scene.count()
    assert scene.counted()["now present/signed"] == 1
    assert scene.counted()["03-02 run/failed/send_email/other"] == 1


def test_a_change_that_the_stream_gave_up_is_found_when_it_is_old() -> None:
    scene = many(2)
    scene.move("signed", document="d-00")
    scene.pass_time(minutes=11)
    assert found(rebuilt(scene, replace=True)) == [("d-00", "it is counted up to version 2 of 3")]
    assert scene.counted()["now present/signed"] == 1


def test_counting_goes_on_meanwhile() -> None:
    scene = many()
    steps = rebuild(scene.rebuilder, "contracts", replace=True)
    differences: list[Any] = []
    for number, step in enumerate(steps):
        differences += step.differences
        scene.now += step.wait
        scene.move("signed", document=f"d-{44 - number:02}")
        scene.create(f"new-{number}")
        scene.count(scene.records[-2:])
    assert differences == []
    present = {name: n for name, n in scene.counted().items() if name.startswith("now")}
    assert sum(present.values()) == len(scene.state.documents)
    assert found(rebuilt(scene, replace=True)) == []


def test_what_was_lost_is_found_though_another_change_is_counted_meanwhile() -> None:
    scene = many(21)
    scene.run("failed", rule="lost", document="d-20")
    scene.pass_time(hours=1)
    steps = rebuild(scene.rebuilder, "contracts", replace=True)
    next(steps)
    scene.move("signed", document="d-20")
    scene.count(scene.records[-1:])
    differences: list[Any] = []
    for step in steps:
        differences += step.differences
        scene.now += step.wait
    assert [(one.name, one.text) for one in differences] == [
        ("d-20", "its run 1.lost was counted otherwise")
    ]
    assert scene.counted()["03-02 run/failed/send_email/lost"] == 1


def test_what_was_interrupted_goes_on_with_the_documents_that_are_left() -> None:
    scene = many()
    before = scene.counted()
    steps = rebuild(scene.rebuilder, "contracts", replace=True)
    assert [next(steps).documents, next(steps).documents] == [20, 20]
    del steps
    assert scene.counted() == before
    assert [step.documents for step in rebuilt(scene, replace=True)][:3] == [0, 0, 5]
    assert scene.counted() == before


def test_what_removed_documents_have_counted_stays() -> None:
    scene = many(3)
    scene.remove("d-00")
    scene.count()
    before = scene.counted()
    assert found(rebuilt(scene, replace=True)) == []
    assert scene.counted() == before
    assert before["03-02 created"] == 3


def test_a_document_that_cannot_be_read_is_left_as_it_was_counted() -> None:
    scene = many(2)
    before = scene.counted()
    scene.state.spoiled.add(next(iter(scene.state.runs)))
    [(name, text)] = found(rebuilt(scene, replace=True))
    assert name == "d-00"
    assert text.startswith("it is left as it was counted: ")
    assert scene.counted() == before


def test_a_pipeline_without_documents_is_rebuilt_at_once() -> None:
    scene = Scene()
    assert found(rebuilt(scene, replace=True)) == []
    epochs: Any = scene.statistics.epochs("contracts")
    assert (epochs.oldest, epochs.newest, epochs.rebuilding) == (2, 2, False)


def test_a_difference_says_whether_it_is_of_a_document_or_a_counter() -> None:
    scene = damaged()
    scene.statistics.counters["contracts"][CounterKey(1, None, "present/gone")] += 2
    told = {
        (one.what, one.name, one.text)
        for step in rebuilt(scene, replace=False)
        for one in step.differences
    }
    assert ("document", "d-09", "it is not counted") in told
    assert ("counter", "now present/gone", "it holds 2 that no document has counted") in told
    assert ("counter", "2026-03-02 created", "it holds 7 that no document has counted") in told


@pytest.mark.parametrize(("minutes", "differs"), [(10, False), (10.01, True)])
def test_ten_minutes_pass_before_it_is_wrong_that_something_is_not_counted(
    minutes: float, differs: bool
) -> None:
    scene = many(2)
    scene.create("d-new")
    scene.move("signed", document="d-00")
    scene.run("failed", rule="other", document="d-01")
    scene.pass_time(minutes=minutes)
    assert sorted(found(rebuilt(scene, replace=False))) == (
        [
            ("d-00", "it is counted up to version 2 of 3"),
            ("d-01", "its run 1.other was counted otherwise"),
            ("d-new", "it is not counted"),
        ]
        if differs
        else []
    )


class Growing:
    """Documents of which there is another one each time they are listed."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._inner = scene.documents
        self.lists = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def cards(self, pipeline: str) -> Any:
        self.lists += 1
        mine, self._scene.documents = self._scene.documents, self._inner
        now, self._scene.now = self._scene.now, NOON
        self._scene.create(f"more-{self.lists}")
        self._scene.documents, self._scene.now = mine, now
        return self._inner.cards(pipeline)


def test_who_finds_more_documents_each_of_five_times_gives_up() -> None:
    scene = many(1)
    documents = scene.documents = Growing(scene)
    with pytest.raises(UnavailableError) as gave_up:
        rebuilt(scene, replace=True)
    assert documents.lists == 5
    assert str(gave_up.value) == (
        "the documents of contracts were listed 5 times, and there were more to compare each "
        "time; run the rebuild again when fewer documents change"
    )


class Refusing:
    """Statistics that refuse what is recorded, so many times."""

    def __init__(self, inner: Any, times: int) -> None:
        self._inner = inner
        self._times = times

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def record(self, changes: Any) -> Any:
        if changes and self._times:
            self._times -= 1
            return tuple(change.counted.document for change in changes)
        return self._inner.record(changes)


def test_what_others_counted_meanwhile_is_compared_in_the_next_pass_after_a_wait() -> None:
    scene = damaged()
    waited: list[int] = []
    scene.statistics = Refusing(scene.statistics, 2)
    rebuilder = replace(scene.rebuilder, backoff=waited.append)
    steps = []
    for step in rebuild(rebuilder, "contracts", replace=True):
        steps.append(step)
        scene.now += step.wait
    assert waited == [0, 0]
    assert of_documents(found(steps)) == DIFFERENCES


def test_another_document_in_place_of_one_that_was_counted_is_left_to_the_stream() -> None:
    scene = many(2)
    scene.remove("d-00")
    scene.create("d-00")
    steps = []
    for step in rebuild(scene.rebuilder, "contracts", replace=True):
        steps.append(step)
        if step.wait:
            scene.now += step.wait
            scene.count(scene.records[-2:])
    assert found(steps) == []
    assert {name: n for name, n in scene.counted().items() if "/draft" in name} == {
        "03-02 arrived/draft": 3,
        "03-02 cohort/reached/draft": 3,
        "03-02 left/draft": 2,
        "now present/draft": 1,
    }


@pytest.mark.parametrize(("minutes", "compared"), [(-1, 1), (0, 0), (1, 0)])
def test_what_was_made_since_a_rebuild_began_is_left_to_the_stream(
    minutes: int, compared: int
) -> None:
    scene = Scene()
    scene.pass_time(minutes=minutes)
    scene.create("d-new")
    epochs = Epochs(newest=2, begun_at=NOON)
    assert len(compare(scene.rebuilder, ["d-new"], epochs, replace=True).changes) == compared
    assert len(compare(scene.rebuilder, ["d-new"], Epochs(), replace=True).changes) == 1


def test_how_many_were_compared_before_is_said_without_those_that_were_removed() -> None:
    scene = many(3)
    scene.remove("d-02")
    scene.count()
    epochs = Epochs(newest=2, begun_at=scene.now)
    ids = ["d-00", "d-01", "d-02", "d-none"]
    first = compare(scene.rebuilder, ids, epochs, replace=True)
    scene.statistics.record(first.changes)
    second = compare(scene.rebuilder, ids, epochs, replace=True)
    assert [(len(one.changes), one.compared_before) for one in (first, second)] == [(2, 0), (0, 2)]
    assert [(one.counted.epoch, one.counted.compared) for one in first.changes] == [(2, 2), (2, 2)]


@pytest.mark.parametrize(("begun", "left"), [(0, 120), (90, 30), (120, 0), (150, -30), (None, 120)])
def test_everybody_knows_two_minutes_after_a_rebuild_began(begun: int | None, left: int) -> None:
    since = None if begun is None else NOON - timedelta(seconds=begun)
    epochs = Epochs(newest=2, begun_at=since)
    assert until_everybody_knows(epochs, NOON) == timedelta(seconds=left)


def test_a_rebuild_that_was_interrupted_waits_for_the_rest_of_the_two_minutes() -> None:
    scene = many(2)
    next(rebuild(scene.rebuilder, "contracts", replace=True))
    scene.pass_time(seconds=90)
    assert [step.wait.seconds for step in rebuilt(scene, replace=True) if step.wait] == [30]
    next(rebuild(scene.rebuilder, "contracts", replace=True))
    scene.pass_time(seconds=120)
    steps = rebuilt(scene, replace=True)
    assert [(step.documents, step.wait.seconds) for step in steps] == [(0, 0), (0, 0)]


def test_what_was_pending_is_written_with_the_move() -> None:
    scene = many(1)
    counted = scene.statistics.documents["d-00"]
    late = PendingCount(1, MONDAY, "created", 1)
    scene.statistics.documents["d-00"] = counted.model_copy(update={"pending": (late,)})
    epochs = Epochs(newest=2, begun_at=scene.now)
    (change,) = compare(scene.rebuilder, ["d-00"], epochs, replace=True).changes
    assert change.counted.pending == ()
    assert change.counted.revision == counted.revision + 1
    # It was never added to the old counter, so that there is nothing to take off again.
    created = [(one.epoch, one.number) for one in change.counts if one.name == "created"]
    assert created == [(2, 1)]


def test_a_document_without_a_timeline_is_counted_up_to_its_version_without_a_difference() -> None:
    scene = many(1)
    document = scene.state.documents["d-00"]
    scene.state.documents["d-00"] = document.model_copy(update={"version": 9})
    scene.state.logs.clear()
    scene.pass_time(hours=1)
    assert found(rebuilt(scene, replace=False)) == []


@pytest.mark.parametrize("replace", [True, False])
def test_old_counters_go_where_they_are_replaced_alone(replace: bool) -> None:
    scene = many(1)
    rebuilt(scene, replace=replace)
    epochs = scene.statistics.epochs("contracts")
    assert (epochs.newest, epochs.oldest, epochs.rebuilding) == (2, 2 if replace else 1, False)


def test_what_an_older_function_counted_before_all_knew_is_compared_after_the_wait() -> None:
    scene = many(2)
    after = list[int]()
    waited = False
    for step in rebuild(scene.rebuilder, "contracts", replace=True):
        if waited:
            after.append(step.documents)
        if step.wait:
            waited = True
            scene.now += step.wait
            counted = scene.statistics.documents["d-01"]
            scene.statistics.documents["d-01"] = counted.model_copy(update={"compared": 0})
    assert after == [1, 0, 0]
