"""Laws of the end: once faults have stopped and all is quiet, nothing is lost, open or untold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from datetime import timedelta
from typing import Any

from countersign.engine.envelopes.reconcile import WITHOUT_EFFECT
from countersign.model import fields
from countersign.model.document import Document
from countersign.model.incoming_message import SetAsideMessage
from countersign.model.run import CONCLUDED, Run
from countersign.model.search_words import is_indexed, words_of
from countersign.model.signing_event import SigningEvent
from countersign.model.task import TaskKey
from countersign.providers import provider
from countersign.use_cases.messages.apply_message import document_id
from countersign.use_cases.messages.verified_request import VerifiedRequest
from tests.crash.connecting import keys_of
from tests.crash.envelopes import ENDED, Message, SimulatedEnvelope
from tests.crash.file_laws import as_told, told_files
from tests.crash.filing import ASKED
from tests.crash.lives import life_faults
from tests.crash.timeline_laws import hash_faults
from tests.crash.universe import Universe

OWN = ("responsible", "amount", "currency", "number")


def look_at_end(universe: Universe) -> None:
    """Note every law that is broken in the end."""
    at_rest = set(_keys_at_rest(universe))
    known = [
        message.name
        for message in universe.providers.sent.values()
        if _was_applied(universe, message, at_rest)
    ]
    for run in universe.state.runs.values():
        why = why_open(universe, run)
        if why is not None and why.startswith("stuck"):
            universe.state.broken("waits", f"{run.key} {why}")
    for run in universe.state.runs.values():
        _was_sent(universe, run)
    for document in universe.state.documents.values():
        _replays(universe, document)
        for text in hash_faults(universe.memory_documents, document.id):
            universe.state.broken("proven", text)
        if document.pending_updates is not None:
            universe.state.broken(
                "waits", f"{document.id} is pending_updates: {document.pending_updates}"
            )
    _are_found(universe)
    for envelope in universe.envelopes:
        _is_told(universe, envelope, known)
    for text in life_faults(known, universe.state.documents.values()):
        universe.state.broken("meaning", text)
    for text in universe.memory_jobs.faults_at_end():
        universe.state.broken("jobs", text)
    universe.limits.look_at_end()
    gone = universe.connecting.ever_gone
    kept = {} if ASKED in gone else {ASKED: universe.scenario.keep_files}
    universe.file_laws.look_at_end(kept)
    postponed = universe.memory_postponed
    left = [one for name in universe.pipelines for one in postponed.list(name)]
    if left:
        universe.state.broken("answered", f"{len(left)} messages are still postponed")
    gone = universe.connecting.gone
    for one in _set_aside(universe):
        if one.message.connection not in gone or one.message.connection not in one.reason:
            universe.state.broken("surprise", f"a message was set aside: {one.reason}")
    for letter in universe.queues.dead_letters.resting:
        if " poison " in letter.id and letter.reason is None:
            universe.state.broken("poison", f"nobody is told why {letter.id} rests")
    if universe.queues.dead_letters.resting:
        resting = [
            one.id
            for one in universe.queues.dead_letters.resting
            if one.webhook and not gone & set(_connection_of(one.body))
        ]
        if resting:
            universe.state.broken("answered", f"webhooks rest as dead letters: {resting}")


def _are_found(universe: Universe) -> None:
    """Each document is found by its words and by no others."""
    state = universe.state
    indexed: defaultdict[str, set[str]] = defaultdict(set)
    for word, name in state.words:
        indexed[name].add(word)
    for document in state.documents.values():
        there, wanted = indexed.pop(document.id, set()), set(words_of(document))
        addresses = [one.email.strip().lower() for one in document.signers[:5] if one.email]
        if there != wanted or not is_indexed(document):
            odd = f"lacks {sorted(wanted - there)}, still has {sorted(there - wanted)}"
            state.broken("words", f"{document.id} {odd}")
        for address in addresses:
            if address.isascii() and address not in there:
                state.broken("words", f"{document.id} is not found by {address}")
    if indexed:
        state.broken("words", f"documents that are not there are found: {sorted(indexed)}")


def _keys_at_rest(universe: Universe) -> Iterator[str]:
    """The keys of messages that wait for a connection which is gone, or were dropped with it."""
    yield from universe.connecting.dropped
    for one in _set_aside(universe):
        yield from (event.key for event in one.message.events)
    for letter in universe.queues.dead_letters.resting:
        if letter.webhook:
            yield from keys_of(letter.body, universe.connecting.made)


def _set_aside(universe: Universe) -> Iterator[SetAsideMessage]:
    for name in universe.pipelines:
        yield from universe.memory_postponed.list_aside(name)


def _connection_of(parked: str) -> Iterator[str]:
    yield VerifiedRequest.model_validate_json(parked).connection


def _was_applied(universe: Universe, message: Message, at_rest: Set[str]) -> bool:
    """Whether the message is known; a law is broken where it was taken and is neither that nor
    kept for a connection that is gone."""
    if message.connection in universe.connecting.ever_gone and _is_let_go(
        universe, message, at_rest
    ):
        return False
    for document, key in _keys(universe, message):
        # What concerned no document when it came is marked with its connection; should it come
        # again when there is one, it goes to that one's timeline, without effect.
        applied = [*universe.state.applied[document, key], *universe.state.applied[None, key]]
        if not applied:
            universe.state.broken("applied once", f"{message.name} ({key}) was never applied")
            continue
        if not universe.state.applied[document, key]:
            continue
        lines = [line for line in universe.memory_documents.timeline(document) if line.key == key]
        times = len({line.at for line in lines})
        if times != 1 or not any(line.kind == "event" for line in lines):
            universe.state.broken("applied once", f"{message.name} ({key}) is told {times} times")
    return True


def _is_let_go(universe: Universe, message: Message, at_rest: Set[str]) -> bool:
    """Whether a message of a connection that was removed is known to nobody, and may be."""
    if _is_known(universe, message):
        return False
    # The provider was not told that it was taken, or it is kept, or somebody dropped it.
    keys = {event.key for event in _events(universe, message)}
    return message.name not in universe.providers.taken or at_rest >= keys


def _is_known(universe: Universe, message: Message) -> bool:
    """Whether all that the message tells was applied; others may tell a part of it."""
    return all(
        universe.state.applied[_home(universe, message, event), event.key]
        for event in _events(universe, message)
    )


def _was_sent(universe: Universe, run: Run) -> None:
    """What a run says of its several mails is what the mail service has taken."""
    for number, mail in enumerate(run.mails):
        by_person = "counted as sent" in (mail.reason or "")
        if (
            mail.state == "sent"
            and not by_person
            and not universe.mail_service.parts[run.key, number]
        ):
            universe.state.broken("mails", f"mail {number} of {run.key} was never sent")


def _keys(universe: Universe, message: Message) -> list[tuple[str, str]]:
    """The document and the key of each event that a message tells of."""
    found = []
    for event in _events(universe, message):
        home = _home(universe, message, event)
        if event.kind == "payment.received" or home in universe.state.documents:
            found.append((home, event.key))
        elif event.kind not in WITHOUT_EFFECT:
            universe.state.broken("applied once", f"{message.name} made no document")
    return found


def _events(universe: Universe, message: Message) -> tuple[SigningEvent, ...]:
    """What a message tells."""
    if message.make is None:
        return message.events
    connection, _ = universe.connecting.made[message.connection]
    return provider(connection.provider).parse(message.make(universe.now, 1))


def _home(universe: Universe, message: Message, event: SigningEvent) -> str:
    """The document that an event of the message belongs to, or would."""
    if event.kind == "payment.received":
        return event.detail["document"]
    own = document_id(message.connection, event.envelope)
    return universe.state.aliases.get(f"{message.connection}#{event.envelope}", own)


def why_open(universe: Universe, run: Run) -> str | None:
    """Why a run is not concluded in the end, ``stuck`` where there is no good reason."""
    if run.state in CONCLUDED:
        return None
    document = universe.state.documents[run.document]
    dead = run.entry != document.entry and run.ends_on_leaving
    if run.state == "waiting" and run.after is not None:
        above = universe.state.runs[run.key.model_copy(update={"rule": run.after})]
        while above.was_taken_out and above.after is not None:  # gone with a new version
            above = universe.state.runs[run.key.model_copy(update={"rule": above.after})]
        why = why_open(universe, above)
        if why is None:
            return "left" if dead else f"stuck: {above.rule} above it is {above.state}"
        # A kept rule does not wait for one that will never run.
        return (
            f"stuck: waits for {above.rule}, which was left" if why == "left" and not dead else why
        )
    if run.state == "awaiting":
        task = universe.state.tasks[TaskKey.of(run.key)]
        return "awaits" if task.state == "open" else f"stuck: its task is {task.state}"
    if run.state == "in_doubt":
        until, heard = run.doubt_until, universe.state.last_report
        if until is None or heard is None or heard < until - timedelta(hours=1):
            return "in_doubt"
        if universe.sweeps.last < heard:  # which is played no more where it has long found nothing
            return "in_doubt"
        return f"stuck: in doubt until {until}"
    if dead:
        return "left"
    if run.state == "no_date" and run.date_field is not None:
        value = fields.read(document, run.date_field)
        return "no_date" if value is None else f"stuck: parked, but {run.date_field} is {value}"
    return f"stuck: {run.state}, due {run.due}"


def _replays(universe: Universe, document: Document) -> None:
    told: dict[str, Any] = {"stage": None, "entry": 1, "previous_stage": None, "moved": 0}
    values: dict[str, Any] = {}
    broken = universe.state.broken
    for line in universe.memory_documents.timeline(document.id):
        if line.kind == "created":
            told["stage"] = line.to_stage
        if line.kind == "moved":
            if line.from_stage != told["stage"]:
                broken("replay", f"{document.id} left {line.from_stage} and was in {told['stage']}")
            told |= {"stage": line.to_stage, "previous_stage": line.from_stage}
            told["entry"] += 1
            if line.entry != told["entry"]:
                broken("replay", f"{document.id}: entry {line.entry} follows {told['entry'] - 1}")
        for change in line.changes:
            if change.field in values and values[change.field] != change.old:
                found = values[change.field]
                broken("replay", f"{change.field} was {change.old}; the timeline says {found}")
            values[change.field] = change.new
    for name in ("stage", "entry", "previous_stage"):
        if getattr(document, name) != told[name]:
            found = getattr(document, name)
            broken("replay", f"{name} is {found}; the timeline leads to {told[name]}")
    for name, value in values.items():
        held = getattr(document, name) if name in OWN else document.fields.get(name)
        if held != value:
            broken("replay", f"{name} is {held}; the timeline leads to {value}")
    for name, value in document.fields.items():
        if name not in values:
            broken("replay", f"{name} is {value}, of which the timeline does not tell")
    for read in told_files(universe.memory_documents.timeline(document.id)):
        if isinstance(read, str):
            broken("replay", f"{document.id}: {read}")
        elif read != [as_told(one) for one in document.stored_files]:
            text = f"the files are {document.stored_files}; the timeline leads to {read}"
            broken("replay", f"{document.id}: {text}")
    versions = [
        change.document.version
        for _, _, change in universe.state.written
        if change.document is not None and change.document.id == document.id
    ]
    if versions != list(range(1, len(versions) + 1)):
        broken("replay", f"{document.id} went through the versions {versions}")


def _is_told(universe: Universe, envelope: SimulatedEnvelope, heard_of: Sequence[str]) -> None:
    """What was sent of the envelope is known in the end, whatever came late, twice or after all."""
    document = universe.state.documents.get(universe.home_of(envelope))
    if document is None:
        return
    told = [name for name in heard_of if envelope.state.id in name.split(" and ")[0]]

    def heard(text: str) -> bool:
        return any(f"{text} of {envelope.state.id}" in name for name in told)

    if not set(envelope.reopened) <= set(heard_of):
        return  # what followed an end that nobody knows to be over is not known either
    end = envelope.state.status
    if envelope.reopened and end not in ENDED and document.status in ENDED:
        text = f"{envelope.state.id} was opened again; known is {document.status}"
        universe.state.broken("told", text)
    for old, name in envelope.handed_on.items():
        if name in heard_of and document.signer(old) is not None:
            universe.state.broken("told", f"{old} has handed on, and is still to sign")
    told_last = any(envelope.ended_by in name for name in told)
    if end in ENDED and told_last and heard(f"document.{end}") and document.status != end:
        text = f"{envelope.state.id} is {end}; known is {document.status}"
        universe.state.broken("told", text)
    for signer in envelope.state.signers:
        by = f"signer.signed of {envelope.state.id} by {signer.name}"
        known = document.signer(signer.id)
        if any(by in name for name in told) and (known is None or known.status != "signed"):
            text = f"{signer.name} signed {envelope.state.id}; known is {known and known.status}"
            universe.state.broken("told", text)
