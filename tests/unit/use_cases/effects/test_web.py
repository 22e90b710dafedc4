"""A web call happens once for its run, or the run says why not; its answer may fill fields."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from countersign.adapters.memory.queues.run_queues import QueuedMessage
from countersign.adapters.memory.services.http_client import MemoryHttpClient
from countersign.adapters.memory.tables.process.state import MemoryDocuments
from countersign.errors import CountersignError, InDoubtError, PermanentError, TransientError
from countersign.model import fields
from countersign.model.actor import user
from countersign.model.document import Document
from countersign.model.http import WebAnswer, WebRequest
from countersign.model.message import RunMessage
from countersign.model.run import Run
from countersign.model.run_result import RunResult
from countersign.model.transaction import Transaction
from countersign.rules.base import Edit
from countersign.rules.call_web_address import CallWebAddress
from countersign.simulation.world import World
from countersign.use_cases.documents.edit import NewDocument, make
from countersign.use_cases.effects import http_call
from countersign.use_cases.runs.change_run import resolve_run
from countersign.use_cases.runs.sweep import sweep
from tests.builders import pipeline, stage, trigger

FIELDS = {"crm_id": {"type": "text"}, "end": {"type": "date"}, "score": {"type": "number"}}


def calls(rule_id: str = "tell", **settings: Any) -> dict[str, Any]:
    """A rule that calls an address."""
    given = {"url": "https://crm.example/hook", **settings}
    return {"id": rule_id, "kind": "call_web_address", "settings": given}


class Address:
    """An address that answers in turn what it is told, the last for ever."""

    def __init__(self, *answers: WebAnswer | CountersignError | Exception) -> None:
        self._answers = list(answers)
        self.came: list[WebRequest] = []
        """Every call that was sent, the unanswered ones too."""

    def __call__(self, request: WebRequest) -> WebAnswer:
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if not isinstance(answer, PermanentError | TransientError):
            self.came.append(request)
        if isinstance(answer, WebAnswer):
            return answer
        raise answer


def arrived(address: Callable[[WebRequest], WebAnswer], *rules: dict[str, Any]) -> World:
    """A document in a stage with these rules, whose calls that address answers."""
    here = world(address, *rules)
    here.settle()
    return here


def world(address: Callable[[WebRequest], WebAnswer], *rules: dict[str, Any]) -> World:
    """The same, with nothing performed yet."""
    here = World(web=MemoryHttpClient(address))
    here.publish(
        pipeline(
            stage("here", *rules),
            stage("filled", triggers=[trigger("field_changed", settings={"fields": ["crm_id"]})]),
            fields=FIELDS,
        )
    )
    make(
        here.store,
        NewDocument(id="d1", pipeline="contracts", values={"title": "Lease"}),
        user("anna@acme.example"),
    )
    return here


def run(here: World, rule: str = "tell") -> Run:
    """The run of that rule in the document's first stage."""
    return next(one for one in here.documents.runs("d1", 1) if one.rule == rule)


def document(here: World) -> Document:
    """The document."""
    return here.document("d1")


OK = WebAnswer(status=204)


