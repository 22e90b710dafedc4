"""What the reference says of values and names that stand in the code without a text of their own.

Each table has exactly the values that the code has: the reference cannot be made where one
is missing.
"""

from __future__ import annotations

from collections.abc import Mapping

INTRODUCTION = """\
# Reference

Generated from the code by `make reference`; do not edit it by hand. `countersign kinds KIND`
explains one kind, and `countersign schema` prints the JSON Schema of the pipeline file, by which
editors complete it. Words are in the [glossary](glossary.md), behaviour is in the
[semantics](semantics.md), and [pipelines](pipelines.md) shows how the parts are used. The pipeline,
its triggers and its rules are described [in German](reference.de.md), too.
"""

TIMES = """\
```yaml
time: {after: {working_days: 3}, at: "09:00"}
time: {before: {field: contract_end, months: 3}, at: "09:00", working_hours: true}
time: {on: {field: contract_end}}
time: {at: "18:00"}                    # the next time the clock shows it
```"""

CONDITIONS = """\
A condition is a clause of `field`, `op` and `value`, or one of `all`, `any` and `none` with a list
of conditions.

```yaml
condition:
  all:
    - {field: amount, op: greater, value: 5000}
    - {field: currency, op: equals, value: EUR}
    - any:
        - {field: segment, op: equals, value: business}
        - {field: contract_end, op: within_next, value: {days: 90}}
```

### Operators
"""

SOME_SIGNERS = """\
`unsigned`, `signers_turn` and `signed` also take some signers alone: `unsigned:client`,
`signed:role:Witness`, `signers_turn:signer:2`. `notify_employees` takes {colleagues},
`group:<name>`, `field:<id>` and users' addresses."""

VARIABLES = """\
Texts of rules are Liquid: `{{ document.title }}`, `{% if document.amount > 5000 %}`. A pipeline's
own field `x` is `document.x` and `document.fields.x`. `signer` is whom a mail goes to. `signers`
is a list of all signers, each with what `signer` has: `{% for person in signers %}`.
"""

FILTER_NOTES = """\
`money`, `number`, `date`, `date_time` and `time_of_day` take a `locale`, such as
`money: "EUR", locale: "de"`; without one the pipeline's `language` counts. Dates have the styles
`short`, `medium`, `long` and `full`, or a pattern. All round half up."""

ENVELOPES = """\
A new envelope makes a new document in the pipeline's first stage, unless it names one that exists:
by its id in the envelope's custom field `{field}`, or in the one that the connection's
`--document-field` names. A document has at most one envelope. An envelope that names a document
that does not exist, is in another pipeline or has an envelope already makes a document of its own,
and its timeline says why. Payments and incoming calls name their document too, and make none."""

FIELD_TYPES: Mapping[str, tuple[str, str]] = {
    "text": ("`Lease`", "any text"),
    "number": ("`12.5`", "a decimal number"),
    "money": ("`1250.00`", "a decimal amount; its currency is the field `currency`"),
    "date": ("`2026-05-31`", "a day"),
    "datetime": ("`2026-05-31T14:30+02:00`", "a moment"),
    "choice": ("`business`", "one of its `options`"),
    "user": ("`anna@acme.example`", "an address, or a name of the groups or supervisors"),
    "bool": ("`true`", "yes or no"),
    "list": ("`[a, b]`", "several texts"),
}
"""Each type of field: an example, and what it holds."""

VALUES: Mapping[str, Mapping[str, str]] = {
    "execution": {
        "after_previous": "waits until the rule above it is concluded; the first rule starts on "
        "arrival",
        "independent": "starts on arrival, and begins a chain of its own",
    },
    "on_leave": {
        "cancel": "a run that has not begun is cancelled",
        "keep": "it runs all the same",
    },
    "on_reentry": {
        "every_arrival": "the rule runs for every stage entry",
        "once": "the rule runs once per document",
    },
    "on_failure": {
        "continue": "the rules below it in its chain go on",
        "stop": "the rules below it in its chain are cancelled",
    },
    "on_doubt": {
        "stay": "the mail stays in doubt until a report or a person resolves it",
        "send_again": "it is sent again by itself, up to twice",
    },
    "if_passed": {
        "run": "it runs at once; but what is due before a date never runs after that date",
        "skip": "it is skipped",
    },
    "authenticity": {
        "signed": "a signature covers the whole body",
        "shared_secret": "the request carries a secret that does not cover the body",
        "none": "nothing but the address, which cannot be guessed",
    },
}
"""The values of settings that take one of a few words, in the order of the code."""

