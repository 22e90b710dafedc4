"""Connections, and the first visit: from a template to a document that moves."""

from __future__ import annotations

import urllib.error
import urllib.request
from datetime import UTC, datetime
from typing import Any

import pytest

from countersign.providers import provider
from countersign.providers.base import Request
from countersign.use_cases.queries.catalogue import list_providers
from tests.builders import mail, pipeline, stage, trigger
from tests.end_to_end.conftest import Running
from tests.end_to_end.console.conftest import Visitor
from tests.end_to_end.console.keyboard import FOCUSED, press, tab_to_named
from tests.end_to_end.process import Process, until
from tests.integration.account import SENDER

UNREADABLE = '{"event": "envelope-sent"}'
EMPTY: dict[str, Any] = {"items": [], "next": None}
TOLD = {
    "sent": {"document.sent", "document.created", "signer.notified"},
    "company": {"signer.signed"},
    "client": {"signer.signed"},
    "completed": {"document.completed"},
    "declined": {"document.declined", "signer.declined"},
    "payment": {"payment.received"},
    "call": {"call.received"},
}
"""What the examples of messages tell."""


@pytest.fixture(scope="module")
def process(running: Running) -> Process:
    """A connection that has brought one event."""
    made = Process(
        running,
        "console-connected",
        pipeline(
            stage("draft", name="Draft"),
            stage("sent", mail("told"), name="Out to sign", triggers=[trigger("sent")]),
            stage("signed", name="Signed", kind="success", triggers=[trigger("signed_by_all")]),
            senders=[SENDER],
        ),
    )
    made.tell("envelope-sent")
    until(made.exists)
    return made


def place(process: Process) -> str:
    """The connection's address in the console."""
    return f"#/connections/{process.name}"


# --- row 32: connection page


def test_the_list_says_how_connections_are_and_leads_to_them(
    process: Process, visit: Visitor
) -> None:
    page = visit("viewer", "#/connections").page
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name=process.name))
    row.first.get_by_text("Receiving").wait_for()
    row.first.get_by_text("DocuSign").wait_for()
    page.get_by_role("cell").get_by_role("link", name=process.name, exact=True).first.click()
    page.get_by_role("heading", name=process.name, level=1).wait_for()


def test_a_connection_tells_its_steps_its_address_its_events_and_what_was_refused(
    running: Running, process: Process, visit: Visitor
) -> None:
    page = visit("administrator", place(process)).page
    steps = page.get_by_role("region", name="Set up at DocuSign")
    steps.get_by_text("Settings > Connect > Add configuration").wait_for()
    url = steps.get_by_label("Address for webhooks").input_value()
    events = page.get_by_role("region", name="Last events")
    events.get_by_text("Envelope sent").wait_for()
    unsigned(f"{running.stack.webhooks}/{url.rpartition('/')[2]}")
    refused = page.get_by_role("region", name="Calls refused in the last 7 days")
    refused.get_by_text("no X-DocuSign-Signature header").wait_for()
    events.get_by_role("link", name="To the document").first.click()
    page.get_by_role("region", name="Here now: Out to sign").wait_for()


def unsigned(url: str) -> None:
    """Call a connection's address without any proof."""
    call = urllib.request.Request(url, data=b"{}", headers={"content-type": "application/json"})  # noqa: S310 - the local cloud's own address
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(call, timeout=60)  # noqa: S310 - see above


def test_a_test_event_says_what_it_did_and_one_that_cannot_be_read_is_kept_with_its_reason(
    process: Process, visit: Visitor
) -> None:
    page = visit("administrator", place(process)).page
    page.get_by_role("button", name="Send a test event").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Send", exact=True).click()
    dialog.get_by_text("Applied").wait_for()
    dialog.get_by_role("link", name="To the document").wait_for()
    dialog.get_by_role("textbox", name="Message").fill(UNREADABLE)
    dialog.get_by_role("button", name="Send", exact=True).click()
    dialog.get_by_text("It could not be read").wait_for()
    assert dialog.get_by_role("textbox", name="Message").input_value() == UNREADABLE
    page.keyboard.press("Escape")
    kept = page.get_by_role("region", name="Genuine messages that could not be read")
    kept.get_by_role("button", name="Show the message").first.click()
    dialog.get_by_text('"event": "envelope-sent"').wait_for()
    dialog.get_by_role("button", name="Take it again").click()
    dialog.get_by_text("It still cannot be read").wait_for()


