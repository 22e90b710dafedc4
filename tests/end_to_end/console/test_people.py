"""People and what they may, what was changed by whom, and what is counted: by mouse and by keys."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from countersign.local.playing import local_stack
from countersign.model.upgrade import UpgradeProgress
from tests.builders import mail, pipeline, stage, trigger
from tests.end_to_end.conftest import Running
from tests.end_to_end.console.conftest import PATIENCE, Visitor
from tests.end_to_end.console.keyboard import Keys, tab_to
from tests.end_to_end.process import Process, until
from tests.integration.account import SENDER

PARTS = ["People", "Programs", "Secrets", "Plan", "Audit log", "Personal data", "Maintenance"]
LAST = "The last administrator who can sign in keeps the role."
"""How often Tab is pressed at most before something must have the focus."""
IN_ALL = 3 * PATIENCE
"""Milliseconds that a search in all pipelines may take: every test of the stack adds some."""


@pytest.fixture(scope="module")
def process(running: Running) -> Process:
    """A contract that was sent, with one mail."""
    made = Process(
        running,
        "console-people",
        pipeline(
            stage("draft", name="Draft"),
            stage(
                "sent",
                mail("told", execution="independent"),
                name="Out to sign",
                triggers=[trigger("sent")],
            ),
            stage("signed", name="Signed", kind="success", triggers=[trigger("signed_by_all")]),
            senders=[SENDER],
        ),
    )
    made.tell("envelope-sent")
    assert made.until_states({"2.told": "done"}) == {"2.told": "done"}
    return made


def place(page: Any) -> str:
    """The address within the console, for somebody else to open."""
    return f"#{page.url.partition('#')[2]}"


def downloaded(page: Any, button: Any) -> str:
    """The text of the file that a button makes."""
    with page.expect_download() as made:
        button.click()
    return Path(made.value.path()).read_text(encoding="utf-8")


def confirm(page: Any, action: str) -> None:
    """Press the dialog's button."""
    page.get_by_role("dialog").get_by_role("button", name=action, exact=True).click()
    page.get_by_role("dialog").wait_for(state="hidden")


# --- 29 statistics as pictures


def test_statistics_are_pictures_with_a_sentence_and_a_table(
    process: Process, visit: Visitor
) -> None:
    page = visit("viewer", "#/statistics?pipeline=console-people").page
    page.get_by_text("Of 1 document created in the period, 0 (0%) reached success.").wait_for()
    funnel = page.get_by_role("region", name="Funnel", exact=True)
    funnel.get_by_text("Show the figures").click()
    row = funnel.get_by_role("row", name="Out to sign")
    until(lambda: row.locator("td").all_inner_texts() == ["1", "100%", "1", "1", "0"])
    assert row.locator("td").all_inner_texts() == ["1", "100%", "1", "1", "0"]
    mails = page.get_by_role("region", name="Mails", exact=True)
    mails.get_by_text("1 mail was sent").wait_for()
    silence = page.get_by_role("region", name="Silent connections", exact=True)
    silence.get_by_text("No connection is watched").wait_for()
    silence.get_by_role("link", name="console-people").wait_for()


def test_the_period_of_statistics_is_kept_in_the_address(process: Process, visit: Visitor) -> None:
    page = visit("viewer", "#/statistics?pipeline=console-people").page
    page.get_by_label("Period").select_option(label="Last 7 days")
    page.wait_for_url(lambda url: "days=7" in url)
    page.get_by_label("Period").select_option(label="From … to …")
    page.get_by_label("First day").fill("2020-01-01")
    page.get_by_label("Last day").fill("2020-01-31")
    page.wait_for_url(lambda url: "first=2020-01-01&last=2020-01-31" in url)
    page.get_by_text("No document was created in the period.").wait_for()
    page = visit("viewer", place(page)).page
    page.get_by_text("No document was created in the period.").wait_for()
    assert page.get_by_label("First day").input_value() == "2020-01-01"


def test_a_pipeline_without_documents_says_when_there_will_be_pictures(
    running: Running, visit: Visitor
) -> None:
    Process(running, "console-uncounted", pipeline(stage("draft")))
    page = visit("viewer", "#/statistics?pipeline=console-uncounted").page
    page.get_by_text("There is nothing to count yet").wait_for()


def test_statistics_are_read_by_the_keyboard_alone(process: Process, visit: Visitor) -> None:
    page = visit("viewer", "#/statistics?pipeline=console-people").page
    tab_to(page, page.get_by_label("Period"))
    page.keyboard.type("Last 7")
    page.wait_for_url(lambda url: "days=7" in url)
    figures = page.get_by_role("region", name="Funnel", exact=True).locator("summary")
    tab_to(page, figures)
    page.keyboard.press("Enter")
    page.get_by_role("rowheader", name="Out to sign").first.wait_for()


