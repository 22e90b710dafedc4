"""Operating, people, and what is for everybody by the keyboard alone: rows 30 to 37."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.builders import mail, pipeline, stage, trigger
from tests.end_to_end.conftest import Running
from tests.end_to_end.console.conftest import Visitor
from tests.end_to_end.console.keyboard import Keys
from tests.end_to_end.process import Process, until
from tests.integration.account import SENDER

pytest.importorskip("playwright.sync_api")


def broken(rule_id: str) -> dict[str, Any]:
    """A mail to a signer that the envelope does not have: it fails for good."""
    made = mail(rule_id, name=f"Mail {rule_id}", execution="independent")
    made["settings"] |= {"to": ["role:nobody"]}
    return made


def failed(running: Running, name: str, *rules: str) -> Process:
    """A document whose mails failed."""
    stages = (
        stage("draft", name="Draft"),
        stage("sent", *map(broken, rules), name="Out to sign", triggers=[trigger("sent")]),
    )
    made = Process(running, name, pipeline(*stages, senders=[SENDER]))
    made.tell("envelope-sent")
    wanted = {f"2.{one}": "failed" for one in rules}
    assert made.until_states(wanted) == wanted
    return made


def section(page: Any, name: str) -> Any:
    return page.get_by_role("region", name=name, exact=True)


def test_30_and_31_all_that_match_a_filter_are_retried_in_the_background(
    running: Running, visit: Visitor
) -> None:
    process = failed(running, "keys-failed", "these", "those")
    made = visit("operator", "#/tasks")
    page, keys = made.page, Keys(made.page)
    inbox = page.get_by_role("link", name=re.compile(r"Inbox \d+\+? need somebody"))
    keys.enter(inbox)
    keys.enter(page.get_by_role("link", name="Failed runs"))
    page.get_by_label("Id of a document").wait_for()
    made.go(f"#/inbox/failed?pipeline={process.name}")
    page.get_by_label("Rule").locator("option[value=these]").wait_for(state="attached")
    keys.choose(page.get_by_label("Rule"), "Mail these (Out to sign)")
    page.get_by_role("button", name="Retry: Mail those").wait_for(state="hidden")
    assert f"pipeline={process.name}&rule=these" in page.url
    keys.enter(page.get_by_role("button", name="Retry all"))
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("1 run matches").wait_for()
    keys.enter(dialog.get_by_role("button", name="Retry all"))
    section(page, "In the background").get_by_text("1 done").first.wait_for()
    assert until(lambda: process.run("these").generation > 1)
    assert process.run("those").generation == 1


def test_32_the_secret_of_a_connection_is_rotated_and_its_address_shown(
    running: Running, visit: Visitor
) -> None:
    process = Process(running, "keys-rotated", pipeline(stage("draft", name="Draft")))
    page = visit("administrator", f"#/connections/{process.name}").page
    keys = Keys(page)
    address = page.get_by_label("Address for webhooks")
    address.wait_for()
    before = address.input_value()
    rotate = page.get_by_role("button", name="Rotate").first
    keys.enter(rotate)
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    keys.press("Escape")
    keys.until_on(rotate)
    keys.press("Enter")
    keys.write(dialog.get_by_label("Secret of the provider"), "Another secret")
    keys.enter(dialog.get_by_label("Make a new address too"), "Space")
    keys.enter(dialog.get_by_role("button", name="Rotate"))
    dialog.wait_for(state="hidden")
    after = until(address.input_value, lambda found: found != before)
    assert after != before
    assert f"/{process.name}." in after


def test_34_what_a_role_may_not_do_is_reached_says_why_and_does_nothing(
    running: Running, visit: Visitor
) -> None:
    process = failed(running, "keys-viewer", "seen")
    made = visit("viewer", f"#/documents/{process.document().id}")
    keys = Keys(made.page)
    keys.enter(
        made.page.get_by_role("button", name=re.compile("^Move to ….*needs the role Operator"))
    )
    made.go(f"#/inbox/failed?pipeline={process.name}")
    retry = made.page.get_by_role("button", name="Retry: Mail seen")
    keys.enter(retry)
    assert "Operator" in (retry.get_attribute("title") or "")
    made.go(f"#/automation/{process.name}")
    sent = made.page.get_by_role("listitem", name="Out to sign", exact=True)
    keys.enter(sent.get_by_role("button", name="+ Rule"))
    keys.enter(sent.locator(".face", has_text="Mail seen"), "Delete")
    sent.locator(".face", has_text="Mail seen").wait_for()
    assert made.page.get_by_role("dialog").count() == 0
    assert process.run("seen").generation == 1


def test_36_the_palette_the_link_to_the_content_and_the_pages_in_the_menu(
    running: Running, visit: Visitor
) -> None:
    process = Process(running, "keys-palette", pipeline(stage("draft", name="Draft")))
    process.tell("envelope-sent")
    assert until(process.exists)
    title = process.document().title
    page = visit("viewer", "#/tasks").page
    keys = Keys(page)
    page.get_by_role("heading", name="Tasks", level=1).wait_for()
    keys.press("Control+k")
    search = page.get_by_role("dialog").get_by_role("combobox")
    keys.until_on(search)
    keys.type("stat")
    page.get_by_role("option", name="Statistics", selected=True).wait_for()
    keys.press("Escape", "Escape")
    page.get_by_role("dialog").wait_for(state="detached")
    keys.press("Control+k")
    keys.until_on(search)
    keys.type(process.client_address)
    page.get_by_role("option", name=title).wait_for()
    keys.press("Enter")
    heading = page.get_by_role("heading", name=title, level=1)
    keys.until_on(heading)
    keys.enter(page.get_by_role("link", name="To the content"))
    keys.until_on(heading)
    assert page.title() == f"{title} · Countersign"
    keys.enter(page.get_by_role("navigation", name="Main").get_by_role("link", name="Calendar"))
    keys.until_on(page.get_by_role("heading", name="Calendar", level=1))
    assert page.title() == "Calendar · Countersign"


def test_37_the_language_is_changed_on_an_address_that_stays(
    running: Running, visit: Visitor
) -> None:
    process = failed(running, "keys-language", "seen")
    place = f"#/documents/{process.document().id}"
    page = visit("viewer", place).page
    keys = Keys(page)
    page.get_by_role("region", name="Here now: Out to sign").wait_for()
    keys.enter(page.locator("header.top summary"))
    keys.enter(page.get_by_role("button", name="Deutsch"))
    page.get_by_role("region", name="Jetzt hier: Out to sign").wait_for()
    assert page.url.endswith(place)
    assert page.evaluate("document.documentElement.lang") == "de"
    keys.enter(page.locator("header.top summary"))
    keys.enter(page.get_by_role("button", name="English"))
    page.get_by_role("region", name="Here now: Out to sign").wait_for()
