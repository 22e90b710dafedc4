"""Operating from the console: the inbox of trouble, the calendar, and whose turn it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from countersign.local.people import LocalPeople
from countersign.local.playing import local_stack
from countersign.model.connection import ConnectionCredentials
from countersign.model.job import Job, JobRefusal
from countersign.model.message import RunMessage
from countersign.model.run import Run
from countersign.model.transaction import RunUpdate, Transaction
from countersign.use_cases.services import Cloud
from tests.builders import envelope, event, incoming, mail, pipeline, stage, trigger
from tests.end_to_end.conftest import Running
from tests.end_to_end.console.conftest import Visitor
from tests.end_to_end.console.keyboard import tab_to_named
from tests.end_to_end.process import Process, until
from tests.integration.account import SENDER

BERLIN = ZoneInfo("Europe/Berlin")
LATER = {"after": {"days": 3}}


def broken(rule_id: str) -> dict[str, Any]:
    """A mail to a signer that the envelope does not have: it fails for good."""
    made = mail(rule_id, name=f"Mail {rule_id}", execution="independent")
    made["settings"] |= {"to": ["role:nobody"]}
    return made


def later(rule_id: str) -> dict[str, Any]:
    """A mail in three days."""
    return mail(rule_id, name=f"Mail {rule_id}", time=LATER, execution="independent")


def arrived(running: Running, name: str, *rules: dict[str, Any], **more: Any) -> Process:
    """A document has arrived in a stage with these rules."""
    stages = (stage("draft"), stage("sent", *rules, name="Out to sign", triggers=[trigger("sent")]))
    made = Process(running, name, pipeline(*stages, senders=[SENDER], **more))
    made.tell("envelope-sent")
    until(made.states)
    return made


def cloud_of(running: Running) -> Cloud:
    return local_stack(running.cloud, running.stack)


def doubt(running: Running, process: Process, rule: str) -> None:
    """As if the mail service had not answered."""
    run = process.run(rule)
    now = datetime.now(UTC)
    died = run.model_copy(
        update={"state": "in_doubt", "started_at": now, "attempts": 1, "reason": "no answer came"}
    )
    update = RunUpdate(run=died, was="ready", was_generation=run.generation)
    cloud_of(running).documents.commit(Transaction(updates=(update,)))


def until_failed(process: Process, *rules: str) -> None:
    def failed() -> bool:
        return all(process.run(rule).state == "failed" for rule in rules)

    assert until(failed)


def until_run(process: Process, rule: str, wanted: Callable[[Run], bool]) -> Run:
    """The run once it is as it is wanted; as it is if it never is."""
    return until(lambda: process.run(rule), wanted)


def section(page: Any, name: str) -> Any:
    return page.get_by_role("region", name=name, exact=True)


# --- the calendar of what will happen; run now, skip, shift


def test_the_calendar_shows_what_will_happen_and_each_is_run_now_skipped_or_shifted(
    running: Running, visit: Visitor
) -> None:
    process = arrived(running, "operate-calendar", later("one"), later("two"), later("three"))
    page = visit("operator", "#/calendar?view=list&pipeline=operate-calendar").page
    page.get_by_text("3 runs are planned in these days").wait_for()
    page.get_by_text("in the zone Europe/Berlin").wait_for()

    page.get_by_role("button", name="Shift: Mail one").click()
    day = (datetime.now(BERLIN) + timedelta(days=5)).date()
    page.get_by_label("Day", exact=True).fill(day.isoformat())
    page.get_by_label("Time").fill("08:15")
    page.get_by_role("dialog").get_by_role("button", name="Shift", exact=True).click()
    due = datetime(day.year, day.month, day.day, 8, 15, tzinfo=BERLIN)
    assert until_run(process, "one", lambda run: run.due == due).due == due

    page.get_by_role("button", name="Skip: Mail two").click()
    page.get_by_role("dialog").get_by_role("button", name="Skip", exact=True).click()
    assert until_run(process, "two", lambda run: run.state == "skipped").state == "skipped"

    page.get_by_role("button", name="Run now: Mail three").click()
    assert process.until_mailed("three") == ["three"]
    page.get_by_text("1 run is planned in these days").wait_for()


def test_the_calendar_shows_a_week_by_days_and_keeps_its_filters_in_the_address(
    running: Running, visit: Visitor
) -> None:
    arrived(running, "operate-week", later("first"), later("second"))
    page = visit("viewer", "#/calendar?pipeline=operate-week").page
    day = page.get_by_role("listitem").filter(has_text="2 runs")
    day.get_by_role("article", name="Mail first").wait_for()
    page.get_by_label("Rule").select_option("second")
    page.get_by_text("1 run is planned in these days").wait_for()
    assert "rule=second" in page.url
    page.get_by_role("button", name="Later days").click()
    page.get_by_text("0 runs are planned in these days").wait_for()
    assert "first=" in page.url


def test_several_runs_of_the_calendar_are_changed_by_filter_in_the_background(
    running: Running, visit: Visitor
) -> None:
    process = arrived(running, "operate-several", *(later(one) for one in ("a", "b", "c")))
    page = visit("operator", "#/calendar?view=list&pipeline=operate-several").page
    page.get_by_text("3 runs are planned in these days").wait_for()
    page.get_by_role("button", name="Change all of these days").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("3 runs match").wait_for()
    dialog.get_by_role("radio", name="Skip").check()
    dialog.get_by_role("button", name="Skip all").click()
    section(page, "In the background").get_by_text("3 done").first.wait_for()
    assert set(process.states().values()) == {"skipped"}


def test_a_planned_run_is_run_now_with_the_keyboard_alone(running: Running, visit: Visitor) -> None:
    process = arrived(running, "operate-now", later("keyed"))
    page = visit("operator", "#/calendar?pipeline=operate-now").page
    page.get_by_text("1 run is planned in these days").wait_for()
    tab_to_named(page, "List", begins=True)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Run now: Mail keyed").wait_for()
    tab_to_named(page, "Run now: Mail keyed", begins=True)
    page.keyboard.press("Enter")
    assert process.until_mailed("keyed") == ["keyed"]


# --- the inbox of trouble: failed runs, runs in doubt, dead letters, refused webhooks; its count


def test_the_inbox_has_everything_in_trouble_with_reasons_and_its_count_is_in_the_menu(
    running: Running, visit: Visitor
) -> None:
    process = arrived(running, "operate-inbox", broken("fails"), later("doubted"))
    until_failed(process, "fails")
    doubt(running, process, "doubted")
    assert process.post(b"no JSON at all") == 400
    session = running.cloud.session().client("sqs", endpoint_url=running.cloud.endpoint)
    body = RunMessage.of(process.run("fails")).model_dump_json(exclude_none=True)
    session.send_message(QueueUrl=running.stack.outputs["EmailDeadLettersUrl"], MessageBody=body)
    credentials = ConnectionCredentials(
        connection="operate-inbox", provider="docusign", pipeline="operate-inbox", tokens=("t",)
    )
    message = incoming(credentials, event("document.sent", state=envelope()))
    held = cloud_of(running).held
    held.set_aside(message, "its connection was removed", at=datetime.now(UTC))

    made = visit("administrator", "#/inbox/failed?pipeline=operate-inbox")
    page = made.page
    title = process.document().title
    failed = page.locator(".entry", has_text="Mail fails").filter(has_text=title)
    failed.get_by_text("the envelope has no such signer").wait_for()
    made.go("#/inbox")
    section(page, "Failed runs").locator(".entry").first.wait_for()
    section(page, "In doubt").get_by_text("no answer came").first.wait_for()
    rejected = section(page, "Rejected webhooks")
    rejected.get_by_text("not valid JSON").first.wait_for()
    section(page, "Dead letters").get_by_text("the run is failed").first.wait_for()
    held_section = section(page, "Held messages")
    held_section.get_by_text("its connection was removed").wait_for()
    page.get_by_role("link", name=re.compile(r"Inbox \d+\+? need somebody")).wait_for()

    rejected.get_by_role("link", name="Message of operate-inbox").first.click()
    assert page.locator("pre").inner_text() == "no JSON at all"
    page.get_by_role("cell", name="x-docusign-signature-1").wait_for()
    page.get_by_role("button", name="Take again").click()
    page.get_by_text("still cannot be read").wait_for()

    page.get_by_role("link", name="Held messages").click()
    held_section.get_by_role("button", name="Drop: operate-inbox").click()
    page.get_by_role("dialog").get_by_role("button", name="Drop", exact=True).click()
    held_section.get_by_text("No message was set aside").wait_for()
    assert list(held.list_aside("operate-inbox")) == []

    page.get_by_role("link", name="Dead letters").click()
    page.get_by_role("button", name="Redrive all").click()
    section(page, "Dead letters").get_by_text("the run is failed").wait_for(state="hidden")


def test_a_rejected_webhook_is_found_and_taken_again_with_the_keyboard_alone(
    running: Running, visit: Visitor
) -> None:
    process = arrived(running, "operate-walk")
    assert process.post(b"no JSON either") == 400
    page = visit("operator", "#/tasks").page
    page.get_by_role("heading", name="Tasks", level=1).wait_for()
    for name, shown in (
        ("Inbox", page.get_by_role("link", name="Rejected webhooks")),
        ("Rejected webhooks", page.get_by_role("link", name="Message of operate-walk")),
        ("Message of operate-walk", page.get_by_text("no JSON either")),
        ("Take again", page.get_by_text("still cannot be read")),
    ):
        tab_to_named(page, name, begins=True)
        page.keyboard.press("Enter")
        shown.wait_for()


# --- retry, skip, accept: one or by filter, in the background, progress, abort


def test_runs_in_trouble_are_retried_accepted_and_skipped_one_by_one(
    running: Running, visit: Visitor
) -> None:
    process = arrived(running, "operate-one", broken("again"), later("sent"), later("never"))
    until_failed(process, "again")
    doubt(running, process, "sent")
    doubt(running, process, "never")
    page = visit("operator", "#/inbox/failed?pipeline=operate-one").page
    page.get_by_role("button", name="Retry: Mail again").click()
    retried = until_run(process, "again", lambda run: run.generation > 1 and run.state == "failed")
    assert (retried.generation > 1, retried.state) == (True, "failed")

    page.get_by_role("link", name="In doubt").click()
    page.get_by_role("button", name="Accept as done: Mail sent").click()
    confirm = page.get_by_role("dialog")
    confirm.get_by_role("button", name="Accept as done").click()
    page.get_by_role("button", name="Accept as done: Mail sent").wait_for(state="hidden")
    page.get_by_role("button", name="Skip: Mail never").click()
    confirm.get_by_role("button", name="Skip", exact=True).click()
    page.get_by_role("button", name="Skip: Mail never").wait_for(state="hidden")
    assert (process.run("sent").state, process.run("never").state) == ("done", "skipped")


def test_all_that_match_a_filter_are_retried_in_the_background_with_progress(
    running: Running, visit: Visitor
) -> None:
    process = arrived(running, "operate-all", broken("these"), broken("those"))
    until_failed(process, "these", "those")
    page = visit("operator", "#/inbox/failed?pipeline=operate-all").page
    page.get_by_label("Rule").select_option("these")
    page.get_by_role("button", name="Skip: Mail those").wait_for(state="hidden")
    page.get_by_role("button", name="Retry all").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("1 run matches").wait_for()
    dialog.get_by_role("button", name="Retry all").click()
    section(page, "In the background").get_by_text("1 done").first.wait_for()
    assert until_run(process, "these", lambda run: run.generation > 1).generation > 1
    assert process.run("those").generation == 1


def test_a_job_shows_its_progress_and_is_aborted(
    running: Running, people: LocalPeople, visit: Visitor
) -> None:
    now = datetime.now(UTC)
    job = Job(
        id="j-operate-aborted",
        kind="change_runs",
        arguments='{"change":{"action":"retry"}}',
        by=people.people["operator"].email,
        matched=9,
        done=2,
        refused=1,
        refusals=(JobRefusal(item="d-gone.1.rule", reason="there is no run d-gone.1.rule"),),
        delay=600,
        created_at=now,
        updated_at=now,
    )
    cloud_of(running).jobs.add(job)
    page = visit("operator", "#/inbox/failed").page
    entry = page.locator("#job-j-operate-aborted")
    entry.get_by_text("2 done · 1 refused · 6 left").wait_for()
    assert entry.get_by_role("progressbar").get_attribute("value") == "3"
    entry.get_by_text("What was refused, and why").click()
    entry.get_by_text("there is no run d-gone.1.rule").wait_for()
    entry.get_by_role("button", name="Abort").click()
    entry.get_by_text("Aborted", exact=True).wait_for()
    found = cloud_of(running).jobs.get("j-operate-aborted")
    assert found is not None
    assert found.state == "aborted"


def test_a_failed_run_is_skipped_with_the_keyboard_alone(running: Running, visit: Visitor) -> None:
    process = arrived(running, "operate-keys", broken("keyed"))
    until_failed(process, "keyed")
    page = visit("operator", "#/inbox/failed?pipeline=operate-keys").page
    page.get_by_role("button", name="Skip: Mail keyed").wait_for()
    tab_to_named(page, "Skip: Mail keyed", begins=True)
    page.keyboard.press("Enter")
    page.get_by_role("dialog").wait_for()
    tab_to_named(page, "Skip")
    page.keyboard.press("Enter")
    page.get_by_text("Nothing matches these filters").wait_for()
    assert process.run("keyed").state == "skipped"
    assert page.evaluate("document.activeElement.textContent") == "Failed runs"


def test_one_dead_letter_and_one_held_message_are_settled_by_themselves(
    running: Running, visit: Visitor
) -> None:
    name = "operate-single"
    process = arrived(running, name, later("waits"))
    session = running.cloud.session().client("sqs", endpoint_url=running.cloud.endpoint)
    stale = RunMessage.of(process.run("waits")).model_copy(update={"generation": 99})
    body = stale.model_dump_json(exclude_none=True)
    session.send_message(QueueUrl=running.stack.outputs["WebDeadLettersUrl"], MessageBody=body)
    credentials = ConnectionCredentials(
        connection=name, provider="docusign", pipeline=name, tokens=("t",)
    )
    held = cloud_of(running).held
    for number in range(2):
        told = event("document.sent", key=f"single {number}", envelope=f"env-single-{number}")
        held.set_aside(incoming(credentials, told), "it has no state", at=datetime.now(UTC))

    page = visit("administrator", "#/inbox/dead?queue=web").page
    letters = section(page, "Dead letters")
    letters.get_by_text("it was replaced").wait_for()
    letters.get_by_role("button", name="Redrive: Calls and text messages").click()
    letters.get_by_text("it was replaced").wait_for(state="hidden")

    page = visit("administrator", f"#/inbox/held?pipeline={name}").page
    messages = section(page, "Held messages")
    messages.get_by_role("button", name=re.compile("Drop: Message .*env-single-0")).click()
    dialog = page.get_by_role("dialog", name="Drop this message")
    dialog.get_by_role("button", name="Drop", exact=True).click()
    dialog.wait_for(state="hidden")
    messages.get_by_text("env-single-0").wait_for(state="hidden")
    messages.get_by_text("env-single-1").wait_for()
    (left,) = held.list_aside(name)
    assert left.message.events[0].envelope == "env-single-1"


def test_what_a_viewer_may_not_settle_is_switched_off_and_says_why(
    running: Running, visit: Visitor
) -> None:
    process = arrived(running, "operate-viewer", broken("seen"))
    until_failed(process, "seen")
    page = visit("viewer", "#/inbox/failed?pipeline=operate-viewer").page
    button = page.get_by_role("button", name="Retry: Mail seen")
    button.wait_for()
    assert button.get_attribute("aria-disabled") == "true"
    assert "Operator" in (button.get_attribute("title") or "")
    page.get_by_role("link", name="Rejected webhooks").click()
    rejected = section(page, "Rejected webhooks")
    rejected.get_by_text("This needs the role Operator").wait_for()


# --- my tasks, my documents, whose turn


@pytest.fixture
def tasks(running: Running, people: LocalPeople) -> Process:
    """The operator's task with a checklist, overdue, and one of the operator's group."""
    who = people.people["operator"].email
    review = {
        "title": "Check the lease",
        "assignee": who,
        "deadline": {"after": {"seconds": 1}},
        "checklist": ["Rent compared", "Deposit"],
    }
    approve = {"title": "Approve the lease", "assignee": "group:legal", "wait": True}
    name = f"operate-tasks-{datetime.now(UTC):%H%M%S%f}"
    process = arrived(
        running,
        name,
        {"id": "review", "kind": "create_task", "execution": "independent", "settings": review},
        {"id": "approve", "kind": "create_task", "execution": "independent", "settings": approve},
        groups={"legal": [who]},
    )
    wanted = {"2.review": "done", "2.approve": "awaiting"}
    assert process.until_states(wanted) == wanted
    process.edit(values={"responsible": who})
    return process


def test_my_tasks_are_mine_and_my_groups_and_are_completed_with_checklist_and_result(
    tasks: Process, visit: Visitor
) -> None:
    page = visit("operator", f"#/tasks?pipeline={tasks.name}").page
    mine = page.locator(".entry", has_text="Check the lease")
    mine.get_by_text("Overdue for").wait_for()
    page.get_by_text("for group legal").wait_for()
    page.get_by_role("combobox", name="State").select_option("overdue")
    page.get_by_text("for group legal").wait_for(state="hidden")
    assert "state=overdue" in page.url
    mine.get_by_role("link", name=tasks.document().title).wait_for()

    page.get_by_role("link", name="Check the lease").click()
    page.get_by_role("heading", name="Check the lease", level=1).wait_for()
    page.get_by_label("Rent compared").check()
    page.get_by_text("1 of 2 points").wait_for()
    page.get_by_role("button", name="Complete: Check the lease").click()
    page.get_by_text("1 point of the checklist is open").wait_for()
    page.get_by_label("Result").fill("The rent is right")
    page.get_by_role("dialog").get_by_role("button", name="Complete", exact=True).click()
    page.get_by_text("Completed by").wait_for()
    timeline = [one.text for one in tasks.explained().timeline]
    assert any("The rent is right" in text for text in timeline), timeline


def test_tasks_are_filtered_by_state_and_deadline_and_the_address_keeps_it(
    tasks: Process, visit: Visitor
) -> None:
    page = visit("viewer", "#/tasks?view=all&state=done").page
    page.get_by_text("Tasks that are done or withdrawn are listed by pipeline").wait_for()
    page.get_by_role("combobox", name="Pipeline").select_option(tasks.name)
    page.get_by_text("No task matches these filters").wait_for()
    page.get_by_role("combobox", name="State").select_option("")
    page.get_by_role("combobox", name="Due").select_option("days")
    tomorrow = (datetime.now(BERLIN) + timedelta(days=1)).date().isoformat()
    page.get_by_label("Due until").fill(tomorrow)
    page.get_by_role("link", name="Check the lease").wait_for()
    page.get_by_role("link", name="Approve the lease").wait_for(state="hidden")
    page.get_by_label("Due from").fill(tomorrow)
    page.get_by_text("No task matches these filters").wait_for()
    assert f"first={tomorrow}" in page.url
    assert f"last={tomorrow}" in page.url
    page.get_by_role("combobox", name="Due").select_option("none")
    page.get_by_role("link", name="Approve the lease").wait_for()


def test_a_task_is_given_to_somebody_and_withdrawn(tasks: Process, visit: Visitor) -> None:
    page = visit("operator", f"#/tasks/{tasks.document().id}.2.approve").page
    page.get_by_role("button", name="Give").click()
    page.get_by_label("To whom").fill("nobody")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Give", exact=True).click()
    dialog.get_by_role("alert").wait_for()
    assert page.get_by_label("To whom").input_value() == "nobody"
    page.get_by_label("To whom").fill("anna@acme.example")
    dialog.get_by_role("button", name="Give", exact=True).click()
    page.get_by_role("definition").filter(has_text="anna@acme.example").wait_for()
    page.get_by_role("button", name="Withdraw").click()
    dialog.get_by_label("Reason").fill("The contract is off")
    dialog.get_by_role("button", name="Withdraw", exact=True).click()
    page.get_by_text("Withdrawn by").wait_for()
    assert tasks.states()["2.approve"] == "cancelled"


def test_my_documents_say_whose_turn_it_is(tasks: Process, visit: Visitor) -> None:
    page = visit("operator", f"#/tasks?view=documents&pipeline={tasks.name}").page
    title = tasks.document().title
    mine = page.locator(".entry", has_text=title)
    mine.get_by_text("In turn:").wait_for()

    page = visit("operator", f"#/documents?pipeline={tasks.name}").page
    page.get_by_label("Whose").select_option("me")
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name=title))
    row.get_by_text("In turn:").wait_for()
    assert "person=me" in page.url
    page = visit("viewer", f"#/documents?pipeline={tasks.name}&person=me").page
    page.get_by_text("0 shown").wait_for()
    page = visit("viewer", f"#/board?pipeline={tasks.name}").page
    page.get_by_role("listitem", name="Out to sign").get_by_text("In turn:").wait_for()


def test_a_task_is_completed_with_the_keyboard_alone(tasks: Process, visit: Visitor) -> None:
    page = visit("operator", f"#/tasks?pipeline={tasks.name}").page
    page.get_by_role("button", name="Complete: Approve the lease").wait_for()
    tab_to_named(page, "Complete: Approve the lease", begins=True)
    page.keyboard.press("Enter")
    page.get_by_role("dialog").wait_for()
    tab_to_named(page, "Complete", begins=True)
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Approve the lease").wait_for(state="hidden")
    assert tasks.states()["2.approve"] == "done"
