"""The trigger kinds: one file each; a kind's module is loaded when first asked for."""

from __future__ import annotations

from countersign.registry import Registry
from countersign.triggers.base import TriggerKind

TRIGGERS = Registry("countersign.triggers", TriggerKind, "trigger kind")
