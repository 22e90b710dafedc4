"""The signing providers: one file each; ``provider("docusign")`` loads only that one."""

from __future__ import annotations

from countersign.providers.base import Provider
from countersign.registry import Registry

# The registry hands out concrete classes only; mypy has no way to say so of an abstract base.
PROVIDERS = Registry("countersign.providers", Provider, "provider")  # type: ignore[type-abstract]


def provider(name: str) -> Provider:
    """The provider of that name; ``UnknownKindError`` names those there are."""
    return PROVIDERS.get(name)()
