"""Faults in what people do with runs that wait, in the lists of runs, and in jobs."""

from __future__ import annotations

from tests.crash.plantable import Planted

_WAITING = "engine/runs/by_person/waiting.py"
_CHANGE = "use_cases/runs/change_run.py"
_WORK = "use_cases/jobs/work.py"
_FOUND_FIRST = "use_cases/jobs/kinds/_shared/select_first.py"
_PAGES = "adapters/dynamodb/run_pages.py"

RUNS: tuple[Planted, ...] = (
    Planted(
        "a shifted run keeps its generation, and the message of before",
        _WAITING,
        "return run.ready_again(due=due, reason=reason).model_copy(update=update)",
        'return run.model_copy(update={**update, "state": "ready", "due": due, "reason": reason})',
    ),
    Planted(
        "an earlier change of its date moves a shifted run",
        _WAITING,
        '"date_field_version": document.version + 1 if run.date_field else 0,',
        '"date_field_version": 0,',
    ),
    Planted(
        "a shifted run follows its date no more",
        _WAITING,
        '        "slot": None,\n        "swept": 0,\n',
        '        "slot": None,\n        "swept": 0,\n        "date_field": None,\n',
    ),
    Planted(
        "what is due before a date is shifted past it",
        _WAITING,
        "if run.not_after is not None and due > run.not_after:",
        "if run.not_after is not None and due < now:",
    ),
    Planted(
        "a run is shifted into the past",
        _WAITING,
        "    if due < now:\n",
        "    if due < run.planned_at:\n",
    ),
    Planted(
        "what ends with its stage is run after it",
        _WAITING,
        "    if is_left(run, document):\n",
        "    if is_left(run, document) and run.state != 'ready':\n",
    ),
    Planted(
        "a rule is run before the one above it",
        _WAITING,
        'if run.state == "waiting" and wanted.action != "skip":',
        'if run.state == "waiting" and wanted.action == "shift":',
    ),
    Planted(
        "a skip before its turn gives the rule below its turn",
        _CHANGE,
        'below = () if was.state == "waiting" else advance_chain(after, chain, now=now)',
        "below = advance_chain(after, chain, now=now)",
    ),
    Planted(
        "a skipped run ends its chain",
        _CHANGE,
        'below = () if was.state == "waiting" else advance_chain(after, chain, now=now)',
        "below: tuple[RunUpdate, ...] = ()",
    ),
    Planted(
        "a rule that was skipped before its turn holds up its chain",
        "model/run.py",
        'return self.state == "cancelled" or (self.state == "skipped" and not had_time)',
        'return self.state == "cancelled" or (self.state == "skipped" and not self.rule)',
    ),
    Planted(
        "leaving takes a rule that was skipped early for the front of its chain",
        "engine/runs/reschedule.py",
        '(run.state != "waiting" and not run.was_taken_out for run in chain)',
        '(run.state not in ("waiting", "cancelled") for run in chain)',
    ),
    Planted(
        "a job does to a run again what it has done",
        _CHANGE,
        "if request.job is not None and run.job == request.job:",
        "if request.job is not None and run.job == request.job and run.state in TROUBLED:",
    ),
    Planted(
        "a job changes what has changed since it was found",
        _CHANGE,
        "if request.generation not in (None, run.generation):",
        "if request.generation not in (None, run.generation) and run.job == request.job:",
    ),
    Planted(
        "a run does not say which job has changed it",
        _CHANGE,
        'change.after.model_copy(update={"job": request.job})',
        "change.after",
    ),
    Planted(
        "a message of an earlier version has a job's slice worked on again",
        _WORK,
        "if not job.is_open or job.version != message.version:",
        "if not job.is_open:",
    ),
    Planted(
        "a job whose end met another transaction is let go",
        _WORK,
        "    if there is not None and there.version == was.version:\n",
        "    if there is not None and there.version < was.version:\n",
    ),
    Planted(
        "an aborted job goes on",
        _WORK,
        "if not job.is_open or job.version != message.version:",
        "if job.version != message.version:",
    ),
    Planted(
        "what was under way at an abort is not counted",
        _WORK,
        "    if step is not None:\n        counted",
        "    if step is not None and step.matched:\n        counted",
    ),
    Planted(
        "a job leaves out the last part of what it has found",
        _FOUND_FIRST,
        "is_last = end == len(ids) and part + 1 >= job.parts",
        "is_last = end == len(ids) and part + 2 >= job.parts",
    ),
    Planted(
        "one run that takes no change fails its job",
        _FOUND_FIRST,
        "except (PermanentError, ConflictError) as error:",
        "except ConflictError as error:",
    ),
    Planted(
        "a job that met an outage counts it as a refusal",
        _FOUND_FIRST,
        "except (PermanentError, ConflictError) as error:",
        "except (PermanentError, TransientError) as error:",
    ),
    Planted(
        "the sweep does not find jobs that stand still",
        "use_cases/jobs/stalled.py",
        "if now - job.updated_at > grace(job.swept):",
        "if now - job.updated_at > 1000 * grace(5):",
    ),
    Planted(
        "the sweep hands a job on in its old version",
        "use_cases/jobs/stalled.py",
        '"version": job.version + 1, "updated_at": now}',
        '"version": job.version, "updated_at": now}',
    ),
    Planted(
        "jobs are not dispatched",
        "use_cases/runs/dispatch.py",
        "                lanes.send_job(record)\n",
        "                pass\n",
    ),
    Planted(
        "the table takes an older version of a job",
        "adapters/dynamodb/stores/operations/jobs.py",
        '"ConditionExpression": "version = :was",',
        '"ConditionExpression": "version <= :was OR version > :was",',
    ),
    Planted(
        "an open job is not among those that the sweep looks at",
        "adapters/dynamodb/stores/operations/jobs.py",
        "    if job.is_open:\n        item",
        "    if not job.is_open:\n        item",
    ),
    Planted(
        "the last of a page stands on the next one, too",
        "adapters/dynamodb/table.py",
        'items = (item for item in items if item[place]["S"] != query.after)',
        "items = iter(items)",
    ),
    Planted(
        "the first moment of a period is not in it",
        _PAGES,
        "return moment is not None and period.since <= moment < period.until and matches(run)",
        "return moment is not None and period.since < moment < period.until and matches(run)",
    ),
    Planted(
        "a page of runs that do not match never ends",
        _PAGES,
        "if len(runs) == limit or looked_at == MAX_READ:",
        "if len(runs) == limit:",
    ),
    Planted(
        "a document's runs begin again on each page",
        _PAGES,
        "if (place == begun and number <= given) or not waits(run) or not matches(run):",
        "if (place == begun and number < given) or not waits(run) or not matches(run):",
    ),
    Planted(
        "the calendar counts what ends with a stage that was left",
        "use_cases/queries/runs.py",
        "if run.state not in NOT_BEGUN or not run.left_stage(document) or run.sent_mails:",
        "if run.state not in NOT_BEGUN or run.entry:",
    ),
    Planted(
        "days are those of UTC",
        "use_cases/queries/operations/run_calendar.py",
        "days = Counter(at.astimezone(zone).date() for at in due if at is not None)",
        "days = Counter(at.date() for at in due if at is not None)",
    ),
)
