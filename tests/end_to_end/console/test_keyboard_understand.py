"""Understanding documents by the keyboard alone: rows 21 to 29 of what the console does."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from countersign.model.actor import user
from countersign.rules.base import Edit
from countersign.use_cases.documents.edit import save
from tests.builders import mail, pipeline, stage, trigger
from tests.end_to_end.conftest import Running
from tests.end_to_end.console.conftest import Visitor
from tests.end_to_end.console.keyboard import Keys
from tests.end_to_end.process import ANNA, Process, until
from tests.integration.account import SENDER

pytest.importorskip("playwright.sync_api")

BERLIN = ZoneInfo("Europe/Berlin")
LATER = {"after": {"days": 3}, "at": "09:00"}
OVER = {"all": [{"field": "amount", "op": "greater", "value": 99_999}]}
NUMBER = "Title, number, name or address"


@pytest.fixture(scope="module")
def contract(running: Running) -> Process:
    """A contract that was sent: one mail has gone, one waits, one was skipped."""
    rules = (
        mail("told", name="Tell the client"),
        mail("reminder", name="Remind the client", time=LATER, execution="independent"),
        mail("legal", name="Tell legal", condition=OVER, execution="independent"),
    )
    stages = (
        stage("draft", name="Draft"),
        stage("sent", *rules, name="Out to sign", triggers=[trigger("sent")]),
        stage("aside", name="Set aside"),
    )
    made = Process(running, "keys-contract", pipeline(*stages, senders=[SENDER]))
    made.tell("envelope-sent")
    wanted = {"2.told": "done", "2.reminder": "ready", "2.legal": "skipped"}
    assert made.until_states(wanted) == wanted
    return made


def title(process: Process) -> str:
    found = process.document().title
    assert found is not None
    return found


def here(page: Any) -> Any:
    """The stage in which the document is."""
    return page.get_by_role("region", name="Here now: Out to sign")


def line(within: Any, name: str) -> Any:
    """What is told of a rule."""
    return within.locator(".line", has_text=name)


def test_21_the_board_is_filtered_and_a_document_opened_and_the_way_back_keeps_the_filter(
    contract: Process, visit: Visitor
) -> None:
    page = visit("viewer", f"#/board?pipeline={contract.name}").page
    keys = Keys(page)
    column = page.get_by_role("listitem", name="Out to sign", exact=True)
    keys.write(page.get_by_label(NUMBER), contract.client_address)
    until(lambda: "text=" in page.url)
    keys.enter(column.get_by_role("link", name=title(contract)))
    page.get_by_role("heading", name=title(contract), level=1).wait_for()
    page.go_back()
    column.get_by_role("link", name=title(contract)).wait_for()
    assert page.get_by_label(NUMBER).input_value() == contract.client_address


def test_22_the_document_is_edited_commented_and_its_mail_seen_before_it_goes(
    contract: Process, visit: Visitor
) -> None:
    page = visit("operator", f"#/documents/{contract.document().id}").page
    keys = Keys(page)
    dialog = page.get_by_role("dialog")
    edit = page.get_by_role("region", name="Fields").get_by_role("button", name="Edit")
    keys.enter(edit)
    keys.until_on(dialog.get_by_label("Title"))
    keys.write(dialog.get_by_label("Number"), "K-77")
    keys.press("Enter")
    dialog.wait_for(state="detached")
    keys.until_on(edit)
    assert contract.document().number == "K-77"
    keys.enter(page.get_by_role("button", name="Comment"))
    keys.until_on(dialog.get_by_label("Text"))
    keys.type("Seen by the keyboard")
    keys.enter(dialog.get_by_role("button", name="Add"))
    history = page.get_by_role("region", name="History")
    history.get_by_text("Seen by the keyboard").wait_for()
    preview = line(here(page), "Remind the client").get_by_role("button", name="Preview")
    keys.enter(preview)
    dialog.get_by_text(contract.client_address).wait_for()
    keys.to(dialog.get_by_label("Text of the mail"))
    keys.press("Escape")
    keys.until_on(preview)


def test_23_and_24_why_not_is_reached_from_the_list_and_says_its_values_clause_by_clause(
    contract: Process, visit: Visitor
) -> None:
    page = visit("viewer", f"#/documents?pipeline={contract.name}").page
    keys = Keys(page)
    keys.enter(page.get_by_role("link", name=title(contract)))
    keys.until_on(page.get_by_role("heading", level=1))
    keys.to(page.get_by_role("group", name="The way of the document"))
    legal = line(here(page), "Tell legal")
    assert "Skipped" in legal.inner_text()
    assert "Amount is greater than 99,999: found 12,500" in legal.inner_text()
    keys.to(line(here(page), "Remind the client").get_by_role("button", name="Preview"))
    fired = line(here(page), "Fired")
    keys.enter(fired.get_by_role("link").first)
    moved = page.get_by_role("region", name="History").locator("[aria-current=true]")
    keys.until_on(moved)
    assert "Moved from Draft to Out to sign" in moved.inner_text()


def test_25_the_whole_history_is_loaded_and_verified(contract: Process, visit: Visitor) -> None:
    for number in range(60):
        save(contract._store, contract.document().id, Edit(comment=f"Note {number}"), user(ANNA))
    page = visit("viewer", f"#/documents/{contract.document().id}").page
    keys = Keys(page)
    history = page.get_by_role("region", name="History")
    history.get_by_text("Note 59").wait_for()
    made = history.get_by_text("the document was made in Draft")
    assert made.count() == 0
    keys.enter(history.get_by_role("button", name="Show more"))
    made.wait_for()
    keys.enter(history.get_by_role("button", name="Verify"))
    history.get_by_text("entries are as they were written").wait_for()


def test_27_what_is_planned_is_shifted_and_skipped(running: Running, visit: Visitor) -> None:
    rules = [
        mail(one, name=f"Mail {one}", time=LATER, execution="independent") for one in ("a", "b")
    ]
    stages = (stage("draft"), stage("sent", *rules, triggers=[trigger("sent")]))
    process = Process(running, "keys-planned", pipeline(*stages, senders=[SENDER]))
    process.tell("envelope-sent")
    assert until(process.states) == {"2.a": "ready", "2.b": "ready"}
    page = visit("operator", f"#/calendar?view=list&pipeline={process.name}").page
    keys = Keys(page)
    dialog = page.get_by_role("dialog")
    keys.enter(page.get_by_role("button", name="Shift: Mail a"))
    day, time = dialog.get_by_label("Day"), dialog.get_by_label("Time")
    keys.to(day)
    keys.press("Tab", "Tab", "ArrowUp")  # the year, in every order of the three
    keys.enter(time, "ArrowUp")
    due = datetime.fromisoformat(f"{day.input_value()}T{time.input_value()}").replace(tzinfo=BERLIN)
    before = process.run("a").due
    assert before is not None
    assert due - before > timedelta(days=364)
    keys.enter(dialog.get_by_role("button", name="Shift", exact=True))
    dialog.wait_for(state="detached")
    assert until(lambda: process.run("a").due, lambda found: found == due) == due
    keys.enter(page.get_by_role("button", name="Skip: Mail b"))
    keys.enter(dialog.get_by_role("button", name="Skip", exact=True))
    dialog.wait_for(state="detached")
    assert until(lambda: process.run("b").state, lambda state: state == "skipped") == "skipped"


def test_28_what_comes_in_appears_and_leaves_the_focus_where_it_is(
    running: Running, visit: Visitor
) -> None:
    stages = (stage("draft", name="Draft"), stage("sent", name="Sent", triggers=[trigger("sent")]))
    live = Process(running, "keys-live", pipeline(*stages))
    page = visit("viewer", f"#/board?pipeline={live.name}").page
    keys = Keys(page)
    words = page.get_by_label(NUMBER)
    keys.write(words, "klara")
    live.tell("envelope-sent")
    found = page.get_by_role("listitem", name="Sent", exact=True).get_by_role("link")
    found.wait_for()
    keys.until_on(words)
    assert words.input_value() == "klara"
    keys.enter(found)
    page.get_by_role("heading", name=title(live), level=1).wait_for()
