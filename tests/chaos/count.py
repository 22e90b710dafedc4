"""What came of it all: counted, told as a table, and judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field

from countersign.model.run import Run, RunKey
from countersign.providers import provider
from countersign.use_cases.messages.dead_letters import examine
from countersign.use_cases.services import Cloud
from tests.chaos.mail_line import MailLine
from tests.chaos.outside import Mail
from tests.chaos.scene import ENTRY, MAILS, MESSAGES, MOVES, RUNS, SECRET, STAGE, Envelope, run_of
from tests.chaos.sender import Delivery, Sender


@dataclass(slots=True)
class Faults:
    """What was done to the cloud, and what people did about its complaints."""

    killed: int = 0
    killed_in_stops: int = 0
    stops: int = 0
    refusing: float = 0.0
    """Seconds for which SES took no mail."""
    away: float = 0.0
    """Seconds for which it took nothing from anybody, and said so."""
    sweeps: int = 0
    unknown: set[RunKey] = field(default_factory=set)
    """Runs that were seen in doubt before anybody did anything about them."""
    failed: dict[RunKey, str] = field(default_factory=dict)
    """Runs that were seen to have failed, and why."""
    retried: int = 0
    counted_as_sent: int = 0
    rested: float | None = None
    """Seconds of tending after which all was at rest; None where it never was."""


@dataclass(frozen=True, slots=True)
class Count:
    """One line of the table; ``wanted`` None where the number only explains others."""

    name: str
    found: int
    wanted: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The table, and every loss and duplicate that nobody was told of."""

    counts: tuple[Count, ...]
    wrong: tuple[str, ...]

    def lines(self) -> Iterable[str]:
        for one in self.counts:
            mark = "" if one.wanted in (None, one.found) else "  <-- wrong"
            wanted = "" if one.wanted is None else f"of {one.wanted}"
            yield f"  {one.name:<62}{one.found:>6} {wanted:<8}{mark}".rstrip()
        yield from (f"  wrong: {text}" for text in self.wrong)


def count(
    stack: Cloud,
    envelopes: Sequence[Envelope],
    sender: Sender,
    mails: Sequence[Mail],
    faults: Faults,
    line: MailLine,
) -> Outcome:
    """Everything, read back from the table, the queues and the outside."""
    wrong: list[str] = []
    accepted = sender.accepted
    runs = {run.key: run for one in envelopes for run in stack.documents.runs(one.document)}
    documents, marks, moves = _documents(stack, envelopes, accepted, wrong)
    sent = Counter(run_of(mail.subject) for mail in mails)
    told, untold = _twice(sent, faults, wrong)
    lost = _lost(envelopes, runs, sent, wrong)
    states = Counter(run.state for run in runs.values())
    untaught = line.lost | line.killed
    if faults.rested is None:
        wrong.append("it did not come to rest: runs or messages were still waiting")
    alone = _settled_alone(untaught, runs, sent, faults, wrong)
    letters = list(examine(stack.documents, stack.dead_letters, stack.dead_letters.queues))
    wrong += [f"the webhook {one.name} of {one.index} was never accepted" for one in sender.refused]
    first = sum(not one.again for one in accepted)
    expected = len(envelopes) * len(MAILS)
    distinct = len({(one.index, one.name) for one in accepted})
    return Outcome(
        counts=(
            *_faults(faults),
            Count("mails that SES took, and whose answer was lost", len(line.lost)),
            Count("mails that SES took, and whose function was killed then", len(line.killed)),
            Count("came to rest: no run open, no message waiting", faults.rested is not None, 1),
            Count("  seconds that it took, once the last was broken", round(faults.rested or 0)),
            Count("webhooks accepted (200)", first, len(envelopes) * len(MESSAGES)),
            Count("  of which sent again by the provider, and accepted again",
                  len(accepted) - first),
            Count("  signed with the secret that was set in the middle", sender.anew),
            Count("  tries that got no answer or another", _others(sender.answers)),
            Count("documents", documents, len(envelopes)),
            Count("events applied, each once", marks, distinct),
            Count("moves", moves, len(envelopes) * MOVES),
            Count("runs done", states["done"], len(envelopes) * len(RUNS)),
            *(Count(f"runs {state}", number) for state, number in sorted(states.items())
              if state != "done"),
            Count("  concluded by the mail service's report",
                  sum((run.reason or "").startswith("the mail service") for run in runs.values())),
            Count("  set going again by the sweep", sum(run.swept > 0 for run in runs.values())),
            Count("runs whose answer was lost and that said so at once", len(line.doubted)),
            Count("runs that got no answer, settled by SES's report", alone, len(untaught)),
            Count("runs that a person saw in doubt", len(faults.unknown)),
            Count("runs that SES refused, and said so", len(faults.failed)),
            Count("  tried again by a person", faults.retried),
            Count("  counted as sent by a person", faults.counted_as_sent),
            Count("mails, one a run", sum(sent.values()), expected),
            Count("mails that came twice, after the run was said to be in doubt", told),
            Count("mails that came twice, unannounced", untold, 0),
            Count("mails lost", lost, 0),
            Count("dead letters", len(letters), 0),
        ),
        wrong=(*wrong, *(f"dead letter in {one.letter.queue}: {one.about}: {one.text}"
                         for one in letters)),
    )  # fmt: skip


