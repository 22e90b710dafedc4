"""Building a pipeline by the keyboard alone: one scenario for each thing that the editor can do."""

from __future__ import annotations

from typing import Any

import pytest

from countersign.http.views.catalogue import KindRowView
from countersign.model.entitlements import Entitlements
from countersign.rules import RULES
from countersign.use_cases.queries.catalogue import list_kinds
from tests.builders import mail
from tests.end_to_end.conftest import Running
from tests.end_to_end.console.conftest import Visitor
from tests.end_to_end.console.editor import (
    OVER,
    TASK,
    card,
    column,
    contracts,
    focused,
    kept,
    opened,
    wait_for_saved,
)
from tests.end_to_end.console.keyboard import Keys
from tests.end_to_end.process import Process, until

pytest.importorskip("playwright.sync_api")

PLACE = "document.activeElement?.dataset.key ?? ''"
FIELD = "document.activeElement?.closest('[data-field]')?.dataset.field ?? ''"


def button(within: Any, name: str) -> Any:
    return within.get_by_role("button", name=name, exact=True)


def named(page: Any, label: str) -> Any:
    """A field of the open settings."""
    return page.get_by_label(label, exact=True)


def test_01_the_whole_pipeline_is_walked_through(running: Running, visit: Visitor) -> None:
    rules = (mail("first", name="First"), mail("second", name="Second"))
    page = opened(running, visit, "keys-screen", contracts(*rules))
    keys = Keys(page)
    keys.to(button(column(page, "Draft"), "Draft"))
    walked: list[str] = []
    while not walked or walked[-1] != "rules+2":
        place = page.evaluate(PLACE)
        walked.extend([place] if place else [])
        keys.press("Tab")
    assert walked == [
        *("stages:draft", "triggers+0", "rules+0"),
        *("stages:sent", "triggers:sent", "triggers+1", "rules:first", "rules:second", "rules+1"),
        *("stages:signed", "triggers:signed-by-all", "triggers+2", "rules+2"),
    ]


def test_02_the_catalogue_is_searched_and_filtered_and_says_what_is_locked(
    running: Running, visit: Visitor
) -> None:
    Process(running, "keys-catalogue", contracts())
    made = visit("administrator")
    page, keys = made.page, Keys(made.page)
    plan = Entitlements(plan="Small", rule_kinds=tuple(set(RULES.kinds) - {"send_sms"}))
    rows = [KindRowView.model_validate(one).model_dump(mode="json") for one in list_kinds(plan)]
    page.route(
        "**/api/v1/catalogue/kinds",
        lambda route: route.fulfill(json={"items": rows, "next": None}),
    )
    made.go("#/automation/keys-catalogue")
    add = button(column(page, "Sent"), "+ Rule")
    keys.enter(add)
    dialog = page.get_by_role("dialog")
    keys.until_on(dialog.get_by_label("Find by name or description"))
    keys.type("sms")
    keys.enter(dialog.get_by_role("button", name="Send an SMS"))
    dialog.get_by_text("not included in this deployment's plan Small").wait_for()
    keys.enter(dialog.get_by_label("Only what the plan includes"), "Space")
    dialog.get_by_text("0 found").wait_for(state="attached")
    keys.write(dialog.get_by_label("Find by name or description"), "creates a task for a user")
    keys.enter(button(dialog, "Task management"))
    dialog.get_by_text("1 found").wait_for(state="attached")
    keys.press("Escape")
    keys.until_on(add)
    assert column(page, "Sent").locator(".rules .face").count() == 0


def test_03_several_are_added_at_once_and_configured_one_after_the_other(
    running: Running, visit: Visitor
) -> None:
    page = opened(running, visit, "keys-several", contracts())
    keys = Keys(page)
    keys.enter(button(column(page, "Sent"), "+ Rule"))
    dialog = page.get_by_role("dialog")
    keys.enter(dialog.get_by_role("button", name="Send e-mail"), "Control+Enter")
    keys.enter(dialog.get_by_label("Keep open"), "Space")
    for kind in ("Create a task", "Add a comment"):
        keys.enter(dialog.get_by_role("list").get_by_role("button", name=kind).last)
    dialog.get_by_text("Added: Send e-mail, Create a task, Add a comment").wait_for()
    keys.enter(button(dialog, "Done"))
    bare = column(page, "Sent").get_by_text("Not configured yet")
    bare.nth(2).wait_for()
    keys.enter(card(page, "Add a comment"))
    keys.write(named(page, "Comment"), "Looked at")
    keys.press("Escape")
    bare.nth(2).wait_for(state="detached")
    assert bare.count() == 2
    assert until(lambda: focused(page) == "rules:add-comment")


