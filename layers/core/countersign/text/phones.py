"""Phone numbers as people write them, in E.164: a plus, the country's code, and digits only.

What is valid within a country its operators know; here only prefixes and lengths are judged.
https://www.itu.int/oth/T0202.aspx?parent=T0202 has each country's plan.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_E164 = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_BETWEEN = re.compile(r"\(0\)|[\s()/.\u2010-\u2013-]")
"""What people write into a number for readers, the zero of calls within the country included."""
_DIGITS = re.compile(r"\d+", re.ASCII)


@dataclass(frozen=True, slots=True)
class NumberingPlan:
    """How numbers are written within a country."""

    code: str
    trunk: str
    """What stands before a number that is called from within the country; empty where nothing
    does."""
    shortest: int
    longest: int
    """Digits of a number without its trunk prefix."""
    optional: bool = False
    """Whether the trunk prefix may be left out."""


PLANS: Mapping[str, NumberingPlan] = {
    "AT": NumberingPlan("43", "0", 4, 13),
    "BE": NumberingPlan("32", "0", 8, 9),
    "BG": NumberingPlan("359", "0", 7, 9),
    "CA": NumberingPlan("1", "1", 10, 10, optional=True),
    "CH": NumberingPlan("41", "0", 9, 9),
    "CZ": NumberingPlan("420", "", 9, 9),
    "DE": NumberingPlan("49", "0", 5, 13),
    "DK": NumberingPlan("45", "", 8, 8),
    "EE": NumberingPlan("372", "", 7, 8),
    "ES": NumberingPlan("34", "", 9, 9),
    "FI": NumberingPlan("358", "0", 5, 12),
    "FR": NumberingPlan("33", "0", 9, 9),
    "GB": NumberingPlan("44", "0", 9, 10),
    "GR": NumberingPlan("30", "", 10, 10),
    "HR": NumberingPlan("385", "0", 8, 9),
    "HU": NumberingPlan("36", "06", 8, 9),
    "IE": NumberingPlan("353", "0", 7, 9),
    "IT": NumberingPlan("39", "", 8, 11),
    "LI": NumberingPlan("423", "", 7, 7),
    "LU": NumberingPlan("352", "", 6, 11),
    "LV": NumberingPlan("371", "", 8, 8),
    "NL": NumberingPlan("31", "0", 9, 9),
    "NO": NumberingPlan("47", "", 8, 8),
    "PL": NumberingPlan("48", "", 9, 9),
    "PT": NumberingPlan("351", "", 9, 9),
    "RO": NumberingPlan("40", "0", 9, 9),
    "SE": NumberingPlan("46", "0", 7, 9),
    "SI": NumberingPlan("386", "0", 8, 8),
    "SK": NumberingPlan("421", "0", 9, 9),
    "US": NumberingPlan("1", "1", 10, 10, optional=True),
}
"""By country, as ISO 3166 writes it. In Italy the zero is a part of the number."""


def e164(text: str, country: str | None = None) -> str | None:
    """The number in E.164; None where it is none, or has no country and none is given.

    A number that begins neither with a plus nor with 00 is one of ``country``, written as it is
    called from within.
    """
    digits = _BETWEEN.sub("", text)
    digits = f"+{digits[2:]}" if digits.startswith("00") else digits
    if not digits.startswith("+"):
        plan = PLANS.get(country or "")
        digits = (plan and _international(digits, plan)) or ""
    return digits if _E164.fullmatch(digits) else None


def _international(digits: str, plan: NumberingPlan) -> str | None:
    has_trunk = bool(plan.trunk) and digits.startswith(plan.trunk)
    if not has_trunk and plan.trunk and not plan.optional:
        return None  # it may begin with a country's code as well, without its plus
    own = digits.removeprefix(plan.trunk) if has_trunk else digits
    fits = plan.shortest <= len(own) <= plan.longest and _DIGITS.fullmatch(own)
    return f"+{plan.code}{own}" if fits else None
