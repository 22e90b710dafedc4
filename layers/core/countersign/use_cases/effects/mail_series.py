"""Handing over the several mails of a run: one after the other, each claimed before it leaves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from countersign.engine.runs.lifecycle import update
from countersign.engine.runs.mail_series import handed_over, sending
from countersign.errors import StaleRunError, TransientError, UnavailableError
from countersign.model.run import Run
from countersign.model.transaction import Transaction
from countersign.use_cases.effects.base import SeveralMails
from countersign.use_cases.store import Store

WITHIN = timedelta(seconds=8)
"""How long a delivery begins further mails. One more may take 15 seconds for its link to sign, and
SES's connection and reading time-outs, 18 seconds together; the rest has the next delivery, so that
one rule of many mails does not hold up the others."""
TRIES = 8
"""How often a claim is written anew while the run is still this delivery's."""

Step = Callable[[Run], Run]
"""What a mail's outcome makes of the run, whatever else a report has noted on it meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSeries:
    """What handing over one mail after the other needs."""

    store: Store
    lease: timedelta

    def send(self, claimed: Run, prepared: SeveralMails) -> tuple[Run, Step]:
        """Hand over mails until none is left, one must wait, or the time is up.

        Returns the run as it was written last, and the step that ends its turn, which is still to
        be written. Raises StaleRunError where somebody else has the run.
        """
        began, run = self.store.clock(), claimed
        while True:
            step = self._step(sending(run), prepared, began)
            run, goes_on = self._write(run, step)
            if not goes_on:
                return run, step

    def _step(self, index: int | None, prepared: SeveralMails, began: datetime) -> Step:
        if index is None:
            msg = "the run claimed no mail"
            raise LookupError(msg)
        outcome: Mapping[str, str] | Exception
        try:
            outcome = prepared.hand_over(index)
        except Exception as error:
            outcome = error
        now = self.store.clock()
        lease = self.lease if now - began < WITHIN else None
        return lambda run: handed_over(run, index, outcome, now=now, lease=lease)

    def _write(self, run: Run, step: Step) -> tuple[Run, bool]:
        """Claim the next mail, if there is one: the run as it is written, and whether there was.

        Writing it twice is harmless: the state it demands is its own.
        """
        for attempt in range(TRIES):
            after = step(run)
            if after.state != "running":
                return run, False
            try:
                self.store.documents.commit(Transaction(updates=(update(run, after),)))
            except StaleRunError:
                run = self._still_ours(run)
            except TransientError:
                self.store.backoff(attempt)
            else:
                return after, True
        msg = f"the next mail of the run {run.key} could not be claimed in {TRIES} tries"
        raise UnavailableError(msg)

    def _still_ours(self, run: Run) -> Run:
        """The run with what a report has noted on it meanwhile; StaleRunError if it is taken."""
        current = self.store.documents.run(run.key)
        if current is None or not same_claim(run, current):
            msg = f"the run {run.key} is not this delivery's any more"
            raise StaleRunError(msg)
        return current


def same_claim(run: Run, current: Run) -> bool:
    """Whether the current run still has the claim of this one."""
    return current.state == "running" and current.started_at == run.started_at
