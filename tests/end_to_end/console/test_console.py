"""The console in a browser, on the real stack: by mouse and by keyboard, and for everybody."""

from __future__ import annotations

from typing import Any

import pytest

from countersign.local.people import LocalPeople
from tests.builders import mail, pipeline, stage, trigger
from tests.end_to_end.conftest import Running
from tests.end_to_end.console.conftest import PATIENCE, Visitor
from tests.end_to_end.console.keyboard import tab_to_named
from tests.end_to_end.console.screens import fill_password, give_password
from tests.end_to_end.process import Process, until
from tests.integration.account import SENDER

playwright = pytest.importorskip("playwright.sync_api")

LATER = {"after": {"days": 3}}
OVER = {"field": "amount", "op": "greater", "value": 99_999}


@pytest.fixture(scope="module")
def process(running: Running) -> Process:
    """A contract that was sent: one mail has gone, one waits, one was skipped."""
    made = Process(
        running,
        "console",
        pipeline(
            stage("draft", name="Draft"),
            stage(
                "sent",
                mail("told", execution="independent"),
                mail("reminder", time=LATER, execution="independent"),
                mail("legal", condition=OVER, execution="independent"),
                name="Out to sign",
                triggers=[trigger("sent")],
            ),
            stage("signed", name="Signed", kind="success", triggers=[trigger("signed_by_all")]),
            senders=[SENDER],
        ),
    )
    made.tell("envelope-sent")
    wanted = {"2.told": "done", "2.reminder": "ready", "2.legal": "skipped"}
    assert made.until_states(wanted) == wanted
    return made


def address(process: Process) -> str:
    """The document's in the console."""
    return f"#/documents/{process.document().id}"


def title(process: Process) -> str:
    """The document's, as people see it."""
    found = process.document().title
    assert found is not None
    return found


def test_whoever_opens_an_address_gets_there_after_signing_in(
    process: Process, visit: Visitor
) -> None:
    page = visit("viewer", address(process), on_pages=True).page
    page.get_by_role("heading", name=title(process), level=1).wait_for()
    assert page.evaluate("location.search") == ""
    assert page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])") == "[{},{}]"


SIZES = """() => performance.getEntriesByType("resource")
  .filter((one) => one.name.startsWith(location.origin) && !one.name.includes("/api/"))
  .map((one) => [one.encodedBodySize, one.transferSize])"""


def test_the_first_screen_is_small_and_its_files_are_kept(
    process: Process, visit: Visitor, people: LocalPeople
) -> None:
    made = visit("viewer", "#/board?pipeline=console", on_pages=True)
    page = made.page
    page.get_by_text(title(process)).first.wait_for()
    sizes = page.evaluate(SIZES)
    assert 0 < len(sizes) + len(["index.html"]) <= 8
    assert 0 < sum(size for size, _ in sizes) < 80_000

    page.reload()
    who = people.people["viewer"]
    give_password(page, who.email, who.password)
    page.get_by_text(title(process)).first.wait_for()
    again = page.evaluate(SIZES)
    assert len(again) == len(sizes)
    assert sum(transferred for _, transferred in again) == 0


def test_the_board_shows_the_document_in_its_stage_and_leads_to_it(
    process: Process, visit: Visitor
) -> None:
    page = visit("viewer", "#/board?pipeline=console").page
    column = page.get_by_role("listitem", name="Out to sign")
    column.get_by_role("link", name=title(process)).click()
    page.get_by_role("heading", name=title(process), level=1).wait_for()


def test_the_list_finds_a_document_by_a_word_and_keeps_that_in_the_address(
    process: Process, visit: Visitor
) -> None:
    page = visit("viewer", "#/documents").page
    page.get_by_label("Title, number, name or address").fill(process.client_address)
    page.get_by_role("link", name=title(process)).wait_for()
    page.wait_for_url("**" + process.client_address.replace("@", "%40") + "**")
    playwright.expect(page.locator("tbody tr")).to_have_count(1, timeout=PATIENCE)


def test_the_document_says_what_happened_what_waits_and_why_not(
    process: Process, visit: Visitor
) -> None:
    page = visit("viewer", address(process)).page
    now = page.get_by_role("region", name="Here now: Out to sign")
    now.get_by_text("Done", exact=True).wait_for()
    skipped = now.locator(".line", has_text="Skipped")
    assert "Amount is greater than 99999" in skipped.inner_text().replace(",", "")
    assert "does not hold" in skipped.inner_text()


