"""Users: addresses, or names that the pipeline lists; everything else is refused with a hint."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from countersign.engine.validation.pipeline import Problem, check
from countersign.errors import PermanentError
from countersign.model import fields
from countersign.model.pipeline import Pipeline
from countersign.rules.base import Edit
from tests.builders import connection, envelope, event, pipeline, stage, trigger, world

TODAY = date(2026, 3, 2)
LISTS = {
    "groups": {"Recht": ["Jürgen Weiß", "mia@acme.example"], "Vertrieb": ["otto@acme.example"]},
    "supervisors": {"otto@acme.example": "Chefin"},
}


def listed(**more: Any) -> Pipeline:
    own = {"lawyer": {"type": "user"}}
    return pipeline(stage("draft"), fields=own, **{**LISTS, **more})


@pytest.mark.parametrize("field", ["responsible", "lawyer"])
@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("lea@law.example", "lea@law.example"),
        (" Lea@Law.example ", "Lea@Law.example"),
        ("lea@größe.example", "lea@größe.example"),
        ("jürgen  WEISS", "Jürgen Weiß"),
        ("Ju\u0308rgen\u00a0Weiß", "Jürgen Weiß"),
        ("chefin", "Chefin"),
        ("", None),
        (None, None),
    ],
)
def test_a_user_is_an_address_or_somebody_whom_the_pipeline_lists(
    field: str, written: str | None, kept: str | None
) -> None:
    assert fields.fit_value(written, field, listed()) == kept


@pytest.mark.parametrize("field", ["responsible", "observers", "lawyer"])
@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("somebody", '"somebody" is not a user; expected an e-mail address, or a name'),
        ("Chefinn", "did you mean Chefin?"),
        ("lea@law", '"lea@law" is not a user; expected an e-mail address'),
        ("léa@law.example", "is not a user (Amazon SES takes only ASCII letters before the @"),
    ],
)
def test_any_other_word_is_not_a_user(field: str, written: str, why: str) -> None:
    with pytest.raises(PermanentError) as refused:
        fields.fit_value(written, field, listed())
    assert why in str(refused.value)
    assert str(refused.value).startswith(f"{field}: ")


def test_every_observer_is_a_user() -> None:
    kept = fields.fit_value("chefin, lea@law.example", "observers", listed())
    assert kept == ("Chefin", "lea@law.example")


def test_an_edit_that_makes_a_word_responsible_is_refused() -> None:
    here = world(listed())
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    with pytest.raises(PermanentError, match="is not a user"):
        here.edit(document.id, Edit(values={"responsible": "urgent"}), by="mia@acme.example")
    after = here.edit(document.id, Edit(values={"responsible": "CHEFIN"}), by="mia@acme.example")
    assert after.responsible == "Chefin"


def problems(*rules: dict[str, Any], **more: Any) -> list[tuple[tuple[str | int, ...], str, str]]:
    stages = [stage("draft"), stage("sent", *rules, triggers=[trigger("sent")])]
    raw = {"pipeline": "p", "stages": stages, **LISTS, **more}
    found: tuple[Problem, ...] = check(raw, today=TODAY)[1]
    return [(one.place, one.text, one.severity) for one in found]


def hand_over(*users: str) -> dict[str, Any]:
    return {"id": "r", "kind": "change_responsible", "settings": {"users": list(users)}}


def test_publishing_refuses_a_responsible_person_who_is_not_a_user() -> None:
    place = ("stages", 1, "rules", 0, "settings", "users")
    assert problems(hand_over("group:recht", "Chefin", "lea@law.example")) == []
    assert problems(hand_over("Otto")) == [
        (
            place,
            '"Otto" is not a user; expected an e-mail address, or a name that the pipeline\'s '
            "groups or supervisors list",
            "error",
        )
    ]


@pytest.mark.parametrize("author", ["responsible", "chefin", "bot@acme.example"])
def test_a_move_is_written_by_the_responsible_person_or_a_user(author: str) -> None:
    assert moved_by(author) == []


@pytest.mark.parametrize(
    ("author", "why"),
    [
        ("bot", '"bot" is not a user; expected an e-mail address'),
        ("Chefinn", "did you mean Chefin?"),
        ("group:recht", "is not a user"),
        ("Responsible", 'or "responsible"'),
    ],
)
def test_publishing_refuses_an_author_of_moves_who_is_no_user(author: str, why: str) -> None:
    ((place, text, severity),) = moved_by(author)
    assert (place, severity) == (("stages", 1, "triggers", 0, "move_as"), "error")
    assert why in text


def moved_by(author: str) -> list[tuple[tuple[str | int, ...], str, str]]:
    stages = [stage("draft"), stage("sent", triggers=[trigger("sent", move_as=author)])]
    raw = {"pipeline": "p", "stages": stages, **LISTS}
    return [(one.place, one.text, one.severity) for one in check(raw, today=TODAY)[1]]


@pytest.mark.parametrize(
    ("lists", "place", "why"),
    [
        ({"groups": {"g": ["mia@acme"]}}, ("groups", "g", 0), "expected name@host.example"),
        (
            {"groups": {"g": ["a@b.example", "mía@acme.example"]}},
            ("groups", "g", 1),
            "Amazon SES takes only ASCII letters before the @; ask for another address",
        ),
        (
            {"supervisors": {"mia@acme.example": "o@@acme.example"}},
            ("supervisors", "mia@acme.example"),
            "expected name@host.example",
        ),
        ({"senders": ["Büro <büro@acme.example>"]}, ("senders", 0), "ASCII letters before the @"),
        (
            {"senders": ["two@a.example, b@a.example"]},
            ("senders", 0),
            "is not a valid e-mail address",
        ),
    ],
)
def test_what_looks_like_an_address_must_be_one_wherever_it_stands(
    lists: dict[str, Any], place: tuple[str | int, ...], why: str
) -> None:
    ((found, text, severity),) = problems(**lists)
    assert (found, severity) == (place, "error")
    assert why in text


@pytest.mark.parametrize(
    "sender", ["Büro Süd <buero@süd.example>", "buero@süd.example", '"A, B" <c@acme.example>']
)
def test_senders_may_have_names_and_domains_of_any_letters(sender: str) -> None:
    assert problems(senders=[sender]) == []


@pytest.mark.parametrize(
    ("user", "supervisor"),
    [
        ("mia@acme.example", "MIA@acme.example"),
        ("Mia", "mia "),
        ("m@süd.example", "m@xn--sd-xka.example"),
    ],
)
def test_publishing_warns_of_somebody_who_is_their_own_supervisor(
    user: str, supervisor: str
) -> None:
    assert problems(supervisors={user: supervisor}) == [
        (
            ("supervisors", user),
            f"{user} is their own supervisor; name another user, or leave this line out",
            "warning",
        )
    ]


def test_a_role_is_heard_as_people_read_it_by_triggers() -> None:
    role = {"role": "Geschäftsführerin"}
    wanted = pipeline(
        stage("draft"), stage("done", triggers=[trigger("signed_by_signer", settings=role)])
    )
    here = world(wanted)
    here.connect(connection())
    who = [{"id": "1", "email": "k@k.example", "role": "GESCHA\u0308FTSFU\u0308HRERIN\u00a0"}]
    here.tell("docusign", [event("document.sent", state=envelope(signers=who))])
    after = here.tell("docusign", [event("signer.signed", "k@k.example", minute=1)])
    assert after.stage == "done"


def observe(*users: str) -> dict[str, Any]:
    return {"id": "r", "kind": "change_observers", "settings": {"users": list(users)}}


def test_publishing_refuses_observers_who_are_not_users() -> None:
    assert problems(observe("group:recht", "chefin", "lea@law.example")) == []
    ((place, text, _),) = problems(observe("Chefinn"))
    assert place == ("stages", 1, "rules", 0, "settings", "users")
    assert text.endswith("did you mean Chefin?")


def test_a_group_observes_each_of_its_users_once() -> None:
    rule = observe("group:RECHT", "MIA@acme.example", "chefin")
    here = world(pipeline(stage("draft", rule), **LISTS))
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    assert document.observers == ("Jürgen Weiß", "mia@acme.example", "Chefin")
