"""The editor of pipelines in a browser: one scenario for each thing that it can do."""

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
from tests.end_to_end.process import Process, until
from tests.integration.account import SENDER

pytest.importorskip("playwright.sync_api")

STEPS = 30
"""Clicks, choices and texts that the seed's example may take, of which three minutes are plenty."""


def test_the_whole_pipeline_is_on_one_screen(running: Running, visit: Visitor) -> None:
    rules = (mail("first", name="First"), mail("second", name="Second"))
    page = opened(running, visit, "editor-screen", contracts(*rules))
    sent = column(page, "Sent")
    triggers = sent.get_by_role("group", name="Triggers, moving a document here")
    assert triggers.get_by_role("listitem").count() == 1
    assert sent.get_by_role("group", name="Rules").get_by_role("listitem").count() == 2
    assert sent.locator("li.chained").count() == 1
    for name in ("Draft", "Sent", "Signed"):
        assert column(page, name).is_visible()


def test_stages_are_added_renamed_moved_and_deleted_by_the_keyboard(
    running: Running, visit: Visitor
) -> None:
    page = opened(running, visit, "editor-stages", contracts())
    page.get_by_role("button", name="+ Stage").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Name", exact=True).wait_for()
    assert until(lambda: page.evaluate("document.activeElement?.value") == "New stage")
    page.keyboard.type("Archived")
    page.keyboard.press("Escape")
    column(page, "Archived").get_by_role("button", name="Archived", exact=True).focus()
    page.keyboard.press("Alt+ArrowLeft")
    page.get_by_text("Stage Archived is now at place 3 of 4").wait_for()
    wait_for_saved(page)
    column(kept(visit, "editor-stages"), "Archived").wait_for()
    column(page, "Archived").get_by_role("button", name="Menu of Archived").focus()
    page.keyboard.press("Enter")
    page.get_by_role("menuitem", name="Delete stage").press("Enter")
    column(page, "Archived").wait_for(state="detached")
    page.keyboard.press("Control+z")
    column(page, "Archived").wait_for()


def test_the_catalogue_is_searched_and_says_what_is_locked_and_why(
    running: Running, visit: Visitor
) -> None:
    Process(running, "editor-catalogue", contracts())
    page = visit("administrator").page
    included = tuple(one for one in RULES.kinds if one != "send_sms")
    plan = Entitlements(plan="Small", rule_kinds=included)
    rows = [KindRowView.model_validate(one).model_dump(mode="json") for one in list_kinds(plan)]
    page.route(
        "**/api/v1/catalogue/kinds",
        lambda route: route.fulfill(json={"items": rows, "next": None}),
    )
    page.evaluate("location.hash = '#/automation/editor-catalogue'")
    column(page, "Sent").get_by_role("button", name="+ Rule").click()
    dialog = page.get_by_role("dialog")
    sms = dialog.get_by_role("button", name="Send an SMS")
    assert "not included in this deployment's plan Small" in sms.inner_text()
    assert sms.get_attribute("aria-disabled") == "true"
    dialog.get_by_label("Only what the plan includes").check()
    sms.wait_for(state="detached")
    dialog.get_by_role("button", name="Task management").click()
    assert dialog.locator(".kind").count() == 1
    dialog.get_by_role("button", name="All", exact=True).click()
    dialog.get_by_label("Find by name or description").fill("creates a task for a user")
    dialog.get_by_text("1 found").wait_for(state="attached")
    dialog.get_by_label("Find by name or description").press("Tab")
    dialog.get_by_role("button", name="Create a task").press("Enter")
    page.get_by_role("complementary", name="Settings of Create a task").wait_for()
    column(page, "Signed").get_by_role("button", name="+ Rule").click()
    dialog.get_by_role("button", name="Recently used").click()
    assert dialog.get_by_role("button", name="Create a task").count() == 1


def test_several_are_added_at_once_and_marked_until_they_are_configured(
    running: Running, visit: Visitor
) -> None:
    page = opened(running, visit, "editor-several", contracts())
    column(page, "Sent").get_by_role("button", name="+ Rule").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Send e-mail").click(modifiers=["Control"])
    dialog.get_by_role("button", name="Create a task").press("Control+Enter")
    dialog.get_by_label("Keep open").check()
    dialog.get_by_role("button", name="Add a comment").click()
    dialog.get_by_text("Added: Send e-mail, Create a task, Add a comment").wait_for()
    dialog.get_by_role("button", name="Done").click()
    assert column(page, "Sent").locator(".rules .face").count() == 3
    column(page, "Sent").get_by_text("Not configured yet").nth(2).wait_for()