def test_04_the_sentence_of_a_card_says_what_is_set_in_its_form(
    running: Running, visit: Visitor
) -> None:
    rules = (mail("first", name="First"), mail("again", name="Again"))
    page = opened(running, visit, "keys-sentence", contracts(*rules))
    keys = Keys(page)
    said = card(page, "Again").locator(".says")
    assert said.inner_text() == "At once after the rule above, to the client"
    keys.enter(card(page, "Again"))
    when = page.get_by_role("group", name="When")
    keys.choose(named(when, "When"), "Wait")
    keys.write(named(when, "When: how many"), "3")
    keys.choose(named(when, "When: unit"), "working days")
    keys.choose(named(when, "Time of day"), "at")
    keys.choose(named(when, "Business hours"), "in business hours")
    keys.enter(button(page, "Remove the client"))
    keys.until_on(button(page, "Add …: Send to"))
    keys.press("Enter")
    keys.arrow_to(page.get_by_role("menuitem", name="the company"))
    keys.press("Enter", "Escape")
    wanted = "3 working days after the rule above, at 09:00, in business hours, to the company"
    assert until(said.inner_text, lambda text: text == wanted) == wanted


def test_05_the_menu_and_keys_of_a_card_copy_switch_off_and_delete_and_each_is_undone(
    running: Running, visit: Visitor
) -> None:
    page = opened(running, visit, "keys-menu", contracts(mail("told", name="Told")))
    keys = Keys(page)
    told = card(page, "Told")
    off = page.get_by_text("Switched off", exact=True)
    menu = button(page, "Menu of Told")

    keys.enter(menu, "ArrowDown")
    keys.until_on(page.get_by_role("menuitem", name="Settings", exact=True))
    keys.press("Escape")
    keys.until_on(menu)
    keys.press("Enter", "c", "Enter")
    copy = card(page, "Told (copy)")
    keys.until_on(copy)
    keys.press("Control+z")
    copy.wait_for(state="detached")
    keys.enter(told, "o")
    off.wait_for()
    keys.press("Control+z")
    off.wait_for(state="detached")
    keys.press("Delete")
    told.wait_for(state="detached")
    keys.until_on(button(column(page, "Sent"), "+ Rule"))
    keys.press("Control+z")
    told.wait_for()
    keys.press("Control+y")
    told.wait_for(state="detached")
    wait_for_saved(page)
    assert card(kept(visit, "keys-menu"), "Told").count() == 0


def test_06_several_go_to_another_pipeline_and_what_cannot_is_reported(
    running: Running, visit: Visitor
) -> None:
    Process(running, "keys-there", contracts())
    own = {"field": "segment", "op": "equals", "value": "business"}
    fields = {"segment": {"type": "text"}}
    rules = (mail("goes", name="Goes"), mail("stays", name="Stays", condition=own))
    page = opened(running, visit, "keys-here", contracts(*rules, fields=fields))
    keys = Keys(page)
    keys.enter(card(page, "Goes"), "x")
    keys.enter(card(page, "Stays"), "x")
    bar = page.get_by_role("toolbar", name="Select several")
    bar.get_by_text("2 selected").wait_for()
    keys.enter(bar.get_by_role("button", name="Copy to"))
    dialog = page.get_by_role("dialog")
    target = dialog.get_by_label("Pipeline")
    target.locator("option[value=keys-there]").wait_for(state="attached")
    keys.to(target)
    for _ in range(target.locator("option").count()):
        if target.input_value() != "keys-there":
            keys.press("ArrowDown")
    dialog.get_by_text("Stays: there is no field segment").wait_for()
    keys.choose(dialog.get_by_label("Stage"), "Sent")
    keys.enter(button(dialog, "Copy"))
    dialog.wait_for(state="detached")
    there = kept(visit, "keys-there")
    card(there, "Goes").wait_for()
    assert card(there, "Stays").count() == 0