def _faults(faults: Faults) -> Iterable[Count]:
    yield Count("functions killed -9, one by one", faults.killed)
    yield Count("stops of the whole cloud", faults.stops)
    yield Count("  functions killed -9 in them", faults.killed_in_stops)
    yield Count("seconds without a verified sender", round(faults.refusing))
    yield Count("seconds for which SES took nothing from anybody", round(faults.away))
    yield Count("sweeps", faults.sweeps)


def _others(answers: Counter[str]) -> int:
    return sum(number for answer, number in answers.items() if answer != "200")


def _documents(
    stack: Cloud, envelopes: Sequence[Envelope], accepted: Sequence[Delivery], wrong: list[str]
) -> tuple[int, int, int]:
    """Documents, events applied, moves."""
    names: dict[int, set[str]] = {one.index: set() for one in envelopes}
    for delivery in accepted:
        names[delivery.index].add(delivery.name)
    found, marks, moves = 0, 0, 0
    for one in envelopes:
        document = stack.documents.get(one.document)
        if document is None:
            wrong.append(f"the document of {one.number} is lost")
            continue
        found += 1
        if (document.stage, document.entry) != (STAGE, ENTRY):
            there = f"in {document.stage}, entry {document.entry}"
            wrong.append(f"{one.number} is {there}; expected {STAGE}, entry {ENTRY}")
        keys = [event.key for event in stack.documents.events(one.document)]
        wanted = {
            event.key
            for name in names[one.index]
            for event in provider("docusign").parse(one.message(name, document.created_at, SECRET))
        }
        wrong += [f"{one.number}: the event {key} is lost" for key in wanted - set(keys)]
        marks += len(wanted & set(keys))
        moves += sum(line.kind == "moved" for line in stack.documents.timeline(one.document))
    return found, marks, moves


def _twice(sent: Counter[RunKey], faults: Faults, wrong: list[str]) -> tuple[int, int]:
    """Second mails of a run that was known to be in doubt, and of one that was not."""
    more = {key: times - 1 for key, times in sent.items() if times > 1}
    untold = {key: times for key, times in more.items() if key not in faults.unknown}
    wrong += [f"the run {key} sent {1 + times} mails, unannounced" for key, times in untold.items()]
    return sum(more.values()) - sum(untold.values()), sum(untold.values())


def _settled_alone(
    untaught: Set[RunKey], runs: Mapping[RunKey, Run], sent: Counter[RunKey], faults: Faults,
    wrong: list[str],
) -> int:  # fmt: skip
    """How many of the runs whose mail was taken without an answer came out right, and by what."""
    settled = 0
    for key in untaught:
        run = runs.get(key)
        reason = (run.reason or "") if run else ""
        if run is not None and reason.startswith("the mail service") and sent[key] == 1:
            settled += 1
        elif key not in faults.unknown:
            there = f"{run.state}: {reason}" if run else "not there"
            wrong.append(f"the run {key} got no answer; it is {there}, mails {sent[key]}")
    return settled


def _lost(
    envelopes: Sequence[Envelope], runs: dict[RunKey, Run], sent: Counter[RunKey], wrong: list[str]
) -> int:
    lost = 0
    for key in (one.run(rule) for one in envelopes for rule in RUNS):
        run = runs.get(key)
        if run is None or run.state != "done":
            wrong.append(f"the run {key} is {run.state if run else 'not there'}")
        if key.rule in MAILS and not sent[key]:
            lost += 1
            wrong.append(f"the mail of {key} is lost")
    return lost
