"""A mail that can never be sent: its run says what to mend, nothing is lost, the rest goes on."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import mail, pipeline, stage
from tests.integration.account import SENDER, Account
from tests.integration.messages import DOCUSIGN
from tests.integration.story import Story

KLARA = "klara.vogel@kunde.example"
NAME = '"name": "Klara Vogel"'


@pytest.mark.parametrize(
    ("settings", "replacing", "reason"),
    [
        pytest.param(
            {"to": ["role:Notary"]},
            {},
            'to "role:Notary": the envelope has no such signer; correct it at the provider',
            id="no such recipient",
        ),
        pytest.param(
            {},
            {KLARA: ""},
            'to "client": nothing tells which party Klara Vogel belongs to; map a company domain, '
            "an address, a role or a place in the signing order on the connection",
            id="no party",
        ),
        pytest.param(
            {"to": ["signer:2"]},
            {KLARA: ""},
            'to "signer:2": the signer "Klara Vogel" has no e-mail address; add it at '
            "the provider, "
            "or choose another recipient",
            id="no address",
        ),
        pytest.param(
            {},
            {KLARA: "klara at kunde"},
            'to "client": "klara at kunde" is not a valid e-mail address that can be '
            "written to; expected "
            "name@host.example",
            id="no readable address",
        ),
        pytest.param(
            {},
            {KLARA: "klara@kunde.example>, <foe@bad.example"},
            'to "client": "klara@kunde.example>, <foe@bad.example" is not a valid e-mail '
            "address that can be "
            "written to; expected name@host.example",
            id="two addresses in one",
        ),
        pytest.param(
            {"cc": ["field:approver"]},
            {},
            'cc "field:approver": the field approver is empty; fill it',
            id="an empty field",
        ),
        pytest.param(
            {"from": "responsible"},
            {},
            'from: "jonas.feld@acme.example" is not among the pipeline\'s senders '
            "(contracts@acme.example); add it there, verified",
            id="no sender of the pipeline",
        ),
        pytest.param(
            {"subject": "Dear {{ signer.name }}"},
            {NAME: r'"name": "Klara\r\nBcc: foe@bad.example"'},
            "subject: there is a line break or control character in signer.name; correct the "
            "value, or put it on one line with the filter squish",
            id="a line break in a name",
        ),
        pytest.param(
            {"subject": "Dear {{ signer.name }}"},
            {NAME: r'"name": "Klara\u2028Vogel"'},
            "subject: there is a line break or control character in signer.name; correct the "
            "value, or put it on one line with the filter squish",
            id="a line separator in a name",
        ),
        pytest.param(
            {"subject": "{{ document.number }}"},
            {"V-2026-0042": ""},
            "subject: it is empty once its inserts are filled in; expected 1 to 500",
            id="an empty subject",
        ),
    ],
)
def test_the_run_says_what_to_mend_and_the_next_rules_go_on(
    account: Account, settings: dict[str, Any], replacing: dict[str, str], reason: str
) -> None:
    broken = mail("broken")
    broken["settings"] |= settings
    fine = {"to": ["company"], "from": SENDER, "subject": "fine", "text": "Still here."}
    rules = (
        broken,
        {"id": "below", "kind": "send_email", "settings": fine},
        {"id": "beside", "kind": "send_email", "settings": fine, "execution": "independent"},
    )
    arrives = stage("sent", *rules, triggers=[{"id": "sent", "kind": "sent"}])
    fields = {"approver": {"type": "user"}}
    story = Story(account, pipeline(stage("draft"), arrives, senders=[SENDER], fields=fields))
    story.tell(DOCUSIGN.sent, replacing)
    assert account.runs() == {
        "2.broken": ("failed", reason),
        "2.below": ("done", None),
        "2.beside": ("done", None),
    }
    sent = [(mail.to, mail.subject) for mail in account.mails()]
    assert sent == [(("anna.berger@acme.example",), "fine")] * 2
    assert account.document().stage == "sent"


def test_a_name_with_a_line_break_may_stand_in_the_text_and_on_one_line_in_the_subject(
    account: Account,
) -> None:
    rule = mail("fine")
    rule["settings"] |= {
        "subject": "Dear {{ signer.name | squish }}",
        "text": "Dear {{ signer.name }}",
    }
    arrives = stage("sent", rule, triggers=[{"id": "sent", "kind": "sent"}])
    story = Story(account, pipeline(stage("draft"), arrives, senders=[SENDER]))
    story.tell(DOCUSIGN.sent, {NAME: r'"name": "Klara\nVogel"'})
    (sent,) = account.mails()
    assert (sent.subject, sent.text) == ("Dear Klara Vogel", "Dear Klara\nVogel")
