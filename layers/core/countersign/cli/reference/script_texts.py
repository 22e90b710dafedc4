"""What the reference says of scripts: its parts, and the settings that have no text in the code."""

from __future__ import annotations

from collections.abc import Mapping

SCRIPTS = """\
A script says what happens to an envelope, and what is expected;
`countersign pipelines simulate FILE SCRIPT` plays it. Each of its `steps` is one of the steps
below, or `pause` or `resume`, which pause and resume the pipeline.

```yaml
start: 2026-03-02 09:00
envelope:
  title: Lease of the workshop
  sender: anna@acme.example
  signers: [{name: Klara Vogel, email: klara@kunde.example}]
steps:
  - event: sent
  - wait: {working_days: 3}
  - {event: signed, by: klara@kunde.example}
  - expect: {stage: signed, mails: 1, rules: {remind: done}}
```"""

SCRIPT_PARTS: Mapping[str, str] = {
    "Script": "Script",
    "Envelope": "ScriptEnvelope",
    "Signer": "ScriptSigner",
    "Connection": "ScriptConnection",
    "Answer of a web address": "ScriptAnswer",
    "Step: an event at the provider": "Event",
    "Step: a captured message": "Message",
    "Step: a wait": "WaitStep",
    "Step: until a moment": "UntilStep",
    "Step: a save by a person": "SaveStep",
    "Step: an added file": "FileStep",
    "File": "ScriptFile",
    "Step: a completed task": "Complete",
    "Step: a call by code": "Call",
    "Step: a report on a mail": "Report",
    "Step: an expectation": "Expect",
    "Expectation": "Expectation",
}
"""The parts of a script, with their names in ``simulation.script``."""

SCRIPT_TYPES: Mapping[str, str] = {
    "envelope": "[an envelope](#envelope), or in a step its name",
    "envelopes": "mapping of names to [envelopes](#envelope)",
    "connection": "[a connection](#connection)",
    "answers": "mapping of rules to [answers](#answer-of-a-web-address)",
    "steps": "list of steps",
    "add_file": "[a file](#file)",
    "sender": "an address, or a mapping with `name` and `email`",
    "signers": "list of addresses or [signers](#signer)",
    "to": "an address",
    "wait": "[a length](#times)",
    "expect": "[an expectation](#expectation)",
    "rules": "mapping of rules to [states](glossary.md#states-of-a-run)",
    "parties": "mapping with `emails`, `roles`, `company_domains`, `orders`, `strict`, `others`",
    "fields": "mapping, or of a connection a list of `source` and `field`",
}
"""What may be written in a script as a setting of that name."""

SCRIPT_SETTINGS: Mapping[str, str] = {
    "connection": "How the provider's messages become documents.",
    "steps": "What happens, in order.",
    "title": "The title of the envelope.",
    "sender": "Who sent the envelope.",
    "signers": "Who receives it.",
    "custom_fields": "Custom fields of the envelope.",
    "add_file": "The file that is added.",
    "name": "The name.",
    "email": "The e-mail address.",
    "phone": "The phone number.",
    "role": "The role at the provider.",
    "action": "What the recipient has to do.",
    "provider": "Whose messages they are.",
    "responsible": "Who is responsible for new documents; the sender unless given.",
    "parties": "The party mapping.",
    "fields": "Custom fields of the envelope that fill fields of the document.",
    "locale": "The locale in which custom fields are filled in.",
    "status": "The status: of an answer by HTTP, of an envelope at its provider.",
    "event": "What happens.",
    "reason": "The reason that the signer or sender gives.",
    "wait": "How long to wait.",
    "until": "When to go on; in the pipeline's zone unless it has an offset.",
    "move": "The stage to move to.",
    "comment": "A comment for the timeline.",
    "stop_rules": "Whether to cancel the stage's rules that have not begun.",
    "report": "What the mail service reports.",
    "rule": "The rule that sent the mail.",
    "expect": "What must be true now.",
    "stage": "The document's stage.",
}
"""Meanings of a script's settings that have no text in the code."""
