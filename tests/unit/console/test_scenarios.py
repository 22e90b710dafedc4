"""What the console can do is shown by mouse and by the keyboard alone, as the docs say."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROW = re.compile(r"^\| (\d+) \| ([^|]+) \| `(\w+)` \| `(\w+)` \|$", re.MULTILINE)
POINTING = {
    *("check", "clear", "click", "dblclick", "dispatch_event", "drag_to", "fill", "focus"),
    *("hover", "press_sequentially", "select_option", "set_checked", "tap", "uncheck"),
}
"""What Playwright does to an element without going there by keys."""
HANDS = {"keys", "doing", "keyboard"}
"""Who presses a key, where the focus is."""


@pytest.fixture(scope="module")
def rows(project_root: Path) -> list[tuple[str, str, str, str]]:
    """The table of the docs."""
    return ROW.findall((project_root / "docs/console.md").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def scenarios(project_root: Path) -> dict[str, tuple[ast.FunctionDef, ast.Module]]:
    """The tests in a browser by their names, with their modules."""
    found = {}
    for file in sorted((project_root / "tests/end_to_end/console").glob("test_*.py")):
        module = ast.parse(file.read_text(encoding="utf-8"))
        for test in module.body:
            if isinstance(test, ast.FunctionDef) and test.name.startswith("test_"):
                assert test.name not in found
                found[test.name] = (test, module)
    return found


def test_every_capability_is_in_the_table_once(rows: list[tuple[str, str, str, str]]) -> None:
    assert [int(number) for number, *_ in rows] == list(range(1, 38))
    assert len({what for _, what, *_ in rows}) == 37


def test_every_scenario_of_the_table_is_there(
    rows: list[tuple[str, str, str, str]],
    scenarios: dict[str, tuple[ast.FunctionDef, ast.Module]],
) -> None:
    named = {name for _, _, *names in rows for name in names}
    assert named - set(scenarios) == set()


def test_the_same_scenario_stands_for_both_only_where_it_has_both_hands(
    rows: list[tuple[str, str, str, str]],
    scenarios: dict[str, tuple[ast.FunctionDef, ast.Module]],
) -> None:
    for _, _, mouse, keyboard in rows:
        arguments = {one.arg for one in scenarios[keyboard][0].args.args}
        assert (mouse == keyboard) == ("hand" in arguments), keyboard


def test_scenarios_by_keyboard_point_at_nothing(
    rows: list[tuple[str, str, str, str]],
    scenarios: dict[str, tuple[ast.FunctionDef, ast.Module]],
) -> None:
    found = {keyboard: list(pointing(*scenarios[keyboard])) for *_, keyboard in rows}
    assert {name: calls for name, calls in found.items() if calls} == {}


@pytest.mark.parametrize(
    "line",
    [
        "page.get_by_role('button').click()",
        "page.get_by_label('Name').press('Enter')",
        "page.evaluate('document.body.focus()')",
        "confirm(page)",
    ],
)
def test_pointing_is_noticed(line: str) -> None:
    module = ast.parse(f"def test_x(page):\n    {line}\n\ndef confirm(page):\n    page.fill('x')\n")
    test = module.body[0]
    assert isinstance(test, ast.FunctionDef)
    assert len(list(pointing(test, module))) == 1


@pytest.mark.parametrize("line", ["page.keyboard.press('Tab')", "hand(page).press('Play')"])
def test_pressing_keys_is_no_pointing(line: str) -> None:
    module = ast.parse(f"def test_x(page, hand):\n    {line}\n")
    test = module.body[0]
    assert isinstance(test, ast.FunctionDef)
    assert list(pointing(test, module)) == []


def pointing(test: ast.FunctionDef, module: ast.Module) -> Iterator[str]:
    """What a test does without the keyboard, itself or by functions of its module."""
    known = {one.name: one for one in module.body if isinstance(one, ast.FunctionDef)}
    waiting, seen = [test], {test.name}
    while waiting:
        for node in ast.walk(waiting.pop()):
            if isinstance(node, ast.Call) and points(node):
                yield ast.unparse(node)
            name = node.id if isinstance(node, ast.Name) else ""
            if name in known and name not in seen:
                seen.add(name)
                waiting.append(known[name])


def points(call: ast.Call) -> bool:
    """Whether a call does something to an element without going there by keys."""
    function = call.func
    if not isinstance(function, ast.Attribute):
        return False
    if function.attr == "evaluate":
        return any(re.search(r"\.(focus|click)\(", ast.unparse(one)) for one in call.args)
    if function.attr != "press":
        return function.attr in POINTING
    receiver = function.value
    if isinstance(receiver, ast.Call):
        return not isinstance(receiver.func, ast.Name)
    name = receiver.attr if isinstance(receiver, ast.Attribute) else ast.unparse(receiver)
    return name not in HANDS
