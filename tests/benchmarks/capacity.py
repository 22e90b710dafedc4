"""Reads and writes of a webhook until its mail is settled, with ever more documents in the table.

Counted in memory, so that they are the same each time; what counts is that they do not grow.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from countersign.adapters.ses.mail_events import mail_events_of
from countersign.model.run import Run
from countersign.simulation.world import World
from countersign.use_cases.messages.mail_events import read_reported, record_mail_event
from countersign.use_cases.messages.receive import receive
from tests.benchmarks.counting import CountingDocuments
from tests.benchmarks.figures import Figure, shown, write_figures
from tests.benchmarks.reports import reports
from tests.benchmarks.scene import (
    ADDRESS,
    CONNECTION,
    ROOT,
    SECRETS,
    document_of,
    envelope_of,
    message,
    one_mail,
)
from tests.benchmarks.units import Ledger, Units, read_indexes
from tests.template_file import read_template

NOW = datetime(2026, 3, 2, 9, 0, 2, tzinfo=UTC)
DOCUMENTS = (100, 10_000, 100_000)
KINDS = {
    "read_units": "read units",
    "write_units": "write units",
    "index_units": "write units of indexes",
    "items_read": "items read",
    "items_written": "items written",
    "wire_bytes": "bytes on the wire",
    "stored_bytes": "bytes stored",
    "expiring_bytes": "... of these for 30 days,",
}
"""What is told of `Units`, as people call it."""


class CountedWorld:
    """The product in memory, which counts what each function asks of the table."""

    def __init__(self) -> None:
        self.world = World(NOW)
        self.ledger = Ledger(read_indexes(read_template(ROOT / "template.yaml")))
        self.world.documents = CountingDocuments(self.world.state, self.ledger)
        self.world.publish(one_mail())
        self.world.connect(CONNECTION, SECRETS)

    def fill(self, documents: int) -> None:
        """Put copies of a document with its run into the table, until there are so many."""
        state = self.world.state
        (document,) = list(state.documents.values())[:1]
        (run,) = [one for one in state.runs.values() if one.document == document.id]
        for number in range(len(state.documents), documents):
            copy = document.model_copy(update={"id": f"copy-{number:06}"})
            state.documents[copy.id] = copy
            planned = run.model_copy(update={"document": copy.id})
            state.runs[planned.key] = planned

    def settle(self, number: str) -> Mapping[str, Units]:
        """A webhook that moves a document, its mail and the reports on it: what each function
        asked of the table."""
        world = self.world
        self._post("envelope-created", number)
        before = self.ledger.total
        self._post("envelope-sent", number)
        received = self.ledger.total
        world.settle()
        mailed = self.ledger.total
        (run,) = world.documents.runs(document_of(number))
        looked = self.ledger.total
        self._report(run)
        return {
            "receive_webhook": received - before,
            "run_email": mailed - received,
            "record_mail_event": self.ledger.total - looked,
        }

    def _post(self, name: str, number: str) -> None:
        request = message(name, envelope_of(number), self.world.now, size=6_000, number=number)
        answer = receive(self.world.receiver, ADDRESS, request).answer
        assert answer.status == 200, answer

    def _report(self, run: Run) -> None:
        """Both reports come in one batch."""
        recorder = self.world.recorder
        events = list(mail_events_of(reports(run, "mails")))
        known = read_reported(recorder, events)
        for event in events:
            record_mail_event(recorder, event, known=known)
        self.world.settle()


def main(output: Path) -> None:
    """Count, and keep the figures."""
    write_figures(output, figures({number: _with(number) for number in DOCUMENTS}))


def _with(documents: int) -> Mapping[str, Units]:
    counted = CountedWorld()
    counted.settle("first")
    counted.fill(documents)
    return counted.settle("second")


def figures(found: Mapping[int, Mapping[str, Units]]) -> list[Figure]:
    """By how many documents there are: each kind of `KINDS`, which must not grow with them."""
    fewest = min(found)
    sums = {number: sum(units.values(), Units()) for number, units in found.items()}
    return [
        Figure(
            name=f"{named} a webhook, {number:,} documents",
            value=getattr(total, kind),
            target=None if number == fewest else getattr(sums[fewest], kind),
            details=_shares(found[number], kind) if number == fewest else (),
        )
        for kind, named in KINDS.items()
        for number, total in sums.items()
    ]


def _shares(units: Mapping[str, Units], kind: str) -> list[str]:
    """The part of each function."""
    return [f"{shown(getattr(one, kind))} {function}" for function, one in units.items()]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
