"""The option of a connection that says how old a signed time may be."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

MAX_AGE_HOURS = "max_age_hours"
AGE_OPTION: Mapping[str, str] = MappingProxyType(
    {MAX_AGE_HOURS: "Age of the oldest signed time that is accepted, in whole hours; 0 for any."}
)
"""The options of a provider that signs the time."""


def is_hours(text: str) -> bool:
    """Whether it is a number of whole hours, of six digits at most."""
    return text.isascii() and text.isdecimal() and len(text) <= 6