# --- 34 roles


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_what_a_role_may_not_see_says_who_may(visit: Visitor, role: Any) -> None:
    page = visit(role, "#/people").page
    page.get_by_text("This needs the role Administrator.").first.wait_for()
    parts = page.get_by_role("navigation", name="Parts of this page").get_by_role("link")
    told = parts.all_inner_texts()
    assert [one.split(",")[0].strip() for one in told] == PARTS
    assert ["locked" in one for one in told] == [True, True, True, False, True, True, True]
    parts.filter(has_text="Plan").click()
    button = page.get_by_role("button", name="Change …")
    button.wait_for()
    assert button.get_attribute("aria-disabled") == "true"
    assert "Administrator" in (button.get_attribute("title") or "")
    page.get_by_text("All 27 are included.").wait_for()


def test_people_are_invited_get_roles_and_are_removed(visit: Visitor) -> None:
    page = visit("administrator", "#/people").page
    who = "ben@acme.example"
    page.get_by_role("button", name="Invite somebody").click()
    page.get_by_label("E-mail address").fill(who)
    page.get_by_role("radio", name="Operator", exact=True).check()
    confirm(page, "Send the invitation")
    row = page.get_by_role("listitem").filter(has_text=who)
    row.get_by_text("Invited", exact=True).wait_for()
    page.get_by_role("button", name=f"Invite again {who}").click()
    page.get_by_text(f"Another invitation has gone to {who}").wait_for()
    page.get_by_role("button", name=f"Role … {who}").click()
    page.get_by_role("radio", name="Viewer", exact=True).check()
    confirm(page, "Save")
    row.get_by_text("Viewer ·").wait_for()
    page.get_by_role("button", name=f"Remove … {who}").click()
    page.get_by_text("What they did stays on timelines and in the audit log").wait_for()
    confirm(page, "Remove")
    row.wait_for(state="hidden")


def test_a_refused_invitation_keeps_what_was_typed(visit: Visitor) -> None:
    page = visit("administrator", "#/people").page
    page.get_by_role("button", name="Invite somebody").click()
    page.get_by_label("E-mail address").fill("viewer@acme.example")
    page.get_by_role("button", name="Send the invitation").click()
    page.get_by_role("alert").get_by_text("was invited before").wait_for()
    assert page.get_by_label("E-mail address").input_value() == "viewer@acme.example"


def test_the_last_administrator_is_protected_and_the_page_says_why(
    visit: Visitor, people: Any
) -> None:
    page = visit("administrator", "#/people").page
    who = people.people["administrator"].email
    button = page.get_by_role("button", name=f"Remove … {who}")
    button.wait_for()
    assert button.get_attribute("aria-disabled") == "true"
    page.get_by_role("listitem").filter(has_text=who).locator("p").get_by_text(LAST).wait_for()
    page.get_by_role("button", name=f"Role … {who}").click()
    page.get_by_role("dialog").get_by_text(LAST).wait_for()
    assert page.get_by_role("radio", name="Viewer", exact=True).is_disabled()
    assert page.get_by_role("radio", name="Administrator", exact=True).is_checked()


def test_somebody_is_invited_and_removed_by_the_keyboard_alone(visit: Visitor) -> None:
    page = visit("administrator", "#/people").page
    who = "keys@acme.example"
    tab_to(page, page.get_by_role("button", name="Invite somebody"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("E-mail address"))
    page.keyboard.type(who)
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    remove = page.get_by_role("button", name=f"Remove … {who}")
    remove.wait_for()
    page.get_by_role("listitem").filter(has_text=who).get_by_text("Operator ·").wait_for()
    tab_to(page, remove)
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("dialog").get_by_role("button", name="Remove", exact=True))
    page.keyboard.press("Enter")
    remove.wait_for(state="hidden")


def test_programs_are_told_how_they_get_in(visit: Visitor, people: Any) -> None:
    page = visit("administrator", "#/people/programs").page
    for role, label in (("viewer", "Viewer"), ("administrator", "Administrator")):
        row = page.get_by_role("listitem").filter(has_text=people.programs[role].client_id)
        row.get_by_text(label).first.wait_for()
        page.get_by_text(f"countersign programs secret {role}").wait_for()
    assert people.programs["administrator"].client_secret not in page.content()


