"""Which addresses Amazon SES sends from, and whether it is out of its sandbox.

https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_GetEmailIdentity.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from countersign.adapters.aws.errors import AWS_ERRORS, code_of

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client


class SesSenders:
    """``ports.Senders`` over SES; the client is made when it is first needed."""

    def __init__(self, client: Callable[[], SESV2Client]) -> None:
        self._client = client

    def verified(self, address: str) -> bool | None:
        try:
            return self._verified(address)
        except AWS_ERRORS:
            return None

    def may_send_to_anybody(self) -> bool | None:
        """By https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_GetAccount.html"""
        try:
            answer: Any = self._client().get_account()
        except AWS_ERRORS:
            return None
        enabled: bool | None = answer.get("ProductionAccessEnabled")
        return enabled

    def _verified(self, address: str) -> bool | None:
        client = self._client()
        for identity in _identities(address):
            try:
                answer: Any = client.get_email_identity(EmailIdentity=identity)
            except ClientError as error:
                if code_of(error) != "NotFoundException":
                    raise
                continue
            status: bool | None = answer.get("VerifiedForSendingStatus")
            if status is not False:
                return status
        return False


def _identities(address: str) -> Iterator[str]:
    """The address, its domain, and the domains above, whose verification counts as well; of a
    domain alone, itself and those above.

    https://docs.aws.amazon.com/ses/latest/dg/creating-identities.html
    """
    if "@" in address:
        yield address
    labels = address.rpartition("@")[2].split(".")
    for start in range(len(labels) - 1):
        yield ".".join(labels[start:])