def test_a_card_tells_time_order_condition_and_recipient_in_one_sentence(
    running: Running, visit: Visitor
) -> None:
    time = {"after": {"working_days": 3}, "at": "09:00", "working_hours": True}
    rules = (mail("first", name="First"), mail("again", name="Again", time=time, condition=OVER))
    page = opened(running, visit, "editor-sentence", contracts(*rules))
    said = card(page, "Again").locator(".says").inner_text()
    assert said.startswith("3 working days after the rule above, at 09:00, in business hours")
    assert "only if Amount is greater than 5,000" in said
    assert said.endswith("to the client")


def test_the_menu_of_a_card_copies_switches_off_and_deletes_and_each_is_undone(
    running: Running, visit: Visitor
) -> None:
    page = opened(running, visit, "editor-menu", contracts(mail("told", name="Told")))

    def choose(item: str) -> None:
        page.get_by_role("button", name="Menu of Told", exact=True).focus()
        page.keyboard.press("Enter")
        page.get_by_role("menuitem", name=item, exact=True).press("Enter")

    def undo() -> None:
        page.get_by_role("button", name="Undo").first.click()

    choose("Copy")
    card(page, "Told (copy)").wait_for()
    undo()
    card(page, "Told (copy)").wait_for(state="detached")
    choose("Switch off")
    page.get_by_text("Switched off", exact=True).wait_for()
    undo()
    page.get_by_text("Switched off", exact=True).wait_for(state="detached")
    choose("Delete")
    card(page, "Told").wait_for(state="detached")
    undo()
    card(page, "Told").wait_for()
    choose("Move right")
    column(page, "Signed").get_by_text("Told").wait_for()
    page.get_by_role("button", name="Redo").wait_for()


def test_several_go_to_another_pipeline_and_what_cannot_is_reported(
    running: Running, visit: Visitor
) -> None:
    Process(running, "editor-there", contracts())
    own = {"field": "segment", "op": "equals", "value": "business"}
    fields = {"segment": {"type": "text"}}
    rules = (mail("goes", name="Goes"), mail("stays", name="Stays", condition=own))
    page = opened(running, visit, "editor-here", contracts(*rules, fields=fields))
    card(page, "Goes").focus()
    page.keyboard.press("x")
    card(page, "Stays").click(modifiers=["Control"])
    bar = page.get_by_role("toolbar", name="Select several")
    bar.get_by_role("button", name="Copy to").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Pipeline").select_option("editor-there")
    dialog.get_by_text("Stays: there is no field segment").wait_for()
    dialog.get_by_label("Stage").select_option("sent")
    dialog.get_by_role("button", name="Copy").click()
    dialog.wait_for(state="detached")
    there = kept(visit, "editor-there")
    card(there, "Goes").wait_for()
    assert card(there, "Stays").count() == 0


def test_cards_are_dragged_and_moved_by_keys_and_that_is_announced(
    running: Running, visit: Visitor
) -> None:
    rules = (mail("one", name="One"), mail("two", name="Two"))
    page = opened(running, visit, "editor-drag", contracts(*rules))
    card(page, "Two").drag_to(column(page, "Signed").get_by_role("button", name="+ Rule"))
    page.get_by_text("Two is now in Signed, place 1 of 1").wait_for()
    card(page, "Two").focus()
    page.keyboard.press("Alt+ArrowLeft")
    page.get_by_text("Two is now in Sent, place 2 of 2").wait_for()
    assert until(lambda: focused(page) == "rules:two")
    page.keyboard.press("Alt+ArrowUp")
    page.get_by_text("Two is now in Sent, place 1 of 2").wait_for()
    assert until(lambda: focused(page) == "rules:two")


def test_the_form_has_the_settings_of_the_kind_with_help_and_errors_at_the_field(
    running: Running, visit: Visitor
) -> None:
    page = opened(running, visit, "editor-form", contracts(TASK), "?card=rules:check")
    title = page.get_by_label("Title", exact=True)
    title.fill("")
    page.get_by_text('"title" is missing').wait_for()
    assert title.get_attribute("aria-invalid") == "true"
    title.press_sequentially("Check the amount")
    page.get_by_text('"title" is missing').wait_for(state="detached")
    page.get_by_role("button", name="Help for Assignee").press("Enter")
    assert page.locator("[data-field='settings.assignee'] .help").is_visible()
    page.get_by_text("More settings").click()
    page.get_by_label("On leaving the stage", exact=True).select_option("keep")
    wait_for_saved(page)
    page.keyboard.press("Escape")
    assert until(lambda: focused(page) == "rules:check")


