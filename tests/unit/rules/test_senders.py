"""Whom a mail comes from: the first in order of preference that the pipeline lists."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from countersign.engine.validation.pipeline import check
from countersign.errors import PermanentError
from countersign.rules._shared.senders import own_sender
from countersign.text.addresses import AddressError, whole_domain
from tests.builders import stage
from tests.unit.rules.scene import ANNA, PIPELINE, context, rule

ACME = "Acme Contracts <contracts@acme.example>"
LETTER = {"to": ["client"], "subject": "Hi", "text": "Hello"}


def sent_from(
    sender: str | list[str], *senders: str, responsible: str | None = ANNA, kind: str = "send_email"
) -> str:
    pipeline = PIPELINE.model_copy(update={"senders": senders})
    to = {"to": ["dora@acme.example"]} if kind == "notify_employees" else {}
    made = rule(kind, **{**LETTER, **to, "from": sender})
    mail: str = made.email(context(pipeline, responsible=responsible)).sender
    return mail


@pytest.mark.parametrize("kind", ["send_email", "notify_employees"])
@pytest.mark.parametrize(
    ("sender", "senders", "responsible", "expected"),
    [
        (["responsible", ACME], ["contracts@acme.example", ANNA], ANNA, ANNA),
        (["responsible", ACME], [ACME, f"Anna <{ANNA}>"], ANNA, f"Anna <{ANNA}>"),
        (["responsible", ACME], ["contracts@acme.example"], ANNA, ACME),
        (["responsible", ACME], ["contracts@acme.example", ANNA], None, ACME),
        (["responsible", ACME], ["contracts@acme.example", ANNA], "Anna", ACME),
        (["responsible", ACME], ["contracts@acme.example", "@acme.example"], ANNA, ANNA),
        (["responsible", ACME], ["contracts@acme.example", "@ACME.Example"], ANNA, ANNA),
        (["responsible", ACME], [ACME, "@sub.acme.example"], ANNA, ACME),
        (["responsible", ACME], [ACME, "@acme.example"], "eve@evil-acme.example", ACME),
        (["responsible", ACME], [ACME, "@acme.example"], "anna@sub.acme.example", ACME),
        (["responsible"], ["@gärten.example"], "lea@gärten.example", "lea@xn--grten-gra.example"),
        (["responsible"], ["@xn--grten-gra.example"], "lea@gärten.example",
         "lea@xn--grten-gra.example"),
        ("responsible", ["@acme.example"], ANNA, ANNA),
        ("Sales <sales@acme.example>", ["@acme.example"], ANNA, "Sales <sales@acme.example>"),
        ("sales@acme.example", ["@acme.example", "Sales <sales@acme.example>"], ANNA,
         "Sales <sales@acme.example>"),
        ([ACME, "responsible"], ["@acme.example"], ANNA, ACME),
    ],
)  # fmt: skip
def test_the_first_sender_that_is_listed_is_taken(
    sender: str | list[str], senders: list[str], responsible: str | None, expected: str, kind: str
) -> None:
    assert sent_from(sender, *senders, responsible=responsible, kind=kind) == expected


@pytest.mark.parametrize(
    ("sender", "senders", "responsible", "error"),
    [
        (
            ["responsible"],
            ["contracts@acme.example"],
            ANNA,
            f'from: "{ANNA}" is not among the pipeline\'s senders (contracts@acme.example); '
            "add it there, verified",
        ),
        (
            ["responsible", "sales@acme.example"],
            ["@other.example"],
            None,
            'from "responsible": the document has no responsible person; set one; from: '
            '"sales@acme.example" is not among the pipeline\'s senders (@other.example); add it '
            "there, verified",
        ),
    ],
)
def test_where_none_is_listed_each_says_why(
    sender: list[str], senders: list[str], responsible: str | None, error: str
) -> None:
    with pytest.raises(PermanentError) as raised:
        sent_from(sender, *senders, responsible=responsible)
    assert str(raised.value) == error


def problems(sender: Any, *senders: str, **more: Any) -> list[tuple[tuple[str | int, ...], str]]:
    letter = {"id": "hi", "kind": "send_email", "settings": {**LETTER, "from": sender}}
    raw = {"pipeline": "p", "senders": senders, "stages": [stage("a", letter)], **more}
    _, found = check(raw, today=date(2026, 3, 2))
    return [(one.place[-3:], one.text) for one in found if one.severity == "error"]


@pytest.mark.parametrize(
    ("sender", "senders"),
    [
        (ACME, ["contracts@acme.example"]),
        (["responsible", ACME], ["@acme.example"]),
        (["responsible"], ["@acme.example"]),
        (["responsible", ACME], ["Acme <contracts@ACME.example>", "@nord.example"]),
    ],
)
def test_senders_that_are_listed_may_be_published(sender: Any, senders: list[str]) -> None:
    assert problems(sender, *senders) == []


@pytest.mark.parametrize(
    ("sender", "place", "text"),
    [
        (
            ["responsible", "sales@nord.example"],
            ("settings", "from", 1),
            '"sales@nord.example" is not among the pipeline\'s senders (@acme.example); '
            "add it there, verified",
        ),
        (
            "sales@nord.example",
            (0, "settings", "from"),
            '"sales@nord.example" is not among the pipeline\'s senders (@acme.example); '
            "add it there, verified",
        ),
        ([], (0, "settings", "from"), "the list is empty; expected addresses of the pipeline's "),
        (
            ["me", ACME],
            (0, "settings", "from"),
            '"me" is not a valid sender; expected an address of the ',
        ),
        (
            ["@acme.example"],
            (0, "settings", "from"),
            '"@acme.example" is not a valid sender; expected an ',
        ),
        (5, (0, "settings", "from"), ""),
        ([5], ("settings", "from", 0), ""),
    ],
)
def test_what_can_never_be_a_sender_is_refused(
    sender: Any, place: tuple[str | int, ...], text: str
) -> None:
    ((where, told),) = problems(sender, "@acme.example")
    assert where == place
    assert told.startswith(text)


@pytest.mark.parametrize("wrong", ["@", "@acme", "@acme..example", "@@a.example", "@a b.example"])
def test_a_domain_that_is_not_valid_is_refused(wrong: str) -> None:
    found = problems(ACME, "contracts@acme.example", wrong)
    assert found == [
        (("senders", 1), f'"{wrong}" is not a valid domain; expected one such as @acme.example')
    ]


def test_reports_come_from_the_first_sender_that_is_an_address() -> None:
    pipeline = PIPELINE.model_copy(update={"senders": ("@acme.example", ACME)})
    assert own_sender(pipeline) == ACME
    assert own_sender(PIPELINE.model_copy(update={"senders": ("@acme.example",)})) is None


def test_a_domain_alone_sends_no_report() -> None:
    told = problems("responsible", "@acme.example", daily_report={"to": ["ops@acme.example"]})
    text = "the daily report comes from the first address of the senders; list one under senders"
    assert told == [(("daily_report",), text)]


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("@acme.example", "acme.example"),
        (" @mail.acme.example ", "mail.acme.example"),
        ("@gärten.example", "xn--grten-gra.example"),
        ("anna@acme.example", None),
        ("acme.example", None),
    ],
)
def test_a_whole_domain_begins_with_an_at_sign(text: str, domain: str | None) -> None:
    assert whole_domain(text) == domain


@pytest.mark.parametrize("text", ["@", "@acme", "@x@a.example", "@a.example,b", "@a\nb.example"])
def test_what_follows_must_be_a_domain(text: str) -> None:
    with pytest.raises(AddressError, match="expected a domain such as @host"):
        whole_domain(text)
