"""The templates of ``pipelines init``: whole pipelines whose names and addresses are filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Template(NamedTuple):
    """A pipeline to begin with."""

    text: str
    """The file, with ID, NAME, SENDER and TIME_ZONE where the values go."""
    describes: str
    """What it does, in a few words."""


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
    "signing": Template(SIGNING, "reminds signers, and knows what was declined or expired"),
    "approval": Template(APPROVAL, "asks for approval of large amounts by a task"),
    "minimal": Template(MINIMAL, "three stages and no rules"),
}