def test_a_provider_is_connected_its_secret_set_rotated_and_ended_and_it_is_removed(
    process: Process, visit: Visitor
) -> None:
    page = visit("administrator", "#/connections").page
    page.get_by_role("button", name="Connect a provider").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Find a provider").fill("documenso")
    dialog.get_by_role("radio", name="Documenso").check()
    dialog.get_by_label("Pipeline").select_option(process.name)
    dialog.get_by_label("Id", exact=True).fill(process.name)
    dialog.get_by_role("button", name="Connect", exact=True).click()
    dialog.get_by_text("exists already").wait_for()
    assert dialog.get_by_label("Id", exact=True).input_value() == process.name
    dialog.get_by_label("Id", exact=True).fill("console-new")
    dialog.get_by_role("button", name="Connect", exact=True).click()
    page.get_by_role("heading", name="console-new", level=1).wait_for()
    first = page.get_by_label("Secret made here").input_value()
    assert "console-new." in page.get_by_label("Address for webhooks").input_value()

    page.get_by_role("button", name="Rotate").click()
    dialog.get_by_label("Make a new address too").check()
    dialog.get_by_role("button", name="Rotate").click()
    dialog.wait_for(state="hidden")
    assert page.get_by_label("Secret made here").input_value() != first
    credentials = page.get_by_role("region", name="Credentials")
    credentials.get_by_role("button", name="End the older ones").click()
    dialog.get_by_text("Of 2 secrets and 2 addresses").wait_for()
    dialog.get_by_role("button", name="End the older ones").click()
    credentials.get_by_role("button", name="End the older ones").wait_for(state="hidden")

    page.get_by_role("button", name="Remove", exact=True).click()
    dialog.get_by_role("button", name="Remove", exact=True).click()
    page.get_by_role("heading", name="Connections", level=1).wait_for()
    page.get_by_text("console-new is removed").wait_for()


def test_a_connection_waits_for_the_secret_that_its_provider_makes(
    process: Process, visit: Visitor
) -> None:
    page = visit("administrator", "#/connections").page
    page.get_by_role("button", name="Connect a provider").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name="Yousign").check()
    dialog.get_by_label("Pipeline").select_option(process.name)
    dialog.get_by_label("Id", exact=True).fill("console-waits")
    dialog.get_by_role("button", name="Connect", exact=True).click()
    page.get_by_text("Waits for its secret").wait_for()
    test = page.get_by_role("button", name="Send a test event")
    assert test.get_attribute("aria-disabled") == "true"
    page.get_by_role("button", name="Set the secret").click()
    dialog.get_by_label("Secret", exact=True).fill("the provider's own")
    dialog.get_by_role("button", name="Save").click()
    page.get_by_text("No event yet").wait_for()


def test_who_changes_a_connection_after_somebody_else_sees_both_and_keeps_what_was_typed(
    process: Process, visit: Visitor
) -> None:
    mine = visit("administrator", place(process)).page
    theirs = visit("administrator", place(process)).page
    for page, name in ((mine, "Mine"), (theirs, "Theirs")):
        page.get_by_role("button", name="Edit").click()
        page.get_by_label("Name", exact=True).fill(name)
    theirs.get_by_role("button", name="Save").click()
    theirs.get_by_role("heading", name="Theirs", level=1).wait_for()
    mine.get_by_role("button", name="Save").click()
    dialog = mine.get_by_role("dialog")
    dialog.get_by_text("Somebody else changed it meanwhile").wait_for()
    dialog.locator("ins").filter(has_text="Theirs").wait_for()
    assert mine.get_by_label("Name", exact=True).input_value() == "Mine"
    mine.get_by_role("button", name="Save over it").click()
    mine.get_by_role("heading", name="Mine", level=1).wait_for()


def test_a_viewer_sees_a_connection_and_why_it_cannot_be_changed(
    process: Process, visit: Visitor
) -> None:
    page = visit("viewer", place(process)).page
    for name in ("Edit", "Rotate", "Remove", "Send a test event", "Show the address"):
        button = page.get_by_role("button", name=name)
        button.wait_for()
        assert button.get_attribute("aria-disabled") == "true"
        assert "Administrator" in (button.get_attribute("title") or "")


def test_a_provider_is_connected_and_tried_with_the_keyboard_alone(
    process: Process, visit: Visitor
) -> None:
    page = visit("administrator", "#/connections").page
    page.get_by_role("button", name="Connect a provider").wait_for()
    press(page, "Connect a provider")
    page.get_by_label("Find a provider").wait_for()
    tab_to_named(page, "Find a provider")
    page.keyboard.type("docusign")
    page.keyboard.press("Enter")
    page.get_by_label("Id", exact=True).wait_for()
    tab_to_named(page, "Pipeline")
    page.keyboard.type("console-connected")
    tab_to_named(page, "Id")
    page.keyboard.press("Control+a")
    page.keyboard.type("console-keys")
    tab_to_named(page, "Secret")
    page.keyboard.type("One to try")
    press(page, "Connect")
    page.get_by_role("heading", name="console-keys", level=1).wait_for()
    press(page, "Send a test event")
    page.get_by_role("dialog").wait_for()
    press(page, "Send")
    page.get_by_role("dialog").get_by_text("Applied").wait_for()
    press(page, "To the document")
    page.get_by_role("region", name="Here now: Out to sign").wait_for()


