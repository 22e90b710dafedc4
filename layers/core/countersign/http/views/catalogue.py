"""What can be set up, as the API has it: groups, kinds with their settings, providers."""

from __future__ import annotations

from typing import Any, Literal

from countersign.http.views.base import View
from countersign.http.views.message import Message


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
    """What is the same for every kind."""

    part: Literal["trigger", "rule", "time", "duration"]
    settings: tuple[SettingView, ...]


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
