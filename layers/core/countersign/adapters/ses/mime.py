"""A mail as MIME text. Whatever could be read as a further header or recipient is refused.

Headers are encoded here and then left alone: the newer policies of ``email`` read a header again
as they write it, and so would turn encoded words that came in from outside into what they encode.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.charset import QP, Charset
from email.encoders import encode_base64
from email.header import Header
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from urllib.parse import quote

from countersign.errors import PermanentError
from countersign.model.message import Attachment, Notice
from countersign.text.folding import DomainError, ascii_domain

# Lines end as RFC 5322 wants it; the rest of the policy takes headers as they are.
_POLICY = policy.compat32.clone(linesep="\r\n")
# Seven bits, as https://docs.aws.amazon.com/ses/latest/dg/send-email-raw.html asks for.
_TEXT = Charset("utf-8")
_TEXT.body_encoding = QP
LONGEST_NAME = 900
"""Characters of an attachment's name, encoded: RFC 5322 allows a line 998."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_NAMED = re.compile(r"(?P<name>[^<>]*)<(?P<spec>[^<>]*)>")
# The form that HTML's e-mail fields take, with at least one dot in the domain.
_SPEC = re.compile(
    r"[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}"
    r"@(?=.{1,253}$)[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
    r"(\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)+"
)
# Neither a message nor several parts may stand there in Base64: RFC 2046, sections 5.1 and 5.2.
_MEDIA_TYPE = re.compile(
    r"(?!message/|multipart/)[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*", re.IGNORECASE
)
_QUOTABLE = re.compile(r"[A-Za-z0-9!#$&()+,._-]+( [A-Za-z0-9!#$&()+,._-]+)*")
"""A name that every program reads alike in quotes; others are encoded as RFC 2231 says."""
_ATOMS = re.compile(r"[A-Za-z0-9]+( [A-Za-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """One e-mail address that was judged, its domain in ASCII, and the name shown beside it."""

    name: str
    spec: str

    def __str__(self) -> str:
        """As it stands in a header, in ASCII."""
        if not self.name:
            return self.spec
        if _is_plain(self.name):
            escaped = self.name.replace("\\", "\\\\").replace('"', '\\"')
            shown = self.name if _ATOMS.fullmatch(self.name) else f'"{escaped}"'
        else:
            shown = _encoded(self.name)
        return f"{shown} <{self.spec}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailAddresses:
    """Whom a mail comes from and goes to."""

    sender: EmailAddress
    to: tuple[EmailAddress, ...]
    cc: tuple[EmailAddress, ...]
    bcc: tuple[EmailAddress, ...]
    reply_to: tuple[EmailAddress, ...]


def addressed(email: Notice) -> MailAddresses:
    """The mail's addresses; ``PermanentError`` names what no mail service should be handed."""
    for name, value in _headers(email):
        if _CONTROL.search(value):
            raise PermanentError(f"{name} has a line break or control character: {value[:80]!r}")
    for attachment in email.attachments:
        if not _MEDIA_TYPE.fullmatch(attachment.media_type):
            msg = (
                f'attachment {attachment.name}: "{attachment.media_type}" is not a valid media type'
            )
            raise PermanentError(f"{msg}; expected one such as application/pdf")
        if len(quote(attachment.name)) > LONGEST_NAME:
            raise PermanentError(f"the name of the attachment {attachment.name[:40]}… is too long")
    if not (email.to or email.cc or email.bcc):
        raise PermanentError("the mail has no recipient")
    if email.text is None and email.html is None:
        raise PermanentError("the mail has neither text nor HTML")
    return MailAddresses(
        sender=_mailbox("sender", email.sender),
        to=tuple(_mailbox("to", address) for address in email.to),
        cc=tuple(_mailbox("cc", address) for address in email.cc),
        bcc=tuple(_mailbox("bcc", address) for address in email.bcc),
        reply_to=tuple(_mailbox("reply-to", address) for address in email.reply_to),
    )


def mime(email: Notice, addresses: MailAddresses) -> bytes:
    """The mail as 7-bit MIME text; without Bcc, Date and Message-ID, which are the service's."""
    message = _body(email)
    message["From"] = str(addresses.sender)
    for name, many in (
        ("To", addresses.to),
        ("Cc", addresses.cc),
        ("Reply-To", addresses.reply_to),
    ):
        if many:
            message[name] = ", ".join(map(str, many))
    subject = email.subject
    message["Subject"] = subject if _is_plain(subject) else _encoded(subject)
    return message.as_bytes(policy=_POLICY)


def _body(email: Notice) -> MIMEBase:
    texts = [(email.text, "plain"), (email.html, "html")]
    parts: list[MIMEBase] = [
        MIMEText(text.replace("\r\n", "\n"), kind, _TEXT)  # type: ignore[arg-type]
        for text, kind in texts
        if text is not None
    ]
    body = parts[0] if len(parts) == 1 else MIMEMultipart("alternative", _subparts=parts)
    if not email.attachments:
        return body
    return MIMEMultipart("mixed", _subparts=[body, *map(_attached, email.attachments)])


def _attached(attachment: Attachment) -> MIMEBase:
    main, _, sub = attachment.media_type.partition("/")
    part = MIMEBase(main, sub)
    part.set_payload(attachment.content)
    encode_base64(part)
    is_quotable = _QUOTABLE.fullmatch(attachment.name) is not None
    name = attachment.name if is_quotable else ("utf-8", "", attachment.name)
    part.add_header("Content-Disposition", "attachment", filename=name)
    return part


def _headers(email: Notice) -> Iterator[tuple[str, str]]:
    """Every text that stands in a header, with the name a person knows it by."""
    yield "subject", email.subject
    yield "sender", email.sender
    for name in ("to", "cc", "bcc", "reply_to"):
        for value in getattr(email, name):
            yield name.replace("_", "-"), value
    for attachment in email.attachments:
        yield "attachment name", attachment.name
        yield "attachment type", attachment.media_type


def _mailbox(field: str, text: str) -> EmailAddress:
    """``name@domain`` or ``Display Name <name@domain>``, one address only."""
    named = _NAMED.fullmatch(text.strip())
    name, spec = (named["name"], named["spec"]) if named else ("", text)
    local, _, domain = spec.strip().rpartition("@")
    try:
        host = ascii_domain(domain) if domain == domain.strip() else ""
    except DomainError:
        host = ""
    if not _SPEC.fullmatch(f"{local}@{host}"):
        msg = f'{field}: "{text[:200]}" is not a valid e-mail address'
        raise PermanentError(f'{msg}; expected name@domain or "Display Name <name@domain>"')
    name = name.strip()
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = name[1:-1].replace('\\"', '"')
    return EmailAddress(name, f"{local}@{host}")


def _is_plain(text: str) -> bool:
    """Whether it can stand in a header unencoded, and is not taken for something encoded.

    Words too long for a line, and spaces at the ends, survive only in encoded words.
    """
    short = all(len(word) <= 60 for word in text.split(" "))
    return text.isascii() and short and text == text.strip() and "=?" not in text


def _encoded(text: str) -> str:
    """RFC 2047 encoded words, each short enough for a line of its own."""
    return Header(text, "utf-8", maxlinelen=60).encode(linesep="")
