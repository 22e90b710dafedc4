"""Templates of new pipelines: whole files whose names and addresses are filled in."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from countersign.engine.validation.pipeline import check
from countersign.errors import NotFoundError, PermanentError
from countersign.model.person import Language
from countersign.use_cases.pipelines.templates.german import in_german

SENDER = "contracts@acme.example"
"""Stands where no sender is given; SES sends nothing from it."""


class Template(NamedTuple):
    """A pipeline to begin with."""

    text: str
    """The file, with ID, NAME, SENDER and TIME_ZONE where the values go."""
    descriptions: Mapping[str, str]
    """What it does in a few words, by language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPipeline:
    """What is filled into a template."""

    id: str
    name: str = ""
    """The name that people see; made of the id unless given."""
    sender: str = SENDER
    time_zone: str = "UTC"
    language: Language = "en"
    """Of names and mails; a template that is German is so in every language."""


_HEAD = """\
# yaml-language-server: $schema=pipeline.schema.json
pipeline: ID
name: NAME
time_zone: TIME_ZONE
calendar:
  hours: {mon-fri: "09:00-18:00"}
  # holidays: DE-BY   # the public holidays of your country or region
senders: [SENDER]
"""

_SENT = """\
  - id: draft
    name: Draft
  - id: sent
    name: Sent
    triggers:
      - {id: sent, kind: sent}
    rules:
      - id: remind
        name: Remind those who have not signed
        kind: send_email
        time: {after: {working_days: 3}, at: "09:00"}
        settings:
          from: SENDER
          to: [unsigned]
          subject: "Please sign: {{ document.title }}"
          text: |
            Hello {{ signer.name }},

            {{ document.title }} is waiting for your signature.
"""
"""The stages of an envelope that is prepared and sent, with a reminder."""
_SIGNED = """\
  - id: signed
    name: Signed
    kind: success
    triggers:
      - {id: signed, kind: signed_by_all}
"""
_NOT_SIGNED = """\
  - id: not-signed
    name: Not signed
    kind: failure
    triggers:
      - {id: declined, kind: declined}
      - {id: expired, kind: expired}
      - {id: voided, kind: voided}
"""

SIGNING = f"""\
{_HEAD}
stages:
{_SENT}{_SIGNED}{_NOT_SIGNED}"""

TWO_PARTIES = f"""\
{_HEAD}
stages:
  - id: draft
    name: Draft
  - id: ours
    name: With us
    triggers:
      - {{id: sent, kind: sent}}
    rules:
      - id: remind-us
        name: Remind our signers
        kind: send_email
        execution: independent
        time: {{after: {{working_days: 2}}, at: "09:00"}}
        settings:
          from: SENDER
          to: ["unsigned:company"]
          subject: "Please sign: {{{{ document.title }}}}"
          text: |
            Hello {{{{ signer.name }}}},

            {{{{ document.title }}}} goes to the client once you have signed it.
  - id: client
    name: With the client
    triggers:
      - {{id: we-signed, kind: signed_by_company}}
    rules:
      - id: remind
        name: Remind the client
        kind: send_email
        time: {{after: {{working_days: 3}}, at: "09:00", working_hours: true}}
        settings:
          from: SENDER
          to: ["unsigned:client"]
          reply_to: [responsible]
          subject: "Please sign: {{{{ document.title }}}}"
          text: |
            Dear {{{{ signer.name | default: "client" }}}},

            we have signed "{{{{ document.title }}}}". It waits for your signature.
      - id: remind-again
        name: Remind the client again
        kind: send_email
        time: {{after: {{working_days: 4}}, at: "09:00", working_hours: true}}
        settings:
          from: SENDER
          to: ["unsigned:client"]
          reply_to: [responsible]
          subject: "{{{{ document.title }}}} still waits for your signature"
          text: |
            Dear {{{{ signer.name | default: "client" }}}},

            "{{{{ document.title }}}}" is not signed yet.
            Please write to us if something stands in the way.
  - id: overdue
    name: Overdue
    triggers:
      - id: no-answer
        kind: no_reaction
        name: Ten working days with the client
        settings: {{stage: client, after: {{working_days: 10}}}}
    rules:
      - id: tell
        name: Tell the responsible person
        kind: notify_employees
        settings:
          from: SENDER
          to: [responsible]
          subject: "{{{{ document.title }}}} is overdue"
          text: "The client has not signed {{{{ document.title }}}} for ten working days."
      - id: call
        name: Call the client
        kind: create_task
        execution: independent
        settings:
          title: "Call about {{{{ document.title }}}}"
          assignee: responsible
          deadline: {{after: {{working_days: 2}}}}
{_SIGNED}{_NOT_SIGNED}"""

