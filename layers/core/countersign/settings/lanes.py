"""The environments of what hands runs to the lanes, and of the lanes."""

from __future__ import annotations

from typing import Literal

from countersign.settings.environment import Settings, StageSettings


class DispatchRunsSettings(Settings):
    """dispatch_runs: the lanes' queues and what a schedule needs."""

    email_queue_url: str
    email_queue_arn: str
    web_queue_url: str
    web_queue_arn: str
    document_queue_url: str
    document_queue_arn: str
    schedule_group: str
    schedule_role_arn: str
    schedule_dead_letter_arn: str


class WebSettings(Settings):
    """What calling the web needs."""

    api_tokens_path: str
    """Prefix of the parameters that hold the connections' API tokens."""
    own_host: str
    """The host of the webhooks' address, which nothing here may call."""
    private_addresses: Literal["refused", "allowed"]
    """Whether calls may go into private networks."""


class ProviderFileSettings(WebSettings):
    """What fetching files from providers and keeping them needs."""

    table_name: str
    files_bucket: str


class RunEmailSettings(ProviderFileSettings, StageSettings):
    """run_email."""

    email_queue_url: str
    address_key_path: str
    """The parameter that holds the key by which links to files prove themselves."""
    files_address: str
    """What stands before a link's token, without a slash at its end."""
    configuration_set: str
    tracking_configuration_set: str
    """For mails whose opens and clicks are wanted."""


class RunWebSettings(ProviderFileSettings, StageSettings):
    """run_web."""

    web_queue_url: str
    secrets_path: str
    """Prefix of the parameters that hold the secrets which rules use by name."""
    event_bus: str
    """The name of the bus that rules publish on."""


class RunDocumentSettings(StageSettings):
    """run_document."""

    table_name: str
    document_queue_url: str
    files_bucket: str
    """Files of who is erased are removed from there, and those of documents that are."""
    statistics_table_name: str
    """The table of the statistics, which a job rebuilds."""
    audit_table_name: str
    """Where jobs record how they ended."""
