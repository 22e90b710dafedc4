"""A field on which more runs hang than one transaction takes, over each adapter."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from countersign.adapters.memory.queues.run_queues import MemoryRunQueues
from countersign.adapters.memory.tables.round_robin import MemoryRoundRobin
from countersign.engine.runs.planner import REST
from countersign.model.actor import user
from countersign.model.message import RunMessage
from countersign.model.run import RunKey
from countersign.model.transaction import MOST_ITEMS
from countersign.rules.base import Edit
from countersign.use_cases.documents.edit import NewDocument, make, save
from countersign.use_cases.pipelines.compiled_pipelines import CompiledPipelines
from countersign.use_cases.runs.perform_run import Performer, perform
from countersign.use_cases.transact import Store
from tests.builders import mail, pipeline, stage
from tests.contract.adapters.conftest import Stores

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
BEN = "ben@acme.example"
TIMES = ({"on": {"field": "end"}}, {"before": {"field": "end", "days": 2}})
PIPELINE = pipeline(
    stage("draft"),
    stage(
        "sent",
        *(mail(f"r{n}", on_leave="keep", execution="independent", time=TIMES[n % 2])
          for n in range(30)),
    ),
    senders=["contracts@acme.example"],
    fields={"end": {"type": "date"}},
)  # fmt: skip
ENTRIES = 4


def test_all_of_them_move_in_as_many_transactions_as_it_takes(stores: Stores) -> None:
    documents, programs = stores.documents, CompiledPipelines(stores.pipelines)
    stores.pipelines.publish(PIPELINE, at=NOW, by=BEN)
    store = Store(documents=documents, programs=programs, clock=lambda: NOW)
    make(
        store,
        NewDocument(id="lease", pipeline="contracts", values={}),
        user(BEN),
    )
    for _ in range(ENTRIES):
        for name in ("sent", "draft"):
            save(
                store,
                "lease",
                Edit(stage=name),
                user(BEN),
            )
    assert documents.most_items == MOST_ITEMS < 30 * ENTRIES
    save(
        store,
        "lease",
        Edit(values={"end": "2026-05-01"}),
        user(BEN),
    )
    performer = Performer(
        documents=documents,
        programs=programs,
        lanes=MemoryRunQueues(),
        turns=MemoryRoundRobin(),
        clock=lambda: NOW,
        lease=timedelta(minutes=3),
    )
    steps = []
    while (rest := documents.run(RunKey(document="lease", entry=0, rule=REST))) is not None:
        if rest.state != "ready":
            break
        moved = Counter(run.state for run in documents.runs("lease"))
        steps.append((moved["ready"], moved["no_date"]))
        assert perform(performer, RunMessage.of(rest), None).result == "done"
    first = MOST_ITEMS - 3  # document, its timeline, settle.rest
    assert steps == [(first + 1, 30 * ENTRIES - first)]
    assert Counter(run.state for run in documents.runs("lease")) == {
        "ready": 30 * ENTRIES,
        "done": 1,
    }
    found = documents.get("lease")
    assert found is not None
    assert found.pending_updates is None