def test_a_time_is_edited_in_its_sentence(running: Running, visit: Visitor) -> None:
    page = opened(running, visit, "editor-time", contracts(TASK), "?card=rules:check")
    when = page.get_by_role("group", name="When")
    when.get_by_label("When", exact=True).select_option("after")
    when.get_by_label("When: how many").fill("3")
    when.get_by_label("When: unit").select_option("working_days")
    when.get_by_label("Time of day").select_option("at")
    when.get_by_label("Business hours").select_option("true")
    page.get_by_text("3 working days after arrival, at 09:00, in business hours").wait_for()


def test_a_condition_is_built_with_brackets_and_said_in_a_sentence(
    running: Running, visit: Visitor
) -> None:
    page = opened(running, visit, "editor-condition", contracts(TASK), "?card=rules:check")
    page.get_by_role("button", name="+ Condition").press("Enter")
    page.get_by_label("Clause 1: Field").select_option("amount")
    page.get_by_label("Clause 1: Value").fill("5000")
    page.get_by_role("button", name="+ Bracket").press("Enter")
    inner = page.get_by_role("group", name="any of")
    inner.get_by_label("Clause 1: Field").select_option("currency")
    inner.get_by_label("Clause 1: Value").fill("EUR")
    inner.get_by_role("button", name="+ Clause").press("Enter")
    inner.get_by_label("Clause 2: Field").select_option("title")
    inner.get_by_label("Clause 2: Operator").select_option("contains")
    inner.get_by_label("Clause 2: Value").fill("lease")
    said = "Amount is greater than 5,000 and (Currency is EUR or Title contains lease)"
    page.locator("p.sentence").get_by_text(said).wait_for()


def test_fields_are_inserted_and_previewed_on_a_real_document(
    running: Running, visit: Visitor
) -> None:
    fields = {"segment": {"type": "text", "label": "Segment"}}
    made = contracts(mail("told", name="Told"), fields=fields)
    process = Process(running, "editor-preview", made)
    process.tell("envelope-sent")
    process.until_states({"2.told": "done"})
    document = process.document()
    page = visit("administrator", "#/automation/editor-preview?card=rules:told").page
    text = page.get_by_label("Text", exact=True)
    text.focus()
    text.press("End")
    text.press_sequentially(", {{")
    page.get_by_label("Find a field").press_sequentially("Segment")
    page.keyboard.press("Enter")
    page.get_by_label("Subject", exact=True).fill("About {{ document.title }}")
    page.get_by_role("button", name="Preview on a document").press("Enter")
    preview = page.get_by_role("region", name="Preview")
    preview.get_by_text(f"About {document.title}").wait_for()
    preview.get_by_text("missing: document.segment").wait_for()
    preview.get_by_text("1 value is missing").wait_for()
    preview.get_by_text(process.client_address, exact=True).wait_for()
    text.fill("Dear {{ signer.name }}")
    preview.locator("mark").get_by_text("Klara Vogel", exact=True).wait_for()
    preview.get_by_text("1 value is missing").wait_for(state="detached")
    page.get_by_label("Subject", exact=True).fill("")
    preview.get_by_text("Correct the settings first").wait_for()


def test_the_texts_of_a_task_are_previewed_and_a_viewer_is_told_who_may(
    running: Running, visit: Visitor
) -> None:
    task = {
        **TASK,
        "settings": {"title": "Call {{ client.name }}", "text": "{{ document.reason }}"},
    }
    process = Process(running, "editor-task-preview", contracts(task))
    process.tell("envelope-sent")
    address = "#/automation/editor-task-preview?card=rules:check"
    page = visit("operator", address).page
    page.get_by_role("button", name="Preview on a document").click()
    preview = page.get_by_role("region", name="Preview")
    preview.get_by_text("missing: document.reason").wait_for()
    preview.locator("dt").get_by_text("Title", exact=True).wait_for()
    viewer = visit("viewer", address).page
    button = viewer.get_by_role("button", name="Preview on a document")
    assert button.get_attribute("aria-disabled") == "true"


