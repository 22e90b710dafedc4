"""Faults about what an invocation shares among its messages, and what it decides on."""

from __future__ import annotations

from tests.crash.plantable import Planted

_LANES = "use_cases/runs/effect_lanes.py"
_KNOWN = "use_cases/known_runs.py"
_DISPATCH = "use_cases/runs/dispatch.py"

BATCHES: tuple[Planted, ...] = (
    Planted(
        "what stands below a mail gets its turn though the document left during the mail",
        _LANES,
        "    if change is None or change.document or change.stay or len(change.updates) == 1:",
        "    if True:",
    ),
    Planted(
        "a mail of a batch is claimed whatever its document has become since it was read",
        "use_cases/runs/perform_run.py",
        "        return proposal._replace(change=_as_read(proposal.change, snapshot.document))",
        "        return proposal",
    ),
    Planted(
        "what an answer says is decided on what was read before the call",
        _LANES,
        "    _write_end(claimed, claimed.run, end, afresh=says_something)",
        "    _write_end(claimed, claimed.run, end)",
    ),
    Planted(
        "a paused pipeline sends the mails of a batch that was read before",
        _KNOWN,
        "        return self._snapshots.get(run) if now < self._until else None",
        "        return self._snapshots.get(run)",
    ),
    Planted(
        "a report does not know what the one before it in the batch has written",
        _KNOWN,
        '                update["document"] = document',
        "                pass",
    ),
    Planted(
        "one run that cannot be read keeps the batch from all the others",
        _KNOWN,
        "    except CountersignError:\n        return KnownRuns({}, until)",
        "    except CountersignError:\n        raise",
    ),
    Planted(
        "what would wait behind slow mails is forgotten",
        _LANES,
        "        performer.lanes.send(batch.lane, message, due=now, now=now)\n",
        "",
    ),
    Planted(
        "what a queue did not take counts as dispatched",
        _DISPATCH,
        "        outcomes[place] = error or True",
        "        outcomes[place] = True",
    ),
    Planted(
        "all runs are of one group, so that one pipeline holds up the others",
        "adapters/sqs/run_queues.py",
        '                "MessageGroupId": entry.pipeline,',
        '                "MessageGroupId": "all",',
    ),
    Planted(
        "what SQS did not take of a batch is not told",
        "adapters/sqs/run_queues.py",
        '        for failed in answer.get("Failed", ()):',
        "        for failed in ():",
    ),
)
