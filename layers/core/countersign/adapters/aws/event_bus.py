"""Events on an EventBridge bus, each put there at most once a try.

The client must not try again by itself (``client_config.ONCE``).
https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from countersign.adapters.aws import errors
from countersign.errors import CountersignError, OutageError, PermanentError
from countersign.model.http import BusEvent

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsResultEntryTypeDef

SERVICE = "EventBridge"
SOURCE = "countersign"
"""The source of every event; what consumers filter by beside its name."""
PASSING = errors.PASSING | {"InternalException"}
"""An entry's codes for faults of EventBridge's own, beside those that every service has."""


class EventBridgeBus:
    """``ports.EventBus`` over one EventBridge bus; the client is made when it is first needed."""

    def __init__(self, client: Callable[[], EventBridgeClient], bus: str) -> None:
        self._make_client = client
        self._bus = bus

    def publish(self, event: BusEvent) -> str:
        detail = json.dumps(event.detail, ensure_ascii=False)
        try:
            answer = self._make_client().put_events(
                Entries=[
                    {
                        "EventBusName": self._bus,
                        "Source": SOURCE,
                        "DetailType": event.name,
                        "Detail": detail,
                    }
                ]
            )
        except ClientError as error:
            raise _refusal(error) from error
        except errors.AWS_ERRORS as error:
            raise errors.no_answer(SERVICE, "the event may be published", error) from error
        (entry,) = answer["Entries"]
        # An answer of 200 may say that the entry was not taken.
        if answer["FailedEntryCount"] or "EventId" not in entry:
            raise _not_taken(entry)
        return entry["EventId"]


def _refusal(error: ClientError) -> CountersignError:
    if errors.is_passing(error):
        text = errors.text_of(error)
        return OutageError(f"{SERVICE} does not take events now: {text}")
    return errors.our_error(SERVICE, error)


def _not_taken(entry: PutEventsResultEntryTypeDef) -> CountersignError:
    code = entry.get("ErrorCode", "")
    text = f"{code}: {entry.get('ErrorMessage', '')}"
    if code in PASSING:
        return OutageError(f"{SERVICE} does not take events now: {text}")
    return PermanentError(
        f"{SERVICE} refused the event: {text}; the rule's name or detail, or the rights of the "
        "deployment, must be corrected"
    )
