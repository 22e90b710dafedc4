"""What ``ports.Senders`` promises, kept by SES's adapter and its twin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError, NoCredentialsError
from botocore.stub import Stubber

from countersign.adapters.memory.services.senders import MemorySenders
from countersign.adapters.ses.senders import SesSenders
from countersign.ports import Senders

Make = Callable[[dict[str, bool]], Senders]


@pytest.fixture(params=["memory", "ses"])
def senders(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Make:
    """A mail service with these identities, each verified or not yet."""
    if request.param == "memory":
        return lambda known: MemorySenders(
            [name for name, is_verified in known.items() if is_verified]
        )
    client = new_client()

    def make(known: dict[str, bool]) -> Senders:
        def get(*, EmailIdentity: str) -> dict[str, Any]:
            if EmailIdentity not in known:
                raise client.exceptions.NotFoundException(
                    {"Error": {"Code": "NotFoundException", "Message": "none"}}, "GetEmailIdentity"
                )
            return {"VerifiedForSendingStatus": known[EmailIdentity]}

        monkeypatch.setattr(client, "get_email_identity", get)
        return SesSenders(lambda: client)

    return make


def new_client() -> Any:
    """A client without rights anywhere."""
    return boto3.client(
        "sesv2",
        region_name="eu-central-1",
        aws_access_key_id="none",
        aws_secret_access_key="none",
    )


@pytest.mark.parametrize(
    ("known", "verified"),
    [
        ({}, False),
        ({"contracts@mail.acme.example": True}, True),
        ({"contracts@mail.acme.example": False}, False),
        ({"mail.acme.example": True}, True),
        ({"acme.example": True}, True),
        ({"contracts@mail.acme.example": False, "acme.example": True}, True),
        ({"acme.example": False}, False),
        ({"sales@mail.acme.example": True}, False),
        ({"cme.example": True}, False),
        ({"ail.acme.example": True}, False),
    ],
)
def test_an_address_is_verified_by_itself_or_by_a_domain_above_it(
    senders: Make, known: dict[str, bool], verified: bool
) -> None:
    assert senders(known).verified("contracts@mail.acme.example") is verified


def test_what_ses_does_not_say_is_not_known() -> None:
    client = new_client()
    with Stubber(client) as stubber:
        stubber.add_response("get_email_identity", {"IdentityType": "EMAIL_ADDRESS"})
        assert SesSenders(lambda: client).verified("contracts@acme.example") is None


@pytest.mark.parametrize("code", ["AccessDeniedException", "TooManyRequestsException"])
def test_an_answer_that_is_refused_is_not_known(code: str) -> None:
    client = new_client()
    with Stubber(client) as stubber:
        stubber.add_client_error("get_email_identity", code)
        assert SesSenders(lambda: client).verified("contracts@acme.example") is None


@pytest.mark.parametrize(
    "error", [NoCredentialsError(), EndpointConnectionError(endpoint_url="https://ses.example")]
)
def test_no_aws_is_not_known(error: Exception) -> None:
    def fail() -> Any:
        raise error

    assert SesSenders(fail).verified("contracts@acme.example") is None


@pytest.mark.parametrize("allowed", [True, False])
def test_whether_mails_go_to_anybody_is_told(allowed: bool) -> None:
    client = new_client()
    with Stubber(client) as stubber:
        stubber.add_response("get_account", {"ProductionAccessEnabled": allowed})
        assert SesSenders(lambda: client).may_send_to_anybody() is allowed
    assert MemorySenders(to_anybody=allowed).may_send_to_anybody() is allowed


def test_an_account_that_is_not_told_is_not_known() -> None:
    client = new_client()
    with Stubber(client) as stubber:
        stubber.add_response("get_account", {})
        stubber.add_client_error("get_account", "AccessDeniedException")
        assert SesSenders(lambda: client).may_send_to_anybody() is None
        assert SesSenders(lambda: client).may_send_to_anybody() is None
    assert MemorySenders().may_send_to_anybody() is None


def test_a_twin_that_was_told_nothing_knows_nothing() -> None:
    assert MemorySenders().verified("contracts@acme.example") is None


@pytest.mark.parametrize(
    ("known", "verified"),
    [
        ({}, False),
        ({"mail.acme.example": True}, True),
        ({"mail.acme.example": False}, False),
        ({"acme.example": True}, True),
        ({"contracts@mail.acme.example": True}, False),
        ({"ail.acme.example": True}, False),
    ],
)
def test_a_domain_is_verified_by_itself_or_by_one_above_it(
    senders: Make, known: dict[str, bool], verified: bool
) -> None:
    assert senders(known).verified("mail.acme.example") is verified
