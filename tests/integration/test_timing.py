"""Runs reach their lane when they are due: by the queue's delay, later ones by a schedule."""

from __future__ import annotations

from typing import Any

import pytest

from countersign.use_cases.pipelines.pause import pause, resume
from tests.builders import mail, pipeline, stage
from tests.integration.account import NONE_FAILED, SENDER, Account, Waiting
from tests.integration.conftest import Said
from tests.integration.faults import disturbed, unreachable
from tests.integration.lambda_events import sqs_event
from tests.integration.messages import DOCUSIGN
from tests.integration.story import Story


def with_rules(account: Account, *rules: dict[str, Any]) -> Story:
    """A document arrives in a stage with these rules as soon as its envelope is sent."""
    stages = (
        stage("draft"),
        stage("sent", *rules, triggers=[{"id": "sent", "kind": "sent"}]),
        stage("aside"),
    )
    fields = {"due": {"type": "datetime"}}
    return Story(account, pipeline(*stages, senders=[SENDER], fields=fields))


def subjects(account: Account) -> list[str]:
    return [mail.subject for mail in account.mails()]


def times(account: Account) -> list[str]:
    return [one["ScheduleExpression"] for one in account.schedules()]


@pytest.mark.parametrize(
    ("after", "delays", "schedules"),
    [
        ({"seconds": 1}, [1], []),
        ({"seconds": 90}, [90], []),
        ({"seconds": 899}, [899], []),
        ({"minutes": 15}, [900], []),
        ({"seconds": 901}, [], ["at(2026-03-02T12:15:01)"]),
        ({"hours": 30}, [], ["at(2026-03-03T18:00:00)"]),
        ({"days": 400}, [], ["at(2027-04-06T11:00:00)"]),  # it is summer then
    ],
    ids=str,
)
def test_up_to_a_quarter_of_an_hour_the_queue_waits_and_then_the_scheduler(
    account: Account, after: dict[str, int], delays: list[int], schedules: list[str]
) -> None:
    story = with_rules(account, mail("later", time={"after": after}))
    story.tell(DOCUSIGN.sent)
    assert ([one.delay for one in account.sent], times(account)) == (delays, schedules)
    due = account.run("later").due
    assert due is not None
    account.advance(seconds=(due - account.clock()).total_seconds() - 1)
    assert subjects(account) == []
    account.advance(seconds=1)
    assert (subjects(account), account.schedules()) == (["later"], [])


def test_a_message_that_comes_early_waits_in_its_own_lane_until_its_time(
    account: Account,
) -> None:
    story = with_rules(account, mail("later", time={"after": {"minutes": 40}}))
    story.tell(DOCUSIGN.sent)
    (schedule,) = account.schedules()
    early = Waiting(due=account.clock(), queue="Email", body=schedule["Target"]["Input"])
    assert account.perform(early) == NONE_FAILED
    account.advance(minutes=39)
    assert [one.delay for one in account.sent] == [900, 900, 600]
    assert subjects(account) == []
    account.advance(minutes=1)
    assert subjects(account) == ["later"]


@pytest.mark.parametrize("after", [{"minutes": 5}, {"hours": 5}], ids=["queued", "scheduled"])
def test_a_document_that_leaves_before_the_time_gets_no_mail(
    account: Account, after: dict[str, int]
) -> None:
    story = with_rules(account, mail("later", time={"after": after}), mail("below"))
    story.tell(DOCUSIGN.sent)
    account.edit(account.document(), stage="aside")
    account.advance(days=1)
    assert subjects(account) == []
    assert account.runs() == {
        "2.later": ("cancelled", "the document left the stage sent before it began"),
        "2.below": ("cancelled", "the document left the stage sent before it began"),
    }


def test_a_run_that_is_kept_has_its_effect_after_its_document_has_left(account: Account) -> None:
    rule = mail("later", time={"after": {"hours": 5}}, on_leave="keep")
    story = with_rules(account, rule)
    story.tell(DOCUSIGN.sent)
    account.edit(account.document(), stage="aside")
    account.advance(hours=5)
    assert subjects(account) == ["later"]


def test_a_document_that_comes_back_gets_its_mail_again_and_only_at_the_new_time(
    account: Account,
) -> None:
    story = with_rules(account, mail("later", time={"after": {"hours": 5}}))
    story.tell(DOCUSIGN.sent)
    account.advance(hours=1)
    for to in ("aside", "sent"):
        account.edit(account.document(), stage=to)
    account.advance(hours=4, minutes=59)
    assert subjects(account) == []
    account.advance(minutes=1)
    assert subjects(account) == ["later"]
    assert {name: state for name, (state, _) in account.runs().items()} == {
        "2.later": "cancelled",
        "4.later": "done",
    }


AT_DUE = {"on": {"field": "due"}}


def test_a_run_hangs_on_its_date_field_is_parked_while_it_is_empty_and_moves_with_it(
    account: Account,
) -> None:
    story = with_rules(account, mail("later", time=AT_DUE))
    story.tell(DOCUSIGN.sent)
    assert account.run("later").state == "no_date"
    assert (account.sent, times(account)) == ([], [])

    def enter(due: str | None) -> list[str]:
        account.edit(account.document(), values={"due": due})
        account.settle()
        return times(account)

    assert enter("2026-03-02T20:00:00Z") == ["at(2026-03-02T20:00:00)"]
    assert enter("2026-03-03T08:00:00Z") == ["at(2026-03-03T08:00:00)"]
    account.advance(hours=10)
    assert subjects(account) == []
    account.advance(hours=10)
    assert subjects(account) == ["later"]


