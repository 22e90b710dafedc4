"""Mail domains at which anybody can get an address: they say nothing about a person's company."""

from __future__ import annotations

from countersign.text.folding import fold_domain

_FREE = frozenset(
    {
        "aol.com",
        "bluewin.ch",
        "free.fr",
        "freenet.de",
        "gmail.com",
        "gmx.at",
        "gmx.ch",
        "gmx.com",
        "gmx.de",
        "gmx.net",
        "googlemail.com",
        "hotmail.com",
        "hotmail.de",
        "icloud.com",
        "laposte.net",
        "libero.it",
        "live.com",
        "mac.com",
        "mail.com",
        "mail.de",
        "mail.ru",
        "me.com",
        "msn.com",
        "orange.fr",
        "outlook.com",
        "outlook.de",
        "posteo.de",
        "proton.me",
        "protonmail.com",
        "qq.com",
        "t-online.de",
        "web.de",
        "wp.pl",
        "yahoo.com",
        "yahoo.de",
        "yandex.ru",
    }
)


def is_free_mail(domain: str) -> bool:
    """Whether anybody can get a mail address at the domain."""
    return fold_domain(domain) in _FREE
