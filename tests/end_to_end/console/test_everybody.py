"""Every page and all that opens over one is for everybody: axe finds nothing to say."""

from __future__ import annotations

from typing import Any

import pytest

from countersign.local.people import LocalPeople
from tests.builders import mail, pipeline, stage, trigger
from tests.end_to_end.conftest import Running
from tests.end_to_end.console.conftest import PATIENCE, Visit, Visitor
from tests.end_to_end.console.dialogs import (
    close,
    opened_by_buttons,
    opened_by_menu,
    refuse_changes,
)
from tests.end_to_end.console.editor import contracts, wait_for_saved
from tests.end_to_end.console.screens import beside, screens
from tests.end_to_end.console.test_changes import Changed, Content, changed
from tests.end_to_end.process import Process
from tests.integration.account import SENDER

axe = pytest.importorskip("axe_playwright_python.sync_playwright")
playwright = pytest.importorskip("playwright.sync_api")

LOOKS = [
    ("en-GB", 320, "light"),
    ("de-DE", 320, "dark"),
    ("de-DE", 1280, "light"),
    ("en-GB", 1280, "dark"),
]
"""Each two of a language, a width and a scheme together."""
SCROLLED_WITHOUT_FIELD = """() => {
  const dialog = document.querySelector("dialog[open]");
  return dialog?.querySelector(".body :is(input, select, textarea)") ? 0 : dialog?.scrollTop ?? 0;
}"""
OPPOSITES = [("en-GB", 320, "light"), ("de-DE", 1280, "dark")]
"""Each language, width and scheme once."""
OVER_ALL = "dialog[open], [role=menu]"
DIALOGS = 30
"""So many different dialogs there are at least."""
BRACKETS = {
    "all": [
        {"field": "amount", "op": "greater", "value": 5000},
        {"any": [{"field": "currency", "op": "one_of", "value": ["EUR", "CHF"]}]},
    ]
}
TIME = {"after": {"working_days": 3}, "at": "09:00", "working_hours": True}


def rich(content: Content) -> None:
    """Rules of several kinds, one of them wrong, with times and conditions."""
    changed(content)
    sent = content["stages"][1]
    sent["rules"][1] |= {"condition": BRACKETS, "time": TIME}
    calls = {"url": "https://crm.example/contracts", "headers": {"x-source": "countersign"}}
    sent["rules"] += [
        {"id": "web", "kind": "call_web_address", "settings": calls},
        {"id": "fields", "kind": "change_fields", "settings": {"values": {"title": "Signed"}}},
        {"id": "bare", "kind": "send_sms"},
    ]


@pytest.fixture(scope="module")
def process(running: Running) -> Changed:
    """A contract that was sent; its pipeline has two versions and a draft."""
    made = Changed(running, "console-everybody")
    made.publish(lambda content: content.update(name="Contracts of clients"))
    made.draft(rich)
    return made


@pytest.fixture(scope="module")
def trouble(running: Running, people: LocalPeople) -> Process:
    """A document with a failed run and a task, and a message that could not be read."""
    broken = mail("fails", name="Fails", execution="independent")
    broken["settings"] |= {"to": ["role:nobody"]}
    settings = {"title": "Check", "assignee": people.people["administrator"].email, "wait": True}
    task = {"id": "check", "kind": "create_task", "execution": "independent", "settings": settings}
    stages = (stage("draft"), stage("sent", broken, task, triggers=[trigger("sent")]))
    made = Process(running, "console-trouble", pipeline(*stages, senders=[SENDER]))
    made.tell("envelope-sent")
    wanted = {"2.fails": "failed", "2.check": "awaiting"}
    assert made.until_states(wanted) == wanted
    assert made.post(b"no JSON at all") == 400
    return made


def look(page: Any, where: str, within: str | None = None) -> None:
    """Nothing is wrong with what is shown, or with a part of it."""
    playwright.expect(page.locator(".loading")).to_have_count(0, timeout=PATIENCE)
    found = axe.Axe().run(page, context=within).response["violations"]
    told = [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found]
    assert told == [], where
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width, where


def shown(made: Visit, address: str) -> None:
    """Go to an address, and wait until all of it is there."""
    made.go(address)
    name = address.split("/")[1].split("?")[0]
    made.page.locator(f"main.at-{name} h1").first.wait_for()
    made.page.wait_for_load_state("networkidle")
    playwright.expect(made.page.locator(".loading")).to_have_count(0, timeout=PATIENCE)


@pytest.fixture
def pages(process: Changed, trouble: Process) -> dict[str, str]:
    """The addresses of all that has one, by their names."""
    return {
        **screens(process.document().id, process.name, process.name),
        "inbox-failed": f"#/inbox/failed?pipeline={trouble.name}",
        "calendar-list": f"#/calendar?view=list&pipeline={process.name}",
        "task": f"#/tasks/{trouble.document().id}.2.check",
        **beside(process.name),
    }


