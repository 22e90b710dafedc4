"""Going through a page by the keyboard alone."""

from __future__ import annotations

from typing import Any

from tests.end_to_end.process import until

MOST = 160
"""So many keys lead round any page of the tests."""
FOCUSED = """() => {
  const one = document.activeElement;
  const label = one.getAttribute("aria-label") || one.labels?.[0]?.innerText;
  return (label || one.innerText || "").trim();
}"""
"""What the focus is on, as it is named."""
CHOSEN = "select => select.selectedOptions[0]?.label ?? ''"


class Keys:
    """Somebody at a page who has nothing but a keyboard."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def to(self, wanted: Any) -> None:
        """Press Tab until the focus is on an element."""
        tab_to(self.page, wanted)

    def press(self, *keys: str) -> None:
        """Press keys where the focus is."""
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Type where the focus is."""
        self.page.keyboard.type(text)

    def enter(self, wanted: Any, key: str = "Enter") -> None:
        """Go to an element and press a key there."""
        self.to(wanted)
        self.press(key)

    def write(self, wanted: Any, text: str) -> None:
        """Go to a field and type in place of what it has."""
        self.to(wanted)
        self.press("Control+a")
        self.type(text)

    def choose(self, wanted: Any, label: str) -> None:
        """Go to a list and choose by its letters, or by arrows if they came too slowly."""
        self.to(wanted)
        self.type(label)
        if wanted.evaluate(CHOSEN) == label:
            return
        self.press("Home")
        for _ in range(wanted.locator("option").count()):
            if wanted.evaluate(CHOSEN) == label:
                return
            self.press("ArrowDown")
        raise AssertionError(f"the keyboard does not choose {label}")

    def arrow_to(self, wanted: Any, key: str = "ArrowDown") -> None:
        """Press an arrow until the focus is on an element, such as an item of a menu."""
        wanted.wait_for()
        for _ in range(MOST):
            if has_focus(wanted):
                return
            self.press(key)
        raise AssertionError(f"the arrows do not reach {wanted}")

    def until_on(self, wanted: Any) -> None:
        """Wait until the focus has come to an element by itself."""
        wanted.wait_for()
        assert until(lambda: has_focus(wanted)), self.page.evaluate(FOCUSED)


def has_focus(element: Any) -> bool:
    """Whether an element has the focus."""
    return bool(element.evaluate("element => element === document.activeElement"))


def tab_to(page: Any, wanted: Any) -> None:
    """Press Tab until the focus is on an element, once it is there."""
    wanted.wait_for()
    for _ in range(MOST):
        if has_focus(wanted):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {wanted}")


def tab_to_named(page: Any, name: str, *, begins: bool = False) -> None:
    """Press Tab until the focus is on what has a name, or one that begins so.

    What is still to come is gone round for: pages load their parts one after the other.
    """
    for _ in range(3 * MOST):
        focused = page.evaluate(FOCUSED)
        if focused == name or (begins and focused.startswith(name)):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {name}")


def press(page: Any, name: str, key: str = "Enter") -> None:
    """Go to something by Tab, and press a key there."""
    tab_to_named(page, name)
    page.keyboard.press(key)
