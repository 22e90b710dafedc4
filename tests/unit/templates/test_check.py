"""Publishing checks of texts: every wrong name is told, with its line and what is there."""

from __future__ import annotations

import pytest

from countersign.templates.check import matching_inserts, problems
from countersign.templates.values import Group, Items, SingleValue

PERSON = Group({"name": SingleValue("text"), "email": SingleValue("text")})
KNOWN = Group(
    {
        "document": Group(
            {
                "title": SingleValue("text"),
                "amount": SingleValue("money"),
                "expires": SingleValue("datetime"),
                "tags": Items(SingleValue("text")),
                "fields": Group({"contract_end": SingleValue("date")}),
            }
        ),
        "signer": PERSON,
        "signers": Items(PERSON),
        "now": SingleValue("datetime"),
    }
)


@pytest.mark.parametrize(
    "source",
    [
        "no inserts at all",
        '{{ document.title }} {{ document["title"] }} {{ document.fields.contract_end }}',
        "{% for s in signers %}{{ s.name }} {{ forloop.index }}{% endfor %}",
        "{% for tag in document.tags %}{{ tag }}{% endfor %}{{ document.tags }}",
        "{{ signers[0].name }} {{ signers.first.email }} {{ signers.size }}",
        "{% assign one = signers.first %}{{ one.name }}",
        "{% if document.title == 'x' %}{% assign later = 1 %}{% endif %}{{ later }}",
        '{{ signers | map: "email" | join: ", " }}',
        # A text may hold a number or a date: only the run can tell.
        '{{ document.title | plus: 1 }}{{ document.fields.contract_end | date: "%d" }}',
        '{{ document.title | date: "%d" }}',
    ],
)
def test_a_good_text_has_no_problems(source: str) -> None:
    assert problems(source, KNOWN) == ()


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("{{ document.titel }}", ['unknown insert "document.titel"; did you mean document.title?']),
        ("{{ titel }}", ['unknown insert "titel"; did you mean document.title?']),
        ("{{ documnt }}", ['unknown insert "documnt"; did you mean document?']),
        ("{{ x }}", ['unknown insert "x"; there are document, signer, signers, now']),
        (
            "{{ document.q }}",
            [
                'unknown insert "document.q"; there are document.title, document.amount, '
                "document.expires, document.tags, document.fields"
            ],
        ),
        (
            "{{ document.fields.contract_ned }}",
            [
                'unknown insert "document.fields.contract_ned"; '
                "did you mean document.fields.contract_end?"
            ],
        ),
        (
            "{% for s in signers %}{{ s.nmae }}{% endfor %}",
            ['unknown insert "s.nmae"; did you mean s.name?'],
        ),
        (
            "{% for s in signers %}{{ s.name }}{% endfor %}{{ s.name }}",
            ['unknown insert "s.name"; did you mean signer.name?'],
        ),
        (
            "{% for s in signers %}{{ forloop.indx }}{% endfor %}",
            ['unknown insert "forloop.indx"; did you mean forloop.index?'],
        ),
        ("{{ signers.name }}", ['"signers" is a list without "name"; go through it with for']),
        (
            "{{ document.title.size }}",
            ['"document.title" is a single value (text); there is no "size" in it'],
        ),
        ("{{ signer }}", ['"signer" has several values; write one of signer.name, signer.email']),
        (
            "{{ signers }}",
            ['"signers" is a list; go through it with for, or use map with one of name, email'],
        ),
        ("{{ document.title | upcas }}", ['unknown filter "upcas"; did you mean upcase?']),
        ("{% assign one = signers.first %}{{ one.nmae }}", ['unknown insert "one.nmae"']),
        (
            '{{ document.amount | money: "EUR", locale: "xx" }}',
            ['locale "xx" is unknown; expected one such as en, de or fr-CH'],
        ),
        (
            '{{ document.expires | date: "long" , locale: "de" | money }}',
            ['money: "31. Mai 2026" is not a valid number'],
        ),
        (
            "{{ a.b }}{% if c %}{{ document.title | appen }}{% endif %}",
            [
                'unknown insert "a.b"; there are document, signer, signers, now',
                'unknown insert "c"; there are document, signer, signers, now',
                'unknown filter "appen"; did you mean append?',
            ],
        ),
        ("{% if document.title %}", ["expected tag endif, found end of expression"]),
    ],
)
def test_each_problem_is_told_with_its_line(source: str, found: list[str]) -> None:
    expected = tuple(f"line 3: {text}" for text in found)
    assert problems(f"Hello\n\n{source}", KNOWN) == expected


def test_the_inserts_that_hold_something_are_found_by_name() -> None:
    source = "{{ document.title }} {% for s in signers %}{{ s.name }}{% endfor %} {{ signer.name }}"
    values = {
        "document": {"title": "one\ntwo"},
        "signers": [{"name": "a\nb"}],
        "signer": {"name": "Bob"},
    }
    assert matching_inserts(source, values, lambda text: "\n" in text) == ("document.title",)
