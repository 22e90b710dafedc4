"""A browser, and somebody of each role signed in to the console of the running stack."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from countersign.local.people import LocalPeople
from countersign.model.person import Role
from tests.end_to_end.console.screens import give_password
from tests.end_to_end.process import PATIENCE as SECONDS

playwright = pytest.importorskip("playwright.sync_api")

NONE = "the console's tests need Chromium: on Debian, apt-get install chromium"
PATIENCE = SECONDS * 1000
"""Milliseconds that a page may take."""


@dataclass
class Visit:
    """A page of the console with what went wrong on it."""

    page: Any
    wrong: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    """The paths of all requests to the console's own files."""

    def go(self, address: str) -> None:
        """Open an address of the console, such as ``#/documents``."""
        self.page.evaluate("address => { location.hash = address }", address)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, where there is one."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip(NONE)
    with playwright.sync_playwright() as started:
        made = started.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield made
        made.close()


Visitor = Callable[..., Visit]


@pytest.fixture
def visit(browser: Any, people: LocalPeople) -> Iterator[Visitor]:
    """Signs somebody in on the hosted pages; nothing may go wrong on the page until the end."""
    visits: list[Visit] = []
    contexts: list[Any] = []

    def sign_in(role: Role = "administrator", address: str = "", **options: Any) -> Visit:
        given = {"locale": "en-GB", "viewport": {"width": 1280, "height": 800}, **options}
        context = browser.new_context(**given)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        made = Visit(context.new_page())
        visits.append(made)
        page = made.page
        page.on("pageerror", lambda error: made.wrong.append(str(error)))
        page.on(
            "console",
            lambda message: (
                made.wrong.append(message.text)
                if "Content Security Policy" in message.text
                else None
            ),
        )
        page.on(
            "request",
            lambda request: (
                made.asked.append(request.url.removeprefix(people.console))
                if request.url.startswith(people.console)
                else None
            ),
        )
        page.goto(people.console + address)
        who = people.people[role]
        give_password(page, who.email, who.password)
        return made

    yield sign_in
    for context in contexts:
        context.close()
    assert [one for made in visits for one in made.wrong] == []
