"""Published versions are kept in memory; what is not published is said to be so."""

from __future__ import annotations

from datetime import timedelta

import pytest

from countersign.errors import NotFoundError
from countersign.model.run import RunKey
from countersign.use_cases.programs import Programs
from tests.builders import event, mail, pipeline, run_of, stage, to_stage, world

SENDERS = ["contracts@acme.example"]


def test_what_is_not_published_has_no_program() -> None:
    found = world(pipeline(stage("draft")))
    with pytest.raises(NotFoundError) as raised:
        found.programs.current("leases")
    assert str(raised.value) == "the pipeline leases is not published"


def test_those_that_were_asked_for_last_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    found = world(pipeline(stage("draft")))
    for _ in range(3):
        found.publish(pipeline(stage("draft")))
    programs, read = Programs(found.pipelines, keep=2), list[int]()
    version = found.pipelines.version

    def reading(name: str, number: int) -> object:
        read.append(number)
        return version(name, number)

    monkeypatch.setattr(found.pipelines, "version", reading)
    for number in (1, 2, 1, 3, 1, 2):
        assert programs.get("contracts", number).version == number
    assert read == [1, 2, 3, 2]


def test_a_run_of_a_pipeline_that_is_no_longer_published_moves_nothing() -> None:
    found = world(pipeline(stage("draft", to_stage("on", "sent", time={"after": {"hours": 1}})),
                           stage("sent"), senders=SENDERS))  # fmt: skip
    document = found.tell("docusign", [event("document.sent")])
    found.state.heads.clear()
    with pytest.raises(NotFoundError, match="the pipeline contracts has no published version"):
        found.advance(timedelta(hours=1))
    assert found.document(document.id).stage == "draft"


def test_a_message_of_a_run_that_never_was_does_nothing() -> None:
    found = world(pipeline(stage("draft", mail("hello", time={"after": {"hours": 1}})),
                           senders=SENDERS))  # fmt: skip
    document = found.tell("docusign", [event("document.sent")])
    key = run_of(found, document, "hello").key
    del found.state.runs[key]
    assert isinstance(key, RunKey)
    (waiting,) = found.lanes.take_due(found.now.replace(year=2027))
    performed = found.deliver(waiting)
    assert (performed.result, performed.because) == ("void", "there is no such run")
