"""A benchmark of the local stack begins gently, and what comes late or not at all is a figure."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.benchmarks.__main__ import MeasuringError, run
from tests.benchmarks.figures import Figure
from tests.benchmarks.load import Load, Posted, Webhook, lateness, post
from tests.benchmarks.local_stack import WARM_UP

HANGS_UP = 0
Answering = Callable[[str], tuple[float, int]]
"""Seconds until the answer to a webhook of this number, and its status."""


@contextmanager
def receiver(answering: Answering) -> Iterator[str]:
    """The address of somebody who takes webhooks, their numbers as bodies."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            number = self.rfile.read(int(self.headers["content-length"])).decode()
            seconds, status = answering(number)
            time.sleep(seconds)
            if status == HANGS_UP:
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/webhooks/docusign"
        finally:
            server.shutdown()


def webhooks(count: int) -> list[Webhook]:
    return [Webhook(str(number), str(number).encode(), {}) for number in range(count)]


def accepted(posted: list[Posted]) -> set[str]:
    return {one.number for one in posted if one.accepted is not None}


def values(figures: list[Figure]) -> dict[str, float]:
    return {figure.name: figure.value for figure in figures}


def test_the_warm_up_begins_with_one_webhook_and_ends_with_all_connections() -> None:
    counts, connections = zip(*WARM_UP, strict=True)
    assert WARM_UP[0] == (1, 1)
    assert 1 < connections[1] < 8
    assert connections[-1] == 8
    assert list(counts) == sorted(counts)
    assert list(connections) == sorted(connections)
    assert counts[-1] >= 8, "each connection has a webhook"


def test_a_late_answer_is_waited_for_and_counted() -> None:
    with receiver(lambda number: (0.4 if number in "25" else 0.0, 200)) as url:
        posted = post(url, webhooks(8), 4)
    figures = lateness([Load(posted, dict.fromkeys("01234567", 0.0), finished=8)], late=0.3)
    assert accepted(posted) == set("01234567")
    found = values(figures)
    assert found["webhooks answered later than 0.3 s, of 8"] == 2
    assert 0.4 <= found["... the latest answer"] < 4
    assert found["webhooks without an answer, or with 429 or 5xx"] == 0
    assert found["webhooks accepted whose mail did not come"] == 0
    assert [figure.met for figure in figures] == [False, True, True, True, True]


@pytest.mark.parametrize(
    ("seconds", "status"),
    [(0.0, 429), (0.0, 500), (0.0, 502), (0.0, 503), (0.0, 504), (0.0, HANGS_UP), (1.0, 200)],
)
def test_what_a_provider_would_send_again_is_counted_and_the_others_go_on(
    seconds: float, status: int
) -> None:
    with receiver(lambda number: (seconds, status) if number == "1" else (0.0, 200)) as url:
        posted = post(url, webhooks(6), 1, give_up=0.5)
    assert len(posted) == 6
    assert accepted(posted) == set("02345")
    figures = lateness([Load(posted, dict.fromkeys("02345", 0.0))])
    assert values(figures) == {
        "webhooks answered later than 30 s, of 6": 0,
        "... the latest answer": pytest.approx(0, abs=0.5),
        "webhooks without an answer, or with 429 or 5xx": 1,
        "webhooks accepted whose mail did not come": 0,
        "... that were not finished": 5,
    }


@pytest.mark.parametrize("status", [302, 400, 401, 404, 413])
def test_a_refusal_for_good_is_an_error_of_the_benchmark(status: int) -> None:
    with (
        receiver(lambda number: (0.0, status if number == "2" else 200)) as url,
        pytest.raises(RuntimeError, match=f"1 of 4 webhooks refused: .*2: {status}"),
    ):
        post(url, webhooks(4), 2)


def test_nobody_there_is_nothing_accepted() -> None:
    with receiver(lambda number: (0.0, 200)) as url:
        pass
    posted = post(url, webhooks(3), 2, give_up=0.5)
    assert [one.accepted for one in posted] == [None, None, None]


def test_a_load_tells_times_of_what_came() -> None:
    load = Load(
        [Posted("a", 100.0, 100.5), Posted("b", 100.5, None), Posted("c", 101.0, 102.0)],
        {"a": 101.5},
        finished=1,
        ended=102.5,
    )
    assert load.rate == 1.0
    assert load.answers == [500.0, 1000.0]
    assert load.mails == [1500.0]
    assert load.missing == ["c"]
    assert values(lateness([load, load], late=0.75)) == {
        "webhooks answered later than 0.75 s, of 6": 2,
        "... the latest answer": 1.0,
        "webhooks without an answer, or with 429 or 5xx": 2,
        "webhooks accepted whose mail did not come": 2,
        "... that were not finished": 2,
    }


def test_of_a_load_that_nobody_took_there_are_no_times() -> None:
    load = Load([Posted("a", 100.0, None)], {})
    assert (load.rate, load.answers, load.mails, load.missing) == (0.0, [], [], [])
    assert values(lateness([load]))["... the latest answer"] == 0.0


FIGURES = {
    "commands": [Figure(name="pipelines validate, 10 rules", value=950, unit="ms", target=800)],
    "local_stack": [Figure(name="accepted at 1 connection", value=9, target=20, least=True)],
}


def test_a_figure_that_misses_its_target_is_marked_and_fails_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(list(FIGURES), FIGURES.__getitem__, tmp_path / "bench.json") == 0
    told = capsys.readouterr()
    assert "How fast commands start" in told.out
    assert told.out.count("<-- missed") == 2
    assert "2 of the targets missed" in told.out
    assert told.err == ""


def test_a_part_that_cannot_be_measured_is_told_after_the_figures_of_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def measure(part: str) -> list[Figure]:
        if part == "local_stack":
            raise MeasuringError("no answer\n")
        return FIGURES[part]

    assert run(["local_stack", "commands"], measure, tmp_path / "bench.json") == 1
    told = capsys.readouterr()
    assert "pipelines validate, 10 rules" in told.out
    assert told.err == "local_stack could not be measured:\nno answer\n"
