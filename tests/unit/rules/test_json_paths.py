"""Finding a place in an answer is bounded in its work, and what is found is what JMESPath says."""

from __future__ import annotations

import json
from typing import Any

import jmespath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.model.http import WebAnswer
from countersign.rules.base import Reply
from tests.unit.rules.scene import PIPELINE, context, rule

URL = "https://erp.acme.example/orders"
TOO_MUCH = "it takes more than 1,000,000 steps; name a smaller part of the answer"


def reply(place: str, body: object) -> Reply:
    """What a rule that reads one place makes of this answer."""
    kind = rule("call_web_address", url=URL, answer={"note": place})
    found: Reply = kind.reply(WebAnswer(status=200, body=json.dumps(body).encode()), context())
    return found


def piped(step: str, times: int) -> str:
    """The step, again and again on what it has made."""
    return " | ".join([step] * times)


GROWING = {
    "a list that holds itself twice": (piped("[@, @]", 40), {"a": 1}),
    "a mapping that holds itself twice": (piped("{l: @, r: @}", 40), [1]),
    "a list put behind itself": (piped("[@, @][]", 40), [1]),
    "a text joined to itself": (piped("join('-', [@, @])", 40), "ab"),
    "a text of texts": (piped("to_string([@, @])", 40), "x"),
    "what is compared": (
        f"[{piped('[@, @]', 30)}, {piped('[@, @]', 30)}] | [0] == [1]",
        {"a": 1},
    ),
    "what a function is handed": (f"length(to_array({piped('[@, @]', 40)}))", {"a": 1}),
    "what every item becomes": (piped("map(&[@, @], @)[]", 40), [1]),
    "comparisons inside comparisons": (
        f"{'(@ == ' * 45}@{')' * 45}",
        {"a": list(range(90_000))},
    ),
}


@pytest.mark.parametrize(("place", "body"), GROWING.values(), ids=GROWING)
def test_what_grows_without_end_is_not_found_and_says_so(place: str, body: object) -> None:
    told = reply(place, body)
    assert told.values == {}
    (warning,) = told.warnings
    assert warning.startswith(f"note was not filled: {place[:200]}: ")
    assert warning.endswith(TOO_MUCH)


def test_a_long_list_gone_through_again_and_again_is_too_much_work() -> None:
    (warning,) = reply(piped("[*]", 150), list(range(40_000))).warnings
    assert warning.endswith(TOO_MUCH)


@pytest.mark.parametrize(
    ("place", "body", "value"),
    [
        ("orders[?id=='o-7999'].sum | [0]",
         {"orders": [{"id": f"o-{n}", "sum": f"s{n}"} for n in range(8_000)]}, "s7999"),
        ("sort_by(orders, &n)[-1].n",
         {"orders": [{"n": (n * 7) % 8_000} for n in range(8_000)]}, "7999"),
        ("length(@)", list(range(50_000)), "50000"),
        ("[0] == [1]", [[1, 2], [1, 2]], True),
        ("[0] < [1]", [1, 2], True),
        ("a.b[1].c || 'none'", {"a": {"b": [{}, {"c": "x"}]}}, "x"),
    ],
)  # fmt: skip
def test_what_answers_usually_ask_for_is_found(place: str, body: object, value: object) -> None:
    assert reply(place, body).values == {"note": value}


PLACES = st.sampled_from(
    [
        "@", "a", "a.b", "[0]", "[*].a", "[?a == `1`]", "a == b", "{x: a, y: [b, @]}", "[]",
        "*.a", "a || b", "!a", "length(@)", "sort(keys(@))", "map(&a, @)", "[-1]", "[::2]",
        "a < b", "type(a)", "not_null(a, b)",
    ]
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text("ab", max_size=3),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2)
    ),
    max_leaves=12,
)


@given(PLACES, VALUES)
def test_within_the_bound_it_is_jmespath(place: str, value: Any) -> None:
    from countersign.rules._shared import json_paths

    def outcome(find: Any) -> object:
        try:
            return find(place, value)
        except Exception as error:
            return type(error)

    assert outcome(json_paths.find) == outcome(jmespath.search)


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (piped("[@, @][]", 40), TOO_MUCH),
        (piped("{l: @, r: @}", 40), TOO_MUCH),
        ("a." * 500 + "b", "it has 1,001 characters; expected at most 1,000"),
        ("(" * 480 + "a" + ")" * 480, "it is nested too deeply"),
        ("!" * 990 + "a", "it is nested too deeply"),
    ],
)
def test_publishing_refuses_a_place_that_can_only_be_too_much(place: str, text: str) -> None:
    told = rule("call_web_address", url=URL, answer={"note": place}).problems(PIPELINE)
    ((setting, sentence),) = told
    shown = place if len(place) <= 200 else f"{place[:200]}…"
    assert (setting, sentence) == (
        "answer",
        f'"{shown}" is not a valid path in JSON (JMESPath): {text}',
    )


def test_an_answer_whose_body_could_not_be_used_says_why() -> None:
    kind = rule("call_web_address", url=URL, answer={"note": "id"})
    unread = "the connection ended before its body did"
    told = kind.reply(WebAnswer(status=200, unread=unread), context())
    assert told == Reply(warnings=(f"no field was filled: {unread}",))