SALE = f"""\
{_HEAD}
stages:
{_SENT}  - id: signed
    name: Signed, not paid
    triggers:
      - {{id: signed, kind: signed_by_all}}
    rules:
      # With a secret for Stripe, a rule request_payment before this one makes the link to pay.
      - id: ask
        name: Ask the client to pay
        kind: send_email
        settings:
          from: SENDER
          to: [client]
          reply_to: [responsible]
          subject: "Payment for {{{{ document.title }}}}"
          text: |
            Dear {{{{ signer.name | default: "client" }}}},

            thank you for signing "{{{{ document.title }}}}".
            {{% if document.amount -%}}
            Please pay {{{{ document.amount | money: document.currency }}}} within 14 days.
            {{%- else -%}}
            The invoice follows.
            {{%- endif %}}
      - id: check
        name: Check the payment
        kind: create_task
        execution: independent
        time: {{after: {{weeks: 2}}, at: "09:00", working_hours: true}}
        settings:
          title: "Has {{{{ document.title }}}} been paid?"
          assignee: responsible
          deadline: {{after: {{working_days: 2}}}}
  - id: paid
    name: Paid
    kind: success
    triggers:
      # From a connection of Stripe; for a transfer: countersign documents call DOCUMENT paid
      - {{id: paid-by-card, kind: payment_received}}
      - {{id: transfer, kind: called_by_code, settings: {{code: paid}}}}
{_NOT_SIGNED}"""

RENTAL = f"""\
{_HEAD}language: de
fields:
  mietbeginn: {{type: date, label: Mietbeginn}}
  kaution: {{type: money, label: Kaution}}
stages:
  - id: entwurf
    name: Entwurf
  - id: zur-unterschrift
    name: Zur Unterschrift
    triggers:
      - {{id: versandt, kind: sent, name: Der Mietvertrag ist versandt}}
    rules:
      - id: erinnern
        name: Mieter erinnern
        kind: send_email
        time: {{after: {{working_days: 3}}, at: "09:00", working_hours: true}}
        settings:
          from: SENDER
          to: ["unsigned:client"]
          reply_to: [responsible]
          subject: "Mietvertrag: bitte unterzeichnen"
          text: |
            Guten Tag {{{{ signer.name }}}},

            „{{{{ document.title }}}}“ wartet auf Ihre Unterschrift.
      - id: anrufen
        name: Mieter anrufen
        kind: create_task
        execution: independent
        time: {{after: {{working_days: 8}}, at: "09:00"}}
        settings:
          title: "Wegen {{{{ document.title }}}} anrufen"
          assignee: responsible
          deadline: {{after: {{working_days: 2}}}}
  - id: unterzeichnet
    name: Unterzeichnet
    kind: success
    triggers:
      - {{id: alle, kind: signed_by_all, name: Alle haben unterzeichnet}}
    rules:
      - id: bestaetigen
        name: Vertrag bestätigen
        kind: send_email
        settings:
          from: SENDER
          to: [client]
          reply_to: [responsible]
          subject: "{{{{ document.title }}}} ist unterzeichnet"
          text: |
            Guten Tag {{{{ signer.name }}}},

            alle haben unterzeichnet.
            {{%- if document.kaution %}}
            Bitte zahlen Sie die Kaution von {{{{ document.kaution | money: document.currency }}}}
            vor dem Einzug.
            {{%- endif %}}
      - id: uebergabe
        name: Übergabe vorbereiten
        kind: create_task
        execution: independent
        time: {{before: {{field: mietbeginn, days: 7}}, at: "09:00"}}
        settings:
          title: "Übergabe vorbereiten: {{{{ document.title }}}}"
          assignee: responsible
          deadline: {{after: {{working_days: 3}}}}
  - id: nicht-unterzeichnet
    name: Nicht unterzeichnet
    kind: failure
    triggers:
      - {{id: abgelehnt, kind: declined, name: Abgelehnt}}
      - {{id: abgelaufen, kind: expired, name: Abgelaufen}}
      - {{id: zurueckgezogen, kind: voided, name: Zurückgezogen}}
"""

