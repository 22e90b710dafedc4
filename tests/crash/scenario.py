"""A scenario: pipelines, what people and signers do, and what may go wrong; all from one seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.builders import mail, to_stage, trigger
from tests.crash.acts import (
    BEN,
    CARLA,
    CODE,
    DAYS,
    LATER_DAYS,
    MADE,
    PIPELINE,
    RATES,
    SECOND,
    SENDER,
    SIGNED_WITH,
    STAGES,
    STARTS,
    WEB_RATES,
    Act,
    Scenario,
    What,
)
from tests.crash.chance import Chance, gap
from tests.crash.outages import outages
from tests.crash.troubles import with_troubles
from tests.meaning.conditions import GROUPS, condition
from tests.meaning.lives import senders


def scenario(seed: int) -> Scenario:
    """The scenario of a seed."""
    chance = Chance(seed)
    pipeline = _pipeline(chance)
    acts = tuple(_acts(chance))
    made = Scenario(
        seed=seed,
        start=chance.choice(STARTS),
        pipelines=(pipeline, *(_changed(chance, pipeline) for _ in range(chance.randint(0, 2)))),
        acts=acts,
        rates=_weather(chance),
        named=MADE if any(act.what == "make" for act in acts) else None,
        real_mail=chance.random() < 0.1,
        calm_after=chance.choice((timedelta(0), timedelta(hours=1), timedelta(days=2))),
        most_items=chance.choice((100, 100, 3, 5, 7)),
    )
    # By its own numbers, so that every other seed stays what it was.
    made = _with_tasks(Chance(f"tasks of {seed}"), made)
    made = _with_calls(Chance(f"calls of {seed}"), made)
    made = _with_several(Chance(f"several of {seed}"), made)
    made = _with_task_mails(Chance(f"task mails of {seed}"), made)
    made = _with_dates(Chance(f"dates of {seed}"), made)
    made = _with_doubt(Chance(f"doubt of {seed}"), made)
    made = _with_lives(Chance(f"lives of {seed}"), made)
    made = _with_conditions(Chance(f"conditions of {seed}"), made)
    made = _with_clocks(Chance(f"clocks of {seed}"), made)
    made = _with_outages(Chance(f"outages of {seed}"), made)
    made = _with_second(Chance(f"second of {seed}"), made)
    return with_troubles(seed, made)


def _with_second(chance: Chance, made: Scenario) -> Scenario:
    """Now and then the second envelope belongs to another pipeline."""
    if chance.random() < 0.7:
        return made
    second = {**_pipeline(chance), "pipeline": SECOND}
    acts = list(made.acts)
    for _ in range(chance.choice((0, 0, 1, 2))):
        what: What = chance.choice(("pause", "resume"))
        acts.insert(chance.randint(1, len(acts)), Act(gap(chance), what, (SECOND,)))
    for _ in range(chance.randint(1, 6)):
        words = ("sent", "viewed", "signed", "signed", "declined", "amount")
        told = (1, chance.choice(words), chance.randrange(3))
        acts.insert(chance.randint(1, len(acts)), Act(gap(chance), "envelope", told))
    return replace(made, second=second, acts=tuple(acts))


def _weather(chance: Chance, rates: Mapping[str, float] = RATES) -> dict[str, float]:
    """Some sorts of fault, each more or less likely; now and then none, or nearly all."""
    share = chance.choice((0.0, 0.2, 0.4, 0.4, 0.6, 0.9))
    strength = chance.choice((0.5, 1.0, 1.0, 2.0))
    return {
        sort: round(rate * strength, 4) for sort, rate in rates.items() if chance.random() < share
    }


# --- pipelines


def _pipeline(chance: Chance) -> dict[str, Any]:
    stages = []
    for n, stage_id in enumerate(STAGES[: chance.randint(2, 4)]):
        rules = [
            _rule(chance, f"r{n}{place}") for place in range(chance.choice((0, 1, 2, 2, 3, 4)))
        ]
        triggers = [_trigger(chance, f"t{n}{place}") for place in range(chance.choice((0, 1, 2)))]
        stages.append({"id": stage_id, "rules": rules, "triggers": triggers})
    if chance.random() < 0.5:
        stages[-1]["kind"] = chance.choice(("success", "failure"))
    return {
        "pipeline": PIPELINE,
        "time_zone": chance.choice(("Europe/Berlin", "Europe/Berlin", "America/New_York", "UTC")),
        "fields": {"end": {"type": "date"}, "note": {"type": "text"}},
        "senders": [SENDER],
        "stages": stages,
    }


def _changed(chance: Chance, pipeline: dict[str, Any]) -> dict[str, Any]:
    """A later version: a rule more, less, switched off, or with another time."""
    stages = [dict(stage, rules=list(stage["rules"])) for stage in pipeline["stages"]]
    for stage in stages:
        rules, how = stage["rules"], chance.random()
        if how < 0.3 and rules:
            del rules[chance.randrange(len(rules))]
        elif how < 0.5:
            extra = _rule(chance, f"x{stage['id']}{chance.randint(0, 9)}")
            rules.insert(chance.randint(0, len(rules)), extra)
        elif how < 0.7 and rules:
            place = chance.randrange(len(rules))
            rules[place] = {**rules[place], "time": _time(chance), "enabled": how < 0.65}
    return {**pipeline, "stages": stages}


def _rule(chance: Chance, rule_id: str) -> dict[str, Any]:
    rule = {
        **_effect(chance, rule_id),
        "execution": chance.choice(("after_previous", "after_previous", "independent")),
        "time": _time(chance),
        "on_leave": chance.choice(("cancel", "cancel", "keep")),
        "on_reentry": chance.choice(("every_arrival", "every_arrival", "once")),
        "on_failure": chance.choice(("continue", "continue", "stop")),
        "enabled": chance.random() < 0.95,
    }
    if chance.random() < 0.2:
        rule["condition"] = _condition(chance)
    return rule


def _condition(chance: Chance) -> dict[str, Any]:
    return {"field": "amount", "op": "greater", "value": chance.choice((5, 500))}


def _time(chance: Chance) -> Any:
    number = chance.randint(1, 50)
    if chance.about == "dates" and chance.random() < 0.7:
        return chance.choice(("immediately", {"on": {"field": "end"}, "at": "02:15"}))
    if chance.about == "leaving" and chance.random() < 0.7:
        return chance.choice(("immediately", {"after": {"minutes": number}}))
    written: Callable[[], Any] = chance.choice(
        (
            lambda: "immediately",
            lambda: "immediately",
            lambda: "immediately",
            lambda: {"after": {"minutes": number}},
            lambda: {"after": {"hours": number}},
            lambda: {"after": {"days": 1}, "at": "02:30"},
            lambda: {"after": {"working_days": 1}, "at": "09:00", "working_hours": True},
            lambda: {"at": "08:15"},
            lambda: {"on": {"field": "end"}, "at": "02:15"},
            lambda: {"before": {"field": "end", "days": 2}},
            lambda: {"after": {"field": "end", "hours": 3}},
        )
    )
    return written()


def _effect(chance: Chance, rule_id: str) -> dict[str, Any]:
    def kind(name: str, **settings: Any) -> dict[str, Any]:
        return {"id": rule_id, "kind": name, "settings": settings}

    drawn = chance.random()
    if drawn < 0.5:
        return mail(rule_id)
    if drawn < 0.55:
        broken = mail(rule_id)
        return {**broken, "settings": {**broken["settings"], "to": ["role:nobody"]}}
    if drawn < 0.63:
        return to_stage(rule_id, chance.choice(STAGES[:2]))
    if drawn < 0.8:
        values = ({"end": chance.choice((*DAYS, None))}, {"amount": chance.choice((3, 5000))})
        return kind("change_fields", values=chance.choice(values))
    if drawn < 0.83:
        return kind("compute_field", field="amount", value="{{ document.amount | plus: 1 }}")
    if drawn < 0.86:
        return kind("stop_rules")
    if drawn < 0.9:
        return kind("change_responsible", users=[BEN, CARLA])
    return kind("add_comment", text=f"comment of {rule_id}")


def _trigger(chance: Chance, trigger_id: str) -> dict[str, Any]:
    kind, settings = chance.choice(
        (
            ("sent", {}),
            ("viewed", {}),
            ("viewed", {}),
            ("signed_by_company", {}),
            ("signed_by_client", {}),
            ("signed_by_all", {}),
            ("signed_by_count", {"count": 1}),
            ("declined", {}),
            ("voided", {}),
            ("field_changed", {"fields": ["amount"]}),
            ("field_changed", {"fields": ["end"]}),
            ("responsible_changed", {}),
            ("no_reaction", {"stage": chance.choice(STAGES[:2]), "after": {"hours": 30}}),
            ("date_reached", {"time": {"on": {"field": "end"}}}),
            ("mail_opened", {}),
            ("mail_bounced", {}),
            ("payment_received", {}),
            ("called_by_code", {"code": CODE}),
        )
    )
    made = trigger(kind, trigger_id, settings=settings, allow_return=chance.random() < 0.3)
    if chance.random() < 0.15:
        made["condition"] = _condition(chance)
    if chance.random() < 0.05:
        made["enabled"] = False
    return made


# --- tasks


def _with_tasks(chance: Chance, made: Scenario) -> Scenario:
    """Now and then some rules create tasks, and people conclude them."""
    if chance.random() < 0.7:
        return made
    stages = [stage["id"] for stage in made.pipelines[0]["stages"]]
    rules = {one: _task_rule(chance, f"k{one}") for one in stages if chance.random() < 0.6}
    heard = chance.choice((None, None, "any", *(rule["id"] for rule in rules.values())))
    settings = {} if heard == "any" else {"task": heard}
    made_trigger = trigger("task_completed", "k", settings=settings, allow_return=True)
    triggers = {chance.choice(stages): made_trigger} if heard else {}
    acts = list(made.acts)
    for _ in range(chance.randint(2, 6)):
        what = chance.choice(("complete", "complete", "complete", "withdraw", "tick", "assign"))
        acts.insert(chance.randint(1, len(acts)), Act(gap(chance), "task", (what,)))
    return replace(
        made,
        pipelines=tuple(_with_parts(chance, one, rules, triggers) for one in made.pipelines),
        acts=tuple(acts),
    )


def _with_task_mails(chance: Chance, made: Scenario) -> Scenario:
    """Now and then whoever is given a task gets a mail."""
    if chance.random() < 0.5:
        return made
    pipelines = tuple({**pipeline, "task_mail": True} for pipeline in made.pipelines)
    return replace(made, pipelines=pipelines)


def _task_rule(chance: Chance, rule_id: str) -> dict[str, Any]:
    settings = {
        "title": f"task of {rule_id}",
        "assignee": chance.choice(("responsible", CARLA)),
        "deadline": chance.choice((None, {"after": {"days": 1}}, {"on": {"field": "end"}})),
        "checklist": ["first", "second"],
        "wait": chance.random() < 0.8,
    }
    made = _rule(chance, rule_id) | {"kind": "create_task", "settings": settings}
    return made if chance.random() < 0.4 else made | {"time": "immediately"}


def _with_parts(
    chance: Chance,
    pipeline: dict[str, Any],
    rules: dict[str, dict[str, Any]],
    triggers: dict[str, dict[str, Any]],
) -> dict[str, Any]:
    stages = [
        {**stage, "rules": list(stage["rules"]), "triggers": list(stage["triggers"])}
        for stage in pipeline["stages"]
    ]
    for stage in stages:
        for sort, parts in (("rules", rules), ("triggers", triggers)):
            if stage["id"] in parts:
                place = chance.randint(0, len(stage[sort]))
                stage[sort].insert(place, parts[stage["id"]])
    return {**pipeline, "stages": stages}


# --- mails to several


def _with_several(chance: Chance, made: Scenario) -> Scenario:
    """Now and then some rules write to several signers, by what they still have to do."""
    if chance.random() < 0.6:
        return made
    stages = [stage["id"] for stage in made.pipelines[0]["stages"]]
    rules = {one: _several_rule(chance, f"v{one}") for one in stages if chance.random() < 0.7}
    acts = list(made.acts)
    for _ in range(chance.randint(0, 4)):
        remedy = chance.choice(("retry", "retry", "accept", "skip"))
        signed = Act(gap(chance), "envelope", (0, "signed", chance.randrange(3)))
        act = chance.choice((signed, Act(gap(chance), "repair", (remedy,))))
        acts.insert(chance.randint(1, len(acts)), act)
    return replace(
        made,
        pipelines=tuple(_with_parts(chance, one, rules, {}) for one in made.pipelines),
        acts=tuple(acts),
    )


def _several_rule(chance: Chance, rule_id: str) -> dict[str, Any]:
    to = chance.choice(
        (
            ["company", "client"],
            ["company", "client", "desk@acme.example"],
            ["unsigned"],
            ["unsigned"],
            ["signers_turn"],
            ["signed", "unsigned"],
            ["signer:2", "signed"],
        )
    )
    plain = mail(rule_id)["settings"] | {"to": to}
    settings = plain | ({"together": True} if chance.random() < 0.1 else {})
    made = _rule(chance, rule_id) | {"kind": "send_email", "settings": settings}
    return made if chance.random() < 0.4 else made | {"time": "immediately"}


# --- calls of a web address


def _with_calls(chance: Chance, made: Scenario) -> Scenario:
    """Now and then some rules call a web address, and answers fill fields."""
    if chance.random() < 0.7:
        return made
    stages = [stage["id"] for stage in made.pipelines[0]["stages"]]
    rules = {one: _call_rule(chance, f"w{one}") for one in stages if chance.random() < 0.7}
    if not rules:
        return made
    looks_at = {"fields": [chance.choice(("end", "end", "amount", "note"))]}
    heard = trigger("field_changed", "w", settings=looks_at, allow_return=chance.random() < 0.2)
    triggers = {chance.choice(stages): heard} if chance.random() < 0.6 else {}
    pipelines = [_with_parts(chance, one, rules, triggers) for one in made.pipelines]
    if chance.random() < 0.5:
        leaving = chance.choice(("cancel", "keep"))
        time = {"on": {"field": "end"}, "at": "02:15"}
        dated = mail("wdated", execution="independent", on_leave=leaving, time=time)
        hung = {chance.choice(stages): dated}
        pipelines = [_with_parts(chance, one, hung, {}) for one in pipelines]
    acts = list(made.acts)
    for _ in range(chance.randint(1, 5)):
        remedy = chance.choice(("retry", "retry", "skip", "accept"))
        act = chance.choice((Act(gap(chance), "repair", (remedy,)),
                             Act(gap(chance), "edit", (0, _edit(chance)))))  # fmt: skip
        acts.insert(chance.randint(1, len(acts)), act)
    faults = _weather(chance, WEB_RATES) if made.rates else {}
    return replace(
        made, pipelines=tuple(pipelines), acts=tuple(acts), rates={**made.rates, **faults}
    )


def _call_rule(chance: Chance, rule_id: str) -> dict[str, Any]:
    named = chance.choice(((), ("end",), ("end",), ("amount",), ("note",), ("end", "amount")))
    settings = {
        "url": "https://hooks.acme.example/contracts",
        "method": chance.choice(("POST", "POST", "POST", "PUT", "GET")),
        "repeatable": chance.random() < 0.4,
        "answer": {name: name for name in named},
        "sign_with": SIGNED_WITH if chance.random() < 0.3 else None,
    }
    made = _rule(chance, rule_id) | {"kind": "call_web_address", "settings": settings}
    return made if chance.random() < 0.4 else made | {"time": "immediately"}


# --- doubt that lasts


def _with_doubt(chance: Chance, made: Scenario) -> Scenario:
    """Now and then some rules have mails in doubt sent again, or no report ever comes."""
    if chance.random() < 0.5:
        return made
    rules = [rule["id"] for stage in made.pipelines[0]["stages"] for rule in stage["rules"]]
    again = {rule: {"on_doubt": "send_again"} for rule in rules if chance.random() < 0.5}
    pipelines = tuple(_with_dated(one, again, None, "") for one in made.pipelines)
    return replace(made, pipelines=pipelines, no_reports=chance.random() < 0.3)


# --- outages


def _with_outages(chance: Chance, made: Scenario) -> Scenario:
    """Now and then something is away for hours or days; now and then all goes over the wire."""
    made = replace(made, on_the_wire=chance.random() < 0.2)
    if chance.random() < 0.7:
        return made
    span = sum((act.after for act in made.acts), timedelta())
    return replace(made, outages=outages(chance, span))


# --- dates that pass or move, and final stages


def _with_dates(chance: Chance, made: Scenario) -> Scenario:
    """Now and then some rules hang on a date in every way, and stages in the middle are final."""
    if chance.random() < 0.6:
        return made
    rules = [rule["id"] for stage in made.pipelines[0]["stages"] for rule in stage["rules"]]
    stages = [stage["id"] for stage in made.pipelines[0]["stages"]]
    dated = {rule: _dated(chance) for rule in rules if chance.random() < 0.5}
    final = chance.choice((None, *stages[1:]))
    kind = chance.choice(("success", "failure"))
    acts = list(made.acts)
    for _ in range(chance.randint(1, 4)):
        end = ("end", chance.choice((*DAYS, *LATER_DAYS)))
        acts.insert(chance.randint(1, len(acts)), Act(gap(chance), "edit", (0, (end,))))
    pipelines = tuple(_with_dated(one, dated, final, kind) for one in made.pipelines)
    return replace(made, pipelines=pipelines, acts=tuple(acts))


def _dated(chance: Chance) -> dict[str, Any]:
    """The time of a rule around the date, and what becomes of it when that passes or moves."""
    length = chance.choice(
        ({"days": 1}, {"hours": 30}, {"weeks": 1}, {"months": 1}, {"working_hours": 12})
    )
    time = chance.choice(
        ({"before": {"field": "end", **length}}, {"on": {"field": "end"}, "at": "09:00"})
    )
    return {
        "time": {**time, "working_hours": chance.random() < 0.5},
        "execution": chance.choice(("independent", "independent", "after_previous")),
        "if_passed": chance.choice(("run", "run", "skip")),
        "again": chance.random() < 0.6,
    }


def _with_dated(
    pipeline: dict[str, Any], dated: dict[str, dict[str, Any]], final: str | None, kind: str
) -> dict[str, Any]:
    stages = []
    for stage in pipeline["stages"]:
        rules = [{**rule, **dated.get(rule["id"], {})} for rule in stage["rules"]]
        ends = {"kind": kind} if stage["id"] == final else {}
        stages.append({**stage, **ends, "rules": rules})
    return {**pipeline, "stages": stages}


# --- lives of envelopes at all providers


def _with_lives(chance: Chance, made: Scenario) -> Scenario:
    """Now and then envelopes of any provider live, by one connection or by several."""
    if chance.random() < 0.75:
        return made
    acts = list(made.acts)
    for number in chance.sample(range(len(senders())), chance.choice((1, 1, 2))):
        which, ways = chance.randrange(10), chance.sample(range(3), chance.choice((1, 1, 2)))
        for way in ways:
            # The messages of the envelope, by their place in its life; some come twice.
            for place in range(10):
                act = Act(gap(chance), "life", (number, which, way, place))
                acts.insert(chance.randint(1, len(acts)), act)
            if chance.random() < 0.5:
                places = sorted(chance.choices(range(1, len(acts) + 1), k=3), reverse=True)
                for step, place in zip((2, 1, 0), places, strict=True):
                    acts.insert(place, Act(gap(chance), "rotate", (number, way, step)))
    return replace(made, acts=tuple(acts))


# --- clocks


def _with_clocks(chance: Chance, made: Scenario) -> Scenario:
    """Now and then no two functions agree on the time."""
    if chance.random() < 0.7:
        return made
    return replace(made, skew=timedelta(seconds=chance.randint(1, 30)))


# --- conditions of every operator


def _with_conditions(chance: Chance, made: Scenario) -> Scenario:
    """Now and then rules have conditions of any operator, in groups, or triggers have."""
    if chance.random() < 0.7:
        return made
    parts = [
        part for one in made.pipelines[0]["stages"] for part in (*one["rules"], *one["triggers"])
    ]
    drawn = {part["id"]: condition(chance) for part in parts if chance.random() < 0.4}

    def conditioned(part: dict[str, Any]) -> dict[str, Any]:
        return {**part, "condition": drawn[part["id"]]} if part["id"] in drawn else part

    pipelines = []
    for pipeline in made.pipelines:
        stages = [
            {
                **stage,
                "rules": [conditioned(one) for one in stage["rules"]],
                "triggers": [conditioned(one) for one in stage["triggers"]],
            }
            for stage in pipeline["stages"]
        ]
        pipelines.append({**pipeline, "groups": GROUPS, "stages": stages})
    return replace(made, pipelines=tuple(pipelines))


# --- acts


def _acts(chance: Chance) -> list[Act]:
    envelopes = chance.choice((1, 1, 2))
    acts = [Act(gap(chance), "envelope", (n, "sent", 0)) for n in range(envelopes)]
    if chance.random() < 0.2:
        acts.insert(chance.randint(0, 1), Act(gap(chance), "make", (chance.choice(STAGES[:2]),)))
    for _ in range(chance.randint(3, 12)):
        what, with_ = _act(chance, envelopes)
        acts.append(Act(gap(chance), what, with_))
        if what in ("publish", "roll back") and chance.random() < 0.6:
            acts.append(Act(gap(chance), "move runs"))
    return acts


def _act(chance: Chance, envelopes: int) -> tuple[What, tuple[Any, ...]]:
    drawn, who = chance.random(), chance.randrange(envelopes)
    if drawn < 0.42:
        words = ("viewed", "viewed", "signed", "signed", "signed", "declined", "voided", "amount",
                 "pdf", "unheard-of")  # fmt: skip
        return "envelope", (who, chance.choice(words), chance.randrange(3))
    if drawn < 0.76:
        return "edit", (who, _edit(chance))
    if drawn < 0.80:
        return "pause", ()
    if drawn < 0.84:
        return "resume", ()
    if drawn < 0.88:
        return "publish", (chance.randint(0, 2),)
    if drawn < 0.90:
        return "roll back", ()
    if drawn < 0.92:
        return "move runs", ()
    if drawn < 0.935:
        return "run here", (chance.randrange(20),)
    if drawn < 0.97:
        return "repair", (chance.choice(("retry", "retry", "skip", "accept")),)
    if drawn < 0.98:
        return "redrive", ()
    if drawn < 0.985:
        return "forge", (who,)
    if drawn < 0.99:
        return chance.choice(("pay", "call")), (who,)
    return "example", (chance.randrange(1000),)


def _edit(chance: Chance) -> tuple[tuple[str, Any], ...]:
    """What a person saves, as the parts of an ``Edit``."""
    drawn = chance.random()
    stage = ("stage", chance.choice(STAGES))
    if chance.about == "dates" and drawn < 0.7:
        return (("end", chance.choice((*DAYS[:2], None))),)
    if drawn < 0.4 or (chance.about == "leaving" and drawn < 0.8):
        return (stage,)
    if drawn < 0.65:
        return (("end", chance.choice((*DAYS, None))),)
    if drawn < 0.8:
        return (("amount", chance.choice((3, 50, 5000))),)
    if drawn < 0.85:
        return (("responsible", chance.choice((BEN, CARLA))),)
    if drawn < 0.93:
        return (stage, ("end", chance.choice((*DAYS, None))))
    return (("stop_rules", True),)
