"""What is received of a signer before any message names the signer counts once one does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.engine.envelopes.deferred_steps import deferred
from countersign.engine.envelopes.signers import MergedState
from countersign.model.connection import FieldMapping
from countersign.model.signing_event import SignerRef, SigningEvent
from countersign.rules.base import Edit
from countersign.simulation.world import World
from tests.builders import (
    connection,
    envelope,
    event,
    mail,
    pipeline,
    stage,
    timeline,
    trigger,
)

OURS = {"company_domains": ["acme.example"]}
NAMES = {
    "s1": {"email": "rosa@acme.example", "role": "Buyer", "order": 1},
    "s2": {"email": "timo@kunde.example", "role": "Seller", "order": 2},
}
BY_PARTY = (
    stage("draft"),
    stage("ours", triggers=[trigger("signed_by_company")]),
    stage("theirs", triggers=[trigger("signed_by_client")]),
    stage("refused", kind="failure", triggers=[trigger("declined", settings={"party": "client"})]),
)


def listed(**statuses: str) -> list[dict[str, Any]]:
    """A list that tells of signers by their ids alone."""
    return [{"id": name, "status": status} for name, status in statuses.items()]


def by_ids(kind: str, minute: int, **statuses: str) -> SigningEvent:
    """A message whose list names nobody."""
    state = envelope(None, signers=listed(**statuses), sender=None, title=None)
    return event(kind, minute=minute, state=state)


def naming(minute: int, *who: str, **statuses: str) -> SigningEvent:
    """A message whose list says who these are."""
    signers = [
        {**one, **(NAMES[one["id"]] if one["id"] in who else {})} for one in listed(**statuses)
    ]
    state = envelope(None, signers=signers, all_signers=len(signers) > 1, sender=None, title=None)
    return event("document.modified", minute=minute, state=state)


def by_ref(kind: str, minute: int, **ref: Any) -> SigningEvent:
    """A message without a list."""
    return event(kind, minute=minute, key=f"{kind}:{ref}", signer=SignerRef(**ref))


SEEN_BY_ROSA = by_ref("document.viewed", 0, id="s1", **NAMES["s1"])
BOTH_NAMED = naming(2, "s1", "s2", s1="signed", s2="signed")


def connected(stages: Sequence[dict[str, Any]], parties: dict[str, Any] = OURS) -> World:
    """A world with such a pipeline, that has received nothing yet."""
    here = World()
    here.publish(pipeline(*stages))
    here.connect(connection(parties=parties))
    return here


def told(
    *messages: SigningEvent,
    stages: Sequence[dict[str, Any]] = BY_PARTY,
    parties: dict[str, Any] = OURS,
) -> tuple[World, Any]:
    """The world after these messages, in this order, and its document."""
    here = connected(stages, parties)
    for message in messages:
        document = here.tell("docusign", [message])
    return here, document


@pytest.mark.parametrize(
    ("messages", "leads_to"),
    [
        (
            (by_ids("signer.notified", 1, s1="signed"), naming(2, "s1", s1="signed")),
            "ours",
        ),
        (
            (by_ids("signer.notified", 1, s2="signed"), naming(2, "s2", s2="waiting")),
            "theirs",
        ),
        (
            (by_ids("other", 1, s2="declined"), naming(2, "s2", s2="declined")),
            "refused",
        ),
        (
            (by_ref("signer.signed", 1, id="s1"), SEEN_BY_ROSA),
            "ours",
        ),
        (
            (
                by_ref("signer.signed", 1, id="s2"),
                by_ref("signer.delivery_failed", 2, id="s2", email="timo@kunde.example"),
            ),
            "theirs",
        ),
        (
            (by_ref("signer.signed", 1, id="s1"), naming(0, "s1", s1="waiting")),
            "ours",
        ),
        (
            (by_ids("other", 1, s1="signed", s2="signed"), BOTH_NAMED),
            "theirs",
        ),
    ],
)  # fmt: skip
def test_what_is_received_of_a_signer_counts_when_the_signer_is_named(
    messages: tuple[SigningEvent, ...], leads_to: str
) -> None:
    assert told(*messages[:1])[1].stage == "draft"
    assert told(*messages)[1].stage == leads_to


def test_a_step_that_counts_late_is_on_the_timeline_with_all_that_is_known_of_it() -> None:
    here, document = told(
        by_ref("signer.declined", 1, id="s2").model_copy(update={"reason": "too dear"}),
        by_ref("signer.delivery_failed", 2, id="s2", email="timo@kunde.example"),
    )
    lines = timeline(here, document)
    (counted,) = [line for line in lines if "before a message named" in line["text"]]
    assert counted == {
        "kind": "event",
        "text": "signer.declined (timo@kunde.example), received before a message named the signer",
        "by": "provider:docusign",
        "entry": 1,
        "event": "signer.declined",
        "key": "signer.delivery_failed:{'id': 's2', 'email': 'timo@kunde.example'}",
        "occurred_at": 1,
        "applied": "derived",
        "signer": "timo@kunde.example",
        "reason": "too dear",
        "fired": {"trigger": "declined", "stage": "refused", "kind": "declined"},
        "cause": "provider:docusign signer.delivery_failed",
    }


@pytest.mark.parametrize(("status", "minute"), [(None, 0), ("delivered", 1)])
def test_a_step_without_a_date_counts_from_the_envelope_s_or_the_document_s(
    status: str | None, minute: int
) -> None:
    first = () if status is None else (event(f"document.{status}", minute=1),)
    here, document = told(
        *first,
        by_ref("signer.expired", 2, id="s2"),
        by_ref("signer.delivery_failed", 3, id="s2", email="timo@kunde.example"),
    )
    (counted,) = [
        line for line in timeline(here, document) if "before a message named" in line["text"]
    ]
    assert (counted["event"], counted["occurred_at"]) == ("signer.expired", minute)


@pytest.mark.parametrize(
    ("status", "later"),
    [
        (None, set()),
        ("sent", set()),
        ("delivered", set()),
        ("completed", {"document.completed"}),
        ("declined", {"document.declined"}),
        ("voided", {"document.voided"}),
        ("expired", {"document.expired"}),
        ("deleted", {"document.deleted"}),
    ],
)
def test_the_end_of_the_envelope_came_after_the_step(status: Any, later: set[str]) -> None:
    _, document = told(by_ids("document.viewed", 1, s1="viewed"))
    before = {signer.id: signer for signer in document.signers}
    signers = [signer.model_copy(update={"party": "company"}) for signer in document.signers]
    named = document.model_copy(update={"status": status, "signers": tuple(signers)})
    _, (step,) = deferred(MergedState(named, before))
    assert (step.kind, set(step.later)) == ("document.viewed", later)


def test_the_envelopes_sender_tells_whose_signature_it_was() -> None:
    signer = {"id": "s9", "email": "rosa@acme.example", "status": "signed"}
    first = event("signer.notified", state=envelope(None, sender=None, signers=[signer]))
    recorded = {"email": "sales@acme.example"}
    second = event("other", minute=1, state=envelope(None, sender=recorded, signers=[]))
    assert told(first, second, parties={})[1].stage == "ours"


@pytest.mark.parametrize(
    "settings_",
    [{"role": "buyer"}, {"order": 1}, {"party": "company", "role": "Buyer"}],
    ids=["role", "order", "both"],
)
def test_a_role_or_a_place_that_is_known_later_counts_too(settings_: dict[str, Any]) -> None:
    stages = (stage("draft"), stage("ours", triggers=[trigger("signed_by_signer",
              settings=settings_)]))  # fmt: skip
    first = by_ids("other", 1, s1="signed")
    assert told(first, naming(2, "s1", s1="signed"), stages=stages)[1].stage == "ours"


def test_each_of_two_named_at_once_is_counted() -> None:
    count = trigger("signed_by_count", settings={"count": 1, "party": "company"})
    both = {name: {**NAMES[name], "email": f"{name}@acme.example"} for name in NAMES}
    signers = [{"id": name, "status": "signed", **both[name]} for name in both]
    state = envelope(None, signers=signers, sender=None)
    second = event("document.modified", minute=2, state=state)
    first = by_ids("other", 1, s1="signed", s2="signed")
    stages = (stage("draft"), stage("one-of-ours", triggers=[count]))
    assert told(first, second, stages=stages)[1].stage == "one-of-ours"


def test_it_counts_once_though_messages_go_on_naming_the_signer() -> None:
    here, document = told(by_ids("other", 1, s1="signed"), naming(2, "s1", s1="signed"))
    here.edit(document.id, Edit(stage="draft"), by="ben@acme.example")
    again = (
        naming(3, "s1", s1="signed"),
        by_ids("other", 4, s1="signed"),
        by_ref("signer.signed", 5, id="s1", **NAMES["s1"]),
    )
    for message in again:
        document = here.tell("docusign", [message])
    assert document.stage == "draft"
    moves = [line.by for line in here.documents.timeline(document.id) if line.kind == "moved"]
    assert moves == ["trigger:signed-by-company", "ben@acme.example"]


def test_a_trigger_for_anybody_that_has_fired_does_not_fire_again_for_the_name() -> None:
    stages = (
        stage("draft"),
        stage("counted", triggers=[trigger("signed_by_count", settings={"count": 1})]),
        stage("ours", triggers=[trigger("signed_by_company")]),
    )
    here, document = told(by_ids("other", 1, s2="signed"), stages=stages)
    assert document.stage == "counted"
    here.edit(document.id, Edit(stage="draft"), by="ben@acme.example")
    document = here.tell("docusign", [naming(2, "s2", s2="signed")])
    lines = here.documents.timeline(document.id)
    line = next(one for one in lines if one.text.endswith("named the signer"))
    assert document.stage == "draft"
    assert [passed.reason for passed in line.passed] == [
        "it matched this already when it was first received",
        "timo@kunde.example is on the side of the client, not of the company",
    ]
    assert line.text == (
        "signer.signed (timo@kunde.example), received before a message named the signer"
    )


def test_the_step_proves_as_much_as_the_message_that_names_its_signer() -> None:
    proven = trigger("signed_by_company", authenticity="signed")
    stages = (stage("draft"), stage("ours", triggers=[proven]))
    messages = by_ids("other", 1, s1="signed"), naming(2, "s1", s1="signed")
    here, document = told(*messages, stages=stages)
    assert document.stage == "ours"
    (line,) = [
        one for one in here.documents.timeline(document.id) if one.text.endswith("named the signer")
    ]
    assert line.fired is not None
    assert (line.fired.kind, line.fired.trigger) == ("signed_by_company", proven["id"])
    here = connected(stages)
    for message in messages:
        document = here.tell("docusign", [message], authenticity="none")
    assert document.stage == "draft"


def test_what_counts_late_undoes_nothing() -> None:
    stages = (
        stage("draft"),
        stage("ours", triggers=[trigger("signed_by_company", allow_return=True)]),
        stage("done", kind="success", triggers=[trigger("signed_by_all")]),
    )
    first, end = by_ids("other", 1, s1="signed"), event("document.completed", minute=2)
    assert told(first, end, naming(3, "s1", s1="signed"), stages=stages)[1].stage == "done"


def test_nobody_is_of_the_others_before_a_name_could_say_otherwise() -> None:
    parties = {**OURS, "others": "client"}
    first = by_ids("other", 1, s1="signed", s2="waiting")
    assert told(first, parties=parties)[1].stage == "draft"
    named = naming(2, "s1", "s2", s1="signed", s2="waiting")
    document = told(first, named, parties=parties)[1]
    assert document.stage == "ours"
    assert [one.party for one in document.signers] == ["company", "client"]


def test_as_many_stages_as_it_takes_are_passed_in_transactions_of_their_own() -> None:
    """Rules that stay when their stage is left fill a transaction; none of the steps is lost."""
    kept = [mail(f"m{n}", on_leave="keep", time={"after": {"days": 90}}) for n in range(60)]
    stages = (
        stage("draft"),
        stage("seen", *kept, triggers=[trigger("viewed", settings={"party": "company"})]),
        stage("ours", triggers=[trigger("signed_by_company")]),
        stage("theirs", triggers=[trigger("signed_by_client")]),
    )
    first = [
        by_ref("document.viewed", 1, id="s1"),
        by_ref("signer.signed", 2, id="s1"),
        by_ref("signer.signed", 3, id="s2"),
    ]
    here, document = told(*first, naming(4, "s1", "s2", s1="signed", s2="signed"), stages=stages)
    assert document.stage == "theirs"
    assert [one.party for one in document.signers] == ["company", "client"]
    assert len(here.documents.runs(document.id)) == 60


def test_a_message_of_two_events_that_takes_several_transactions_reads_as_two_messages() -> None:
    kept = [mail(f"m{n}", on_leave="keep", time={"after": {"days": 90}}) for n in range(60)]
    stages = (
        stage("draft"),
        stage("seen", *kept, triggers=[trigger("viewed")]),
        stage("ours", triggers=[trigger("signed_by_company")]),
        stage("theirs", triggers=[trigger("signed_by_client")]),
    )
    at = [f"2026-03-02T09:0{minute}:00Z" for minute in range(5)]
    signers = [
        {"id": "s1", "status": "signed", "viewed_at": at[1], "signed_at": at[2], **NAMES["s1"]},
        {"id": "s2", "status": "signed", "signed_at": at[3], **NAMES["s2"]},
    ]
    state = envelope(None, signers=signers, sender=None, title=None)
    seen = event("document.viewed", minute=1, signer=SignerRef(id="s1"), state=state)
    called = event("call.received", minute=4)
    timelines = []
    for messages in ([[seen, called]], [[seen], [called]]):
        here = connected(stages)
        for message in messages:
            document = here.tell("docusign", message)
        assert document.stage == "theirs"
        timelines.append([one.text for one in here.documents.timeline(document.id)])
    assert timelines[0] == timelines[1]


def test_what_happened_is_recorded_once_however_many_transactions_it_takes() -> None:
    """The rest of an event whose own fact was applied goes on without that."""
    at = [f"2026-03-02T09:0{minute}:00Z" for minute in range(5)]
    signers = [
        {"id": "s1", "status": "signed", "viewed_at": at[1], "signed_at": at[2], **NAMES["s1"]},
        {"id": "s2", "status": "signed", "viewed_at": at[2], "signed_at": at[3], **NAMES["s2"]},
    ]
    deal = {"Deal": "7"}
    state = envelope(None, signers=signers, sender=None, title=None, custom_fields=deal)
    seen = event("document.viewed", minute=1, signer=SignerRef(id="s1"), state=state)
    recorded = []
    for number in (1, 60):
        kept = [mail(f"m{n}", on_leave="keep", time={"after": {"days": 90}}) for n in range(number)]
        here = World()
        stages = (
            stage("draft"),
            stage("seen", *kept, triggers=[trigger("viewed")]),
            stage("ours", triggers=[trigger("signed_by_company")]),
            stage("theirs", triggers=[trigger("signed_by_client")]),
            stage("dealt", triggers=[trigger("field_changed", settings={"fields": ["deal"]})]),
        )
        here.publish(pipeline(*stages, fields={"deal": {"type": "text"}}))
        mapped = (FieldMapping(source="Deal", field="deal"),)
        here.connect(connection(parties=OURS, fields=mapped))
        document = here.tell("docusign", [seen])
        assert document.stage == "dealt"
        lines = here.documents.timeline(document.id)
        happened = [
            (line.event, line.signer, line.applied) for line in lines if line.kind == "event"
        ]
        recorded.append(sorted(happened, key=str))
    assert recorded[0] == recorded[1]


@st.composite
def messages(draw: st.DrawFn) -> list[SigningEvent]:
    """Who signed and who the signers are, in messages that each say one of it, a few twice."""
    steps = [
        by_ref("document.viewed", 1, id="s1"),
        by_ref("signer.signed", 2, id="s1"),
        by_ref("signer.signed", 3, id="s2"),
        naming(4, "s1", s1="waiting"),
        naming(5, "s2", s2="waiting"),
        naming(6, "s2", s1="signed", s2="viewed"),
    ]
    kept = draw(st.lists(st.sampled_from(range(len(steps))), min_size=1, unique=True))
    return [steps[place] for place in sorted(kept)]


@settings(max_examples=150, deadline=None)
@given(data=st.data(), sent=messages())
def test_the_order_of_names_and_signatures_does_not_decide_where_they_lead(
    data: st.DataObject, sent: list[SigningEvent]
) -> None:
    """Also with what is the furthest stage that any of them leads to, found in the plainest way."""
    shuffled = data.draw(st.permutations(sent))
    document = told(*shuffled)[1]
    signed, names = set(), set()
    for message in sent:
        if message.kind == "signer.signed" and message.signer is not None:
            signed.add(message.signer.id)
        for one in message.state.signers if message.state else ():
            names |= {one.id} if one.email else set()
            signed |= {one.id} if one.status == "signed" else set()
    known = signed & names
    assert document.stage == ("theirs" if "s2" in known else "ours" if "s1" in known else "draft")
