"""Laws of meaning: what a set of messages leads to, held against the table of what each says."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import builders
from tests.meaning.lives import Sender, senders
from tests.meaning.outcome import expected
from tests.meaning.telling import (
    PIPELINE,
    WITHOUT_ENDS,
    diff,
    only_document,
    stage_differs,
    tell,
    world,
)

EXAMPLES = 150
LIVES = [
    pytest.param(sender, life, id=f"{sender.name}-{number}")
    for sender in senders().values()
    for number, life in enumerate(sender.lives)
]


def wrong(sender: Sender, files: list[str]) -> list[str]:
    """What is wrong after these messages, in this order."""
    here = world(sender)
    tell(here, sender, files)
    document = only_document(here)
    wanted = expected(sender, [sender.messages[file] for file in files])
    mapped = document.fields.get("told") if document else None
    return [
        *diff(sender, document, wanted),
        *stage_differs(document, wanted),
        *([] if mapped == wanted.custom else [f"the field is {mapped}; told is {wanted.custom}"]),
    ]


@pytest.mark.parametrize(("sender", "life"), LIVES)
def test_a_life_in_its_order_leads_at_each_step_to_what_was_told(
    sender: Sender, life: tuple[str, ...]
) -> None:
    for length in range(1, len(life) + 1):
        assert wrong(sender, list(life[:length])) == [], life[:length]


@pytest.mark.parametrize("sender", senders().values(), ids=senders())
def test_any_two_messages_of_a_life_say_the_same_in_either_order(sender: Sender) -> None:
    pairs = {pair for life in sender.lives for pair in permutations(life, 2)}
    faults = {pair: found for pair in sorted(pairs) if (found := wrong(sender, list(pair)))}
    assert faults == {}


def test_the_reason_of_an_end_is_known_whichever_message_brings_it() -> None:
    for reasons in ((None, "too dear"), ("too dear", None)):
        here = builders.world(PIPELINE)
        for minute, reason in enumerate(reasons):
            told = builders.event("document.declined", minute=minute, reason=reason)
            document = here.tell("docusign", [told])
        assert (document.status, document.reason) == ("declined", "too dear")


@st.composite
def heard(draw: st.DrawFn) -> tuple[Sender, list[str]]:
    """Messages of one life: some lost, the others in any order, some of them twice."""
    sender = senders()[draw(st.sampled_from(sorted(senders())))]
    life = draw(st.sampled_from(sender.lives))
    kept = draw(st.lists(st.sampled_from(life), min_size=1, max_size=len(life) + 3))
    return sender, kept


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
@given(heard=heard())
def test_order_repetition_and_losses_change_nothing_of_what_the_rest_says(
    heard: tuple[Sender, list[str]],
) -> None:
    assert wrong(*heard) == []


@settings(max_examples=EXAMPLES // 2, deadline=None, derandomize=True)
@given(heard=heard(), data=st.data())
def test_without_a_stage_for_an_end_the_order_decides_nothing_either(
    heard: tuple[Sender, list[str]], data: st.DataObject
) -> None:
    """What a state tells of a step counts, though the envelope has ended meanwhile."""
    sender, files = heard
    stages = set()
    for order in (files, data.draw(st.permutations(files))):
        here = world(sender, WITHOUT_ENDS)
        tell(here, sender, order)
        document = only_document(here)
        stages.add(document and document.stage)
    assert len(stages) == 1


@pytest.mark.parametrize(
    ("provider", "files", "stage"),
    [
        (
            "signnow",
            ("document.fieldinvite.sent_director", "document.fieldinvite.delete_client"),
            "sent",
        ),
        (
            "xodo_sign",
            ("signer_bounced_client", "document_viewed_client", "document_expired"),
            "sent",
        ),
        ("yousign", ("signature_request.activated", "signature_request.expired"), "sent"),
    ],
)
def test_an_end_without_a_stage_of_its_own_leaves_the_steps_before_it_what_they_are(
    provider: str, files: tuple[str, ...], stage: str
) -> None:
    for order in permutations(files):
        here = world(senders()[provider], WITHOUT_ENDS)
        tell(here, senders()[provider], order)
        document = only_document(here)
        assert document is not None
        assert document.stage == stage, order


def test_a_signature_heard_of_before_its_signer_is_named_fires_his_sides_trigger() -> None:
    sender = senders()["yousign"]
    files = ["signature_request.activated", "signer.link_opened_client", "signer.done_director"]
    assert wrong(sender, files) == []
