"""The mail service's reports: what each says of the run, of the document, and to people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from countersign.engine.runs.lifecycle import finished
from countersign.engine.runs.mail_series import reported
from countersign.model.document import Document
from countersign.model.document_event import DocumentEvent, HappeningKind
from countersign.model.mail_event import FeedbackKind, MailEvent
from countersign.model.run import CONCLUDED, Run
from countersign.model.signing_event import Signer
from countersign.text.folding import same_address

HAPPENINGS: Mapping[FeedbackKind, HappeningKind] = {
    "delivered": "mail.delivered",
    "delayed": "mail.delayed",
    "bounced": "mail.bounced",
    "complained": "mail.complained",
    "opened": "mail.opened",
    "clicked": "mail.clicked",
    "rejected": "mail.rejected",
    "rendering_failed": "mail.rejected",
}
"""What a report is to the document; ``sent`` says nothing that the run does not."""

REFUSALS: frozenset[FeedbackKind] = frozenset({"rejected", "rendering_failed"})

LONGEST_TEXT = 500
"""Characters of a mail server's words that a timeline shows."""


def resolve(run: Run, report: MailEvent, *, now: datetime) -> Run | None:
    """The run as the report leaves it; None where it says nothing new of the run.

    Every report but a refusal proves that the mail went out, one on a machine's open too: there
    was a mail to open. A mail that was taken and then refused fails its run even after it was done;
    a mail that was refused once and is tried again is another mail, so late reports on the first
    say nothing of it.
    """
    if run.mails:
        return _resolve_one(run, report, now=now)
    known = run.result.get("message_id") == report.message_id
    values = {"message_id": report.message_id, "to": ", ".join(report.recipients)}
    result = {name: text for name, text in values.items() if text}
    if report.kind in REFUSALS:
        if known == (run.state == "done") and run.state in ("running", "in_doubt", "done"):
            reason = f"the mail service refused to send the mail: {report.detail or 'no reason'}"
            return finished(run, "failed", reason, now=now, result=result)
        return None
    # Tried before and ready again: the try that seemed to have failed did send the mail.
    doubtful = run.state in ("running", "in_doubt") or (run.state == "ready" and run.started_at)
    if not doubtful or known:
        return None
    reason = f"the mail service reported the mail as {report.kind}"
    return finished(run, "done", reason, now=now, result=result)


def _resolve_one(run: Run, report: MailEvent, *, now: datetime) -> Run | None:
    """The same for a run of several mails: the report speaks of one of them."""
    index = -1 if report.mail is None else report.mail
    if not 0 <= index < len(run.mails):
        return None
    mail = run.mails[index]
    known = mail.message_id == report.message_id
    if report.kind in REFUSALS:
        if known != (mail.state == "sent") or mail.state not in ("sending", "sent"):
            return None
        reason = f"the mail service refused to send the mail: {report.detail or 'no reason'}"
        failed = {"state": "failed", "message_id": report.message_id, "reason": reason}
        return reported(run, index, mail.model_copy(update=failed), now=now)
    if known or mail.state not in ("open", "sending") or run.state in CONCLUDED:
        return None
    sent = {"state": "sent", "message_id": report.message_id, "reason": None}
    return reported(run, index, mail.model_copy(update=sent), now=now)


def happening_of(
    report: MailEvent, document: Document, run: Run | None = None
) -> DocumentEvent | None:
    """What the report is to triggers and the timeline, if anything.

    ``run`` tells which signer a mail went to where several share an address.
    """
    kind = HAPPENINGS.get(report.kind)
    if kind is None:
        return None
    detail = {"rule": report.run.rule, "message_id": report.message_id, "link": report.link}
    return DocumentEvent(
        kind=kind,
        at=report.at,
        signer=_recipient(report, document, run),
        reason=report.detail[:LONGEST_TEXT] if report.detail else None,
        detail={name: text for name, text in detail.items() if text},
        key=report.key,
        automated=report.automated,
    )


def _recipient(report: MailEvent, document: Document, run: Run | None) -> Signer | None:
    """The signer that a report on one address speaks of, if it is one's."""
    if len(report.recipients) != 1:
        return None
    (address,) = report.recipients
    there = [signer for signer in document.signers if same_address(signer.email, address)]
    if run is not None and report.mail is not None and report.mail < len(run.mails):
        named = run.mails[report.mail].signer
        there.sort(key=lambda signer: signer.id != named)
    return there[0] if there else None


def sentence(report: MailEvent) -> str:
    """The report as a line of the timeline."""
    who = ", ".join(report.recipients) or "its recipients"
    mail = f"the mail of {report.run.rule}"
    by = " by a machine" if report.automated else ""
    link = (report.link or "")[:LONGEST_TEXT]
    return {
        "sent": f"{mail} was sent to {who}",
        "delivered": f"{mail} was delivered to {who}",
        "delayed": f"{mail} to {who} is delayed; the mail service goes on trying",
        "bounced": f"{mail} to {who} came back",
        "complained": f"{who} marked {mail} as unwanted",
        "opened": f"{mail} to {who} was opened{by}",
        "clicked": f"a link in {mail} to {who} was clicked{by}: {link}",
        "rejected": f"the mail service refused to send {mail}",
        "rendering_failed": f"the mail service refused to send {mail}",
    }[report.kind]
