"""Faults about files that go with mails, and about links to sign, which are keys."""

from __future__ import annotations

from tests.crash.plantable import Planted

_EMAIL_RULE = "rules/_shared/email_rule.py"
_EMAIL = "use_cases/effects/email.py"
_API = "use_cases/effects/provider_api.py"
_ATTACHMENTS = "use_cases/effects/attachments.py"
_PROVIDER_FILES = "use_cases/effects/provider_files.py"

FILES: tuple[Planted, ...] = (
    # --- links to sign
    Planted(
        "who gets a copy of a mail gets its link to sign, too",
        _EMAIL_RULE,
        "alone = not (cc or bcc) and len(to) == 1",
        "alone = len(to) == 1",
    ),
    Planted(
        "a link to sign goes to whoever the mail goes to",
        _EMAIL_RULE,
        "if signer is None or only is None or not same_address(signer.email, only):",
        "if signer is None:",
    ),
    Planted(
        "a text that does not name the link to sign can reach it",
        _EMAIL_RULE,
        "if self.may_link_to_sign and _label_of_link(sources) is not None:",
        "if context.pipeline is not None:",
    ),
    Planted(
        "a tracked mail has a link to sign",
        "rules/send_email.py",
        "        if not self.track:\n            return None\n",
        "        if self.kind:\n            return None\n",
    ),
    Planted(
        "several mails go with the placeholder of the link to sign",
        _EMAIL,
        "if is_linked:",
        "if is_linked and index == first:",
    ),
    Planted(
        "making mails twice uses up what making them once may take",
        _EMAIL,
        "signing_link=self._signing_link(context), work=RenderingBudget()",
        "signing_link=self._signing_link(context), work=context.work",
    ),
    Planted(
        "an error quotes the answer that was to have a link to sign",
        _API,
        'account.check(_unquoted(answer) if wanted == "the link to sign" else answer)',
        "account.check(answer)",
    ),
    Planted(
        "a link is fetched for an envelope that is over",
        _API,
        "if document.status in OVER:",
        "if document.status is None:",
    ),
    Planted(
        "a provider that knows signers by address gives one the other's link",
        _API,
        "if account.provider.links_by_address:",
        "if account.provider.reminds_all:",
    ),
    Planted(
        "half an answer has no link to sign for good",
        _API,
        "if answer.cut and len(answer.body) < most:",
        "if answer.cut and len(answer.body) < 0:",
    ),
    Planted(
        "the timeline has the token of a link to a file that was clicked",
        "use_cases/messages/mail_events.py",
        'update={"link": without_keys(report.link)}',
        'update={"link": report.link}',
    ),
    # --- files
    Planted(
        "a file that two names mean goes twice",
        _ATTACHMENTS,
        "for file in self._named(name, document) if file not in files]",
        "for file in self._named(name, document)]",
    ),
    Planted(
        "a mail goes without the file whose bytes are gone",
        _ATTACHMENTS,
        "            content = self.files.get(document.id, file)\n",
        "            content = self.files.get(document.id, file)\n"
        "            if content is None:\n                continue\n",
    ),
    Planted(
        "a signed PDF that is kept is fetched anew",
        _PROVIDER_FILES,
        "if there := document.files_of(kind):\n            return there[0]\n        _check",
        "if (there := document.files_of(kind)) and not there[0].size:\n"
        "            return there[0]\n        _check",
    ),
    Planted(
        "a name of an attachment that looks encoded is another's",
        "adapters/ses/mime.py",
        "is_quotable = _QUOTABLE.fullmatch(attachment.name) is not None",
        "is_quotable = attachment.name.isascii()",
    ),
)
