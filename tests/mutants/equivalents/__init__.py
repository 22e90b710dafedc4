"""Mutants that no test can kill: what they change makes no difference that anybody could see."""

from __future__ import annotations

from tests.mutants.equivalents.engine import ENGINE
from tests.mutants.equivalents.known import Equivalent
from tests.mutants.equivalents.outside import OUTSIDE
from tests.mutants.equivalents.use_cases import USE_CASES

EQUIVALENT: tuple[Equivalent, ...] = (*ENGINE, *USE_CASES, *OUTSIDE)
