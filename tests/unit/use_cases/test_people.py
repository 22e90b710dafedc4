"""People are invited, given roles and removed, and somebody always stays who can do that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from countersign.adapters.memory.services.people import MemoryPeople
from countersign.adapters.memory.tables.configuration.audit_log import MemoryAuditLog
from countersign.adapters.memory.tables.operations.heartbeats import MemoryHeartbeats
from countersign.adapters.memory.tables.process.state import MemoryState
from countersign.errors import (
    ExistsError,
    NotAllowedError,
    NotFoundError,
    PermanentError,
    UnavailableError,
)
from countersign.model.audit import AuditActor, AuditFilter, AuditSource
from countersign.model.person import Person, PersonStatus, Role
from countersign.use_cases.auditor import Auditor
from countersign.use_cases.people import (
    PeopleNames,
    all_people,
    change_roles,
    confirm,
    existing_person,
    invite,
    invite_again,
    known_roles,
    last_sign_in,
    note_sign_in,
    people_page,
    remove,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ADA, BEN = "ada@acme.example", "ben@acme.example"


@pytest.fixture
def people() -> MemoryPeople:
    return MemoryPeople(lambda: NOON)


def somebody(
    people: MemoryPeople, email: str, *roles: Role, status: PersonStatus = "active"
) -> Person:
    person = replace(invite(people, email, roles), status=status)
    people.put(person)
    return person


# --- inviting


def test_whoever_is_invited_has_the_roles_and_a_mail(people: MemoryPeople) -> None:
    person = invite(people, f" {ADA} ", ["viewer", "administrator"], "de")
    assert person == Person(
        id="person-1",
        email=ADA,
        roles=("administrator", "viewer"),
        status="invited",
        language="de",
        created_at=NOON,
    )
    assert people.get("person-1") == person
    assert people.invitations == [ADA]


@pytest.mark.parametrize(
    ("email", "text"),
    [
        ("", '"" is not a valid e-mail address: expected name@host.example'),
        ("ada", '"ada" is not a valid e-mail address: expected name@host.example'),
        ("ada@acme", '"ada@acme" is not a valid e-mail address: expected name@host.example'),
        (
            "Ada <ada@acme.example>",
            '"Ada <ada@acme.example>" is not a valid e-mail address: expected name@host.example',
        ),
        (
            "a@acme.example,b@acme.example",
            '"a@acme.example,b@acme.example" is not a valid e-mail address: expected '
            "name@host.example",
        ),
        (
            "äda@acme.example",
            '"äda@acme.example" is not a valid e-mail address: Amazon SES takes only ASCII letters '
            "before the @; ask for another address",
        ),
    ],
)
def test_what_is_no_address_is_not_invited(people: MemoryPeople, email: str, text: str) -> None:
    with pytest.raises(PermanentError) as refused:
        invite(people, email, ["viewer"])
    assert str(refused.value) == text
    assert people.invitations == []


@pytest.mark.parametrize(
    ("role", "text"),
    [
        ("admin", 'there is no role "admin"; expected viewer, operator, administrator'),
        ("administratr", 'there is no role "administratr"; did you mean administrator?'),
        ("Viewer", 'there is no role "Viewer"; did you mean viewer?'),
        ("boss", 'there is no role "boss"; expected viewer, operator, administrator'),
        ("", 'there is no role ""; expected viewer, operator, administrator'),
    ],
)
def test_an_unknown_role_invites_nobody(people: MemoryPeople, role: str, text: str) -> None:
    with pytest.raises(PermanentError) as refused:
        invite(people, ADA, ["viewer", role])
    assert str(refused.value) == text
    assert people.get(ADA) is None


@pytest.mark.parametrize(
    ("roles", "has"),
    [((), "no role"), (("administrator", "viewer"), "administrator and viewer")],
)
def test_inviting_twice_says_what_is_there_and_changes_nothing(
    people: MemoryPeople, roles: tuple[Role, ...], has: str
) -> None:
    before = somebody(people, ADA, *roles)
    with pytest.raises(ExistsError) as refused:
        invite(people, "ADA@acme.example", ["operator"])
    assert str(refused.value) == (
        f"ADA@acme.example was invited before and has {has}; change the roles with `countersign "
        "people roles`, or send another invitation with `countersign people invite-again`"
    )
    assert people.get(before.id) == before


def test_an_invitation_goes_out_again_to_who_has_not_signed_in(people: MemoryPeople) -> None:
    invite(people, ADA, ["viewer"])
    assert invite_again(people, ADA).email == ADA
    assert people.invitations == [ADA, ADA]


def test_whoever_has_signed_in_is_not_invited_again(people: MemoryPeople) -> None:
    somebody(people, ADA)
    with pytest.raises(PermanentError, match="has signed in before"):
        invite_again(people, ADA)
    assert people.invitations == [ADA]


# --- the last administrator

ONE_IS_LAST = "cannot {} ada@acme.example, the last administrator; give the role to somebody else "
ONE_IS_LAST += "first, who has to sign in once"
Doing = Callable[[MemoryPeople, str], Person]


def demote(people: MemoryPeople, who: str) -> Person:
    return change_roles(people, who, ["operator"])


@pytest.mark.parametrize(
    ("doing", "words"),
    [(demote, "take the role from"), (remove, "remove")],
    ids=["demote", "remove"],
)
@pytest.mark.parametrize(
    "others",
    [
        [],
        [("operator", "active")],
        [("administrator", "invited")],
        [("administrator", "disabled")],
    ],
)
def test_the_last_administrator_stays(
    people: MemoryPeople, doing: Doing, words: str, others: list[tuple[Role, PersonStatus]]
) -> None:
    ada = somebody(people, ADA, "administrator")
    for role, status in others:
        somebody(people, BEN, role, status=status)
    with pytest.raises(PermanentError) as refused:
        doing(people, ADA)
    assert str(refused.value) == ONE_IS_LAST.format(words)
    assert people.get(ada.id) == ada


@pytest.mark.parametrize("doing", [demote, remove])
@pytest.mark.parametrize(
    ("status", "other"),
    [
        ("active", "active"),
        ("active", "reset_required"),
        ("invited", "active"),
        ("invited", "invited"),
        ("disabled", "active"),
    ],
)
def test_one_of_several_administrators_may_go(
    people: MemoryPeople, doing: Doing, status: PersonStatus, other: PersonStatus
) -> None:
    somebody(people, ADA, "administrator", status=status)
    somebody(people, BEN, "administrator", status=other)
    doing(people, ADA)
    assert [one.email for one in people.with_role("administrator")] == [BEN]


def test_an_administrator_who_stays_one_may_get_other_roles(people: MemoryPeople) -> None:
    somebody(people, ADA, "administrator")
    changed = change_roles(people, ADA, ["administrator", "viewer"])
    assert changed.roles == ("administrator", "viewer")


def test_others_are_given_any_roles_or_none_and_removed(people: MemoryPeople) -> None:
    ben = somebody(people, BEN, "viewer")
    assert change_roles(people, BEN, ["operator"]).roles == ("operator",)
    assert change_roles(people, ben.id, []).roles == ()
    assert people.get(BEN) == replace(ben, roles=())
    remove(people, BEN)
    assert people.get(BEN) is None


# --- finding somebody


@pytest.mark.parametrize("who", ["zoe@acme.example", "person-9", "", "  "])
def test_nobody_is_told_where_to_look(people: MemoryPeople, who: str) -> None:
    somebody(people, ADA)
    for doing in (remove, invite_again, demote):
        with pytest.raises(NotFoundError) as refused:
            doing(people, who)
        assert str(refused.value) == (
            f'there is nobody "{who.strip()}"; `countersign people list` has everybody'
        )


def test_somebody_of_the_company_is_found_by_the_address(people: MemoryPeople) -> None:
    person = replace(somebody(people, ADA), id="Company_1", company=True)
    people.remove(ADA)
    people.put(person)
    assert existing_person(people, ADA) == person
    assert existing_person(people, "Company_1") == person


def test_an_address_that_two_have_is_not_guessed(people: MemoryPeople) -> None:
    person = somebody(people, ADA)
    people.put(replace(person, id="Company_ada@acme.example", company=True))
    with pytest.raises(PermanentError) as refused:
        remove(people, ADA)
    assert str(refused.value) == (
        "ada@acme.example signs in here and at the company; name one of them by its id: "
        "person-1 and Company_ada@acme.example"
    )
    assert remove(people, "Company_ada@acme.example").company
    assert remove(people, ADA) == person


def test_roles_are_told_from_the_most_to_the_least() -> None:
    assert known_roles(["viewer", "administrator", "viewer"]) == ("administrator", "viewer")
    assert known_roles([]) == ()


# --- what must not go by a token's memory


def test_whoever_has_the_role_now_is_confirmed(people: MemoryPeople) -> None:
    person = somebody(people, ADA, "administrator")
    assert confirm(people, person.id, "operator") == person


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"status": "disabled"}, "you were removed from this deployment; ask an administrator"),
        (
            {"roles": ("operator",)},
            "ada@acme.example no longer has the role administrator; ask an administrator for it",
        ),
        (
            {"roles": ()},
            "ada@acme.example no longer has the role administrator; ask an administrator for it",
        ),
    ],
)
def test_whoever_has_lost_it_meanwhile_is_refused(
    people: MemoryPeople, change: dict[str, object], text: str
) -> None:
    person = somebody(people, ADA, "administrator")
    people.put(replace(person, **change))  # type: ignore[arg-type]
    with pytest.raises(NotAllowedError) as refused:
        confirm(people, person.id, "administrator")
    assert str(refused.value) == text


def test_whoever_was_removed_is_refused(people: MemoryPeople) -> None:
    with pytest.raises(NotAllowedError, match="you were removed"):
        confirm(people, "person-9", "viewer")


# --- sign-ins and names


def test_a_page_says_when_each_signed_in(people: MemoryPeople) -> None:
    heartbeats = MemoryHeartbeats()
    for email in (ADA, BEN, "cam@acme.example"):
        somebody(people, email)
    note_sign_in(heartbeats, "person-1", 1772441400)
    note_sign_in(heartbeats, "person-1", 1772441300)
    note_sign_in(heartbeats, "person-2", None)
    page = people_page(people, heartbeats, 2)
    moment = datetime(2026, 3, 2, 8, 50, tzinfo=UTC)
    assert [(one.email, one.last_sign_in) for one in page.items] == [(ADA, moment), (BEN, None)]
    assert last_sign_in(heartbeats, "person-1") == moment
    rest = people_page(people, heartbeats, 2, page.next)
    assert ([one.email for one in rest.items], rest.next) == (["cam@acme.example"], None)


def test_everybody_is_listed_over_all_pages(people: MemoryPeople) -> None:
    wanted = [f"person{number}@acme.example" for number in range(130)]
    for email in wanted:
        people.invite(email, "en")
    assert [one.email for one in all_people(people, MemoryHeartbeats())] == wanted


class Away(MemoryPeople):
    """A pool that can be away, and counts how often it is asked."""

    def __init__(self) -> None:
        super().__init__(lambda: NOON)
        self.away = False
        self.asked = 0

    def get(self, person: str) -> Person | None:
        if self.away:
            raise UnavailableError("Cognito cannot answer now")
        self.asked += 1
        return super().get(person)


def test_an_address_is_asked_for_once_in_fifteen_minutes() -> None:
    people, moments = Away(), [NOON]
    somebody(people, ADA)
    names = PeopleNames(people, lambda: moments[-1])
    people.asked = 0
    for _ in range(3):
        assert names.email("person-1") == ADA
    assert people.asked == 1
    moments.append(NOON + timedelta(minutes=15))
    assert names.email("person-1") == ADA
    assert people.asked == 2


def test_while_the_pool_is_away_the_known_address_or_the_id_serves() -> None:
    people, moments = Away(), [NOON]
    somebody(people, ADA)
    names = PeopleNames(people, lambda: moments[-1])
    assert names.email("person-1") == ADA
    people.away = True
    moments.append(NOON + timedelta(hours=1))
    assert names.email("person-1") == ADA
    assert names.email("person-2") == "person-2"


def test_somebody_without_an_address_is_named_by_the_id(people: MemoryPeople) -> None:
    people.put(replace(somebody(people, ADA), id="Company_1", email="", company=True))
    names = PeopleNames(people, lambda: NOON)
    assert (names.email("Company_1"), names.email("person-9")) == ("Company_1", "person-9")


# --- who did it


@pytest.fixture
def state() -> MemoryState:
    return MemoryState()


@pytest.fixture
def auditor(state: MemoryState) -> Auditor:
    """Records what Ada does over the API."""
    numbers = iter("abcdefgh")
    return Auditor(
        log=MemoryAuditLog(state),
        actor=AuditActor(id="person-1", name=ADA, signed_in_by="cognito"),
        source=AuditSource(channel="api", ip="203.0.113.7"),
        clock=lambda: NOON,
        new_id=lambda: next(numbers),
    )


def recorded(state: MemoryState) -> list[tuple[object, ...]]:
    """What the audit log holds of people, in the order in which it was begun."""
    page = MemoryAuditLog(state).page(AuditFilter(), 100, before="9")
    return [
        (one.action, str(one.subject), one.outcome, one.before, one.after)
        for one in reversed(page.items)
    ]


def test_inviting_changing_roles_and_removing_are_recorded(
    people: MemoryPeople, state: MemoryState, auditor: Auditor
) -> None:
    somebody(people, ADA, "administrator")
    invite(people, " Ben@Acme.example", ["viewer", "operator"], "de", auditor)
    for _ in range(2):
        change_roles(people, BEN, ["viewer"], auditor)
    remove(people, BEN, auditor)
    roles = {"roles": ["operator", "viewer"]}
    assert recorded(state) == [
        ("person.invited", f"person:{BEN}", "done", None, {**roles, "language": "de"}),
        ("person.roles_changed", f"person:{BEN}", "done", roles, {"roles": ["viewer"]}),
        ("person.removed", f"person:{BEN}", "done", {"roles": ["viewer"]}, None),
    ]


def test_what_is_refused_of_people_is_not_recorded_as_done(
    people: MemoryPeople, state: MemoryState, auditor: Auditor
) -> None:
    somebody(people, ADA, "administrator")
    with pytest.raises(PermanentError):
        change_roles(people, ADA, [], auditor)
    with pytest.raises(PermanentError):
        remove(people, ADA, auditor)
    with pytest.raises(PermanentError):
        invite(people, BEN, ["boss"], "en", auditor)
    assert recorded(state) == []
    with pytest.raises(ExistsError):
        invite(people, ADA, ["viewer"], "en", auditor)
    ((*_, outcome, before, _),) = recorded(state)
    assert (outcome, before) == ("failed", None)


def test_who_has_no_address_is_recorded_by_the_id(
    people: MemoryPeople, state: MemoryState, auditor: Auditor
) -> None:
    people.put(replace(somebody(people, ADA), id="Company_1", email="", company=True))
    change_roles(people, "Company_1", ["viewer"], auditor)
    ((_, subject, *_),) = recorded(state)
    assert subject == "person:Company_1"
