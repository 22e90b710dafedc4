"""What this version knows: signing providers, and the kinds of triggers and rules.

Texts are in every language; the caller shows one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from countersign.errors import NotFoundError
from countersign.model.base import Model
from countersign.model.entitlements import EVERYTHING, Entitlements
from countersign.model.pipeline import (
    Calendar,
    DailyReport,
    FieldSpec,
    KeptFor,
    MailSignature,
    MailTemplate,
    Pipeline,
    Retention,
    Rule,
    Stage,
    Trigger,
)
from countersign.model.timing import Span, Timing
from countersign.providers import PROVIDERS, named_provider
from countersign.registry import Registry
from countersign.rules import RULES
from countersign.rules.base import RuleGroup, RuleKind
from countersign.text.suggestions import close_or_all
from countersign.triggers import TRIGGERS
from countersign.triggers.base import TriggerGroup, TriggerKind
from countersign.use_cases.queries.catalogue.settings import Setting, describe_settings
from countersign.use_cases.queries.catalogue.texts import Translation

KindOf = Literal["trigger", "rule"]
Part = Literal[
    "trigger",
    "rule",
    "time",
    "duration",
    "pipeline",
    "stage",
    "field",
    "calendar",
    "mail_signature",
    "mail_template",
    "daily_report",
    "retention",
    "kept_for",
]
Kind = type[TriggerKind] | type[RuleKind]
Kinds = Registry[TriggerKind] | Registry[RuleKind]
Group = TriggerGroup | RuleGroup

GROUPS: Mapping[Group, Translation] = {
    "paperwork": Translation(en="Paperwork", de="Unterzeichnung"),
    "customer_communication": Translation(en="Customer communication", de="Kundenkommunikation"),
    "employee_alerts": Translation(en="Employee alerts", de="Benachrichtigung von Mitarbeitern"),
    "task_management": Translation(en="Task management", de="Aufgaben"),
    "element_management": Translation(en="Element management", de="Dokument bearbeiten"),
    "data": Translation(en="Data", de="Daten"),
    "automation": Translation(en="Automation", de="Automatisierung"),
    "payment": Translation(en="Payment", de="Zahlung"),
    "time": Translation(en="Time", de="Zeit"),
    "other": Translation(en="Other", de="Sonstiges"),
}
"""The groups that kinds are shown in, in that order, with their titles."""

PARTS: Mapping[Part, type[Model]] = {
    "trigger": Trigger,
    "rule": Rule,
    "time": Timing,
    "duration": Span,
    "pipeline": Pipeline,
    "stage": Stage,
    "field": FieldSpec,
    "calendar": Calendar,
    "mail_signature": MailSignature,
    "mail_template": MailTemplate,
    "daily_report": DailyReport,
    "retention": Retention,
    "kept_for": KeptFor,
}
"""What is described apart from the kinds: what every trigger or rule has beside its kind's own
settings, and the pipeline itself with its parts."""


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
    group: Group
    group_title: Translation
    title: Translation
    description: Translation
    """What it waits for, or what it does."""
    settings: tuple[str, ...]
    """The settings that are its own, as they are written."""
    locked: Translation | None = None
    """Why it may not be published: the deployment's plan does not include it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindDescription:
    """A kind of trigger or rule, with its settings as a form needs them."""

    row: KindRow
    settings: tuple[Setting, ...]
    """Those that are its own, in the order of the form."""


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


def list_kinds(entitlements: Entitlements = EVERYTHING) -> tuple[KindRow, ...]:
    """The kinds of triggers, by name, then the kinds of rules, by name.

    Those that the plan does not include are locked.
    """
    rows = (*kind_rows("trigger", TRIGGERS), *kind_rows("rule", RULES))
    return tuple(replace(row, locked=_locked(row, entitlements)) for row in rows)


def kind_rows(of: KindOf, registry: Kinds) -> tuple[KindRow, ...]:
    """The kinds of a registry, by name."""
    return tuple(_row(name, of, registry.get(name)) for name in sorted(registry.kinds))


def _locked(row: KindRow, entitlements: Entitlements) -> Translation | None:
    kinds = entitlements.trigger_kinds if row.of == "trigger" else entitlements.rule_kinds
    if entitlements.automation and (kinds is None or row.kind in kinds):
        return None
    plan, what = entitlements.plan, row.title
    if not entitlements.automation:
        what = Translation(en="Automation", de="Automatisierung")
    return Translation(
        en=f"{what.en}: not included in this deployment's plan{f' {plan}' * bool(plan)}",
        de=f"{what.de}: im Tarif{f' {plan}' * bool(plan)} dieser Installation nicht enthalten",
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


def describe_kind(name: str, entitlements: Entitlements = EVERYTHING) -> KindDescription:
    """A kind with its settings, locked where the plan does not include it.

    NotFoundError if there is none, MissingTextsError for a setting that no file describes.
    """
    of, kind = show_kind(name)
    row = _row(name, of, kind)
    row = replace(row, locked=_locked(row, entitlements))
    return KindDescription(row=row, settings=describe_settings(kind, row.settings))


def describe_part(part: Part) -> tuple[Setting, ...]:
    """The settings of a part, in the order of the form.

    MissingTextsError for one that no file describes.
    """
    model = PARTS[part]
    return describe_settings(model, model.model_fields)


def own_settings(kind: Kind) -> Iterator[str]:
    """The settings that are a kind's own, as they are written."""
    for name, field in kind.model_fields.items():
        if name != "kind" and not (name == "party" and field.default in ("company", "client")):
            yield field.alias or name


def _row(name: str, of: KindOf, kind: Kind) -> KindRow:
    return KindRow(
        kind=name,
        of=of,
        group=kind.group,
        group_title=GROUPS[kind.group],
        title=Translation(**kind.titles),
        description=Translation(**kind.descriptions),
        settings=tuple(own_settings(kind)),
    )
