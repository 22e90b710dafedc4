"""Understanding documents in the console: board, list and the document's page."""

from __future__ import annotations

from typing import Any

import pytest

from countersign.model.actor import user
from countersign.rules.base import Edit
from countersign.use_cases.documents.edit import NewDocument, make, save
from tests.builders import mail, pipeline, stage, trigger
from tests.end_to_end.conftest import Running
from tests.end_to_end.console.conftest import Visitor
from tests.end_to_end.console.keyboard import has_focus, tab_to
from tests.end_to_end.process import ANNA, Process, until
from tests.end_to_end.test_mail_events import tell
from tests.integration.account import SENDER

LATER = {"after": {"days": 3}, "at": "09:00"}
OVER = {"all": [{"field": "amount", "op": "greater", "value": 99_999}]}
EURO = {"all": [{"field": "currency", "op": "equals", "value": "EUR"}]}
TASK = {"id": "check", "kind": "create_task", "name": "Check the clauses"}
NOTE = {"id": "note", "kind": "add_comment", "name": "Note it", "settings": {"text": "Hello"}}
MARKUP = "<b>Bold</b> <script>alert(1)</script> {{ x }}"
ARABIC = "عقد إيجار رقم ٤٢"


@pytest.fixture(scope="module")
def contract(running: Running) -> Process:
    """A contract that was sent to its client: mails, a task, and what did not happen."""
    made = Process(
        running,
        "console-document",
        pipeline(
            stage("draft", name="Draft"),
            stage(
                "sent",
                mail("told", name="Contract to the client", condition=EURO),
                mail("reminder", name="Remind the client", time=LATER, execution="independent"),
                mail("legal", name="Tell legal", condition=OVER, execution="independent"),
                TASK
                | {
                    "execution": "independent",
                    "settings": {
                        "assignee": ANNA,
                        "title": "Read the clauses",
                        "checklist": ["Deposit", "Term"],
                        "wait": True,
                    },
                },
                name="Out to sign",
                triggers=[
                    trigger("signed_by_company", "directed", name="Director signed"),
                    trigger("signed_by_client", "rich", name="Client signed", condition=OVER),
                ],
            ),
            stage(
                "signed",
                mail("thanks", name="Thank the client"),
                name="Signed",
                kind="success",
                triggers=[trigger("signed_by_all", "all", name="Everybody signed")],
            ),
            stage("lost", name="Lost", kind="failure", triggers=[trigger("declined")]),
            senders=[SENDER],
            fields={"segment": {"type": "choice", "options": ["big", "small"], "label": "Segment"}},
        ),
    )
    made.tell("envelope-sent")
    made.tell("recipient-completed-director")
    wanted = {
        "2.told": "done",
        "2.reminder": "ready",
        "2.legal": "skipped",
        "2.check": "awaiting",
    }
    assert made.until_states(wanted) == wanted
    return made


@pytest.fixture(scope="module")
def plain(running: Running) -> Process:
    """A pipeline of documents that were made by hand."""
    return Process(
        running,
        "console-plain",
        pipeline(
            stage("new", name="New"),
            stage("aside", name="Set aside"),
            stage("noted", NOTE, name="Noted"),
            stage("empty", name="Empty"),
            fields={"segment": {"type": "choice", "options": ["big", "small"], "label": "Segment"}},
        ),
    )


def document(process: Process, name: str, **fields: Any) -> str:
    """A document that Anna makes by hand; its id."""
    given = {"title": name, **fields}
    wanted = NewDocument(
        id=f"d-{process.name}-{abs(hash(name))}", pipeline=process.name, values=given
    )
    return make(process._store, wanted, user(ANNA)).document.id


def address(process: Process) -> str:
    return f"#/documents/{process.document().id}"


def board(process: Process, more: str = "") -> str:
    return f"#/board?pipeline={process.name}{more}"


def column(page: Any, name: str) -> Any:
    return page.get_by_role("listitem", name=name, exact=True)


def line(page: Any, sentence: str) -> Any:
    """The line of the history that says it."""
    history = page.get_by_role("region", name="History")
    return history.locator("li", has=page.locator("p > bdi", has_text=sentence))


# --- board and list of documents by stage, age in stage, filter, search, view kept in the address