def visited(visit: Visitor, language: str, width: int, scheme: str) -> Visit:
    size = {"width": width, "height": 800}
    made = visit("administrator", locale=language, color_scheme=scheme, viewport=size)
    refuse_changes(made.page)
    return made


@pytest.mark.parametrize(("language", "width", "scheme"), LOOKS)
def test_every_page_is_for_everybody(
    pages: dict[str, str], visit: Visitor, language: str, width: int, scheme: str
) -> None:
    made = visited(visit, language, width, scheme)
    for name, address in pages.items():
        shown(made, address)
        look(made.page, name)


@pytest.mark.parametrize(("language", "width", "scheme"), OPPOSITES)
def test_what_opens_over_a_page_is_for_everybody(
    pages: dict[str, str], visit: Visitor, language: str, width: int, scheme: str
) -> None:
    made = visited(visit, language, width, scheme)
    seen: set[str] = set()
    opened = []
    for address in pages.values():
        if not address.startswith("#/automation/"):
            shown(made, address)
            opened += looked_at(made.page, opened_by_buttons(made.page, seen))
    assert len(opened) >= DIALOGS, opened


@pytest.mark.parametrize(("language", "width", "scheme"), OPPOSITES)
def test_what_opens_over_the_editor_is_for_everybody(
    process: Changed, visit: Visitor, language: str, width: int, scheme: str
) -> None:
    made = visited(visit, language, width, scheme)
    page = made.page
    shown(made, f"#/automation/{process.name}")
    for of in ("triggers", "rules"):
        page.locator(f"[data-key='{of}+1']").click()
        page.locator(".kind").first.wait_for()
        look(page, f"catalogue of {of}", OVER_ALL)
        close(page)
    menus = (".head .button[aria-haspopup]", "[data-key='rules:told'] + .more")
    opened = [what for menu in menus for what in looked_at(page, opened_by_menu(page, menu))]
    assert len(opened) == len(menus) + len(["keys", "copy to", "move to"])

    page.keyboard.press("Control+k")
    page.keyboard.type("a")
    page.locator("[role=option]").nth(1).wait_for()
    look(page, "palette", OVER_ALL)
    close(page)
    page.locator("header.top summary").click()
    look(page, "account", "header.top")


SCHEMES = ["light", "dark"]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_what_tells_of_another_editor_is_for_everybody(
    running: Running, visit: Visitor, scheme: str
) -> None:
    name = f"everybody-two-{scheme}"
    Process(running, name, contracts(mail("told", name="Told")))
    address, draft = f"#/automation/{name}?card=rules:told", f"**/api/v1/drafts/{name}"
    page = visit("administrator", address, color_scheme=scheme).page
    page.get_by_label("Subject", exact=True).fill("As before")
    wait_for_saved(page)
    other = visit("administrator", address).page
    other.get_by_label("Subject", exact=True).wait_for()
    page.route(draft, lambda route: route.abort())
    page.get_by_label("Subject", exact=True).fill("By the first")
    other.get_by_label("Subject", exact=True).fill("By the second")
    wait_for_saved(other)
    page.get_by_text("Not saved").wait_for()
    page.unroute(draft)
    dialog = page.get_by_role("dialog", name="Somebody else has saved this draft")
    dialog.get_by_text("By the second").wait_for()
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 800})
        look(page, f"two versions at {width}", OVER_ALL)
    dialog.get_by_role("button", name="Look first").click()
    page.locator(".banner").wait_for()
    look(page, "decided later")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_what_tells_of_an_expired_sign_in_is_for_everybody(
    process: Changed, visit: Visitor, scheme: str
) -> None:
    made = visit("viewer", color_scheme=scheme)
    page = made.page
    shown(made, f"#/board?pipeline={process.name}")
    page.route("**/oauth2/token", lambda route: route.fulfill(status=400, json={}))
    page.route("**/api/v1/**", lambda route: route.fulfill(status=401, json={}))
    dialog = page.get_by_role("dialog", name="Sign-in expired")
    dialog.wait_for()
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 800})
        look(page, f"expired at {width}", OVER_ALL)
    dialog.get_by_role("button", name="Later").click()
    page.get_by_role("alert").filter(has_text="in another tab").wait_for()
    look(page, "expired, later")


def looked_at(page: Any, opened: Any) -> list[str]:
    """What was opened, after a look at each: it is read from its beginning."""
    found = []
    for what in opened:
        look(page, what, OVER_ALL)
        assert page.evaluate(SCROLLED_WITHOUT_FIELD) == 0, what
        found.append(what)
    return found
