"""Each function's environment as one frozen model, checked when the function starts cold."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from countersign.errors import PermanentError


class Settings(BaseModel):
    """Read from environment variables of the same names in upper case.

    Schemas are built on first use: each function reads one of these models.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", str_min_length=1, defer_build=True)


class StageSettings(Settings):
    """Every function that counts what an alarm listens to."""

    stage: str
    """Stands on the metrics, so that each deployment rings its own alarm."""


class ReceiveWebhookSettings(StageSettings):
    """receive_webhook."""

    table_name: str
    connections_path: str
    """Prefix of the parameters that hold the connections' secrets."""
    address_key_path: str
    """The parameter that holds the key by which addresses prove themselves."""
    parked_queue_url: str
    parked_dead_letters_url: str
    """Where a parked request that can never be committed goes at once."""
    webhook_bucket: str
    """For parked requests that are too large for the queue, and for rejected ones."""
    max_body_bytes: int = Field(ge=1024, le=6 * 1024 * 1024 * 3 // 4)
    """Lambda takes at most 6 MB a request, in which a body may be Base64."""


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


class ServeFileSettings(StageSettings):
    """serve_file."""

    table_name: str
    files_bucket: str
    address_key_path: str


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


class RecordMailEventSettings(StageSettings):
    """record_mail_event."""

    table_name: str
    feedback_queue_url: str


class SweepSettings(StageSettings):
    """sweep."""

    table_name: str


class SendDailyReportsSettings(Settings):
    """send_daily_reports."""

    table_name: str


S = TypeVar("S", bound=Settings)


def read(model: type[S], environment: Mapping[str, str] | None = None) -> S:
    """The function's settings; PermanentError names each variable that is missing or wrong."""
    given = os.environ if environment is None else environment
    names = {name: name.upper() for name in model.model_fields}
    values = {name: given[variable] for name, variable in names.items() if variable in given}
    try:
        return model.model_validate(values)
    except ValidationError as error:
        wrong = "; ".join(
            f"{str(one['loc'][0]).upper()}: {one['msg']}"
            for one in error.errors(include_url=False, include_input=False)
        )
        msg = f"the environment of this function is not as template.yaml sets it: {wrong}"
        raise PermanentError(msg) from error


def cloud_is_here(environment: Mapping[str, str] | None = None) -> bool:
    """Whether AWS itself is on this machine, as the local stack has it: then what rules call may
    be, too.

    No setting of a deployment: ``AWS_ENDPOINT_URL`` is given to functions by the local cloud, and
    one of the real cloud that had such a value could not reach its own table.
    """
    given = os.environ if environment is None else environment
    host = urlsplit(given.get("AWS_ENDPOINT_URL", "")).hostname or ""
    return host in ("localhost", "::1") or re.fullmatch(r"127(\.[0-9]{1,3}){3}", host) is not None
