"""Dead letters: what each asked for, what has become of that since, and what re-driving it does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from countersign.engine.runs.mail_events import sentence
from countersign.errors import NotFoundError, PermanentError, UnreadableError
from countersign.model.dead_letter import DeadLetter, DeadLetterQueue
from countersign.model.message import RunMessage
from countersign.model.run import Lane
from countersign.ports import DeadLetters, Documents

Cure = Literal["send_back", "remove", "leave", "keep"]
"""``send_back``: it goes to its queue again; ``remove``: nothing is left to do for it; ``leave``:
a person must look at it; ``keep``: what it is about cannot be read by this version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetterFinding:
    """A dead letter, explained."""

    letter: DeadLetter
    about: str
    """What it asked for: a run's key, a connection's webhook …"""
    text: str
    """What has become of that since, as a sentence."""
    cure: Cure
    lane: Lane | None = None
    """Where it is sent back to, if not to the queue it came from."""


def examine(
    documents: Documents, letters: DeadLetters, queues: tuple[DeadLetterQueue, ...]
) -> Iterator[DeadLetterFinding]:
    """What is in these queues, queue by queue. None of it is held any longer when it is given."""
    return (_examined(documents, letter) for letter in letters.look(queues))


def redrive(
    documents: Documents, letters: DeadLetters, queues: tuple[DeadLetterQueue, ...]
) -> Iterator[DeadLetterFinding]:
    """Send back what can be performed still, remove what is void, leave the rest."""
    for queue in queues:
        for letter in tuple(letters.hold(queue)):
            examined = _examined(documents, letter)
            match examined.cure:
                case "send_back":
                    letters.send_back(letter, examined.lane)
                case "remove":
                    letters.remove(letter)
                case "leave" | "keep":
                    letters.release(letter)
            yield examined


def drop(
    documents: Documents, letters: DeadLetters, queues: tuple[DeadLetterQueue, ...]
) -> Iterator[DeadLetterFinding]:
    """Remove those that nobody can do anything with but look at them; the others stay."""
    for queue in queues:
        for letter in tuple(letters.hold(queue)):
            examined = _examined(documents, letter)
            if examined.cure != "leave":
                letters.release(letter)
                continue
            letters.remove(letter)
            yield examined


def redrive_one(
    documents: Documents, letters: DeadLetters, queue: DeadLetterQueue, letter_id: str
) -> DeadLetterFinding:
    """Send one back, or remove it where it is void.

    NotFoundError where it does not rest there, or somebody else has it in hand. PermanentError
    where it can be neither sent back nor removed: it stays.
    """
    finding = _examined(documents, _held(letters, queue, letter_id))
    letter = finding.letter
    match finding.cure:
        case "send_back":
            letters.send_back(letter, finding.lane)
        case "remove":
            letters.remove(letter)
        case "leave" | "keep":
            letters.release(letter)
            raise PermanentError(f"the dead letter cannot be redriven: {finding.text}")
    return finding


def drop_one(
    documents: Documents, letters: DeadLetters, queue: DeadLetterQueue, letter_id: str
) -> DeadLetterFinding:
    """Remove one, whatever it asks for; NotFoundError as in ``redrive_one``."""
    finding = _examined(documents, _held(letters, queue, letter_id))
    letters.remove(finding.letter)
    return finding


def _held(letters: DeadLetters, queue: DeadLetterQueue, letter_id: str) -> DeadLetter:
    """The dead letter, taken in hand; all others are left as they were."""
    match = None
    for letter in tuple(letters.hold(queue)):
        if letter.id == letter_id:
            match = letter
        else:
            letters.release(letter)
    if match is None:
        msg = f"there is no dead letter {letter_id} in {queue}; it is gone, or in somebody's hands"
        raise NotFoundError(msg)
    return match


def _examined(documents: Documents, letter: DeadLetter) -> DeadLetterFinding:
    if letter.run is not None:
        return _run(documents, letter, letter.run)
    if letter.job is not None:
        return DeadLetterFinding(
            letter=letter,
            about=f"job {letter.job.job}",
            text="the sweep hands it to its lane again, or has it fail; `jobs show` says how it is",
            cure="remove",
        )
    if letter.webhook is not None:
        return DeadLetterFinding(
            letter=letter,
            about=f"webhook of {letter.webhook}",
            text="it was accepted and could not be committed",
            cure="send_back",
        )
    if letter.feedback is not None:
        return DeadLetterFinding(
            letter=letter,
            about=f"report on {letter.feedback.run}",
            text=f"{sentence(letter.feedback)}, and that could not be recorded",
            cure="send_back",
        )
    if letter.changes is not None:
        since = letter.changes.since
        when = f" from {since:%Y-%m-%d %H:%M} UTC on" if since else ""
        return DeadLetterFinding(
            letter=letter,
            about=f"{letter.changes.number} changes of the state",
            text=f"written{when}; {_REMEDIES[letter.queue]}",
            cure="remove",
        )
    text = letter.reason or "it asks for nothing that this version knows"
    return DeadLetterFinding(letter=letter, about=f"message {letter.id}", text=text, cure="leave")


_REMEDIES = {
    "dispatch": "the sweep sends their runs to the lanes once they are late",
    "statistics": "they are not counted; run: countersign statistics rebuild --replace",
}
"""What makes up for changes of the state that a stream gave up, by the queue they rest in."""


def _run(documents: Documents, letter: DeadLetter, message: RunMessage) -> DeadLetterFinding:
    about = f"run {message.key}"
    try:
        run = documents.run(message.key)
    except UnreadableError as error:
        # Nothing is known of this one, and it keeps nobody else's.
        return DeadLetterFinding(letter=letter, about=about, text=str(error), cure="keep")
    if run is None:
        text = "there is no such run any more"
        return DeadLetterFinding(letter=letter, about=about, text=text, cure="remove")
    if run.generation != message.generation:
        text = (
            f"it was replaced: the run is {run.state_in_words} in its {run.generation}. generation"
        )
        return DeadLetterFinding(letter=letter, about=about, text=text, cure="remove")
    if run.state == "ready":
        text = "the run is ready and was not performed"
        return DeadLetterFinding(
            letter=letter, about=about, text=text, cure="send_back", lane=run.lane
        )
    reason = f": {run.reason}" if run.reason else ""
    text = f"the run is {run.state_in_words}{reason}"
    return DeadLetterFinding(letter=letter, about=about, text=text, cure="remove")
