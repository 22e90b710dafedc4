"""Publishing checks: all that is wrong with a pipeline, reported at once, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ValidationError

from countersign.engine.conditions import (
    evaluate,
)
from countersign.engine.conditions.evaluate import Vocabulary
from countersign.engine.schedule import (
    business_hours,
)
from countersign.engine.transaction_limits import MAX_RUNS, PlannedItems, WorstCase, worst_of
from countersign.engine.validation import (
    mail_texts,
    number_literals,
    rule_references,
    warnings,
)
from countersign.engine.validation.lenient_parser import PartialPipeline, parse_leniently
from countersign.engine.validation.schema_errors import SchemaError, schema_errors
from countersign.engine.validation.stage_graph import Edge, cycles, unreachable
from countersign.model import fields, timing
from countersign.model.base import Model, Place
from countersign.model.pipeline import Pipeline, Rule, Stage, Trigger
from countersign.model.references import NamedStage, settings_place
from countersign.model.timing import IMMEDIATELY, Timing
from countersign.model.users import user_of
from countersign.model.values import InvalidValueError
from countersign.registry import Registry, UnknownKindError
from countersign.rules import RULES
from countersign.rules._shared.senders import own_sender
from countersign.rules.base import RuleKind
from countersign.text.addresses import EXPECTED, AddressError, named, problem_of, whole_domain
from countersign.text.locales import UnknownLocaleError, locale_of
from countersign.triggers import TRIGGERS
from countersign.triggers.base import TriggerKind

K = TypeVar("K", bound=Model)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to fix, or with ``warning`` one to look at."""

    place: Place
    """Where it stands: ``("stages", 1, "rules", 0, "kind")``. What is not written there
    itself, a default or something missing, stands nearest to what is."""
    text: str
    severity: Literal["error", "warning"] = "error"
    of_key: bool = False
    """Whether the key itself is wrong, not what it holds."""


def check(raw: object, *, today: date) -> tuple[Pipeline | None, tuple[Problem, ...]]:
    """Read and check a pipeline as it is written, given as plain values.

    Returns the pipeline only where nothing forbids publishing it. ``today`` is where the search
    for working time begins. Numbers are expected as int or Decimal.
    """
    form = parse_leniently(raw)
    problems = [_problem(error) for error in form.schema_errors]
    ambiguous = number_literals.problems(raw, lambda place: _model_of(raw, place))
    numbers = [Problem(place, text) for place, text in ambiguous]
    if form.pipeline is not None:
        checks = _Checks(form.pipeline, form)
        problems += [
            problem for problem in checks.errors(today) if not form.means_nothing(problem.place)
        ]
        places = {problem.place for problem in problems}
        problems += [problem for problem in numbers if problem.place not in places]
        # What is wrong may be the very thing that leads to a stage.
        problems += (
            checks.vain_rules() if problems else [*checks.vain_rules(), *checks.unreachable()]
        )
        problems += checks.advice()
    if any(problem.severity == "error" for problem in problems):
        return None, tuple(problems)
    return form.pipeline, tuple(problems)


def _model_of(raw: Any, place: Place) -> tuple[type[BaseModel], Place] | None:
    """The model that a place of a written pipeline belongs to: a kind's, below its settings."""
    if (place[:1], place[4:5]) != (("stages",), ("settings",)):
        return Pipeline, place
    registries: Mapping[Any, Registry[Any]] = {"triggers": TRIGGERS, "rules": RULES}
    registry = registries.get(place[2])
    if registry is None:
        return None
    part = raw["stages"][place[1]][place[2]][place[3]]
    try:
        return registry.get(str(part.get("kind"))), place[5:]
    except UnknownKindError:
        return None


def _problem(error: SchemaError) -> Problem:
    return Problem(error.place, error.text, of_key=error.of_key)


