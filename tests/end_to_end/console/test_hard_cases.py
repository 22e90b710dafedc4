"""What the console must stand: very large pipelines, and browsers that keep nothing for others."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

from countersign.local.people import LocalPeople
from countersign.model.pipeline import Pipeline
from tests.builders import pipeline, stage, trigger
from tests.end_to_end.conftest import Running
from tests.end_to_end.console.conftest import PATIENCE, Visitor
from tests.end_to_end.console.screens import give_password
from tests.end_to_end.process import Process

pytest.importorskip("playwright.sync_api")


def check(number: int) -> dict[str, Any]:
    """A rule that gives somebody a task, three working days after the rule above it."""
    settings = {"title": f"Check {number}", "assignee": "anna@acme.example"}
    time = {"after": {"working_days": 3}, "at": "09:00"}
    condition = {"field": "amount", "op": "greater", "value": number}
    return {
        "id": f"check-{number}",
        "kind": "create_task",
        "name": f"Check {number}",
        "settings": settings,
        "time": time,
        "condition": condition,
    }


def thirty_stages() -> Pipeline:
    """30 stages with 200 rules; who enters the first stage with rules gets seven."""
    stages = [stage("draft", name="Draft")]
    number = 0
    for place in range(1, 29):
        count = 8 if place <= 4 else 7
        rules = [check(number + more) for more in range(count)]
        number += count
        moved = trigger("field_changed", id=f"moved-{place}")
        stages.append(stage(f"s{place}", *rules, name=f"Stage {place}", triggers=[moved]))
    assert number == 200
    stages.append(stage("signed", name="Signed", kind="success"))
    return pipeline(*stages, name="Large")


def test_a_pipeline_of_30_stages_and_200_rules_is_shown_changed_and_planned(
    running: Running, visit: Visitor
) -> None:
    Process(running, "large", thirty_stages())
    page = visit("administrator", "#/automation/large").page
    page.get_by_role("listitem", name="Signed", exact=True).wait_for()
    faces = page.locator(".face")
    assert page.get_by_role("heading", level=2).count() >= 30
    assert faces.count() == 200 + 28
    faces.filter(has=page.locator("b").get_by_text("Check 199", exact=True)).click()
    name = page.get_by_label("Name", exact=True)
    name.fill("The last check")
    name.blur()
    faces.filter(has=page.locator("b").get_by_text("The last check", exact=True)).wait_for()
    page.get_by_text("Draft saved").wait_for()
    page.get_by_role("link", name="Plan and publish").click()
    page.get_by_text("The last check").first.wait_for()


@pytest.mark.parametrize("width", [320, 1280])
def test_a_board_of_30_stages_is_no_wider_than_the_screen(
    running: Running, visit: Visitor, width: int
) -> None:
    made = Process(running, f"large-board-{width}", thirty_stages())
    page = visit(
        "viewer",
        f"#/board?pipeline={made.name}",
        viewport={"width": width, "height": 800},
    ).page
    page.get_by_role("heading", name="Signed").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") == width


LISTED = {"version": 1, "paused": False, "automation": True, "not_included": [], "documents": None}


def in_two_pages(route: Any) -> None:
    """Answers the list of pipelines with 130 of them, as the API does: 100 and the rest."""
    names = [f"listed-{number:03}" for number in range(1, 131)]
    more = "cursor=further" in route.request.url
    items = [{"pipeline": one, "name": one.upper(), **LISTED} for one in names]
    page = (
        {"items": items[100:], "next": None} if more else {"items": items[:100], "next": "further"}
    )
    route.fulfill(json=page)


CHOICES = [
    ("#/board", None, "main"),
    ("#/documents", None, "main"),
    ("#/documents", "New document", "dialog"),
    ("#/connections", "Connect a provider", "dialog"),
    ("#/inbox/failed", None, "main"),
    ("#/calendar", None, "main"),
    ("#/tasks", None, "main"),
    ("#/statistics", None, "main"),
    ("#/people/maintenance", None, "main"),
    ("#/welcome", "Or go on with a pipeline that is published", "main"),
]
"""Where a pipeline is chosen: the address, what is pressed there, and what has the choice then."""


def test_every_choice_of_a_pipeline_reaches_those_of_further_pages(visit: Visitor) -> None:
    made = visit("administrator", "#/nowhere")
    page = made.page
    page.route("**/api/v1/pipelines?**", in_two_pages)
    for address, opener, within in CHOICES:
        made.go(address)
        if opener is not None:
            page.get_by_text(opener).first.click()
        last = page.locator("option[value=listed-130]")
        choice = page.locator(within).locator("select").filter(has=last).first
        choice.select_option(label="LISTED-130")
        assert choice.input_value() == "listed-130", address
        page.keyboard.press("Escape")


def test_the_choice_of_a_connection_reaches_those_of_further_pages(
    running: Running, visit: Visitor
) -> None:
    own = {"id": "last-connection", "name": "Of page two", "pipeline": "many-connections"}
    others = [{"id": f"c-{n}", "name": None, "pipeline": "another"} for n in range(100)]

    def in_pages(route: Any) -> None:
        first = {"items": others, "next": "further"}
        last = {"items": [own], "next": None}
        route.fulfill(json=last if "cursor=further" in route.request.url else first)

    Process(running, "many-connections", pipeline(stage("draft")))
    page = visit("operator", "#/documents?pipeline=many-connections").page
    page.get_by_role("button", name="New document").click()
    dialog = page.get_by_role("dialog", name="New document")
    dialog.get_by_label("Title").fill("Without an envelope")
    dialog.get_by_role("button", name="Make it").click()
    page.get_by_role("heading", name="Without an envelope", level=1).wait_for()
    page.route("**/api/v1/connections?**", in_pages)
    page.get_by_text("More", exact=True).click()
    page.get_by_role("button", name="Attach an envelope").click()
    choice = page.get_by_role("dialog").get_by_label("Connection", exact=True)
    choice.select_option(label="Of page two")
    assert choice.locator("option").all_inner_texts() == ["Of page two"]


NAMING = (
    "#/board?pipeline=never-published",
    "#/statistics?pipeline=never-published",
    "#/documents?pipeline=never-published",
    "#/calendar?pipeline=never-published",
    "#/tasks?pipeline=never-published",
    "#/tasks?view=documents&pipeline=never-published",
    "#/inbox/failed?pipeline=never-published",
    "#/welcome?pipeline=never-published",
    *(f"#/changes/never-published/{one}" for one in ("versions", "backtest", "run", "pause")),
    "#/changes/never-published/remove",
)
"""Addresses that name a pipeline for what only a published one has."""


def test_a_pipeline_that_was_never_published_leads_to_its_plan_wherever_it_is_named(
    visit: Visitor,
) -> None:
    made = visit("administrator", "#/automation")
    page = made.page
    page.get_by_role("button", name="Create").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("an empty pipeline").check()
    dialog.get_by_label("Name", exact=True).fill("Never published")
    dialog.get_by_role("button", name="Create").click()
    page.get_by_role("heading", name="Never published", level=1).wait_for()
    for address in NAMING:
        made.go(address)
        nothing = page.locator("main .empty").filter(has_text="not published yet")
        assert nothing.get_by_role("link", name="To the plan").get_attribute("href") == (
            "#/changes/never-published/plan"
        ), address
        assert page.get_by_role("alert").count() == 0, address
    for address in ("#/board?pipeline=nowhere", "#/documents?pipeline=nowhere"):
        made.go(address)
        page.get_by_text("There is no pipeline “nowhere”").wait_for()


def test_a_browser_that_keeps_nothing_of_others_signs_in_all_the_same(
    browser: Any, people: LocalPeople
) -> None:
    strict = browser.browser_type.launch(
        executable_path=shutil.which("chromium") or shutil.which("chromium-browser"),
        args=["--no-sandbox", "--test-third-party-cookie-phaseout"],
    )
    context = strict.new_context(locale="en-GB")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(people.console)
    viewer = people.people["viewer"]
    give_password(page, viewer.email, viewer.password)
    page.get_by_role("link", name="Documents", exact=True).click()
    page.get_by_role("heading", name="Documents", level=1).wait_for()
    kept = page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]")
    assert kept == [0, 0, ""]
    strict.close()
