"""The settings of a pipeline as a whole, as forms: by mouse, by keyboard, with what is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from countersign.model.pipeline import Pipeline
from tests.builders import mail, pipeline, stage, trigger
from tests.end_to_end.conftest import Running
from tests.end_to_end.console.conftest import Visitor
from tests.end_to_end.console.keyboard import has_focus, press, tab_to, tab_to_named
from tests.end_to_end.process import Process, until
from tests.integration.account import SENDER

pytest.importorskip("playwright.sync_api")

REPORT = {"to": ["ops@acme.example"], "at": "07:30"}

FILE = "&yaml=1"
"""With the pipeline file beside the forms."""


def contracts(**more: Any) -> Pipeline:
    """Two stages, the second of which is final."""
    return pipeline(
        stage("draft", name="Draft"),
        stage("signed", name="Signed", kind="success", triggers=[trigger("signed_by_all")]),
        name="Contracts",
        **{"senders": [SENDER], **more},
    )


def opened(running: Running, visit: Visitor, name: str, made: Pipeline, beside: str = "") -> Any:
    """The settings of a pipeline that was just published."""
    Process(running, name, made)
    page = visit("administrator", f"#/automation/{name}?show=pipeline{beside}").page
    side(page).get_by_label("Name", exact=True).first.wait_for()
    return page


def side(page: Any) -> Any:
    """The settings, beside the columns."""
    return page.get_by_role("complementary", name="Pipeline settings")


def unfold(page: Any, section: str) -> None:
    """Open a section of the settings."""
    side(page).locator("summary").filter(has_text=section).click()


def button(page: Any, name: str) -> Any:
    """A button of the settings."""
    return side(page).get_by_role("button", name=name, exact=True)


def field(page: Any, label: str) -> Any:
    """A field of the settings."""
    return side(page).get_by_label(label, exact=True)


def switch(page: Any, label: str) -> Any:
    """A switch of the settings, which stands in a group of its own name."""
    return side(page).get_by_role("checkbox", name=label, exact=True)


def file_has(page: Any, *lines: str) -> bool:
    """Whether the pipeline file beside the forms comes to have these lines."""
    area = page.get_by_label("Pipeline file").locator("textarea")
    written = until(area.input_value, lambda text: all(line in text for line in lines))
    return all(line in written for line in lines)


def wait_for_error(page: Any, label: str, text: str) -> None:
    """Wait until a field says what is wrong with it, as its description."""
    wrong = field(page, label)
    wrong.and_(page.locator("[aria-invalid=true]")).wait_for()
    described = (wrong.get_attribute("aria-describedby") or "").split()
    told = [page.locator(f"[id='{one}']").inner_text() for one in described]
    assert any(text in one for one in told), told


def test_working_time_is_set_by_mouse_and_is_the_same_in_the_file(
    running: Running, visit: Visitor
) -> None:
    page = opened(running, visit, "settings-hours", contracts(), FILE)
    field(page, "Time zone").fill("Europe/Vienna")
    field(page, "Country of phone numbers").select_option(label="Austria")
    unfold(page, "Working time")
    field(page, "Monday to Friday: last day").select_option(label="Thursday")
    field(page, "Monday to Thursday: from").fill("830")
    field(page, "Monday to Thursday: until").fill("12")
    button(page, "+ Hours: Monday to Thursday").click()
    button(page, "+ Weekdays").click()
    field(page, "Friday, 2: from").wait_for()
    button(page, "Remove Friday, 13:00 to 17:00").click()
    assert file_has(page, "time_zone: Europe/Vienna", "country: AT")
    assert file_has(page, "mon-thu: 08:30-12:00, 13:00-17:00", "fri: 08:30-12:00")
    assert side(page).get_by_text("Off: Saturday and Sunday").is_visible()
    button(page, "Add …: Public holidays").click()
    field(page, "Country").select_option(label="Germany")
    field(page, "Region").select_option(label="Bavaria")
    side(page).get_by_role("button", name="Add", exact=True).first.click()
    side(page).get_by_text("Germany, Bavaria").wait_for()
    field(page, "Day: Own days off").fill("2026-12-24")
    field(page, "every year: Own days off").check()
    button(page, "Add: Own days off").click()
    field(page, "Day: Hours of single days").fill("2026-12-31")
    button(page, "Add: Hours of single days").click()
    assert side(page).get_by_text("24 December, every year").is_visible()
    assert file_has(page, "holidays: DE-BY", "12-24", "2026-12-31", "09:00-12:00")
    page.get_by_role("button", name="No problems").wait_for()
    page.get_by_role("button", name="Undo", exact=True).click()
    side(page).get_by_role("group", name="Thu, 31 December 2026").wait_for(state="detached")
    page.get_by_role("button", name="Redo", exact=True).click()
    assert file_has(page, "2026-12-31")


def test_what_is_written_in_the_file_is_in_the_forms(running: Running, visit: Visitor) -> None:
    page = opened(running, visit, "settings-file", contracts(), FILE)
    assert file_has(page, "name: Contracts")
    area = page.get_by_label("Pipeline file").locator("textarea")
    more = "managed_by: git\nlanguage: de\nretention:\n  final_after: {months: 120}\n"
    area.fill(more + area.input_value())
    until(lambda: field(page, "Published from").input_value(), lambda value: value == "git")
    assert field(page, "Language of texts").input_value() == "de"
    unfold(page, "Documents")
    assert field(page, "Removed after: how many").input_value() == "120"
    assert field(page, "Removed after: unit").input_value() == "months"
    switch(page, "Retention").uncheck()
    until(area.input_value, lambda text: "retention" not in text)
    assert "retention" not in area.input_value()
    assert "managed_by: git" in area.input_value()


def test_the_daily_report_is_set_up_by_the_keyboard_alone(running: Running, visit: Visitor) -> None:
    page = opened(running, visit, "settings-report", contracts())
    tab_to(page, side(page).locator("summary").filter(has_text="Mails and reports"))
    page.keyboard.press("Enter")
    tab_to_named(page, "Daily report")
    page.keyboard.press("Space")
    press(page, "Add …: Goes to", "ArrowDown")
    page.get_by_role("menuitem", name="Write another …").press("Enter")
    typed = side(page).get_by_role("textbox", name="Add …: Goes to")
    until(lambda: has_focus(typed))
    page.keyboard.type("ops@acme.example")
    page.keyboard.press("Enter")
    side(page).get_by_text("ops@acme.example").wait_for()
    tab_to_named(page, "Sent at")
    page.keyboard.type("730")
    page.keyboard.press("Tab")
    assert field(page, "Sent at").input_value() == "07:30"
    page.get_by_role("button", name="No problems").wait_for()
    page.get_by_text("Draft saved").wait_for()
    page.keyboard.press("Escape")
    side(page).wait_for(state="detached")
    other = visit("viewer", "#/automation/settings-report?show=pipeline").page
    unfold(other, "Mails and reports")
    assert field(other, "Sent at").input_value() == "07:30"
    assert field(other, "Sent at").is_disabled()


def test_business_hours_are_changed_by_the_keyboard_alone(running: Running, visit: Visitor) -> None:
    page = opened(running, visit, "settings-keys", contracts())
    tab_to(page, side(page).locator("summary").filter(has_text="Working time"))
    page.keyboard.press("Enter")
    tab_to_named(page, "Monday to Friday: until")
    page.keyboard.press("Control+a")
    page.keyboard.type("1630")
    press(page, "+ Weekdays")
    field(page, "Saturday: from").wait_for()
    press(page, "Remove Monday to Friday")
    field(page, "Monday to Friday: until").wait_for(state="detached")
    assert until(lambda: has_focus(button(page, "+ Weekdays")))
    page.keyboard.press("Control+z")
    field(page, "Monday to Friday: until").wait_for()
    assert field(page, "Monday to Friday: until").input_value() == "16:30"
    assert field(page, "Saturday: until").input_value() == "16:30"


@pytest.mark.parametrize(
    ("name", "section", "label", "text", "told"),
    [
        (
            "hour",
            "Working time",
            "Monday to Friday: until",
            "25:00",
            '"09:00-25:00" are not valid hours',
        ),
        ("end", "Working time", "Monday to Friday: until", "08:00", "must end after it begins"),
        ("zone", "", "Time zone", "Europe/Berlyn", "did you mean Europe/Berlin"),
        ("language", "", "Language of texts", "klingon", "language"),
        ("clock", "Mails and reports", "Sent at", "25:00", '"25:00" is not a valid clock time'),
        ("zero", "Documents", "Removed after: how many", "0", "at least 1"),
        ("negative", "Documents", "Removed after: how many", "-3", "at least 1"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_stays_there(
    running: Running, visit: Visitor, name: str, section: str, label: str, text: str, told: str
) -> None:
    kept = {"final_after": {"days": 365}}
    wrong = contracts(daily_report=REPORT, retention=kept)
    page = opened(running, visit, f"settings-{name}", wrong)
    if section:
        unfold(page, section)
    field(page, label).fill(text)
    field(page, label).blur()
    wait_for_error(page, label, told)
    assert field(page, label).input_value() == text
    page.get_by_role("button", name="1 problem", exact=True).first.click()
    page.get_by_role("complementary", name="Problems").get_by_role("listitem").first.get_by_role(
        "button"
    ).click()
    first = label.replace(": until", ": from")
    assert until(lambda: has_focus(field(page, first)))


def test_addresses_and_regions_that_are_none_are_said_at_their_list(
    running: Running, visit: Visitor
) -> None:
    page = opened(running, visit, "settings-lists", contracts(daily_report=REPORT), FILE)
    unfold(page, "Mails and reports")
    button(page, "Add …: Goes to").click()
    page.get_by_role("menuitem", name="Write another …").click()
    side(page).get_by_role("textbox", name="Add …: Goes to").fill("ops at acme")
    side(page).get_by_role("textbox", name="Add …: Goes to").press("Enter")
    report = side(page).get_by_role("group", name="Goes to")
    report.get_by_text('"ops at acme" is not a valid e-mail address').wait_for()
    unfold(page, "Working time")
    button(page, "Add …: Public holidays").click()
    field(page, "Country").select_option(label="Germany")
    field(page, "Holidays of a category besides (optional)").fill("pagan")
    side(page).get_by_role("button", name="Add", exact=True).first.click()
    holidays = side(page).get_by_role("group", name="Public holidays", exact=True)
    holidays.get_by_text('"pagan" is not a valid category').wait_for()
    assert file_has(page, "DE:pagan")
    area = page.get_by_label("Pipeline file").locator("textarea")
    area.fill(area.input_value().replace("DE:pagan", "DE-XX"))
    holidays.get_by_text('"DE-XX" is not a known region').wait_for()
    button(page, "Remove Germany, XX").click()
    holidays.get_by_text("is not a known region").wait_for(state="detached")


def test_what_the_file_has_in_another_shape_is_said_and_breaks_no_form(
    running: Running, visit: Visitor
) -> None:
    page = opened(running, visit, "settings-shape", contracts(), FILE)
    assert file_has(page, "name: Contracts")
    area = page.get_by_label("Pipeline file").locator("textarea")
    area.fill(f"{area.input_value()}\ncalendar: {{hours: 5}}\nretention: 7\nfields: [x]\n")
    unfold(page, "Working time")
    unfold(page, "Documents")
    for told in ("hours is 5", "retention is 7", "fields is a list"):
        side(page).get_by_text(f"{told}; expected a mapping").wait_for()
    button(page, "+ Weekdays").click()
    assert file_has(page, "mon: 09:00-17:00")
    side(page).get_by_text("hours is 5").wait_for(state="detached")


def test_a_weekday_cannot_have_two_lines(running: Running, visit: Visitor) -> None:
    hours = {"mon": "09:00-12:00", "tue": "09:00-17:00"}
    page = opened(running, visit, "settings-twice", contracts(calendar={"hours": hours}))
    unfold(page, "Working time")
    field(page, "Tuesday: first day").select_option(label="Monday")
    field(page, "Monday: until").first.wait_for()
    page.get_by_role("alert").filter(has_text="has a line of its own already").wait_for()
    assert field(page, "Tuesday: until").input_value() == "17:00"


def test_a_template_is_read_and_nothing_in_it_runs(running: Running, visit: Visitor) -> None:
    page = opened(running, visit, "settings-template", contracts())
    unfold(page, "Mails and reports")
    field(page, "New mail template").fill("First reminder")
    field(page, "New mail template").press("Enter")
    template = side(page).get_by_role("group").filter(has_text="Remove First reminder").last
    template.get_by_label("Subject", exact=True).fill("Please sign {{ document.title }}")
    template.get_by_label("HTML", exact=True).fill(
        "<h1 style='color: red'>Hello &amp; welcome</h1><script>window.hit = 1</script>"
        "<p onclick='window.hit = 2'>Please <a href='javascript:window.hit=3'>sign</a>, "
        "{{ signer.name }}.</p><img src='x' onerror='window.hit = 4' alt='Logo'>"
    )
    button(page, "Preview: First reminder").click()
    letter = side(page).get_by_role("region", name="Preview")
    assert letter.get_by_text("Hello & welcome").is_visible()
    assert letter.get_by_text("Left out here, as mail programs do: script").is_visible()
    assert letter.locator("mark").all_inner_texts() == ["Title", "Recipient: name"]
    assert letter.get_by_text("picture: Logo").is_visible()
    assert "window.hit = 1" not in letter.inner_text()
    letter.get_by_text("sign", exact=True).click()
    assert page.evaluate("window.hit") is None
    assert letter.locator("a, script, img, [onclick], [style]").count() == 0


def test_senders_are_put_in_another_order_by_the_keyboard_alone(
    running: Running, visit: Visitor
) -> None:
    senders = [SENDER, "billing@acme.example", "@acme.example"]
    page = opened(running, visit, "settings-senders", contracts(senders=senders), FILE)
    press(page, "Mails and reports")
    up = button(page, "Move billing@acme.example up")
    tab_to(page, up)
    page.keyboard.press("Enter")
    page.get_by_text("billing@acme.example is now at place 1 of 3").wait_for(state="attached")
    up.and_(page.locator(":focus")).wait_for()
    page.keyboard.press("Enter")
    page.get_by_text("It is at the end already").wait_for(state="attached")
    assert file_has(page, f"  - billing@acme.example\n  - {SENDER}\n  - '@acme.example'\n")


def test_the_id_of_a_mail_template_is_changed_with_the_rules_that_name_it(
    running: Running, visit: Visitor
) -> None:
    named = mail("told", name="Told")
    named["settings"] = {"from": SENDER, "to": ["client"], "template": "first"}
    templates = {"first": {"name": "First", "subject": "Hello", "text": "Hello"}}
    made = pipeline(
        stage("draft", name="Draft"),
        stage("sent", named, name="Sent", triggers=[trigger("sent")]),
        senders=[SENDER],
        mail_templates={**templates, "other": {"subject": "Other", "text": "Other"}},
    )
    page = opened(running, visit, "settings-renamed", made, FILE)
    unfold(page, "Mails and reports")
    template = side(page).get_by_role("group").filter(has_text="Remove First").last
    if not template.get_by_label("Id", exact=True).is_visible():
        template.locator("summary").click()
    own = template.get_by_label("Id", exact=True)
    own.fill("other")
    own.press("Enter")
    template.get_by_text("at most 63, and no other template").wait_for()
    own.fill("welcome")
    own.press("Tab")
    assert file_has(page, "  welcome:\n    name: First", "template: welcome")
    assert "first" not in page.get_by_label("Pipeline file").locator("textarea").input_value()
    page.get_by_role("button", name="Undo", exact=True).first.click()
    assert file_has(page, "  first:\n    name: First", "template: first")


def test_retention_says_how_many_documents_it_would_remove_now(
    running: Running, visit: Visitor
) -> None:
    page = opened(running, visit, "settings-kept", contracts())
    asked: list[str] = []
    rows = [{"id": f"d-{n}", "since": f"2020-01-0{n}T08:00:00Z"} for n in (1, 2)]

    def answer(route: Any) -> None:
        asked.append(route.request.url)
        route.fulfill(json={"items": rows, "next": None})

    page.route("**/api/v1/documents?*", answer)
    unfold(page, "Documents")
    switch(page, "Retention").check()
    field(page, "Removed after: how many").fill("30")
    field(page, "Removed after: unit").select_option(label="Days")
    told = "Once published, this removes 2 documents that are there now (Signed: 2)."
    side(page).get_by_text(told).wait_for()
    assert "days_in_stage=30" in asked[-1]
    assert "stage=signed" in asked[-1]
    field(page, "Removed after: how many").fill("9000")
    side(page).get_by_text("No document has been in a final stage for so long now.").wait_for()


def test_a_stage_has_a_colour_of_its_own_and_a_kind(running: Running, visit: Visitor) -> None:
    Process(running, "settings-stage", contracts())
    page = visit("administrator", "#/automation/settings-stage?stage=draft&yaml=1").page
    stage_side = page.get_by_role("complementary", name="Settings of Draft")
    stage_side.get_by_label("Kind of stage", exact=True).select_option(label="Final: failure")
    own = stage_side.locator("input[type=color]")
    own.evaluate("own => { own.value = '#336699'; own.dispatchEvent(new Event('change')) }")
    assert file_has(page, "kind: failure", "#336699")
    assert stage_side.get_by_role("radio", name="Own colour").is_checked()
    stage_side.get_by_role("radio", name="By kind").check()
    page.get_by_text("Draft saved").wait_for()
    area = page.get_by_label("Pipeline file").locator("textarea")
    assert "#336699" not in until(area.input_value, lambda text: "#336699" not in text)


@pytest.mark.parametrize("locale", ["en-GB", "de-DE"])
def test_a_narrow_screen_shows_all_of_it(running: Running, visit: Visitor, locale: str) -> None:
    name = f"settings-narrow-{locale[:2]}"
    calendar = {"hours": {"mon-thu": "08:00-12:00, 13:00-17:00"}, "holidays": "DE-BY"}
    made = contracts(calendar=calendar, daily_report=REPORT)
    Process(running, name, made)
    how = {"viewport": {"width": 320, "height": 640}, "locale": locale}
    page = visit("administrator", f"#/automation/{name}?show=pipeline", **how).page
    form = page.get_by_role("complementary").locator("fieldset")
    form.locator("summary").first.wait_for()
    form.evaluate("form => form.querySelectorAll('details').forEach(one => { one.open = true })")
    body = page.get_by_role("complementary").locator(".body")
    assert body.evaluate("body => body.scrollWidth <= body.clientWidth")
    word = "Geschäftszeiten" if locale == "de-DE" else "Business hours"
    assert form.get_by_role("group", name=word, exact=True).is_visible()
