"""Changing a pipeline safely in the console, each capability by mouse and by the keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from countersign.local.playing import local_stack
from countersign.model.actor import done_by, user
from countersign.model.draft import Draft
from countersign.model.pipeline import Pipeline
from countersign.use_cases.pipelines.drafts import (
    DraftEdit,
    Workbench,
    create_from_version,
    save_draft,
)
from countersign.use_cases.pipelines.publish import Publisher, publish
from tests.builders import mail, pipeline, stage, trigger
from tests.end_to_end.conftest import Running
from tests.end_to_end.console.conftest import Visitor
from tests.end_to_end.process import Process, until
from tests.integration.account import SENDER

Content = dict[str, Any]
MAX_TABS = 80
TAGS = {"button": "BUTTON", "checkbox": "INPUT", "link": "A"}
LATER = {"after": {"days": 3}}
SOON = {"after": {"days": 5}}
OTHER_SUBJECT = "Please sign this"
ANNA = user("anna@acme.example")


class Mouse:
    """Clicks."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def press(self, name: str, role: str = "button") -> None:
        self.page.get_by_role(role, name=name, exact=True).click()

    def choose(self, label: str, text: str) -> None:
        self.page.locator("select").and_(self.page.get_by_label(label)).select_option(label=text)

    def write(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=True).fill(text)

    def confirm(self, name: str) -> None:
        """Press a button of the dialog."""
        self.page.get_by_role("dialog").get_by_role("button", name=name, exact=True).click()


class Keyboard(Mouse):
    """Goes by Tab alone to what it wants, and presses keys there."""

    def press(self, name: str, role: str = "button") -> None:
        self.reach(name, TAGS[role])
        self.page.keyboard.press("Space" if role == "checkbox" else "Enter")

    def choose(self, label: str, text: str) -> None:
        self.reach(label, "SELECT")
        self.page.keyboard.type(text)

    def write(self, label: str, text: str) -> None:
        self.reach(label, "TEXTAREA")
        self.page.keyboard.type(text)

    def confirm(self, name: str) -> None:
        self.page.get_by_role("dialog").wait_for()
        self.press(name)

    def reach(self, name: str, tag: str) -> None:
        for _ in range(MAX_TABS):
            if self.page.evaluate(FOCUSED) == [tag, name]:
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not reach {name}")


FOCUSED = """() => {
  const at = document.activeElement;
  const named = at?.labels?.[0] ?? at;
  const copy = named?.cloneNode(true);
  copy?.querySelectorAll?.("select").forEach((one) => one.remove());
  return [at?.tagName, copy?.textContent?.trim()];
}"""
HANDS = pytest.mark.parametrize("hand", [Mouse, Keyboard])


def contracts() -> Pipeline:
    """A contract is sent, reminded of, and signed."""
    return pipeline(
        stage("draft", name="Draft"),
        stage(
            "sent",
            mail("told", name="Tell the client", execution="independent"),
            mail("reminder", name="Remind", time=LATER, execution="independent"),
            mail("again", name="Remind again", time=LATER, execution="independent"),
            name="Out to sign",
            triggers=[trigger("sent")],
        ),
        stage("signed", name="Signed", kind="success", triggers=[trigger("signed_by_all")]),
        senders=[SENDER],
    )


def changed(content: Content) -> None:
    """Another subject, another time, a task that is new and a reminder that is gone."""
    sent = content["stages"][1]
    told, reminder, _ = sent["rules"]
    told["settings"]["subject"] = OTHER_SUBJECT
    reminder["time"] = SOON
    call = {"title": "Call the client", "assignee": "anna@acme.example"}
    task = {"id": "call", "kind": "create_task", "name": "Call", "settings": call}
    sent["rules"] = [told, reminder, {**task, "execution": "independent"}]


