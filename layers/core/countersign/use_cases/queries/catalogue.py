"""What this version knows: signing providers, and the kinds of triggers and rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from countersign.errors import NotFoundError
from countersign.providers import PROVIDERS, named_provider
from countersign.registry import Registry
from countersign.rules import RULES
from countersign.rules.base import RuleKind
from countersign.text.suggestions import close_or_all
from countersign.triggers import TRIGGERS
from countersign.triggers.base import TriggerKind

KindOf = Literal["trigger", "rule"]
Kind = type[TriggerKind] | type[RuleKind]
Kinds = Registry[TriggerKind] | Registry[RuleKind]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRow:
    """A signing provider of the list."""

    provider: str
    title: str
    authenticity: str
    """How its messages are authenticated."""
    retries: str
    """How it retries, in words."""
    api_support: tuple[str, ...]
    """What its API is used for."""
    secrets_chosen_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KindRow:
    """A kind of trigger or rule of the list."""

    kind: str
    of: KindOf
    group: str
    description: str
    """In English."""
    settings: tuple[str, ...]
    """The settings that are its own, as they are written."""


def list_providers() -> tuple[ProviderRow, ...]:
    """The signing providers, by name."""
    return tuple(provider_row(name) for name in sorted(PROVIDERS.kinds))


def provider_row(name: str) -> ProviderRow:
    """One signing provider; UnknownKindError names those there are."""
    provider = named_provider(name)
    return ProviderRow(
        provider=name,
        title=provider.title,
        authenticity=provider.authenticity,
        retries=provider.retries,
        api_support=tuple(provider.offers()),
        secrets_chosen_by=provider.secrets_chosen_by,
    )


def list_kinds() -> tuple[KindRow, ...]:
    """The kinds of triggers, by name, then the kinds of rules, by name."""
    return (*kind_rows("trigger", TRIGGERS), *kind_rows("rule", RULES))


def kind_rows(of: KindOf, registry: Kinds) -> tuple[KindRow, ...]:
    """The kinds of a registry, by name."""
    kinds = ((name, registry.get(name)) for name in sorted(registry.kinds))
    return tuple(
        KindRow(
            kind=name,
            of=of,
            group=kind.group,
            description=kind.descriptions["en"],
            settings=tuple(own_settings(kind)),
        )
        for name, kind in kinds
    )


def kind_names() -> tuple[str, ...]:
    """The names of the kinds, as ``list_kinds`` lists them; no kind is loaded for it."""
    return (*sorted(TRIGGERS.kinds), *sorted(RULES.kinds))


def show_kind(name: str) -> tuple[KindOf, Kind]:
    """A kind, and what it is a kind of. NotFoundError, with the names that are close, if none."""
    if name in TRIGGERS.kinds:
        return "trigger", TRIGGERS.get(name)
    if name in RULES.kinds:
        return "rule", RULES.get(name)
    raise NotFoundError(f'there is no kind "{name}"; {close_or_all(name, kind_names())}')


def own_settings(kind: Kind) -> Iterator[str]:
    """The settings that are a kind's own, as they are written."""
    for name, field in kind.model_fields.items():
        if name != "kind" and not (name == "party" and field.default in ("company", "client")):
            yield field.alias or name
