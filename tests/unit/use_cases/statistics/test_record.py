"""What the stream tells is counted once, whatever is told twice, late, early or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.errors import UnavailableError, UnreadableError
from countersign.model.statistics import CountedDocument, DocumentRecord
from countersign.use_cases.statistics.record import record_statistics
from tests.unit.use_cases.statistics.scene import Scene

COUNTED = {
    "03-02 arrived/draft": 1,
    "03-02 arrived/sent": 1,
    "03-02 cohort/reached/draft": 1,
    "03-02 cohort/reached/sent": 1,
    "03-02 cohort/reached/signed": 1,
    "03-02 created": 1,
    "03-02 left/draft": 1,
    "03-02 run/done/send_email/mail": 1,
    "03-03 arrived/signed": 1,
    "03-03 left/sent": 1,
    "now present/signed": 1,
}


def story() -> Scene:
    """A document is sent, its mail goes out, and the next day it is signed."""
    scene = Scene()
    scene.create()
    scene.move("sent")
    scene.run("running")
    scene.run("done")
    scene.pass_time(days=1)
    scene.move("signed")
    return scene


def test_a_batch_is_counted() -> None:
    scene = story()
    assert scene.count() == {}
    assert scene.counted() == COUNTED


def test_stages_that_one_change_goes_through_are_counted_each() -> None:
    scene = Scene()
    scene.create()
    scene.move("sent", "signed", "archived")
    scene.count()
    assert scene.counted()["03-02 arrived/signed"] == 1
    assert scene.counted()["03-02 left/signed"] == 1
    assert scene.counted()["now present/archived"] == 1


@pytest.mark.parametrize("order", list(permutations(range(5))))
def test_the_order_in_which_changes_are_told_does_not_matter(order: tuple[int, ...]) -> None:
    scene = story()
    for place in order:
        scene.count([scene.records[place]])
    assert scene.counted() == COUNTED


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 5)), max_size=6))
def test_batches_may_come_again_in_other_pieces(pieces: list[tuple[int, int]]) -> None:
    scene = story()
    for start, size in pieces:
        scene.count(scene.records[start : start + size])
    scene.count()
    assert scene.counted() == COUNTED


def test_a_change_that_was_lost_is_made_up_for_by_the_next_of_its_document() -> None:
    scene = Scene()
    scene.create()
    scene.count()
    scene.move("sent")
    scene.pass_time(days=1)
    scene.move("signed")
    scene.count(scene.records[-1:])
    assert scene.counted() == {name: n for name, n in COUNTED.items() if "run/" not in name}


class Dying:
    """Statistics of which a call of ``record`` is written, and never answered."""

    def __init__(self, inner: Any, *, writes: bool) -> None:
        self._inner = inner
        self._writes = writes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def record(self, changes: Any) -> Any:
        if self._writes:
            self._inner.record(changes)
        raise UnavailableError("no answer")


@pytest.mark.parametrize("writes", [True, False])
def test_a_batch_that_ended_in_the_middle_is_counted_once(writes: bool) -> None:
    scene = story()
    alive = scene.statistics
    scene.statistics = Dying(alive, writes=writes)
    with pytest.raises(UnavailableError):
        scene.count()
    scene.statistics = alive
    scene.count()
    assert scene.counted() == COUNTED


class Late:
    """Statistics that give no answer to the next write, and write it later."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.arrive = list[Callable[[], object]]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def record(self, changes: Any) -> Any:
        self.arrive.append(lambda: self._inner.record(changes))
        raise UnavailableError("no answer yet")


def test_a_write_that_arrives_late_undoes_nothing_that_was_counted_since() -> None:
    """The run failed, is tried again, and has failed once more when the batch comes again: there
    is nothing to count then, but for what the first write is still to take off."""
    scene = Scene()
    scene.create()
    scene.run("failed")
    scene.count()
    alive, scene.statistics = scene.statistics, Late(scene.statistics)
    scene.run("ready")
    with pytest.raises(UnavailableError):
        scene.count()
    (arrive,) = scene.statistics.arrive
    scene.statistics = alive
    scene.run("failed")
    scene.count()
    arrive()
    assert scene.counted()["03-02 run/failed/send_email/mail"] == 1


class Overtaken:
    """Statistics that another one writes each time before this one does."""

    def __init__(self, scene: Scene, times: int) -> None:
        self._inner = scene.statistics
        self._scene = scene
        self.times = times

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def record(self, changes: Any) -> Any:
        if self.times:
            self.times -= 1
            mine, self._scene.statistics = self._scene.statistics, self._inner
            self._scene.run("failed", rule=f"other-{self.times}")
            self._scene.count(self._scene.records[-1:])
            self._scene.statistics = mine
        return self._inner.record(changes)


