"""Faults about what mails say, who they come from, and what machines make of them."""

from __future__ import annotations

from tests.crash.plantable import Planted

_MAIL_EVENT = "triggers/_shared/mail_event.py"
_LINKS = "providers/_toolkit/links.py"

MAILS: tuple[Planted, ...] = (
    # --- opens and clicks
    Planted(
        "a machine's open fires a trigger that did not ask for it",
        _MAIL_EVENT,
        "if happening.automated and not self.automated:",
        "if False:",
    ),
    Planted(
        "a machine's open and a person's at one moment are one",
        "model/mail_event.py",
        'return f"{key}:automated" if self.automated else key',
        "return key",
    ),
    Planted(
        "it is forgotten that a machine opened a mail",
        "engine/runs/mail_events.py",
        "automated=report.automated,",
        "automated=False,",
    ),
    # --- texts
    Planted(
        "what a text says becomes markup in the HTML that is made from it",
        "text/html.py",
        "    return text.translate(_ESCAPED)",
        "    return text",
    ),
    Planted(
        "a rule's own text goes out beside its template's HTML",
        "rules/_shared/mail_texts.py",
        'if part == "subject" or not (self.has_body or (part == "html" and self.plain)):',
        'if not (part == "html" and self.plain):',
    ),
    Planted(
        "a mail is signed though its rule wants none",
        "rules/_shared/email_rule.py",
        "if self.is_signed and context.pipeline.signature is not None:",
        "if context.pipeline.signature is not None:",
    ),
    Planted(
        "a plan does not say whose mails a signature changes",
        "engine/validation/diff.py",
        "        return mail_texts.signed_rules(pipeline)",
        "        return ()",
    ),
    Planted(
        "an address that ends like a sender's domain is taken for one of it",
        "rules/_shared/senders.py",
        "return domain is not None and fold_domain(domain) == domain_of(address)",
        "return domain is not None and address.endswith(domain)",
    ),
    Planted(
        "a preview does not say why a mail cannot be made",
        "use_cases/queries/previews/mail_preview.py",
        "return PreviewedMail(to=whom, reason=str(error))",
        "return PreviewedMail(to=whom)",
    ),
    # --- whose link to sign it is
    Planted(
        "the first of several links is given",
        _LINKS,
        "if len(links) > 1:",
        "if False:",
    ),
    # --- files by command
    Planted(
        "bytes that were exchanged on their way are written",
        "use_cases/documents/file_transfers.py",
        "if hashlib.sha256(content).hexdigest() != file.sha256:",
        "if not content:",
    ),
)
