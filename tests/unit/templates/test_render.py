"""Texts with inserts: what they become, what they refuse, and that nothing grows without bound."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from countersign.errors import PermanentError
from countersign.templates.render import MAX_LOOPS, MAX_OUTPUT, MAX_SOURCE, render
from countersign.templates.values import Day, EmptyRecord, Moment, Record

BERLIN = ZoneInfo("Europe/Berlin")
NOW = Moment.of(datetime(2026, 7, 1, 7, 30, tzinfo=UTC), BERLIN)


def signer(name: str, party: str) -> Record:
    return Record({"name": name, "email": f"{name.lower()}@client.example", "party": party})


VALUES = Record(
    {
        "document": Record(
            {
                "title": "Lease <A&B>",
                "amount": Decimal("1999.99"),
                "whole": Decimal("5000.00"),
                "zero": Decimal(0),
                "currency": "EUR",
                "reason": None,
                "note": "2026-05-31",
                "clock": "2026-05-31T22:30:00+00:00",
                "signed": True,
                "observers": ["anna@acme.example", "ben@acme.example"],
                "nobody": [],
                "end": Day.of(date(2026, 5, 31), BERLIN),
                "expires": Moment.of(datetime(2026, 5, 31, 22, 30, tzinfo=UTC), BERLIN),
            }
        ),
        "signers": [signer("Bob", "client"), signer("Anna", "company")],
        "client": EmptyRecord({"name": None}),
        "now": NOW,
        "today": Day.of(NOW.date(), BERLIN),
    }
)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("plain {braces} %d", "plain {braces} %d"),
        ("{{ document.title }}", "Lease <A&B>"),
        ("[{{ document.reason }}]", "[]"),
        ('{{ document.reason | default: "none" }}', "none"),
        ('{{ document.zero | default: "none" }}', "0"),
        ("{{ document.signed }}", "true"),
        ("{{ document.whole }}", "5000"),
        ("{{ document.amount }}", "1999.99"),
        ("{{ document.observers }}", "anna@acme.example, ben@acme.example"),
        ("{{ document.end }}", "2026-05-31"),
        ("{{ document.expires }}", "2026-06-01 00:30 CEST"),
        ("{{ document.end | plus_days: -31 }}", "2026-04-30"),
        ("{{ document.end | plus_months: 1 | date: '%d.%m.' }}", "30.06."),
        ("{{ document.expires | plus_months: 6 }}", "2026-12-01 00:30 CET"),
        ("{{ document.clock | plus_days: 1 }}", "2026-06-02 00:30 CEST"),
        (
            "{% assign soon = today | plus_days: 1 %}{% if document.end < soon %}over{% endif %}",
            "over",
        ),
        ("[{{ document.reason | plus_days: 1 }}{{ document.end | plus_days: nil }}]", "[]"),
        ("{% for s in signers %}{{ forloop.index }}.{{ s.name }} {% endfor %}", "1.Bob 2.Anna "),
        ("{{ signers.first.name }}, {{ signers.last.name }}, {{ signers.size }}", "Bob, Anna, 2"),
        ("[{{ signers[7].name }}]", "[]"),
        ("[{{ document.nobody.first }}]", "[]"),
        ("{% if client %}yes{% else %}nobody{% endif %}{{ client.name }}", "nobody"),
        ("{% if document.amount >= 1999.99 %}big{% endif %}", "big"),
        ("{% if document.amount == 1999.99 %}same{% endif %}", "same"),
        ("{% if document.expires < now %}over{% endif %}", "over"),
        ("{% if document.end < today %}over{% endif %}", "over"),
        ("{% if now < today %}before{% else %}after{% endif %}", "after"),
        ('{% if document.observers contains "ben@acme.example" %}in{% endif %}', "in"),
        ("{% case document.currency %}{% when 'EUR' %}euro{% endcase %}", "euro"),
        ("{% if document.reason %}{% assign x = 1 %}{% endif %}[{{ x }}]", "[]"),
        ("{% capture x %}<{{ document.currency }}>{% endcapture %}{{ x }}", "<EUR>"),
        ("{% raw %}{{ kept }}{% endraw %}{% comment %}{{ gone }}{% endcomment %}", "{{ kept }}"),
    ],
)
def test_inserts_are_filled_in(source: str, text: str) -> None:
    assert render(source, VALUES) == text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<b>{{ document.title }}</b>", "<b>Lease &lt;A&amp;B&gt;</b>"),
        ("{{ document.title | upcase }}", "LEASE &lt;A&amp;B&gt;"),
        ("{{ document.title | escape }}", "Lease &lt;A&amp;B&gt;"),
        ("{{ document.title | newline_to_br }}", "Lease &lt;A&amp;B&gt;"),
        ('{{ document.title | append: "<i>" }}', "Lease &lt;A&amp;B&gt;<i>"),
        ('{{ "<i>" | append: document.title }}', "<i>Lease &lt;A&amp;B&gt;"),
        ('{{ "<i>x</i>" | replace: "x", document.title }}', "<i>Lease &lt;A&amp;B&gt;</i>"),
        ('{{ document.reason | default: "<i>none</i>" }}', "<i>none</i>"),
        (
            '{{ signers | map: "email" | join: "<br>" }}',
            "bob@client.example<br>anna@client.example",
        ),
        ("{% capture x %}{{ document.title }}{% endcapture %}{{ x }}", "Lease &lt;A&amp;B&gt;"),
        ("{{ document.amount | money: document.title }}", "Lease &lt;A&amp;B&gt;1,999.99"),
    ],
)
def test_in_html_values_are_data_and_only_the_author_writes_markup(source: str, text: str) -> None:
    assert render(source, VALUES, "html").replace("\xa0", "") == text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ('{{ document.amount | money: "EUR" }}', "€1,999.99"),
        ('{{ document.amount | money: document.currency, locale: "de" }}', "1.999,99\xa0€"),
        ('{{ document.amount | money: "JPY" }}', "¥2,000"),
        ("{{ document.amount | money }}", "1,999.99"),
        ("[{{ document.reason | money }}]", "[]"),
        ('{{ document.expires | date: "%d.%m.%Y %H:%M" }}', "01.06.2026 00:30"),
        ('{{ document.expires | date: "long", locale: "de-AT" }}', "1. Juni 2026"),
        ('{{ document.end | date: "%d.%m." }}', "31.05."),
        ('{{ document.note | date: "%d.%m." }}', "31.05."),
        ('{{ document.clock | date: "%d.%m. %H:%M" }}', "01.06. 00:30"),
        ('{{ "now" | date: "%H:%M" }}', "09:30"),
        ('[{{ document.reason | date: "%d" }}]', "[]"),
        ("{{ document.amount | times: 3 }}", "5999.97"),
        ("{{ document.amount | plus: 0.01 }}", "2000"),
        ("{{ document.amount | minus: document.whole }}", "-3000.01"),
        ("{{ document.whole | divided_by: 8 }}", "625"),
        ("{{ 2.5 | round }} {{ document.amount | round: 1 }}", "3 2000"),
        ("[{{ document.reason | plus: 1 }}]", "[]"),
        ("{{ document.title | append: document.reason }}", "Lease <A&B>"),
        ('{{ document.amount | append: " net" }}', "1999.99 net"),
        ('{{ signers | where: "party", "client" | map: "name" | join }}', "Bob"),
        ('{{ "a b" | url_encode }}', "a+b"),
        ('{{ "a-b" | split: "-" | last }}', "b"),
        ('{{ "one two three" | truncatewords: 2 }}', "one two..."),
    ],
)
def test_filters_are_exact_and_know_the_zone(source: str, text: str) -> None:
    assert render(source, VALUES) == text


def test_equal_moments_of_two_zones_are_each_shown_in_their_own() -> None:
    moment = datetime(2026, 1, 1, 12, tzinfo=UTC)
    zones = ("Europe/Berlin", "Asia/Tokyo", "Europe/Berlin")
    shown = [
        render('{{ at | date: "%H" }}', {"at": Moment.of(moment, ZoneInfo(zone)), "now": NOW})
        for zone in zones
    ]
    assert shown == ["13", "21", "13"]


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("{{ titel }}", 'line 1: unknown insert "titel"'),
        ("a\n\n{{ document.titel }}", 'line 3: unknown insert "document.titel"'),
        ('{{ titel | default: "x" }}', 'line 1: unknown insert "titel"'),
        ("{% if titel %}x{% endif %}", 'line 1: unknown insert "titel"'),
        ("{% for s in titel %}x{% endfor %}", 'line 1: unknown insert "titel"'),
        ("{{ document.title | shout }}", "line 1: unknown filter 'shout'"),
        (
            '{{ document.title | date: "%d" }}',
            (
                'line 1: date: "Lease <A&B>" is not a valid date; expected a date, or text '
                "such as 2026-05-31"
            ),
        ),
        ("{{ document.title | money }}", 'line 1: money: "Lease <A&B>" is not a valid number'),
        ("{{ 1 | divided_by: 0 }}", "line 1: divided_by: 1 cannot be divided by 0"),
        (
            '{{ 1 | money: "EUR", locale: "xx" }}',
            'line 1: locale "xx" is unknown; expected one such as en, de or fr-CH',
        ),
        (
            '{{ signers | map: "emial" }}',
            'line 1: map: there is no "emial"; expected one of name, email, party',
        ),
        ("a\n{% if x %}", "line 2: expected tag endif, found end of expression"),
        ("a\n{{ x", "line 2: expected '}}', found end of file"),
        ("\n{{ x | }}", "line 2: expected word, found end of expression"),
        (
            '{% include "/etc/passwd" %}',
            'line 1: unknown tag "include"; there are assign, capture, case, comment, break, '
            "continue, for, if, unless",
        ),
        (
            "{{ document }}",
            "its inserts cannot be filled in: this has several values; write one of them after a "
            f"dot: {', '.join(VALUES['document'])}",  # type: ignore[arg-type]
        ),
    ],
)
def test_what_cannot_be_filled_in_is_refused_with_its_line(source: str, error: str) -> None:
    with pytest.raises(PermanentError) as refused:
        render(source, VALUES)
    assert str(refused.value) == error


DOUBLED = '{% assign x = "xxxxxxxxxxxxxxxx" %}' + "{% assign x = x | append: x %}" * 20
SQUARED = '{% assign x = "9999999999" %}' + "{% assign x = x | times: x %}" * 20


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("{% for i in (1..99999999999) reversed %}x{% endfor %}", "ranges of numbers are not"),
        ("{{ (1..99999999999) | join }}", "ranges of numbers are not"),
        ("{% for a in many %}{% for b in many %}{% endfor %}{% endfor %}", "its loops turn more"),
        ("{% for a in many %}{% endfor %}" * 20, "its loops turn more than 10,000 times"),
        (
            "{% for a in many %}" + "x" * 1000 + "{% endfor %}",
            "it grows beyond 262,144 bytes; make it shorter",
        ),
        (
            "{% for a in many %}{{ wide }}{% endfor %}",
            "it grows beyond 262,144 bytes; make it shorter",
        ),
        (DOUBLED, "it assigns more than 262,144 bytes"),
        ('{{ wide | replace: "x", wide }}', "replace: the result is too large"),
        ('{{ wide | split: "" }}', "split: the result is too large; expected at most 1,000"),
        ("{{ many | join: wide }}", "join: the result is too large"),
        (SQUARED, "times: the number has more than 30 digits"),
        ("{% if true %}" * 50 + "{% endif %}" * 50, "its tags are nested too deeply"),
        ("{% if true" + " or true" * 5000 + " %}{% endif %}", "the text is nested too deeply"),
        ("x" * (MAX_SOURCE + 1), "the text has 131,073 characters; expected at most 131,072"),
    ],
)
def test_nothing_grows_without_bound(source: str, error: str) -> None:
    with pytest.raises(PermanentError, match=error):
        render(source, {"many": ["x"] * 999, "wide": "x" * 5000, "now": NOW})


def test_what_stays_within_the_limits_is_rendered() -> None:
    many = ["x" * 200] * 1000
    assert len(render("{{ many | join: '' }}", {"many": many})) == 200_000 < MAX_OUTPUT
    loops = "{% for a in many %}{% endfor %}" * (MAX_LOOPS // 1000)
    assert render(loops, {"many": many}) == ""


def test_a_text_does_not_remember_the_one_before() -> None:
    source = "{{ x }}{% assign x = 1 %}{% for s in signers %}{{ s.name }}{% endfor %}"
    assert [render(source, VALUES) for _ in range(2)] == ["BobAnna", "BobAnna"]


def test_half_a_letter_from_outside_is_a_lasting_fault() -> None:
    with pytest.raises(PermanentError, match="its inserts cannot be filled in"):
        render("{{ title }}", {"title": "\ud800"})
