"""What a report of the mail service says of a run, of a document, and to people."""

from __future__ import annotations

from typing import Any

import pytest

from countersign.engine.runs.mail_events import happening_of, resolve, sentence
from countersign.model.document import Document
from countersign.model.document_event import DocumentEvent
from countersign.model.mail_event import MailEvent
from countersign.model.run import Run, RunKey, RunMail
from countersign.model.signing_event import Signer
from countersign.simulation.world import START

KEY = RunKey(document="d", entry=1, rule="ask")
KLARA = Signer(id="1", email="klara@kunde.example")
TWIN = Signer(id="2", email="Klara@kunde.example")


def report(kind: str, **more: Any) -> MailEvent:
    given = {
        "kind": kind, "at": START, "message_id": "m1", "run": KEY,
        "recipients": ("klara@kunde.example",), **more,
    }  # fmt: skip
    return MailEvent.model_validate(given)


def run(state: str, **more: Any) -> Run:
    given = {
        "document": "d", "entry": 1, "rule": "ask", "pipeline": "p", "pipeline_version": 1,
        "stage": "s", "kind": "send_email", "lane": "email", "state": state,
        "planned_at": START, **more,
    }  # fmt: skip
    return Run.model_validate(given)


KNOWN = {"result": {"message_id": "m1"}}
OTHER = {"result": {"message_id": "m0"}}


@pytest.mark.parametrize("kind", ["sent", "delivered", "opened", "bounced"])
@pytest.mark.parametrize(
    ("was", "done"),
    [
        (run("running"), True),
        (run("in_doubt"), True),
        (run("in_doubt", **OTHER), True),
        (run("in_doubt", **KNOWN), False),
        (run("ready", started_at=START), True),
        (run("ready"), False),
        (run("done", **OTHER), False),
        (run("failed"), False),
        (run("waiting"), False),
    ],
)
def test_every_report_but_a_refusal_proves_that_the_mail_went_out(
    kind: str, was: Run, done: bool
) -> None:
    after = resolve(was, report(kind), now=START)
    if not done:
        assert after is None
        return
    result = {"message_id": "m1", "to": "klara@kunde.example"}
    assert after == was.model_copy(
        update={
            "state": "done",
            "reason": f"the mail service reported the mail as {kind}",
            "concluded_at": START,
            "result": {**was.result, **result},
        }
    )


@pytest.mark.parametrize("kind", ["rejected", "rendering_failed"])
@pytest.mark.parametrize(
    ("was", "failed"),
    [
        (run("running"), True),
        (run("in_doubt"), True),
        (run("in_doubt", **KNOWN), False),
        (run("done", **KNOWN), True),
        (run("done", **OTHER), False),
        (run("ready"), False),
        (run("failed", **OTHER), False),
    ],
)
def test_a_refusal_fails_the_run_of_that_mail_alone(kind: str, was: Run, failed: bool) -> None:
    after = resolve(was, report(kind, detail="bad word"), now=START)
    assert (after is not None) == failed
    if after is not None:
        assert (after.state, after.reason) == (
            "failed",
            "the mail service refused to send the mail: bad word",
        )
        again = resolve(was, report(kind, recipients=()), now=START)
        assert again is not None
        assert again.reason == "the mail service refused to send the mail: no reason"
        assert again.result == {"message_id": "m1"}


def several(*states: str, state: str = "in_doubt") -> Run:
    mails = tuple(
        RunMail.model_validate({"state": one, "message_id": f"m{n}", "to": f"{n}@x.example"})
        for n, one in enumerate(states)
    )
    return run(state, mails=mails)


@pytest.mark.parametrize(
    ("was", "mail", "kind", "message", "state"),
    [
        (several("sent", "sending"), 1, "delivered", "m9", "sent"),
        (several("sent", "open", state="ready"), 1, "delivered", "m9", "sent"),
        (several("sent", "sending"), 1, "delivered", "m1", None),
        (several("sent", "sending"), 0, "delivered", "m9", None),
        (several("sent", "sending"), None, "delivered", "m9", None),
        (several("sent", "sending"), 2, "delivered", "m9", None),
        (several("sent", "sending"), -1, "delivered", "m9", None),
        (several("sent", "sending", state="failed"), 1, "delivered", "m9", None),
        (several("sent", "sending"), 0, "rejected", "m0", "failed"),
        (several("sent", "sending"), 0, "rejected", "m9", None),
        (several("sent", "sending"), 1, "rejected", "m9", "failed"),
        (several("sent", "sending"), 1, "rejected", "m1", None),
        (several("sent", "open"), 1, "rejected", "m9", None),
        (several("sent", "failed"), 1, "rejected", "m9", None),
    ],
)
def test_of_several_mails_a_report_speaks_of_one(
    was: Run, mail: int | None, kind: str, message: str, state: str | None
) -> None:
    after = resolve(was, report(kind, mail=mail, message_id=message), now=START)
    if state is None:
        assert after is None
        return
    assert after is not None
    assert mail is not None
    assert (after.mails[mail].state, after.mails[mail].message_id) == (state, message)
    others = [one for n, one in enumerate(after.mails) if n != mail]
    assert others == [one for n, one in enumerate(was.mails) if n != mail]


