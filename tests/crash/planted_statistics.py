"""Faults in counting: what is told twice, in parts, late or never, and what a rebuild looks at."""

from __future__ import annotations

from tests.crash.plantable import Planted

_RECORD = "use_cases/statistics/record.py"
_REBUILD = "use_cases/statistics/rebuild.py"
_COUNTING = "engine/statistics/counting.py"
_TWIN = "adapters/memory/tables/process/statistics.py"
_TABLE = "adapters/dynamodb/stores/process/statistics.py"
_BATCHES = "adapters/lambda_/state_changes.py"

STATISTICS: tuple[Planted, ...] = (
    Planted(
        "a change that is told again is counted again",
        _RECORD,
        "    return image.created_at == counted.created_at and image.version > counted.version",
        "    return image.created_at == counted.created_at",
    ),
    Planted(
        "a document is counted whatever others have counted of it meanwhile",
        _TWIN,
        "            if (before.revision if before else 0) != counted.revision - 1:",
        "            if False:",
    ),
    Planted(
        "what was refused is not counted again",
        _RECORD,
        "        rest = {*refused, *counting.unfinished}",
        "        rest = counting.unfinished",
    ),
    Planted(
        "the runs of a document that is told first are forgotten",
        _RECORD,
        "            by_name = {run_name(run.key): run for run in documents.runs(start.document)}",
        "            by_name = dict(self._runs(start, runs))",
    ),
    Planted(
        "a run that is retried stays counted as failed",
        _COUNTING,
        "            changed.pop(name, None)",
        "            pass",
    ),
    Planted(
        "a stage that is left at once is not counted",
        _COUNTING,
        "            _leave(stays, line.at)",
        "            _leave(stays, line.at)\n"
        "            stays = [one for one in stays if one.until != one.since]",
    ),
    Planted(
        "a removed document is counted among those that can be counted again",
        _COUNTING,
        "    epoch = counted.epoch if counted.removed_at is None else REMOVED",
        "    epoch = counted.epoch",
    ),
    Planted(
        "what is pending is forgotten",
        _COUNTING,
        "            grown[CounterKey(rest.epoch, rest.day, rest.name)] += rest.number",
        "            pass",
    ),
    Planted(
        "who counts in the old epoch is not moved by a rebuild",
        _REBUILD,
        "(before.compared >= epochs.newest or before.removed_at)",
        "(before.compared >= epochs.newest - 1 or before.removed_at)",
    ),
    Planted(
        "a rebuild passes documents that changed since it began",
        _REBUILD,
        "(before.compared >= epochs.newest or before.removed_at)",
        "(before.epoch >= epochs.newest or before.removed_at)",
    ),
    Planted(
        "a rebuild corrects nothing",
        _REBUILD,
        "facts.counted_anew(epochs.newest) if replace or before is None else before",
        "facts.counted_anew(epochs.newest) if before is None else before",
    ),
    Planted(
        "the table takes any revision",
        _TABLE,
        '        "ConditionExpression": "revision = :was",',
        '        "ConditionExpression": "revision = :was OR attribute_exists(pk)",',
    ),
    Planted(
        "the rest of a large change is not kept as pending",
        _TABLE,
        'update = {"revision": change.counted.revision + number, "pending": rest}',
        'update = {"revision": change.counted.revision + number, "pending": ()}',
    ),
    Planted(
        "old counters that are left over are read once more",
        _TABLE,
        '            update["oldest"] = epoch\n',
        "            pass\n",
    ),
    Planted(
        "a removed document is told as a changed one",
        _BATCHES,
        "removed=new is None)",
        "removed=False)",
    ),
)