def test_a_pipeline_of_a_template_has_german_stages_where_the_console_is_german(
    running: Running, visit: Visitor
) -> None:
    page = visit("administrator", "#/automation", locale="de-DE").page
    page.get_by_role("button", name="Anlegen", exact=True).first.press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill("Prüfung der Vorlage")
    assert dialog.get_by_label("Kennung", exact=True).input_value() == "pruefung-der-vorlage"
    dialog.get_by_role("radio", name="Unterzeichnung").wait_for()
    dialog.get_by_role("button", name="Anlegen").press("Enter")
    for name in ("Entwurf", "Versandt", "Unterzeichnet"):
        column(page, name).wait_for()


def test_a_form_is_not_sent_before_all_of_it_is_there(running: Running, visit: Visitor) -> None:
    made = visit("administrator", "#/automation")
    page = made.page
    late: list[Any] = []
    page.route("**/api/v1/catalogue/templates", lambda route: late.append(route))
    page.get_by_role("button", name="Create", exact=True).first.press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill("Of a late template")
    dialog.get_by_role("button", name="Create").press("Enter")
    page.get_by_text("The form is still loading.").wait_for()
    assert until(lambda: bool(late))
    late[0].continue_()
    dialog.get_by_role("radio", name="two-parties").check()
    dialog.get_by_role("button", name="Create").press("Enter")
    page.get_by_role("heading", name="Of a late template").wait_for()
    assert page.url.endswith("#/automation/of-a-late-template")
    assert not any("POST" in name for name in made.refused)


def test_an_editor_whose_catalogue_cannot_be_loaded_at_first_opens_by_itself(
    running: Running, visit: Visitor
) -> None:
    Process(running, "editor-late", contracts(TASK))
    page = visit("administrator", "#/automation").page
    page.route("**/api/v1/catalogue/groups", lambda route: route.fulfill(status=503, body="{}"))
    page.evaluate("location.hash = '#/automation/editor-late'")
    page.get_by_role("alert").get_by_role("button", name="Try again").wait_for()
    page.unroute("**/api/v1/catalogue/groups")
    column(page, "Sent").wait_for()


def test_form_and_file_are_side_by_side_with_the_same_result(
    running: Running, visit: Visitor
) -> None:
    query = "?card=rules:check&yaml=1"
    page = opened(running, visit, "editor-yaml", contracts(TASK), query)
    file = page.get_by_role("textbox", name="Pipeline file")
    page.get_by_label("Title", exact=True).fill("From the form")
    assert until(lambda: "From the form" in file.input_value())
    file.fill(file.input_value().replace("From the form", "From the file"))
    title = page.get_by_label("Title", exact=True)
    assert until(lambda: title.input_value() == "From the file")
    broken = file.input_value() + "\n  x: ["
    file.fill(broken)
    page.get_by_role("button", name="Discard what cannot be read").wait_for()
    assert file.input_value() == broken


def test_two_editors_see_both_versions_and_nothing_is_lost(
    running: Running, visit: Visitor
) -> None:
    first = opened(running, visit, "editor-two", contracts(TASK), "?card=rules:check")
    first.get_by_label("Title", exact=True).fill("As before")
    wait_for_saved(first)
    second = visit("administrator", "#/automation/editor-two?card=rules:check").page
    second.get_by_label("Title", exact=True).wait_for()
    first.route("**/api/v1/drafts/editor-two", lambda route: route.abort())
    first.get_by_label("Title", exact=True).fill("By the first")
    second.get_by_label("Title", exact=True).fill("By the second")
    wait_for_saved(second)
    first.get_by_text("Not saved").wait_for()
    first.unroute("**/api/v1/drafts/editor-two")
    dialog = first.get_by_role("dialog", name="Somebody else has saved this draft")
    row = dialog.get_by_role("row", name="Title")
    row.get_by_text("By the first").wait_for()
    row.get_by_text("By the second").wait_for()
    assert dialog.get_by_role("row").count() == 2
    dialog.get_by_role("button", name="Take the other version").press("Enter")
    dialog.wait_for(state="detached")
    title = first.get_by_label("Title", exact=True)
    assert until(lambda: title.input_value() == "By the second")
    first.get_by_role("button", name="Undo").first.click()
    assert until(lambda: title.input_value() == "By the first")


