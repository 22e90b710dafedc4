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
    from babel import Locale, localedata
    from babel import UnknownLocaleError as NotKnown

    # Babel keeps what it resolves for one locale in parts that others share: after Hebrew, January
    # would be Hebrew in German, too (https://github.com/python-babel/babel/issues/1234). With
    # nothing kept, each locale is loaded with parts of its own, which reading any of it does.
    localedata._cache.clear()
    try:
        locale = Locale.parse(name.strip().replace("-", "_"))
    except (NotKnown, ValueError):
        msg = f'"{name[:40]}" is not a known locale; expected one such as en, de or fr-CH'
        raise UnknownLocaleError(msg) from None
    _ = locale.character_order
    return locale
