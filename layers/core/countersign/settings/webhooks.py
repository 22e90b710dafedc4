"""The environment of what receives webhooks."""

from __future__ import annotations

from pydantic import Field

from countersign.settings.environment import StageSettings


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
