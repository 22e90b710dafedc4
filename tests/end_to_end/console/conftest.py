"""A browser, and somebody of each role signed in to the console of the running stack."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from countersign.local.people import LocalPeople
from countersign.model.person import Role
from tests.end_to_end.console.screens import give_password
from tests.end_to_end.process import PATIENCE as SECONDS

playwright = pytest.importorskip("playwright.sync_api")

NONE = "the console's tests need Chromium: on Debian, apt-get install chromium"
ANY_ORIGIN = {"access-control-allow-origin": "*"}
PATIENCE = SECONDS * 1000
"""Milliseconds that a page may take."""


BAD_REQUEST = 400
SHOWN = 4000
"""How many letters of a page are printed where its test has failed."""
FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let the pages of a failed test be described when they are closed."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@dataclass
class Visit:
    """A page of the console with what went wrong on it."""

    page: Any
    wrong: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    """The paths of all requests to the console's own files."""
    open: list[str] = field(default_factory=list)
    """Method and address of all requests that have no answer yet."""
    refused: list[str] = field(default_factory=list)
    """Status, method and address of each answer that is an error."""

    def go(self, address: str) -> None:
        """Open an address of the console, such as ``#/documents``."""
        self.page.evaluate("address => { location.hash = address }", address)

    def listen(self, console: str) -> None:
        """Note from now on what the page asks for and what goes wrong on it."""
        page = self.page
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("console", self._said)
        page.on("request", lambda request: self._asked(request, console))
        page.on("requestfinished", self._ended)
        page.on("requestfailed", self._ended)

    def _said(self, message: Any) -> None:
        if "Content Security Policy" in message.text:
            self.wrong.append(message.text)

    def _asked(self, request: Any, console: str) -> None:
        self.open.append(f"{request.method} {request.url}")
        if request.url.startswith(console):
            self.asked.append(request.url.removeprefix(console))

    def _ended(self, request: Any) -> None:
        name = f"{request.method} {request.url}"
        self.open.remove(name)
        answer = request.response()
        if answer is None:
            self.refused.append(f"{request.failure} {name}")
        elif answer.status >= BAD_REQUEST:
            self.refused.append(f"{answer.status} {name}")

    def describe(self) -> str:
        """What the page shows and what it waits for, for whoever reads a failure."""
        shown = self.page.locator("body").inner_text()[:SHOWN]
        return f"{self.page.url}\nopen: {self.open}\nrefused: {self.refused}\n{shown}"


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
Tokens = dict[Role, tuple[float, dict[str, Any]]]
FRESH = 300.0
"""Seconds that tokens are used for further sign-ins: the pool's last for 900."""
AUTHORIZE = "**/oauth2/authorize?**"
TOKEN = "**/oauth2/token"


@pytest.fixture(scope="session")
def tokens() -> Tokens:
    """What the pool gave to each role at its last sign-in, and when."""
    return {}


def sign_in_as_before(page: Any, address: str, given: dict[str, Any]) -> None:
    """Open an address, with the tokens of an earlier sign-in in place of the hosted pages."""

    def send_back(route: Any) -> None:
        query = parse_qs(urlsplit(route.request.url).query)
        back = urlencode({"code": "as-before", "state": query["state"][0]})
        location = f"{query['redirect_uri'][0]}?{back}"
        route.fulfill(status=302, headers={"location": location})

    page.context.route(AUTHORIZE, once(send_back))
    page.context.route(TOKEN, once(lambda route: route.fulfill(json=given, headers=ANY_ORIGIN)))
    page.goto(address)
    page.locator("nav").first.wait_for()


def once(answer: Callable[[Any], None]) -> Callable[[Any], None]:
    """Answers one request in the place of what it was sent to, and lets all later ones pass.

    It stays for as long as the page, so that Chromium does not stop intercepting while files are
    loaded.
    """
    left = iter([answer])
    return lambda route: next(left, pass_on)(route)


def pass_on(route: Any) -> None:
    """Let the request go where it was sent to."""
    route.continue_()


@pytest.fixture
def visit(
    browser: Any, people: LocalPeople, tokens: Tokens, request: pytest.FixtureRequest
) -> Iterator[Visitor]:
    """Signs somebody in; nothing may go wrong on the page until the end.

    On the hosted pages now and then, and where that is wanted; else with the last tokens.
    """
    visits: list[Visit] = []
    contexts: list[Any] = []

    def sign_in(
        role: Role = "administrator", address: str = "", *, on_pages: bool = False, **options: Any
    ) -> Visit:
        given = {"locale": "en-GB", "viewport": {"width": 1280, "height": 800}, **options}
        context = browser.new_context(**given)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        made = Visit(context.new_page())
        visits.append(made)
        page = made.page
        made.listen(people.console)
        at, given_tokens = tokens.get(role, (float("-inf"), {}))
        if time.monotonic() - at < FRESH and not on_pages:
            sign_in_as_before(page, people.console + address, given_tokens)
            return made
        page.goto(people.console + address)
        who = people.people[role]
        with page.expect_response(TOKEN) as answer:
            give_password(page, who.email, who.password)
        tokens[role] = (time.monotonic(), answer.value.json())
        return made

    yield sign_in
    if request.node.stash.get(FAILED, False):
        for made in visits:
            request.node.add_report_section("teardown", "page", made.describe())
    for context in contexts:
        context.close()
    assert [one for made in visits for one in made.wrong] == []
