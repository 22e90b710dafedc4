"""What opens over a page: each dialog and menu that a button of it leads to, in any language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

READS = ("/validate", "/plan", "/diff", "/simulate", "/backtest")
"""Ends of the paths that are posted to and change nothing."""
MARK = """() => {
  const own = [...document.querySelectorAll("main button:not([aria-disabled])")];
  const shown = own.filter(one => one.checkVisibility() && !one.closest("dialog, .menu"));
  return shown.map((one, index) => {
    one.dataset.opener = index;
    const name = one.getAttribute("aria-label") ?? one.textContent;
    return name.split(/[:„“"]/)[0].trim();
  });
}"""
"""Numbers the page's buttons; what each is called, without what it is about."""
DRAWN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
"""Waits until what was done is shown."""
PRESS = """index => {
  document.querySelector(`[data-opener="${index}"]`)?.click();
  return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""


def refuse_changes(page: Any) -> None:
    """Whatever is pressed changes nothing: the API is only read."""

    def answer(route: Any) -> None:
        request = route.request
        if request.method == "GET" or request.url.partition("?")[0].endswith(READS):
            route.fallback()
        else:
            route.fulfill(status=409, json={"title": "Only looked at", "request_id": "r-1"})

    page.route("**/api/v1/**", answer)


def opened_by_buttons(page: Any, seen: set[str]) -> Iterator[str]:
    """Press each button whose name was not seen yet; the name of each that opened a dialog.

    The dialog is open while it is yielded, and closed by Escape afterwards.
    """
    address = page.url
    for _ in page.evaluate(MARK):
        names = page.evaluate(MARK)
        index = next((at for at, name in enumerate(names) if name not in seen), None)
        if index is None:
            return
        seen.add(names[index])
        page.evaluate(PRESS, index)
        dialog = page.locator("dialog[open]")
        if dialog.count():
            dialog.locator(".loading").first.wait_for(state="detached")
            yield names[index]
        close(page)
        go_back(page, address)


def opened_by_menu(page: Any, menu: str) -> Iterator[str]:
    """Open a menu; itself, then each dialog that one of its items opens."""
    address = page.url
    page.locator(menu).first.click()
    items = page.locator("[role=menu] [role=menuitem]")
    names = items.all_inner_texts()
    yield menu
    for index, name in enumerate(names):
        if not page.locator("[role=menu]").count():
            page.locator(menu).first.click()
        item = items.nth(index)
        if item.get_attribute("aria-disabled") or item.get_attribute("class") == "danger":
            continue
        item.click()
        page.evaluate(DRAWN)
        if page.locator("dialog[open]").count():
            yield name
        close(page)
        go_back(page, address)
    close(page)


def close(page: Any) -> None:
    """Close what is open by Escape: a field for a search takes the first for itself."""
    while page.locator("dialog[open], [role=menu]").count():
        page.keyboard.press("Escape")


def go_back(page: Any, address: str) -> None:
    """To the address again, where what was pressed has led to another."""
    if page.url != address:
        page.evaluate("address => { location.href = address }", address)
        page.locator("main h1").wait_for()