APPROVAL = f"""\
{_HEAD}
stages:
  - id: request
    name: Request
    rules:
      - id: approve
        name: Approve what is over 10,000
        kind: create_task
        condition: {{field: amount, op: greater, value: 10000}}
        settings:
          title: "Approve {{{{ document.title }}}}"
          assignee: responsible
          deadline: {{after: {{working_days: 2}}}}
          wait: true
      - id: go-on
        name: Prepare the envelope
        kind: change_stage
        settings: {{stage: approved}}
  - id: approved
    name: Approved
{_SIGNED}"""

MINIMAL = f"""\
{_HEAD}
stages:
  - id: draft
    name: Draft
  - id: sent
    name: Sent
    triggers:
      - {{id: sent, kind: sent}}
{_SIGNED}"""

TEMPLATES: Mapping[str, Template] = {
    "signing": Template(
        SIGNING,
        {
            "en": "reminds signers, and knows what was declined or expired",
            "de": "erinnert Unterzeichner und erkennt, was abgelehnt wurde oder abgelaufen ist",
        },
    ),
    "two-parties": Template(
        TWO_PARTIES,
        {
            "en": "has us sign before the client, reminds both, and tells what is overdue",
            "de": "lässt uns vor dem Kunden unterzeichnen, erinnert beide, meldet Überfälliges",
        },
    ),
    "sale": Template(
        SALE,
        {
            "en": "asks for the payment once all have signed, and checks that it came",
            "de": "bittet nach der Unterschrift um die Zahlung und prüft, ob sie kam",
        },
    ),
    "rental-german": Template(
        RENTAL,
        {
            "en": "is a rental contract in German: reminds tenants, and prepares the handover",
            "de": "ist ein deutscher Mietvertrag: erinnert Mieter und bereitet die Übergabe vor",
        },
    ),
    "approval": Template(
        APPROVAL,
        {
            "en": "asks for approval of large amounts by a task",
            "de": "lässt große Beträge durch eine Aufgabe freigeben",
        },
    ),
    "minimal": Template(
        MINIMAL, {"en": "three stages and no rules", "de": "drei Stufen ohne Regeln"}
    ),
}


def pipeline_file(template: str, new: NewPipeline, *, today: date) -> str:
    """The file of a new pipeline, as YAML.

    NotFoundError where there is no such template, PermanentError where what is filled in does not
    fit, such as an id of other letters. ``today`` is as in ``validation.pipeline.check``.
    """
    from countersign.pipeline_files.reader import read

    if template not in TEMPLATES:
        there = ", ".join(TEMPLATES)
        raise NotFoundError(f'there is no template "{template}"; expected one of {there}')
    written = TEMPLATES[template].text
    text = _filled(in_german(written) if new.language == "de" else written, new)
    value, _, _ = read(text)
    pipeline, problems = check(value, today=today)
    if pipeline is None:
        raise PermanentError("; ".join(problem.text for problem in problems))
    return text


def default_name(pipeline: str) -> str:
    """The name of a pipeline of this id, where none is given."""
    return pipeline.replace("-", " ").capitalize()


def _filled(text: str, new: NewPipeline) -> str:
    """The template with its values, each written as YAML reads it as a text."""
    values = {
        "ID": new.id,
        "NAME": new.name or default_name(new.id),
        "SENDER": new.sender,
        "TIME_ZONE": new.time_zone,
    }
    pattern = rf"\b({'|'.join(values)})\b"
    return re.sub(pattern, lambda match: json.dumps(values[match[1]], ensure_ascii=False), text)