class Changed(Process):
    """A process whose document waits, and what is done to its pipeline."""

    def __init__(self, running: Running, name: str) -> None:
        super().__init__(running, name, contracts())
        cloud = local_stack(running.cloud, running.stack)
        self.cloud = cloud
        self.bench = Workbench(drafts=cloud.drafts, pipelines=cloud.pipelines)
        self.tell("envelope-sent")
        wanted = {"2.told": "done", "2.reminder": "ready", "2.again": "ready"}
        assert self.until_states(wanted) == wanted

    def draft(self, change: Callable[[Content], None] = changed) -> Draft:
        """Somebody begins a draft, or goes on with it, and saves it."""
        origin = done_by(ANNA, datetime.now(UTC))
        draft = self.cloud.drafts.get(self.name)
        if draft is None:
            draft = create_from_version(self.bench, self.name, origin)
        content: Content = draft.model_dump(mode="json")["content"]
        change(content)
        edit = DraftEdit(pipeline=self.name, tag=draft.tag, content=content)
        return save_draft(self.bench, edit, origin)

    def publish(self, change: Callable[[Content], None] = changed, note: str = "") -> None:
        """Somebody publishes a change."""
        head = self.cloud.pipelines.head(self.name)
        assert head is not None
        published = self.cloud.pipelines.version(self.name, head.version).pipeline
        content = published.model_dump(mode="json", exclude_defaults=True)
        change(content)
        publisher = Publisher(
            pipelines=self.cloud.pipelines, documents=self.cloud.documents, from_command_line=True
        )
        origin = done_by(ANNA, datetime.now(UTC))
        publish(publisher, Pipeline.model_validate(content), origin, note=note)

    def version(self) -> int:
        """The number of the version that is published."""
        head = self.cloud.pipelines.head(self.name)
        assert head is not None
        return head.version

    def address(self, view: str) -> str:
        return f"#/changes/{self.name}/{view}"


def own(running: Running, what: str, hand: type[Mouse]) -> Changed:
    """A pipeline of this test alone."""
    return Changed(running, f"changes-{what}-{hand.__name__.lower()}")


@HANDS
def test_14_plan_before_publish_what_changes_and_how_much_it_touches(
    running: Running, visit: Visitor, hand: type[Mouse]
) -> None:
    made = own(running, "plan", hand)
    made.draft()
    page = visit("administrator", made.address("plan")).page
    plan = page.get_by_role("region", name="What publishing changes against version 1")
    plan.get_by_text("1 rule added, 2 rules changed, 1 rule removed.").wait_for()
    plan.get_by_text("1 document is in a stage that changes").wait_for()
    plan.get_by_text("of the rule again in sent").wait_for()
    assert plan.get_by_role("deletion").first.inner_text() == "told"
    assert plan.get_by_role("insertion").first.inner_text() == OTHER_SUBJECT
    doing = hand(page)
    doing.press("Publish")
    dialog = page.get_by_role("dialog", name="Publish version 2")
    dialog.get_by_text("1 document is in a stage that changes.").wait_for()
    dialog.get_by_text("2 runs are waiting now.").wait_for()
    doing.press("1 run or value loses something. That is meant.", "checkbox")
    doing.write("Note", "Another subject")
    doing.confirm("Publish")
    page.get_by_role("heading", name="Version 2 is published").wait_for()
    assert made.version() == 2
    assert made.cloud.pipelines.version(made.name, 2).note == "Another subject"
    assert made.run("reminder").pipeline_version == 1


def test_14_a_long_text_that_changes_is_shown_whole_line_by_line(
    running: Running, visit: Visitor
) -> None:
    made = own(running, "long", Mouse)
    lines = [f"This is line {n} of a text that nobody cuts." for n in range(1, 21)]

    def write(last: str) -> Callable[[Content], None]:
        def change(content: Content) -> None:
            told = content["stages"][1]["rules"][0]["settings"]
            told["text"] = "\n".join([*lines, last])

        return change

    made.publish(write("Before."))
    made.draft(write("After that."))
    page = visit("administrator", made.address("plan")).page
    folded = page.locator("details.long").filter(has_text="Text")
    folded.locator("summary").press("Enter")
    whole = page.get_by_role("region", name="Text", exact=True)
    whole.get_by_role("deletion").get_by_text("Before.").wait_for()
    whole.get_by_role("insertion").get_by_text("After that.").wait_for()
    whole.get_by_text("This is line 20 of a text that nobody cuts.").wait_for()