def test_07_cards_and_stages_are_moved_by_keys_and_menu_and_that_is_announced(
    running: Running, visit: Visitor
) -> None:
    rules = (mail("one", name="One"), mail("two", name="Two"))
    page = opened(running, visit, "keys-moved", contracts(*rules))
    keys = Keys(page)
    for key, place in (
        ("Alt+ArrowUp", "Two is now in Sent, place 1 of 2"),
        ("Alt+ArrowUp", "It is at the end already"),
        ("Alt+ArrowRight", "Two is now in Signed, place 1 of 1"),
    ):
        keys.enter(card(page, "Two"), key)
        page.get_by_text(place).wait_for()
        keys.until_on(card(page, "Two"))
    keys.enter(button(page, "Menu of Two"))
    keys.until_on(page.get_by_role("menuitem", name="Settings", exact=True))
    keys.arrow_to(page.get_by_role("menuitem", name="Move left"))
    keys.press("Enter")
    page.get_by_text("Two is now in Sent, place 2 of 2").wait_for()
    keys.until_on(card(page, "Two"))
    keys.enter(button(column(page, "Signed"), "Signed"), "Alt+ArrowLeft")
    page.get_by_text("Stage Signed is now at place 2 of 3").wait_for()
    keys.until_on(button(column(page, "Signed"), "Signed"))


def test_08_the_form_has_help_and_its_errors_at_the_field(running: Running, visit: Visitor) -> None:
    page = opened(running, visit, "keys-form", contracts(TASK))
    keys = Keys(page)
    keys.enter(card(page, "Create a task"))
    title = named(page, "Title")
    keys.write(title, "")
    keys.press("Delete")
    page.get_by_text('"title" is missing').wait_for()
    assert title.get_attribute("aria-invalid") == "true"
    keys.type("Check the amount")
    page.get_by_text('"title" is missing').wait_for(state="detached")
    keys.enter(page.get_by_role("button", name="Help for Assignee"))
    page.locator("[data-field='settings.assignee'] .help").wait_for()
    keys.enter(page.locator("summary", has_text="More settings"))
    keys.choose(named(page, "On leaving the stage"), "Run all the same")
    wait_for_saved(page)
    keys.press("Escape")
    keys.until_on(card(page, "Create a task"))


def test_09_a_condition_is_built_with_brackets_and_said_in_a_sentence(
    running: Running, visit: Visitor
) -> None:
    page = opened(running, visit, "keys-condition", contracts(TASK))
    keys = Keys(page)
    keys.enter(card(page, "Create a task"))
    keys.enter(button(page, "+ Condition"))
    keys.choose(named(page, "Clause 1: Field"), "Amount")
    keys.choose(named(page, "Clause 1: Operator"), "is greater than")
    keys.write(named(page, "Clause 1: Value"), "5000")
    keys.enter(button(page, "+ Bracket"))
    inner = page.get_by_role("group", name="any of")
    keys.choose(named(inner, "Clause 1: Field"), "Currency")
    keys.write(named(inner, "Clause 1: Value"), "EUR")
    keys.enter(button(inner, "+ Clause"))
    keys.choose(named(inner, "Clause 2: Field"), "Title")
    keys.choose(named(inner, "Clause 2: Operator"), "contains")
    keys.write(named(inner, "Clause 2: Value"), "lease")
    sentence = page.locator("p.sentence")
    said = "Amount is greater than 5,000 and (Currency is EUR or Title contains lease)"
    sentence.get_by_text(said).wait_for()
    keys.enter(button(inner, "Remove clause 1"))
    sentence.get_by_text("Amount is greater than 5,000 and Title contains lease").wait_for()


