"""Facts of a message, one by one: what is new, when it came about, what it does to a document."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any

import pytest

from countersign.engine.envelopes.reconcile import Fact, apply_fact, new_facts, sharpened
from countersign.model.document import Document
from countersign.model.signing_event import Envelope, Signer, SignerRef
from countersign.simulation.world import START
from tests.builders import connection, envelope, event, pipeline, stage, world

ANNA = Signer(id="1", name="Anna", email="anna@kunde.example")
BEN = Signer(id="2", name="Ben", email="ben@kunde.example")


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def document(*signers: Signer, **more: Any) -> Document:
    given = {"id": "d", "pipeline": "p", "stage": "s", "since": START, "created_at": START}
    return Document.model_validate({**given, "signers": signers, **more})


def absorbed(home: Document, kind: Any, minute: int = 5, **more: Any) -> tuple[Document, str]:
    """The document with one fact in it, and what the fact was to it."""
    told = event(kind, minute=minute)
    fact = Fact(kind=kind, at=at(minute), **more)
    found = apply_fact(home, fact, told, connection(), "signed")
    return found.document, found.applied


def with_dates(home: Document, state: Envelope, when: datetime) -> Document:
    """The document with the dates that the state tells of it and of the signers it lists."""
    return sharpened(home, state, {signer.id: signer for signer in state.signers}, when)


@pytest.mark.parametrize(
    ("kind", "status", "date"),
    [
        ("signer.notified", "notified", "notified_at"),
        ("document.viewed", "viewed", "viewed_at"),
        ("signer.started", "started", None),
        ("signer.signed", "signed", "signed_at"),
        ("signer.declined", "declined", "declined_at"),
        ("signer.expired", "expired", None),
    ],
)
def test_what_a_signer_does_is_kept_with_its_time(kind: str, status: str, date: str | None) -> None:
    ref = SignerRef(id="2")
    after, applied = absorbed(document(ANNA, BEN), kind, signer=ref, reason="no time")
    expected = BEN.model_copy(
        update={
            "status": status,
            **({date: at(5)} if date else {}),
            **({"reason": "no time"} if status == "declined" else {}),
        }
    )
    assert (after.signers, applied) == ((ANNA, expected), "new")
    again, applied = absorbed(after, kind, 7, signer=ref, reason="other")
    assert (again.signers, applied) == (after.signers, "known")
    earlier, applied = absorbed(after, kind, 3, signer=ref)
    first = expected.model_copy(update={date: at(3)} if date else {})
    assert (earlier.signers, applied) == ((ANNA, first), "known")


@pytest.mark.parametrize(
    ("first", "second", "status", "applied"),
    [
        ("signer.signed", "signer.declined", "signed", "late"),
        ("signer.declined", "signer.signed", "signed", "new"),  # it was opened again meanwhile
        ("signer.signed", "document.viewed", "signed", "late"),
        ("document.viewed", "signer.notified", "viewed", "late"),
        ("document.viewed", "signer.signed", "signed", "new"),
    ],
)
def test_a_signer_goes_on_and_never_back(
    first: str, second: str, status: str, applied: str
) -> None:
    ref = SignerRef(id="2")
    after, _ = absorbed(document(ANNA, BEN), first, signer=ref)
    after, told = absorbed(after, second, 6, signer=ref)
    assert (after.signers[1].status, told) == (status, applied)


@pytest.mark.parametrize(
    ("kind", "status", "date", "applied"),
    [
        ("document.created", "created", None, "new"),
        ("document.sent", "sent", "sent_at", "new"),
        ("document.delivered", "delivered", None, "new"),
        ("document.completed", "completed", "completed_at", "new"),
        ("document.declined", "declined", None, "new"),
        ("document.voided", "voided", None, "new"),
        ("document.expired", "expired", None, "new"),
        ("document.deleted", "deleted", None, "new"),
    ],
)
def test_how_far_the_envelope_is_is_kept_with_its_time(
    kind: str, status: str, date: str | None, applied: str
) -> None:
    after, told = absorbed(document(), kind, reason="reason")
    assert (after.status, after.status_at, after.reason, told) == (
        status, at(5), "reason", applied,
    )  # fmt: skip
    for name in ("sent_at", "completed_at"):
        assert getattr(after, name) == (at(5) if name == date else None)
    again, told = absorbed(after, kind, 3)
    assert told == "known"
    assert (again.status_at, again.reason) == (at(5), "reason")
    if date:
        assert getattr(again, date) == at(3)


def test_the_latest_moment_counts_where_the_time_is_a_guess() -> None:
    after, _ = absorbed(document(), "document.sent", until=at(9))
    assert (after.sent_at, after.status_at) == (at(9), at(5))


@pytest.mark.parametrize(
    ("first", "second", "applied", "reason"),
    [
        ("document.voided", "document.completed", "late", None),
        ("document.voided", "document.deleted", "new", "second"),
        ("document.completed", "document.sent", "late", None),
        ("document.delivered", "document.sent", "late", None),
        ("document.voided", "document.voided", "known", "second"),
    ],
)
def test_an_envelope_goes_on_and_never_back(
    first: str, second: str, applied: str, reason: str | None
) -> None:
    before, _ = absorbed(document(), first)
    after, told = absorbed(before, second, 6, reason="second")
    assert (told, after.reason) == (applied, reason)
    assert after.status == (before.status if applied != "new" else "deleted")


def test_a_step_told_after_a_later_one_is_overtaken_once() -> None:
    told = event("document.delivered", minute=4)
    home = document(status="completed", status_at=at(5))
    fact = Fact(kind="document.delivered", at=at(4))
    found = apply_fact(home, fact, told, connection(), "signed")
    assert (found.applied, found.overtaken_by) == ("late", frozenset({"document.completed"}))
    assert found.document.heard == ("document.delivered",)
    again = apply_fact(found.document, fact, told, connection(), "signed")
    assert (again.overtaken_by, again.document.heard) == (None, ("document.delivered",))
    signed = document(BEN.model_copy(update={"status": "signed"}))
    fact = Fact(kind="document.viewed", at=at(4), signer=SignerRef(id="2"))
    found = apply_fact(signed, fact, event("document.viewed"), connection(), "signed")
    assert (found.applied, found.overtaken_by) == ("late", frozenset({"signer.signed"}))
    seen = document(BEN.model_copy(update={"status": "signed", "viewed_at": at(1)}))
    assert (
        apply_fact(seen, fact, event("document.viewed"), connection(), "signed").overtaken_by
        is None
    )


def test_what_happened_is_told_with_all_that_the_event_says() -> None:
    told = event("signer.declined", minute=5, detail={"a": "b"})
    ref = SignerRef(id="2")
    fact = Fact(kind="signer.declined", at=at(4), signer=ref, reason="dear")
    happening = apply_fact(document(BEN), fact, told, connection(), "shared_secret").happening
    assert (happening.kind, happening.at, happening.authenticity, happening.reason) == (
        "signer.declined", at(4), "shared_secret", "dear",
    )  # fmt: skip
    assert (happening.detail, happening.key, happening.derived) == ({"a": "b"}, told.key, False)
    assert happening.signer is not None
    assert happening.signer.status == "declined"
    derived = Fact(kind="signer.declined", at=at(4), signer=ref, derived=True)
    found = apply_fact(document(BEN), derived, told, connection(), "shared_secret")
    assert (found.applied, found.happening.detail, found.happening.derived) == (
        "derived", {}, True,
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["other", "template.changed", "webhook.test"])
def test_some_messages_say_nothing_of_the_document(kind: str) -> None:
    assert absorbed(document(ANNA), kind) == (document(ANNA), "no_effect")


def test_the_signed_file_is_there_once() -> None:
    after, applied = absorbed(document(files=("other",)), "document.artifact_ready")
    assert (after.files, applied) == (("other", "signed_pdf"), "new")
    assert absorbed(after, "document.artifact_ready") == (after, "known")


# --- what a message carries


def facts(home: Document, kind: str = "comment.added", minute: int = 9, **more: Any) -> list[Any]:
    """Kind, minute, signer, whether read off the state: for each fact of a message."""
    who = more.pop("who", None)
    told = event(kind, minute=minute, state=Envelope(id="e", **more))
    told = told.model_copy(update={"signer": who})
    return [
        (fact.kind, (fact.at - START) // timedelta(minutes=1),
         fact.signer.id if fact.signer else None, fact.derived)
        for fact in new_facts(home, told)
    ]  # fmt: skip


OWN = ("comment.added", 9, None, False)
SENT: dict[str, Any] = {"status": "sent", "heard": ("document.sent",)}


def test_what_the_state_says_anew_is_told_in_the_order_of_time() -> None:
    home = document(ANNA, BEN, **SENT)
    signed = ANNA.model_copy(update={"status": "signed", "signed_at": at(3), "viewed_at": at(2)})
    viewed = BEN.model_copy(update={"status": "viewed", "viewed_at": at(1)})
    assert facts(home, signers=(signed, viewed), status="sent") == [
        ("document.viewed", 1, "2", True),
        ("document.viewed", 2, "1", True),
        ("signer.signed", 3, "1", True),
        OWN,
    ]


def test_one_who_is_not_there_any_more_hides_nobody_behind_on_the_list() -> None:
    signed = ANNA.model_copy(update={"status": "signed", "signed_at": at(3)})
    notified = BEN.model_copy(update={"status": "waiting"})
    home = document(ANNA, BEN, **SENT)
    listed = (Signer(id="9", status="signed", signed_at=at(2)), notified, signed)
    assert facts(home, signers=listed, status="sent") == [("signer.signed", 3, "1", True), OWN]


def test_what_is_known_is_not_told_again() -> None:
    signed = ANNA.model_copy(update={"status": "signed", "signed_at": at(3), "viewed_at": at(2)})
    assert facts(document(signed, **SENT), signers=(signed,), status="sent") == [OWN]
    viewed = ANNA.model_copy(update={"status": "viewed", "viewed_at": at(1)})
    assert facts(document(viewed, **SENT), signers=(signed,), status="sent") == [
        ("signer.signed", 3, "1", True),
        OWN,
    ]


def test_without_a_time_of_its_own_a_fact_is_as_old_as_its_message() -> None:
    signed = ANNA.model_copy(update={"status": "signed"})
    assert facts(document(ANNA, **SENT), signers=(signed,), status="sent") == [
        ("signer.signed", 9, "1", True),
        OWN,
    ]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({"status": "sent"}, [("document.sent", 9, None, True)]),
        ({"status": "sent", "sent_at": at(2)}, [("document.sent", 2, None, True)]),
        ({"status": "sent", "created_at": at(1)}, [("document.sent", 1, None, True)]),
        ({"status": "sent", "sent_at": at(2), "created_at": at(1)},
         [("document.sent", 2, None, True)]),
        ({"status": "delivered", "sent_at": at(2)},
         [("document.sent", 2, None, True), ("document.delivered", 9, None, True)]),
        ({"status": "created"}, [("document.created", 9, None, True)]),
        ({"status": "deleted"}, [("document.deleted", 9, None, True)]),
        ({}, []),
    ],
)  # fmt: skip
def test_how_far_the_envelope_is_is_read_off_its_state(
    state: dict[str, Any], expected: list[Any]
) -> None:
    found = facts(document(), **state)
    assert sorted(found) == sorted([*expected, OWN])


def test_a_complete_list_of_signatures_completes_an_envelope_without_a_word() -> None:
    signed = [one.model_copy(update={"status": "signed", "signed_at": at(n + 2)})
              for n, one in enumerate((ANNA, BEN))]  # fmt: skip
    home = document(*signed, **SENT)
    end = ("document.completed", 3, None, True)
    assert facts(home, signers=tuple(signed)) == [end, OWN]
    assert facts(home, signers=tuple(signed), all_signers=False) == [OWN]
    assert facts(home, signers=(signed[0], BEN)) == [OWN]
    assert facts(home, signers=()) == [OWN]
    copy = Signer(id="3", action="copy")
    assert facts(document(*signed, copy, **SENT), signers=(*signed, copy)) == [end, OWN]


def test_the_end_is_when_it_is_told_or_else_with_the_last_signature() -> None:
    signed = ANNA.model_copy(update={"status": "signed", "signed_at": at(3)})
    home = document(signed, **SENT)
    state: dict[str, Any] = {"signers": (signed,), "status": "completed"}
    assert facts(home, **state, completed_at=at(6))[0] == ("document.completed", 6, None, True)
    assert facts(home, **state)[0] == ("document.completed", 3, None, True)
    undated = ANNA.model_copy(update={"status": "signed"})
    found = facts(document(undated, **SENT), signers=(undated,), status="completed")
    assert ("document.completed", 9, None, True) in found


def test_whoever_has_not_signed_has_signed_when_the_envelope_is_complete() -> None:
    home = document(ANNA, BEN.model_copy(update={"status": "signed"}), **SENT)
    found = facts(home, status="completed", completed_at=at(6), signers=(), all_signers=False)
    assert found == [
        ("signer.signed", 6, "1", True), ("document.completed", 6, None, True), OWN,
    ]  # fmt: skip
    copies = document(ANNA.model_copy(update={"action": "copy"}), **SENT)
    assert facts(copies, "document.completed") == [("document.completed", 9, None, False)]


def test_whoever_has_only_begun_to_sign_has_signed_as_well() -> None:
    begun = BEN.model_copy(update={"status": "started"})
    found = facts(document(ANNA, begun, **SENT), "document.completed")
    assert found == [
        ("signer.signed", 9, "1", True),
        ("signer.signed", 9, "2", True),
        ("document.completed", 9, None, False),
    ]


@pytest.mark.parametrize(
    ("status", "expected"),
    [("waiting", []), ("notified", ["document.sent"]), ("viewed", ["document.sent"])],
)
def test_an_envelope_without_a_word_was_sent_where_a_signer_who_must_act_was_reached(
    status: str, expected: list[str]
) -> None:
    reached = ANNA.model_copy(update={"status": status})
    found = [kind for kind, *_ in facts(document(ANNA), signers=(reached, BEN))]
    assert [kind for kind in found if kind.startswith("document.s")] == expected
    copy = reached.model_copy(update={"action": "copy"})
    assert "document.sent" not in [kind for kind, *_ in facts(document(ANNA), signers=(copy,))]


@pytest.mark.parametrize(
    ("own", "of_state", "reason"),
    [("too dear", "other", "too dear"), (None, "too late", "too late"), (None, None, None)],
)
def test_why_somebody_declined_is_what_the_message_says_or_else_its_state(
    own: str | None, of_state: str | None, reason: str | None
) -> None:
    declined = ANNA.model_copy(
        update={"status": "declined", "declined_at": at(3), "reason": of_state}
    )
    told = event("signer.declined", minute=9, state=Envelope(id="e", signers=(declined, BEN)))
    told = told.model_copy(update={"reason": own})
    (fact,) = [one for one in new_facts(document(ANNA, BEN, **SENT), told) if not one.derived]
    assert (fact.kind, fact.reason, fact.signer) == ("signer.declined", reason, SignerRef(id="1"))


def test_the_events_own_end_is_as_old_as_its_state_dates_it() -> None:
    home = document(ANNA.model_copy(update={"status": "signed"}), **SENT)
    state: dict[str, Any] = {"signers": home.signers, "status": "completed"}
    for dated, minute in ((at(6), 6), (None, 9)):
        found = facts(home, "document.completed", **state, completed_at=dated)
        assert found == [("document.completed", minute, None, False)]


def test_what_is_no_end_counts_though_it_came_before_the_reopening() -> None:
    home = document(status="sent", status_at=at(1), reopened_at=at(9))
    after, told = absorbed(home, "document.delivered", 5)
    assert (after.status, told) == ("delivered", "new")
    after, told = absorbed(home, "document.expired", 5)
    assert (after.status, told) == ("sent", "late")


def test_the_events_own_fact_is_as_old_as_its_state_dates_it() -> None:
    signed = ANNA.model_copy(update={"status": "signed", "signed_at": at(3)})
    who = SignerRef(id="1")
    home = document(ANNA, BEN, **SENT)
    found = facts(home, "signer.signed", signers=(signed, BEN), status="sent", who=who)
    assert found == [("signer.signed", 3, "1", False)]
    undated = ANNA.model_copy(update={"status": "signed"})
    found = facts(home, "signer.signed", signers=(undated, BEN), status="sent", who=who)
    assert found == [("signer.signed", 9, "1", False)]


def test_of_two_who_acted_the_latest_is_meant_where_nobody_is_named() -> None:
    both = tuple(
        one.model_copy(update={"status": "signed", "signed_at": at(minute)})
        for one, minute in ((ANNA, 4), (BEN, 3))
    )
    home = document(ANNA, BEN, Signer(id="3"), **SENT)
    found = facts(home, "signer.signed", signers=(*both, Signer(id="3")), status="sent")
    assert found == [("signer.signed", 3, "2", True), ("signer.signed", 4, "1", False)]


# --- dates


@pytest.mark.parametrize(
    ("state", "minute", "dates"),
    [
        ({"status": "sent", "sent_at": at(2)}, 9, (at(2), None)),
        ({"status": "sent", "sent_at": at(7)}, 9, (at(4), None)),
        ({"status": "sent"}, 3, (at(3), None)),
        ({"status": "delivered"}, 3, (at(3), None)),
        ({"status": "completed"}, 3, (at(3), None)),
        ({"status": "created"}, 3, (at(4), None)),
        ({"status": "deleted"}, 3, (at(4), None)),
    ],
)
def test_the_earliest_message_that_tells_of_a_date_is_the_nearest_to_it(
    state: dict[str, Any], minute: int, dates: tuple[Any, Any]
) -> None:
    home = document(status="sent", sent_at=at(4))
    after = with_dates(home, Envelope(id="e", **state), at(minute))
    assert (after.sent_at, after.completed_at) == dates


def test_what_an_end_hid_is_learned_from_later_messages() -> None:
    home = document(status="voided", status_at=at(5))
    after = with_dates(home, Envelope(id="e", status="voided", sent_at=at(2)), at(9))
    assert after.sent_at == at(2)
    done = document(status="completed", completed_at=at(5))
    state = Envelope(id="e", status="completed", completed_at=at(4))
    assert with_dates(done, state, at(9)).completed_at == at(4)


def test_an_end_without_a_date_is_with_the_last_signature_of_who_had_to_act() -> None:
    signers = (
        ANNA.model_copy(update={"status": "signed", "signed_at": at(3)}),
        BEN.model_copy(update={"action": "copy", "status": "signed", "signed_at": at(7)}),
    )
    state = Envelope(id="e", status="completed", signers=signers)
    done = document(status="completed", completed_at=at(8))
    assert with_dates(done, state, at(9)).completed_at == at(3)


def test_dates_of_signers_only_become_earlier() -> None:
    known = ANNA.model_copy(
        update={"status": "signed", "signed_at": at(5), "viewed_at": at(4), "notified_at": None}
    )
    told = ANNA.model_copy(update={"status": "signed", "viewed_at": at(6), "notified_at": at(1)})
    state = Envelope(id="e", status="sent", signers=(told,))
    (after,) = with_dates(document(known, **SENT), state, at(3)).signers
    assert (after.signed_at, after.viewed_at, after.notified_at) == (at(3), at(4), None)
    (later,) = with_dates(document(known, **SENT), state, at(8)).signers
    assert later == known
    other = Envelope(id="e", status="sent", signers=(told.model_copy(update={"id": "9"}),))
    assert with_dates(document(known, **SENT), other, at(3)).signers == (known,)


def _titles(*messages: tuple[int, str, bool]) -> str | None:
    here = world(pipeline(stage("draft")))
    for minute, title, of_template in messages:
        state = envelope(title=title, title_of_template=of_template)
        document = here.tell("docusign", [event("document.viewed", minute=minute, state=state)])
    return document.title


def test_a_template_s_name_gives_way_to_the_envelope_s_own_title_in_any_order() -> None:
    early, own, late = (1, "Lease", True), (2, "Lease of flat 3", False), (5, "Lease 2026", True)
    assert _titles(early) == "Lease"
    assert _titles(early, late) == _titles(late, early) == "Lease 2026"
    for order in itertools.permutations((early, own, late)):
        assert _titles(*order) == "Lease of flat 3"
