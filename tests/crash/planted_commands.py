"""Faults in what commands rely on: removing, warnings, names of kinds, and the start of checks."""

from __future__ import annotations

from tests.crash.plantable import Planted

_ADVICE = "engine/validation/warnings.py"
_REMOVE = "use_cases/pipelines/remove.py"
_WARNINGS = "use_cases/pipelines/publish_warnings.py"

COMMANDS: tuple[Planted, ...] = (
    Planted(
        "a removed connection's message is parked instead of refused",
        "use_cases/messages/apply_message.py",
        "        raise RemovedConnectionError(f",
        "        raise NotFoundError(f",
    ),
    Planted(
        "a connection is removed under the messages that wait for it",
        _REMOVE,
        "    if waiting and not drop_messages:\n",
        "    if waiting and drop_messages is None:\n",
    ),
    Planted(
        "a pipeline is removed while messages still go to it",
        _REMOVE,
        "    if connections:\n",
        "    if not connections:\n",
    ),
    Planted(
        "a removed document leaves its other names behind",
        "adapters/dynamodb/stores/process/documents.py",
        "for name in (there.envelope, *there.envelope_aliases) if name",
        "for name in (there.envelope,) if name",
    ),
    Planted(
        "a document is removed whatever became of it meanwhile",
        "adapters/dynamodb/table.py",
        '"attribute_not_exists(pk) OR version = :version"',
        '"attribute_not_exists(pk) OR version <> :version OR version = :version"',
    ),
    Planted(
        "a pause is not read by those who read copies",
        "adapters/dynamodb/stores/configuration/pipelines.py",
        "    yield from put_copies(after)\n",
        "    yield from put_copies(after) if before is None else ()\n",
    ),
    Planted(
        "a removed pipeline lives on in its copies",
        "adapters/dynamodb/stores/configuration/pipelines.py",
        "write(self._table, (original, *delete_copies(own)))",
        "write(self._table, (original,))",
    ),
    Planted(
        "what has no copies yet is not there",
        "adapters/dynamodb/copies.py",
        "table.get_all(missing) if missing else {}",
        "{}",
    ),
    Planted(
        "all read the same copy",
        "adapters/dynamodb/copies.py",
        "number = shards.shard_of(reader, shards.COPIES)",
        "number = 1",
    ),
    Planted(
        "the first part of a list is not read",
        "adapters/dynamodb/keys.py",
        "_board(pipeline, number) for number in range(shards.BOARD)",
        "_board(pipeline, number) for number in range(1, shards.BOARD)",
    ),
    Planted(
        "the parts of a list follow one after the other",
        "adapters/dynamodb/merging.py",
        "yield from heapq.merge(*whole, key=sort_key, reverse=reverse)",
        "yield from chain.from_iterable(whole)",
    ),
    Planted(
        "a message that an earlier version held is never forgotten",
        "adapters/dynamodb/stores/operations/held_messages.py",
        "(key, (keys.held(pipeline), key[1]))",
        "(key,)",
    ),
    Planted(
        "an envelope whose document was removed finds no document",
        "adapters/dynamodb/stores/process/documents.py",
        'self._table.get(keys.document(alias["document"]["S"])) or item',
        'self._table.get(keys.document(alias["document"]["S"]))',
    ),
    Planted(
        "any trigger counts as one that waits for everyone's signature",
        _ADVICE,
        "if not arrival.all_have_signed and arrival.sources & before",
        "if arrival.all_have_signed and arrival.sources & before",
    ),
    Planted(
        "supervisors are compared byte by byte",
        _ADVICE,
        "if fold_address(user) == fold_address(supervisor):",
        "if user == supervisor:",
    ),
    Planted(
        "a calendar that is written counts as none",
        _ADVICE,
        'if "calendar" in pipeline.model_fields_set:',
        "if pipeline.calendar.holidays is None and pipeline.calendar.days_off:",
    ),
    Planted(
        "a connection's missing API token is told nowhere",
        _WARNINGS,
        "    if known is None or known.api_token is not None:\n",
        "    if known is None or known.api_token is None:\n",
    ),
    Planted(
        "a sender of whom nothing is known counts as not verified",
        _WARNINGS,
        "if stack.senders.verified(address) is False:",
        "if not stack.senders.verified(address):",
    ),
    Planted(
        "a kind's German title is not known",
        "registry.py",
        "    return (*titles.values(), kind,",
        '    return (titles["en"], kind,',
    ),
    Planted(
        "holidays are thought to leave no calendar without working time",
        "engine/schedule/business_hours.py",
        "    return sum(1 for _ in islice(filter(plain.spans, days), most + 1)) > most\n",
        "    return sum(1 for _ in islice(filter(plain.spans, days), most + 1)) >= 0\n",
    ),
    Planted(
        "a draft is saved over what another editor saved meanwhile",
        "use_cases/pipelines/drafts.py",
        "if present is None or present.tag != edit.tag:",
        "if present is None:",
    ),
    Planted(
        "a draft undoes a version that it knows nothing of",
        "model/draft.py",
        "if draft.base_version == published:",
        "if published is not None:",
    ),
    Planted(
        "what git manages is published from the console",
        "use_cases/pipelines/publish.py",
        'return from_command_line or "git" not in managed',
        "return from_command_line or len(managed) > 0",
    ),
    Planted(
        "a published draft stays",
        "adapters/memory/tables/process/state.py",
        "            del self._state.drafts[name]\n",
        "            pass\n",
    ),
    Planted(
        "a back-test publishes the draft at the end of the period",
        "simulation/backtest/replay.py",
        "if self._waits is not None and until >= self._period.start:",
        "if self._waits is not None and until >= self._period.end:",
    ),
    Planted(
        "a back-test counts what happened before its period",
        "simulation/backtest/replay.py",
        "if effect.at >= start and self.unfit is None",
        "if self.unfit is None",
    ),
    Planted(
        "a message that is not kept tells what came later",
        "simulation/backtest/messages.py",
        "is_later = (kind, signer.label) in later",
        "is_later = (kind, None) in later",
    ),
    Planted(
        "a save is played again as several",
        "simulation/backtest/inputs.py",
        "moments.setdefault((entry.at, entry.by), [])",
        "moments.setdefault((entry.at, entry.kind), [])",
    ),
    Planted(
        "an audit entry is written over",
        "adapters/dynamodb/stores/configuration/audit_items.py",
        'put(dump_entry(entry), NEW, "conflict", f"audit entry {entry.id}")',
        "put(dump_entry(entry))",
    ),
    Planted(
        "a change is made before it is recorded",
        "use_cases/auditor.py",
        "    auditor.log.add(requested)\n    try:",
        "    try:",
    ),
    Planted(
        "a change that may have been made is recorded as failed",
        "use_cases/auditor.py",
        "    except TransientError:\n        raise\n",
        "",
    ),
    Planted(
        "rules are planned where automation is not included",
        "engine/runs/planner.py",
        "    if not program.automation:\n",
        "    if program.automation is None:\n",
    ),
    Planted(
        "triggers fire where automation is not included",
        "engine/decisions/triggers.py",
        "return None if program.automation else NO_AUTOMATION",
        "return None",
    ),
    Planted(
        "a switch of automation that was overtaken stays half made",
        "use_cases/entitlements.py",
        "if stores.entitlements.get().version == wanted.version:",
        "if True:",
    ),
)
