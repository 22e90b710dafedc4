"""At 1,000 webhooks a second no key of the table takes more than a tenth of a partition.

A partition serves 1,000 write units and 3,000 read units a second.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from countersign.adapters.dynamodb import keys
from countersign.adapters.memory.services.mailer import MemoryMailer
from countersign.errors import PermanentError
from countersign.model.message import Email
from countersign.model.run import RunKey
from countersign.model.task import TaskKey
from countersign.use_cases.messages.apply_message import document_id
from tests.benchmarks.scale_load import Load, contracts, envelope
from tests.benchmarks.scene import pipeline, three_rules
from tests.builders import event

WEBHOOKS = 1_000
"""A second; and so many are lived."""
WRITES, READS = 1_000 / 10, 3_000 / 10
"""Units a second: a tenth of a partition."""
UNEVEN = 1.2
"""How many times as much as its equal part a key may get."""
PART = re.compile(r"#\d+$")
"""What the key of a list's part ends with."""
TASK = {
    "id": "call",
    "kind": "create_task",
    "settings": {"title": "Call the client", "assignee": "anna@acme.example"},
}


def share(units: Mapping[tuple[str, str], float], load: Load) -> tuple[str, float]:
    """The list whose keys are the hottest, and the units a second of each of them.

    Half a thousand documents are uneven by chance, ten million are not: so the units of a list go
    to its keys in equal parts, and that they do so is a test of its own.
    """
    lists: defaultdict[str, list[float]] = defaultdict(list)
    for (index, key), number in units.items():
        lists[f"{index or 'table'} {PART.sub('', key)}"].append(number)
    each = {name: sum(found) / len(found) for name, found in lists.items()}
    name = max(each, key=each.__getitem__)
    return name, each[name] * UNEVEN / load.webhooks * WEBHOOKS


def assert_spread(load: Load) -> None:
    assert load.webhooks >= WEBHOOKS
    key, units = share(load.table.writes, load)
    assert units <= WRITES, f"{key} takes {units:.0f} write units a second"
    key, units = share(load.table.reads, load)
    assert units <= READS, f"{key} takes {units:.0f} read units a second"


def test_each_part_of_a_list_gets_as_much_as_the_others() -> None:
    """Of 50,000 documents, by how they are named."""
    names = [document_id("docusign", envelope(number)) for number in range(50_000)]
    runs = [RunKey(document=name, entry=2, rule="mail-contract") for name in names]
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    for places in (
        [keys.board_place("contracts", "sent", noon, name)[0] for name in names],
        [keys.due_place(run, noon)[0] for run in runs],
        [keys.trouble_place(run, noon)[0] for run in runs],
        [keys.task_place(TaskKey.of(run), "anna", noon)[0] for run in runs],
        [keys.deadline_place(TaskKey.of(run), noon)[0] for run in runs],
    ):
        counts = Counter(places)
        assert max(counts.values()) <= len(places) / len(counts) * UNEVEN


def refuse(email: Email) -> Exception:
    return PermanentError("no such recipient")


def test_documents_that_are_moved_and_plan_three_rules_each() -> None:
    """A mail that fails, a task that always the same person gets, and a move four weeks later."""
    mail, _, give_up = three_rules().stages[1].rules
    rules = [mail.model_dump(), TASK, give_up.model_dump()]
    load = Load(pipeline(*rules), MemoryMailer(refusal=refuse))
    for name in ("envelope-created", "envelope-sent"):
        for number in range(WEBHOOKS // 2):
            load.webhook(name, envelope(number))
    state = load.world.state
    for key in tuple(state.tasks):
        load.world.complete_task(key, by="anna@acme.example")
    load.world.advance(timedelta(days=40))
    assert Counter(run.state for run in state.runs.values()) == {"done": 1_000, "failed": 500}
    assert {document.stage for document in state.documents.values()} == {"not-signed"}
    assert_spread(load)


def test_messages_for_a_paused_pipeline() -> None:
    load = Load(three_rules())
    load.world.pipelines.set_paused("contracts", True)
    load.table.begin()
    for number in range(WEBHOOKS):
        load.webhook("envelope-sent", envelope(number))
    assert_spread(load)
    assert len(list(load.world.held.list("contracts"))) == WEBHOOKS


def test_events_that_concern_no_document() -> None:
    load = Load(contracts())
    for number in range(WEBHOOKS):
        given: dict[str, Any] = {"envelope": "", "key": f"template-{number}"}
        load.world.receive("docusign", [event("other").model_copy(update=given)])
        load.webhooks += 1
    assert len(load.world.state.events) == WEBHOOKS
    key, units = share(load.table.writes, load)
    assert units <= WRITES, f"{key} takes {units:.0f} write units a second"


def test_what_a_webhook_costs_in_write_units() -> None:
    """In the example, with all that its runs and the reports on its mails write. Of these 8 are for
    the words by which its documents are found, 48 once for each of them; the rest is what it was
    before the table was spread and had words, 25.83, and a third for the hashes of timelines."""
    load = Load(contracts())
    load.live(6)
    assert {one.stage for one in load.world.state.documents.values()} == {"archived"}
    words = sum(units for (_, key), units in load.table.writes.items() if key.startswith("WORD#"))
    assert words / load.webhooks == 8
    others = sum(load.table.writes.values()) - words
    assert others / load.webhooks == pytest.approx(26.17, abs=0.01)
