"""The editor and the board by touch: what is held is dragged, and whoever does not hold scrolls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.builders import mail
from tests.end_to_end.conftest import Running
from tests.end_to_end.console.conftest import Visitor
from tests.end_to_end.console.editor import card, column, contracts, kept, wait_for_saved
from tests.end_to_end.process import Process, until

pytest.importorskip("playwright.sync_api")

Place = tuple[float, float]
DRAGGED = ".dragged"
PHONE = {"has_touch": True, "is_mobile": True, "viewport": {"width": 600, "height": 900}}
LOADED = """() => performance.getEntriesByType("resource")
  .some((one) => one.name.endsWith("/lib/touch.js"))"""
SCROLLED = """() => {
  const columns = document.querySelector(".pipeline, .board");
  const right = columns.scrollLeft + columns.clientWidth;
  return columns.scrollLeft > 0 && right > columns.scrollWidth - 1;
}"""


class Finger:
    """One finger on the screen, by the browser's own protocol."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.protocol = page.context.new_cdp_session(page)
        self.at: Place = (0, 0)

    def put(self, element: Any) -> None:
        """Put it on the middle of an element."""
        self.at = middle(element)
        self._send("touchStart", self.at)

    def move(self, to: Place, steps: int = 6) -> None:
        """Draw it to a place."""
        x, y = self.at
        for step in range(1, steps + 1):
            part = step / steps
            self.at = (x + (to[0] - x) * part, y + (to[1] - y) * part)
            self._send("touchMove", self.at)

    def second(self) -> None:
        """Put a second one beside it."""
        self._send("touchStart", self.at, (self.at[0] + 30, self.at[1] + 30))

    def lift(self) -> None:
        self._send("touchEnd")

    def _send(self, kind: str, *places: Place) -> None:
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
        self.protocol.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def middle(element: Any) -> Place:
    box = element.bounding_box()
    return (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


@pytest.fixture
def page(running: Running, visit: Visitor, request: pytest.FixtureRequest) -> Iterator[Any]:
    """The editor on a phone, with two rules in the second stage."""
    words = request.node.name.lower().replace("[", "_").rstrip("]").split("_")
    name = f"touch-{words[1]}-{words[-1]}"
    Process(running, name, contracts(mail("one", name="One"), mail("two", name="Two")))
    opened = visit("administrator", f"#/automation/{name}", **PHONE).page
    column(opened, "Sent").scroll_into_view_if_needed()
    card(opened, "Two").scroll_into_view_if_needed()
    yield opened
    assert opened.locator(DRAGGED).count() == 0


def test_held_card_is_dragged_to_another_place_and_stage(page: Any, visit: Visitor) -> None:
    finger = Finger(page)
    finger.put(card(page, "Two"))
    page.get_by_text("Two is lifted").wait_for(state="attached")
    x, y = middle(card(page, "One"))
    finger.move((x, y - 20))
    finger.lift()
    page.get_by_text("Two is now in Sent, place 1 of 2").wait_for(state="attached")

    finger.put(card(page, "Two"))
    page.locator(DRAGGED).wait_for()
    finger.move((595, y))
    page.wait_for_function(SCROLLED)
    finger.move(middle(column(page, "Signed").get_by_role("button", name="+ Rule")))
    finger.lift()
    page.get_by_text("Two is now in Signed, place 1 of 1").wait_for(state="attached")
    wait_for_saved(page)
    column(kept(visit, "touch-held-stage"), "Signed").get_by_text("Two", exact=True).wait_for()


def test_stage_is_dragged_by_its_head(page: Any) -> None:
    finger = Finger(page)
    finger.put(column(page, "Sent").locator("header h2"))
    page.get_by_text("Sent is lifted").wait_for(state="attached")
    finger.move((10, finger.at[1]))
    page.wait_for_function("() => document.querySelector('.pipeline').scrollLeft === 0")
    finger.lift()
    page.get_by_text("Stage Sent is now at place 1 of 3").wait_for(state="attached")


@pytest.mark.parametrize("how", ["second", "Escape"])
def test_cancelled_by_a_second_finger_or_escape(page: Any, how: str) -> None:
    finger = Finger(page)
    finger.put(card(page, "Two"))
    page.locator(DRAGGED).wait_for()
    x, y = middle(card(page, "One"))
    finger.move((x, y - 20))
    page.locator("li.before").wait_for()
    if how == "second":
        finger.second()
    else:
        page.keyboard.press("Escape")
    page.get_by_text("Two stays where it was").wait_for(state="attached")
    finger.lift()
    assert column(page, "Sent").locator(".rules b").all_inner_texts() == ["One", "Two"]


def test_unheld_touch_scrolls_and_a_tap_opens_the_settings(page: Any) -> None:
    card(page, "Two").tap()
    settings = page.get_by_role("complementary", name="Settings of Two")
    settings.wait_for()
    page.keyboard.press("Escape")
    settings.wait_for(state="detached")
    finger = Finger(page)
    before = page.evaluate("document.querySelector('.pipeline').scrollLeft")
    finger.put(card(page, "Two"))
    finger.move((finger.at[0] - 150, finger.at[1]))
    finger.lift()
    page.wait_for_function("x => document.querySelector('.pipeline').scrollLeft > x", arg=before)


Board = tuple[Any, str]
"""The board on a phone, and the title of a document in its second stage."""


@pytest.fixture
def board(running: Running, visit: Visitor, request: pytest.FixtureRequest) -> Iterator[Board]:
    name = f"touch-board-{request.node.name.split('_')[1]}"
    made = Process(running, name, contracts())
    made.tell("envelope-sent")
    assert until(made.exists)
    page = visit("operator", f"#/board?pipeline={name}", **PHONE).page
    title = made.document().title or ""
    column(page, "Sent").get_by_role("link", name=title).wait_for()
    page.wait_for_function(LOADED)
    yield page, title
    assert page.locator(DRAGGED).count() == 0


def test_dragged_card_of_the_board_asks_for_the_move_to_the_stage_where_it_is_let_go(
    board: Board,
) -> None:
    page, title = board
    finger = Finger(page)
    finger.put(page.locator(".card").filter(has_text=title))
    page.get_by_text(f"{title} is lifted").wait_for(state="attached")
    finger.move((595, finger.at[1]))
    page.wait_for_function(SCROLLED)
    finger.move(middle(column(page, "Signed").locator("header")))
    page.locator(".column.over").filter(has_text="Signed").wait_for()
    finger.lift()
    dialog = page.get_by_role("dialog", name=f"Move {title}")
    dialog.get_by_role("button", name="Move", exact=True).click()
    dialog.wait_for(state="detached")
    column(page, "Signed").get_by_role("link", name=title).wait_for()
    assert column(page, "Sent").get_by_role("link", name=title).count() == 0


def test_held_card_of_the_board_is_put_back_by_a_second_finger_and_in_its_own_stage(
    board: Board,
) -> None:
    page, title = board
    card = page.locator(".card").filter(has_text=title)
    finger = Finger(page)
    finger.put(card)
    page.locator(DRAGGED).wait_for()
    finger.move(middle(column(page, "Draft")))
    page.locator(".column.over").wait_for()
    finger.second()
    page.get_by_text(f"{title} stays where it was").wait_for(state="attached")
    finger.lift()
    assert page.locator(".column.over").count() == 0

    finger.put(card)
    page.get_by_text(f"{title} is lifted").wait_for(state="attached")
    finger.lift()
    page.get_by_text(f"{title} stays where it was").wait_for(state="attached")
    assert page.get_by_role("dialog").count() == 0
    card.get_by_role("link", name=title).tap()
    page.get_by_role("heading", name=title, level=1).wait_for()
