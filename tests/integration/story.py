"""A pipeline with one provider connected to it, and that provider's messages about one envelope."""

from __future__ import annotations

from countersign.model.pipeline import Pipeline
from countersign.providers import provider
from countersign.providers.base import Request
from tests.integration.account import SECRET, Account
from tests.integration.lambda_events import Answer
from tests.integration.messages import DOCUSIGN, Sender


class Story:
    """Published and connected; nobody has told anything yet."""

    def __init__(self, account: Account, pipeline: Pipeline, sender: Sender = DOCUSIGN) -> None:
        self.account = account
        self.sender = sender
        account.publish(pipeline)
        self.address = account.connect(
            sender.provider,
            parties=sender.parties,
            fields=[{"source": source, "field": field} for source, field in sender.fields],
        )

    def message(self, name: str, replacing: dict[str, str] | None = None) -> Request:
        """An example, signed now."""
        return self.sender.message(name, SECRET, self.account.clock(), replacing)

    def signed(self, body: bytes, **headers: str) -> Request:
        """A request with this body, and the signature that belongs to it."""
        now = self.account.clock()
        request = Request(
            headers={"content-type": "application/json", **headers}, body=body, received_at=now
        )
        return provider(self.sender.provider).sign(request, SECRET, now)

    def post(self, request: Request, *, encoded: bool | None = None) -> Answer:
        """Post a request to the connection's address."""
        return self.account.post(request, self.address, encoded=encoded)

    def tell(self, name: str, replacing: dict[str, str] | None = None) -> None:
        """Post an example, and let everything happen that follows at once."""
        assert self.post(self.message(name, replacing))["statusCode"] == 200
        self.account.settle()