def test_secrets_are_set_replaced_and_removed_and_never_shown(visit: Visitor) -> None:
    page = visit("administrator", "#/people/secrets").page
    page.get_by_role("button", name="Add a secret").click()
    page.get_by_label("Name").fill("console-crm")
    page.get_by_label("Value").fill("first-value")
    confirm(page, "Add")
    page.get_by_role("button", name="Add a secret").click()
    page.get_by_label("Name").fill("console-crm")
    page.get_by_text("There is a secret console-crm already.").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Replace … console-crm").click()
    page.get_by_label("Value").fill("second-value")
    confirm(page, "Replace")
    row = page.get_by_role("listitem").filter(has_text="console-crm")
    row.get_by_text("never shown").wait_for()
    assert "-value" not in page.locator("main").inner_html()
    page.get_by_role("button", name="Remove … console-crm").click()
    page.get_by_text("Rules that name it fail from then on").wait_for()
    confirm(page, "Remove")
    page.get_by_role("button", name="Replace … console-crm").wait_for(state="hidden")


def test_what_the_plan_locks_is_shown_with_the_reason(visit: Visitor) -> None:
    page = visit("administrator", "#/people/entitlements").page
    page.get_by_role("button", name="Change …").click()
    page.get_by_label("Name of the plan").fill("Basic")
    rules = page.get_by_role("group", name="Kinds of rules")
    rules.get_by_role("radio", name="Only these").check()
    rules.get_by_role("checkbox", name="Send an SMS").uncheck()
    confirm(page, "Save")
    try:
        page.get_by_role("heading", name="Plan Basic").wait_for()
        kinds = page.get_by_role("region", name="Kinds of rules", exact=True)
        kinds.get_by_text("1 of 17 is locked.").wait_for()
        reason = "Send an SMS: not included in this deployment's plan Basic"
        kinds.get_by_text(reason).wait_for()
    finally:
        page.get_by_role("button", name="Change …").click()
        page.get_by_label("Name of the plan").fill("")
        page.get_by_role("group", name="Kinds of rules").get_by_role("radio", name="All").check()
        confirm(page, "Save")
    page.get_by_text("All 17 are included.").wait_for()


def test_two_who_change_the_plan_see_what_the_other_did(visit: Visitor) -> None:
    pages = [visit("administrator", "#/people/entitlements").page for _ in range(2)]
    for number, page in enumerate(pages):
        page.get_by_role("button", name="Change …").click()
        page.get_by_label("Name of the plan").fill(f"Plan {number}")
    confirm(pages[0], "Save")
    page = pages[1]
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Somebody else has changed it meanwhile").wait_for()
    page.get_by_role("row", name="Plan").get_by_text("Plan 0").wait_for()
    assert page.get_by_label("Name of the plan").input_value() == "Plan 1"
    page.get_by_label("Name of the plan").fill("")
    confirm(page, "Save")
    page.get_by_role("heading", name="A plan without a name").wait_for()


# --- 35 audit of configuration and people


def set_secret(page: Any, name: str) -> None:
    """Make an entry of the audit log."""
    page.get_by_role("button", name="Add a secret").click()
    page.get_by_label("Name").fill(name)
    page.get_by_label("Value").fill("a value")
    confirm(page, "Add")


def test_the_audit_log_is_filtered_by_the_address_and_exported(visit: Visitor, people: Any) -> None:
    made = visit("administrator", "#/people/secrets")
    page = made.page
    set_secret(page, "audited")
    made.go("#/people/audit")
    who = people.people["administrator"].email
    page.get_by_label("Who, by address or id").fill(who)
    page.get_by_label("What").select_option(label="Secrets")
    page.get_by_label("Its id").fill("audited")
    page.get_by_label("From").fill("2020-01-01")
    wanted = {"kind=secret", "id=audited", "since=2020-01-01", "actor=administrator%40acme.example"}
    page.wait_for_url(lambda url: wanted <= set(url.partition("?")[2].split("&")))
    page = visit("administrator", place(page)).page
    line = page.locator(".audit")
    line.wait_for()
    text = line.inner_text()
    for told in ("Secret set", "audited", who, "Administrator", "over the API", "was not there"):
        assert told in text
    assert page.get_by_label("Its id").input_value() == "audited"
    rows = list(csv.DictReader(io.StringIO(downloaded(page, button(page, "CSV")).lstrip("\ufeff"))))
    told = [(row["action"], row["subject_id"], row["actor_name"]) for row in rows]
    assert told == [("secret.set", "audited", who)]
    entries = json.loads(downloaded(page, button(page, "JSON")))
    assert [entry["id"] for entry in entries] == [row["id"] for row in rows]
    page.get_by_label("Its id").fill("nothing-of-that-name")
    page.get_by_text("No entry matches these filters").wait_for()


def button(page: Any, form: str) -> Any:
    """What exports the audit log."""
    return page.get_by_role("button", name=f"Export as {form}")


