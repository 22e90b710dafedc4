"""Send e-mail: which mail comes of a rule, and which is never sent."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from countersign.errors import PermanentError
from countersign.model import fields
from countersign.model.document import Document
from countersign.model.message import Email
from countersign.model.pipeline import Pipeline
from countersign.model.run import Run, RunKey
from countersign.model.signing_event import Sender, Signer
from countersign.rules._shared.template_variables import known, values
from countersign.rules.base import RuleContext
from countersign.rules.send_email import SendEmail
from countersign.templates.values import Group

NOW = datetime(2026, 7, 1, 7, 30, tzinfo=UTC)
PIPELINE = Pipeline.model_validate(
    {
        "pipeline": "contracts",
        "name": "Contracts",
        "time_zone": "Europe/Berlin",
        "senders": ["contracts@acme.example", "Anna@acme.example"],
        "fields": {
            "contract_end": {"type": "date"},
            "call_at": {"type": "datetime"},
            "lawyer": {"type": "user"},
            "copies": {"type": "list"},
            "price": {"type": "money"},
        },
        "stages": [
            {
                "id": "sent",
                "name": "Sent",
                "rules": [{"id": "mail", "kind": "send_email", "name": "Send the contract"}],
            },
            {"id": "signed"},
        ],
    }
)
BOB = Signer(
    id="s1", name="Bob <Builder>", email="bob@client.example", role="Buyer", order=1, party="client"
)
CARL = Signer(id="s2", name="Carl", email="carl@client.example", order=2, party="client")
ANNA = Signer(id="s3", name="Anna", email="anna@acme.example", role="CEO", order=2, party="company")
WATCHER = Signer(id="s4", name="Wat", email="wat@client.example", action="copy", party="client")
DOCUMENT = Document(
    id="d1",
    pipeline="contracts",
    stage="sent",
    since=NOW,
    created_at=NOW,
    title="Lease & more",
    number="17",
    responsible="anna@acme.example",
    observers=("ben@acme.example",),
    amount=Decimal("5000.5"),
    currency="EUR",
    fields={"contract_end": "2026-12-31", "lawyer": "lea@law.example", "copies": ("x@y.example",)},
    sender=Sender(name="Anna", email="anna@acme.example"),
    signers=(WATCHER, BOB, ANNA),
    expires_at=datetime(2026, 7, 31, 22, 30, tzinfo=UTC),
)
KEY = RunKey(document="d1", entry=1, rule="mail")


def rule(**settings: Any) -> SendEmail:
    written = {"from": "contracts@acme.example", "to": ["client"], "subject": "Hi", "text": "Hello"}
    # What is made of a text without HTML stands in test_mail_html.py.
    return SendEmail.model_validate({**written, "plain": "html" not in settings, **settings})


def context(pipeline: Pipeline = PIPELINE, **changes: Any) -> RuleContext:
    document = DOCUMENT.model_copy(update=changes)
    run = Run(
        document="d1",
        entry=1,
        rule="mail",
        pipeline="contracts",
        pipeline_version=1,
        stage="sent",
        kind="send_email",
        lane="email",
        state="running",
        planned_at=NOW,
    )
    types = fields.types(pipeline)
    return RuleContext(run=run, document=document, pipeline=pipeline, types=types, now=NOW)


def mail(**parts: Any) -> Email:
    plain = {
        "sender": "contracts@acme.example",
        "to": ("bob@client.example",),
        "subject": "Hi",
        "text": "Hello",
        "run": KEY,
        "pipeline": "contracts",
    }
    return Email.model_validate({**plain, **parts})


@pytest.mark.parametrize(
    ("settings", "changes", "sent"),
    [
        ({}, {}, mail()),
        (
            {
                "subject": "Your contract {{ document.number }}",
                "text": 'Dear {{ signer.name | default: "client" }},\n{{ document.title }}',
                "html": "<p>Dear {{ signer.name }}, {{ document.title }}</p>",
            },
            {},
            mail(
                subject="Your contract 17",
                text="Dear Bob <Builder>,\nLease & more",
                html="<p>Dear Bob &lt;Builder&gt;, Lease &amp; more</p>",
            ),
        ),
        ({"text": None, "html": "<p>Hi</p>"}, {}, mail(text=None, html="<p>Hi</p>")),
        ({"subject": "\n  Hi\n"}, {}, mail()),
        (
            {"to": ["client"], "text": "{{ signer.name }}"},
            {"signers": (BOB, CARL)},
            mail(to=("bob@client.example", "carl@client.example"), text="Bob <Builder>"),
        ),
        (
            {"to": ["signer:2"], "text": "{{ signer.name }}, {{ client.name }}"},
            {},
            mail(to=("anna@acme.example",), text="Anna, Bob <Builder>"),
        ),
        (
            {"to": ["desk@acme.example"], "text": "{{ signer.name }}"},
            {},
            mail(to=("desk@acme.example",), text="Bob <Builder>"),
        ),
        (
            {"from": "responsible", "reply_to": ["responsible"]},
            {},
            mail(sender="anna@acme.example", reply_to=("anna@acme.example",)),
        ),
        (
            {
                "to": ["client", "role:ceo", "BOB@client.example"],
                "cc": ["company", "responsible", "field:lawyer"],
                "bcc": ["field:lawyer", "field:copies", "field:observers", "field:sender"],
            },
            {},
            mail(
                to=("bob@client.example", "anna@acme.example"),
                cc=("lea@law.example",),
                bcc=("x@y.example", "ben@acme.example"),
            ),
        ),
        (
            {"to": ["field:lawyer"]},
            {"fields": {"lawyer": "lea@law.example, leo@law.example"}},
            mail(to=("lea@law.example", "leo@law.example")),
        ),
        (
            {
                "text": "{{ document.expires }}|{{ document.contract_end }}|{{ document.fields."
                "contract_end | date: '%d.%m.' }}|{{ today }}|{{ pipeline.name }}|{{ stage.name }}|"
                "{{ rule.name }}|{{ responsible }}|{{ sender.name }}|{{ company.name }}|"
                "{{ signers.size }}|{{ document.call_at }}|{{ document.amount | money: 'EUR' }}"
            },
            {},
            mail(
                text="2026-08-01 00:30 CEST|2026-12-31|31.12.|2026-07-01|Contracts|Sent|"
                "Send the contract|anna@acme.example|Anna|Anna|3||€5,000.50"
            ),
        ),
        (
            {"to": ["desk@acme.example"], "text": "[{{ signer.name }}{{ client.email }}]"},
            {"signers": ()},
            mail(to=("desk@acme.example",), text="[]"),
        ),
    ],
)
def test_a_rule_becomes_a_mail(
    settings: dict[str, Any], changes: dict[str, Any], sent: Email
) -> None:
    assert rule(**settings).email(context(**changes)) == sent


@pytest.mark.parametrize(
    ("settings", "changes", "error"),
    [
        (
            {},
            {"signers": ()},
            'to "client": the envelope has no such signer; correct it at the provider',
        ),
        (
            {},
            {"signers": (BOB.model_copy(update={"email": None}),)},
            'to "client": the signer "Bob <Builder>" has no e-mail address; '
            "add it at the provider, or choose another recipient",
        ),
        (
            {"cc": ["signer:9"]},
            {},
            'cc "signer:9": the envelope has no such signer; correct it at the provider',
        ),
        (
            {"to": ["role:Notary"]},
            {},
            'to "role:Notary": the envelope has no such signer; correct it at the provider',
        ),
        (
            {"to": ["responsible"]},
            {"responsible": None},
            'to "responsible": the document has no responsible person; set one',
        ),
        (
            {"to": ["field:lawyer"]},
            {"fields": {}},
            'to "field:lawyer": the field lawyer is empty; fill it',
        ),
        (
            {"from": "responsible"},
            {"responsible": "ben@acme.example"},
            'from: "ben@acme.example" is not among the pipeline\'s senders '
            "(contracts@acme.example, Anna@acme.example); add it there, verified",
        ),
        (
            {"from": "ceo@acme.example"},
            {},
            'from: "ceo@acme.example" is not among the pipeline\'s senders '
            "(contracts@acme.example, Anna@acme.example); add it there, verified",
        ),
        (
            {"subject": "{{ document.title }} {{ document.number }}"},
            {"title": "Lease\r\nBcc: all@victim.example"},
            "subject: there is a line break or control character in document.title; correct the "
            "value, or put it on one line with the filter squish",
        ),
        (
            {"subject": "{{ document.title }}"},
            {"title": "Lease\n"},
            "subject: there is a line break or control character in document.title; correct the "
            "value, or put it on one line with the filter squish",
        ),
        (
            {"subject": "{% for s in signers %}{{ s.name }}{% endfor %}"},
            {"signers": (BOB.model_copy(update={"name": "Bob\x0bX"}),)},
            "subject: there is a line break or control character; correct the "
            "value, or put it on one line with the filter squish",
        ),
        (
            {"subject": "{{ document.title }}"},
            {"title": None},
            "subject: it is empty once its inserts are filled in; expected 1 to 500",
        ),
        (
            {"subject": "{{ document.title }}"},
            {"title": "x" * 501},
            "subject: it has 501 characters once its inserts are filled in; expected 1 to 500",
        ),
        (
            {"text": "{{ document.reason }}"},
            {},
            "the mail says nothing once its inserts are filled in; correct its text",
        ),
        ({"text": "{{ document.titel }}"}, {}, 'text: line 1: unknown insert "document.titel"'),
        (
            {"html": "<p>\n{{ document.title | money }}"},
            {},
            'html: line 2: money: "Lease & more" is not a valid number',
        ),
    ],
)
def test_a_mail_that_cannot_be_made_is_refused(
    settings: dict[str, Any], changes: dict[str, Any], error: str
) -> None:
    with pytest.raises(PermanentError) as refused:
        rule(**settings).email(context(**changes))
    assert str(refused.value) == error


@pytest.mark.parametrize(
    "address",
    [
        "bob@client.example\r\nBcc: all@victim.example",
        "bob@client.example\n",
        "bob@client.example, all@victim.example",
        "Bob <bob@client.example>",
        "<bob@client.example>",
        "bob@client",
        "bob@@client.example",
        "bob.@client.example",
        "bob@-client.example",
        "bób@client.example",
        "bob@clí ent.example",
        "bob",
        " bob@client.example",
        "x" * 65 + "@client.example",
        "bob@" + "x." * 130 + "example",
    ],
)
def test_an_address_from_outside_that_is_none_never_reaches_a_header(address: str) -> None:
    signer = BOB.model_copy(update={"email": address})
    with pytest.raises(
        PermanentError, match=r'^to "client": ".*" is not a valid e-mail address'
    ) as refused:
        rule().email(context(signers=(signer,)))
    assert "\n" not in str(refused.value)


def test_a_name_from_outside_is_squeezed_onto_one_line_where_the_author_says_so() -> None:
    made = rule(subject="{{ document.title | squish }}").email(context(title="Lease\r\nX: y"))
    assert made == mail(subject="Lease X: y")


@pytest.mark.parametrize(("others", "allowed"), [(49, True), (50, False)])
def test_a_mail_has_at_most_fifty_recipients(others: int, allowed: bool) -> None:
    copies = tuple(f"n{n}@acme.example" for n in range(others))
    made = rule(bcc=["field:copies"])
    if allowed:
        assert len(made.email(context(fields={"copies": copies})).bcc) == others
    else:
        with pytest.raises(PermanentError, match="the mail has 51 recipients; expected at most 50"):
            made.email(context(fields={"copies": copies}))


def test_a_rule_without_a_name_is_called_after_its_kind() -> None:
    stages = [{"id": "sent", "rules": [{"id": "mail", "kind": "send_email"}]}]
    plain = Pipeline.model_validate(
        {"pipeline": "contracts", "senders": ["contracts@acme.example"], "stages": stages}
    )
    texts = "{{ rule.name }}, {{ stage.name }}, {{ pipeline.name }}, {{ now }}"
    made = rule(text=texts).email(context(plain))
    assert made == mail(text="Send e-mail, sent, contracts, 2026-07-01 07:30 UTC")


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        (
            {"to": ["clent"]},
            '"clent" is not a recipient; did you mean client? expected client, company, '
            "responsible, "
            "role:<name>, signer:<order>, field:<id> or an address",
        ),
        (
            {"to": ["signer:first"]},
            '"signer:first" is not a recipient; expected client, company, responsible, '
            "role:<name>, signer:<order>, field:<id> or an address",
        ),
        ({"to": []}, "the mail goes to nobody; give at least one recipient in to"),
        (
            {"from": "Acme"},
            '"Acme" is not a valid sender; expected an address of the pipeline\'s senders, or '
            "responsible",
        ),
        ({"subject": " \n"}, "the mail has no subject; give it one"),
        ({"text": None}, "the mail says nothing; give it a text, html, or both"),
        ({"text": " ", "html": ""}, "the mail says nothing; give it a text, html, or both"),
        (
            {"attachments": ["contracts"]},
            '"contracts" is not an attachment; did you mean contract? expected contract, invoice, '
            "offer, attachment, signed_pdf, audit_trail, document or file:NAME",
        ),
        ({"attachments": ["file:"]}, '"file:" is not an attachment'),
        ({"sender": "contracts@acme.example"}, "Extra inputs are not permitted"),
    ],
)
def test_settings_that_no_pipeline_could_make_right_are_refused(
    settings: dict[str, Any], error: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        rule(**settings)
    assert [error in one["msg"] for one in refused.value.errors()] == [True]


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({"subject": "{{ document.contract_end }}\n"}, ()),
        ({"to": ["field:lawyer", "field:observers", "role:anything", "signer:7"]}, ()),
        ({"from": "anna@acme.example"}, ()),
        ({"from": "responsible"}, ()),
        (
            {"from": "ceo@acme.example"},
            (
                (
                    "from",
                    '"ceo@acme.example" is not among the pipeline\'s senders '
                    "(contracts@acme.example, Anna@acme.example); add it there, verified",
                ),
            ),
        ),
        (
            {"cc": ["field:lawier"], "bcc": ["field:price"], "reply_to": ["field:nothing"]},
            (
                (
                    "cc",
                    '"field:lawier": there is no such field that holds addresses; '
                    "did you mean field:lawyer?",
                ),
                (
                    "bcc",
                    '"field:price": the field is a money; '
                    "expected text, a user or a list of addresses",
                ),
                (
                    "reply_to",
                    '"field:nothing": there is no such field that holds addresses; '
                    "expected observers, sender, lawyer, copies",
                ),
            ),
        ),
        (
            {"subject": "{{ titel }}", "text": "a\n{% if %}", "html": "{{ signer.nam }}"},
            (
                ("subject", 'line 1: unknown insert "titel"; did you mean document.title?'),
                ("text", "line 2: missing expression"),
                ("html", 'line 1: unknown insert "signer.nam"; did you mean signer.name?'),
            ),
        ),
        (
            {"subject": "one\ntwo"},
            (("subject", "the subject has a line break; write it on one line"),),
        ),
    ],
)
def test_publishing_is_told_every_problem(
    settings: dict[str, Any], found: tuple[tuple[str, str], ...]
) -> None:
    assert rule(**settings).problems(PIPELINE) == found


def test_nobody_responsible_can_send_from_a_pipeline_without_senders() -> None:
    without = PIPELINE.model_copy(update={"senders": ()})
    text = "the pipeline has no senders; list the addresses of those who may be responsible"
    assert rule(**{"from": "responsible"}).problems(without) == (("from", text),)


def test_every_insert_that_is_known_has_a_value_behind_it() -> None:
    def names(shape: Group) -> dict[str, object]:
        return {n: names(s) if isinstance(s, Group) else 0 for n, s in shape.names.items()}

    def held(record: dict[str, Any]) -> dict[str, object]:
        return {n: held(v) if isinstance(v, dict) else 0 for n, v in record.items()}

    for given in (context(), context(signers=(), sender=None)):
        assert held(values(given, None, "")) == names(known(PIPELINE))


def test_the_document_has_the_names_and_values_that_conditions_know() -> None:
    given = context(status="sent", moved_by="system", previous_stage="signed")
    inserted: Any = values(given, None, "")["document"]
    of_signers = {name for name in fields.BUILT_IN if name.startswith("sign")}
    for name in fields.BUILT_IN.keys() - of_signers:
        value = fields.read(given.document, name)
        assert inserted[name] == (list(value) if isinstance(value, tuple) else value)


def test_the_kind_is_known_without_loading_liquid() -> None:
    program = (
        "import sys; import countersign.rules.send_email; "
        "sys.exit(bool({'liquid', 'babel', 'markupsafe'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
