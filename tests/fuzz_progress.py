"""A plugin of pytest for `make fuzz`: how many of the long tests are done.

``-p tests.fuzz_progress`` loads it before pytest takes standard error away.
"""

from __future__ import annotations

import os
import signal
from contextlib import ExitStack

import pytest

from countersign.local.progress import Progress

_STREAM = os.fdopen(os.dup(2), "w", encoding="utf-8")


class _Shown:
    def __init__(self) -> None:
        self._until_the_end = ExitStack()
        self._progress: Progress | None = None

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        progress = Progress("fuzzing, tests", total=len(session.items), stream=_STREAM)
        self._progress = self._until_the_end.enter_context(progress)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        if self._progress is not None:
            self._progress.advance(note=nodeid.rpartition("/")[2])

    def pytest_sessionfinish(self) -> None:
        self._until_the_end.close()


def pytest_configure(config: pytest.Config) -> None:
    """Show it; SIGTERM ends the tests as Ctrl-C does."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    config.pluginmanager.register(_Shown(), "fuzz_progress")