def test_the_board_is_filtered_and_its_address_keeps_the_view(
    plain: Process, visit: Visitor
) -> None:
    document(plain, "Lease of the workshop")
    document(plain, "Sale of the car")
    page = visit("viewer", board(plain)).page
    column(page, "New").get_by_role("link", name="Sale of the car").wait_for()
    page.get_by_label("Title, number, name or address").fill("workshop")
    column(page, "New").get_by_role("link", name="Sale of the car").wait_for(state="detached")
    column(page, "New").get_by_role("link", name="Lease of the workshop").wait_for()
    page.get_by_label("Days in stage, at least").fill("7")
    column(page, "New").get_by_text("No documents").wait_for()
    until(lambda: "text=workshop" in page.url and "days_in_stage=7" in page.url)
    kept = page.url.partition("#")[2]
    page = visit("viewer", f"#{kept}").page
    column(page, "New").get_by_text("No documents").wait_for()
    assert page.get_by_label("Title, number, name or address").input_value() == "workshop"


def test_a_card_is_moved_by_dragging_it(plain: Process, visit: Visitor) -> None:
    moved = document(plain, "To be dragged")
    page = visit("operator", board(plain)).page
    card = column(page, "New").get_by_role("link", name="To be dragged")
    card.wait_for()
    card.drag_to(column(page, "Noted"))
    dialog = page.get_by_role("dialog", name="Move To be dragged")
    dialog.get_by_text("This rule begins there: Note it").wait_for()
    dialog.get_by_role("button", name="Move", exact=True).click()
    column(page, "Noted").get_by_role("link", name="To be dragged").wait_for()
    page.get_by_role("status").get_by_text("To be dragged is now in Noted").wait_for()
    assert plain.document(moved).stage == "noted"


def test_a_card_is_moved_with_the_keyboard_alone(plain: Process, visit: Visitor) -> None:
    moved = document(plain, "Moved by keys")
    page = visit("operator", board(plain)).page
    tab_to(page, column(page, "New").get_by_role("link", name="Moved by keys"))
    page.keyboard.press("m")
    dialog = page.get_by_role("dialog", name="Move Moved by keys")
    tab_to(page, dialog.get_by_label("Stage"))
    page.keyboard.type("Set")
    tab_to(page, dialog.get_by_role("button", name="Move", exact=True))
    page.keyboard.press("Enter")
    page.get_by_role("status").get_by_text("Moved by keys is now in Set aside").wait_for()
    until(lambda: page.evaluate("document.activeElement.textContent") == "Moved by keys")
    assert plain.document(moved).stage == "aside"


def test_a_viewer_sees_why_a_card_cannot_be_moved(plain: Process, visit: Visitor) -> None:
    document(plain, "Only to be seen")
    page = visit("viewer", board(plain)).page
    button = column(page, "New").get_by_role("button", name="Move Only to be seen")
    button.wait_for()
    assert "Operator" in (button.get_attribute("title") or "")
    button.click(force=True)
    assert page.get_by_role("dialog").count() == 0


def test_a_stage_of_many_documents_comes_page_by_page(running: Running, visit: Visitor) -> None:
    many = Process(running, "console-many", pipeline(stage("new", name="New")))
    for number in range(60):
        document(many, f"Contract {number:03}")
    page = visit("viewer", board(many)).page
    column(page, "New").get_by_role("link").first.wait_for()
    while column(page, "New").get_by_role("link").count() < 60:
        column(page, "New").get_by_role("link").last.scroll_into_view_if_needed()
    column(page, "New").get_by_text("60 documents").wait_for()


def test_the_list_is_filtered_by_pipeline_stage_and_responsible_by_keyboard(
    plain: Process, visit: Visitor
) -> None:
    document(plain, "Listed contract", responsible="ben@acme.example")
    page = visit("viewer", f"#/documents?pipeline={plain.name}").page
    page.get_by_role("link", name="Listed contract").wait_for()
    tab_to(page, page.get_by_label("Responsible"))
    page.keyboard.type("ben@acme.example")
    page.get_by_text("1 shown").wait_for()
    tab_to(page, page.get_by_role("link", name="Listed contract"))
    until(lambda: "responsible=ben" in page.url)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Listed contract", level=1).wait_for()


