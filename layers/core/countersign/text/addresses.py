"""Mail addresses as they are written and as they go out: one validator for all of them.

What stands before the ``@`` must be ASCII, since Amazon SES takes nothing else there; the domain
may have any letters and goes out in Punycode.
https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_Destination.html
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from countersign.errors import PermanentError
from countersign.text.folding import DomainError, ascii_domain

LONGEST = 254
"""Characters of an address, RFC 5321 4.5.3.1.3 without its brackets."""
LONGEST_NAME = 120
"""Characters of the name beside an address."""
EXPECTED = "expected name@host.example"

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"(?=.{{1,64}}$){_ATOM}(?:\.{_ATOM})*", re.ASCII)
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+{_LABEL}", re.ASCII)
_NAMED = re.compile(r"([^<>]*[^<>\s])\s*<([^<>]*)>")
_BLANK = re.compile(r"\s")


class AddressError(PermanentError):
    """A text that is not an e-mail address that can be written to; the text says why."""


@dataclass(frozen=True, slots=True)
class NamedAddress:
    """An address, and the name that is shown beside it, if any."""

    name: str
    address: str
    """As it goes out: its domain in Punycode."""

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>" if self.name else self.address


def outgoing(text: str) -> str:
    """One plain address as it goes out, its domain in Punycode by IDNA 2008.

    AddressError for a display name, a list, blanks, letters outside ASCII before the ``@``, or a
    domain without a dot.
    """
    local, at, domain = text.rpartition("@")
    if not at or _BLANK.search(text) or not is_one_line(text):
        raise AddressError(EXPECTED)
    if not local.isascii():
        msg = "Amazon SES takes only ASCII letters before the @; ask for another address"
        raise AddressError(msg)
    if not _LOCAL.fullmatch(local):
        raise AddressError(EXPECTED)
    try:
        ascii_form = ascii_domain(domain) if not domain.isascii() else domain
    except DomainError:
        msg = f"its domain is not valid; {EXPECTED}"
        raise AddressError(msg) from None
    if not _DOMAIN.fullmatch(ascii_form) or len(local) + 1 + len(ascii_form) > LONGEST:
        raise AddressError(EXPECTED)
    return f"{local}@{ascii_form}"


def whole_domain(text: str) -> str | None:
    """The domain, in Punycode, of ``@host.example``: all addresses at that domain.

    None for what does not begin with ``@``; AddressError where no valid domain follows.
    """
    written = text.strip()
    if not written.startswith("@"):
        return None
    try:
        return outgoing(f"x{written}").rpartition("@")[2]
    except AddressError:
        msg = "expected a domain such as @host.example"
        raise AddressError(msg) from None


def problem_of(text: str) -> str | None:
    """Why the text is not an e-mail address that can be written to; None for one that is."""
    try:
        outgoing(text)
    except AddressError as error:
        return str(error)
    return None


def is_address(text: str) -> bool:
    """Whether it is one plain address that can be written to."""
    return problem_of(text) is None


def named(text: str) -> NamedAddress:
    """``name@host.example`` or ``Display Name <name@host.example>``; AddressError for others."""
    match = _NAMED.fullmatch(text.strip()) if text.strip().endswith(">") else None
    if match is None:
        return NamedAddress("", outgoing(text))
    name = match[1].strip()
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = name[1:-1].replace('\\"', '"').replace("\\\\", "\\").strip()
    if not is_one_line(name) or len(name) > LONGEST_NAME:
        msg = f"the name beside it must be on one line, of at most {LONGEST_NAME} characters"
        raise AddressError(msg)
    return NamedAddress(name, outgoing(match[2].strip()))


def is_one_line(text: str) -> bool:
    """Whether the text may go into a header: no line break and no other control character."""
    return not any(unicodedata.category(letter) in ("Cc", "Zl", "Zp", "Cs") for letter in text)