def test_a_document_is_moved_by_an_operator_with_the_keyboard_alone(
    running: Running, visit: Visitor
) -> None:
    moved = Process(
        running, "console-moved", pipeline(stage("draft"), stage("aside", name="Set aside"))
    )
    moved.tell("envelope-sent")
    until(moved.exists)
    page = visit("operator", address(moved)).page
    page.get_by_role("button", name="Move to").wait_for()
    tab_to_named(page, "Move to …")
    page.keyboard.press("Enter")
    page.get_by_role("dialog").wait_for()
    tab_to_named(page, "Comment")
    page.keyboard.type("because")
    tab_to_named(page, "Move")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Here now: Set aside").wait_for()
    assert moved.document().stage == "aside"


def test_what_a_viewer_may_not_do_is_shown_and_says_why(process: Process, visit: Visitor) -> None:
    page = visit("viewer", address(process)).page
    button = page.get_by_role("button", name="Move to")
    button.wait_for()
    assert button.get_attribute("aria-disabled") == "true"
    assert "Operator" in (button.get_attribute("title") or "")
    button.click(force=True)
    assert page.get_by_role("dialog").count() == 0


def test_what_comes_in_appears_by_itself(running: Running, visit: Visitor) -> None:
    live = Process(
        running,
        "console-live",
        pipeline(stage("draft"), stage("sent", triggers=[trigger("sent")], name="Out to sign")),
    )
    page = visit("viewer", "#/board?pipeline=console-live").page
    page.get_by_role("heading", name="Out to sign").wait_for()
    live.tell("envelope-sent")
    page.get_by_role("listitem", name="Out to sign").get_by_role("link").wait_for()


def test_a_lost_connection_is_told_and_ends_by_itself(process: Process, visit: Visitor) -> None:
    made = visit("viewer", address(process))
    page = made.page
    page.get_by_role("heading", name=title(process), level=1).wait_for()
    page.context.set_offline(True)
    page.get_by_text("No connection").wait_for()
    page.get_by_role("heading", name=title(process), level=1).wait_for()
    page.context.set_offline(False)
    page.get_by_text("No connection").wait_for(state="hidden")


def test_an_answer_that_fails_is_told_and_asked_for_again(process: Process, visit: Visitor) -> None:
    page = visit("viewer", "#/documents").page
    pattern = "**/api/v1/documents/**"
    body = {"title": "It is broken", "request_id": "r-1"}
    page.route(pattern, lambda route: route.fulfill(status=500, json=body))
    page.evaluate("address => { location.hash = address }", address(process))
    page.get_by_text("It is broken").wait_for()
    page.get_by_role("button", name="Try again").wait_for()
    page.unroute(pattern)
    page.get_by_role("heading", name=title(process), level=1).wait_for()


@pytest.mark.parametrize("statuses", [(429, 401), (500, 503)])
def test_a_busy_api_and_an_old_token_are_not_noticed(
    process: Process, visit: Visitor, statuses: tuple[int, int]
) -> None:
    page = visit("viewer", "#/documents").page
    answers = iter(statuses)

    def refused(route: Any) -> None:
        status = next(answers, None)
        if status is None:
            route.fallback()
        else:
            route.fulfill(status=status, json={"message": "no"})

    page.route(f"**/api/v1/documents/{process.document().id}", refused)
    page.evaluate("address => { location.hash = address }", address(process))
    page.get_by_role("heading", name=title(process), level=1).wait_for()
    assert next(answers, None) is None


def test_an_expired_session_is_signed_in_again_and_what_was_typed_stays(
    process: Process, visit: Visitor, people: LocalPeople
) -> None:
    page = visit("operator", address(process)).page
    page.get_by_role("button", name="Comment").click()
    page.get_by_role("textbox").fill("Typed before the night")
    page.route("**/oauth2/token", lambda route: route.fulfill(status=400, json={}))
    page.route("**/api/v1/**", lambda route: route.fulfill(status=401, json={}))
    expired = page.get_by_role("dialog", name="Sign-in expired")
    expired.wait_for()
    page.unroute("**/oauth2/token")
    page.unroute("**/api/v1/**")
    with page.context.expect_page() as opened:
        expired.get_by_role("button", name="Sign in again").click()
    who = people.people["operator"]
    fill_password(opened.value, who.email, who.password)
    expired.wait_for(state="detached")
    assert page.get_by_role("textbox").input_value() == "Typed before the night"
    page.get_by_role("dialog").get_by_role("button", name="Add").click()
    page.get_by_text("Typed before the night").first.wait_for()


def test_the_palette_finds_a_document_by_the_keyboard(process: Process, visit: Visitor) -> None:
    page = visit("viewer").page
    page.keyboard.press("Control+k")
    page.get_by_role("dialog").get_by_role("combobox").fill(process.client_address)
    page.get_by_role("option", name=title(process)).wait_for()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=title(process), level=1).wait_for()


def test_a_browser_without_modules_gets_a_sentence(browser: Any, people: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(people.console)
    page.get_by_text("needs JavaScript modules").wait_for()
    context.close()