def test_several_are_selected_and_moved(plain: Process, visit: Visitor) -> None:
    both = [document(plain, f"Selected {name}", number="S-77") for name in ("one", "two")]
    page = visit("operator", f"#/documents?pipeline={plain.name}&text=S-77").page
    for name in ("one", "two"):
        page.get_by_label(f"Select Selected {name}").check()
    page.get_by_text("2 documents selected").wait_for()
    page.get_by_role("button", name="Move to …").click()
    dialog = page.get_by_role("dialog", name="Move 2 documents")
    dialog.get_by_label("Stage").select_option("Noted")
    dialog.get_by_text("2 documents will be moved.").wait_for()
    dialog.get_by_text("This rule starts for each, at once or at its time: Note it.").wait_for()
    dialog.get_by_role("button", name="Move 2 documents").click()
    page.get_by_role("region", name="In the background").get_by_text("2 done").wait_for()
    assert {plain.document(one).stage for one in both} == {"noted"}


def test_several_are_selected_and_moved_with_the_keyboard(plain: Process, visit: Visitor) -> None:
    both = [document(plain, f"Keyed {name}", number="S-78") for name in ("one", "two")]
    page = visit("operator", f"#/documents?pipeline={plain.name}&text=S-78").page
    for name in ("one", "two"):
        tab_to(page, page.get_by_label(f"Select Keyed {name}"))
        page.keyboard.press("Space")
    tab_to(page, page.get_by_role("button", name="Move to …"))
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Move 2 documents")
    tab_to(page, dialog.get_by_label("Stage"))
    page.keyboard.type("Set aside")
    tab_to(page, dialog.get_by_label("Comment"))
    page.keyboard.type("Put away")
    dialog.get_by_text("No rule starts in this stage.").wait_for()
    tab_to(page, dialog.get_by_role("button", name="Move 2 documents"))
    page.keyboard.press("Enter")
    progress = page.get_by_role("region", name="In the background")
    progress.get_by_text("2 done").wait_for()
    assert has_focus(progress)
    assert {plain.document(one).stage for one in both} == {"aside"}


def test_all_that_the_filters_match_are_moved_and_what_is_left_out_is_told(
    plain: Process, visit: Visitor
) -> None:
    many = [document(plain, f"Many {number}", number="S-79") for number in range(52)]
    save(plain._store, many[0], Edit(stage="empty"), user(ANNA))
    page = visit("operator", f"#/documents?pipeline={plain.name}&text=S-79").page
    page.get_by_text("50 shown, there are more").wait_for()
    page.get_by_label("Select all shown").check()
    page.get_by_role("button", name="Select all that match the filters").click()
    page.get_by_text("All documents that match the filters are selected").wait_for()
    page.get_by_role("button", name="Move to …").click()
    dialog = page.get_by_role("dialog", name="Move all documents that match the filters")
    dialog.get_by_label("Stage").select_option("Empty")
    dialog.get_by_text("51 documents will be moved.").wait_for()
    dialog.get_by_text("1 is in this stage already, and left out.").wait_for()
    dialog.get_by_role("button", name="Move 51 documents").click()
    page.get_by_role("region", name="In the background").get_by_text("51 done").wait_for()
    assert {plain.document(one).stage for one in many} == {"empty"}


def test_a_document_is_made_by_hand_with_the_keyboard_and_removed(
    plain: Process, visit: Visitor
) -> None:
    page = visit("administrator", f"#/documents?pipeline={plain.name}").page
    tab_to(page, page.get_by_role("button", name="New document"))
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="New document")
    tab_to(page, dialog.get_by_label("Title"))
    page.keyboard.type("Made by hand")
    tab_to(page, dialog.get_by_role("button", name="Make it").last)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Made by hand", level=1).wait_for()
    page.get_by_role("heading", name="Here now: New").wait_for()
    page.get_by_text("More", exact=True).click()
    page.get_by_role("button", name="Remove the document").click()
    dialog = page.get_by_role("dialog", name="Remove the document")
    dialog.get_by_role("button", name="Remove", exact=True).click()
    page.get_by_text("Removed: Made by hand").wait_for()
    page.get_by_role("heading", name="Documents", level=1).wait_for()


# --- document page: timeline, signers and whose turn it is, fields, files, tasks, what is planned