def answering(status: int, body: bytes = b"", **headers: str) -> WebAnswer:
    """An answer."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return WebAnswer(status=status, body=body, headers=named)


def test_an_answer_of_2xx_concludes_the_run_and_the_rule_below_goes_on() -> None:
    address = Address(OK)
    here = arrived(address, calls(), calls("again"))
    assert (run(here).state, run(here).result) == ("done", {"status": "204"})
    assert run(here, "again").state == "done"
    assert [one.headers["idempotency-key"] for one in address.came] == ["d1.1.tell", "d1.1.again"]


def test_a_document_that_goes_while_its_call_is_under_way_leaves_nothing_to_write() -> None:
    came = list[WebRequest]()

    def answer(request: WebRequest) -> WebAnswer:
        came.append(request)
        here.documents.remove("d1")
        return OK

    here = world(answer, calls(), calls("again"))
    here.settle()
    assert [one.headers["idempotency-key"] for one in came] == ["d1.1.tell"]
    assert here.documents.runs("d1") == ()


@pytest.mark.parametrize("status", [408, 425, 429, 500, 503])
def test_an_answer_that_asks_for_another_try_gets_one_under_the_same_key(status: int) -> None:
    address = Address(answering(status, b"later"), OK)
    here = arrived(address, calls())
    assert run(here).reason == (f"try 1 failed temporarily: the address answered {status}: later")
    here.advance(timedelta(seconds=20))
    assert (run(here).state, run(here).attempts) == ("done", 2)
    assert {one.headers["idempotency-key"] for one in address.came} == {"d1.1.tell"}


@pytest.mark.parametrize(
    ("asked", "pause"),
    [("120", 120), ("1", 10), ("999999", 86_400), ("Wed, 21 Oct 2026 07:28:00 GMT", 10)],
)
def test_a_retry_after_makes_the_pause_longer_never_shorter(asked: str, pause: int) -> None:
    here = arrived(Address(answering(429, retry_after=asked)), calls())
    due = run(here).due
    assert due is not None
    assert pause <= (due - here.now).total_seconds() <= pause + 10


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (404, "the address refused the call with 404: gone; the rule or the address must change"),
        (301, "the address answered 301 and sends on to another; write that one into the rule"),
    ],
)
def test_an_answer_that_will_not_change_fails_the_run_at_once(status: int, reason: str) -> None:
    here = arrived(Address(answering(status, b"gone")), calls(), calls("again"))
    assert (run(here).state, run(here).reason, run(here).attempts) == ("failed", reason, 1)
    assert run(here, "again").state == "failed"


@pytest.mark.parametrize(
    "nothing",
    [InDoubtError("no answer"), answering(502), answering(504), answering(524), ValueError("odd")],
)
def test_a_call_that_nobody_answered_is_in_doubt_until_a_person_tells(
    nothing: WebAnswer | Exception,
) -> None:
    address = Address(nothing, OK)
    here = arrived(address, calls())
    assert (run(here).state, run(here).doubt_until) == ("in_doubt", None)
    here.advance(timedelta(days=2))
    here.sweep()
    assert (run(here).state, len(address.came)) == ("in_doubt", 1)
    resolve_run(here.store, run(here).key, "retry", user("anna"))
    here.settle()
    assert (run(here).state, len(address.came)) == ("done", 2)


def test_one_that_may_be_repeated_is_made_again_without_asking() -> None:
    address = Address(InDoubtError("no answer"), answering(504), OK)
    here = arrived(address, calls(repeatable=True))
    here.advance(timedelta(minutes=1))
    assert (run(here).state, run(here).attempts, len(address.came)) == ("done", 3, 3)


def test_one_that_may_be_repeated_is_not_made_again_after_its_date_and_is_not_called_skipped() -> (
    None
):
    address = Address(InDoubtError("no answer"))
    due = {"before": {"field": "end", "hours": 1}}
    here = arrived(address, calls(repeatable=True) | {"time": due})
    # The date is over with the day, in Berlin at midnight.
    tonight = timedelta(hours=13, minutes=59, seconds=55)
    here.advance(tonight)
    here.edit("d1", Edit(values={"end": here.now.date().isoformat()}), by="anna@acme.example")
    assert (run(here).state, run(here).attempts, len(address.came)) == ("in_doubt", 1, 1)
    here.advance(timedelta(days=2))
    here.sweep()
    assert (run(here).state, run(here).doubt_until, len(address.came)) == ("in_doubt", None, 1)


def test_one_that_is_never_answered_is_in_doubt_in_the_end_not_failed() -> None:
    address = Address(InDoubtError("no answer"))
    here = arrived(address, calls(repeatable=True), calls("again"))
    here.advance(timedelta(days=1))
    assert (run(here).state, run(here).attempts) == ("in_doubt", 9)
    for _ in range(5):
        here.sweep()
        here.advance(timedelta(days=1))
    assert (run(here).state, run(here).doubt_until, len(address.came)) == ("in_doubt", None, 11)
    assert run(here, "again").state == "waiting"


def test_one_that_may_be_repeated_is_made_again_where_its_function_died() -> None:
    class Death(BaseException):
        """The function's process ends."""

    died: list[WebRequest] = []

    def address(request: WebRequest) -> WebAnswer:
        if died:
            return OK
        died.append(request)
        raise Death

    here = world(address, calls(repeatable=True))
    with pytest.raises(Death):
        here.settle()
    assert run(here).state == "running"
    here.advance(timedelta(minutes=5))
    assert here.sweep().runs == (("d1.1.tell", "lease_ended"),)
    assert sweep(here.sweeper).runs == (("d1.1.tell", "tried_again"),)
    assert run(here).reason == ("no answer came, and it is safe to retry; it is tried again")
    here.settle()
    assert (run(here).state, run(here).attempts) == ("done", 2)


