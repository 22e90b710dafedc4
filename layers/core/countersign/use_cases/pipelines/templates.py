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

SIGNING = f"""\
{_HEAD}
stages:
  - id: draft
    name: Draft
  - id: sent
    name: Sent
    triggers:
      - {{id: sent, kind: sent}}
    rules:
      - id: remind
        name: Remind those who have not signed
        kind: send_email
        time: {{after: {{working_days: 3}}, at: "09:00"}}
        settings:
          from: SENDER
          to: [unsigned]
          subject: "Please sign: {{{{ document.title }}}}"
          text: |
            Hello {{{{ signer.name }}}},

            {{{{ document.title }}}} is waiting for your signature.
  - id: signed
    name: Signed
    kind: success
    triggers:
      - {{id: signed, kind: signed_by_all}}
  - id: not-signed
    name: Not signed
    kind: failure
    triggers:
      - {{id: declined, kind: declined}}
      - {{id: expired, kind: expired}}
      - {{id: voided, kind: voided}}
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
  - id: signed
    name: Signed
    kind: success
    triggers:
      - {{id: signed, kind: signed_by_all}}
"""

MINIMAL = f"""\
{_HEAD}
stages:
  - id: draft
    name: Draft
  - id: sent
    name: Sent
    triggers:
      - {{id: sent, kind: sent}}
  - id: signed
    name: Signed
    kind: success
    triggers:
      - {{id: signed, kind: signed_by_all}}
"""

TEMPLATES: Mapping[str, Template] = {
    "signing": Template(
        SIGNING,
        {
            "en": "reminds signers, and knows what was declined or expired",
            "de": "erinnert Unterzeichner und erkennt, was abgelehnt wurde oder abgelaufen ist",
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
    text = _filled(TEMPLATES[template].text, new)
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
    return re.sub(pattern, lambda found: json.dumps(values[found[1]], ensure_ascii=False), text)