def test_two_editors_of_different_places_keep_both_changes(
    running: Running, visit: Visitor
) -> None:
    made = contracts(TASK, mail("told", name="Told"))
    first = opened(running, visit, "editor-both", made, "?card=rules:check")
    first.get_by_label("Title", exact=True).fill("As before")
    wait_for_saved(first)
    second = visit("administrator", "#/automation/editor-both?card=rules:told").page
    second.get_by_label("Subject", exact=True).wait_for()
    first.route("**/api/v1/drafts/editor-both", lambda route: route.abort())
    first.get_by_label("Title", exact=True).fill("By the first")
    second.get_by_label("Subject", exact=True).fill("By the second")
    wait_for_saved(second)
    first.get_by_text("Not saved").wait_for()
    first.unroute("**/api/v1/drafts/editor-both")
    dialog = first.get_by_role("dialog", name="Somebody else has saved this draft")
    dialog.get_by_role("button", name="Keep both changes").press("Enter")
    wait_for_saved(first)
    card(first, "Told").click()
    subject = first.get_by_label("Subject", exact=True)
    assert until(lambda: subject.input_value() == "By the second")
    card(first, "Create a task").click()
    title = first.get_by_label("Title", exact=True)
    assert until(lambda: title.input_value() == "By the first")


def test_a_draft_that_another_deletes_can_be_made_again(running: Running, visit: Visitor) -> None:
    first = opened(running, visit, "editor-gone", contracts(TASK), "?card=rules:check")
    first.get_by_label("Title", exact=True).fill("As before")
    wait_for_saved(first)
    second = visit("administrator", "#/automation/editor-gone").page
    second.get_by_text("Draft saved").wait_for()
    first.route("**/api/v1/drafts/editor-gone", lambda route: route.abort())
    first.get_by_label("Title", exact=True).fill("Not lost")
    first.get_by_text("Not saved").wait_for()
    second.get_by_role("button", name="More", exact=True).press("Enter")
    second.get_by_role("menuitem", name="Discard the draft").press("Enter")
    second.get_by_role("dialog").get_by_role("button", name="Discard the draft").press("Enter")
    second.get_by_text("As published").wait_for()
    first.unroute("**/api/v1/drafts/editor-gone")
    dialog = first.get_by_role("dialog", name="Somebody else has deleted this draft")
    dialog.get_by_role("button", name="Make it a draft again").press("Enter")
    wait_for_saved(first)
    assert first.get_by_label("Title", exact=True).input_value() == "Not lost"


def test_problems_are_found_while_typing_and_lead_to_their_field(
    running: Running, visit: Visitor
) -> None:
    page = opened(running, visit, "editor-problems", contracts(TASK), "?card=rules:check")
    page.get_by_label("Title", exact=True).fill("")
    page.get_by_role("button", name="1 problem").press("Enter")
    listed = page.get_by_role("complementary", name="Problems")
    listed.get_by_role("button", name="title").press("Enter")
    where = "document.activeElement?.closest('[data-field]')?.dataset.field"
    assert until(lambda: page.evaluate(where) == "settings.title")


def test_the_address_of_a_problem_opens_its_field(running: Running, visit: Visitor) -> None:
    made = contracts(mail("told", name="Tell them"))
    query = "?at=/stages/1/rules/0/settings/subject"
    page = opened(running, visit, "editor-place", made, query)
    until(lambda: page.evaluate("document.activeElement?.labels?.[0]?.innerText") == "Subject")
    page.get_by_role("heading", name="Tell them", level=2).wait_for()
    assert page.evaluate("document.activeElement?.labels?.[0]?.innerText") == "Subject"


def test_a_condition_that_nothing_meets_and_a_stage_that_nothing_reaches_are_warned_of(
    running: Running, visit: Visitor
) -> None:
    never = {"all": [*OVER["all"], {"field": "amount", "op": "less", "value": 100}]}
    made = contracts(mail("told", name="Told", condition=never))
    page = opened(running, visit, "editor-warnings", made)
    page.get_by_role("button", name="+ Stage").press("Enter")
    page.get_by_role("button", name="Done").press("Enter")
    page.get_by_role("button", name="2 warnings").press("Enter")
    listed = page.get_by_role("complementary", name="Problems")
    listed.get_by_text("brings documents into the stage").wait_for()
    listed.get_by_role("button", name="its clauses exclude each other").press("Enter")
    page.get_by_role("complementary", name="Settings of Told").wait_for()


def tab_to(page: Any, name: str) -> None:
    """Press Tab until the focus is on what is called that."""
    called = """() => {
        const one = document.activeElement
        const label = one?.labels?.[0]?.textContent
        return (one?.getAttribute('aria-label') ?? label ?? one?.textContent ?? '').trim()
    }"""
    for _ in range(90):
        if page.evaluate(called).startswith(name):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {name}")