def test_the_document_says_whose_turn_it_is_what_is_planned_and_what_was_done(
    contract: Process, visit: Visitor
) -> None:
    page = visit("viewer", address(contract)).page
    signers = page.get_by_role("region", name="Signers")
    turn = signers.get_by_role("listitem").filter(has_text="Klara Vogel")
    turn.get_by_text("in turn").wait_for()
    signers.get_by_role("listitem").filter(has_text="Anna Berger").get_by_text("signed").wait_for()
    now = page.get_by_role("region", name="Here now: Out to sign")
    waits = now.locator(".line", has_text="Remind the client")
    assert "Waiting" in waits.inner_text()
    assert "until" in waits.inner_text()
    assert "3 days after its turn, at 09:00" in waits.inner_text()
    page.get_by_role("region", name="Signed").get_by_text("Thank the client").wait_for()
    page.get_by_role("region", name="Fields").get_by_text("Segment").wait_for()


def test_a_task_is_checked_off_and_completed(running: Running, visit: Visitor) -> None:
    asked = Process(
        running,
        "console-task",
        pipeline(
            stage("new", name="New", rules=[])
            | {
                "rules": [
                    TASK
                    | {
                        "settings": {
                            "assignee": ANNA,
                            "title": "Read the clauses",
                            "checklist": ["Deposit"],
                            "wait": True,
                        }
                    }
                ]
            }
        ),
    )
    asked.tell("envelope-sent")
    until(lambda: asked.states() == {"1.check": "awaiting"})
    page = visit("operator", address(asked)).page
    tasks = page.get_by_role("region", name="Tasks")
    point = tasks.get_by_label("Deposit")
    tab_to(page, point)
    page.keyboard.press("Space")
    page.get_by_text("ticked off “Deposit”").wait_for()
    tab_to(page, tasks.get_by_role("button", name="Complete for them"))
    page.keyboard.press("Enter")
    page.get_by_text("completed the task “Read the clauses”").first.wait_for()
    assert asked.until_states({"1.check": "done"}) == {"1.check": "done"}


def test_a_file_is_added_and_removed(contract: Process, visit: Visitor) -> None:
    page = visit("operator", address(contract)).page
    page.get_by_role("button", name="Add a file").click()
    dialog = page.get_by_role("dialog", name="Add a file")
    content = {"name": "Offer.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 offer"}
    dialog.get_by_label("File", exact=True).set_input_files(content)
    dialog.get_by_label("Kind of file").select_option("offer")
    dialog.get_by_role("button", name="Add", exact=True).click()
    files = page.get_by_role("region", name="Files")
    files.get_by_role("button", name="Offer.pdf", exact=True).wait_for()
    assert [one.name for one in contract.document().stored_files] == ["Offer.pdf"]
    files.get_by_role("button", name="Remove Offer.pdf").click()
    gone = page.get_by_role("dialog", name="Remove Offer.pdf")
    gone.get_by_role("button", name="Remove", exact=True).click()
    files.get_by_text("No files").wait_for()
    page.get_by_text("removed the file Offer.pdf").wait_for()


def test_two_who_edit_at_once_see_both_versions(plain: Process, visit: Visitor) -> None:
    edited = document(plain, "Edited by two", number="E-1")
    page = visit("operator", f"#/documents/{edited}").page
    page.get_by_role("button", name="Edit").first.click()
    dialog = page.get_by_role("dialog", name="Edit")
    dialog.get_by_label("Number").fill("E-2")
    dialog.get_by_label("Segment").select_option("big")

    save(plain._store, edited, Edit(values={"amount": "77"}), user(ANNA))
    dialog.get_by_role("button", name="Save", exact=True).click()
    dialog.get_by_text("Changed meanwhile").wait_for()
    assert "→ 77" in dialog.inner_text()
    assert dialog.get_by_label("Number").input_value() == "E-2"
    dialog.get_by_role("button", name="Save all the same").click()
    dialog.wait_for(state="detached")
    found = plain.document(edited)
    assert (found.number, str(found.amount), found.fields["segment"]) == ("E-2", "77", "big")