def test_who_is_overtaken_counts_what_is_there_then() -> None:
    scene = story()
    scene.statistics = Overtaken(scene, 2)
    assert scene.count() == {}
    others = {f"03-03 run/failed/send_email/other-{n}": 1 for n in range(2)}
    assert scene.counted() == dict(sorted((COUNTED | others).items()))


def test_who_is_overtaken_too_often_says_so_and_has_counted_nothing_twice() -> None:
    scene = story()
    scene.count()
    scene.run("failed", rule="late")
    told = scene.records[-1:]
    scene.statistics = Overtaken(scene, 99)
    assert scene.count(told) == {"d-1": "ConflictError: it was counted by others 6 times"}
    others = {f"03-03 run/failed/send_email/other-{n}": 1 for n in range(93, 99)}
    assert scene.counted() == dict(sorted((COUNTED | others).items()))
    scene.statistics.times = 0
    assert scene.count(told) == {}
    assert scene.counted()["03-03 run/failed/send_email/late"] == 1


def test_of_a_batch_only_the_documents_that_others_were_in_the_way_of_are_counted_again() -> None:
    scene = story()
    scene.create("d-2")
    scene.count()
    scene.run("failed", rule="late")
    scene.move("sent", document="d-2")
    told = scene.records[-2:]
    scene.statistics = Overtaken(scene, 99)
    assert scene.count(told) == {"d-1": "ConflictError: it was counted by others 6 times"}
    assert scene.counted()["03-03 arrived/sent"] == 1


def test_a_run_that_is_retried_and_ends_otherwise_is_counted_once() -> None:
    scene = Scene()
    scene.create()
    scene.run("failed")
    scene.count()
    assert scene.counted()["03-02 run/failed/send_email/mail"] == 1
    scene.run("ready")
    scene.count()
    assert not [name for name in scene.counted() if "run/" in name]
    scene.run("done")
    scene.count()
    assert [name for name in scene.counted() if "run/" in name] == [
        "03-02 run/done/send_email/mail"
    ]


def test_a_run_is_counted_though_its_document_is_told_later_or_was_told_never() -> None:
    scene = Scene()
    scene.create()
    key = scene.run("done")
    scene.count([key])
    assert scene.counted()["03-02 run/done/send_email/mail"] == 1
    assert scene.counted()["now present/draft"] == 1
    scene.count()
    assert scene.counted()["03-02 created"] == 1


def test_a_run_of_no_document_is_passed() -> None:
    scene = Scene()
    scene.create()
    key = scene.run("done")
    scene.documents.remove("d-1")
    assert scene.count([key]) == {}
    assert scene.counted() == {}


# --- removed documents


def test_a_removed_document_stays_in_the_past_and_is_nowhere_now() -> None:
    scene = story()
    scene.count()
    scene.remove()
    scene.count()
    past = {name: n for name, n in COUNTED.items() if not name.startswith("now")}
    assert scene.counted() == past
    scene.count()
    assert scene.counted() == past


def test_what_is_told_again_of_a_removed_document_changes_nothing() -> None:
    scene = story()
    scene.count()
    scene.remove()
    scene.count()
    before = scene.counted()
    for record in scene.records:
        scene.count([record])
    assert scene.counted() == before


def test_a_document_that_came_and_went_before_it_was_counted_is_not() -> None:
    scene = story()
    scene.remove()
    scene.count()
    for record in scene.records:
        scene.count([record])
    assert scene.counted() == {}


def test_of_one_that_was_never_counted_the_next_of_its_id_comes_in_the_same_batch() -> None:
    scene = Scene()
    scene.create()
    scene.remove()
    scene.pass_time(days=1)
    scene.create()
    assert scene.count() == {}
    assert scene.counted() == {
        "03-03 arrived/draft": 1,
        "03-03 cohort/reached/draft": 1,
        "03-03 created": 1,
        "now present/draft": 1,
    }


def test_a_removal_that_comes_with_what_was_there_before_it_is_the_end() -> None:
    scene = Scene()
    scene.create()
    scene.remove()
    assert scene.count(scene.records[::-1]) == {}
    assert scene.counted() == {}
    scene.count(scene.records[:1])
    assert scene.counted() == {}


@pytest.mark.parametrize("told", ["at once", "one by one", "backwards", "without the removal"])
def test_another_document_of_the_same_id_is_counted_beside_the_former(told: str) -> None:
    scene = story()
    scene.count()
    scene.remove()
    scene.pass_time(days=1)
    scene.create()
    scene.run("done", rule="second")
    rest = scene.records[5:]
    assert [isinstance(one, DocumentRecord) for one in rest] == [True, True, False]
    match told:
        case "at once":
            scene.count(rest)
        case "one by one":
            for record in rest:
                scene.count([record])
        case "backwards":
            for record in reversed(rest):
                scene.count([record])
        case _:
            scene.count(rest[1:])
    past = {name: n for name, n in COUNTED.items() if not name.startswith("now")}
    again = {
        "03-04 arrived/draft": 1,
        "03-04 cohort/reached/draft": 1,
        "03-04 created": 1,
        "03-04 run/done/send_email/second": 1,
        "now present/draft": 1,
    }
    assert scene.counted() == dict(sorted((past | again).items()))
    scene.count()
    assert scene.counted() == dict(sorted((past | again).items()))