def document(*signers: Signer) -> Document:
    return Document(id="d", pipeline="p", stage="s", since=START, created_at=START, signers=signers)


@pytest.mark.parametrize(
    ("kind", "happens"),
    [
        ("delivered", "mail.delivered"), ("delayed", "mail.delayed"), ("bounced", "mail.bounced"),
        ("complained", "mail.complained"), ("opened", "mail.opened"), ("clicked", "mail.clicked"),
        ("rejected", "mail.rejected"), ("rendering_failed", "mail.rejected"), ("sent", None),
    ],
)  # fmt: skip
def test_a_report_is_a_happening_of_its_document(kind: str, happens: str | None) -> None:
    told = report(kind, detail="d" * 501, link="https://x.example")
    happening = happening_of(told, document(KLARA))
    if happens is None:
        assert happening is None
        return
    assert happening == DocumentEvent.model_validate(
        {
            "kind": happens, "at": START, "signer": KLARA, "reason": "d" * 500, "key": told.key,
            "detail": {"rule": "ask", "message_id": "m1", "link": "https://x.example"},
        }
    )  # fmt: skip
    plain = happening_of(report(kind), document())
    assert plain is not None
    assert (plain.reason, plain.signer, plain.detail) == (
        None, None, {"rule": "ask", "message_id": "m1"},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("recipients", "mail", "signer"),
    [
        (("klara@kunde.example",), None, KLARA),
        (("klara@kunde.example",), 0, KLARA),
        (("klara@kunde.example",), 1, TWIN),
        (("klara@kunde.example",), 2, KLARA),
        (("max@kunde.example",), 1, None),
        (("klara@kunde.example", "max@kunde.example"), 1, None),
        ((), None, None),
    ],
)
def test_of_signers_with_one_address_the_runs_list_says_who_got_it(
    recipients: tuple[str, ...], mail: int | None, signer: Signer | None
) -> None:
    sent = run("done", mails=(RunMail(signer="1"), RunMail(signer="2")))
    found = happening_of(report("opened", recipients=recipients, mail=mail),
                         document(KLARA, TWIN), sent)  # fmt: skip
    assert found is not None
    assert found.signer == signer


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("sent", "the mail of ask was sent to klara@kunde.example"),
        ("delivered", "the mail of ask was delivered to klara@kunde.example"),
        ("delayed", "the mail of ask to klara@kunde.example is delayed; the mail service goes on "
                    "trying"),
        ("bounced", "the mail of ask to klara@kunde.example came back"),
        ("complained", "klara@kunde.example marked the mail of ask as unwanted"),
        ("opened", "the mail of ask to klara@kunde.example was opened"),
        ("clicked", "a link in the mail of ask to klara@kunde.example was clicked: "
                    "https://x.example"),
        ("rejected", "the mail service refused to send the mail of ask"),
        ("rendering_failed", "the mail service refused to send the mail of ask"),
    ],
)  # fmt: skip
def test_a_report_is_a_sentence(kind: str, text: str) -> None:
    assert sentence(report(kind, link="https://x.example")) == text
    nobody = sentence(report(kind, link="https://x.example", recipients=()))
    assert nobody == text.replace("klara@kunde.example", "its recipients")


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("opened", "the mail of ask to klara@kunde.example was opened by a machine"),
        ("clicked", "a link in the mail of ask to klara@kunde.example was clicked by a machine: "
                    "https://x.example"),
    ],
)  # fmt: skip
def test_the_sentence_says_that_a_machine_did_it(kind: str, text: str) -> None:
    assert sentence(report(kind, link="https://x.example", automated=True)) == text


@pytest.mark.parametrize("automated", [True, False])
@pytest.mark.parametrize("kind", ["opened", "clicked"])
def test_a_happening_knows_whether_a_machine_did_it(kind: str, automated: bool) -> None:
    happening = happening_of(report(kind, automated=automated), document(KLARA))
    assert happening is not None
    assert happening.automated is automated
