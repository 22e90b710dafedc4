"""What a person wants of a run: perform it now, shift it, skip it, retry it, accept it as done."""

from datetime import timedelta
from typing import Literal

from pydantic import model_validator

from countersign.model.base import Instant, Model

RunAction = Literal["now", "shift", "skip", "retry", "accept"]
"""``now`` and ``shift`` are for runs that wait for their time; ``skip`` for those, for runs that
wait for the one above them, and for failed runs and runs in doubt; ``retry`` and ``accept`` for
the latter two alone."""


class RunChange(Model):
    """One action, and where it shifts a run: when to."""

    action: RunAction
    to: Instant | None = None
    """For ``shift``: the moment at which the run is due."""
    by: timedelta | None = None
    """For ``shift``: how much later than now the run is due; negative for earlier."""

    @model_validator(mode="after")
    def _has_what_it_takes(self) -> "RunChange":
        given = (self.to is not None) + (self.by is not None)
        if given != (self.action == "shift"):
            expected = "either `to` or `by`" if self.action == "shift" else "neither `to` nor `by`"
            raise ValueError(f"the action {self.action} takes {expected}")
        return self
