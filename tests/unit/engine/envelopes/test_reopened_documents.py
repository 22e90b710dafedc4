"""What an envelope that is opened again makes of its document, and what holds against it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from countersign.engine.envelopes.reopening import (
    has_signed_since,
    is_before_reopening,
    reopened,
    with_later_end,
)
from countersign.model.document import Document, OverridingEnd
from countersign.model.signing_event import Signer
from countersign.simulation.world import START


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def document(**more: Any) -> Document:
    given = {"id": "d", "pipeline": "p", "stage": "s", "since": START, "created_at": START}
    return Document.model_validate({**given, **more})


COMPLETED: dict[str, Any] = {
    "status": "completed", "status_at": at(5), "completed_at": at(5), "reason": "done",
}  # fmt: skip
LATER = OverridingEnd(status="voided", at=at(9), reason="a new offer")


@pytest.mark.parametrize(
    ("before", "minute", "after", "outcome"),
    [
        ({**COMPLETED}, 7, {"status": "sent", "status_at": at(7), "reopened_at": at(7)}, "new"),
        ({**COMPLETED, "heard": ("document.sent", "document.delivered")}, 7,
         {"status": "delivered", "status_at": at(7), "reopened_at": at(7),
          "heard": ("document.sent", "document.delivered")}, "new"),
        # In the same second, what is opened again had ended.
        ({**COMPLETED}, 5, {"status": "sent", "status_at": at(5), "reopened_at": at(5)}, "new"),
        # It has ended since.
        ({**COMPLETED}, 4, {**COMPLETED, "reopened_at": at(4)}, "late"),
        ({"status": "sent", "status_at": at(5)}, 7,
         {"status": "sent", "status_at": at(5), "reopened_at": at(7)}, "new"),
        ({}, 7, {"reopened_at": at(7)}, "new"),
        # The latest reopening is the one that counts.
        ({"status": "sent", "reopened_at": at(8)}, 7, {"status": "sent", "reopened_at": at(8)},
         "new"),
        # Nobody knows when it ended.
        ({**COMPLETED, "status_at": None}, 7,
         {"status": "sent", "status_at": at(7), "reopened_at": at(7)}, "new"),
        # Between two ends, the later one holds.
        ({**COMPLETED, "later_end": LATER}, 7,
         {"status": "voided", "status_at": at(9), "reason": "a new offer",
          "reopened_at": at(7)}, "late"),
        ({**COMPLETED, "later_end": LATER}, 9,
         {"status": "sent", "status_at": at(9), "reopened_at": at(9)}, "new"),
        ({**COMPLETED, "later_end": LATER}, 10,
         {"status": "sent", "status_at": at(10), "reopened_at": at(10)}, "new"),
        ({"status": "voided", "status_at": at(5), "later_end": OverridingEnd(
            status="completed", at=at(9))}, 7,
         {"status": "completed", "status_at": at(9), "completed_at": at(9),
          "reopened_at": at(7)}, "late"),
    ],
)  # fmt: skip
def test_an_envelope_is_open_again_unless_it_has_ended_since(
    before: dict[str, Any], minute: int, after: dict[str, Any], outcome: str
) -> None:
    assert reopened(document(**before), at(minute)) == (document(**after), outcome)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"status": "declined", "declined_at": at(5), "reason": "too dear"},
         {"status": "waiting"}),
        ({"status": "declined", "declined_at": at(7), "viewed_at": at(2), "notified_at": at(1)},
         {"status": "viewed", "viewed_at": at(2), "notified_at": at(1)}),
        ({"status": "expired", "notified_at": at(1), "reason": "too late"},
         {"status": "notified", "notified_at": at(1)}),
        # Declined once more, since then.
        ({"status": "declined", "declined_at": at(8), "reason": "too dear"},
         {"status": "declined", "declined_at": at(8), "reason": "too dear"}),
        ({"status": "signed", "signed_at": at(3)}, {"status": "signed", "signed_at": at(3)}),
        ({"status": "viewed", "viewed_at": at(3)}, {"status": "viewed", "viewed_at": at(3)}),
    ],
)  # fmt: skip
def test_whose_part_was_over_may_act_once_more(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    changed, _ = reopened(document(signers=(Signer(id="1", **before),)), at(7))
    assert changed.signers == (Signer(id="1", **after),)


@pytest.mark.parametrize(
    ("known", "minute", "later"),
    [
        ({"status_at": at(5)}, 7, OverridingEnd(status="voided", at=at(7), reason="x")),
        ({"status_at": at(5)}, 5, None),
        ({"status_at": at(5)}, 4, None),
        ({"status_at": at(5), "later_end": LATER}, 8, LATER),
        ({"status_at": at(5), "later_end": LATER}, 9, LATER),
        ({"status_at": at(5), "later_end": LATER}, 10,
         OverridingEnd(status="voided", at=at(10), reason="x")),
        ({}, 7, None),
    ],
)  # fmt: skip
def test_the_latest_end_is_remembered_and_of_one_moment_the_first_that_was_told(
    known: dict[str, Any], minute: int, later: OverridingEnd | None
) -> None:
    after = with_later_end(document(status="completed", **known), "voided", at(minute), "x")
    assert after == document(status="completed", **{**known, "later_end": later})


@pytest.mark.parametrize(
    ("reopened_at", "minute", "before"),
    [(None, 5, False), (at(5), 4, True), (at(5), 5, True), (at(5), 6, False)],
)
def test_an_end_of_up_to_the_reopening_came_before_it(
    reopened_at: datetime | None, minute: int, before: bool
) -> None:
    assert is_before_reopening(document(reopened_at=reopened_at), at(minute)) is before


@pytest.mark.parametrize(
    ("signer", "minute", "since"),
    [
        ({"status": "declined", "declined_at": at(5)}, 6, True),
        ({"status": "declined", "declined_at": at(5)}, 5, False),
        ({"status": "declined"}, 6, False),
        ({"status": "expired", "declined_at": at(5)}, 6, False),
        ({"status": "waiting"}, 6, False),
    ],
)
def test_only_a_signature_after_the_refusal_says_that_it_was_opened_again(
    signer: dict[str, Any], minute: int, since: bool
) -> None:
    assert has_signed_since(Signer(id="1", **signer), at(minute)) is since
