"""The long load compares its first tenth with its last, and tells what was lost or done twice."""

from __future__ import annotations

import pytest

from tests.benchmarks.flat import Check, Sample, line, stretch, summary, tenths, verdict
from tests.benchmarks.processes import CLOUD, Usage


def cpu(ours: float, cloud: float) -> Usage:
    return Usage({1: (CLOUD, cloud), 2: ("RunEmail", ours)}, ours + cloud)


def growing() -> list[Sample]:
    """A thousand webhooks: each hundred takes a second longer than the one before."""
    samples, at, ours = [Sample(0.0, 0, 0, cpu(0.0, 0.0))], 0.0, 0.0
    for step in range(1, 11):
        at += step
        ours += step
        memory = {"RunEmail": 100.0 + step, CLOUD: 300.0}
        samples.append(Sample(at, step * 100, step * 100, cpu(ours, 2 * ours), memory))
    return samples


def test_what_lies_between_two_samples_is_told_a_second_and_a_webhook() -> None:
    before = Sample(10.0, 100, 50, cpu(1.0, 2.0))
    found = stretch(before, Sample(14.0, 180, 90, cpu(2.0, 5.0)))
    assert tuple(found) == pytest.approx((20.0, 10.0, 25.0, 75.0))


def test_where_nothing_was_finished_there_is_no_cpu_a_webhook() -> None:
    before = Sample(10.0, 100, 50, cpu(1.0, 2.0))
    assert stretch(before, Sample(14.0, 180, 50, cpu(2.0, 5.0)))[1:] == (0.0, 0.0, 0.0)


def test_without_proc_rates_are_told_all_the_same() -> None:
    assert stretch(Sample(0.0, 0, 0), Sample(2.0, 8, 4)) == (4.0, 2.0, 0.0, 0.0)
    assert "finished 2.0 a second" in line(Sample(0.0, 0, 0), Sample(2.0, 8, 4))


def test_the_first_tenth_is_compared_with_the_last() -> None:
    both = tenths(growing(), 1_000)
    assert both is not None
    first, last = both
    assert (first.finished, last.finished) == (100.0, 10.0)
    assert (first.ours, last.ours) == pytest.approx((10.0, 100.0))
    told = list(summary(growing(), 1_000))
    assert len(told) == 4
    assert told[1].endswith("-90.0 %")
    assert told[2].endswith("+900.0 %")


def test_samples_that_came_late_are_taken_as_they_are() -> None:
    samples = [Sample(0.0, 0, 0), Sample(2.0, 130, 120), Sample(4.0, 900, 850)]
    both = tenths([*samples, Sample(9.0, 1_000, 1_000)], 1_000)
    assert both is not None
    assert [one.finished for one in both] == [60.0, 30.0]


@pytest.mark.parametrize("number", [2, 5, 10])
def test_of_a_load_that_was_ended_early_all_is_told(number: int) -> None:
    told = list(summary(growing()[:number], 1_000))
    assert told[0].startswith(f"ended after {(number - 1) * 100} of 1,000")
    assert len(told) == 2


@pytest.mark.parametrize("samples", [[], [Sample(0.0, 0, 0)]])
def test_of_a_load_that_hardly_began_nothing_is_told(samples: list[Sample]) -> None:
    assert list(summary(samples, 1_000)) == []


def test_memory_is_told_apart_for_the_functions_and_the_cloud() -> None:
    before, after = growing()[:2]
    assert "memory 101 MB ours, 300 MB the cloud's" in line(before, after)


def test_a_load_is_good_where_nothing_was_lost_or_done_twice() -> None:
    assert Check(accepted=9, finished=9, lost=[], twice=[]).good
    assert not Check(accepted=9, finished=9, lost=["a"], twice=[]).good
    assert not Check(accepted=9, finished=9, lost=[], twice=["a"]).good
    assert not Check(accepted=9, finished=9, lost=[], twice=[], dead={"Email": 1}).good


def test_what_was_lost_is_named() -> None:
    told = verdict(Check(accepted=9, finished=8, lost=["F-1"], twice=[], dead={"Email": 2}))
    assert "1 lost ['F-1']" in told
    assert "0 done twice," in told
    assert "2 dead letters" in told
