"""What is written down is read back as it was: pipelines as files, and messages that wait."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.engine.validation.diff import diff
from countersign.model.incoming_message import IncomingMessage
from countersign.model.pipeline import Pipeline
from countersign.model.signing_event import Envelope, Sender, Signer, SignerRef, SigningEvent
from countersign.pipeline_files.reader import read
from tests.strategies import pipelines

laws = settings(deadline=None, max_examples=80)

# Text as it comes from outside: any that UTF-8 can hold.
texts = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
ids = st.text("abc-09", min_size=1, max_size=8)
moments = st.datetimes(
    datetime(2000, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC]),
)
maps = st.dictionaries(ids, st.text(max_size=5), max_size=3)
refs = st.builds(SignerRef, id=texts, email=texts, name=texts, role=texts)
signers = st.builds(
    Signer,
    id=ids,
    name=texts,
    email=texts,
    order=st.none() | st.integers(0, 9),
    action=st.sampled_from(["sign", "view"]),
    status=st.sampled_from(["waiting", "signed"]),
    signed_at=st.none() | moments,
    reason=texts,
)
envelopes = st.builds(
    Envelope,
    id=ids,
    title=texts,
    status=st.sampled_from([None, "sent", "completed"]),
    signers=st.lists(signers, max_size=2).map(tuple),
    sender=st.none() | st.builds(Sender, name=texts, email=texts),
    sent_at=st.none() | moments,
    custom_fields=maps,
)
events = st.builds(
    SigningEvent,
    kind=st.sampled_from(["signer.signed", "document.completed", "other"]),
    key=ids,
    provider_event=ids,
    occurred_at=moments,
    envelope=ids,
    signer=st.none() | refs,
    previous_signer=st.none() | refs,
    reason=texts,
    state=st.none() | envelopes,
    detail=maps,
)
postponed = st.builds(
    IncomingMessage,
    pipeline=ids,
    connection=ids,
    received_at=moments,
    authenticity=st.sampled_from(["signed", "shared_secret", "none"]),
    events=st.lists(events, min_size=1, max_size=3).map(tuple),
    raw=texts,
)


@given(pipelines())
@laws
def test_a_pipeline_written_to_a_file_is_read_back_as_it_was(wanted: Pipeline) -> None:
    value, _, repeated = read(wanted.model_dump_json(), json=True)
    found = Pipeline.model_validate(value)
    assert (found, repeated) == (wanted, ())
    assert diff(wanted, found) == ()


@given(pipelines(), pipelines())
@laws
def test_two_pipelines_are_the_same_exactly_when_nothing_differs(
    one: Pipeline, other: Pipeline
) -> None:
    assert (diff(one, other) == ()) == (one == other)


@given(postponed)
@laws
def test_a_message_that_waits_is_read_back_as_it_was(message: IncomingMessage) -> None:
    assert IncomingMessage.model_validate_json(message.model_dump_json()) == message
