"""Locales by name: ``de``, ``fr-CH``. Babel, which knows them, is loaded when first asked."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from countersign.errors import PermanentError

if TYPE_CHECKING:
    from babel import Locale


class UnknownLocaleError(PermanentError):
    """A name that is not a locale; the text says what is expected."""


@lru_cache(maxsize=64)
def locale_of(name: str) -> Locale:
    """The locale of that name, with ``-`` or ``_`` between its parts.

    Raises UnknownLocaleError, whose text begins with the name.
    """
    from babel import Locale
    from babel import UnknownLocaleError as NotKnown

    try:
        return Locale.parse(name.strip().replace("-", "_"))
    except (NotKnown, ValueError):
        msg = f'"{name[:40]}" is not a known locale; expected one such as en, de or fr-CH'
        raise UnknownLocaleError(msg) from None