UNITS: Mapping[str, str] = {
    "seconds": "exact",
    "minutes": "exact",
    "hours": "exact",
    "days": "keep the time of day in the pipeline's zone, across changes of summer time",
    "weeks": "as days",
    "months": "lead to the same day of another month; where that is shorter, to its last",
    "working_hours": "are counted through the pipeline's calendar",
    "working_days": "as days, leaving out days off",
}

OPERATORS: Mapping[str, tuple[str, str]] = {
    "is_set": ("none", "the field has a value"),
    "is_empty": ("none", "the field has no value"),
    "equals": ("`business`", "equal; text without regard to case"),
    "differs": ("`business`", "not equal"),
    "one_of": ("`[EUR, CHF]`", "equal to one of them"),
    "none_of": ("`[EUR, CHF]`", "equal to none of them"),
    "contains": ("`lease`", "the text stands in it, without regard to case"),
    "does_not_contain": ("`lease`", "the text does not stand in it"),
    "starts_with": ("`2026-`", "the text begins with it"),
    "ends_with": ("`@acme.example`", "the text ends with it"),
    "greater": ("`5000`", "above it"),
    "at_least": ("`5000`", "above it or equal"),
    "less": ("`5000`", "below it"),
    "at_most": ("`5000`", "below it or equal"),
    "between": ("`[1000, 5000]`", "from the first to the second, both included"),
    "within_next": (
        "`{days: 30}`",
        "from now to so many days, weeks, months or working days ahead",
    ),
    "within_last": (
        "`{working_days: 5}`",
        "from so many days, weeks, months or working days ago to now",
    ),
    "has_any": ("`[a@acme.example]`", "at least one of them is in the list"),
    "has_all": ("`[a@acme.example]`", "all of them are in the list"),
    "has_none": ("`[a@acme.example]`", "none of them is in the list"),
    "is_responsible": ("none", "the user is the document's responsible person"),
    "in_group": ("`legal`", "the user is in that group of the pipeline"),
}
"""Each operator: an example of its value, and when it holds."""

RECIPIENTS: Mapping[str, str] = {
    "client": "the signers of the client who must act",
    "company": "the signers of the company who must act",
    "responsible": "the responsible person",
    "unsigned": "signers who must act and have not, when the mail is made",
    "signers_turn": "signers whose turn it is, when the mail is made",
    "signed": "signers who have signed, when the mail is made",
}

FILTERS: Mapping[str, str] = {
    "append": '{{ document.title | append: "." }}',
    "capitalize": '{{ "lease" | capitalize }}',
    "date": '{{ document.fields.contract_end | date: "%d. %B %Y" }}',
    "date_time": '{{ now | date_time: "long" }}',
    "default": '{{ document.currency | default: "EUR" }}',
    "divided_by": "{{ document.amount | divided_by: 2 }}",
    "downcase": "{{ document.title | downcase }}",
    "escape": '{{ "a < b" | escape }}',
    "first": '{{ "red, blue" | split: ", " | first }}',
    "join": '{{ signers | map: "name" | join: " and " }}',
    "last": '{{ "red, blue" | split: ", " | last }}',
    "map": '{{ signers | map: "email" | first }}',
    "minus": "{{ document.amount | minus: 500 }}",
    "money": '{{ document.amount | money: "EUR" }}',
    "newline_to_br": "{{ document.reason | newline_to_br }}",
    "number": "{{ document.amount | number: 1 }}",
    "plus": "{{ document.amount | plus: 10 }}",
    "plus_days": "{{ today | plus_days: 14 }}",
    "plus_months": '{{ "2026-01-31" | plus_months: 1 }}',
    "prepend": '{{ document.title | prepend: "Re: " }}',
    "replace": '{{ document.title | replace: "Lease", "Rent" }}',
    "round": "{{ 2.345 | round: 2 }}",
    "size": "{{ signers | size }}",
    "split": '{{ "red, blue" | split: ", " | size }}',
    "squish": '{{ "  two   words " | squish }}',
    "strip": '{{ "  word " | strip }}',
    "strip_newlines": "{{ document.reason | strip_newlines }}",
    "time_of_day": "{{ now | time_of_day }}",
    "times": "{{ document.amount | times: 0.19 }}",
    "truncate": "{{ document.title | truncate: 8 }}",
    "truncatewords": "{{ document.title | truncatewords: 2 }}",
    "upcase": "{{ document.title | upcase }}",
    "url_encode": "{{ document.title | url_encode }}",
    "where": '{{ signers | where: "party", "client" | map: "name" | join }}',
}
"""An example of each filter; the reference shows what it renders to."""
