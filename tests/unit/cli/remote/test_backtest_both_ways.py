"""A back-test of a file prints the same with AWS credentials and over the API."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import Result

from tests.unit.cli.desk import CONTRACTS, EVENTS, Desk
from tests.unit.cli.transport import over_the_api

SIGNED = ("  - id: signed\n    name: Signed\n", "  - id: finished\n    name: Finished\n")
LACKS = 'the document is in the stage "signed", which the draft lacks'


def lived(documents: int = 1) -> Desk:
    """The contract was signed after a day, three weeks ago; further ones were never sent."""
    desk = Desk()
    for _ in range(documents - 1):
        assert desk("documents", "create", "contracts").exit_code == 0
    desk.world.advance(timedelta(days=1))
    for name in ("recipient-completed-director", "envelope-completed"):
        path = str(EVENTS / "docusign" / f"{name}.json")
        assert desk("events", "send", path, "--connection", "docusign").exit_code == 0
        desk.world.advance(timedelta(hours=1))
    desk.world.advance(timedelta(days=20))
    return desk


def rewritten(folder: Path, old: str, new: str) -> str:
    """The example pipeline with this text exchanged."""
    text = CONTRACTS.read_text()
    assert old in text
    file = folder / "contracts.yaml"
    file.write_text(text.replace(old, new))
    return str(file)


def both_ways(desk: Desk, *words: str) -> tuple[Result, Result]:
    """What the command prints with AWS credentials, and over the API; nothing is changed by it."""
    stack = desk("pipelines", "backtest", *words)
    over_the_api(desk, "operator")
    return stack, desk("pipelines", "backtest", *words)


@pytest.mark.parametrize("format_", ["table", "json", "jsonl"])
@pytest.mark.parametrize("days", ["30", "7"])
@pytest.mark.parametrize(
    ("old", "new", "code"),
    [("\nname: ", "\nname: New ", 0), ("{days: 14}", "{days: 30}", 0), (*SIGNED, 1)],
    ids=["the same", "otherwise", "a stage that is gone"],
)
def test_a_back_test_prints_the_same_both_ways(
    tmp_path: Path, old: str, new: str, code: int, days: str, format_: str
) -> None:
    file = rewritten(tmp_path, old, new)
    stack, api = both_ways(lived(), file, "--days", days, "--output", format_)
    assert (api.exit_code, api.stdout, api.stderr) == (stack.exit_code, stack.stdout, stack.stderr)
    assert stack.exit_code == (code if days == "7" else 0)
    assert stack.stdout


def test_a_back_test_over_the_api_goes_on_page_by_page_and_says_how_far_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("countersign.cli.pipelines.backtest.EACH", 25)
    desk = lived(documents=60)
    file = rewritten(tmp_path, "{days: 14}", "{days: 30}")
    stack = desk("pipelines", "backtest", file)
    web = over_the_api(desk, "operator")
    api = desk("pipelines", "backtest", file)
    assert web.calls == ["POST /pipelines/backtest"] * 3
    assert (api.exit_code, api.stdout) == (0, stack.stdout)
    assert api.stderr == stack.stderr == "25 documents so far\n50 documents so far\n"
    summary = "60 documents of the last 30 days: 59 the same, 1 otherwise, 0 that do not fit\n"
    assert summary in api.stdout


def test_a_back_test_of_stages_that_are_gone_says_which_both_ways(tmp_path: Path) -> None:
    file = rewritten(tmp_path, *SIGNED)
    desk = lived()
    for result in both_ways(desk, file, "--days", "10"):
        assert result.exit_code == 1
        assert f"  does not fit 1 document: {LACKS} (such as {desk.document})\n" in result.stdout
        assert result.stderr == (
            f"Error: {file} fits none of the documents; for example {desk.document}: {LACKS}\n"
        )


def test_a_back_test_of_a_pipeline_that_is_not_published_says_so_both_ways(tmp_path: Path) -> None:
    file = rewritten(tmp_path, "pipeline: contracts", "pipeline: leases")
    for result in both_ways(lived(), file):
        assert (result.exit_code, result.stdout) == (4, "")
        assert result.stderr == 'Error: there is no pipeline "leases"; published are contracts\n'


def test_a_back_test_without_documents_in_the_period_says_so_both_ways() -> None:
    desk = lived()
    desk.world.advance(timedelta(days=40))
    for result in both_ways(desk, str(CONTRACTS), "--days", "7"):
        told = "no document was active in the last 7 days\n"
        assert (result.exit_code, result.stdout, result.stderr) == (0, told, "")


def test_a_viewer_back_tests_nothing() -> None:
    desk = lived()
    over_the_api(desk, "viewer")
    refused = desk("pipelines", "backtest", str(CONTRACTS))
    assert (refused.exit_code, refused.stdout) == (3, "")
    assert "has the role viewer" in refused.stderr
