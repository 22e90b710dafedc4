"""A mail takes the signed PDF with it, fetched before anything leaves, or does not leave."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from countersign.adapters.memory.services.http_client import MemoryHttpClient
from countersign.errors import CountersignError, InDoubtError, PermanentError, TransientError
from countersign.model.actor import user
from countersign.model.connection import ConnectionCredentials
from countersign.model.http import WebAnswer, WebRequest
from countersign.model.message import Attachment
from countersign.model.provider_api import MAX_FILE
from countersign.model.run import Run
from countersign.simulation.world import World
from countersign.use_cases.documents.edit import NewDocument, make
from tests.builders import KLARA, connection, envelope, event, pipeline, signed, stage, trigger

PDF = b"%PDF-1.7\n..."
GIVEN = WebAnswer(status=200, body=PDF, headers={"content-type": "application/pdf"})


def answering(*answers: WebAnswer | CountersignError) -> Callable[[WebRequest], WebAnswer]:
    """Answers in turn, the last for ever."""
    left = list(answers)

    def answer(request: WebRequest) -> WebAnswer:
        found = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(found, WebAnswer):
            return found
        raise found

    return answer


def world(
    *answers: WebAnswer | CountersignError,
    provider: str = "dropbox_sign",
    title: str | None = "Service agreement",
    kind: str = "document.completed",
    signers: list[dict[str, Any]] | None = None,
) -> World:
    """All have signed, and a rule mails each client the signed PDF."""
    here = World(web=MemoryHttpClient(answering(*answers)))
    settings = {
        "from": "contracts@acme.example",
        "to": ["client"],
        "subject": "Signed",
        "text": "Here it is",
        "attachments": ["signed_pdf"],
    }
    sending = {"id": "send", "kind": "send_email", "settings": settings}
    triggers = [trigger("signed_by_all"), trigger("signed_by_count", settings={"count": 1})]
    here.publish(
        pipeline(
            stage("draft"),
            stage("signed", sending, triggers=triggers),
            senders=["contracts@acme.example"],
        )
    )
    known = ConnectionCredentials(
        connection="c1",
        provider=provider,
        pipeline="contracts",
        tokens=("token",),
        api_token="key",
    )
    here.connect(connection(id="c1", provider=provider), known)
    state = envelope(
        "completed" if kind == "document.completed" else "sent",
        signers=signers or signed(KLARA),
        title=title,
    )
    here.tell("c1", [event(kind, KLARA, state=state)])
    return here


def run(here: World) -> Run:
    """The rule's run."""
    (document,) = here.documents.in_stage("contracts")
    return next(one for one in here.documents.runs(document.id) if one.rule == "send")


def test_the_signed_pdf_goes_with_the_mail() -> None:
    here = world(GIVEN)
    (mail,) = here.mailbox.sent
    assert (run(here).state, mail.attachments) == (
        "done",
        (Attachment(name="Service agreement.pdf", media_type="application/pdf", content=PDF),),
    )


