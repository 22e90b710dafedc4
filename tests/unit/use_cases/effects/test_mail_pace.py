"""Mails at the pace of the account: a burst goes, in order, each once, and uses up no tries."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from countersign.adapters.memory.services.mailer import MemoryMailer
from countersign.adapters.memory.tables.operations.sending_slots import (
    FixedRate,
    MemorySendingSlots,
)
from countersign.errors import ThrottledError, UnavailableError
from countersign.model.message import Email
from countersign.simulation.world import START, World
from countersign.use_cases.effects.mail_pace import MailPace
from tests.builders import (
    connection,
    envelope,
    event,
    mail,
    pipeline,
    run_of,
    stage,
    subjects,
)

BURST = 400
SECOND = timedelta(seconds=1)


class Service(MemoryMailer):
    """A mail service that takes so many mails within any second."""

    def __init__(self, a_second: int) -> None:
        super().__init__(refusal=self._judge)
        self.world: World
        self.taken: list[datetime] = []
        self.refused = 0
        self._most = a_second

    def _judge(self, email: Email) -> Exception | None:
        now = self.world.now
        if len([at for at in self.taken[-self._most :] if now - at < SECOND]) >= self._most:
            self.refused += 1
            return ThrottledError("Maximum sending rate exceeded")
        self.taken.append(now)
        return None


class Counted(MemorySendingSlots):
    """Places that are counted."""

    taken = 0

    def take(self, row: str, every: timedelta, now: datetime) -> datetime:
        self.taken += 1
        return super().take(row, every, now)


def burst(mails: int, a_second: int, apart: timedelta) -> tuple[World, Service, list[str]]:
    """So many documents with a mail each, ``apart`` from one another, at such a service."""
    service = Service(a_second)
    here = service.world = World(mailbox=service)
    slots = Counted()
    here.pace = MailPace(slots, FixedRate(a_second), lambda: here.now)
    here.publish(pipeline(stage("draft", mail("hello")), senders=["contracts@acme.example"]))
    here.connect(connection())
    names = []
    for number in range(mails):
        name = f"env-{number}"
        told = event("document.sent", state=envelope(id=name), envelope=name)
        names.append(here.tell("docusign", [told]).id)
        here.now += apart
    assert slots.taken <= 2 * mails
    return here, service, names


@pytest.mark.parametrize("a_second", [1, 14])
def test_a_burst_goes_in_order_each_mail_once_and_none_fails(a_second: int) -> None:
    here, service, names = burst(BURST, a_second, timedelta(milliseconds=1))
    here.advance(timedelta(seconds=2 * BURST / a_second + 60))
    sent = [email.run.document for email in service.sent]
    assert sorted(sent) == sorted(names)
    assert sent == names
    assert {run.attempts for run in here.state.runs.values()} == {1}
    assert {run.state for run in here.state.runs.values()} == {"done"}
    took = (service.taken[-1] - service.taken[0]).total_seconds()
    assert took <= BURST / (a_second * 0.9) + 5
    assert service.refused <= BURST / 20 + 2


def test_an_account_that_is_never_refused_takes_no_places() -> None:
    service = Service(9)
    here = service.world = World(mailbox=service)
    slots = Counted()
    here.pace = MailPace(slots, FixedRate(9), lambda: here.now)
    here.publish(pipeline(stage("draft", mail("hello")), senders=["contracts@acme.example"]))
    here.connect(connection())
    here.tell("docusign", [event("document.sent", state=envelope())])
    assert subjects(here) == ["hello"]
    assert slots.taken == 0


def pace(at: list[datetime], slots: MemorySendingSlots | None = None) -> MailPace:
    """The pace of a process whose clock shows the last of these."""
    return MailPace(slots or MemorySendingSlots(), FixedRate(1 / 0.9), lambda: at[-1])


REFUSED = ThrottledError("Maximum sending rate exceeded")


def test_after_a_refusal_mails_take_places_for_a_while() -> None:
    at, slots = [START], MemorySendingSlots()
    paced = pace(at, slots)
    paced.admit(None)
    assert paced.refused(REFUSED).slot == START + SECOND
    with pytest.raises(ThrottledError, match="its turn is at 2026-03-02 09:00:02 UTC") as caught:
        paced.admit(None)
    assert (caught.value.slot, caught.value.after) == (START + 2 * SECOND, 2 * SECOND)
    at.append(START + 9 * SECOND)
    paced.admit(None)
    paced.admit(START + 9 * SECOND)
    with pytest.raises(ThrottledError):
        paced.admit(START + 9.2 * SECOND)
    at.append(START + timedelta(minutes=15) + 9 * SECOND)
    paced.admit(None)
    paced.admit(None)
    paced.admit(None)


def test_a_service_that_refuses_everything_is_asked_less_and_less_often() -> None:
    at, slots = [START], MemorySendingSlots()
    paced = pace(at, slots)
    asked = 0
    while at[-1] < START + timedelta(days=3):
        slot = paced.refused(REFUSED).slot
        assert slot is not None
        at.append(slot)
        asked += 1
    assert asked < 160
    paced.taken()
    assert paced.refused(REFUSED).slot == at[-1] + SECOND


def test_a_place_far_ahead_is_waited_for_in_steps_and_kept() -> None:
    at = [START]
    far = START + 40 * timedelta(minutes=1)
    with pytest.raises(ThrottledError) as caught:
        pace(at).admit(far)
    assert (caught.value.slot, caught.value.after) == (far, timedelta(minutes=14))
    at.append(far)
    pace(at).admit(far)


def test_who_has_a_place_tells_a_process_that_mails_are_paced() -> None:
    at, slots = [START], MemorySendingSlots()
    slots.take("mail", 60 * SECOND, START)
    paced = pace(at, slots)
    paced.admit(START)
    with pytest.raises(ThrottledError):
        paced.admit(None)


def test_without_the_database_a_refused_mail_waits_as_in_an_outage() -> None:
    class Away(MemorySendingSlots):
        def take(self, row: str, every: timedelta, now: datetime) -> datetime:
            raise UnavailableError("DynamoDB is away")

    paced = pace([START], Away())
    assert paced.refused(REFUSED) is REFUSED
    with pytest.raises(UnavailableError):
        paced.admit(None)


def test_the_run_says_when_its_turn_is() -> None:
    here, _, names = burst(3, 1, timedelta())
    run = run_of(here, here.document(names[2]), "hello")
    assert run.state == "ready"
    assert run.due == run.slot
    assert "its turn is at 2026-03-02 09:00:0" in (run.reason or "")
