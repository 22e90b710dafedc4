"""A provider is asked for a document's envelope, or it is said why it cannot be."""

from __future__ import annotations

from typing import Any

import pytest

from countersign.adapters.memory.parameters.credentials import (
    MemoryApiTokens,
    MemoryCredentialStore,
)
from countersign.adapters.memory.services.http_client import MemoryHttpClient
from countersign.errors import InDoubtError, PermanentError, TransientError
from countersign.model.connection import ConnectionCredentials
from countersign.model.document import Document
from countersign.model.http import WebAnswer, WebRequest
from countersign.simulation.world import START
from countersign.use_cases.effects.provider_api import Accounts

NOBODY = "the document has no envelope at a signing provider, so there is nobody to ask"
PDF = b"%PDF-1.7\n..."


def document(**more: Any) -> Document:
    """A document that all have signed."""
    given = {"connection": "c1", "envelope": "e1", "status": "completed", **more}
    return Document(
        id="d1", pipeline="contracts", stage="s", since=START, created_at=START, **given
    )


def accounts(*answers: WebAnswer | Exception) -> Accounts:
    """The accounts of one connection, whose provider answers so, one after the other."""
    left = list(answers)

    def answer(_: WebRequest) -> WebAnswer:
        one = left.pop(0)
        if isinstance(one, Exception):
            raise one
        return one

    store = MemoryCredentialStore()
    store.put(
        ConnectionCredentials(
            connection="c1",
            provider="dropbox_sign",
            pipeline="contracts",
            tokens=("token",),
            api_token="key",
        )
    )
    return Accounts(MemoryHttpClient(answer), MemoryApiTokens(store))


@pytest.mark.parametrize(
    "gone",
    [{"connection": None}, {"envelope": None}, {"connection": None, "envelope": None}],
)
def test_a_document_without_an_envelope_has_nobody_to_ask(gone: dict[str, None]) -> None:
    with pytest.raises(PermanentError) as raised:
        accounts().of(document(**gone), "reminders")
    assert str(raised.value) == NOBODY


def test_a_connection_without_a_token_is_told() -> None:
    with pytest.raises(PermanentError, match="there is no API token of the connection c2: it was"):
        accounts().of(document(connection="c2"), "reminders")


@pytest.mark.parametrize(
    ("more", "refused"),
    [
        ({}, False),
        ({"status": "sent", "files": ("signed_pdf",)}, False),
        ({"status": "completed", "files": ()}, False),
        ({"status": "sent"}, True),
        ({"status": None, "files": ("other",)}, True),
    ],
)
def test_the_pdf_of_what_is_not_signed_is_not_asked_for(
    more: dict[str, Any], refused: bool
) -> None:
    found = accounts(WebAnswer(status=200, body=PDF))
    if not refused:
        assert found.file(document(**more), "the signed PDF") == PDF
        return
    with pytest.raises(PermanentError, match="the document is not signed by all yet, so there"):
        found.file(document(**more), "the signed PDF")


@pytest.mark.parametrize("status", [200, 299])
def test_the_bytes_of_a_file_stay_as_they_come_though_the_token_is_among_them(status: int) -> None:
    content = PDF + b" (a2V5Og== is the token)"
    asked = accounts(WebAnswer(status=status, body=content))
    assert asked.file(document(), "the signed PDF") == content


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_that_does_not_count_is_told_with_who_can_change_it(status: int) -> None:
    with pytest.raises(PermanentError) as raised:
        accounts(WebAnswer(status=status)).file(document(), "the signed PDF")
    assert str(raised.value).startswith(
        f"Dropbox Sign did not accept the API token of the connection c1 ({status}); give it one"
    )


@pytest.mark.parametrize("status", [202, 409])
def test_a_file_that_is_still_being_made_is_asked_for_later(status: int) -> None:
    with pytest.raises(TransientError, match="Dropbox Sign is still making the signed PDF"):
        accounts(WebAnswer(status=status)).file(document(), "the signed PDF")


@pytest.mark.parametrize("status", [402, 404, 410])
def test_another_refusal_names_the_provider(status: int) -> None:
    with pytest.raises(PermanentError, match=f"^Dropbox Sign: .*{status}"):
        accounts(WebAnswer(status=status)).file(document(), "the signed PDF")


@pytest.mark.parametrize(
    "fault", [WebAnswer(status=502), WebAnswer(status=500), InDoubtError("no answer")]
)
def test_fetching_changes_nothing_so_that_it_is_tried_again(fault: Any) -> None:
    with pytest.raises(TransientError):
        accounts(fault).file(document(), "the signed PDF")


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("application/zip; name=x", "application/zip"),
        (None, "nothing"),
        ("a" * 81, "a" * 80),
    ],
)
def test_what_is_not_a_pdf_is_told_by_its_kind(kind: str | None, told: str) -> None:
    headers = {"content-type": kind} if kind else {}
    with pytest.raises(PermanentError) as raised:
        accounts(WebAnswer(status=200, body=b"PK", headers=headers)).file(
            document(), "the signed PDF"
        )
    assert str(raised.value).startswith(f"Dropbox Sign gave {told} where the signed PDF was")


@pytest.mark.parametrize(
    ("answer", "error", "text"),
    [
        (WebAnswer(status=200, body=PDF, unread="it broke off"), TransientError,
         "Dropbox Sign did not give the signed PDF: it broke off"),
        (WebAnswer(status=200, body=PDF, cut=True), TransientError,
         "Dropbox Sign did not give the whole signed PDF in time"),
    ],
)  # fmt: skip
def test_a_pdf_that_is_not_whole_is_not_taken(
    answer: WebAnswer, error: type[Exception], text: str
) -> None:
    with pytest.raises(error) as raised:
        accounts(answer).file(document(), "the signed PDF")
    assert str(raised.value) == text


def test_an_answer_does_not_repeat_the_token_it_was_given() -> None:
    found = accounts(WebAnswer(status=200, body=b"you sent Basic c2VjcmV0 for application/json"))
    headers = {"authorization": "Basic c2VjcmV0", "accept": "application/json", "empty": " "}
    answer = found.call(WebRequest(method="GET", url="https://x.example", headers=headers))
    assert answer.body == b"you sent Basic (its token) for application/json"


@pytest.mark.parametrize(
    ("header", "secrets"),
    [
        (
            'oauth_signature_method="PLAINTEXT", oauth_consumer_key="consumer-7", '
            'oauth_token="granted-8", oauth_signature="secret-of-7&secret-of-8"',
            ["consumer-7", "granted-8", "secret-of-7", "secret-of-8"],
        ),
        ("Basic YS1rZXktb2YtdGhlLWFjY291bnQ6", ["a-key-of-the-account"]),
        ("API-Key a-key-of-the-account", ["a-key-of-the-account"]),
        ("a-key-of-the-account", ["a-key-of-the-account"]),
        ("Basic !notbase64", ["!notbase64"]),
    ],
)
def test_no_part_of_a_token_is_repeated(header: str, secrets: list[str]) -> None:
    said = " / ".join(["in PLAINTEXT", *secrets])
    asked = accounts(WebAnswer(status=403, body=said.encode()))
    answer = asked.call(
        WebRequest(method="GET", url="https://api.example/x", headers={"authorization": header})
    )
    assert answer.body.decode() == " / ".join(["in PLAINTEXT", *["(its token)"] * len(secrets)])