def test_a_secret_that_is_not_there_fails_the_run_with_what_to_do() -> None:
    here = arrived(Address(OK), calls(headers={"authorization": "secret:crm"}))
    assert run(here).reason == ('there is no secret "crm"; give it: countersign secrets set crm')


def test_the_answer_fills_fields_and_what_they_fire_happens_in_the_same_transaction() -> None:
    address = Address(answering(200, b'{"data": {"id": 7, "until": "2026-12-31"}}'))
    here = arrived(address, calls(answer={"crm_id": "data.id", "end": "data.until"}))
    assert (run(here).state, document(here).stage) == ("done", "filled")
    assert document(here).fields == {"crm_id": "7", "end": "2026-12-31"}
    told = [line.text for line in here.documents.timeline("d1") if line.by == "rule:tell"]
    assert told[0] == "rule:tell changed crm_id, end"


def test_a_value_that_does_not_fit_is_told_and_the_rest_is_written() -> None:
    address = Address(answering(200, b'{"id": "c-1", "until": "soon", "score": 1e400}'))
    here = arrived(
        address, calls(answer={"crm_id": "id", "end": "until", "score": "score"}), calls("next")
    )
    assert (run(here).state, run(here, "next").state) == ("done", "cancelled")
    assert document(here).fields == {"crm_id": "c-1"}
    warnings = [line.text for line in here.documents.timeline("d1") if line.kind == "warning"]
    assert warnings == [
        'the answer was not taken over: end: "soon" is not a valid date; expected YYYY-MM-DD, '
        "such as 2026-05-31",
        "the answer was not taken over: score: the number is out of range; expected at most "
        "20 digits before and 10 after the point",
    ]


def test_an_answer_fires_by_the_version_that_was_published_during_the_call() -> None:
    stages = stage("here", calls(answer={"crm_id": "id"})), stage("filled")

    def answer(_: WebRequest) -> WebAnswer:
        filled = trigger("field_changed", settings={"fields": ["crm_id"]})
        here.publish(pipeline(stages[0], stage("filled", triggers=[filled]), fields=FIELDS))
        return answering(200, b'{"id": "c-1"}')

    here = World(web=MemoryHttpClient(answer))
    here.publish(pipeline(*stages, fields=FIELDS))
    make(here.store, NewDocument(id="d1", pipeline="contracts"), user("anna@acme.example"))
    here.settle()
    assert (document(here).fields, document(here).stage) == ({"crm_id": "c-1"}, "filled")


def test_an_answer_in_no_json_leaves_a_warning_and_a_done_run() -> None:
    here = arrived(Address(answering(200, b"thanks")), calls(answer={"crm_id": "id"}))
    assert run(here).state == "done"
    assert [line.text for line in here.documents.timeline("d1") if line.kind == "warning"] == [
        "no field was filled: the answer is no JSON"
    ]


@pytest.mark.parametrize(
    ("body", "place"), [(b"[" * 100_000, "id"), (b'{"id": [1, 2]}', "id[::0]")]
)
def test_an_answer_that_cannot_be_read_never_undoes_that_the_call_was_made(
    body: bytes, place: str
) -> None:
    here = arrived(Address(answering(200, body)), calls(answer={"crm_id": place}))
    assert (run(here).state, document(here).fields) == ("done", {})
    (warning,) = (line.text for line in here.documents.timeline("d1") if line.kind == "warning")
    assert "filled" in warning


def test_a_fault_of_our_own_while_an_answer_is_read_never_undoes_that_the_call_was_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def failing(kind: Any, answer: WebAnswer, context: Any) -> Any:
        raise AttributeError("none of the reader's business")

    monkeypatch.setattr(CallWebAddress, "reply", failing)
    here = arrived(Address(answering(200, b'{"id": 1}')), calls(answer={"crm_id": "id"}))
    assert run(here).state == "done"
    assert [line.text for line in here.documents.timeline("d1") if line.kind == "warning"] == [
        "the answer could not be read (AttributeError)"
    ]


