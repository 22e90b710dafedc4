"""What goes on afterwards: the sweep, a person who sees to what the product complains of, rest."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from countersign.engine.runs.by_person.resolve import Remedy
from countersign.errors import CountersignError
from countersign.local.deploy import STACK
from countersign.model.actor import user
from countersign.model.run import Run, RunKey
from countersign.use_cases.pipelines.compiled_pipelines import CompiledPipelines
from countersign.use_cases.queries.runs import RunFilter, unresolved_runs
from countersign.use_cases.runs.change_run import resolve_run
from countersign.use_cases.services import Cloud
from countersign.use_cases.store import Store
from countersign.wiring.secret_text import new_salt
from tests.chaos.cloud import NOT_NOW, MortalCloud
from tests.chaos.count import Faults
from tests.chaos.mail_line import MailLine
from tests.chaos.outside import Post, Reporter
from tests.chaos.scene import RUNS, Envelope, run_of
from tests.chaos.sender import Sender

LOOK = 8.0
"""Seconds between two looks at what has not ended."""
WAITS: Mapping[Remedy, int] = {"retry": 5, "accept": 20}
"""Looks at a run in doubt after which a person settles it: SES may report on it yet."""
QUIET = 80
"""Runs that are left when the line to SES becomes good, so that there is an end."""
PATIENCE = 1500.0
"""Seconds without any change after which nothing more is waited for: leases end after 120, messages
that a dead function had taken come again after 360, the last function may die late, and after an
outage of ten minutes a mail is tried again within twenty."""
LONGEST = 4000.0
"""Seconds in which all must have come to rest."""
QUEUES = ("ParkedQueueUrl", "EmailQueueUrl", "DocumentQueueUrl", "FeedbackQueueUrl")
BY = "make chaos"


class Tender:
    """Tends one deployed stack until it is at rest."""

    def __init__(
        self, mortal: MortalCloud, outputs: Mapping[str, str], stack: Cloud, post: Post,
        line: MailLine, faults: Faults,
    ) -> None:  # fmt: skip
        self._mortal, self._outputs, self._stack = mortal, outputs, stack
        self._post, self._line, self._faults = post, line, faults
        found = mortal.client("cloudformation").describe_stack_resource(
            StackName=STACK, LogicalResourceId="Sweep"
        )
        self._sweep = found["StackResourceDetail"]["PhysicalResourceId"]
        self._looks = Counter[RunKey]()

    def come_to_rest(
        self, envelopes: Sequence[Envelope], sender: Sender, reporter: Reporter,
        say: Callable[[str], None],
    ) -> None:  # fmt: skip
        """Until nothing is left to do and no message waits, or patience is at its end."""
        began = changed = time.monotonic()
        before: tuple[int, ...] = ()
        while time.monotonic() < min(changed + PATIENCE, began + LONGEST):
            time.sleep(LOOK)
            try:
                self._invoke_sweep()
                if sender.is_done:
                    self._see_to_troubles()
                left, messages = self._left(envelopes), self._messages()
                self._line.is_good = left < QUIET
            except NOT_NOW as error:
                say(f"  not now: {error}")
                continue
            now = (left, messages, len(self._post.mails))
            say("  runs to end {}, messages {}, mails {}".format(*now))
            if sender.is_done and not (reporter.is_behind or left or messages):
                self._faults.rested = time.monotonic() - began
                return
            if now != before:
                before, changed = now, time.monotonic()
        say(f"  not at rest after {time.monotonic() - began:.0f} s")

    def _invoke_sweep(self) -> None:
        """As its schedule does, only more often."""
        answer = self._mortal.client("lambda").invoke(FunctionName=self._sweep, Payload=b"{}")
        if "FunctionError" in answer:
            raise CountersignError(f"the sweep failed: {answer['Payload'].read().decode()}")
        self._faults.sweeps += 1

    def _see_to_troubles(self) -> None:
        """What a person does who reads the list of runs in trouble and asks who got which mail."""
        programs = CompiledPipelines(self._stack.pipelines)
        for run in unresolved_runs(self._stack.documents, self._stack.pipelines, RunFilter()):
            remedy = self._remedy(run)
            if remedy is None:
                continue
            resolve_run(
                Store(
                    documents=self._stack.documents,
                    programs=programs,
                    clock=lambda: datetime.now(UTC),
                    salt=new_salt,
                ),
                run.key,
                remedy,
                user(BY),
            )
            self._faults.retried += remedy == "retry"
            self._faults.counted_as_sent += remedy == "accept"

    def _remedy(self, run: Run) -> Remedy | None:
        if run.state == "failed":
            self._faults.failed[run.key] = run.reason or ""
            return "retry"
        self._faults.unknown.add(run.key)
        self._looks[run.key] += 1
        there = any(run_of(mail.subject) == run.key for mail in self._post.mails)
        remedy: Remedy = "accept" if there else "retry"
        return remedy if self._looks[run.key] >= WAITS[remedy] else None

    def _left(self, envelopes: Sequence[Envelope]) -> int:
        """How many runs are still to be done."""
        runs = [run for one in envelopes for run in self._stack.documents.runs(one.document)]
        return len(envelopes) * len(RUNS) - sum(run.state == "done" for run in runs)

    def _messages(self) -> int:
        """How many wait in the queues, those that somebody has taken included."""
        names: Any = [
            f"ApproximateNumberOfMessages{which}" for which in ("", "NotVisible", "Delayed")
        ]
        number, client = 0, self._mortal.client("sqs")
        for name in QUEUES:
            found = client.get_queue_attributes(QueueUrl=self._outputs[name], AttributeNames=names)
            number += sum(map(int, found["Attributes"].values()))
        return number