class _Checks:
    """One pipeline under examination, its kinds read once."""

    def __init__(self, pipeline: Pipeline, form: PartialPipeline) -> None:
        self.pipeline = pipeline
        self.form = form
        self.vocabulary = Vocabulary.of(pipeline)
        self.types = self.vocabulary.types
        self.stage_ids = tuple(stage.id for stage in pipeline.stages)
        self.kinds: dict[Place, TriggerKind | RuleKind] = {}
        self.unread: list[Problem] = []
        for place, trigger in self._triggers():
            self._read(TRIGGERS, trigger, place)
        for place, rule in self._rules():
            self._read(RULES, rule, place)

    def errors(self, today: date) -> Iterator[Problem]:
        """What forbids publishing."""
        for place, text in self._plain_errors(today):
            if not self._hangs_on_left_out_field(place, text):
                yield Problem(place, text)
        yield from self.unread

    def _plain_errors(self, today: date) -> Iterator[tuple[Place, str]]:
        pipeline = self.pipeline
        yield from business_hours.problems(pipeline, today)
        yield from fields.problems(pipeline)
        yield from self._language()
        yield from self._addresses()
        yield from self._daily_report()
        yield from self._retention()
        yield from mail_texts.problems(pipeline)
        yield from self._repeated_ids()
        for place, trigger in self._triggers():
            yield from self._conditions(trigger, place, event=True)
            yield from self._trigger(trigger, place)
            yield from self._author(trigger, place)
        for place, rule in self._rules():
            yield from self._conditions(rule, place, event=False)
            yield from timing.problems(rule.time, self.types, (*place, "time"))
            yield from self._without_date(rule, place)
            yield from self._without_reports(rule, place)
            yield from self._problems_of_kind(place)
        for place, kind in self.kinds.items():
            for at, text in rule_references.problems(kind.named_rules, pipeline):
                yield (*place, "settings", *at), text
        yield from self._crowded_stages()
        yield from self._circles()

    # --- the parts

    def _triggers(self) -> Iterator[tuple[Place, Trigger]]:
        for n, stage in enumerate(self.pipeline.stages):
            for m, trigger in enumerate(stage.triggers):
                yield ("stages", n, "triggers", m), trigger

    def _rules(self) -> Iterator[tuple[Place, Rule]]:
        for n, stage in enumerate(self.pipeline.stages):
            for m, rule in enumerate(stage.rules):
                yield ("stages", n, "rules", m), rule

    def _stage(self, place: Place) -> Stage:
        return self.pipeline.stages[int(place[1])]

    def _read(self, registry: Registry[Any], written: Trigger | Rule, place: Place) -> None:
        """Resolve the kind with its settings, or note what is wrong with them."""
        if not written.kind:
            return
        try:
            kind = registry.get(written.kind)
        except UnknownKindError as error:
            text = f"{error}{registry.hint(written.kind)}"
            self.unread.append(Problem((*place, "kind"), text))
            return
        if "kind" in written.settings:
            text = '"kind" stands beside settings, not under it; remove it here'
            self.unread.append(Problem((*place, "settings", "kind"), text, of_key=True))
            return
        raw = {"kind": written.kind, **written.settings}
        try:
            self.kinds[place] = kind.model_validate(raw)
        except ValidationError as error:
            self.unread += [
                Problem(
                    (*place, "settings", *schema_error.place),
                    schema_error.text,
                    of_key=schema_error.of_key,
                )
                for schema_error in schema_errors(error, kind, raw)
            ]

    def _hangs_on_left_out_field(self, place: Place, text: str) -> bool:
        """Whether it only follows from a field that is reported itself."""
        if place[:1] == ("fields",):
            return False
        left_out = {part[1] for part in self.form.left_out if part[0] == "fields" and len(part) > 1}
        named = (name.rpartition(".")[2] for name in re.findall(r'"([^"]*)"', text))
        return not left_out.isdisjoint(named)

    # --- the checks

    def _language(self) -> Iterator[tuple[Place, str]]:
        try:
            if self.pipeline.language is not None:
                locale_of(self.pipeline.language)
        except UnknownLocaleError as error:
            yield ("language",), f"language: {error}"

    def _addresses(self) -> Iterator[tuple[Place, str]]:
        for n, sender in enumerate(self.pipeline.senders):
            try:
                if whole_domain(sender) is None:
                    named(sender)
            except AddressError as error:
                why = "" if str(error) == EXPECTED else f" ({error})"
                text = (
                    f'"{sender}" is not a valid e-mail address{why}; expected one such as '
                    "contracts@acme.example"
                )
                if sender.strip().startswith("@"):
                    text = f'"{sender}" is not a valid domain; expected one such as @acme.example'
                yield ("senders", n), text
        # Users may be called by a name, too; what looks like an address must be one.
        for place, user in self._users():
            problem = problem_of(user) if "@" in user else None
            if problem is not None:
                yield place, f'"{user}" is not a valid e-mail address: {problem}'

    def _users(self) -> Iterator[tuple[Place, str]]:
        for group, users in self.pipeline.groups.items():
            yield from ((("groups", group, n), user) for n, user in enumerate(users))
        for user, supervisor in self.pipeline.supervisors.items():
            yield from ((("supervisors", user), name) for name in (user, supervisor))

    def _daily_report(self) -> Iterator[tuple[Place, str]]:
        wanted = self.pipeline.daily_report
        if wanted is None:
            return
        if own_sender(self.pipeline) is None:
            first = "first address" if self.pipeline.senders else "first"
            text = f"the daily report comes from the {first} of the senders; list one under senders"
            yield ("daily_report",), text
        for n, address in enumerate(wanted.to):
            try:
                named(address)
            except AddressError:
                text = f'"{address}" is not a valid e-mail address'
                yield (
                    ("daily_report", "to", n),
                    f"{text}; expected one such as operations@acme.example",
                )

    def _retention(self) -> Iterator[tuple[Place, str]]:
        if self.pipeline.retention is not None and not any(
            stage.is_final for stage in self.pipeline.stages
        ):
            text = "no stage is final, so that no document would ever be removed"
            yield ("retention",), f"{text}; give a stage the kind success or failure"

    def _repeated_ids(self) -> Iterator[tuple[Place, str]]:
        stages = [(("stages", n), stage) for n, stage in enumerate(self.pipeline.stages)]
        parts: Mapping[str, list[tuple[Any, Any]]] = {
            "stage": stages,
            "trigger": list(self._triggers()),
            "rule": list(self._rules()),
        }
        for word, listed in parts.items():
            first: dict[str, Place] = {}
            for place, part in listed:
                if part.id not in first:
                    first[part.id] = place
                    continue
                there = "" if word == "stage" else f" in stage {self._stage(first[part.id]).id}"
                text = f'another {word}{there} has the id "{part.id}"; give this one its own'
                yield (*place, "id"), text

    def _conditions(
        self, part: Trigger | Rule, place: Place, *, event: bool
    ) -> list[tuple[Place, str]]:
        return evaluate.problems(
            part.condition,
            self.vocabulary,
            (*place, "condition"),
            event=event,
        )

    def _trigger(self, trigger: Trigger, place: Place) -> Iterator[tuple[Place, str]]:
        kind = self.kinds.get(place)
        if not isinstance(kind, TriggerKind):
            return
        settings = (*place, "settings")
        wrong = self._problems_of_kind(place)
        yield from wrong
        watched = [stage for stage in self.stage_ids if kind.timer(stage) is not None]
        where = (*settings, "time") if "time" in type(kind).model_fields else settings
        for stage in watched[:1]:
            yield from timing.problems(kind.timer(stage) or IMMEDIATELY, self.types, where)
        # A timer that names a stage which is not there watches none, and has said so.
        explained = wrong and _is_timer(kind)
        if trigger.enabled and not explained and not self._sources(trigger, place):
            yield place, self._in_vain(trigger, place, watched)

    def _problems_of_kind(self, place: Place) -> list[tuple[Place, str]]:
        """What the kind itself says is wrong with its settings."""
        kind = self.kinds.get(place)
        problems = kind.problems(self.pipeline) if kind is not None else ()
        if any(left_out[0] == "mail_templates" for left_out in self.form.left_out):
            problems = tuple((at, text) for at, text in problems if at != "template")
        return [((*place, "settings", *settings_place(at)), text) for at, text in problems]

    def _without_date(self, rule: Rule, place: Place) -> Iterator[tuple[Place, str]]:
        """Settings that only mean something where the rule's time hangs on a date field."""
        if isinstance(rule.time, Timing) and rule.time.field is not None:
            return
        asked = {"again": rule.again, "if_passed": rule.if_passed == "skip"}
        for name in (name for name, is_asked in asked.items() if is_asked):
            text = f'"{name}" needs a time before, on or after a date field'
            yield (*place, name), f"{text}, such as before: {{field: …, days: 30}}"

    def _author(self, trigger: Trigger, place: Place) -> Iterator[tuple[Place, str]]:
        """Who is written as the author of a trigger's moves is a user."""
        if trigger.move_as == "responsible":
            return
        try:
            user_of(trigger.move_as, self.pipeline)
        except InvalidValueError as error:
            yield (*place, "move_as"), f'{error}; or "responsible"'

    def _without_reports(self, rule: Rule, place: Place) -> Iterator[tuple[Place, str]]:
        """Only of mails is anything reported, so that it means something where none is."""
        kind = self.kinds.get(place)
        other = isinstance(kind, RuleKind) and kind.lane != "email"
        if rule.on_doubt == "send_again" and other:
            text = 'only rules that send e-mails take "on_doubt: send_again"; remove it here'
            yield (*place, "on_doubt"), text

    def _in_vain(self, trigger: Trigger, place: Place, watched: Sequence[str]) -> str:
        """Why a trigger that stages hold back altogether can never fire."""
        here, stages = int(place[1]), self.pipeline.stages
        looked_at = watched or self.stage_ids
        final = [s.id for s in stages[:here] if s.id in looked_at and s.is_final]
        final += [s.id for s in stages[here + 1 :] if s.id in watched and s.is_final]
        if final:
            ends = "is a final stage" if len(final) == 1 else "are final stages"
            why = f"{' and '.join(final)} {ends}, and it may not move documents out of one"
            instead = "let it wait in a stage of the kind open"
        else:
            stand = "does not stand" if len(watched) == 1 else "do not stand"
            why = f"{' and '.join(watched)} {stand}" if watched else "no stage stands"
            why += f" before {stages[here].id}, and it may not move documents back"
            instead = "let it lead to a later stage"
        return (
            f'the trigger "{trigger.id}" can never fire: {why}; write allow_return: true, '
            f"or {instead}"
        )

    def _sources(self, trigger: Trigger, place: Place) -> frozenset[str]:
        """The stages a document can be in when the trigger moves it."""
        here, stages = int(place[1]), self.pipeline.stages
        eligible = stages if trigger.allow_return else [s for s in stages[:here] if not s.is_final]
        others = frozenset(stage.id for stage in eligible) - {self.stage_ids[here]}
        kind = self.kinds.get(place)
        if isinstance(kind, TriggerKind) and _is_timer(kind):
            return frozenset(stage for stage in others if kind.timer(stage) is not None)
        return others

    def _crowded_stages(self) -> Iterator[tuple[Place, str]]:
        for worst in worst_of([self._load(stage) for stage in self.pipeline.stages]):
            if worst.runs > MAX_RUNS:
                yield ("stages", worst.stage), self._crowded(worst)

    def _load(self, stage: Stage) -> PlannedItems:
        timers = 0
        for place, trigger in self._triggers():
            kind = self.kinds.get(place)
            timed = isinstance(kind, TriggerKind) and kind.timer(stage.id) is not None
            timers += timed and trigger.enabled and stage.id in self._sources(trigger, place)
        rules = [rule for rule in stage.rules if rule.enabled]
        kept = sum(rule.on_leave == "keep" for rule in rules)
        return PlannedItems(rules=len(rules), timers=timers, kept=kept)

    def _crowded(self, worst: WorstCase) -> str:
        stage, load = self.pipeline.stages[worst.stage].id, worst.load
        has = f'the stage "{stage}" has {load.rules} rules and {load.timers} timers'
        if load.runs > MAX_RUNS:
            return (
                f"{has}; expected at most {MAX_RUNS} together, because an arrival plans them in "
                "one transaction; spread them over two stages"
            )
        return (
            f"{has}, and a message that leads through other stages first brings up to "
            f"{worst.passed} of their rules that are kept; expected at most {MAX_RUNS} together, "
            "because one transaction plans them; keep fewer rules when a stage is left, or spread "
            f'those of "{stage}" over two stages'
        )

    def _target(self, place: Place) -> NamedStage | None:
        """The stage that the rule there moves documents to."""
        kind = self.kinds.get(place)
        return kind.moves_to if isinstance(kind, RuleKind) else None

    def _ways(self) -> Iterator[tuple[Place, Edge]]:
        for place, rule in self._rules():
            target = self._target(place)
            if rule.enabled and target is not None:
                judged = rule.condition is not None
                judged |= (*place, "condition") in self.form.left_out
                way = Edge(
                    rule=rule.id,
                    start=self._stage(place).id,
                    end=target.stage,
                    free=not judged and rule.on_reentry == "every_arrival",
                )
                yield place, way

    def _circles(self) -> Iterator[tuple[Place, str]]:
        ways = list(self._ways())
        places = {way: place for place, way in ways}
        for circle in cycles((way for _, way in ways), self.pipeline):
            path = " -> ".join([circle[0].start, *(way.end for way in circle)])
            rules = ", ".join(way.rule for way in circle)
            text = (
                f"these rules move documents in a circle for ever: {path} (rules {rules}); "
                "give one of them a condition, or write on_reentry: once"
            )
            place = places[circle[0]]
            target = self._target(place)
            yield (*place, "settings", *((target.setting,) if target else ())), text

    def advice(self) -> Iterator[Problem]:
        """What is allowed, but hardly meant."""
        arrivals = [
            warnings.EntryPoint(
                trigger.kind in TRIGGERS.kinds and TRIGGERS.get(trigger.kind).all_have_signed,
                self._stage(place).id,
                self._sources(trigger, place),
            )
            for place, trigger in self._triggers()
            if trigger.enabled
        ]
        ways = [way for _, way in self._ways()]
        for place, text in (
            *warnings.own_supervisors(self.pipeline),
            *warnings.assumed_calendar(self.pipeline),
            *mail_texts.unused_templates(self.pipeline),
            *warnings.unsigned_files(self.pipeline, arrivals, ways, self.kinds),
        ):
            yield Problem(place, text, "warning")

    def unreachable(self) -> Iterator[Problem]:
        """Stages that only people and the API can bring documents into."""
        triggered: dict[str, frozenset[str]] = {}
        for place, trigger in self._triggers():
            if trigger.enabled:
                stage = self._stage(place).id
                # A trigger that could not be read gets the benefit of the doubt.
                sources = self._sources(trigger, place) or frozenset(self.stage_ids)
                triggered[stage] = triggered.get(stage, frozenset()) | sources
        ways = (way for _, way in self._ways())
        for stage in unreachable(self.pipeline, ways, triggered):
            place = ("stages", self.pipeline.index(stage))
            text = (
                f'no trigger and no rule brings documents into the stage "{stage}"; '
                "only people and the API can"
            )
            yield Problem(place, text, "warning")

    def vain_rules(self) -> Iterator[Problem]:
        """Rules that may be meant so, but hardly are."""
        for place, rule in self._rules():
            target = self._target(place)
            if target is not None and target.stage == self._stage(place).id:
                text = "the document is in this stage already, so the rule does nothing"
                yield Problem((*place, "settings", target.setting), text, "warning")
            if self._is_late_reminder(rule, self.kinds.get(place)):
                text = (
                    "it runs when the envelope has expired, and nobody can sign any more; "
                    "to remind in time write before: {field: expires, days: 3}"
                )
                yield Problem((*place, "time"), text, "warning")

    def _is_late_reminder(self, rule: Rule, kind: TriggerKind | RuleKind | None) -> bool:
        if not isinstance(rule.time, Timing) or rule.time.field != "expires":
            return False
        mail = isinstance(kind, RuleKind) and kind.group == "customer_communication"
        return mail and rule.time.before is None


def _is_timer(kind: TriggerKind) -> bool:
    """Whether it fires by the time alone."""
    return kind.on == {"timer.due"}