def test_nor_does_one_while_its_values_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(value: object, *more: object) -> Any:
        if value == "7":
            raise OverflowError
        return value

    monkeypatch.setattr(fields, "fit_value", failing)
    here = arrived(Address(answering(200, b'{"id": 7}')), calls(answer={"crm_id": "id"}))
    assert (run(here).state, run(here).result) == ("done", {"status": "200"})
    assert [line.text for line in here.documents.timeline("d1") if line.kind == "warning"] == [
        "the answer was not taken over: OverflowError"
    ]


def test_an_answer_whose_body_could_not_be_decoded_leaves_a_done_run_and_says_so() -> None:
    unread = "its body is encoded 2 times, one inside the other"
    answer = WebAnswer(status=200, unread=unread)
    here = arrived(Address(answer), calls(answer={"crm_id": "id"}))
    assert run(here).state == "done"
    assert [line.text for line in here.documents.timeline("d1") if line.kind == "warning"] == [
        "no field was filled: its body is encoded 2 times, one inside the other"
    ]


@pytest.mark.parametrize(
    ("field", "says"),
    [
        ("crm_id", 'crm_id: "a?" contains an invalid Unicode character; re-enter it'),
        ("score", 'score: "a?" is not a valid number'),
    ],
)
def test_half_a_letter_is_told_and_reaches_no_store(field: str, says: str) -> None:
    here = arrived(Address(answering(200, b'{"id": "a\\ud800"}')), calls(answer={field: "id"}))
    (warning,) = (line.text for line in here.documents.timeline("d1") if line.kind == "warning")
    assert says in warning
    assert warning.isascii()


SECRETS = {"crm": "k-123456", "address": "https://hooks.example/services/T0/B0/x9?k=1"}


@pytest.mark.parametrize("status", [400, 500])
def test_an_address_that_repeats_the_call_gives_no_secret_away(status: int) -> None:
    def echo(request: WebRequest) -> WebAnswer:
        path = request.url.removeprefix("https://hooks.example")
        said = f"Cannot {request.method} {path}: {request.headers} {request.url}"
        return WebAnswer(status=status, body=said.encode())

    here = world(echo, calls(url="secret:address", headers={"x-key": "Key secret:crm"}))
    for name, secret in SECRETS.items():
        here.named_secrets.put(name, secret)
    here.settle()
    reason = run(here).reason or ""
    assert "Cannot POST secret:address: {'x-key': 'Key secret:crm'" in reason
    assert not any(part in reason for part in ("k-123456", "T0/B0/x9", "k=1"))


def test_a_key_with_a_line_break_fails_the_run_and_is_not_told() -> None:
    settings = {"secret": "stripe", "field": "crm_id", "amount": 5, "currency": "EUR"}
    asks = {"id": "tell", "kind": "request_payment", "settings": settings}
    address = Address(OK)
    here = world(address, asks)
    here.named_secrets.put("stripe", "rk_123\n")
    here.settle()
    assert (run(here).state, address.came) == ("failed", [])
    assert run(here).reason == (
        "the header authorization contains characters not allowed in headers, such as line breaks; "
        "put the insert into the body, or correct the secret"
    )


def test_an_answer_that_the_store_refuses_is_told_and_the_run_is_done_all_the_same() -> None:
    class Full(MemoryDocuments):
        """A store whose document has no room for one more field."""

        def commit(self, change: Transaction) -> None:
            if change.document and "crm_id" in change.document.fields:
                raise PermanentError("the document is too large")
            super().commit(change)

    address = Address(answering(200, b'{"id": "c-1"}'))
    here = world(address, calls(answer={"crm_id": "id"}), calls("next"))
    here.documents = Full(here.state)
    here.settle()
    assert (run(here).state, run(here, "next").state) == ("done", "done")
    assert [line.text for line in here.documents.timeline("d1") if line.kind == "warning"] == [
        "the answer was not taken over: the document is too large"
    ]


ANSWERED = b"""{"n": 4711, "at": "2027-06-30T22:30:00Z", "yes": 1, "no": "0",
 "price": "7.400,50 EUR", "day": "1. Juli 2027", "word": "Ja"}"""