def test_the_mail_that_waits_is_seen_before_it_goes(contract: Process, visit: Visitor) -> None:
    page = visit("viewer", address(contract)).page
    now = page.get_by_role("region", name="Here now: Out to sign")
    waits = now.locator(".line", has_text="Remind the client")
    waits.get_by_role("button", name="Preview").click()
    dialog = page.get_by_role("dialog", name="Preview: Remind the client")
    dialog.get_by_text(contract.client_address).wait_for()
    dialog.get_by_label("Text of the mail").get_by_text("Hello").wait_for()
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")


# --- why not: each trigger and rule of the stage with the reason and the values


def test_each_trigger_and_rule_says_why_not_with_its_values(
    contract: Process, visit: Visitor
) -> None:
    page = visit("viewer", address(contract)).page
    now = page.get_by_role("region", name="Here now: Out to sign")
    legal = now.locator(".line", has_text="Tell legal")
    legal.wait_for()
    assert "Skipped" in legal.inner_text()
    assert "Amount is greater than 99,999: found 12,500" in legal.inner_text()
    fired = now.locator(".line", has_text="Director signed")
    assert "Fired" in fired.inner_text()
    ahead = page.get_by_role("region", name="Signed", exact=True)
    assert "waits for Klara Vogel" in ahead.inner_text()
    lost = page.get_by_role("region", name="Lost", exact=True)
    assert "Waits" in lost.inner_text()


# --- condition shown clause by clause with the value found then


def test_a_condition_is_told_clause_by_clause_with_what_was_found(
    contract: Process, visit: Visitor
) -> None:
    page = visit("viewer", address(contract), locale="de-DE").page
    now = page.get_by_role("region", name="Jetzt hier: Out to sign")
    told = now.locator(".line", has_text="Contract to the client")
    told.get_by_text("Währung ist EUR: gefunden: EUR").wait_for()
    told.get_by_text("trifft zu").wait_for()
    legal = now.locator(".line", has_text="Tell legal")
    assert "Betrag ist größer als 99.999: gefunden: 12.500" in legal.inner_text()
    assert "trifft nicht zu" in legal.inner_text()


# --- history never pruned while the document lives


def test_the_whole_history_is_there_and_is_verified(plain: Process, visit: Visitor) -> None:
    old = document(plain, "Of long standing")

    for number in range(60):
        save(plain._store, old, Edit(comment=f"Note {number}"), user(ANNA))
    page = visit("viewer", f"#/documents/{old}").page
    history = page.get_by_role("region", name="History")
    history.get_by_text("Note 59").wait_for()
    assert history.get_by_text("made the document").count() == 0
    tab_to(page, history.get_by_role("button", name="Show more"))
    page.keyboard.press("Enter")
    history.get_by_text("made the document").wait_for()
    history.get_by_role("button", name="Verify").click()
    history.get_by_text("All 61 entries are as they were written").wait_for()


# --- chain of causes, clickable both ways


def test_the_chain_of_causes_is_followed_both_ways(contract: Process, visit: Visitor) -> None:
    page = visit("viewer", address(contract)).page
    made = line(page, "Task “Read the clauses”")
    made.get_by_role("link", name="Check the clauses").click()
    run = page.locator("#run-2-check")
    until(lambda: has_focus(run))
    assert "at=run-2-check" in page.url
    moved = line(page, "Moved from Draft to Out to sign")
    assert moved.evaluate("one => one.classList.contains('linked')")
    run.get_by_role("link", name="Task “Read the clauses”").click()
    until(lambda: has_focus(made))
    kept = page.url.partition("#")[2]
    page = visit("viewer", f"#{kept}").page
    until(lambda: has_focus(line(page, "Task “Read the clauses”")))
    page.evaluate("kept => { location.hash = kept }", f"{address(contract)}?at=run-2-legal")
    until(lambda: has_focus(page.locator("#run-2-legal")))
    page.evaluate("kept => { location.hash = kept }", kept)
    until(lambda: has_focus(line(page, "Task “Read the clauses”")))
    assert line(page, "Task “Read the clauses”").get_attribute("aria-current") == "true"


