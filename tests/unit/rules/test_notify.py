"""Notify employees and the supervisor: who is written to, and what is refused, when."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from countersign.errors import PermanentError
from countersign.model.message import Email
from countersign.rules.base import RuleKind
from tests.unit.rules.scene import ANNA, BEN, CARLA, DORA, KEY, PIPELINE, context, rule

LETTER = {"from": "contracts@acme.example", "subject": "{{ document.title }}", "text": "Look"}
PLAIN = LETTER | {"plain": True}


def employees(*to: str, **more: Any) -> Any:
    """A rule that notifies them."""
    return rule("notify_employees", **PLAIN | {"to": list(to)} | more)


def supervisor(**more: Any) -> Any:
    """A rule that notifies the supervisor."""
    return rule("notify_supervisor", **PLAIN | more)


def mail(*to: str, **more: Any) -> Email:
    """The mail that comes of it."""
    given = {"sender": "contracts@acme.example", "to": to, "subject": "Lease", "text": "Look"}
    return Email.model_validate(given | {"run": KEY, "pipeline": "contracts"} | more)


@pytest.mark.parametrize(
    ("to", "changes", "addresses"),
    [
        (["responsible"], {}, [ANNA]),
        (["observers"], {"observers": (CARLA, DORA)}, [CARLA, DORA]),
        (["group:sales"], {}, [BEN, CARLA]),
        (["field:lawyer"], {}, [BEN]),
        (["dora@acme.example"], {}, [DORA]),
        (["responsible", "group:sales", "BEN@acme.example"], {"responsible": CARLA}, [CARLA, BEN]),
    ],
)
def test_employees_are_written_to_each_once(
    to: list[str], changes: dict[str, Any], addresses: list[str]
) -> None:
    assert employees(*to).email(context(**changes)) == mail(*addresses)


def test_a_notification_is_written_as_any_mail() -> None:
    html = "<p>{{ document.title }}, {{ client.name }}</p>"
    settings = {"text": None, "html": html, "plain": False, "from": "responsible"}
    made = employees("responsible", **settings)
    pipeline = PIPELINE.model_copy(update={"senders": (ANNA,)})
    wanted = mail(ANNA, sender=ANNA, text=None, html="<p>R&amp;D, Klara</p>", subject="R&D")
    assert made.email(context(pipeline, title="R&D")) == wanted


@pytest.mark.parametrize(
    ("of", "changes", "address"),
    [
        ("responsible", {}, DORA),
        ("responsible", {"responsible": BEN}, CARLA),
        ("lawyer", {}, CARLA),
    ],
)
def test_the_supervisor_of_a_user_is_written_to(
    of: str, changes: dict[str, Any], address: str
) -> None:
    assert supervisor(of=of).email(context(**changes)) == mail(address)


@pytest.mark.parametrize(
    ("made", "changes", "error"),
    [
        (
            employees("observers"),
            {},
            'to "observers": nobody observes the document; add someone',
        ),
        (
            employees("responsible"),
            {"responsible": None},
            'to "responsible": the document has no responsible person; set one',
        ),
        (
            employees("group:empty"),
            {},
            'to "group:empty": the group is empty; list its users under the pipeline\'s groups',
        ),
        (
            employees("group:odd"),
            {},
            'to "group:odd": "Ben" is not a valid e-mail address that can be written to; expected '
            "name@host.example",
        ),
        (
            supervisor(),
            {"responsible": CARLA},
            "carla@acme.example has no supervisor; name one under the pipeline's supervisors",
        ),
        (
            supervisor(),
            {"responsible": None},
            'of "responsible": nobody stands there on the document; fill it',
        ),
        (
            supervisor(of="lawyer"),
            {"fields": {}},
            'of "lawyer": nobody stands there on the document; fill it',
        ),
        (
            employees("responsible"),
            {"title": "Lease\r\nBcc: all@victim.example"},
            "subject: there is a line break or control character in document.title; correct the "
            "value, or put it on one line with the filter squish",
        ),
    ],
)
def test_a_notification_that_reaches_nobody_is_refused(
    made: Any, changes: dict[str, Any], error: str
) -> None:
    with pytest.raises(PermanentError) as refused:
        made.email(context(**changes))
    assert str(refused.value) == error


@pytest.mark.parametrize("to", [[], ["client"], ["role:CEO"], ["Anna"], ["group:"], ["obervers"]])
def test_only_employees_are_notified(to: list[str]) -> None:
    with pytest.raises(ValidationError):
        employees(*to)


def test_what_may_be_written_is_told() -> None:
    with pytest.raises(ValidationError) as refused:
        employees("obervers")
    (error,) = refused.value.errors()
    assert error["msg"] == (
        'Value error, "obervers" is not an employee; did you mean observers? expected responsible, '
        "observers, group:<name>, field:<id> or a user's address"
    )


@pytest.mark.parametrize(
    ("made", "problems"),
    [
        (employees("responsible", "observers", "group:sales", "field:lawyer", BEN), ()),
        (
            employees("group:sale", "group:nobody", "group:empty", "group:odd", "field:price"),
            (
                (
                    "to",
                    '"group:sale": the pipeline has no such group; did you mean group:sales?',
                ),
                (
                    "to",
                    '"group:nobody": the pipeline has no such group; '
                    "there are group:sales, group:empty, group:odd",
                ),
                (
                    "to",
                    '"group:empty": the group is empty; list its users under the pipeline\'s '
                    "groups",
                ),
                ("to", '"group:odd": "Ben" is not a valid e-mail address; correct the group'),
                (
                    "to",
                    '"field:price": the field is a money; expected text, a user or a list of '
                    "addresses",
                ),
            ),
        ),
        (
            employees("responsible", text="{{ document.titel }}", **{"from": ANNA}),
            (
                (
                    "from",
                    '"anna@acme.example" is not among the pipeline\'s senders '
                    "(contracts@acme.example); add it there, verified",
                ),
                (
                    "text",
                    'line 1: unknown insert "document.titel"; did you mean document.title?',
                ),
            ),
        ),
        (supervisor(), ()),
        (supervisor(of="lawyer"), ()),
        (
            supervisor(of="lawier"),
            (("of", '"lawier" is not a field that holds a user; did you mean lawyer?'),),
        ),
        (
            supervisor(of="price"),
            (("of", '"price" is not a field that holds a user; expected responsible, lawyer'),),
        ),
    ],
)
def test_publishing_is_told_what_cannot_work(
    made: RuleKind, problems: tuple[tuple[str, str], ...]
) -> None:
    assert made.problems(PIPELINE) == problems


@pytest.mark.parametrize(
    ("supervisors", "text"),
    [
        ({}, "the pipeline names no supervisors; list each user's under supervisors"),
        (
            {ANNA: "Dora"},
            'the supervisor of anna@acme.example, "Dora", is not a valid e-mail address',
        ),
    ],
)
def test_publishing_is_told_of_supervisors_that_cannot_be_written_to(
    supervisors: dict[str, str], text: str
) -> None:
    pipeline = PIPELINE.model_copy(update={"supervisors": supervisors})
    assert supervisor().problems(pipeline) == (("of", text),)
