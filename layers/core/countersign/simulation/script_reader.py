"""Reading a script: all that is wrong with it at once, each with its place and what would help."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from countersign.engine.envelopes.parties import party_of
from countersign.engine.validation import number_literals
from countersign.engine.validation.pipeline import Problem
from countersign.engine.validation.rule_references import makes
from countersign.engine.validation.schema_errors import (
    described,
    schema_errors,
)
from countersign.errors import PermanentError
from countersign.model import fields
from countersign.model.base import Place
from countersign.model.mail_event import INTERACTIONS
from countersign.model.pipeline import Pipeline
from countersign.model.run import Lane
from countersign.model.signing_event import Signer
from countersign.providers import PROVIDERS
from countersign.rules import RULES
from countersign.simulation.script import (
    SWITCHES,
    VERBS,
    Call,
    Complete,
    Event,
    Expect,
    Expectation,
    FileStep,
    Message,
    Report,
    SaveStep,
    Script,
    ScriptConnection,
    ScriptSigner,
    Step,
    moment_of,
    step_kinds,
    with_parties,
)
from countersign.text.locales import UnknownLocaleError, locale_of
from countersign.text.suggestions import close_name, close_or_all


def check(raw: object, pipeline: Pipeline) -> tuple[Script | None, tuple[Problem, ...]]:
    """Read a script for a checked pipeline, given as plain values.

    Returns the script only where it can be played. What is meant by the times is found only once
    every step can be read.
    """
    if not isinstance(raw, Mapping):
        text = "this is not a valid script; expected a mapping with start, envelope and steps"
        return None, (Problem((), text),)
    odd_steps = list(_odd_steps(raw))
    numbers = number_literals.problems(raw, lambda place: (Script, place))
    problems = [*odd_steps, *(Problem(place, text) for place, text in numbers)]
    odd = {problem.place[1] for problem in odd_steps if len(problem.place) > 1}
    tree = dict(raw)
    if odd:
        # Played as a pause, so that the other steps keep their places.
        tree["steps"] = [SWITCHES[0] if n in odd else step for n, step in enumerate(raw["steps"])]
    try:
        script = Script.model_validate(tree)
    except ValidationError as error:
        errors = schema_errors(error, Script, tree)
        problems += [Problem(error.place, error.text, of_key=error.of_key) for error in errors]
        return None, tuple(problems)
    problems += _problems(script, pipeline)
    if not problems:
        problems += _times(script, pipeline)
    return (None if problems else script), tuple(problems)


def _odd_steps(raw: Mapping[Any, Any]) -> Iterator[Problem]:
    """Steps of which the keys do not tell what they do."""
    steps = raw.get("steps")
    for n, step in enumerate(steps if isinstance(steps, list) else ()):
        place: Place = ("steps", n)
        if isinstance(step, Mapping):
            kinds = step_kinds(step)
            if len(kinds) > 1:
                text = f"a step does one thing; found {' and '.join(kinds)}: write two steps"
                yield Problem(place, text)
            elif not kinds:
                name = next((str(key) for key in step), "nothing")
                yield Problem((*place, name), _no_step(name), of_key=True)
        elif step not in SWITCHES:
            yield Problem(place, _no_step(step))


def _no_step(value: object) -> str:
    words = (*VERBS, *SWITCHES)
    close = close_name(str(value), words)
    hint = f"did you mean {close}?" if close else f"expected one of {', '.join(words)}"
    return f"a step cannot be {described(value)}; {hint}"


def _times(script: Script, pipeline: Pipeline) -> Iterator[Problem]:
    """The first time that is none, or has passed."""
    place: Place = ("start",)
    try:
        moment_of(script.start, pipeline)
        for name, envelope in script.named.items():
            if envelope.expires is not None:
                place = (*envelope_place(name), "expires")
                moment_of(envelope.expires, pipeline)
        place = ("steps", 0)
        for n, _ in enumerate(script.moments(pipeline), 1):
            place = ("steps", n)
    except PermanentError as error:
        yield Problem(place, str(error))


def _problems(script: Script, pipeline: Pipeline) -> Iterator[Problem]:
    yield from _connection(script.connection, pipeline)
    yield from _answers(script, pipeline)
    people = {name: list(envelope.signers) for name, envelope in script.named.items()}
    for name, signers in people.items():
        yield from _twins(signers, (*envelope_place(name), "signers"))
    yield from _parties(script)
    paused = has_document = False
    for n, step in enumerate(script.steps):
        place: Place = ("steps", n)
        yield from _of_envelope(step, place, script)
        match step:
            case Event():
                has_document = has_document or not (step.lost or paused)
                yield from _event(step, place, people)
            case Message():
                has_document = has_document or not paused
            case SaveStep():
                if not has_document:
                    yield _no_document(place)
                yield from _save(step, place, pipeline)
            case FileStep():
                if not has_document:
                    yield _no_document(place)
            case Complete():
                if not has_document:
                    yield _no_document(place)
                yield from _task(step, (*place, "complete_task"), pipeline)
            case Call():
                if not has_document:
                    yield _no_document(place)
            case Report():
                if not has_document:
                    yield _no_document(place)
                yield from _report(step, place, pipeline)
            case Expect():
                if not has_document:
                    yield _no_document(place)
                yield from _expectation(step.expect, (*place, "expect"), pipeline)
            case str():
                paused = step == "pause"
                has_document = has_document or (n > 0 and not paused)


def _no_document(place: Place) -> Problem:
    return Problem(place, "there is no document yet; begin with an event, such as sent")


def _connection(connection: ScriptConnection, pipeline: Pipeline) -> Iterator[Problem]:
    name, kinds = connection.provider, PROVIDERS.kinds
    if name not in kinds:
        text = f'there is no provider "{name}"; {close_or_all(name, kinds)}'
        yield Problem(("connection", "provider"), text)
    try:
        if connection.locale is not None:
            locale_of(connection.locale)
    except UnknownLocaleError as error:
        yield Problem(("connection", "locale"), str(error))
    there = (*fields.WRITABLE, *pipeline.fields)
    for n, mapping in enumerate(connection.fields):
        if mapping.field not in there:
            text = (
                f'the pipeline has no field "{mapping.field}"; {close_or_all(mapping.field, there)}'
            )
            yield Problem(("connection", "fields", n, "field"), text)


def envelope_place(name: str) -> Place:
    """Where an envelope of this name stands in a script."""
    return ("envelopes", name) if name else ("envelope",)


def _twins(signers: Sequence[ScriptSigner], place: Place) -> Iterator[Problem]:
    """Signers of whom a step could not say which one it means."""
    for n, signer in enumerate(signers):
        if any(other.is_named(signer.label) for other in signers[:n]):
            text = f"{signer.label} is there twice; give each signer a name or an address"
            yield Problem((*place, n), f"{text} of their own")


def _parties(script: Script) -> Iterator[Problem]:
    """Signers whose party nothing could tell a connection."""
    mapping = with_parties(script)
    for name, envelope in script.named.items():
        for n, person in enumerate(envelope.signers):
            signer = Signer.model_validate(person.model_dump(exclude={"party"}))
            if person.party is not None and party_of(signer, None, mapping) != person.party:
                text = (
                    f"nothing tells {person.label} from a signer of another party; give an "
                    "address, a role or a place in the signing order of their own"
                )
                yield Problem((*envelope_place(name), "signers", n, "party"), text)


def _of_envelope(step: Step, place: Place, script: Script) -> Iterator[Problem]:
    name = getattr(step, "envelope", None)
    captured = any(isinstance(other, Message) for other in script.steps)
    if name is None or name in script.envelopes or (captured and not isinstance(step, Event)):
        return
    there = close_or_all(name, script.envelopes) if script.envelopes else "it has only one"
    yield Problem((*place, "envelope"), f'the script has no envelope "{name}"; {there}')


def _event(
    event: Event, place: Place, people: Mapping[str, list[ScriptSigner]]
) -> Iterator[Problem]:
    name = event.envelope or next(iter(people))
    if event.by is None or name not in people:
        return
    signers, by = people[name], event.by
    places = [n for n, signer in enumerate(signers) if signer.is_named(by)]
    if not places:
        labels = [signer.email or signer.shortest for signer in signers]
        text = f"{by} is none of the signers; {close_or_all(by, labels)}"
        yield Problem((*place, "by"), text)
    elif len(places) > 1:
        labels = [signers[n].label for n in places]
        text = f"{by} may be {len(places)} of the signers; write {' or '.join(labels)}"
        yield Problem((*place, "by"), text)
    elif event.to is not None:
        update = {"name": event.to.name, "email": event.to.email}
        signers[places[0]] = signers[places[0]].model_copy(update=update)


def _save(save: SaveStep, place: Place, pipeline: Pipeline) -> Iterator[Problem]:
    for name, value in save.edit.items():
        try:
            fields.fit_value(value, name, pipeline)
        except PermanentError as error:
            unknown = name not in (*fields.WRITABLE, *pipeline.fields)
            yield Problem((*place, "edit", name), str(error), of_key=unknown)
    if save.move is not None:
        yield from _stage(save.move, (*place, "move"), pipeline)
    if not save.edit and save.move is None and save.comment is None and not save.stop_rules:
        yield Problem(place, "this step changes nothing; give a change, or leave it out")


def _task(step: Complete, place: Place, pipeline: Pipeline) -> Iterator[Problem]:
    rules = [rule for stage in pipeline.stages for rule in stage.rules]
    there = [rule.id for rule in rules if makes(rule.kind, "task")]
    if step.complete_task not in there:
        name = step.complete_task
        text = f'the pipeline has no rule "{name}" that creates a task; {close_or_all(name, there)}'
        yield Problem(place, text)


def _report(step: Report, place: Place, pipeline: Pipeline) -> Iterator[Problem]:
    there = _rules_in("email", pipeline)
    if step.rule not in there:
        text = f'the pipeline has no rule "{step.rule}" that sends mail'
        yield Problem((*place, "rule"), f"{text}; {close_or_all(step.rule, there)}")
    if (step.link is not None) != (step.report == "clicked"):
        text = "clicked, and no other report, has link: the address that was followed"
        yield Problem((*place, "report"), text)
    if step.automated and step.report not in INTERACTIONS:
        text = "a machine opens or clicks; no other report can be automated"
        yield Problem((*place, "automated"), text)


def _answers(script: Script, pipeline: Pipeline) -> Iterator[Problem]:
    there = _rules_in("web", pipeline)
    for name in script.answers:
        if name not in there:
            text = f'the pipeline has no rule "{name}" that calls the web'
            yield Problem(("answers", name), f"{text}; {close_or_all(name, there)}", of_key=True)


def _rules_in(lane: Lane, pipeline: Pipeline) -> list[str]:
    rules = [rule for stage in pipeline.stages for rule in stage.rules]
    return [rule.id for rule in rules if RULES.get(rule.kind).lane == lane]


def _expectation(wanted: Expectation, place: Place, pipeline: Pipeline) -> Iterator[Problem]:
    if wanted.stage is not None:
        yield from _stage(wanted.stage, (*place, "stage"), pipeline)
    rules = [rule.id for stage in pipeline.stages for rule in stage.rules]
    for name in wanted.rules:
        if name not in rules:
            text = f'the pipeline has no rule "{name}"; {close_or_all(name, rules)}'
            yield Problem((*place, "rules", name), text, of_key=True)
    specs = {n: s for n, s in fields.specs(pipeline).items() if n not in fields.EVENT}
    for name, value in wanted.fields.items():
        where = (*place, "fields", name)
        if name not in specs:
            text = f'documents have no field "{name}"; {close_or_all(name, specs)}'
            yield Problem(where, text, of_key=True)
            continue
        try:
            fields.fit(value, specs[name], name)
        except PermanentError as error:
            yield Problem(where, str(error))


def _stage(stage: str, place: Place, pipeline: Pipeline) -> Iterator[Problem]:
    there = tuple(stage.id for stage in pipeline.stages)
    if stage not in there:
        yield Problem(place, f'the pipeline has no stage "{stage}"; {close_or_all(stage, there)}')
