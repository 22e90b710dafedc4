"""The signing providers: one file each; ``provider("docusign")`` loads only that one."""

from __future__ import annotations

from countersign.providers.base import Provider
from countersign.registry import Registry, UnknownKindError

# The registry hands out concrete classes only; mypy has no way to say so of an abstract base.
PROVIDERS = Registry("countersign.providers", Provider, "provider")  # type: ignore[type-abstract]


def named_provider(name: str) -> Provider:
    """The provider that a person names; ``UnknownKindError`` also says which is close."""
    if name not in PROVIDERS.kinds and (hint := PROVIDERS.hint(name)):
        msg = f'provider "{name}" is unknown; this version has {", ".join(PROVIDERS.kinds)}{hint}'
        raise UnknownKindError(msg)
    return provider(name)


def provider(name: str) -> Provider:
    """The provider of that name; ``UnknownKindError`` names those there are."""
    return PROVIDERS.get(name)()
