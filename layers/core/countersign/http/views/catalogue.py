"""What can be set up, as the API has it: groups, kinds with their settings, providers."""

from __future__ import annotations

from typing import Any, Literal

from countersign.http.views.base import View
from countersign.http.views.message import Message
from countersign.model.pipeline import FieldType
from countersign.use_cases.queries.catalogue import Part


class TranslationView(View):
    """A text in every language."""

    en: str
    de: str


class GroupView(View):
    """A group that kinds are shown in."""

    group: str
    title: TranslationView


class KindRowView(View):
    """A kind of trigger or rule."""

    kind: str
    of: Literal["trigger", "rule"]
    group: str
    title: TranslationView
    description: TranslationView
    settings: tuple[str, ...]
    """Names of the settings that are its own."""
    locked: TranslationView | None
    """Why it may not be published; null where the deployment's plan includes it."""


class ChoiceView(View):
    """A value that a setting takes."""

    value: str
    label: TranslationView


class SettingView(View):
    """A setting as a form needs it."""

    name: str
    order: int
    widget: str
    label: TranslationView
    help: TranslationView
    syntax: TranslationView | None
    """How it is written in the pipeline file, where that is more than what the form shows."""
    example: Any
    required: bool
    default: Any
    choices: tuple[ChoiceView, ...]
    json_schema: dict[str, Any]
    """Of its value."""


class KindView(View):
    """A kind with its settings, in the order of the form."""

    row: KindRowView
    settings: tuple[SettingView, ...]


class PartView(View):
    """Settings that belong to no kind, in the order of the form."""

    part: Part
    settings: tuple[SettingView, ...]


class FieldRowView(View):
    """A field that every document has, or that only triggers know."""

    field: str
    type: FieldType
    label: TranslationView
    group: Literal["document", "event"]
    editable: bool
    options: tuple[ChoiceView, ...]
    """Of a choice; none where they are the pipeline's stages."""


class OperatorRowView(View):
    """An operator of conditions."""

    operator: str
    label: TranslationView
    takes: Literal["nothing", "one", "two", "several", "span", "group"]
    """What the field is compared with: a value, a lower and an upper one, several, so many days, or
    a group of users."""


class TypeRowView(View):
    """A type of field."""

    type: FieldType
    operators: tuple[str, ...]
    """Those that a form offers, the most usual first."""
    insert: str
    """How a text inserts a pipeline's own field of that type; ``{field}`` stands for its id."""


class VariableView(View):
    """A template variable."""

    insert: str
    """As it is written between the braces, with the filter that its type needs."""
    label: TranslationView
    group: str
    kinds: tuple[str, ...]
    """The kinds of rules whose texts may have it; none where all may."""


class VocabularyView(View):
    """What conditions and texts are put together of, beside a pipeline's own fields."""

    groups: tuple[GroupView, ...]
    """What fields and variables are shown in."""
    fields: tuple[FieldRowView, ...]
    operators: tuple[OperatorRowView, ...]
    types: tuple[TypeRowView, ...]
    variables: tuple[VariableView, ...]


class HolidayCountryRow(View):
    """A country whose public holidays are known."""

    country: str
    """By its code of ISO 3166: ``DE``."""
    regions: tuple[str, ...]
    """Its regions that have holidays of their own, as a calendar names them: ``DE-BY``."""


class ProviderRowView(View):
    """A signing provider."""

    provider: str
    title: Message
    authenticity: str
    """How its messages are authenticated."""
    retries: Message
    api_support: tuple[Message, ...]
    """What its API is used for."""
    secrets_chosen_by: str


class ProviderView(ProviderRowView):
    """A signing provider, and how to set it up."""

    setup: tuple[Message, ...]
    """Steps at the provider; ``{url}`` stands for the connection's address, ``{secret}`` for its
    secret."""
    options: dict[str, Message]
    """Options of a connection, each with what it does."""
    credential: Message
    """What its API is asked with."""