def test_10_fields_are_inserted_and_previewed_on_a_real_document(
    running: Running, visit: Visitor
) -> None:
    fields = {"segment": {"type": "text", "label": "Segment"}}
    process = Process(running, "keys-preview", contracts(mail("told", name="Told"), fields=fields))
    process.tell("envelope-sent")
    assert process.until_states({"2.told": "done"}) == {"2.told": "done"}
    page = visit("administrator", "#/automation/keys-preview").page
    keys = Keys(page)
    keys.enter(card(page, "Told"))
    keys.to(named(page, "Text"))
    keys.press("Control+End")
    keys.type(", {{")
    keys.until_on(page.get_by_label("Find a field"))
    keys.type("Segment")
    keys.press("Enter")
    keys.until_on(named(page, "Text"))
    assert named(page, "Text").input_value() == "Hello, {{ document.segment }}"
    keys.enter(button(page, "Preview on a document"))
    preview = page.get_by_role("region", name="Preview")
    preview.get_by_text("missing: document.segment").wait_for()
    preview.get_by_text("1 value is missing").wait_for()


def test_11_form_and_file_are_side_by_side_with_the_same_result(
    running: Running, visit: Visitor
) -> None:
    page = opened(running, visit, "keys-yaml", contracts(TASK), "?yaml=1")
    keys = Keys(page)
    keys.enter(card(page, "Create a task"))
    title = named(page, "Title")
    keys.write(title, "From the form")
    file = page.get_by_role("textbox", name="Pipeline file")
    assert until(lambda: "From the form" in file.input_value())
    text = file.input_value().replace("From the form", "From the file")
    keys.to(file)
    keys.press("Control+a")
    page.keyboard.insert_text(text)
    assert until(lambda: title.input_value() == "From the file")
    keys.press("Control+End")
    keys.type("\n  x: [")
    keys.enter(button(page, "Discard what cannot be read"))
    assert until(lambda: file.input_value() == text)


def test_12_two_editors_see_both_versions_and_choose(running: Running, visit: Visitor) -> None:
    first = opened(running, visit, "keys-two", contracts(TASK), "?card=rules:check")
    keys = Keys(first)
    keys.write(named(first, "Title"), "As before")
    wait_for_saved(first)
    second = visit("administrator", "#/automation/keys-two?card=rules:check").page
    first.route("**/api/v1/drafts/keys-two", lambda route: route.abort())
    keys.write(named(first, "Title"), "By the first")
    Keys(second).write(named(second, "Title"), "By the second")
    wait_for_saved(second)
    first.get_by_text("Not saved").wait_for()
    first.unroute("**/api/v1/drafts/keys-two")
    dialog = first.get_by_role("dialog", name="Somebody else has saved this draft")
    dialog.get_by_text("By the second").wait_for()
    keys.press("Escape")
    dialog.wait_for(state="detached")
    keys.enter(button(first, "Compare and choose"))
    dialog.get_by_text("By the first").wait_for()
    keys.enter(button(dialog, "Take the other version"))
    dialog.wait_for(state="detached")
    title = named(first, "Title")
    assert until(lambda: title.input_value() == "By the second")
    keys.enter(first.get_by_role("button", name="Undo").first)
    assert until(lambda: title.input_value() == "By the first")


def test_13_problems_are_found_while_typing_and_lead_to_their_field(
    running: Running, visit: Visitor
) -> None:
    never = {"all": [*OVER["all"], {"field": "amount", "op": "less", "value": 100}]}
    made = contracts(TASK, mail("told", name="Told", condition=never))
    page = opened(running, visit, "keys-problems", made)
    keys = Keys(page)
    keys.enter(page.get_by_role("button", name="1 warning").first)
    listed = page.get_by_role("complementary", name="Problems")
    keys.enter(listed.get_by_role("button", name="its clauses exclude each other"))
    page.get_by_role("complementary", name="Settings of Told").wait_for()
    assert until(lambda: page.evaluate(FIELD) == "condition")
    keys.enter(card(page, "Create a task"))
    keys.write(named(page, "Title"), "")
    keys.press("Delete")
    keys.enter(page.get_by_role("button", name="1 problem").first)
    keys.enter(listed.get_by_role("button", name="title"))
    assert until(lambda: page.evaluate(FIELD) == "settings.title")