@pytest.mark.parametrize("backwards", [False, True])
def test_of_two_removals_of_one_id_the_later_document_is_gone(backwards: bool) -> None:
    scene = Scene()
    scene.create()
    scene.remove()
    scene.pass_time(days=1)
    scene.create()
    scene.count(scene.records[-1:])
    scene.remove()
    removals = [scene.records[1], scene.records[3]]
    scene.count(removals[::-1] if backwards else removals)
    assert scene.counted() == {
        "03-03 arrived/draft": 1,
        "03-03 cohort/reached/draft": 1,
        "03-03 created": 1,
    }


# --- what cannot be read


def test_a_run_that_cannot_be_read_keeps_no_other_document() -> None:
    scene = story()
    scene.create("d-2")
    scene.count()
    key = scene.run("failed", rule="other")
    scene.run("failed", document="d-2")
    scene.state.spoiled.add(key)
    failed = scene.count()
    assert list(failed) == ["d-1"]
    assert "cannot be read" in failed["d-1"]
    assert scene.counted()["03-03 run/failed/send_email/mail"] == 1
    scene.state.spoiled.clear()
    assert scene.count() == {}
    assert scene.counted()["03-03 run/failed/send_email/other"] == 1


class Unreadable:
    """Statistics of which what was counted of one document cannot be read."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def counted(self, documents: Any) -> Any:
        if "d-1" in documents:
            raise UnreadableError("what was counted of d-1 cannot be read")
        return self._inner.counted(documents)


def test_what_was_counted_of_one_and_cannot_be_read_keeps_no_other_document() -> None:
    scene = Scene()
    for document in ("d-0", "d-1", "d-2"):
        scene.create(document)
    scene.statistics = Unreadable(scene.statistics)
    assert scene.count() == {"d-1": "UnreadableError: what was counted of d-1 cannot be read"}
    assert scene.counted()["now present/draft"] == 2
    assert scene.count() == {"d-1": "UnreadableError: what was counted of d-1 cannot be read"}


def test_what_is_pending_is_added_by_whoever_counts_the_document_next() -> None:
    scene = story()
    scene.count()
    counted: CountedDocument = scene.statistics.documents["d-1"]
    key = next(key for key in scene.statistics.counters["contracts"] if key.name == "created")
    scene.statistics.counters["contracts"][key] = 0
    scene.statistics.documents["d-1"] = counted.model_copy(update={"pending": ((*key, 1),)})
    scene.statistics.documents["d-1"] = CountedDocument.model_validate(
        scene.statistics.documents["d-1"].model_dump()
    )
    scene.count([scene.records[0]])
    assert scene.counted() == COUNTED
    assert scene.statistics.documents["d-1"].pending == ()


def test_what_is_told_late_of_a_former_document_of_the_id_changes_nothing() -> None:
    scene = story()
    scene.count()
    scene.remove()
    scene.pass_time(days=1)
    scene.create()
    scene.count()
    before, known = scene.counted(), scene.statistics.documents["d-1"]
    assert known.version == 1
    for record in scene.records[:5]:  # up to the third version of the former one
        assert scene.count([record]) == {}
    assert (scene.counted(), scene.statistics.documents["d-1"]) == (before, known)


# --- what others count meanwhile


def test_only_after_a_conflict_the_next_try_waits_a_little() -> None:
    scene = story()
    waited: list[int] = []
    recorder = replace(scene.recorder, backoff=waited.append)
    assert record_statistics(recorder, scene.records) == {}
    assert waited == []
    scene.run("failed", rule="late")
    statistics = Overtaken(scene, 2)
    recorder = replace(recorder, statistics=statistics)
    assert record_statistics(recorder, scene.records[-1:]) == {}
    assert waited == [0, 1]


class Reading:
    """Documents that note how many runs are read at once."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.sizes: list[int] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def read_runs(self, runs: Any) -> Any:
        self.sizes.append(len(runs))
        return self._inner.read_runs(runs)


def test_runs_are_read_twenty_five_at_once() -> None:
    scene = Scene()
    scene.create()
    scene.count()
    keys = [scene.run("done", rule=f"r-{number:02}") for number in range(51)]
    scene.documents = Reading(scene.documents)
    assert scene.count(keys) == {}
    assert scene.documents.sizes == [25, 25, 1]
    assert len([name for name in scene.counted() if "run/done" in name]) == 51
