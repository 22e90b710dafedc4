"""Dead-letter queues in memory."""

from __future__ import annotations

from collections.abc import Iterator

from countersign.model.dead_letter import DeadLetter, DeadLetterQueue
from countersign.model.run import Lane


class MemoryDeadLetters:
    """``ports.DeadLetters`` in memory; tests lay the messages in, and see where they went."""

    queues: tuple[DeadLetterQueue, ...] = (
        "parked",
        "dispatch",
        "statistics",
        "schedule",
        "email",
        "web",
        "document",
        "feedback",
    )

    def __init__(self) -> None:
        self.resting: list[DeadLetter] = []
        self.sent_back: list[tuple[DeadLetter, Lane | None]] = []
        self._held: set[str] = set()

    def count(self, queue: DeadLetterQueue) -> int:
        return sum(letter.queue == queue for letter in self.resting)

    def hold(self, queue: DeadLetterQueue) -> Iterator[DeadLetter]:
        for letter in tuple(self.resting):
            if letter.queue == queue and letter.id not in self._held:
                self._held.add(letter.id)
                yield letter

    def look(self, queues: tuple[DeadLetterQueue, ...]) -> tuple[DeadLetter, ...]:
        letters = tuple(letter for queue in queues for letter in self.hold(queue))
        for letter in letters:
            self.release(letter)
        return letters

    def release(self, letter: DeadLetter) -> None:
        self._held.discard(letter.id)

    def send_back(self, letter: DeadLetter, lane: Lane | None = None) -> None:
        self.sent_back.append((letter, lane))
        self.remove(letter)

    def let_go(self) -> None:
        """What somebody held and did not settle is there again, as when SQS's time is up."""
        self._held.clear()

    def remove(self, letter: DeadLetter) -> None:
        self._held.discard(letter.id)
        self.resting = [other for other in self.resting if other.id != letter.id]
