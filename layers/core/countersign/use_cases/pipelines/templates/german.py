"""The templates of new pipelines in German: the names that people see, and the texts of mails."""

from __future__ import annotations

import re
from collections.abc import Mapping

_LINE = re.compile(r"(\s*(?:# |(?:name|subject|title|text): )?)(.*)")
"""A line of a template: what it begins with, and the words of it."""

GERMAN: Mapping[str, str] = {
    # --- stages
    "Approved": "Freigegeben",
    "Draft": "Entwurf",
    "Not signed": "Nicht unterzeichnet",
    "Overdue": "Überfällig",
    "Paid": "Bezahlt",
    "Request": "Anfrage",
    "Sent": "Versandt",
    "Signed": "Unterzeichnet",
    "Signed, not paid": "Unterzeichnet, nicht bezahlt",
    "With the client": "Beim Kunden",
    "With us": "Bei uns",
    # --- triggers and rules
    "Approve what is over 10,000": "Freigeben, was über 10.000 liegt",
    "Ask the client to pay": "Kunden um Zahlung bitten",
    "Call the client": "Kunden anrufen",
    "Check the payment": "Zahlung prüfen",
    "Prepare the envelope": "Umschlag vorbereiten",
    "Remind our signers": "Eigene Unterzeichner erinnern",
    "Remind the client": "Kunden erinnern",
    "Remind the client again": "Kunden erneut erinnern",
    "Remind those who have not signed": "Erinnern, wer nicht unterzeichnet hat",
    "Tell the responsible person": "Verantwortlichen benachrichtigen",
    "Ten working days with the client": "Zehn Arbeitstage beim Kunden",
    # --- subjects and titles
    "Approve {{ document.title }}": "{{ document.title }} freigeben",
    "Call about {{ document.title }}": "Wegen {{ document.title }} anrufen",
    "Has {{ document.title }} been paid?": "Ist {{ document.title }} bezahlt?",
    "Payment for {{ document.title }}": "Zahlung für {{ document.title }}",
    "Please sign: {{ document.title }}": "Bitte unterzeichnen: {{ document.title }}",
    "{{ document.title }} is overdue": "{{ document.title }} ist überfällig",
    "{{ document.title }} still waits for your signature": (
        "{{ document.title }} wartet noch auf Ihre Unterschrift"
    ),
    # --- texts, line by line
    '"{{ document.title }}" is not signed yet.': (
        "„{{ document.title }}“ ist noch nicht unterzeichnet."
    ),
    'Dear {{ signer.name | default: "client" }},': "Guten Tag {{ signer.name }},",
    "Hello {{ signer.name }},": "Guten Tag {{ signer.name }},",
    "Please pay {{ document.amount | money: document.currency }} within 14 days.": (
        "Bitte zahlen Sie {{ document.amount | money: document.currency }} innerhalb von 14 Tagen."
    ),
    "Please write to us if something stands in the way.": (
        "Bitte schreiben Sie uns, falls etwas im Weg steht."
    ),
    "The client has not signed {{ document.title }} for ten working days.": (
        "Der Kunde hat {{ document.title }} seit zehn Arbeitstagen nicht unterzeichnet."
    ),
    "The invoice follows.": "Die Rechnung folgt.",
    'thank you for signing "{{ document.title }}".': (
        "vielen Dank für Ihre Unterschrift unter „{{ document.title }}“."
    ),
    'we have signed "{{ document.title }}". It waits for your signature.': (
        "wir haben „{{ document.title }}“ unterzeichnet. Es wartet auf Ihre Unterschrift."
    ),
    "{{ document.title }} goes to the client once you have signed it.": (
        "{{ document.title }} geht an den Kunden, sobald Sie unterzeichnet haben."
    ),
    "{{ document.title }} is waiting for your signature.": (
        "{{ document.title }} wartet auf Ihre Unterschrift."
    ),
    # --- comments
    "From a connection of Stripe; for a transfer: countersign documents call DOCUMENT paid": (
        "Von einer Verbindung mit Stripe; bei Überweisung: countersign documents call DOCUMENT paid"
    ),
    "With a secret for Stripe, a rule request_payment before this one makes the link to pay.": (
        "Mit einem Geheimnis für Stripe macht davor eine Regel request_payment den Zahlungslink."
    ),
    "holidays: DE-BY   # the public holidays of your country or region": (
        "holidays: DE-BY   # die Feiertage Ihres Landes"
    ),
}
"""The words of the templates, by their English."""

_LANGUAGE = "language: de\n"


def in_german(template: str) -> str:
    """The template with German words; its ids stay as they are."""
    text = "\n".join(map(_line, template.split("\n")))
    if _LANGUAGE in text:
        return text
    return text.replace("\nstages:\n", f"\n{_LANGUAGE}stages:\n", 1)


def _line(line: str) -> str:
    match = _LINE.fullmatch(line)
    begin, words = (match[1], match[2]) if match else ("", line)
    if words in GERMAN:
        return f"{begin}{GERMAN[words]}"
    if words[:1] == words[-1:] == '"' and words[1:-1] in GERMAN:
        return f'{begin}"{GERMAN[words[1:-1]]}"'
    return line
