"""Errors by what can be done about them: retry, or fix something first."""

from __future__ import annotations

import traceback
from datetime import datetime, timedelta
from pathlib import PurePath


class CountersignError(Exception):
    """Every error of ours."""


class PermanentError(CountersignError):
    """A retry cannot help; somebody has to fix what the text names."""


class NothingToDoError(CountersignError):
    """Nobody or nothing is left that the rule is for: its run is skipped, with this reason."""


class TransientError(CountersignError):
    """Trying again later may help; not before ``after`` where the outside asked for that."""

    def __init__(self, text: str, *, after: timedelta | None = None) -> None:
        super().__init__(text)
        self.after = after


class InDoubtError(CountersignError):
    """The outside may or may not have done it; only its own report can tell."""


class ConflictError(TransientError):
    """Somebody else changed it since it was read: read again and decide again."""


class DuplicateError(CountersignError):
    """These idempotency keys were applied before."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        super().__init__(f"applied before: {', '.join(keys)}")
        self.keys = keys


class RepeatedRequestError(CountersignError):
    """The caller used this idempotency key within the last day."""


class StaleRunError(CountersignError):
    """The run is no longer in the state or generation it was read in: somebody else has it."""


class RanBeforeError(CountersignError):
    """The rule runs once per document and ran for an earlier stage entry."""


class LeftStageError(CountersignError):
    """The document has left the stage entry the run belongs to."""


class OutageError(TransientError):
    """The outside takes nothing from anybody now: paused, over its quota, away. No run's fault."""


class QuotaError(OutageError):
    """The account has used up what it may send in any 24 hours; it may again as these go by."""


class ThrottledError(OutageError):
    """The outside takes only so many at a time; a refused caller has its turn ``after``, and
    ``slot`` is its place in the row of those who wait."""

    def __init__(
        self, text: str, *, after: timedelta | None = None, slot: datetime | None = None
    ) -> None:
        super().__init__(text, after=after)
        self.slot = slot


class UnavailableError(OutageError):
    """The database, a queue or the parameter store cannot answer now (throttled, no capacity, no
    connection)."""


class TooLargeError(PermanentError):
    """What was to be written is more than can be kept in one place; it never can be."""


class UnreadableError(PermanentError):
    """What is stored cannot be read by this version, such as after a rollback; it is left alone."""


class InvalidCursorError(PermanentError):
    """A place in a list that no page of this list gave; ask for its first page."""


class NotFoundError(PermanentError):
    """What was asked for does not exist."""


class ExistsError(PermanentError):
    """What was to be made is there already."""


class NotSignedInError(PermanentError):
    """The call carries nothing that says who calls, or nothing that allows calls."""


class NotAllowedError(PermanentError):
    """The user, or the credentials in use, may not do this."""


def logged(error: BaseException) -> str:
    """What a log may say of an error: our own texts, of others only the type and where it arose.

    The texts of others may quote what they could not read, and with it addresses and secrets.
    """
    name = type(error).__name__
    if isinstance(error, CountersignError):
        return f"{name}: {error}"
    frames = traceback.extract_tb(error.__traceback__)
    return f"{name} at {PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else name
