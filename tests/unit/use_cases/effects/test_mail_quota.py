"""The account's daily quota of mails is used up: mails wait, say so, and go as it frees itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from countersign.adapters.memory.services.mailer import MemoryMailer
from countersign.errors import OutageError, QuotaError
from countersign.model.message import Email
from countersign.rules.base import Edit
from countersign.simulation.world import START, World
from tests.builders import connection, envelope, event, mail, pipeline, run_of, stage, subjects

DAY = timedelta(hours=24)
TOLD = "SES does not take mails now: ThrottlingException: Daily message quota exceeded"


class Account(MemoryMailer):
    """A mail service that takes so many mails within any 24 hours."""

    def __init__(self, most: int) -> None:
        super().__init__(refusal=self._judge)
        self.world: World
        self.taken: list[datetime] = []
        self.refused: list[datetime] = []
        self.error: Exception = QuotaError(TOLD)
        self._most = most

    def _judge(self, email: Email) -> Exception | None:
        now = self.world.now
        if len([at for at in self.taken if now - at < DAY]) >= self._most:
            self.refused.append(now)
            return self.error
        self.taken.append(now)
        return None


def mails(number: int, most: int, *, several: bool = False) -> tuple[World, Account, list[str]]:
    """So many documents with a mail each, or one for each of their signers."""
    account = Account(most)
    here = account.world = World(START, account)
    rule = mail("invite")
    if several:
        rule["settings"] = {**rule["settings"], "to": ["company", "client"]}
    here.publish(pipeline(stage("draft", rule), stage("later"), senders=["contracts@acme.example"]))
    here.connect(connection())
    names = []
    for place in range(number):
        name = f"env-{place}"
        told = event("document.sent", envelope=name, key=name, state=envelope(id=name))
        names.append(here.tell("docusign", [told]).id)
    here.settle()
    return here, account, names


def warnings(here: World, document: str) -> list[str]:
    """What the timeline says of rules that wait."""
    return [one.text for one in here.documents.timeline(document) if one.kind == "warning"]


def test_what_is_above_the_quota_waits_and_goes_a_day_later_without_a_try_used_up() -> None:
    here, account, names = mails(25, 20)
    assert len(account.taken) == 20
    here.advance(timedelta(hours=23))
    assert len(account.taken) == 20
    here.advance(timedelta(hours=2, minutes=30))
    assert len(account.taken) == 25
    runs = [run_of(here, here.state.documents[name], "invite") for name in names]
    assert {(run.state, run.attempts) for run in runs} == {("done", 1)}


def test_the_run_says_why_it_waits_and_when_it_is_tried_next() -> None:
    here, account, names = mails(2, 1)
    run = run_of(here, here.state.documents[names[1]], "invite")
    assert run.state == "ready"
    assert run.due is not None
    assert timedelta(minutes=30) <= run.due - account.refused[0] <= timedelta(minutes=60)
    assert run.reason == (
        "waits for the account's daily quota of mails, without using up a try: SES does not take "
        "mails now: ThrottlingException: Daily message quota exceeded; the quota counts the last "
        "24 hours, so the mail is tried again every 30 to 60 minutes, next at "
        f"{run.due:%Y-%m-%d %H:%M} UTC"
    )
    assert warnings(here, names[1]) == [f"invite: {run.reason}"]
    lines = here.documents.timeline(names[1])
    assert [one.by for one in lines if one.kind == "warning"] == ["rule:invite"]
    assert warnings(here, names[0]) == []


def test_each_waits_at_least_half_an_hour_between_its_tries_and_says_so_once() -> None:
    here, account, names = mails(2, 1)
    here.advance(timedelta(hours=20))
    between = [b - a for a, b in zip(account.refused, account.refused[1:], strict=False)]
    assert len(between) > 18
    assert min(between) >= timedelta(minutes=30)
    assert max(between) <= timedelta(minutes=60)
    assert len(warnings(here, names[1])) == 1


def test_of_several_mails_of_a_run_those_that_are_left_wait_and_none_goes_twice() -> None:
    here, account, names = mails(1, 1, several=True)
    assert len(warnings(here, names[0])) == 1
    here.advance(timedelta(hours=26))
    assert len(account.taken) == 2
    assert len({tuple(one.to) for one in account.sent}) == 2
    run = run_of(here, here.state.documents[names[0]], "invite")
    assert (run.state, run.quota_since) == ("done", None)


def test_a_run_that_waits_for_the_quota_ends_with_its_stage() -> None:
    here, _, names = mails(2, 1)
    here.edit(names[1], Edit(stage="later"), by="ben@acme.example")
    here.advance(timedelta(hours=30))
    assert subjects(here) == ["invite"]


def test_only_the_quota_is_told_on_the_timeline() -> None:
    here, account, names = mails(1, 0)
    here.advance(timedelta(hours=3))
    account.error = OutageError("SES is away")
    here.advance(timedelta(hours=2))
    run = run_of(here, here.state.documents[names[0]], "invite")
    assert run.quota_since is None
    assert run.reason == "waits, without using up a try: SES is away"
    account.error = QuotaError(TOLD)
    here.advance(timedelta(hours=2))
    assert len(warnings(here, names[0])) == 2  # at the beginning, and when it came back