def test_a_rule_is_added_and_set_up_by_the_keyboard_alone(running: Running, visit: Visitor) -> None:
    page = opened(running, visit, "editor-keys", contracts(TASK))
    tab_to(page, "Menu of Sent")
    tab_to(page, "+ Rule")
    page.keyboard.press("Enter")
    page.get_by_role("dialog").wait_for()
    page.keyboard.type("send e-mail")
    page.get_by_text("1 found").wait_for(state="attached")
    tab_to(page, "Send e-mail")
    page.keyboard.press("Enter")
    page.get_by_role("complementary", name="Settings of Send e-mail").wait_for()
    assert until(lambda: focused_on(page, "settings.to"))
    page.keyboard.press("Enter")
    page.get_by_role("menuitem", name="the client", exact=True).wait_for()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Remove the client").wait_for()
    tab_to(page, "Subject")
    page.keyboard.type("Please sign")
    tab_to(page, "Text")
    page.keyboard.type("It waits for you.")
    page.keyboard.press("Escape")
    said = card(page, "Send e-mail").locator(".says")
    assert said.inner_text().endswith("to the client")
    page.get_by_role("button", name="No problems").wait_for()
    assert until(lambda: focused(page) == "rules:send-email")


def focused_on(page: Any, field: str) -> bool:
    """Whether the focus is in that field of the form."""
    where = "document.activeElement?.closest('[data-field]')?.dataset.field"
    return bool(page.evaluate(where) == field)


def test_a_viewer_sees_the_pipeline_and_changes_nothing(running: Running, visit: Visitor) -> None:
    Process(running, "editor-viewer", contracts(TASK))
    page = visit("viewer", "#/automation/editor-viewer?card=rules:check").page
    title = page.get_by_label("Title", exact=True)
    title.wait_for()
    assert title.is_disabled()
    add = column(page, "Sent").get_by_role("button", name="+ Rule")
    assert add.get_attribute("aria-disabled") == "true"
    assert "Administrator" in (add.get_attribute("title") or "")


def test_the_seeds_example_is_built_by_clicks(running: Running, visit: Visitor) -> None:
    """The director signs, the contract goes to the client; over 5,000 EUR there is a task."""
    Process(running, "editor-other", contracts())
    page = visit("administrator", "#/automation").page
    steps = iter(range(STEPS))

    def click(found: Any, **how: Any) -> None:
        next(steps)
        found.click(**how)

    def choose(label: str, value: str) -> None:
        next(steps)
        page.get_by_label(label, exact=True).select_option(value)

    def write(label: str, text: str) -> None:
        next(steps)
        page.get_by_label(label, exact=True).fill(text)

    def button(name: str, within: Any = None) -> Any:
        return (within or page).get_by_role("button", name=name, exact=True)

    dialog = page.get_by_role("dialog")
    click(button("Create"))
    click(page.get_by_label("an empty pipeline"))
    write("Name", "Editor seed")
    write("Sender of mails", SENDER)
    click(button("Create", dialog))
    click(button("+ Stage"))
    write("Name", "Sent")
    click(button("Done"))
    sent = column(page, "Sent")
    click(button("+ Trigger", sent))
    click(dialog.get_by_role("button", name="Signed by company"))
    click(button("+ Rule", sent))
    click(dialog.get_by_role("button", name="Create a task"), modifiers=["Control"])
    click(dialog.get_by_role("button", name="Send e-mail"))
    click(button("Add …: Send to"))
    click(page.get_by_role("menuitem", name="the client", exact=True))
    write("Subject", "Your contract {{ document.number }} is ready to sign")
    write("Text", "Please sign: {{ signer.signing_link }}")
    click(button("Add …: Attachments"))
    click(page.get_by_role("menuitem", name="Unsigned contract"))
    click(card(page, "Create a task"))
    write("Title", "Check {{ document.title }}")
    click(button("+ Condition"))
    choose("Clause 1: Field", "amount")
    write("Clause 1: Value", "5000")
    click(button("+ Clause"))
    choose("Clause 2: Field", "currency")
    write("Clause 2: Value", "EUR")
    said = card(page, "Create a task").locator(".says")
    assert "only if Amount is greater than 5,000 and Currency is EUR" in said.inner_text()
    page.get_by_role("button", name="No problems").wait_for()
    wait_for_saved(page)
    assert len(list(steps)) > 0
