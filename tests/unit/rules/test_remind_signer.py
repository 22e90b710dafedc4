"""Whom a reminder goes to: those whose signature is waited for now, and nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from countersign.errors import PermanentError
from countersign.model.signing_event import Signer
from tests.unit.rules.scene import DOCUMENT, rule


def signer(number: int, **more: Any) -> Signer:
    """A signer of that place in the order."""
    return Signer.model_validate({"id": str(number), "order": number, "party": "client", **more})


def reminded(*signers: Signer, status: str = "sent", to: tuple[str, ...] = ()) -> list[str]:
    """The ids of those whom such a rule reminds."""
    document = DOCUMENT.model_copy(update={"signers": signers, "status": status})
    return [one.id for one in rule("remind_signer", to=to).whom(document)]


ANNA = signer(1, party="company", status="signed")
BEN = signer(2, party="company", role="Director", status="notified")
KLARA = signer(3, role="Buyer")
COPY = signer(4, action="copy")


@pytest.mark.parametrize(
    ("signers", "ids"),
    [
        ((ANNA, BEN, KLARA, COPY), ["2"]),
        ((ANNA, signer(2), KLARA), ["2"]),
        ((ANNA, signer(2), signer(2, id="2b"), KLARA), ["2", "2b"]),
        ((signer(1, status="notified"), signer(2, status="viewed"), signer(3)), ["1", "2"]),
        ((signer(1, order=None), signer(2, order=None)), ["1", "2"]),
        ((signer(1, status="viewed"), signer(2, status="declined")), ["1"]),
        ((signer(1, status="expired"), signer(2, status="started")), ["2"]),
        ((ANNA, COPY), []),
        ((), []),
    ],
)
def test_those_whose_turn_it_is_are_reminded(signers: tuple[Signer, ...], ids: list[str]) -> None:
    assert reminded(*signers) == ids


@pytest.mark.parametrize("status", ["completed", "declined", "voided", "expired", "deleted"])
def test_of_an_envelope_that_has_ended_nobody_is_reminded(status: str) -> None:
    assert reminded(BEN, status=status) == []


@pytest.mark.parametrize(
    ("to", "ids"),
    [
        (("company",), ["2"]),
        (("client",), []),
        (("role: director ",), ["2"]),
        (("signer:2",), ["2"]),
        (("signer:1",), []),
        (("client", "company"), ["2"]),
    ],
)
def test_of_those_that_the_rule_names_only_whose_turn_it_is(
    to: tuple[str, ...], ids: list[str]
) -> None:
    assert reminded(ANNA, BEN, KLARA, to=to) == ids


@pytest.mark.parametrize("to", ["role:Notary", "signer:9", "signer:4"])
def test_somebody_who_does_not_sign_cannot_be_reminded(to: str) -> None:
    with pytest.raises(PermanentError) as refused:
        reminded(ANNA, BEN, COPY, to=(to,))
    assert str(refused.value) == (
        f'to "{to}": the envelope has no such signer; correct it at the provider'
    )


@pytest.mark.parametrize(
    ("to", "says"),
    [
        ("clients", "did you mean client? expected"),
        ("responsible", "expected client, company, role:<name> or signer:<order>"),
        ("klara@kunde.example", "to write to anybody else, use send_email"),
        ("role:", "does not name signers"),
        ("signer:two", "does not name signers"),
    ],
)
def test_whoever_is_no_signer_is_refused_when_the_rule_is_written(to: str, says: str) -> None:
    with pytest.raises(ValidationError, match="signers") as refused:
        rule("remind_signer", to=[to])
    assert says in str(refused.value)
