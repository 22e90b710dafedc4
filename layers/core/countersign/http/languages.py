"""The language of texts that the API writes itself."""

from __future__ import annotations

from collections.abc import Mapping

from countersign.model.person import Language

LANGUAGES: Mapping[str, Language] = {"en": "en", "de": "de"}
"""By their tags."""


def language_of(accept_language: str | None) -> Language:
    """The language that a request prefers of those there are; English unless it says otherwise.

    https://www.rfc-editor.org/rfc/rfc9110#field.accept-language
    """
    preferred: Language = "en"
    if accept_language is None:
        return preferred
    best = 0.0
    for part in accept_language.lower().split(","):
        tag, _, parameters = part.partition(";")
        language = tag.strip().partition("-")[0]
        quality = _quality(parameters)
        if quality > best and language in LANGUAGES:
            preferred, best = LANGUAGES[language], quality
    return preferred


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0
