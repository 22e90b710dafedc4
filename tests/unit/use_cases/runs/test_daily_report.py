"""The daily report: who is told of failed runs, when, of what, and never twice a day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from countersign.adapters.memory.services.mailer import MemoryMailer
from countersign.adapters.memory.tables.operations.daily_reports import MemoryDailyReports
from countersign.errors import CountersignError, InDoubtError, PermanentError, TransientError
from countersign.model.message import Email, Notice
from countersign.simulation.world import World
from countersign.use_cases.runs.daily_report import Reporter, ReportResult, report
from tests.builders import connection, envelope, event, mail, pipeline, stage

OPS = "betrieb@acme.example"


class Post(MemoryMailer):
    """Refuses all mails of rules; of notices what a test says."""

    def __init__(self, refusal: CountersignError) -> None:
        super().__init__()
        self.refusing = refusal
        self.broken: CountersignError | None = None

    def send(self, email: Email) -> str:
        raise self.refusing

    def notify(self, notice: Notice) -> str:
        if self.broken is not None:
            raise self.broken
        return super().notify(notice)


def start(refusal: CountersignError | None = None, **more: Any) -> tuple[World, Post, Reporter]:
    """Monday 09:00 UTC, ten o'clock in Berlin; a mail to the client has just failed."""
    post = Post(refusal or PermanentError("the address is not verified"))
    here = World(mailbox=post)
    at = stage("sent", mail("hello"))
    given = {"senders": ["contracts@acme.example"], "daily_report": {"to": [OPS]}, **more}
    here.publish(pipeline(at, name="Contracts", **given))
    here.connect(connection())
    here.tell("docusign", [event("document.sent", state=envelope())])
    reporter = Reporter(
        documents=here.documents,
        pipelines=here.pipelines,
        programs=here.programs,
        reports=MemoryDailyReports(),
        mailbox=post,
        clock=lambda: here.now,
    )
    return here, post, reporter


def test_it_tells_what_failed_and_the_commands_that_fix_it() -> None:
    here, post, reporter = start()
    assert report(reporter) == ReportResult(sent=("contracts",), problems=())
    (notice,) = post.notices
    (document,) = here.state.documents
    assert (notice.sender, notice.to) == ("contracts@acme.example", (OPS,))
    assert notice.subject == "Contracts: failed runs: 1, in doubt: 0"
    assert notice.text is not None
    assert f"{document}.1.hello: failed, " in notice.text
    assert "Service agreement" in notice.text
    assert "the address is not verified" in notice.text
    for command in (
        f"countersign documents show {document} --why",
        f"countersign runs retry {document}.1.hello",
        "countersign runs retry --all --failed --pipeline contracts",
    ):
        assert f"{command}\n" in notice.text


def test_a_run_in_doubt_may_be_accepted_too() -> None:
    _, post, reporter = start(InDoubtError("SES gave no answer"))
    report(reporter)
    assert post.notices[0].subject == "Contracts: failed runs: 0, in doubt: 1"
    assert "countersign runs accept" in (post.notices[0].text or "")


def test_it_comes_once_a_day_until_the_runs_are_resolved() -> None:
    here, post, reporter = start()
    for hours in (0, 1, 10, 12, 1, 23):
        here.now += timedelta(hours=hours)
        report(reporter)
    # Monday at 10:00, Tuesday and Wednesday at the first look after 8:00.
    assert len(post.notices) == 3
    assert "new since yesterday: 1." in (post.notices[1].text or "")
    assert "new since yesterday: 0." in (post.notices[2].text or "")


@pytest.mark.parametrize(("at", "sent"), [("10:00", 1), ("10:01", 0), ("23:59", 0), ("00:00", 1)])
def test_it_comes_at_its_time_in_the_pipelines_zone(at: str, sent: int) -> None:
    _, post, reporter = start(daily_report={"to": [OPS], "at": at})
    report(reporter)
    assert len(post.notices) == sent


@pytest.mark.parametrize("more", [{"daily_report": None}, {"senders": []}])
def test_nobody_is_told_who_did_not_ask(more: dict[str, Any]) -> None:
    if "senders" in more:
        more = {**more, "daily_report": None}
    _, post, reporter = start(**more)
    assert report(reporter) == ReportResult(sent=(), problems=())
    assert post.notices == []


def test_a_german_pipeline_is_told_in_german() -> None:
    _, post, reporter = start(language="de-AT")
    report(reporter)
    assert post.notices[0].subject == "Contracts: fehlgeschlagene Läufe: 1, ungeklärte: 0"


def test_a_report_that_was_not_sent_is_tried_again_and_one_that_may_have_been_is_not() -> None:
    _, post, reporter = start()
    post.broken = TransientError("SES is throttled")
    assert report(reporter).problems == ("pipeline contracts: SES is throttled",)
    post.broken = InDoubtError("SES gave no answer")
    assert report(reporter).problems == ("pipeline contracts: SES gave no answer",)
    post.broken = None
    assert report(reporter) == ReportResult(sent=(), problems=())


def test_a_hundred_runs_are_listed_and_the_rest_is_counted() -> None:
    here, post, reporter = start()
    for number in range(104):
        moved = event("document.sent", minute=number, state=envelope())
        other = moved.model_copy(update={"envelope": f"e{number}", "key": f"k{number}"})
        here.tell("docusign", [other])
    report(reporter)
    text = post.notices[0].text or ""
    assert text.count(": failed, ") == 100
    assert "5 more runs are not listed here." in text
