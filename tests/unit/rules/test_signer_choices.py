"""Recipients by what signers still have to do: who they are, and why nobody is left."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.errors import NothingToDoError, PermanentError
from countersign.model.document import Document
from countersign.model.signing_event import Signer
from countersign.rules._shared.recipients import recipient
from countersign.rules._shared.signers import SignerChoice, in_turn, unsigned
from countersign.rules.remind_signer import RemindSigner
from countersign.rules.send_email import SendEmail
from tests.unit.rules.test_send_email import DOCUMENT, context, rule

STATUSES = ["waiting", "notified", "viewed", "started", "signed", "declined", "expired"]


def signer(number: int, status: str = "waiting", **more: Any) -> Signer:
    given = {
        "id": f"p{number}",
        "name": f"Person {number}",
        "email": f"p{number}@west.example",
        "order": number,
        "party": "client",
        "status": status,
    }
    return Signer.model_validate(given | more)


def to(made: SendEmail, *signers: Signer, **more: Any) -> list[str]:
    """Whom the rule writes to, one mail after the other."""
    here = context(signers=signers, **more)
    mails = made.mails(here)
    if not mails:
        return list(made.email(here).to)
    return [made.email_to(here, n, mail).to[0] for n, mail in enumerate(mails)]


def people(*numbers: int) -> list[str]:
    return [f"p{number}@west.example" for number in numbers]


MIXED = (
    signer(1, "signed"),
    signer(2, "viewed"),
    signer(3, party="company", role="Director"),
    signer(4, "declined"),
    signer(5, role="Gesch\u00e4ftsf\u00fchrer"),
    signer(6, action="copy"),
)


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        ("unsigned", (2, 3, 5)),
        ("unsigned:client", (2, 5)),
        ("unsigned:company", (3,)),
        ("unsigned:role:director", (3,)),
        ("unsigned:role:Gescha\u0308ftsfu\u0308hrer", (5,)),
        ("role: GESCH\u00c4FTSF\u00dcHRER\u00a0", (5,)),
        ("unsigned:signer:5", (5,)),
        ("signers_turn", (2,)),
        ("signers_turn:client", (2,)),
        ("signed", (1,)),
        ("signed:client", (1,)),
    ],
)
def test_signers_are_chosen_by_what_they_have_done(written: str, numbers: tuple[int, ...]) -> None:
    assert to(rule(to=[written]), *MIXED) == people(*numbers)


@pytest.mark.parametrize(
    ("who", "numbers"),
    [
        ((signer(1), signer(2)), (1,)),
        ((signer(1, "signed"), signer(2), signer(3)), (2,)),
        ((signer(1), signer(2, order=1), signer(3)), (1, 2)),
        ((signer(1, order=None), signer(2, order=None)), (1, 2)),
        ((signer(1, "declined"), signer(2)), (2,)),
        ((signer(1, action="copy"), signer(2)), (2,)),
        ((signer(1, "notified"), signer(2, "notified")), (1, 2)),
        ((signer(0, "signed"), signer(1, "signed", order=0), signer(2)), (2,)),
    ],
)
def test_the_turn_is_that_of_the_lowest_order_that_is_open(
    who: tuple[Signer, ...], numbers: tuple[int, ...]
) -> None:
    assert to(rule(to=["signers_turn"]), *who) == people(*numbers)


@pytest.mark.parametrize(
    ("written", "changes", "reason"),
    [
        (["unsigned"], {"signers": (signer(1, "signed"),)}, "everybody has signed"),
        (
            ["unsigned:client"],
            {"signers": (signer(1, "signed"), signer(2, party="company"))},
            "everybody of the client has signed",
        ),
        (
            ["unsigned:role:Buyer"],
            {"signers": (signer(1, "signed", role="buyer"),)},
            'everybody with the role "Buyer" has signed',
        ),
        (
            ["unsigned:signer:1"],
            {"signers": (signer(1, "signed"),)},
            "everybody who is number 1 in the signing order has signed",
        ),
        (
            ["unsigned"],
            {"signers": (signer(1, "declined"), signer(2, "signed"))},
            "nobody has to sign any more: who has not signed declined or was too late",
        ),
        (
            ["unsigned:client"],
            {"signers": (signer(1),), "status": "voided"},
            "nobody of the client has to sign any more: the envelope is voided",
        ),
        (
            ["signers_turn:client"],
            {"signers": (signer(1, party="company"), signer(2))},
            "it is not yet the turn of anybody of the client",
        ),
        (["signed"], {"signers": (signer(1, "viewed"),)}, "nobody has signed yet"),
        (
            ["unsigned:client", "unsigned:company"],
            {"signers": (signer(1, "signed"), signer(2, "signed", party="company"))},
            "everybody of the client has signed; everybody of the company has signed",
        ),
    ],
)
@pytest.mark.parametrize("together", [False, True])
def test_where_nobody_is_left_the_reason_says_why(
    written: list[str], changes: dict[str, Any], reason: str, together: bool
) -> None:
    made = rule(to=written, together=together)
    assert made.mails(context(**changes)) == ()
    with pytest.raises(NothingToDoError) as skipped:
        made.email(context(**changes))
    assert str(skipped.value) == reason


def test_signers_whom_the_envelope_does_not_have_are_missing_and_not_done() -> None:
    with pytest.raises(PermanentError, match=r'^to "unsigned:company": the env'):
        rule(to=["unsigned:company"]).mails(context(signers=(signer(1),)))


def test_nobody_left_of_the_copies_is_no_reason_to_send_nothing() -> None:
    made = rule(to=["desk@acme.example"], cc=["unsigned"])
    assert made.email(context(signers=(signer(1, "signed"),))).cc == ()


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("unsinged", "did you mean unsigned?"),
        ("unsigned:cleint", "did you mean unsigned:client?"),
        ("signed:nobody", "did you mean signed:client?"),
        ("signers-turn:client", "did you mean signers_turn:client?"),
        ("unsigned:field:lawyer", "did you mean unsigned:client?"),
        ("lèna@west.example", "Amazon SES takes only ASCII letters before the @"),
    ],
)
def test_a_recipient_that_is_close_to_one_gets_a_hint(written: str, hint: str) -> None:
    with pytest.raises(ValueError, match="is not a recipient") as refused:
        recipient(written)
    assert hint in str(refused.value)


@pytest.mark.parametrize(
    ("sender", "senders", "header"),
    [
        ("Acme Desk <desk@acme.example>", ["desk@acme.example"], "Acme Desk <desk@acme.example>"),
        ("desk@acme.example", ["Acme Büro <Desk@acme.example>"], "Acme Büro <desk@acme.example>"),
        ("Own <desk@acme.example>", ["Acme <desk@acme.example>"], "Own <desk@acme.example>"),
        ("desk@süd.example", ["desk@xn--sd-xka.example"], "desk@xn--sd-xka.example"),
        ("responsible", ["Anna B. <ANNA@acme.example>"], "Anna B. <anna@acme.example>"),
    ],
)
def test_a_sender_may_have_a_name_to_show(sender: str, senders: list[str], header: str) -> None:
    here = context(context().pipeline.model_copy(update={"senders": tuple(senders)}))
    made = rule(**{"from": sender})
    assert made.problems(here.pipeline) == ()
    assert made.email(here).sender == header


def test_a_mail_to_an_umlaut_domain_goes_out_in_punycode() -> None:
    who = signer(1, email="karin@gärten.example")
    assert to(rule(), who) == ["karin@xn--grten-gra.example"]
    assert rule().email(context(signers=(who,))).cc == ()


@pytest.mark.parametrize(
    "role", ["Gesch\u00e4ftsf\u00fchrer", " gescha\u0308ftsfu\u0308hrer\u00a0"]
)
def test_roles_of_reminders_compare_as_people_read_them(role: str) -> None:
    made = RemindSigner.model_validate({"to": [f"role:{role}"]})
    document = DOCUMENT.model_copy(
        update={"signers": (signer(1, role="Gescha\u0308ftsfu\u0308hrer"), signer(2))}
    )
    assert [one.id for one in made.whom(document)] == ["p1"]


@given(
    st.lists(st.tuples(st.sampled_from(STATUSES), st.none() | st.integers(0, 3)), max_size=6),
    st.sampled_from([None, "sent", "delivered", "completed", "voided"]),
)
def test_nobody_has_both_signed_and_yet_to_sign(
    drawn: list[tuple[str, int | None]], status: Any
) -> None:
    who = tuple(signer(n, state, order=order) for n, (state, order) in enumerate(drawn))
    document = Document.model_validate(DOCUMENT.model_dump() | {"status": status, "signers": who})
    signed = SignerChoice("signed", "").of(document)
    assert not {one.id for one in signed} & {one.id for one in unsigned(document)}
    assert {one.id for one in in_turn(document)} <= {one.id for one in unsigned(document)}
    assert bool(in_turn(document)) == bool(unsigned(document))
