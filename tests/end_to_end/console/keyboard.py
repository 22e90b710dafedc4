"""Going through a page by the keyboard alone."""

from __future__ import annotations

from typing import Any

MOST = 160
"""So many keys lead round any page of the tests."""
FOCUSED = """() => {
  const one = document.activeElement;
  const label = one.getAttribute("aria-label") || one.labels?.[0]?.innerText;
  return (label || one.innerText || "").trim();
}"""
"""What the focus is on, as it is named."""


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