def test_14_a_loss_that_nobody_agreed_to_is_not_published(running: Running, visit: Visitor) -> None:
    made = own(running, "loss", Mouse)
    made.draft()
    page = visit("administrator", made.address("plan")).page
    page.get_by_role("button", name="Publish", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Publish").click()
    assert dialog.get_by_role("checkbox").evaluate("one => one.validity.valueMissing")
    assert made.version() == 1


def test_14_a_draft_that_changed_meanwhile_is_planned_anew_and_the_note_is_kept(
    running: Running, visit: Visitor
) -> None:
    made = own(running, "stale", Mouse)
    made.draft()
    page = visit("administrator", made.address("plan")).page
    page.get_by_role("button", name="Publish", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Note").fill("Another subject")
    dialog.get_by_role("checkbox").check()
    made.draft(lambda content: content.update(name="Contracts of clients"))
    dialog.get_by_role("button", name="Publish").click()
    page.get_by_text("The draft was saved by anna@acme.example").wait_for()
    page.get_by_text("1 setting of the pipeline and 2 rules changed").first.wait_for()
    assert made.version() == 1
    page.get_by_role("button", name="Publish", exact=True).click()
    assert page.get_by_label("Note").input_value() == "Another subject"


def test_14_a_draft_of_an_earlier_version_is_published_once_it_was_compared(
    running: Running, visit: Visitor
) -> None:
    made = own(running, "outdated", Mouse)
    made.draft(lambda content: content.update(name="Contracts of clients"))
    made.publish()
    page = visit("administrator", made.address("plan")).page
    page.get_by_text("The draft changes version 1, and version 2 is published by now").wait_for()
    button = page.get_by_role("button", name="Publish", exact=True)
    assert button.get_attribute("aria-disabled") == "true"
    assert "from=1&to=2" in (
        page.get_by_role("link", name="What was published").get_attribute("href") or ""
    )
    page.get_by_role("button", name="Have seen it").click()
    page.get_by_role("dialog").get_by_role("button", name="Have seen it").click()
    page.locator('button:not([aria-disabled]):text-is("Publish")').wait_for()


def test_14_a_pipeline_of_git_says_why_it_is_not_published_here(
    running: Running, visit: Visitor
) -> None:
    made = own(running, "git", Mouse)
    made.publish(lambda content: content.update(managed_by="git"))
    made.draft()
    page = visit("administrator", made.address("plan")).page
    page.get_by_text("This pipeline is managed by git: commit the change").wait_for()
    button = page.get_by_role("button", name="Publish", exact=True)
    assert button.get_attribute("aria-disabled") == "true"


def test_14_what_is_wrong_with_a_draft_is_listed_and_leads_to_its_place(
    running: Running, visit: Visitor
) -> None:
    made = own(running, "wrong", Mouse)

    def broken(content: Content) -> None:
        content["stages"][1]["rules"][0]["settings"]["to"] = ["role:"]

    made.draft(broken)
    page = visit("administrator", made.address("plan")).page
    page.get_by_role("alert").get_by_text("1 error stands in the way").wait_for()
    link = page.get_by_role("alert").get_by_role("link").first
    assert f"#/automation/{made.name}?at=" in (link.get_attribute("href") or "")


def test_14_without_a_draft_the_way_to_the_editor_is_shown(
    running: Running, visit: Visitor
) -> None:
    made = own(running, "none", Mouse)
    page = visit("administrator", made.address("plan")).page
    page.get_by_text("There is no draft").wait_for()
    link = page.get_by_role("link", name="Begin one in the editor")
    assert link.get_attribute("href") == f"#/automation/{made.name}"


@HANDS
def test_15_versions_with_author_note_diff_and_rollback(
    running: Running, visit: Visitor, hand: type[Mouse]
) -> None:
    made = own(running, "versions", hand)
    made.publish(note="Remind later")
    page = visit("administrator", made.address("versions")).page
    row = page.locator(".version", has_text="Version 2")
    row.get_by_text("Remind later").wait_for()
    assert "anna@acme.example" in row.inner_text()
    difference = page.get_by_role("region", name="Compare")
    difference.get_by_text("1 rule added, 2 rules changed, 1 rule removed.").wait_for()
    difference.get_by_role("heading", name="Stage Out to sign").wait_for()
    doing = hand(page)
    doing.press("YAML")
    lines = page.get_by_role("region", name="YAML of versions 1 and 2")
    lines.get_by_role("insertion").filter(has_text=OTHER_SUBJECT).wait_for()
    assert "as=yaml" in page.url
    doing.press("Roll back to version 1")
    dialog = page.get_by_role("dialog", name="Roll back to version 1")
    dialog.get_by_text("1 document is in a stage that changes").wait_for()
    doing.write("Note", "It was too late")
    doing.confirm("Roll back")
    page.locator(".version", has_text="Version 3").get_by_text("It was too late").wait_for()
    assert made.version() == 3


@HANDS
def test_16_work_under_way_stays_on_its_version_or_moves_by_choice(
    running: Running, visit: Visitor, hand: type[Mouse]
) -> None:
    made = own(running, "move", hand)
    made.draft()
    page = visit("administrator", made.address("plan")).page
    doing = hand(page)
    page.get_by_text("No waiting run is on an earlier version than 1.").wait_for()
    page.get_by_role("button", name="Publish", exact=True).wait_for()
    doing.press("Publish")
    doing.press("1 run or value loses something. That is meant.", "checkbox")
    doing.confirm("Publish")
    page.get_by_text("2 waiting runs are on earlier versions").wait_for()
    page.get_by_text("1 gets another time and 1 is cancelled, since its rule is gone.").wait_for()
    by_rule = page.get_by_role("listitem").filter(has_text="Remind Out to sign")
    by_rule.get_by_text("1 gets another time").wait_for()
    assert made.run("reminder").pipeline_version == 1
    doing.press("Move 2 runs to version 2")
    doing.confirm("Move 2 runs to version 2")
    page.get_by_text("No waiting run is on an earlier version than 2.").wait_for()
    assert made.run("reminder").pipeline_version == 2
    assert made.states()["2.again"] == "cancelled"


def test_16_work_under_way_moves_with_publishing(running: Running, visit: Visitor) -> None:
    made = own(running, "moved", Mouse)
    made.draft()
    page = visit("administrator", made.address("plan")).page
    page.get_by_role("button", name="Publish", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("checkbox").check()
    dialog.get_by_label("Waiting runs move to version 2").check()
    dialog.get_by_role("button", name="Publish").click()
    page.get_by_role("heading", name="Version 2 is published").wait_for()
    assert made.run("reminder").pipeline_version == 2


@HANDS
def test_17_simulation_without_effects_with_a_clock_to_turn(
    running: Running, visit: Visitor, hand: type[Mouse]
) -> None:
    made = own(running, "simulate", hand)
    made.draft()
    mails = made.subjects()
    page = visit("operator", made.address("simulate")).page
    page.get_by_role("button", name="Begin", exact=True).wait_for()
    doing = hand(page)
    doing.press("Begin")
    page.get_by_text("Moved from Draft to Out to sign: Trigger").wait_for()
    page.get_by_text(f"“{OTHER_SUBJECT}” (Tell the client)").wait_for()
    planned = page.get_by_role("region", name="Planned")
    planned.get_by_text("Remind").wait_for()
    doing.press("1 week later")
    page.get_by_text("“reminder” (Remind)").wait_for()
    for signer in ("Anna Berger", "Klara Vogel"):
        doing.choose("Who", signer)
        doing.press("Let it happen")
        page.get_by_role("heading", name=f"Signs: {signer}").wait_for()
    planned.get_by_text("Signed").wait_for()
    doing.press("Version 1")
    page.get_by_text("“told” (Tell the client)").wait_for()
    page.get_by_role("heading", name="Signs: Klara Vogel").wait_for()
    assert "of=published" in page.url
    assert made.subjects() == mails


def test_17_what_cannot_be_played_is_told_and_nothing_typed_is_lost(
    running: Running, visit: Visitor
) -> None:
    made = own(running, "unplayable", Mouse)
    page = visit("operator", made.address("simulate")).page
    page.get_by_label("Amount").fill("much")
    page.get_by_role("button", name="Begin", exact=True).click()
    page.get_by_role("alert").get_by_text("This cannot be played").wait_for()
    assert page.get_by_label("Amount").input_value() == "much"


@HANDS
def test_18_back_test_of_a_draft_on_the_last_days_of_real_documents(
    running: Running, visit: Visitor, hand: type[Mouse]
) -> None:
    made = own(running, "backtest", hand)
    made.draft()
    page = visit("operator", made.address("backtest")).page
    page.get_by_label("Last days").wait_for()
    hand(page).press("Play")
    found = page.get_by_role("region", name="What would have gone otherwise")
    found.get_by_text("1 mail otherwise: Rule Tell the client, 1 document").wait_for()
    found.get_by_text("1 task more: Rule Call, 1 document").wait_for()
    title = made.document().title or ""
    link = found.get_by_role("link", name=title)
    assert link.get_attribute("href") == f"#/documents/{made.document().id}"
    hand(page).press("Tasks")
    until(lambda: "kind=task" in page.url)
    assert found.get_by_text(OTHER_SUBJECT).count() == 0


def test_18_a_back_test_can_be_aborted(running: Running, visit: Visitor) -> None:
    made = own(running, "abort", Mouse)
    made.draft()
    page = visit("operator", made.address("backtest")).page
    page.route("**/backtest", lambda route: None)  # it never answers
    page.get_by_role("button", name="Play", exact=True).click()
    page.get_by_role("progressbar").wait_for()
    page.get_by_role("button", name="Abort").click()
    page.get_by_role("region", name="Aborted: what was found so far").wait_for()
    assert page.get_by_role("progressbar").count() == 0


@HANDS
def test_19_run_for_documents_already_here_with_the_number_and_a_confirmation(
    running: Running, visit: Visitor, hand: type[Mouse]
) -> None:
    made = own(running, "run", hand)
    made.publish()
    page = visit("administrator", made.address("run")).page
    page.get_by_label("Rule or trigger").wait_for()
    doing = hand(page)
    doing.choose("Rule or trigger", "Call · Rule, Create a task")
    here = page.get_by_role("region", name="Call")
    here.get_by_text("It would be planned for 1 document in Out to sign.").wait_for()
    doing.press("Run for these …")
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("planned for 1 document in Out to sign").wait_for()
    doing.confirm("Run for 1 document")
    page.get_by_role("region", name="In the background").get_by_text("1 done").wait_for()
    here.get_by_text("There is nobody to run it for.").wait_for()
    here.get_by_text("1 has a run of it in this stay, and is left out.").wait_for()
    assert until(lambda: made.states().get("2.call") == "done")


@HANDS
def test_20_pause_and_resume_visible_everywhere(
    running: Running, visit: Visitor, hand: type[Mouse]
) -> None:
    made = own(running, "pause", hand)
    page = visit("administrator", made.address("pause")).page
    page.get_by_role("region", name="The pipeline is running").get_by_text("2 runs").wait_for()
    doing = hand(page)
    doing.press("Pause")
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("1 document, 2 runs planned").wait_for()
    doing.confirm("Pause")
    page.get_by_role("heading", name="The pipeline is paused").wait_for()
    assert page.locator("h1 ~ .pill", has_text=re.compile("^Paused$")).count() == 1
    made.tell("envelope-completed")
    doing.press("Versions", "link")
    page.get_by_text("This pipeline is paused").wait_for()
    page.get_by_text("1 message is held.").wait_for()
    page.get_by_role("status").get_by_role("link", name="Resume").wait_for()
    doing.press("Resume", "link")
    doing.press("Resume")
    doing.confirm("Resume")
    resumed = page.get_by_role("status").filter(has_text="The pipeline is resumed")
    resumed.get_by_text("1 kept message was applied.").wait_for()
    assert until(lambda: made.document().stage == "signed")


@HANDS
def test_a_pipeline_is_removed_with_its_documents_once_its_id_is_typed(
    running: Running, visit: Visitor, hand: type[Mouse]
) -> None:
    made = own(running, "remove", hand)
    visited = visit("administrator", made.address("remove"))
    page = visited.page
    page.get_by_text("1 connection still leads here. Remove it first:").wait_for()
    button = page.get_by_role("button", name="Remove …")
    assert button.get_attribute("aria-disabled") == "true"
    for connection in made.cloud.connections.list():
        if connection.pipeline == made.name:
            made.cloud.connections.remove(connection.id)
    visited.go(made.address("pause"))
    page.get_by_role("region", name="The pipeline is running").wait_for()
    visited.go(made.address("remove"))
    page.get_by_text("1 document with timeline, runs, tasks and files").wait_for()
    doing = hand(page)
    doing.press("Remove …")
    dialog = page.get_by_role("dialog")
    typed = dialog.get_by_label(f"To confirm, type the id: {made.name}")
    typed.fill("contracts")
    dialog.get_by_role("button", name="Remove for good").press("Enter")
    assert dialog.is_visible()
    typed.fill(made.name)
    dialog.get_by_role("button", name="Remove for good").press("Enter")
    removing = page.get_by_role("region", name=f"Removing {made.name}")
    removing.get_by_text("Done", exact=True).wait_for()
    removing.get_by_text("1 done").wait_for()
    removing.get_by_role("link", name="All pipelines").wait_for()
    assert made.cloud.pipelines.head(made.name) is None
    assert list(made.cloud.documents.in_stage(made.name)) == []


def test_what_a_viewer_may_not_do_says_why(running: Running, visit: Visitor) -> None:
    made = own(running, "viewer", Mouse)
    made.publish()
    made.draft(lambda content: content.update(name="Contracts of clients"))
    seen = visit("viewer", made.address("versions"))
    back = seen.page.get_by_role("button", name="Roll back to version 1")
    back.wait_for()
    assert back.get_attribute("aria-disabled") == "true"
    assert "Administrator" in (back.get_attribute("title") or "")
    seen.go(made.address("remove"))
    remove = seen.page.get_by_role("button", name="Remove …")
    remove.wait_for()
    assert "Administrator" in (remove.get_attribute("title") or "")
    for view in ("plan", "simulate", "backtest"):
        seen.go(made.address(view))
        seen.page.get_by_text("This needs the role Operator").wait_for()
