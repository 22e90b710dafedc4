"""The names of the counters. No id of a stage or rule, and no kind, has a slash.

Those of a day are of what happened on it, but for ``cohort/…``, which are of the documents that
were created on it.
"""

from __future__ import annotations

from typing import Final

CREATED: Final = "created"
"""Documents that were created."""
SENT: Final = "sent"
"""Envelopes that were sent, by the provider's clock."""
PRESENT: Final = "present"
"""``present/<stage>``: documents that are there now."""
ARRIVED: Final = "arrived"
"""``arrived/<stage>``: arrivals, each stage entry for itself."""
LEFT: Final = "left"
"""``left/<stage>``: departures."""
STAY: Final = "stay"
"""``stay/<stage>/<seconds>``: departures after so long, by the bucket of ``durations``."""
ENDED: Final = "ended"
"""``ended/<status>``: envelopes that ended so, by the provider's clock."""
SIGNING: Final = "signing"
"""``signing/<seconds>``: completed envelopes, by the time since they were sent."""
SIGNATURE: Final = "signature"
"""``signature/<party>``: signatures, by the provider's clock."""
SIGNER: Final = "signer"
"""``signer/<party>/<seconds>``: signatures, by the time since the signer was notified."""
RUN: Final = "run"
"""``run/<state>/<kind>/<rule>``: runs by what became of them."""
MAIL: Final = "mail"
"""``mail/<what>``: mails that were sent, and reports on mails."""
COHORT: Final = "cohort"
"""``cohort/reached/<stage>``: documents that were ever in the stage; ``cohort/sent``: those whose
envelope was sent; ``cohort/ended/<status>``: those whose envelope ended so."""


def counter(*parts: str | int) -> str:
    """The name of a counter."""
    return "/".join(map(str, parts))


def parts_of(name: str) -> tuple[str, ...]:
    """The parts of a counter's name."""
    return tuple(name.split("/"))
