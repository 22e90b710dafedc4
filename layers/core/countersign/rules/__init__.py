"""The rule kinds: one file each; a kind's module is loaded when first asked for."""

from __future__ import annotations

from countersign.registry import Registry
from countersign.rules.base import RuleKind

RULES = Registry("countersign.rules", RuleKind, "rule kind")
