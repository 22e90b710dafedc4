"""What people do meanwhile: they edit, move, pause, publish, repair; and somebody forges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from countersign.model.actor import done_by, user
from countersign.model.pipeline import Pipeline
from countersign.model.run import NOT_BEGUN, RunState
from countersign.model.run_change import RunChange
from countersign.model.run_purpose import BacklogRun
from countersign.ports import DeadLetters, Documents, Jobs, Pipelines
from countersign.providers.base import Request
from countersign.rules.base import Edit
from countersign.use_cases.documents.edit import NewDocument, call_by_code, make, save
from countersign.use_cases.documents.tasks import assign, complete, tick, withdraw
from countersign.use_cases.jobs.kinds.change_runs import ChangeRuns
from countersign.use_cases.jobs.start import abort_job, start_job
from countersign.use_cases.messages.dead_letters import redrive
from countersign.use_cases.messages.held_messages import retry_set_aside
from countersign.use_cases.messages.receive import Receiver, receive
from countersign.use_cases.pipelines.compiled_pipelines import CompiledPipelines
from countersign.use_cases.pipelines.pause import pause, resume
from countersign.use_cases.pipelines.publish import Publisher, publish, roll_back
from countersign.use_cases.queries.runs import RunFilter, unresolved_runs
from countersign.use_cases.runs.backfill import backfill
from countersign.use_cases.runs.change_run import RunRequest, change_run, resolve_run
from countersign.use_cases.runs.migrate_runs import migrate_runs
from tests.crash.acts import BEN, CARLA, CODE, MADE, PIPELINE, Act
from tests.crash.envelopes import SimulatedEnvelope
from tests.crash.kernel import Kernel


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleParts:
    """What else people work with."""

    dead_letters: DeadLetters
    jobs: Jobs
    versions: list[Pipeline]
    """Of the first pipeline: what somebody may publish."""


class People:
    """Each act is one command. Every fault may strike in the middle of it."""

    def __init__(
        self,
        kernel: Kernel,
        *,
        receiver: Receiver,
        pipelines: Pipelines,
        parts: PeopleParts,
    ) -> None:
        self._kernel = kernel
        self._receiver = receiver
        self._store = receiver.store
        self._documents: Documents = receiver.store.documents
        self._programs: CompiledPipelines = receiver.store.programs
        self._pipelines = pipelines
        self._publisher = Publisher(pipelines=pipelines, documents=receiver.store.documents)
        self._dead_letters = parts.dead_letters
        self._versions = parts.versions
        self._jobs = parts.jobs
        self._jobs_started = 0

    def act(self, act: Act, home: str) -> Any:
        """Do it; ``home`` is the document of the envelope that the act is about, if it is."""
        now = self._kernel.now
        match act.what:
            case "edit":
                return self._edit(home, act.with_[1])
            case "call":
                return call_by_code(self._store, home, CODE, user(BEN))
            case "make":
                return self._make(act.with_[0])
            case "burst":
                return self._burst(act.with_[0])
            case "pause":
                return pause(self._pipelines, *(act.with_ or (PIPELINE,)))
            case "resume":
                return self.resume(*act.with_)
            case "publish":
                version = self._versions[act.with_[0] % len(self._versions)]
                return publish(self._publisher, version, done_by(user(BEN), now))
            case "roll back":
                return roll_back(self._publisher, PIPELINE, 1, done_by(user(BEN), now))
            case "move runs":
                program = self._programs.current(PIPELINE)
                return migrate_runs(self._store, program)
            case "run here":
                return self._run_here(act.with_[0])
            case "repair":
                return self._repair(act.with_[0])
            case "task":
                return self._task(act.with_[0])
            case "redrive":
                return self.redrive()
            case "change":
                return self._change(*act.with_)
            case "job":
                return self._start_job(*act.with_)
            case "abort job":
                return self._abort_job()
            case "forge":
                return self._forge(act.with_[0])
        raise LookupError(act.what)

    def resume(self, pipeline: str = PIPELINE) -> object:
        """Let a pipeline go on."""
        return resume(self._receiver, self._pipelines, pipeline)

    def retry_aside(self, pipeline: str = PIPELINE) -> object:
        """Have what was set aside applied, now that it can be."""
        return tuple(retry_set_aside(self._receiver, pipeline))

    def retry_backlogs(self) -> object:
        """Have the runs tried again that move others, where they failed over what could not be
        read."""
        there = unresolved_runs(self._documents, self._pipelines, RunFilter())
        keys = [run.key for run in there if isinstance(run.purpose, BacklogRun)]
        return [resolve_run(self._store, key, "retry", user(BEN)).run for key in keys]

    def redrive(self) -> object:
        """Send back the dead letters."""
        return tuple(redrive(self._documents, self._dead_letters, self._dead_letters.queues))

    def _edit(self, home: str, parts: tuple[tuple[str, Any], ...]) -> object:
        given = dict(parts)
        stage, stop_rules = given.pop("stage", None), given.pop("stop_rules", False)
        wanted = Edit(stage=stage, stop_rules=stop_rules, values=given)
        return save(self._store, home, wanted, user(BEN))

    def _make(self, stage: str) -> object:
        there = [one.id for one in self._programs.current(PIPELINE).pipeline.stages]
        return make(
            self._store,
            NewDocument(
                id=MADE,
                pipeline=PIPELINE,
                values={"amount": 50},
                stage=stage if stage in there else None,
            ),
            user(BEN),
        )

    def _burst(self, number: int) -> None:
        """Many documents are made one right after the other."""
        for n in range(number):
            values = {"amount": 50}
            name = f"d-of-many-{n}"
            make(
                self._store,
                NewDocument(id=name, pipeline=PIPELINE, values=values, stage=None),
                user(BEN),
            )

    def _run_here(self, number: int) -> object:
        program = self._programs.current(PIPELINE)
        rules = [rule.id for one in program.pipeline.stages for rule in one.rules if rule.enabled]
        timed = (one for one in program.candidates if program.timed_stages(one))
        rules += [one.timer_run.name for one in timed]
        if not rules:
            return None
        rule = rules[number % len(rules)]
        return backfill(self._store, program, rule, user(BEN))

    def _repair(self, remedy: Any) -> object:
        there = unresolved_runs(self._documents, self._pipelines, RunFilter())
        runs = sorted(there, key=lambda run: str(run.key))
        if not runs:
            return None
        key = self._kernel.fate.pick("which to repair", runs).key
        return resolve_run(self._store, key, remedy, user(BEN)).run

    def _change(self, action: Any, hours: int) -> object:
        """Somebody changes a run that has not begun; now and then one that has."""
        runs = sorted(self._kernel.state.runs.values(), key=lambda run: str(run.key))
        waits = [run for run in runs if run.state in NOT_BEGUN]
        if not waits:
            return None
        run = self._kernel.fate.pick("which to change", [*waits, *waits, *waits, *runs])
        change = _run_change(action, hours)
        return change_run(self._store, RunRequest(run=run.key, change=change, by=user(BEN))).run

    def _start_job(self, action: str, hours: int) -> object:
        """Somebody has many runs changed."""
        verb = action.removesuffix(" waiting")
        states: dict[str, tuple[RunState, ...]] = {
            "skip waiting": ("waiting", "no_date"),
            "retry": ("failed", "in_doubt"),
            "accept": ("failed", "in_doubt"),
        }
        filter_ = RunFilter(states=states.get(action, ("ready",)), pipeline=PIPELINE)
        wanted = ChangeRuns(change=_run_change(verb, hours), filter=filter_)
        self._jobs_started += 1
        name = f"j-{self._jobs_started}"
        return start_job(self._jobs, name, wanted, user(BEN), now=self._kernel.now)

    def _abort_job(self) -> object:
        if not self._jobs_started:
            return None
        return abort_job(self._jobs, f"j-{self._jobs_started}", user(BEN), now=self._kernel.now)

    def _task(self, what: str) -> object:
        """Somebody does something with a task; now and then with one that is concluded."""
        tasks = sorted(self._kernel.state.tasks.values(), key=lambda task: str(task.key))
        still = [task for task in tasks if task.state == "open"]
        if not tasks:
            return None
        task = self._kernel.fate.pick("which task", [*still, *still, *tasks])
        key = task.key
        match what:
            case "complete":
                others = task.assignee != CARLA
                return complete(self._store, key, user(CARLA, as_operator=others))
            case "withdraw":
                return withdraw(self._store, key, user(BEN))
            case "tick":
                return tick(self._store, key, 1, user(CARLA), done=True)
        return assign(self._store, key, BEN, user(CARLA))

    def _forge(self, who: int) -> None:
        """A message that is not the provider's: the right address, the wrong body."""
        made = SimulatedEnvelope(90, "docusign", 2, None).act("signed", who, self._kernel.now)[-1]
        assert made.make is not None
        request: Request = made.make(self._kernel.now, 1)
        forged = request.model_copy(update={"body": request.body + b" "})
        received = receive(self._receiver, made.address, forged)
        state, here = self._kernel.state, self._kernel.place
        changed = any(who == here for _, who, _ in state.written)
        if received.answer.status not in (401, 503) or changed:
            state.broken("unproven", f"a forged message was answered {received.answer.status}")


def _run_change(action: Any, hours: int) -> RunChange:
    return RunChange(action=action, by=timedelta(hours=hours) if action == "shift" else None)
