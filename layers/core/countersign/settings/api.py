"""The environment of what answers people and programs."""

from __future__ import annotations

from countersign import __version__
from countersign.settings.environment import StageSettings


class ServeApiSettings(StageSettings):
    """serve_api: the whole stack, as the command line has it by the stack's outputs."""

    table_name: str
    audit_table_name: str
    statistics_table_name: str
    connections_path: str
    """Prefix of the parameters that hold the connections' secrets."""
    api_tokens_path: str
    """Prefix of the parameters that hold the connections' API tokens."""
    secrets_path: str
    """Prefix of the parameters that hold the secrets which rules use by name."""
    address_key_path: str
    """The parameter that holds the key by which addresses prove themselves."""
    webhooks_url: str
    """Address of the webhooks; a connection's is this, a slash and the connection."""
    webhook_bucket: str
    files_bucket: str
    webhook_log_group: str
    """The log of receive_webhook, which has the calls that were refused."""
    parked_queue_url: str
    email_queue_url: str
    web_queue_url: str
    document_queue_url: str
    feedback_queue_url: str
    parked_dead_letters_url: str
    dispatch_dead_letters_url: str
    statistics_dead_letters_url: str
    schedule_dead_letters_url: str
    email_dead_letters_url: str
    web_dead_letters_url: str
    document_dead_letters_url: str
    feedback_dead_letters_url: str
    user_pool_id: str
    sign_in_url: str
    """The hosted pages, where people sign in and programs get their tokens."""
    console_client_id: str
    """The client that people sign in with."""
    viewer_program_id: str
    operator_program_id: str
    administrator_program_id: str

    def outputs(self) -> dict[str, str]:
        """The same by the names of the stack's outputs, by which all adapters are made."""
        given = {
            "".join(part.capitalize() for part in name.split("_")): str(value)
            for name, value in self.model_dump().items()
        }
        return {**given, "Version": __version__}
