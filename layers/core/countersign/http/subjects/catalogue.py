"""What can be set up: kinds of triggers and rules, and signing providers."""

from __future__ import annotations

from typing import Any

from countersign.http.call import current
from countersign.http.routes import Routes
from countersign.http.views.catalogue import (
    GroupView,
    HolidayCountryRow,
    KindRowView,
    KindView,
    PartView,
    ProviderRowView,
    ProviderView,
    SettingView,
    TranslationView,
    VocabularyView,
)
from countersign.http.views.page import PageOf
from countersign.http.views.pipelines import TemplateRow
from countersign.model.entitlements import Entitlements
from countersign.providers import named_provider
from countersign.use_cases.queries.catalogue import (
    GROUPS,
    Part,
    describe_kind,
    describe_part,
    list_kinds,
    list_providers,
    provider_row,
)

routes = Routes("catalogue")


@routes.get("/catalogue/groups")
def list_groups() -> PageOf[GroupView]:
    """List the groups of kinds, in the order in which they are shown."""
    groups = (
        GroupView(group=group, title=TranslationView.model_validate(title))
        for group, title in GROUPS.items()
    )
    return PageOf[GroupView](items=tuple(groups))


@routes.get("/catalogue/kinds")
def list_kinds_of_triggers_and_rules() -> PageOf[KindRowView]:
    """List the kinds of triggers, then those of rules."""
    rows = map(KindRowView.model_validate, list_kinds(_included()))
    return PageOf[KindRowView](items=tuple(rows))


@routes.get("/catalogue/kinds/<kind>")
def get_kind(kind: str) -> KindView:
    """Show a kind with its settings: label, help, widget, example and schema of each."""
    return KindView.model_validate(describe_kind(kind, _included()))


@routes.get("/catalogue/parts/<part>")
def get_part(part: Part) -> PartView:
    """Show the settings of a part: of a pipeline and what it has, or of every trigger or rule."""
    settings = tuple(map(SettingView.model_validate, describe_part(part)))
    return PartView(part=part, settings=settings)


@routes.get("/catalogue/vocabulary")
def get_vocabulary() -> VocabularyView:
    """Give what conditions and texts are put together of: fields, operators, template variables.

    A pipeline's own fields come to these.
    """
    from countersign.use_cases.queries.catalogue.vocabulary import describe_vocabulary

    return VocabularyView.model_validate(describe_vocabulary())


@routes.get("/catalogue/holiday-regions")
def list_holiday_regions() -> PageOf[HolidayCountryRow]:
    """List the countries whose public holidays are known, each with its regions."""
    from countersign.engine.schedule.holiday_regions import known_countries

    rows = (
        HolidayCountryRow(country=country, regions=regions)
        for country, regions in known_countries().items()
    )
    return PageOf[HolidayCountryRow](items=tuple(rows))


@routes.get("/catalogue/pipeline-schema")
def get_pipeline_schema() -> dict[str, Any]:
    """Give the JSON Schema of a pipeline, with the settings of each kind."""
    from countersign.use_cases.queries.catalogue.schema import pipeline_schema

    return pipeline_schema()


@routes.get("/catalogue/templates")
def list_templates() -> PageOf[TemplateRow]:
    """List the pipelines to begin with."""
    from countersign.use_cases.pipelines.templates import TEMPLATES

    rows = (
        TemplateRow(template=name, **template.descriptions) for name, template in TEMPLATES.items()
    )
    return PageOf[TemplateRow](items=tuple(rows))


@routes.get("/catalogue/providers")
def list_signing_providers() -> PageOf[ProviderRowView]:
    """List the signing providers, by name."""
    rows = tuple(map(ProviderRowView.model_validate, list_providers()))
    return PageOf[ProviderRowView](items=rows)


@routes.get("/catalogue/providers/<provider>")
def get_provider(provider: str) -> ProviderView:
    """Show a signing provider with the steps of setting it up, and a connection's options."""
    definition = named_provider(provider)
    row = ProviderRowView.model_validate(provider_row(provider))
    return ProviderView(
        **row.model_dump(),
        setup=definition.setup,
        options=dict(definition.options),
        credential=definition.credential,
    )


def _included() -> Entitlements:
    return current().services.cloud.entitlements.get()
