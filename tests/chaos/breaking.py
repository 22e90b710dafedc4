"""What is done to the cloud while webhooks come, each in its time."""

from __future__ import annotations

import time
from collections.abc import Callable
from random import Random

from countersign.local.deploy import verify_senders
from tests.chaos.cloud import MortalCloud
from tests.chaos.count import Faults
from tests.chaos.mail_line import MailLine
from tests.chaos.scene import SENDER

KILLING = 52.0
"""Seconds for which functions are killed."""
GAP = (1.0, 3.5)
"""The least and most seconds between two killings. Each costs a cold start, which here unpacks the
layers anew: much faster than this and nothing would ever begin."""
REFUSING = (12.0, 8.0)
"""When SES begins to refuse, and for how many seconds."""
ROTATION = 22.0
"""When the provider's secret is replaced: from then on it signs with the new one."""
AWAY = 34.0
"""When SES begins to take nothing from anybody."""
STOPS = (26.0, 40.0)
"""When the cloud is stopped, to be started at once."""


class Breaker:
    """Breaks one cloud, and counts what it did."""

    def __init__(
        self,
        mortal: MortalCloud,
        line: MailLine,
        faults: Faults,
        random: Random,
        *,
        outage: float,
        rotate: Callable[[], None],
    ) -> None:
        self._mortal, self._line = mortal, line
        self._faults, self._random = faults, random
        self._outage, self._rotate = outage, rotate

    def break_things(self, say: Callable[[str], None]) -> None:
        """All of it; each step is said. The line to SES stays bad for longer.

        The outage is the last that ends: until then nothing is tended.
        """
        begun = time.monotonic()
        self._line.is_good = False
        began, lasted = REFUSING
        steps = [
            (began, self._refuse),
            (began + lasted, self._accept),
            (ROTATION, self._replace_secret),
            (AWAY, self._go_away),
            *((at, self._restart) for at in STOPS),
            (AWAY + self._outage, self._come_back),
        ]
        steps.sort(key=lambda step: step[0])
        while (at := time.monotonic() - begun) < KILLING or steps:
            if steps and at >= steps[0][0]:
                say(f"  {steps.pop(0)[1]()}")
            elif at < KILLING:
                self._faults.killed += self._mortal.kill_one(self._random)
            time.sleep(self._random.uniform(*GAP))

    def _refuse(self) -> str:
        """SES refuses for good whatever comes from a sender that nobody verified."""
        # MiniStack keeps a deployed identity twice, for the older API and for the newer.
        self._mortal.client("ses").delete_identity(Identity=SENDER)
        self._mortal.client("sesv2").delete_email_identity(EmailIdentity=SENDER)
        self._faults.refusing -= time.monotonic()
        return "SES refuses the sender"

    def _accept(self) -> str:
        verify_senders(self._mortal.cloud, [SENDER])
        self._faults.refusing += time.monotonic()
        return "SES takes mails again"

    def _replace_secret(self) -> str:
        self._rotate()
        return "the provider signs with a new secret"

    def _go_away(self) -> str:
        self._line.is_away = True
        return f"SES takes nothing for {self._outage:.0f} s"

    def _come_back(self) -> str:
        self._line.is_away = False
        self._faults.away += self._outage
        return f"SES is back; it turned {self._line.turned_away} away"

    def _restart(self) -> str:
        at = time.monotonic()
        self._faults.killed_in_stops += self._mortal.stop()
        self._faults.stops += 1
        self._mortal.start()
        return f"stopped, and started with its state after {time.monotonic() - at:.1f} s"
