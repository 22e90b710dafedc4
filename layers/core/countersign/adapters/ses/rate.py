"""How many mails a second Amazon SES takes from the account.

https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_GetAccount.html
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from countersign.adapters.aws.errors import AWS_ERRORS

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

KEPT_FOR = timedelta(hours=1)
SLOWEST = 1.0
"""What every account may send, also in SES's sandbox; taken where SES does not tell."""


class SesSendingRate:
    """``ports.SendingRate`` over SES, asked once an hour at most."""

    def __init__(self, client: SESV2Client, clock: Callable[[], datetime]) -> None:
        self._client, self._clock = client, clock
        self._known: tuple[datetime, float] | None = None

    def a_second(self) -> float:
        now = self._clock()
        if self._known is None or now >= self._known[0] + KEPT_FOR:
            self._known = now, self._asked()
        return self._known[1]

    def _asked(self) -> float:
        before = SLOWEST if self._known is None else self._known[1]
        try:
            rate = self._client.get_account().get("SendQuota", {}).get("MaxSendRate")
        except AWS_ERRORS:
            return before
        return rate if rate is not None and rate > 0 else before
