"""The benchmark shares CPU out among the functions, and rates end with the last report."""

from __future__ import annotations

import sys
import time

import pytest

from countersign.local.progress import child
from tests.benchmarks.figures import Figure
from tests.benchmarks.load import Load, Posted, Webhook, paced
from tests.benchmarks.local_stack import Runs, cpu_figures, folders
from tests.benchmarks.processes import CLOUD, PROC, Spent, Usage, megabytes, spent, usage
from tests.benchmarks.scene import ROOT

BEFORE = Usage({1: (CLOUD, 10.0), 2: ("RunEmail", 3.0), 3: ("RunWeb", 1.0)}, 14.0)


def values(figures: list[Figure]) -> dict[str, float]:
    return {figure.name: figure.value for figure in figures}


def test_cpu_is_counted_for_each_function_and_for_the_cloud() -> None:
    after = Usage({1: (CLOUD, 12.0), 2: ("RunEmail", 3.5), 3: ("RunWeb", 1.0)}, 16.5)
    assert spent(BEFORE, after) == Spent({"RunEmail": 0.5, "RunWeb": 0.0}, 2.0, 0.0)


def test_all_processes_of_a_function_count_and_new_ones_from_their_start() -> None:
    after = Usage({1: (CLOUD, 10.0), 2: ("RunEmail", 4.0), 9: ("RunEmail", 0.75)}, 15.75)
    found = spent(BEFORE, after)
    assert found is not None
    assert found.functions == {"RunEmail": 1.75}


def test_a_process_whose_number_came_again_counts_from_its_start() -> None:
    after = Usage({1: (CLOUD, 10.0), 2: ("RunEmail", 3.0), 3: ("DispatchRuns", 1.5)}, 15.5)
    found = spent(BEFORE, after)
    assert found is not None
    assert found.functions == {"RunEmail": 0.0, "DispatchRuns": 1.5}


def test_what_ended_processes_used_is_part_of_the_whole() -> None:
    after = Usage({1: (CLOUD, 11.0), 2: ("RunEmail", 3.0)}, 15.5)
    found = spent(BEFORE, after)
    assert found is not None
    assert (found.cloud, found.rest, found.whole) == (1.0, 0.5, 1.5)


def test_without_proc_nothing_is_known() -> None:
    assert spent(None, None) is None
    assert spent(BEFORE, None) is None


def loads() -> list[Load]:
    posted = [Posted("a", 100.0, 100.5), Posted("b", 100.5, 101.0)]
    mailed = {"a": 101.0, "b": 102.5}
    return [
        Load(posted, mailed, 2, 104.0, Spent({"RunEmail": seconds}, 0.04, 0.0))
        for seconds in (0.01, 0.03, 0.02)
    ]


def test_a_load_ends_with_the_last_report() -> None:
    load = loads()[0]
    assert (load.rate, load.finish_rate) == (2.0, 0.5)
    assert (load.last_mail, load.last_report) == (2.5, 4.0)


def test_a_load_of_which_nothing_was_finished_has_no_rate() -> None:
    load = Load([Posted("a", 100.0, 100.5)], {})
    assert (load.finish_rate, load.last_mail, load.last_report) == (0.0, 0.0, 0.0)


def test_cpu_a_finished_webhook_is_the_median_of_the_loads() -> None:
    found = values(cpu_figures(Runs(loads()), {"RunEmail": "run_email"}))
    assert found["...... run_email"] == pytest.approx(10.0)
    assert found["... of the functions"] == pytest.approx(10.0)
    assert found["... of the local cloud"] == pytest.approx(20.0)
    assert found["CPU of the whole stack a finished webhook"] == pytest.approx(30.0)


def test_without_figures_of_processes_there_are_none_of_cpu() -> None:
    assert cpu_figures(Runs([Load([Posted("a", 1.0, 1.5)], {"a": 2.0}, 1, 3.0)]), {}) == []


def test_functions_are_named_as_their_folders() -> None:
    named = folders(ROOT / "template.yaml")
    assert named["RecordFeedback"] == "record_mail_event"
    assert all((ROOT / "functions" / name).is_dir() for name in named.values())


def test_pacing_leaves_nothing_out() -> None:
    webhooks = [Webhook(str(number), b"", {}) for number in range(5)]
    assert list(paced(webhooks, 1e6)) == webhooks


@pytest.mark.skipif(not PROC.is_dir(), reason="only Linux tells what other processes use")
def test_processes_of_functions_are_known_by_their_environment() -> None:
    started = (
        "import subprocess, sys; subprocess.run([sys.executable, '-c', 'while True: pass'],"
        " env={'AWS_LAMBDA_FUNCTION_NAME': 'stack-RunEmail-0A1B2C'})"
    )
    with child([sys.executable, "-c", started]):
        until = time.monotonic() + 60
        while (used := _seconds("RunEmail")) <= 0.02 and time.monotonic() < until:
            time.sleep(0.02)
        assert used > 0.02
        memory = megabytes()
        assert memory is not None
        assert memory["RunEmail"] > 0
        assert memory[CLOUD] > 0


def _seconds(function: str) -> float:
    found = usage()
    assert found is not None
    return sum(seconds for name, seconds in found.by_process.values() if name == function)
