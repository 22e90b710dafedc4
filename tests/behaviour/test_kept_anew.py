"""An envelope that was opened again and completed anew has another signed PDF, which is kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import permutations

import pytest

from countersign.adapters.memory.services.http_client import MemoryHttpClient
from countersign.model.connection import ConnectionCredentials
from countersign.model.http import WebAnswer, WebRequest
from countersign.model.signing_event import SigningEvent
from countersign.simulation.world import World
from tests.builders import (
    KLARA,
    connection,
    envelope,
    event,
    mail,
    pipeline,
    signed,
    stage,
    trigger,
)

READY = event("document.artifact_ready", state=envelope("sent", signers=signed()), minute=1)
DECLINED = event("document.declined", state=envelope("declined", signers=signed()), minute=2)
OPENED = event(
    "document.modified",
    state=envelope("sent", signers=signed()),
    minute=30,
    detail={"change": "reactivated"},
)
READY_ANEW = event("document.artifact_ready", state=envelope("sent", signers=signed()), minute=40)


def completed(minute: int) -> SigningEvent:
    state = envelope("completed", signers=signed(KLARA))
    return event("document.completed", state=state, minute=minute)


def after(*messages: Sequence[SigningEvent]) -> tuple[World, str]:
    """The provider prints each PDF anew; the messages come in this order, each at its minute."""
    printed: list[bytes] = []

    def answer(request: WebRequest) -> WebAnswer:
        printed.append(b"%PDF-1.7 print " + str(len(printed) + 1).encode())
        return WebAnswer(status=200, body=printed[-1])

    here = World(web=MemoryHttpClient(answer))
    contract = mail("contract")
    contract["settings"] = {**contract["settings"], "to": [KLARA], "attachments": ["signed_pdf"]}
    contract["time"] = {"after": {"minutes": 5}}
    here.publish(
        pipeline(
            stage("draft"),
            stage("open", contract, triggers=[trigger("declined", allow_return=True)]),
            senders=["contracts@acme.example"],
        )
    )
    known = ConnectionCredentials(
        connection="c1", provider="signwell", pipeline="contracts", tokens=("t",), api_token="key"
    )
    here.connect(connection(id="c1", provider="signwell", keep_files=("signed_pdf",)), known)
    start = here.now
    for together in messages:
        at = start + timedelta(minutes=(together[0].occurred_at - start).total_seconds() / 60)
        here.advance(max(at - here.now, timedelta(0)))
        here.tell("c1", [*together])
    here.advance(timedelta(minutes=1))
    (document,) = here.documents.in_stage("contracts")
    return here, document.id


def kept(here: World, document: str) -> list[bytes | None]:
    return [here.files.get(document, one) for one in here.store.document(document).stored_files]


@pytest.mark.parametrize(
    "messages",
    [
        ([READY], [DECLINED], [OPENED], [completed(50)]),
        ([READY], [DECLINED], [OPENED], [READY_ANEW], [completed(50)]),
        ([READY], [completed(3)], [OPENED], [completed(50)]),
        ([completed(3)], [OPENED], [completed(50)]),
        ([READY], [DECLINED], [completed(50)], [OPENED]),
    ],
)
def test_what_was_signed_anew_is_kept_too(messages: tuple[list[SigningEvent], ...]) -> None:
    here, document = after(*messages)
    assert here.store.document(document).status == "completed"
    assert kept(here, document) == [b"%PDF-1.7 print 1", b"%PDF-1.7 print 2"]
    (newest,) = here.store.document(document).files_of("signed_pdf")
    assert here.files.get(document, newest) == b"%PDF-1.7 print 2"


@pytest.mark.parametrize("messages", [*permutations([[READY], [completed(3)], [READY_ANEW]])])
def test_what_was_never_opened_again_is_kept_once(messages: tuple[list[SigningEvent], ...]) -> None:
    here, document = after(*messages)
    assert kept(here, document) == [b"%PDF-1.7 print 1"]


def test_while_it_is_open_again_no_mail_goes_with_what_was_signed_before() -> None:
    here, document = after([READY], [DECLINED])
    here.tell("c1", [event("document.modified", minute=4, detail={"change": "reactivated"})])
    here.advance(timedelta(minutes=10))
    assert here.mailbox.sent == []
    (run,) = (one for one in here.documents.runs(document) if one.rule == "contract")
    assert (run.state, (run.reason or "").partition(",")[0]) == (
        "failed",
        "the document is not signed by all yet",
    )