MODULE = """async names => {
  const app = document.querySelector("script[type=module]").src;
  const path = app.replace("app.js", "pages/connections/examples.js");
  const { examplesOf, messageOf } = await import(path);
  const all = names.map(name => [name, examplesOf(name)]);
  return all.flatMap(([name, events]) => events.map(event => {
    return { provider: name, event, ...messageOf(name, event, crypto.randomUUID()) };
  }));
}"""
"""The examples of the providers that have some, as the dialog sends them."""


def test_the_examples_of_messages_are_read_as_what_they_tell(visit: Visitor) -> None:
    page = visit("viewer", "#/connections").page
    names = sorted(one.provider for one in list_providers())
    given = page.evaluate(MODULE, names)
    assert sorted({one["provider"] for one in given}) == names
    now = datetime.now(UTC)
    for one in given:
        found = provider(one["provider"])
        sent = Request(
            headers=one.get("headers", {}),
            query=one.get("query", {}),
            slot=one.get("slot"),
            body=one["body"].encode(),
            received_at=now,
        )
        events = found.read(found.sign(sent, "c2VjcmV0IG9mIHRoZSBleGFtcGxlcw==", now))
        assert TOLD[one["event"]] & {event.kind for event in events}, one
        assert [text for event in events for text in event.warnings] == [], one


# --- the first visit


def without_pipelines(page: Any) -> None:
    """As long as the console asks for the list of pipelines, there is none."""
    page.route("**/api/v1/pipelines?*", lambda route: route.fulfill(json=EMPTY))


def test_the_first_visit_leads_from_a_template_to_a_moving_document(visit: Visitor) -> None:
    page = visit("administrator", "#/people").page
    without_pipelines(page)
    page.get_by_role("link", name="Board").click()
    page.get_by_role("heading", name="First steps", level=1).wait_for()
    page.get_by_label("Name", exact=True).fill("First contracts")
    page.get_by_role("button", name="Create and publish").click()
    page.get_by_text("is published as version 1").wait_for()
    page.get_by_text("Mails cannot leave from this sender yet").wait_for()
    page.get_by_role("button", name="Connect", exact=True).click()
    page.get_by_role("button", name="Send: The envelope is sent").click()
    stages = page.get_by_role("list", name="Stages")
    here = stages.locator("[aria-current=step]")
    here.filter(has_text="Sent").wait_for()
    page.get_by_text("Remind those who have not signed").wait_for()

    again = visit("administrator", f"#{page.url.partition('#')[2]}")  # its progress is there
    page = again.page
    stages = page.get_by_role("list", name="Stages")
    here = stages.locator("[aria-current=step]")
    here.filter(has_text="Sent").wait_for()
    page.get_by_role("button", name="Send: The company's signer signs").click()
    page.get_by_text("Applied").wait_for()
    page.get_by_role("button", name="Send: All have signed").click()
    here.filter(has_text="Signed").wait_for()
    page.get_by_text("It has arrived.").wait_for()
    page.get_by_role("listitem").filter(has_text="See the document move").get_by_role(
        "link", name="To the document"
    ).click()
    page.get_by_role("heading", name="Test contract", level=1).wait_for()


def test_the_first_visit_with_the_keyboard_alone(visit: Visitor) -> None:
    page = visit("administrator", "#/people").page
    without_pipelines(page)
    press(page, "Board")
    page.get_by_role("button", name="Create and publish").wait_for()
    tab_to_named(page, "Name")
    page.keyboard.press("Control+a")
    page.keyboard.type("Keyboard contracts")
    press(page, "Create and publish")
    page.get_by_role("button", name="Connect", exact=True).wait_for()
    until(lambda: page.evaluate(FOCUSED) == "Connect a signing provider")
    press(page, "Connect")
    page.get_by_role("button", name="Send: The envelope is sent").wait_for()
    press(page, "Send: The envelope is sent to two signers")
    stages = page.get_by_role("list", name="Stages")
    stages.locator("[aria-current=step]").filter(has_text="Sent").wait_for()
    press(page, "Send: All have signed")
    page.get_by_text("It has arrived.").wait_for()


def test_what_is_refused_on_the_first_visit_keeps_what_was_typed(visit: Visitor) -> None:
    page = visit("administrator", "#/welcome").page
    page.get_by_label("Name", exact=True).fill("Contracts of nobody")
    page.get_by_label("Sender of mails").fill("nobody")
    page.get_by_role("button", name="Create and publish").click()
    page.get_by_role("alert").wait_for()
    assert page.get_by_label("Name", exact=True).input_value() == "Contracts of nobody"
    page.get_by_label("Sender of mails").fill("contracts@acme.example")
    page.get_by_role("button", name="Create and publish").click()
    page.get_by_text("is published as version 1").wait_for()


def test_an_operator_is_told_who_can_make_the_first_pipeline(visit: Visitor) -> None:
    page = visit("operator", "#/documents").page
    without_pipelines(page)
    page.get_by_role("link", name="Board").click()
    page.get_by_text("There is no pipeline yet").wait_for()
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill("First steps")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="First steps", level=1).wait_for()
    button = page.get_by_role("button", name="Create and publish")
    assert button.get_attribute("aria-disabled") == "true"
