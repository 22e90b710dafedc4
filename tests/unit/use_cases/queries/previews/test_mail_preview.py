"""A preview says what a rule's mails would be now, and has no effect."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest

from countersign.errors import NotFoundError, PermanentError
from countersign.model.signing_event import Signer
from countersign.simulation.world import World
from countersign.use_cases.queries.previews.mail_preview import (
    MailPreview,
    PreviewedMail,
    preview_mail,
)
from countersign.use_cases.store import Store
from tests.builders import mail, pipeline, stage, to_stage
from tests.unit.use_cases.queries.scene import disordered, put

LENA = Signer(id="1", name="Lena", email="lena@nord.example", order=1, party="client")
OTTO = Signer(id="2", name="Otto", email="otto@nord.example", order=2, party="client")
NOBODY = Signer(id="3", name="Nina", email=None, order=3, party="client")


def letter(rule_id: str, **settings: Any) -> dict[str, Any]:
    rule = mail(rule_id)
    rule["settings"] |= settings
    return rule


def scene(*rules: dict[str, Any], signers: tuple[Signer, ...] = (LENA,), **more: Any) -> World:
    here = disordered()
    wanted = pipeline(stage("draft"), stage("sent", *rules), senders=["contracts@acme.example"])
    here.publish(wanted)
    put(here, "d1", signers=signers, title="Lease", **more)
    return here


def preview(here: World, rule: str = "hello", document: str = "d1") -> MailPreview:
    now = datetime(2026, 7, 1, 7, 30, tzinfo=UTC)
    store = Store(
        documents=here.documents, programs=here.programs, clock=lambda: now, salt=lambda: "5a17"
    )
    return preview_mail(store, document, rule)


def test_a_preview_is_the_whole_mail_for_a_document_that_is_in_another_stage() -> None:
    hello = letter(
        "hello", subject="For {{ client.name }}", text="Dear {{ signer.name }}, {{ today }}",
        cc=["ben@acme.example"], bcc=["dora@acme.example"], reply_to=["anna@acme.example"],
        html="<p>{{ document.title }}</p>", attachments=["signed_pdf"],
        **{"from": "Acme <contracts@acme.example>"},
    )  # fmt: skip
    assert preview(scene(hello)) == MailPreview(
        document="d1",
        pipeline="contracts",
        pipeline_version=2,
        stage="sent",
        rule="hello",
        attachments=("signed_pdf",),
        mails=(
            PreviewedMail(
                sender="Acme <contracts@acme.example>",
                to=("lena@nord.example",),
                cc=("ben@acme.example",),
                bcc=("dora@acme.example",),
                reply_to=("anna@acme.example",),
                subject="For Lena",
                text="Dear Lena, 2026-07-01",
                html="<p>Lease</p>",
            ),
        ),
    )


def test_each_of_several_mails_is_shown_or_the_reason_why_it_cannot_be_made() -> None:
    hello = letter(
        "hello", text="Dear {{ signer.name }}", plain=True, to=["client", "ben@a.example"]
    )
    made = preview(scene(hello, signers=(LENA, NOBODY, OTTO)))
    assert [(one.to, one.text, one.reason) for one in made.mails] == [
        (("lena@nord.example",), "Dear Lena", None),
        (
            ("Nina",),
            None,
            'to "client": the signer "Nina" has no e-mail address; '
            "add it at the provider, or choose another recipient",
        ),
        (("otto@nord.example",), "Dear Otto", None),
        (("ben@a.example",), "Dear Lena", None),
    ]


@pytest.mark.parametrize(
    ("settings", "more", "reason"),
    [
        ({}, {"signers": ()}, 'to "client": the envelope has no such signer'),
        (
            {"to": ["unsigned"]},
            {"signers": (LENA.model_copy(update={"status": "signed"}),)},
            "everybody has signed",
        ),
        ({"from": "responsible"}, {}, 'from "responsible": the document has no responsible person'),
        ({"subject": "{{ document.number }}"}, {}, "subject: it is empty"),
    ],
)
def test_a_mail_that_cannot_be_made_says_why(
    settings: dict[str, Any], more: dict[str, Any], reason: str
) -> None:
    (made,) = preview(scene(letter("hello", **settings), **more)).mails
    assert made.reason is not None
    assert reason in made.reason
    assert (made.subject, made.text, made.html) == ("", None, None)


def test_a_preview_changes_nothing_and_sends_nothing() -> None:
    here = scene(letter("hello"), letter("each"), signers=(LENA, OTTO))
    before = copy.deepcopy((here.state.documents, here.state.runs, here.documents.timeline("d1")))
    preview(here, "hello")
    preview(here, "each")
    assert (here.state.documents, here.state.runs, here.documents.timeline("d1")) == before
    assert here.mailbox.sent == []


@pytest.mark.parametrize(
    ("document", "rule", "error", "text"),
    [
        ("d9", "hello", NotFoundError, "there is no document d9"),
        ("d1", "helo", NotFoundError, 'contracts has no rule "helo"; did you mean hello?'),
        ("d1", "x", NotFoundError, 'contracts has no rule "x"; expected hello'),
        (
            "d1",
            "go",
            PermanentError,
            'the rule "go" (change_stage) sends no mail; expected hello',
        ),
    ],
)
def test_what_cannot_be_previewed_is_an_error(
    document: str, rule: str, error: type[Exception], text: str
) -> None:
    with pytest.raises(error) as raised:
        preview(scene(letter("hello"), to_stage("go", "draft")), rule, document)
    assert text in str(raised.value)
