"""A rebuild finds what was counted wrongly, corrects it, and stands in nobody's way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from countersign.model.statistics import CounterKey
from countersign.use_cases.statistics.rebuild import RebuildStep, rebuild
from tests.unit.use_cases.statistics.scene import MONDAY, Scene


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
