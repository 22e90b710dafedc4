"""A command prints the same with AWS credentials and over the API."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result

from tests.unit.cli.example_desk import ANSWER, EXAMPLES, arguments, example_desk
from tests.unit.cli.transport import over_the_api

NEEDS_CREDENTIALS = {
    "programs secret",
    "pipelines remove",
    "pipelines backtest",
}
"""Commands of these nouns that the API does not offer."""
OVER = {
    *("documents", "tasks", "runs", "jobs", "pipelines"),
    *("people", "programs", "dead-letters", "held-messages", "rejected"),
}
"""Nouns whose commands go over the API."""
BOTH_WAYS = [
    (path, example)
    for path, example in EXAMPLES
    if path[0] in OVER and not NEEDS_CREDENTIALS & {" ".join(path), " ".join(path[:2])}
]


def run_both_ways(
    folder: Path, monkeypatch: pytest.MonkeyPatch, example: str, *more: str
) -> tuple[Result, Result]:
    """What the example does in two worlds that are alike: with credentials, and over the API."""
    results = []
    for way in ("stack", "api"):
        here = folder / way
        here.mkdir()
        desk = example_desk(here)
        monkeypatch.chdir(here)
        words = arguments(desk, example)
        if way == "api":
            over_the_api(desk)
        given = f"{ANSWER if 'secret' in example else 'y'}\n"
        results.append(desk(*words, *more, answer=given))
    return results[0], results[1]


@pytest.mark.parametrize("format_", ["table", "json"])
@pytest.mark.parametrize(("path", "example"), BOTH_WAYS, ids=[one for _, one in BOTH_WAYS])
def test_an_example_prints_the_same_both_ways(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    path: tuple[str, ...],
    example: str,
    format_: str,
) -> None:
    more = () if "--output" in example else ("--output", format_)
    stack, api = run_both_ways(tmp_path, monkeypatch, example, *more)
    assert (api.exit_code, api.stdout) == (stack.exit_code, stack.stdout), api.stderr
