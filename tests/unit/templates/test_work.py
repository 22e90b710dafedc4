"""Filling in a text is bounded in its work, not only in its size; so is finding out what it is."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from countersign.errors import PermanentError
from countersign.rules._shared import rendering
from countersign.rules._shared.template_variables import values
from countersign.templates import render as reader
from countersign.templates.check import problems
from countersign.templates.environment import FORMS
from countersign.templates.limits import RenderingBudget, check_source
from countersign.templates.render import Form, render
from countersign.templates.values import Group, Items, Moment, SingleValue
from tests.unit.rules.scene import PIPELINE, context, rule

NOW = Moment.of(datetime(2026, 4, 2, tzinfo=UTC), UTC)
VALUES: dict[str, Any] = {
    "wide": "b c, " * 30_000,
    "empty": "",
    "sum": Decimal("77.5"),
    "day": NOW,
    "now": NOW,
    "rows": ["x"] * 1000,
    "people": [{"name": "Bo"}] * 1000,
}
STEPS = "filling it in takes more than 4,000,000 steps; make it shorter"


def turning(body: str, turns: int = 9_000) -> str:
    """A text whose loops turn so often in all."""
    outer = "{% for a in rows limit: 90 %}"
    return f"{outer}{{% for b in rows limit: {turns // 90} %}}{body}{{% endfor %}}{{% endfor %}}"


@pytest.mark.parametrize(
    "body",
    [
        "{% assign c = wide | squish %}",
        "{% assign c = wide | escape | size %}",
        "{% assign c = wide | truncate: 9000 | url_encode %}",
        "{% assign c = sum | money: 'CHF', locale: 'de' %}",
        "{% assign c = day | date: 'full', locale: 'fr' %}",
        "{% assign c = rows | join: '-' %}",
        "{% assign c = people | map: 'name' %}",
        "{% assign c = people | where: 'name', 'Al' %}",
        "{% assign c = wide | split: 'zz' | first %}",
        "{% if wide contains 'zz' %}{% endif %}" * 10,
        "{% capture c %}{{ wide | truncate: 30000 }}{% endcapture %}",
        "{% if empty %}{% endif %}" * 200,
        "{% if " + "false or " * 60 + "false %}{% endif %}",
        "{% case empty %}" + "{% when 'a' %}" * 50 + "{% endcase %}",
        "{{ empty }}" * 40,
    ],
)
@pytest.mark.parametrize("form", ["text", "html", "url", "slack"])
def test_many_turns_of_what_costs_much_end_early(body: str, form: Form) -> None:
    with pytest.raises(PermanentError, match=STEPS):
        render(turning(body), VALUES, form, RenderingBudget(400_000))


@pytest.mark.parametrize(
    ("source", "length"),
    [
        (turning("{{ empty }}"), 0),
        (turning("{% if empty %}{% endif %}", 4_500), 0),
        ("{% for a in people limit: 400 %}<td>{{ a.name }}</td><td>{{ sum | money: 'EUR', "
         "locale: 'de' }}</td><td>{{ day | date: '%d.%m.%Y' }}</td>{% endfor %}", 18_400),
        ("{{ wide | squish | upcase | escape | size }}", 6),
    ],
)  # fmt: skip
def test_what_people_write_is_far_from_the_bound(source: str, length: int) -> None:
    work = RenderingBudget()
    assert len(render(source, VALUES, work=work)) == length
    assert work.left > 2_000_000


def test_the_work_of_a_text_is_the_same_on_every_machine() -> None:
    left = []
    for _ in range(3):
        work = RenderingBudget()
        render("{% for a in people %}{{ a.name | upcase }}{% endfor %}", VALUES, work=work)
        left.append(work.left)
    assert len(set(left)) == 1


def test_all_texts_of_an_effect_share_its_work() -> None:
    here = values(context(title="ä" * 60_000), None, "x")
    source = "{% assign a = document.title | squish | squish | squish | squish | squish %}"
    for number in range(13):
        rendering.filled(f"body.{number}", source, here)
    with pytest.raises(PermanentError, match=f"body.x: line 1: {STEPS}"):
        rendering.filled("body.x", 60 * source, here)


KNOWN = Group(
    {"empty": SingleValue("text"), "rows": Items(SingleValue("text")), "sum": SingleValue("number")}
)
MANY = '{% assign many = "' + "k," * 900 + '" | split: "," %}'


@pytest.mark.parametrize(
    "body",
    [
        "{% for b in many limit: 10 %}{% assign c = sum | money: 'EUR' %}"
        "{% assign c = sum | money %}{% endfor %}",
        "{% for b in many limit: 9 %}{% assign c = many | join | squish %}{% endfor %}",
        "{% if empty %}{% endif %}" * 250,
    ],
)
def test_publishing_refuses_what_would_always_be_too_much(body: str) -> None:
    (told,) = problems(f"{MANY}{{% for a in many %}}{body}{{% endfor %}}", KNOWN)
    assert told == f"line 1: {STEPS}"


def test_publishing_counts_all_texts_of_a_rule_together() -> None:
    each = f"{MANY}{{% for a in many %}}{{% assign b = many | join %}}{{% endfor %}}"
    body = {f"n{number}": each for number in range(12)}
    made = rule("call_web_address", url="https://erp.acme.example/x", body=body)
    told = made.problems(PIPELINE)
    assert {text for _, text in told} == {f"line 1: {STEPS}"}
    assert 0 < len(told) < 12


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("Hi\n" + "{{ " * 40_000, "line 2: expected '}}', found end of file"),
        ("\n\n" + "{% " * 40_000, "line 3: expected '%}', found end of file"),
        ("{%raw%}" * 15_000, "line 1: expected '{% endraw %}', found end of file"),
        ("{% doc %}\n" * 10_000, "line 1: expected '{% enddoc %}', found end of file"),
        ("{{ a }}" * 1_000 + "{{", "line 1: expected '}}', found end of file"),
        ("{{" + " " * 90_000 + "}}", "line 1: an insert has more than 200 blanks in a row; remove "
         "them"),
        ("{{" + "(" * 60_000 + "}}", "line 1: an insert has more than 100 brackets; make it "
         "shorter"),
        ('{{ a' + '["' * 101 + "}}", "line 1: an insert has more than 100 brackets; make it "
         "shorter"),
        ("{{" + " " * 300 + "}}", "line 1: an insert has more than 200 blanks in a row; remove "
         "them"),
        ("{% if" + "\t" * 201 + "a %}", "line 1: an insert has more than 200 blanks in a row; "
         "remove them"),
    ],
)  # fmt: skip
def test_what_takes_long_to_be_found_ill_formed_is_found_in_one_pass(
    source: str, error: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("Liquid's own reader was asked")

    monkeypatch.setattr(reader, "FORMS", {"text": type("Never", (), {"from_string": never})()})
    with pytest.raises(PermanentError) as told:
        render(source, {})
    assert str(told.value) == error


@given(
    st.lists(st.sampled_from(["{{", "}}", "{%", "%}", "{% raw %}", "{% endraw %}", " a ", "\n"]))
)
def test_the_first_pass_refuses_nothing_that_can_be_read(parts: list[str]) -> None:
    source = "".join(parts)
    assume("{{{" not in source)  # a brace before an insert, which is one too many
    try:
        FORMS["text"].from_string(source)
    except Exception:
        return
    check_source(source)


def test_only_the_first_problems_of_a_text_are_told() -> None:
    told = problems("".join(f"{{{{ nothing{n} }}}}" for n in range(5_000)), KNOWN)
    assert len(told) == 50
