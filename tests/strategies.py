"""Strategies for laws: pipelines of every shape, with rules that get in each other's way."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from countersign.model.pipeline import Pipeline
from tests.builders import mail, pipeline, stage, trigger

STAGES = ("s0", "s1", "s2", "s3")
FIELDS = {"end": {"type": "date"}}

times = st.one_of(
    st.just("immediately"),
    st.integers(1, 50).map(lambda n: {"after": {"hours": n}}),
    st.sampled_from([{"on": {"field": "end"}}, {"before": {"field": "end", "days": 2}}]),
    st.just({"after": {"days": 1}, "at": "09:00", "working_hours": True}),
)
conditions = st.one_of(
    st.none(), st.sampled_from([{"field": "amount", "op": "greater", "value": n} for n in (5, 500)])
)
broken = {"settings": {"from": "x@acme.example", "to": ["role:x"], "subject": "x", "text": "x"}}
effects = st.one_of(
    *[st.just({})] * 5,  # Mails: the only effect in two steps.
    st.just(broken),
    st.sampled_from(STAGES).map(lambda to: {"kind": "change_stage", "settings": {"stage": to}}),
    st.sampled_from(["2026-03-04", "2026-03-09", None]).map(
        lambda day: {"kind": "change_fields", "settings": {"values": {"end": day}}}
    ),
    st.decimals(-(10**10), 10**10, places=4).map(
        lambda n: {"kind": "change_fields", "settings": {"values": {"amount": n}}}
    ),
    st.just({"kind": "stop_rules", "settings": {}}),
    st.just({"kind": "add_comment", "settings": {"text": "hello"}}),
)


@st.composite
def rules(draw: st.DrawFn, rule_id: str) -> dict[str, Any]:
    return {
        **mail(rule_id),
        **draw(effects),
        "execution": draw(st.sampled_from(["after_previous", "after_previous", "independent"])),
        "time": draw(times),
        "condition": draw(conditions),
        "on_leave": draw(st.sampled_from(["cancel", "cancel", "keep"])),
        "on_reentry": draw(st.sampled_from(["every_arrival", "every_arrival", "once"])),
        "on_failure": draw(st.sampled_from(["continue", "continue", "stop"])),
    }


@st.composite
def pipelines(draw: st.DrawFn) -> Pipeline:
    kinds = ("viewed", "signed_by_company", "signed_by_all")
    stages = []
    for n, stage_id in enumerate(STAGES):
        listed = [draw(rules(f"r{n}{place}")) for place in range(draw(st.integers(1, 4)))]
        waits = [
            trigger(kind, f"t{n}-{kind}".replace("_", "-"), allow_return=draw(st.booleans()))
            for kind in draw(st.lists(st.sampled_from(kinds), max_size=2, unique=True))
        ]
        if draw(st.integers(0, 4)) == 0:
            asleep = {"stage": draw(st.sampled_from(STAGES)), "after": {"hours": 30}}
            waits.append(trigger("no_reaction", f"t{n}-asleep", settings=asleep))
        stages.append(stage(stage_id, *listed, triggers=waits))
    return pipeline(*stages, fields=FIELDS, senders=["contracts@acme.example"])