def test_the_message_of_a_time_that_was_given_up_is_harmless(account: Account, said: Said) -> None:
    story = with_rules(account, mail("later", time=AT_DUE))
    story.tell(DOCUSIGN.sent)
    account.edit(account.document(), values={"due": "2026-03-02T20:00:00Z"})
    account.settle()
    (schedule,) = account.schedules()
    account.edit(account.document(), values={"due": "2026-03-02T12:05:00Z"})
    account.settle()
    account.advance(minutes=5)
    assert subjects(account) == ["later"]
    old = Waiting(due=account.clock(), queue="Email", body=schedule["Target"]["Input"])
    assert account.perform(old) == NONE_FAILED
    assert subjects(account) == ["later"]
    assert [line for line in said() if "generation 2 was replaced by 3" in line]


def test_a_timed_trigger_moves_its_document_by_a_schedule_of_the_document_lane(
    account: Account,
) -> None:
    waits = {"stage": "sent", "after": {"days": 3}}
    stages = (
        stage("draft"),
        stage("sent", triggers=[{"id": "sent", "kind": "sent"}]),
        stage("asleep", triggers=[{"id": "quiet", "kind": "no_reaction", "settings": waits}]),
    )
    story = Story(account, pipeline(*stages, senders=[SENDER]))
    story.tell(DOCUSIGN.sent)
    (schedule,) = account.schedules()
    assert schedule["Target"]["Arn"] == account.arn("Document")
    account.advance(days=3)
    assert account.document().stage == "asleep"


BEFORE_DUE = {"before": {"field": "due", "hours": 2}}


def test_a_rule_that_is_armed_again_mails_once_for_each_date(account: Account) -> None:
    story = with_rules(account, mail("later", time=BEFORE_DUE, again=True))
    story.tell(DOCUSIGN.sent)
    for day in (4, 9):
        account.edit(account.document(), values={"due": f"2026-03-{day:02}T20:00:00Z"})
        account.settle()
        assert times(account) == [f"at(2026-03-{day:02}T18:00:00)"]
        (schedule,) = account.schedules()
        account.advance(days=5)
        # The queue delivers it twice.
        again = Waiting(due=account.clock(), queue="Email", body=schedule["Target"]["Input"])
        assert account.perform(again) == NONE_FAILED
    assert subjects(account) == ["later", "later"]
    runs = account.documents.runs(account.document().id)
    assert [(run.key.part, run.state) for run in runs] == [("later", "done"), ("later~1", "done")]


def test_what_is_due_before_a_date_is_skipped_once_that_is_over(account: Account) -> None:
    story = with_rules(account, mail("later", time=BEFORE_DUE), mail("below"))
    story.tell(DOCUSIGN.sent)
    account.edit(account.document(), values={"due": "2026-03-02T11:00:00Z"})
    account.settle()
    assert subjects(account) == ["below"]
    assert account.run("later").state == "skipped"


def test_what_a_pause_holds_back_past_the_date_is_skipped(account: Account) -> None:
    story = with_rules(account, mail("later", time=BEFORE_DUE))
    story.tell(DOCUSIGN.sent)
    account.edit(account.document(), values={"due": "2026-03-04T20:00:00Z"})
    account.settle()
    pause(account.pipelines, "contracts")
    account.advance(days=3)
    resume(account.applier, account.pipelines, "contracts")
    account.settle()
    assert (subjects(account), account.run("later").state) == ([], "skipped")


# --- paused


def test_while_paused_messages_are_kept_and_runs_wait_and_both_are_taken_up_on_resume(
    account: Account,
) -> None:
    story = with_rules(account, mail("later", time={"after": {"minutes": 5}}))
    story.tell(DOCUSIGN.sent)
    document = account.document()
    pause(account.pipelines, "contracts")
    story.tell(DOCUSIGN.director_signs)
    account.advance(minutes=10)
    assert account.document() == document
    assert subjects(account) == []

    resumed = resume(account.applier, account.pipelines, "contracts")
    account.settle()
    assert (resumed.messages, resumed.runs) == (1, 1)
    assert subjects(account) == ["later"]
    signed = [one.name for one in account.document().signers if one.status == "signed"]
    assert signed == ["Anna Berger"]


def test_a_request_that_was_parked_before_the_pause_is_kept_with_the_others(
    account: Account,
) -> None:
    story = with_rules(account)
    with disturbed(account, "ReceiveWebhook", "dynamodb.BatchGetItem", unreachable):
        story.post(story.message(DOCUSIGN.sent))
    pause(account.pipelines, "contracts")
    parked = sqs_event(account.arn("Parked"), account.queued("Parked"))
    assert account.call("ReceiveWebhook", parked) == NONE_FAILED
    assert list(account.documents.in_stage("contracts")) == []
    resume(account.applier, account.pipelines, "contracts")
    assert account.document().stage == "sent"