@pytest.mark.parametrize(
    ("language", "field", "place", "kept"),
    [
        (None, "crm_id", "n", "4711"),
        (None, "day", "at", "2027-07-01"),
        (None, "vip", "yes", True),
        (None, "vip", "no", False),
        (None, "score", "n", Decimal(4711)),
        ("de", "amount", "price", Decimal("7400.50")),
        ("de", "day", "day", "2027-07-01"),
        ("de", "vip", "word", True),
    ],
)
def test_an_answer_is_read_as_people_and_programs_write(
    language: str | None, field: str, place: str, kept: object
) -> None:
    here = World(web=MemoryHttpClient(Address(answering(200, ANSWERED))))
    own = {**FIELDS, "day": {"type": "date"}, "vip": {"type": "bool"}, "score": {"type": "number"}}
    rule = calls(answer={field: place})
    here.publish(pipeline(stage("here", rule), fields=own, language=language))
    make(here.store, NewDocument(id="d1", pipeline="contracts", values={}), user("a@acme.example"))
    here.settle()
    found = document(here)
    assert (found.amount if field == "amount" else found.fields.get(field)) == kept
    assert [line for line in here.documents.timeline("d1") if line.kind == "warning"] == []


@pytest.mark.parametrize("letter", ["a", "ä", "語", "\U0001d49c"])
def test_as_many_letters_of_a_refusal_are_told_in_every_script(letter: str) -> None:
    here = arrived(Address(WebAnswer(status=400, body=(letter * 500).encode())), calls())
    said = f"the address refused the call with 400: {letter * 200}; the rule or"
    assert (run(here).reason or "").startswith(said)


def test_each_try_is_a_new_generation_so_that_a_message_of_before_is_void() -> None:
    here = arrived(Address(answering(503)), calls())
    seen = [run(here).generation]
    for _ in range(30):
        here.advance(timedelta(seconds=10))
        seen.append(run(here).generation)
    assert seen == sorted(seen)
    assert seen[0] < seen[-1]
    first = run(here).model_copy(update={"generation": seen[0]})
    waiting = QueuedMessage(lane="web", message=RunMessage.of(first), due=here.now, scheduled=False)
    assert here.deliver(waiting).result == "void"


def test_a_call_that_was_answered_has_been_made_though_its_answer_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> WebAnswer:
        raise LookupError("nobody foresaw this")

    monkeypatch.setattr(http_call, "without", broken)
    address = Address(answering(200, b"{}"))
    here = arrived(address, calls(answer={"crm_id": "id"}))
    assert (run(here).state, run(here).result) == ("done", {"status": "200"})
    told = [line.text for line in here.documents.timeline("d1") if line.kind == "warning"]
    assert any("its body could not be read (LookupError)" in text for text in told)
    assert len(address.came) == 1


# --- what stands beside a call


def test_an_answer_that_fills_nothing_leaves_the_document_as_it_was() -> None:
    here = world(Address(OK), calls())
    before = document(here)
    here.settle()
    assert (run(here).state, document(here)) == ("done", before)
    assert [line.kind for line in here.documents.timeline("d1")] == ["created"]


def test_a_document_that_is_removed_during_its_call_stays_removed_and_nothing_fails() -> None:
    worlds: list[World] = []

    def removing(request: WebRequest) -> WebAnswer:
        worlds[0].documents.remove("d1")
        return OK

    worlds.append(world(removing, calls()))
    worlds[0].settle()
    assert (worlds[0].state.documents, worlds[0].state.runs) == ({}, {})
    assert worlds[0].documents.timeline("d1") == ()


def test_a_lane_is_at_work_where_a_delivery_had_a_run() -> None:
    here = world(Address(OK))
    beats = here.heartbeats
    performer = replace(here.performer, heartbeats=beats)
    of_none = RunResult(result="void", run="d1.1.gone", reason="there is no such run")
    assert performer.note_work(of_none) == of_none
    assert [beats.last(f"lane {lane}") for lane in ("web", "email", "document")] == [None] * 3
    done = RunResult(result="done", run="d1.1.tell", lane="web")
    assert performer.note_work(done) == done
    assert (beats.last("lane web"), beats.last("lane email")) == (here.now, None)
    assert replace(performer, heartbeats=None).note_work(done) == done