def test_the_chain_of_causes_is_followed_with_the_keyboard_alone(
    contract: Process, visit: Visitor
) -> None:
    page = visit("viewer", address(contract)).page
    signed = line(page, "Anna Berger has signed")
    tab_to(page, signed.get_by_role("link", name="Moved from Draft to Out to sign"))
    page.keyboard.press("Enter")
    moved = line(page, "Moved from Draft to Out to sign")
    until(lambda: has_focus(moved))
    tab_to(page, moved.get_by_role("link", name="Contract to the client"))
    page.keyboard.press("Enter")
    until(lambda: has_focus(page.locator("#run-2-told")))


def test_from_the_event_to_the_bounce_and_back(running: Running, visit: Visitor) -> None:
    """Event → trigger → rule → mail → bounce → trigger, each a step that is clicked."""
    bounced = Process(
        running,
        "console-bounced",
        pipeline(
            stage("draft", name="Draft"),
            stage(
                "sent",
                mail("told", name="Contract to the client"),
                name="Out to sign",
                triggers=[trigger("signed_by_company", "directed", name="Director signed")],
            ),
            stage("back", name="Came back", triggers=[trigger("mail_bounced", name="Bounced")]),
            senders=[SENDER],
        ),
    )
    bounced.tell("envelope-sent")
    bounced.tell("recipient-completed-director")
    assert bounced.until_states({"2.told": "done"}) == {"2.told": "done"}
    run = bounced.run("told")
    tell(running, "Email Bounced", run, run.result["message_id"])
    until(lambda: bounced.document().stage == "back")
    page = visit("viewer", address(bounced)).page
    way = page.get_by_role("group", name="The way of the document")
    way.get_by_role("region", name="Here now: Came back").get_by_role("link").first.click()
    moved = line(page, "Moved from Out to sign to Came back by the trigger “Bounced”")
    until(lambda: has_focus(moved))
    moved.get_by_role("link", name="The mail “Contract to the client”").click()
    returned = line(page, "kunde.example came back")
    until(lambda: has_focus(returned))
    tab_to(page, returned.get_by_role("link", name="Contract to the client"))
    page.keyboard.press("Enter")
    until(lambda: has_focus(page.locator("#run-2-told")))
    way.get_by_role("region", name="Out to sign").get_by_role("link").first.click()
    arrived = line(page, "Moved from Draft to Out to sign by the trigger “Director signed”")
    until(lambda: has_focus(arrived))
    arrived.get_by_role("link", name="Anna Berger has signed").click()
    until(lambda: has_focus(line(page, "Anna Berger has signed")))
    linked = page.locator("#main .linked")
    assert linked.count() >= 5


# --- what comes in appears by itself


def test_what_comes_in_appears_on_the_document_by_itself(running: Running, visit: Visitor) -> None:
    live = Process(
        running,
        "console-comes-in",
        pipeline(
            stage("draft", name="Draft"),
            stage("sent", name="Half signed", triggers=[trigger("signed_by_company")]),
        ),
    )
    live.tell("envelope-sent")
    until(live.exists)
    page = visit("viewer", address(live)).page
    page.get_by_role("heading", name="Here now: Draft").wait_for()
    live.tell("recipient-completed-director")
    page.get_by_role("heading", name="Here now: Half signed").wait_for()
    line(page, "Anna Berger has signed").wait_for()


# --- bad input


@pytest.mark.parametrize("name", [MARKUP, ARABIC, "Long " * 60])
def test_any_title_is_shown_as_it_is(plain: Process, visit: Visitor, name: str) -> None:
    made = visit(
        "viewer", f"#/documents/{document(plain, name)}", viewport={"width": 320, "height": 700}
    )
    made.page.get_by_role("heading", name=name.strip(), level=1).wait_for()
    made.page.get_by_role("region", name="History").wait_for()
    assert made.page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_history_that_cannot_be_loaded_is_told_and_tried_again(
    plain: Process, visit: Visitor
) -> None:
    shown = document(plain, "Of a broken history")
    page = visit("viewer", "#/documents").page
    body = {"title": "It is broken", "request_id": "r-1"}
    page.route("**/timeline?**", lambda route: route.fulfill(status=500, json=body))
    page.evaluate("id => { location.hash = `#/documents/${id}` }", shown)
    page.get_by_text("It is broken").wait_for()
    page.unroute("**/timeline?**")
    page.get_by_role("button", name="Try again").click()
    page.get_by_text("made the document").wait_for()
