"""Whatever is written, checking it ends with a pipeline or with what to mend, never otherwise."""

from __future__ import annotations

import copy
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.engine.compiled_pipeline import CompiledPipeline
from countersign.engine.validation.pipeline import Problem, check
from countersign.model.pipeline import Pipeline, Version

TODAY = date(2026, 3, 2)
GOOD: dict[str, Any] = {
    "pipeline": "contracts",
    "time_zone": "Europe/Berlin",
    "calendar": {"hours": {"mon-fri": "09:00-17:00"}, "days_off": ["12-24"]},
    "senders": ["contracts@acme.example"],
    "groups": {"sales": ["anna@acme.example"]},
    "fields": {
        "end": {"type": "date"},
        "segment": {"type": "choice", "options": ["private", "business"]},
    },
    "stages": [
        {"id": "draft"},
        {
            "id": "sent",
            "triggers": [
                {
                    "id": "sent",
                    "kind": "sent",
                    "condition": {"all": [{"field": "amount", "op": "greater", "value": 5000}]},
                },
                {
                    "id": "late",
                    "kind": "no_reaction",
                    "settings": {"stage": "draft", "after": {"working_days": 3}},
                },
            ],
            "rules": [
                {
                    "id": "mail",
                    "kind": "send_email",
                    "time": {"after": {"days": 3}, "at": "09:00", "working_hours": True},
                    "settings": {
                        "from": "contracts@acme.example",
                        "to": ["client"],
                        "subject": "{{ document.title }}",
                        "text": "Dear {{ signer.name }}",
                    },
                },
                {
                    "id": "back",
                    "kind": "change_stage",
                    "time": {"before": {"field": "end", "days": 30}},
                    "condition": {"field": "segment", "op": "equals", "value": "private"},
                    "settings": {"stage": "draft"},
                },
            ],
        },
    ],
}
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 10_000)
    | st.decimals(-5, 10_000, places=2)
    | st.sampled_from(["", "sent", "draft", "end", "immediately", "Ä b", "{{ x", "10:00"])
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "kind", "all", "field", "op", "value", "days", "stage", "x"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


def _places(node: Any, place: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner = node.items() if isinstance(node, dict) else enumerate(node)
    found = []
    for key, value in inner:
        found.append((*place, key))
        if isinstance(value, dict | list):
            found += _places(value, (*place, key))
    return found


@st.composite
def changed(draw: st.DrawFn) -> dict[str, Any]:
    """The good pipeline with a few parts exchanged, gone, or added."""
    raw = copy.deepcopy(GOOD)
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.sampled_from(_places(raw)))
        parent: Any = raw
        for part in place[:-1]:
            parent = parent[part]
        match draw(st.sampled_from(["exchange", "remove", "add"])):
            case "exchange":
                parent[place[-1]] = draw(ANYTHING)
            case "remove":
                del parent[place[-1]]
            case _ if isinstance(parent, dict):
                parent[draw(st.sampled_from(["name", "nmae", "settings", "x"]))] = draw(ANYTHING)
        if not _places(raw):
            break
    return raw


def _proves(raw: Any) -> tuple[Pipeline | None, tuple[Problem, ...]]:
    before = copy.deepcopy(raw)
    pipeline, problems = check(raw, today=TODAY)
    assert raw == before
    assert (pipeline is None) == any(one.severity == "error" for one in problems)
    if pipeline is not None:
        CompiledPipeline(Version(number=1, pipeline=pipeline))
        again = Pipeline.model_validate_json(pipeline.model_dump_json())
        assert again.model_dump_json() == pipeline.model_dump_json()
    return pipeline, problems


def test_the_good_pipeline_is_good() -> None:
    assert _proves(GOOD) == (Pipeline.model_validate(GOOD), ())


@given(changed())
@settings(max_examples=150, deadline=None)
def test_a_changed_pipeline_is_refused_with_reasons_or_ready_to_run(raw: dict[str, Any]) -> None:
    _proves(raw)


@given(ANYTHING)
@settings(max_examples=50, deadline=None)
def test_anything_at_all_is_refused_with_reasons(raw: Any) -> None:
    assert _proves(raw)[0] is None


@given(
    st.lists(
        st.sampled_from(
            [
                (("stages", 1, "rules", 0, "settings", "subject"), "{{ nothing }}"),
                (("stages", 1, "rules", 0, "time", "after", "days"), 0),
                (("stages", 1, "rules", 1, "condition", "value"), "retail"),
                (("stages", 1, "triggers", 0, "kind"), "send"),
                (("stages", 1, "triggers", 1, "settings", "after", "working_days"), Decimal("1.5")),
                (("stages", 0, "id"), "Draft 1"),
                (("time_zone",), "Europe/Berln"),
                (("calendar", "days_off", 0), "24.12."),
                (("senders", 0), 5),
            ]
        ),
        unique=True,
        min_size=1,
    )
)
@settings(max_examples=60, deadline=None)
def test_each_of_several_mistakes_is_told(
    mistakes: list[tuple[tuple[str | int, ...], Any]],
) -> None:
    raw: Any = copy.deepcopy(GOOD)
    for place, value in mistakes:
        parent = raw
        for part in place[:-1]:
            parent = parent[part]
        parent[place[-1]] = value
    told = {problem.place for problem in _proves(raw)[1]}
    assert {place for place, _ in mistakes} <= told
