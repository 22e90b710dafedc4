"""A text of ours in an answer, in the caller's language."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from countersign.http.call import language_of_call
from countersign.http.problems import in_language


def _translated(text: str) -> str:
    return in_language(text, language_of_call())


Message = Annotated[str, AfterValidator(_translated)]
"""What the core says in English; German where the caller reads it and the catalogue has it."""