def test_the_audit_log_says_what_a_change_was_before_and_after(visit: Visitor) -> None:
    made = visit("administrator", "#/people/entitlements")
    page = made.page
    page.get_by_role("button", name="Change …").click()
    page.get_by_label("Rules of a pipeline").fill("5000")
    confirm(page, "Save")
    page.get_by_role("button", name="Change …").click()
    page.get_by_label("Rules of a pipeline").fill("")
    confirm(page, "Save")
    made.go("#/people/audit?kind=entitlements")
    first = page.locator(".audit").first
    row = first.get_by_role("row").filter(has_text="Rules of a pipeline")
    row.wait_for()
    assert row.locator("td").all_inner_texts() == ["5000", "no limit or not set"]


def test_the_audit_log_is_filtered_and_exported_by_the_keyboard_alone(visit: Visitor) -> None:
    made = visit("administrator", "#/people/secrets")
    page = made.page
    keys = Keys(page)
    keys.enter(page.get_by_role("button", name="Add a secret"))
    keys.write(page.get_by_label("Name"), "by-keys")
    keys.write(page.get_by_label("Value"), "a value")
    keys.press("Enter")
    page.get_by_role("button", name="Remove … by-keys").wait_for()
    made.go("#/people/audit")
    tab_to(page, page.get_by_label("What"))
    page.keyboard.type("Secrets")
    page.wait_for_url(lambda url: "kind=secret" in url)
    tab_to(page, page.get_by_label("Its id"))
    page.keyboard.type("by-keys")
    until(lambda: page.locator(".audit").count() == 1)
    tab_to(page, button(page, "JSON"))
    with page.expect_download() as file:
        page.keyboard.press("Enter")
    entries = json.loads(Path(file.value.path()).read_text(encoding="utf-8"))
    assert [entry["subject"]["id"] for entry in entries] == ["by-keys"]


def test_what_is_known_of_a_person_is_found_given_out_and_erased(
    running: Running, visit: Visitor
) -> None:
    known = Process(
        running,
        "console-erased",
        pipeline(stage("draft"), stage("sent", name="Out to sign", triggers=[trigger("sent")])),
    )
    known.tell("envelope-sent")
    assert until(known.exists)
    page = visit("administrator", "#/people/personal-data").page
    who = known.client_address
    page.get_by_label("E-mail address").fill(who)
    page.get_by_role("button", name="Find what is known").click()
    page.get_by_text("1 document names this person.").wait_for(timeout=IN_ALL)
    assert who not in page.url
    given = json.loads(downloaded(page, page.get_by_role("button", name="Export as JSON")))
    assert [one["document"]["id"] for one in given] == [known.document().id]
    page.get_by_role("button", name="Erase …").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("the person in 1 document that is known now").wait_for()
    dialog.get_by_label(f"Type {who} to confirm").fill("somebody@else.example")
    dialog.get_by_role("button", name="Erase for good").click()
    assert dialog.is_visible()
    dialog.get_by_label(f"Type {who} to confirm").fill(who)
    confirm(page, "Erase for good")
    erasure = page.get_by_role("region", name="Erasure", exact=True)
    erasure.get_by_text("1 done").wait_for(timeout=IN_ALL)
    erasure.get_by_text("Done", exact=True).wait_for()
    assert "job=j-" in page.url
    assert who not in known.document().model_dump_json()
    page.get_by_label("E-mail address").fill(who)
    page.get_by_role("button", name="Find what is known").click()
    page.get_by_text("Nothing is known of this person").wait_for(timeout=IN_ALL)


def test_statistics_are_compared_and_older_data_is_upgraded(
    running: Running, process: Process, visit: Visitor
) -> None:
    upgrades = local_stack(running.cloud, running.stack).upgrades
    upgrades.note(UpgradeProgress(pipeline=process.name))
    page = visit("administrator", "#/people/maintenance").page
    statistics = page.get_by_role("region", name="Rebuild statistics")
    statistics.get_by_label("Pipeline").select_option(value=process.name)
    statistics.get_by_label("Correct what differs").check()
    statistics.get_by_role("button", name="Compare").press("Enter")
    statistics.get_by_role("region", name="Comparison").get_by_role("progressbar").wait_for()
    assert "rebuild=j-" in page.url
    statistics.get_by_role("button", name="Abort").press("Enter")
    statistics.get_by_text("Aborted", exact=True).wait_for()
    upgrade = page.get_by_role("region", name="Upgrade older data")
    upgrade.get_by_role("button", name="Upgrade").press("Enter")
    upgrade.get_by_text("Done", exact=True).wait_for()
    assert upgrades.progress().word_index == 1
    upgrade.get_by_text("Everything is up to date.").wait_for()
