"""A field on which more runs hang than one transaction takes, over each adapter."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from countersign.adapters.memory.queues.run_queues import MemoryRunQueues
from countersign.adapters.memory.tables.operations.round_robin import MemoryRoundRobin
from countersign.errors import PermanentError
from countersign.model.actor import user
from countersign.model.document import PendingUpdates
from countersign.model.message import RunMessage
from countersign.model.run import Run, RunKey, RunState
from countersign.model.transaction import Transaction
from countersign.rules.base import Edit
from countersign.use_cases.documents.edit import NewDocument, make, save
from countersign.use_cases.pipelines.compiled_pipelines import CompiledPipelines
from countersign.use_cases.queries.show import show
from countersign.use_cases.runs.change_run import resolve_run
from countersign.use_cases.runs.document_lane import perform_document_run
from countersign.use_cases.runs.perform_run import Performer
from countersign.use_cases.store import Store
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


def performing(store: Store) -> Performer:
    return Performer(
        store=store,
        lanes=MemoryRunQueues(),
        turns=MemoryRoundRobin(),
        lease=timedelta(minutes=3),
    )


def with_lease(stores: Stores) -> Store:
    """The pipeline is published, and has a document."""
    stores.pipelines.publish(PIPELINE, at=NOW, by=BEN)
    programs = CompiledPipelines(stores.pipelines)
    store = Store(
        documents=stores.documents, programs=programs, clock=lambda: NOW, salt=lambda: "5a17"
    )
    make(store, NewDocument(id="lease", pipeline="contracts"), user(BEN))
    return store


def test_all_of_them_move_in_as_many_transactions_as_it_takes(stores: Stores) -> None:
    store = with_lease(stores)
    documents = store.documents
    for _ in range(ENTRIES):
        for name in ("sent", "draft"):
            save(store, "lease", Edit(stage=name), user(BEN))
    assert documents.most_items == 100 < 30 * ENTRIES
    save(store, "lease", Edit(values={"end": "2026-05-01"}), user(BEN))
    performer = performing(store)
    steps = []
    while (rest := documents.run(RunKey(document="lease", entry=0, rule="_backlog"))) is not None:
        if rest.state != "ready":
            break
        moved = Counter(run.state for run in documents.runs("lease"))
        steps.append((moved["ready"], moved["no_date"]))
        assert perform_document_run(performer, RunMessage.of(rest)).result == "done"
    first = 100 - 3  # document, its timeline, the backlog's run
    assert steps == [(first + 1, 30 * ENTRIES - first)]
    assert Counter(run.state for run in documents.runs("lease")) == {
        "ready": 30 * ENTRIES,
        "done": 1,
    }
    found = documents.get("lease")
    assert found is not None
    assert found.pending_updates is None


OLD = Run(
    document="lease",
    entry=0,
    rule="settle.rest",
    kind="settle",
    pipeline="contracts",
    pipeline_version=1,
    stage="draft",
    lane="document",
    state="ready",
    planned_at=NOW,
    due=NOW,
    on_leave="keep",
)
"""The backlog's run as it was written before it had this name."""


@pytest.mark.parametrize("state", ["ready", "failed", "in_doubt"])
def test_a_backlog_that_is_stored_under_its_old_name_is_performed(
    stores: Stores, state: RunState
) -> None:
    store = with_lease(stores)
    documents = store.documents
    save(store, "lease", Edit(stage="sent"), user(BEN))
    save(store, "lease", Edit(stage="draft"), user(BEN))
    before = documents.get("lease")
    assert before is not None
    # As a change leaves it that moved the field, and no run with it.
    behind = before.model_copy(
        update={
            "version": before.version + 1,
            "fields": {"end": "2026-05-01"},
            "pending_updates": PendingUpdates(fields={"end": before.version + 1}),
        }
    )
    old = OLD.model_copy(update={"state": state})
    documents.commit(Transaction(document=behind, was_version=before.version, planned=(old,)))
    if state != "ready":
        with pytest.raises(PermanentError, match="it can only be tried again"):
            resolve_run(store, old.key, "skip", user(BEN))
        resolve_run(store, old.key, "retry", user(BEN))
    stored = documents.run(RunKey(document="lease", entry=0, rule="settle.rest"))
    assert stored is not None
    performed = perform_document_run(performing(store), RunMessage.of(stored))
    assert performed.result == "done"
    assert Counter((run.kind, run.state) for run in documents.runs("lease")) == {
        ("send_email", "ready"): 30,
        ("settle", "done"): 1,
    }
    after = documents.get("lease")
    assert after is not None
    assert after.pending_updates is None
    shown = show(documents, stores.pipelines, store.programs, "lease")
    assert [len(entry.runs) for entry in shown.entries] == [30]


def test_a_backlog_is_written_under_its_new_name(stores: Stores) -> None:
    store = with_lease(stores)
    documents = store.documents
    for _ in range(ENTRIES):
        for name in ("sent", "draft"):
            save(store, "lease", Edit(stage=name), user(BEN))
    save(store, "lease", Edit(values={"end": "2026-05-01"}), user(BEN))
    own = [run for run in documents.runs("lease") if run.entry == 0]
    assert [(run.rule, run.kind, run.lane, run.state) for run in own] == [
        ("_backlog", "backlog", "document", "ready")
    ]
