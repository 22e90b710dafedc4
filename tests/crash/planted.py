"""Faults to plant in a copy of the package; the simulation or a fast test must catch each."""

from __future__ import annotations

from pathlib import Path

from tests.crash.plantable import Planted
from tests.crash.planted_batches import BATCHES
from tests.crash.planted_commands import COMMANDS
from tests.crash.planted_edges import EDGES
from tests.crash.planted_files import FILES
from tests.crash.planted_found import FOUND
from tests.crash.planted_mails import MAILS
from tests.crash.planted_meaning import MEANING
from tests.crash.planted_operations import OPERATIONS
from tests.crash.planted_outside import OUTSIDE
from tests.crash.planted_people import PEOPLE
from tests.crash.planted_privacy import PRIVACY
from tests.crash.planted_queries import QUERIES
from tests.crash.planted_runs import RUNS
from tests.crash.planted_statistics import STATISTICS

__all__ = ["FAST_TESTS", "OF_AWS", "PACKAGE", "PLANTED", "Planted"]

PACKAGE = Path(__file__).parents[2] / "layers" / "core" / "countersign"

FAST_TESTS = (
    "tests/meaning",
    "tests/unit/text",
    "tests/unit/providers/test_reading.py",
    "tests/unit/providers/test_naming.py",
    "tests/unit/providers/test_documenso.py",
    "tests/unit/providers/test_own_links.py",
    "tests/behaviour",
    "tests/unit/use_cases",
    "tests/unit/engine",
    "tests/unit/simulation",
    "tests/unit/rules",
    "tests/unit/model",
    "tests/unit/templates",
    "tests/unit/cli",
    "tests/template/test_bounded_work.py",
)
"""What is run where the simulation finds nothing."""
OF_AWS = (
    "tests/contract/adapters",
    "tests/integration/test_performing_under_faults.py",
    "tests/integration/test_statistics.py",
)
"""What is run for the adapters to AWS, in whose place the simulation has their twins."""


_RUNS = "engine/runs/lifecycle.py"
_DECIDE = "engine/decisions/decide.py"
_FACTS = "engine/envelopes/reconcile.py"
_COURSE = "engine/decisions/builder.py"
_DECISION = "engine/decisions/decision.py"
_SIGNERS = "engine/envelopes/signers.py"
_FIRE = "engine/decisions/triggers.py"
_PLAN = "engine/runs/planner.py"
_FOLLOW = "engine/runs/reschedule.py"
_PERFORM = "use_cases/runs/perform_run.py"
_DOCUMENT_LANE = "use_cases/runs/document_lane.py"
_EFFECT_LANES = "use_cases/runs/effect_lanes.py"
_RECEIVE = "use_cases/messages/receive.py"
_APPLY = "use_cases/messages/apply_message.py"
_SETTLE = "use_cases/runs/propagate.py"
_SWEEP = "use_cases/runs/sweep.py"
_DISPATCH = "use_cases/runs/dispatch.py"
_TRANSACTION = "adapters/dynamodb/transaction.py"
_WEB_EFFECT = "use_cases/effects/http_call.py"
_CALLS = "rules/_shared/http.py"
_MAILS = "engine/runs/mail_series.py"
_SERIES = "use_cases/effects/mail_series.py"
_REPORTS = "engine/runs/mail_events.py"
_SEND_EMAIL = "rules/send_email.py"
_LOCALES = "templates/locales.py"
_BLANK = "templates/blank.py"
_VALUES = "model/values.py"
_OUTSIDE = "model/foreign_values.py"
_MAPPING = "engine/decisions/custom_fields.py"
_CONDITIONS = "engine/conditions/evaluate.py"

