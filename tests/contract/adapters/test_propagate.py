"""A field on which more runs hang than one transaction takes, over each adapter."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from countersign.adapters.memory.queues.run_queues import MemoryRunQueues
from countersign.adapters.memory.tables.round_robin import MemoryRoundRobin
from countersign.errors import PermanentError
from countersign.model.document import PendingUpdates
from countersign.model.message import RunMessage
from countersign.model.run import Run, RunKey, RunState
from countersign.model.transaction import MOST_ITEMS, Transaction
from countersign.ports import Documents
from countersign.rules.base import Edit
from countersign.use_cases.documents.edit import make, save
from countersign.use_cases.pipelines.compiled_pipelines import CompiledPipelines
from countersign.use_cases.queries.show import show
from countersign.use_cases.runs.document_lane import perform_document_run
from countersign.use_cases.runs.perform_run import Performer
from countersign.use_cases.runs.resolve_runs import resolve_run
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


def performing(documents: Documents, programs: CompiledPipelines) -> Performer:
    return Performer(
        documents=documents,
        programs=programs,
        lanes=MemoryRunQueues(),
        turns=MemoryRoundRobin(),
        clock=lambda: NOW,
        lease=timedelta(minutes=3),
    )


def test_all_of_them_move_in_as_many_transactions_as_it_takes(stores: Stores) -> None:
    documents, programs = stores.documents, CompiledPipelines(stores.pipelines)
    stores.pipelines.publish(PIPELINE, at=NOW, by=BEN)
    make(documents, programs, "contracts", "lease", {}, by=BEN, now=NOW)
    for _ in range(ENTRIES):
        for name in ("sent", "draft"):
            save(documents, programs, "lease", Edit(stage=name), by=BEN, now=NOW)
    assert documents.most_items == MOST_ITEMS < 30 * ENTRIES
    save(documents, programs, "lease", Edit(values={"end": "2026-05-01"}), by=BEN, now=NOW)
    performer = performing(documents, programs)
    steps = []
    while (rest := documents.run(RunKey(document="lease", entry=0, rule="_backlog"))) is not None:
        if rest.state != "ready":
            break
        moved = Counter(run.state for run in documents.runs("lease"))
        steps.append((moved["ready"], moved["no_date"]))
        assert perform_document_run(performer, RunMessage.of(rest)).result == "done"
    first = MOST_ITEMS - 3  # document, its timeline, the backlog's run
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
    documents, programs = stores.documents, CompiledPipelines(stores.pipelines)
    stores.pipelines.publish(PIPELINE, at=NOW, by=BEN)
    make(documents, programs, "contracts", "lease", {}, by=BEN, now=NOW)
    save(documents, programs, "lease", Edit(stage="sent"), by=BEN, now=NOW)
    save(documents, programs, "lease", Edit(stage="draft"), by=BEN, now=NOW)
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
            resolve_run(documents, programs, old.key, "skip", by=BEN, now=NOW)
        resolve_run(documents, programs, old.key, "retry", by=BEN, now=NOW)
    stored = documents.run(RunKey(document="lease", entry=0, rule="settle.rest"))
    assert stored is not None
    performed = perform_document_run(performing(documents, programs), RunMessage.of(stored))
    assert performed.result == "done"
    assert Counter((run.kind, run.state) for run in documents.runs("lease")) == {
        ("send_email", "ready"): 30,
        ("settle", "done"): 1,
    }
    after = documents.get("lease")
    assert after is not None
    assert after.pending_updates is None
    shown = show(documents, stores.pipelines, programs, "lease")
    assert [len(entry.runs) for entry in shown.entries] == [30]


def test_a_backlog_is_written_under_its_new_name(stores: Stores) -> None:
    documents, programs = stores.documents, CompiledPipelines(stores.pipelines)
    stores.pipelines.publish(PIPELINE, at=NOW, by=BEN)
    make(documents, programs, "contracts", "lease", {}, by=BEN, now=NOW)
    for _ in range(ENTRIES):
        for name in ("sent", "draft"):
            save(documents, programs, "lease", Edit(stage=name), by=BEN, now=NOW)
    save(documents, programs, "lease", Edit(values={"end": "2026-05-01"}), by=BEN, now=NOW)
    own = [run for run in documents.runs("lease") if run.entry == 0]
    assert [(run.rule, run.kind, run.lane, run.state) for run in own] == [
        ("_backlog", "backlog", "document", "ready")
    ]