def test_the_signed_pdf_goes_with_the_mail_to_each_of_several() -> None:
    clients = [
        {"id": str(n), "name": email, "email": email, "order": n, "status": "signed"}
        for n, email in enumerate((KLARA, "otto@kunde.example"), 1)
    ]
    here = world(GIVEN, signers=clients)
    assert [(mail.to, mail.attachments[0].content) for mail in here.mailbox.sent] == [
        ((KLARA,), PDF),
        (("otto@kunde.example",), PDF),
    ]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        (None, "document.pdf"),
        ("  ", "document.pdf"),
        ("Lease.pdf", "Lease.pdf"),
        ("Lease.PDF ", "Lease.pdf"),
        ('..\\..\\a/b: "c"?', "a b c.pdf"),
        ("Lease\r\nBcc: foe@bad.example", "Lease Bcc foe@bad.example.pdf"),
        ("Lease\u202efdp.exe", "Lease fdp.exe.pdf"),
        ("Vertrag № 5, Köln", "Vertrag № 5, Köln.pdf"),
        ("x" * 300, "x" * 70 + ".pdf"),
        ("📝" * 300, "📝" * 70 + ".pdf"),
    ],
)
def test_the_file_is_called_after_the_document_and_by_nothing_else(
    title: str | None, name: str
) -> None:
    here = world(GIVEN, title=title)
    assert [one.attachments[0].name for one in here.mailbox.sent] == [name]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (WebAnswer(status=409), "Dropbox Sign is still making the signed PDF"),
        (WebAnswer(status=202), "Dropbox Sign is still making the signed PDF"),
        (WebAnswer(status=503), "Dropbox Sign: the address answered 503"),
        (
            WebAnswer(status=504),
            "Dropbox Sign: a gateway answered 504 for the address; the call may have come",
        ),
        (
            WebAnswer(status=200, body=PDF, cut=True),
            "Dropbox Sign did not give the whole signed PDF in time",
        ),
        (
            WebAnswer(status=500, body=b"no user a2V5Og== or so"),
            "Dropbox Sign: the address answered 500: no user (its token) or so",
        ),
        (TransientError("no connection"), "no connection"),
        (InDoubtError("no answer"), "no answer"),
    ],
)
def test_while_the_provider_does_not_give_it_the_mail_waits(
    fault: WebAnswer | CountersignError, reason: str
) -> None:
    here = world(fault, GIVEN)
    assert (run(here).state, run(here).reason, here.mailbox.sent) == (
        "ready",
        f"try 1 failed temporarily: {reason}",
        [],
    )
    here.advance(timedelta(minutes=1))
    assert (run(here).state, len(here.mailbox.sent)) == ("done", 1)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (
            WebAnswer(status=200, body=b"PK\x03\x04", headers={"content-type": "application/zip"}),
            "Dropbox Sign gave application/zip where the signed PDF was expected, as it does for "
            "envelopes of several files; take the attachment out of the rule",
        ),
        (
            WebAnswer(status=200, body=PDF.ljust(MAX_FILE), cut=True),
            "the signed PDF of Dropbox Sign has more than 50,000,000 bytes, the most a file may "
            "have",
        ),
        (
            WebAnswer(status=200, body=PDF.ljust(7_000_001)),
            "the attachments have 7,000,001 bytes (Service agreement.pdf 7,000,001); expected at "
            "most 7,000,000 in a mail; have large files linked with large_files: link",
        ),
        (
            WebAnswer(status=403),
            "Dropbox Sign did not accept the API token of the connection c1 (403); give it one "
            "that may do this: its API key",
        ),
        (PermanentError("the address may not be called"), "the address may not be called"),
    ],
)
def test_a_file_that_cannot_be_had_fails_the_run_and_no_mail_leaves(
    answer: WebAnswer | CountersignError, reason: str
) -> None:
    here = world(answer)
    here.advance(timedelta(days=1))
    assert (run(here).state, run(here).reason, here.mailbox.sent) == ("failed", reason, [])


def test_before_all_have_signed_there_is_nothing_to_attach() -> None:
    here = world(GIVEN, kind="signer.signed")
    assert (run(here).state, run(here).reason, here.mailbox.sent) == (
        "failed",
        "the document is not signed by all yet, so there is no signed PDF to attach; move the "
        "rule to a later stage, or give it a condition",
        [],
    )


def test_a_provider_that_gives_no_file_fails_the_run() -> None:
    here = world(GIVEN, provider="docusign")
    assert run(here).reason == (
        "DocuSign cannot be asked for the signed PDF from here; give the rule a condition that "
        "leaves its documents out, or take the rule out"
    )


def test_where_the_answer_only_says_where_the_file_lies_it_is_fetched_there() -> None:
    there = b'{"documents": [{"url": "https://files.example/1.pdf"}]}'
    here = world(WebAnswer(status=200, body=there), GIVEN, provider="docuseal")
    assert (run(here).state, here.mailbox.sent[0].attachments[0].content) == ("done", PDF)
    assert isinstance(here.web, MemoryHttpClient)
    assert here.web.calls[-1].url == "https://files.example/1.pdf"


def test_a_document_made_by_hand_has_no_file() -> None:
    here = world(GIVEN)
    values: dict[str, Any] = {"title": "By hand"}
    make(
        here.store,
        NewDocument(id="d2", pipeline="contracts", values=values, stage="signed"),
        user("anna@acme.example"),
    )
    here.settle()
    (found,) = here.documents.runs("d2")
    assert found.state == "failed"