PLANTED: tuple[Planted, ...] = (
    # --- claiming
    Planted(
        "the lane does not look at the generation",
        _RUNS,
        "if run.generation != message.generation:",
        "if run.generation < 0:",
    ),
    Planted(
        "the lane performs a run whose document has left",
        _RUNS,
        "if is_left(run, document):\n        return ClosedClaim(",
        "if run.entry > document.entry:\n        return ClosedClaim(",
    ),
    Planted(
        "the claim does not hold the document in its stage",
        _RUNS,
        "entry = begun.entry if begun.ends_on_leaving else None",
        'entry = begun.entry if begun.on_leave == "keep" and False else None',
    ),
    Planted(
        "a run starts before it is due",
        _RUNS,
        "now < run.due - EARLY:",
        "now > run.due + 1000 * DOUBT:",
    ),
    Planted(
        "a run is performed while its pipeline is paused",
        _RUNS,
        "if snapshot.head is not None and snapshot.head.paused:",
        "if snapshot.head is None:",
    ),
    Planted(
        "the condition is not judged when the time has come",
        _RUNS,
        "if verdict is not None and not verdict.holds:",
        "if verdict is None and False:",
    ),
    Planted(
        "a rule for one entry of a document is not marked",
        _RUNS,
        "once=(begun.key,) if begun.once else (),",
        "once=(),",
    ),
    Planted(
        "the mark of a rule for one entry is left out in the document lane",
        _DOCUMENT_LANE,
        "once = (before.key,) if before.once else ()",
        "once = ()",
    ),
    Planted(
        "a second delivery takes over a run that is being performed",
        _RUNS,
        "if run.lease_until is not None and now >= run.lease_until:",
        "if run.lease_until is not None:",
    ),
    Planted(
        "a run whose function died is tried again without a doubt",
        _RUNS,
        '"state": "in_doubt",\n            "lease_until": None,\n            "doubt_until": until',
        '"state": "ready",\n            "lease_until": None,\n            "doubt_until": until',
    ),
    # --- concluding
    Planted(
        "the conclusion does not go on with the chain",
        _RUNS,
        "while current.state in CONCLUDED and current.next in waiting:",
        "while False and current.next in waiting:",
    ),
    Planted(
        "a failure does not stop the chain",
        _RUNS,
        'return run.state == "failed" and rule is not None and rule.on_failure == "stop"',
        'return run.state == "skipped" and rule is not None and rule.on_failure == "stop"',
    ),
    Planted(
        "a stopped chain goes on below the next rule",
        _RUNS,
        "if stopped:\n            current = finished(",
        "if stopped and following.after == run.rule and not following.next:\n"
        "            current = ended(",
    ),
    Planted(
        "only the next rule of a chain is looked at after leaving",
        _RUNS,
        "return gone or _stops(run, program) or run.entry != document.entry",
        "return gone or _stops(run, program)",
    ),
    Planted(
        "what was put off is tried again in the same generation",
        _RUNS,
        '"put_off": run.put_off + 1,',
        '"put_off": run.put_off + 1,\n            "generation": run.generation,',
    ),
    Planted(
        "a temporary failure of one run is tried again in the same generation",
        _RUNS,
        '{"put_off": 0, "quota_since": None, "slot": None}',
        '{"put_off": 0, "quota_since": None, "generation": run.generation}',
    ),
    Planted(
        "an outage uses up tries",
        _RUNS,
        '"attempts": run.attempts - 1,',
        '"attempts": run.attempts,',
    ),
    Planted(
        "the pauses of an outage do not grow",
        _RUNS,
        '"put_off": run.put_off + 1,',
        '"put_off": run.put_off,',
    ),
    Planted(
        "what was refused together is tried again together",
        _RUNS,
        "share = int.from_bytes(drawn) / 2**32",
        "share = 0.0",
    ),
    Planted(
        "mails are not paced after a refusal",
        "use_cases/effects/mail_pace.py",
        "        elif self._until is not None and now < self._until:\n",
        "        elif self._until is not None and now < self._until - PACED_FOR:\n",
    ),
    Planted(
        "a mail does not wait for its place",
        "use_cases/effects/mail_pace.py",
        "if slot is not None and slot > now + AHEAD:",
        "if slot is not None and slot > now + PACED_FOR:",
    ),
    Planted(
        "a place in the row is lost while it is waited for",
        _RUNS,
        '"slot": slot,\n',
        '"slot": None,\n',
    ),
    Planted(
        "a refused mail takes no place",
        "use_cases/effects/email.py",
        "            raise self._pace.refused(error) from error\n",
        "            raise\n",
    ),
    Planted(
        "a place in the row is given twice",
        "adapters/dynamodb/stores/operations/sending_slots.py",
        'self._move("#free + :step", "#free >= :now"',
        'self._move(":now + :step", "#free >= :now"',
    ),
    Planted(
        "a lane that is off counts as one that performs",
        _SWEEP,
        "return last is not None and run.due is not None and last >= run.due",
        "return True",
    ),
    Planted(
        "a lane that performs counts as one that is off",
        _PERFORM,
        "self.heartbeats.beat(lane_heartbeat(lane), self.store.clock())",
        "pass",
    ),
    Planted(
        "in bulk rules are carried out whose stage was left",
        "use_cases/runs/change_run.py",
        "if left and not request.even_if_left:",
        "if left and not by:",
    ),
    Planted(
        "what means something in its stage alone is carried out after it",
        "engine/runs/by_person/resolve.py",
        "is_timer or (is_rule and",
        "is_timer and (is_rule and",
    ),
    Planted(
        "an answer that never came counts as a temporary failure",
        _RUNS,
        "    if run.repeatable and run.attempts <= len(PAUSES):\n        return after_failure",
        "    if True:\n        return after_failure",
    ),
    Planted(
        "a conclusion that conflicts is given up",
        "use_cases/transact.py",
        "            store.backoff(attempt)\n",
        "            return CommitResult(outcome, None)\n",
    ),
    Planted(
        "the mail is sent before the run is claimed",
        _EFFECT_LANES,
        "    claimed = _Claimed(",
        "    prepared.execute()\n    claimed = _Claimed(",
    ),
    Planted(
        "a run that runs once for a document hangs when it ran before",
        _PERFORM,
        'return self.conclude(finished(self.before, "skipped", reason, now=now))',
        'return Proposal(None, RunResult.of(finished(self.before, "skipped", reason, now=now)))',
    ),
    Planted(
        "a message that comes early is dropped",
        _PERFORM,
        "performer.lanes.send(early.lane, message, due=due, now=now)",
        "pass",
    ),
    Planted(
        "a rule's change of the document is written without its conclusion",
        _PERFORM,
        '"updates": end.updates[:1] if stops else end.updates,',
        '"updates": (),',
    ),
    Planted(
        "a message is dropped since another's run was taken",
        "use_cases/transact.py",
        "        except (ConflictError, LeftStageError, StaleRunError):\n",
        "        except StaleRunError:\n"
        "            return CommitResult(outcome, None)\n"
        "        except (ConflictError, LeftStageError):\n",
    ),
    # --- leaving, dates, stopping
    Planted(
        "kept rules are not released at leaving",
        _SETTLE,
        "        if left:\n            seen",
        "        if left and moved:\n            seen",
    ),
    Planted(
        "runs do not move with their date field",
        _SETTLE,
        "        if moved:\n            seen",
        "        if moved and left:\n            seen",
    ),
    Planted(
        "a run that moves with its field keeps its generation",
        _FOLLOW,
        "anew = run.model_copy(update=new).newer_than(run)",
        "anew = run.model_copy(update=new)",
    ),
    Planted(
        "a run begins to hang on a date field that is filled meanwhile",
        _RUNS,
        "if any(run_update.run.date_field for run_update in following):",
        "if any(run_update.run.swept > 99 for run_update in following):",
    ),
    Planted(
        "it is not noted which version a document's runs were moved to",
        "use_cases/runs/migrate_runs.py",
        "Proposal(with_document_version(document, change, version=program.version), move)",
        "Proposal(with_document_version(document, change), move)",
    ),
    Planted(
        "versions that no run is on any more are never forgotten",
        _SETTLE,
        "    if len(before.planned_with) > MANY_VERSIONS:\n",
        "    if len(before.planned_with) > 9999 * MANY_VERSIONS:\n",
    ),
    Planted(
        "versions are forgotten though kept runs are on them",
        _SETTLE,
        "if not run.left_stage(before) and",
        "if run.entry == before.entry and",
    ),
    Planted(
        "runs of an older version do not move with their field",
        _SETTLE,
        "programs = [program, *map(program_of, older)]",
        "programs = [program]",
    ),
    Planted(
        "kept runs of earlier stages do not move with their field",
        _SETTLE,
        "entry = None if any(pipeline.keeps_hanging for pipeline in programs) else before.entry",
        "entry = before.entry",
    ),
    Planted(
        "runs that somebody else has planned meanwhile are taken for earlier ones",
        _SETTLE,
        "runs = [run for run in there if run.entry <= before.entry]",
        "runs = list(there)",
    ),
    Planted(
        "a rule that is gone hands on a turn that it never had",
        "use_cases/runs/migrate_runs.py",
        'has_turn = run.state != "waiting"',
        'has_turn = run.state != "no_date"',
    ),
    Planted(
        "a chain ends where a rule was taken out of it",
        _RUNS,
        "            current = following\n            continue\n",
        "            break\n",
    ),
    Planted(
        "stopping the rules leaves those that are parked",
        _RUNS,
        "if run.state in NOT_BEGUN and isinstance(run.purpose, RuleRun)",
        'if run.state == "ready" and isinstance(run.purpose, RuleRun)',
    ),
    Planted(
        "rules that are kept in a chain wait for those that were left",
        _PLAN,
        'while rule is not None and runs[rule].on_leave == "cancel":',
        "while rule is not None and runs[rule].on_leave == rule:",
    ),
    # --- more than one transaction takes
    Planted(
        "what does not fit into a transaction is forgotten",
        _SETTLE,
        "    if not writing.is_short:\n        return change, False",
        "    if not writing.is_short or change.items:\n        return change, False",
    ),
    Planted(
        "what was left for later is done in one step, however much it is",
        _SETTLE,
        "    if not (writing.is_short or lacks_words):\n        return change\n    again",
        "    if not lacks_words or change.items:\n        return change\n    again",
    ),
    Planted(
        "it is not done again what a second change leaves for later",
        _SETTLE,
        'if before.state == "ready":',
        'if before.state != "failed":',
    ),
    Planted(
        "it is not noted which runs are left behind",
        _SETTLE,
        "self._fields = {name: at for name, at in moves.since.items() if name in behind}",
        "self._fields = {}",
    ),
    Planted(
        "runs that were left behind are not looked for",
        _FOLLOW,
        "is_behind(run, before) or _differs(run.date_field, before, after)",
        "_differs(run.date_field, before, after)",
    ),
    Planted(
        "a run starts by the date that its field had before",
        _RUNS,
        "    if is_behind(run, document):",
        "    if is_behind(run, document) and run.swept > 99:",
    ),
    Planted(
        "the claim does not hold the date that the run hangs on",
        _RUNS,
        "version = document.version if begun.date_field and not begun.is_half_sent else None",
        "version = None",
    ),
    Planted(
        "a run is skipped while its date changes",
        _RUNS,
        "if was.date_field and was.state in NOT_BEGUN:",
        "if was.date_field and was.state in CONCLUDED:",
    ),
    Planted(
        "the chain under a rule that moved the document is forgotten",
        _SETTLE,
        "        self.taken = {own.key: own}\n        self._later(own.entry)",
        "        self.taken = {own.key: own}",
    ),
    Planted(
        "events that are left for the next transaction are marked in this one",
        _APPLY,
        "marks = marks[: len(events) - len(decision.deferred_events)]",
        "marks = marks[: len(events) + len(decision.deferred_events)]",
    ),
    Planted(
        "events that are left for the next transaction are forgotten",
        _APPLY,
        "if applied is None or not applied.deferred_events:",
        "if applied is None or applied.log:",
    ),
    Planted(
        "what a message plans on its way is not bounded",
        _COURSE,
        "return kept > 0 and kept + self.program.most_planned > MAX_RUNS",
        "return kept > 99 * MAX_RUNS",
    ),
    Planted(
        "publishing does not count what is kept on the way",
        "engine/transaction_limits.py",
        "return self.load.runs + self.passed",
        "return self.load.runs",
    ),
    Planted(
        "rules are added to a stage entry without end",
        "use_cases/runs/backfill.py",
        "if (ahead := _open(runs)) >= MAX_RUNS:",
        "if (ahead := _open(runs)) >= 99 * MAX_RUNS:",
    ),
    # --- deciding
    Planted(
        "a trigger moves a document back without being allowed to",
        "engine/compiled_pipeline.py",
        "        if self.trigger.allow_return:\n            return None\n",
        "        if self.place < place or self.trigger.allow_return:\n            return None\n",
    ),
    Planted(
        "the last trigger that matches wins",
        _FIRE,
        "            if winner\n            else",
        "            if winner and winner.trigger.allow_return\n            else",
    ),
    Planted(
        "automatic moves are not bounded",
        _COURSE,
        "if self.document.automatic_moves < MAX_AUTOMATIC_MOVES:",
        "if self.document.automatic_moves < 100 * MAX_AUTOMATIC_MOVES:",
    ),
    Planted(
        "a step that is told after a later one fires nothing",
        _FACTS,
        'if applied == "late" and not _is_heard(document, fact):',
        'if applied == "known" and not _is_heard(document, fact):',
    ),
    Planted(
        "a step that is told late fires again and again",
        _FACTS,
        "return fact.kind in document.heard\n",
        "return False\n",
    ),
    Planted(
        "what is told late moves a document back",
        _FIRE,
        "if candidate.place < here:",
        "if candidate.place < 0:",
    ),
    Planted(
        "what is told late undoes a return",
        _FIRE,
        "if any(candidate.kind.on & overtaken_by for candidate in returning):",
        "if any(candidate.kind.on < overtaken_by for candidate in returning):",
    ),
    Planted(
        "a late event of a signer undoes a newer one",
        _FACTS,
        'if rank > before or signer.status == "waiting" or signed_since:',
        "if rank >= 0:",
    ),
    Planted(
        "a late end of the envelope undoes another end",
        _FACTS,
        '    if rank == before and document.status != status:\n        return document, "late"\n',
        "    if rank == before and document.status != status:\n        before = 0\n",
    ),
    Planted(
        "the state that a message carries is not read",
        _FACTS,
        "facts = list(_news(document, state, event.occurred_at)) if state else []",
        "facts: list[Fact] = []",
    ),
    Planted(
        "a new stage entry has the number of the old one",
        _COURSE,
        '"entry": old.entry + 1,',
        '"entry": old.entry,',
    ),
    Planted(
        "the timeline does not tell of a change of fields by a rule",
        _DECIDE,
        'course.note("edited", f"{origin.by} changed {names}", changes=changes)\n'
        "    if wanted.comment:",
        "if not automatic:\n"
        '            course.note("edited", f"{origin.by} changed {names}", changes=changes)\n'
        "    if wanted.comment:",
    ),
    Planted(
        "an arrival by trigger does not plan its rules",
        _COURSE,
        "            pipeline_version=self.program.version,\n        )\n        self.plan()\n\n"
        "    def _leave",
        "            pipeline_version=self.program.version,\n        )\n"
        "        if not automatic:\n            self.plan()\n\n    def _leave",
    ),
    # --- receiving
    Planted(
        "an event's mark is left out of the change",
        _APPLY,
        "decision.change(marks, attach=subject.attach)",
        "decision.change(marks[1:], attach=subject.attach)",
    ),
    Planted(
        "of two events in one message only the first is applied",
        _APPLY,
        "        events=events,",
        "        events=events[:1],",
    ),
    Planted(
        "it is not written which document an envelope was attached to",
        _APPLY,
        "decision.change(marks, attach=subject.attach)",
        "decision.change(marks)",
    ),
    Planted(
        "a partly known message counts as known",
        _APPLY,
        "left = (event for event in self.message.events if event.key not in error.keys)",
        "left = ()",
    ),
    Planted(
        "a request that cannot be committed is answered and forgotten",
        _RECEIVE,
        "receiver.parked.park(secrets.connection, verified.model_dump_json())",
        "verified.model_dump_json()",
    ),
    Planted(
        "a message for a paused pipeline is answered and forgotten",
        _APPLY,
        "                self.applier.held.add(self.message)\n",
        "",
    ),
    Planted(
        "a signature is not looked at",
        "providers/docusign/__init__.py",
        "            given,\n            (base64_hmac(key, request.body) for key in keys),",
        '            [b""],\n            [b""],',
    ),
    # --- dispatching and sweeping
    Planted(
        "a new generation is not dispatched",
        _DISPATCH,
        'old.state == "ready" and old.generation == new.generation:',
        'old.state == "ready":',
    ),
    Planted(
        "a message names no generation but the first",
        "model/message.py",
        "generation=run.generation,",
        "generation=1,",
    ),
    Planted(
        "a run's key forgets the stage entry",
        "model/run.py",
        "return RunKey(document=self.document, entry=self.entry, rule=self.rule, repeat",
        "return RunKey(document=self.document, entry=1, rule=self.rule, repeat",
    ),
    Planted(
        "the sweep does not find runs that are late",
        _SWEEP,
        "return run.due is not None and now - run.due > grace(run.swept)",
        "return run.due is not None and now - run.due > 1000 * grace(5)",
    ),
    Planted(
        "the sweep sends a lost run again in its old generation",
        _SWEEP,
        "again = run.ready_again(due=now, reason=why)",
        'again = run.model_copy(update={"state": "ready", "due": now, "reason": why})',
    ),
    Planted(
        "the sweep does not look at leases",
        _SWEEP,
        'if run.state == "running":\n        unknown',
        'if run.state == "running" and run.swept > 8:\n        unknown',
    ),
    Planted(
        "the sweep leaves what is in doubt",
        _SWEEP,
        'if paused or (run.state == "ready" and not _is_late(run, now)):',
        'if paused or run.state == "in_doubt" or not _is_late(run, now):',
    ),
    Planted(
        "a resume forgets the runs that fell due meanwhile",
        "use_cases/pipelines/pause.py",
        'if run.pipeline != pipeline or run.state != "ready":',
        'if run.pipeline != pipeline or run.state == "ready":',
    ),
    Planted(
        "a report on a mail resolves nothing",
        "engine/runs/mail_events.py",
        "if not doubtful or known:",
        "if not doubtful or not known:",
    ),
    # --- time
    Planted(
        "days are counted in UTC, not by the clock of the place",
        "engine/schedule/due.py",
        "start = _Start(turn, turn.astimezone(working.zone).replace(tzinfo=None))",
        "start = _Start(turn, turn.astimezone(UTC).replace(tzinfo=None))",
    ),
    Planted(
        "a time that has passed is not due at once",
        "engine/schedule/due.py",
        "if moved < turn:",
        "if moved > turn and moved < turn:",
    ),
    # --- the store
    Planted(
        "the store does not look at the document's version",
        _TRANSACTION,
        '"ConditionExpression": "version = :was",',
        '"ConditionExpression": "version >= :was OR version < :was",',
    ),
    Planted(
        "the store does not look at a run's generation",
        _TRANSACTION,
        'holds = "#state = :was AND generation = :generation"',
        'holds = "#state = :was AND generation >= :generation"',
    ),
    Planted(
        "the store applies an event twice",
        _TRANSACTION,
        'yield put(items.dump_event(version, number, event), NEW, "duplicate", event.key)',
        'yield put(items.dump_event(version, number, event), None, "duplicate", event.key)',
    ),
    Planted(
        "the store does not look whether the document stays",
        _TRANSACTION,
        "    if change.stay is not None:\n        yield _stay(change.stay)\n",
        "",
    ),
    Planted(
        "the store plans a run over one that is there",
        _TRANSACTION,
        'yield put(items.dump_run(run), NEW, "conflict", f"run {run.key}")',
        'yield put(items.dump_run(run), None, "conflict", f"run {run.key}")',
    ),
    Planted(
        "the twin of the store does not look at the document's version",
        "adapters/memory/tables/process/state.py",
        "if (there.version if there else None) != change.was_version:",
        "if there is None and change.was_version is not None:",
    ),
    Planted(
        "the twin of the store does not look at a run's generation",
        "adapters/memory/tables/process/state.py",
        "(update.was, update.was_generation)",
        "(update.was, found.generation)",
    ),
    Planted(
        "the store attaches an envelope that has a document",
        _TRANSACTION,
        'yield put(alias, NEW, "conflict", f"envelope {envelope}")',
        'yield put(alias, None, "conflict", f"envelope {envelope}")',
    ),
    Planted(
        "a schedule is made for the second before a run is due",
        "adapters/sqs/run_queues.py",
        "moment = moment.replace(microsecond=0) + timedelta(seconds=1)",
        "moment = moment.replace(microsecond=0)",
    ),
    # --- tasks
    Planted(
        "a task that is concluded can be concluded again",
        "engine/runs/tasks.py",
        'if task.state != "open":',
        "if False:",
    ),
    Planted(
        "a completed task leaves its run awaiting",
        "use_cases/documents/tasks.py",
        'if run is None or run.state != "awaiting":',
        'if run is None or run.state == "awaiting":',
    ),
    Planted(
        "the chain does not go on with a task that is concluded",
        "use_cases/store.py",
        "return Chain(program_of, document, self.documents.runs(run.document, run.entry))",
        "return Chain(program_of, document, ())",
    ),
    Planted(
        "a rule does not wait for its task",
        "engine/runs/tasks.py",
        '"state": "awaiting",',
        '"state": "done",',
    ),
    Planted(
        "the twin of the store does not look at a task's version",
        "adapters/memory/tables/process/state.py",
        "if (before.version if before else 0) != task.version - 1:",
        "if False:",
    ),
    Planted(
        "the store does not look at a task's version",
        _TRANSACTION,
        'return put(items.dump_task(task), condition, "conflict", f"task {task.key}")',
        'return put(items.dump_task(task), None, "conflict", f"task {task.key}")',
    ),
    # --- calls of web addresses
    Planted(
        "a call is made before the run is claimed",
        _WEB_EFFECT,
        "        def execute() -> EffectResult:\n",
        "        self._web.call(request)\n\n        def execute() -> EffectResult:\n",
    ),
    Planted(
        "every call counts as repeatable",
        _WEB_EFFECT,
        "return PreparedEffect(execute=execute, repeatable=request.repeatable)",
        "return PreparedEffect(execute=execute, repeatable=True)",
    ),
    Planted(
        "that a call is repeatable is forgotten when the lease ends",
        _RUNS,
        'until = now if run.repeatable else now + DOUBT if run.lane == "email" else None',
        'until = now + DOUBT if run.lane == "email" else None',
    ),
    Planted(
        "a gateway's silence counts as a temporary failure of the address",
        _WEB_EFFECT,
        "UNTOLD = frozenset({502, 504, 520, 524})",
        "UNTOLD = frozenset({502})",
    ),
    Planted(
        "of the answers that take a call only 200 does",
        _WEB_EFFECT,
        "if 200 <= status < 300:",
        "if status == 200:",
    ),
    Planted(
        "a call that the address refuses counts as taken",
        _WEB_EFFECT,
        "    if 300 <= status < 400:\n",
        "    if status == 404:\n        return\n    if 300 <= status < 400:\n",
    ),
    Planted(
        "what a busy address asks for is not waited for",
        _RUNS,
        "min(asked, LONGEST_PAUSE)",
        "min(asked, timedelta())",
    ),
    Planted(
        "each try of a call has a key of its own",
        _CALLS,
        "key = str(context.run.key)",
        'key = f"{context.run.key}.{context.run.generation}"',
    ),
    Planted(
        "the key of a call forgets the stage entry",
        _CALLS,
        "key = str(context.run.key)",
        'key = f"{context.run.document}.{context.run.rule}"',
    ),
    Planted(
        "an answer is written apart from the conclusion of its run",
        _EFFECT_LANES,
        "    return ours.conclude_with(decision, current, after)\n",
        "    ours.performer.store.documents.commit(decision.change())\n"
        "    return replace(ours, document=decision.document).conclude(after)\n",
    ),
    Planted(
        "an answer is dropped when its conclusion conflicts",
        _EFFECT_LANES,
        "if reply is None or not says_something:",
        "if reply is None or ours.document.version > claimed.document.version:",
    ),
    Planted(
        "of an answer with a value that does not fit nothing is written and nothing told",
        _DECIDE,
        '            course.note("warning", f"the answer was not taken over: {error}")\n',
        "            fitting.clear()\n            break\n",
    ),
    # --- mails to several
    Planted(
        "further mails of a run are handed over without a claim",
        _SERIES,
        "                self.store.documents.commit(Transaction(updates=(update(run, after),)))\n",
        "                pass\n",
    ),
    Planted(
        "a claim of the next mail that conflicts lets the message go",
        _SERIES,
        "            except TransientError:\n                self.store.backoff(attempt)\n",
        "            except UnavailableError:\n                self.store.backoff(attempt)\n",
    ),
    Planted(
        "several signers get one mail together",
        _SEND_EMAIL,
        "people = () if self.together else self._signers(document)",
        "people = () if not self.together else self._signers(document)",
    ),
    Planted(
        "who has signed meanwhile gets the mail that was tried before",
        _SEND_EMAIL,
        "raise NothingToDoError(_why_not(document.signer(signer_id)))",
        'return "client", next(one for one in document.signers if one.id == signer_id)',
    ),
    Planted(
        "a mail that lasts to fail fails the run, and the others get none",
        _MAILS,
        "        return go_on(failed, now=now, lease=lease)\n    return _mark",
        "        return concluded(failed, now=now)\n    return _mark",
    ),
    Planted(
        "a run tried again sends every mail once more",
        _MAILS,
        """        if mail.state in ("sending", "failed")
        else mail
        for mail in run.mails
    )
""",
        """        if mail.state in ("sending", "failed", "sent")
        else mail
        for mail in run.mails
    )
""",
    ),
    Planted(
        "a run that has sent some mails ends when its document leaves",
        "model/run.py",
        'return self.on_leave == "cancel" and not self.sent_mails',
        'return self.on_leave == "cancel"',
    ),
    Planted(
        "a report on one mail lets whoever read the run before write it back",
        _MAILS,
        "anew = marked.newer_than(run)",
        "anew = marked",
    ),
    Planted(
        "a report ends the doubt about another mail of its run",
        _REPORTS,
        "    index = -1 if report.mail is None else report.mail\n",
        "    index = next((n for n, m in enumerate(run.mails) if m.state == 'sending'), -1)\n",
    ),
    Planted(
        "what the mail service refused after a run was done is not noted",
        _REPORTS,
        'if known != (mail.state == "sent") or mail.state not in ("sending", "sent"):',
        'if known != (mail.state == "sent") or mail.state not in ("sending",):',
    ),
    Planted(
        "one of several mails forgets in its tags which it is",
        "adapters/ses/mailer.py",
        "    if mail is not None:\n",
        "    if mail is None:\n",
    ),
    # --- tasks of groups, and mails about tasks
    Planted(
        "the mail about a task is planned apart from the task",
        _COURSE,
        "        if task.mail:\n",
        "        if task.mail and task.version > 1:\n",
    ),
    Planted(
        "who had a task before is told of it after it was handed over",
        "rules/_shared/task_mail.py",
        "if task.assigned_in != self.assigned_in:",
        "if task.assigned_in < self.assigned_in:",
    ),
    Planted(
        "anybody completes a task",
        "engine/runs/tasks.py",
        "    if may_complete(task, by, pipeline):\n",
        "    if may_complete(task, by, pipeline) or by:\n",
    ),
    # --- who is meant
    Planted(
        "a role is compared letter by letter",
        "triggers/_shared/signer_event.py",
        "not same(signer.role, self.role)",
        "signer.role != self.role",
    ),
    Planted(
        "who has declined is asked to sign",
        "rules/_shared/signers.py",
        'if signer.must_act and signer.status in ("waiting", *ASKED)',
        'if signer.must_act and signer.status != "signed"',
    ),
    Planted(
        "any word is a user",
        "model/users.py",
        "    if why is None:\n        return text\n",
        "    if why is None or text:\n        return text\n",
    ),
    # --- final stages, dates that pass or move, calendars, what a new version leaves behind
    Planted(
        "a trigger moves a document out of a final stage",
        "engine/compiled_pipeline.py",
        "        if stage.is_final:\n            return f",
        "        if stage.is_final and self.place < place:\n            return f",
    ),
    Planted(
        "timers are armed in final stages",
        "engine/compiled_pipeline.py",
        "        if not self.trigger.enabled or self.holds(place, stage) is not None:\n",
        "        back = self.place < place and not self.trigger.allow_return\n"
        "        if not self.trigger.enabled or back or self.place == place:\n",
    ),
    Planted(
        "what a pause holds back runs after the date that it was due before",
        _RUNS,
        "    if is_too_late(run, now=now):",
        "    if is_too_late(run, now=now) and is_too_late(run, now=run.due or now):",
    ),
    Planted(
        "a time before a date that is over is due at once",
        "engine/schedule/due.py",
        "        if limit is not None and at > limit:\n",
        "        if limit is not None and at < turn:\n",
    ),
    Planted(
        "a rule that is to be skipped when its time has passed runs",
        "engine/schedule/due.py",
        '        if if_passed == "skip":\n',
        '        if if_passed == "skip" and limit is not None and turn > limit:\n',
    ),
    Planted(
        "a person's retry is skipped because its date is over",
        "engine/runs/by_person/resolve.py",
        '            "not_after": None,\n',
        "",
    ),
    Planted(
        "a date that moves arms nothing again",
        _PLAN,
        "if not (rule.again if rule else program.has_timer(run.rule)):",
        "if rule is None or not rule.again or run.repeat >= 0:",
    ),
    Planted(
        "a date that moves arms every rule again",
        _PLAN,
        "if not (rule.again if rule else program.has_timer(run.rule)):",
        "if rule is None and not program.has_timer(run.rule):",
    ),
    Planted(
        "a rule is armed again for a time that has passed",
        _PLAN,
        "anew if anew.due is not None and anew.due > now else None",
        "anew if anew.due is not None else None",
    ),
    Planted(
        "every stage entry that kept a rule arms it again",
        _FOLLOW,
        "for run in {run.rule: run for run in sorted(alive, key=_place)}.values():",
        "for run in alive:",
    ),
    Planted(
        "a repeated run has the key of the run that it repeats",
        "model/run.py",
        "return self.rule if not self.repeat else",
        "return self.rule if self.repeat >= 0 else",
    ),
    Planted(
        "half days are whole days",
        "engine/schedule/business_hours.py",
        "return self.yearly_special.get((day.month, day.day), usual)",
        "return usual",
    ),
    Planted(
        "of several holiday regions only the first counts",
        "engine/schedule/business_hours.py",
        "for region in self.regions):",
        "for region in self.regions[:1]):",
    ),
    Planted(
        "a month from the end of a longer one leads into the month after",
        "engine/schedule/business_hours.py",
        "    return date(year, month + 1, min(day.day, last))",
        "    return date(year, month + 1, last) + timedelta(days=day.day - last)",
    ),
    Planted(
        "working hours are counted from the start of the day",
        "engine/schedule/business_hours.py",
        "                    left -= end - begin\n",
        "                    left -= end - start\n",
    ),
    Planted(
        "publishing looks at runs that have their time alone",
        "use_cases/pipelines/version_losses.py",
        "if run.state not in NOT_BEGUN or is_left(run, document):",
        'if run.state != "ready" or is_left(run, document):',
    ),
    Planted(
        "a timer that is armed later counts from then",
        "use_cases/runs/backfill.py",
        "at=document.since,",
        "at=now,",
    ),
    Planted(
        "numbers of texts are rounded half to even",
        _LOCALES,
        "value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _WIDE)",
        'value.quantize(Decimal(1).scaleb(-places), "ROUND_HALF_EVEN", _WIDE)',
    ),
    Planted(
        "zero keeps the sign of what was rounded to it",
        _LOCALES,
        "return quantized if quantized else quantized.copy_abs()",
        "return quantized",
    ),
    Planted(
        "a field that was never filled is not blank",
        _BLANK,
        "return for_blank and (right is None or right is False)",
        "return for_blank and right is False",
    ),
    Planted(
        "a number with two readings is taken for the smaller",
        "engine/validation/number_literals.py",
        'isinstance(value, Decimal) and (text := two_readings(str(value), ""))',
        'isinstance(value, Decimal) and (text := two_readings("", ""))',
    ),
    Planted(
        "a text with two readings is taken for the smaller number",
        _VALUES,
        "if isinstance(value, str) and (text := two_readings(value)):",
        'if isinstance(value, str) and (text := two_readings("")):',
    ),
    Planted(
        "a changed field is compared with a trigger's setting as it is written",
        "triggers/field_changed.py",
        'return same(value, fit(wanted, kind, happening.field or ""), kind)',
        "return value == wanted",
    ),
    Planted(
        "a field that is emptied is as good as any other change",
        "triggers/field_changed.py",
        "if empty is not None and is_empty(actual) != empty:",
        "if empty is False and is_empty(actual):",
    ),
    Planted(
        "a choice from outside is kept as it is written",
        _VALUES,
        "            fitted = option\n",
        "",
    ),
    Planted(
        "choices in conditions are compared byte by byte",
        "engine/conditions/operands.py",
        "            return fold_address(text(value))\n        case _:",
        '            return fold_address(text(value))\n        case "choice":\n'
        "            return text(value)\n        case _:",
    ),
    Planted(
        "nobody knows whether an empty list of signers is empty",
        _CONDITIONS,
        'if value == () and BUILT_IN.get(name) == "list":',
        "if value == () and not name:",
    ),
    Planted(
        "a custom field of the envelope overwrites what a person set",
        _MAPPING,
        "if not keeps(document, name):",
        "if spec is not None:",
    ),
    Planted(
        "what a rule wrote counts as a person's",
        _DECIDE,
        "if changes and not automatic:",
        "if changes:",
    ),
    Planted(
        "what the envelope says instead of a person is told nowhere",
        _MAPPING,
        "elif not same(fields.read(document, name), value, spec.type):",
        "elif not text:",
    ),
    Planted(
        "an amount in another currency is taken over",
        _OUTSIDE,
        "if documents and not documents & currencies:",
        "if documents and not currencies:",
    ),
    Planted(
        "amounts are held against the currency before that of their own message",
        _MAPPING,
        'sorted(news, key=lambda mapping: mapping.field != "currency")',
        "news",
    ),
    Planted(
        "a moment becomes its day in UTC",
        _OUTSIDE,
        'return moment.astimezone(reading.zone).date().isoformat() if kind == "date" else moment',
        'return moment.date().isoformat() if kind == "date" else moment',
    ),
    # --- outages, poison, doubt that lasts
    Planted(
        "a write that met another transaction fails for good",
        "adapters/aws/errors.py",
        '        "TransactionConflictException",\n',
        "",
    ),
    Planted(
        "a mail in doubt is sent again though its rule does not say so",
        _SWEEP,
        'return rule is not None and rule.on_doubt == "send_again"',
        "return rule is not None",
    ),
    Planted(
        "mails in doubt are sent again while no report of any mail comes",
        _SWEEP,
        "not run.repeatable and not _reports_come(sweeper, run):",
        "not run.repeatable and run.doubt_until is None:",
    ),
    Planted(
        "a report from before the doubt counts",
        _SWEEP,
        "run.doubt_until is not None and last >= run.doubt_until - DOUBT",
        "run.doubt_until is not None",
    ),
    Planted(
        "a resume stops at the first message that cannot be applied",
        "use_cases/messages/held_messages.py",
        "        applier.held.set_aside(message, reason, at=applier.store.clock())\n",
        "        raise\n",
    ),
    Planted(
        "a resume sets everything aside while the parameter store is away",
        "use_cases/messages/held_messages.py",
        "    except TransientError:\n        raise\n    except Exception as error:\n"
        "        # A fault",
        "    except Exception as error:\n        # A fault",
    ),
    Planted(
        "what is set aside is applied with the rest all the same",
        "adapters/dynamodb/stores/operations/held_messages.py",
        '"at": {"S": iso(at)}})\n        self._delete(_key(message), message.pipeline)\n',
        '"at": {"S": iso(at)}})\n',
    ),
    Planted(
        "one item of another version ends the list",
        "adapters/unreadable.py",
        "            note(str(error))\n            continue\n",
        "            raise\n",
    ),
    Planted(
        "what cannot be read is told nowhere",
        "adapters/unreadable.py",
        "            note(str(error))\n",
        "",
    ),
    Planted(
        "a missing member of an item ends the sweep",
        "adapters/dynamodb/items.py",
        "except (ValueError, LookupError, TypeError, AttributeError, zlib.error) as error:",
        "except zlib.error as error:",
    ),
    Planted(
        "the sweep tends runs of a pipeline that cannot be read",
        _SWEEP,
        "paused=run.pipeline not in going)",
        "paused=run.pipeline in going - going)",
    ),
    Planted(
        "a process never writes a heartbeat twice",
        "adapters/dynamodb/stores/operations/heartbeats.py",
        "if before is not None and at < before + EVERY:",
        "if before is not None:",
    ),
    Planted(
        "a claim that arrives late undoes what was written since",
        _RUNS,
        'lease = was.lease_until if was.state == "running" else None',
        "lease = None",
    ),
    Planted(
        "the table takes a write of a lease that has been replaced",
        _TRANSACTION,
        'holds += " AND lease_until = :lease"',
        'holds += " AND lease_until <> :lease OR generation = :generation"',
    ),
    Planted(
        "an outage uses up a run's tries",
        _RUNS,
        "if passing and isinstance(error, OutageError):",
        "if passing and isinstance(error, ThrottledError):",
    ),
    *BATCHES,
    *EDGES,
    *FILES,
    *MAILS,
    *FOUND,
    *OUTSIDE,
    *OPERATIONS,
    *QUERIES,
    *RUNS,
    *PEOPLE,
    *PRIVACY,
    *COMMANDS,
    *MEANING,
    *STATISTICS,
)
