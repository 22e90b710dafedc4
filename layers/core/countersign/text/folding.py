"""Comparing text as people read it: one folding for names, roles, choices, values and addresses.

Two texts are the same for a reader where their foldings are equal. Foldings are for comparing
alone; what is shown or stored is the text itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from unicodedata import normalize

from countersign.errors import PermanentError

_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
"""Soft hyphen, zero-width space, word joiner, byte order mark. The joiners U+200C and U+200D stay:
in some scripts and in emoji they make a difference that is seen."""
_DOT_ABOVE_I = re.compile("i\u0307")
_DOTLESS_I = "\u0131"


class DomainError(PermanentError):
    """A text that is not a valid domain name; the text says what is wrong with it."""


def fold(text: str) -> str:
    """Text without regard to case, to how its accents are encoded, and to which blanks part it.

    Runs of blanks of any kind (a no-break space, a tab, a line break) are one space, those at the
    ends are dropped, and so is what cannot be seen. The Turkish i with and without its dot folds to
    i. Idempotent: ``fold(fold(text)) == fold(text)``.
    """
    if text.isascii():
        return " ".join(text.lower().split())
    return _folded(text)


@lru_cache(maxsize=4096)
def _folded(text: str) -> str:
    before = None
    while text != before:
        before = text
        text = normalize("NFD", _INVISIBLE.sub("", text)).casefold()
        text = _DOT_ABOVE_I.sub("i", normalize("NFD", text).replace(_DOTLESS_I, "i"))
        text = " ".join(normalize("NFC", text).split())
    return text


def same(text: str | None, other: str | None) -> bool:
    """Whether two texts read the same; two that are missing or blank do not."""
    return bool(folded := fold(text or "")) and folded == fold(other or "")


def ascii_domain(domain: str) -> str:
    """A domain as mail and web servers know it: lower case, Punycode by IDNA 2008.

    ``müller.example`` is ``xn--mller-kva.example``, ``straße.example`` is
    ``xn--strae-oqa.example``, another domain than ``strasse.example``. A dot at the end is dropped.

    Raises DomainError for what is not a domain name.
    """
    name = domain.strip().removesuffix(".")
    try:
        if name.isascii():
            if not _ASCII_DOMAIN.fullmatch(name):
                msg = f"{name[:80]!r} is not a valid domain name"
                raise DomainError(msg)
            if "xn--" not in name.lower():
                return name.lower()
        import idna  # Its tables take some milliseconds to load, and most domains are ASCII.

        return str(idna.encode(name, uts46=True, transitional=False).decode()).lower()
    except (UnicodeError, ValueError) as error:
        msg = f"{name[:80]!r} is not a valid domain name: {error}"
        raise DomainError(msg) from error


_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_ASCII_DOMAIN = re.compile(rf"(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})*")


def ascii_address(address: str) -> str:
    """An e-mail address with its domain as mail servers know it; what stands before ``@`` stays.

    Raises DomainError where there is no domain, or none that is valid.
    """
    local, at, domain = address.strip().rpartition("@")
    if not at or not local:
        msg = f"{address[:80]!r} has no domain; expected name@host.example"
        raise DomainError(msg)
    return f"{local}@{ascii_domain(domain)}"


@lru_cache(maxsize=4096)
def fold_domain(domain: str) -> str:
    """A domain for comparing; one that is not valid is folded as text."""
    try:
        return ascii_domain(domain)
    except DomainError:
        return fold(domain)


@lru_cache(maxsize=4096)
def fold_address(address: str) -> str:
    """An e-mail address for comparing: case, accents and Punycode make no difference."""
    local, at, domain = address.strip().rpartition("@")
    return f"{fold(local)}@{fold_domain(domain)}" if at else fold(address)


def domain_of(address: str | None) -> str | None:
    """The domain of an e-mail address for comparing, or None."""
    if not address or "@" not in address:
        return None
    return fold_domain(address.rpartition("@")[2]) or None


def same_address(address: str | None, other: str | None) -> bool:
    """Whether two e-mail addresses are the same; two that are missing are not."""
    return (
        bool(address and address.strip())
        and bool(other)
        and fold_address(address) == fold_address(other or "")
    )


def unique(addresses: Iterable[str], seen: Iterable[str] = ()) -> tuple[str, ...]:
    """Each e-mail address once, as it is first written, without those in ``seen``."""
    known = {fold_address(address) for address in seen}
    kept: dict[str, str] = {}
    for address in addresses:
        if (folded := fold_address(address)) not in known:
            kept.setdefault(folded, address)
    return tuple(kept.values())
