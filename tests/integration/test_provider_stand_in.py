"""The stand-in of DocuSeal's API answers what the product asks, over a real connection."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from countersign.adapters.http.client import EgressPolicy, UrllibHttpClient
from countersign.adapters.memory.parameters.credentials import (
    MemoryApiTokens,
    MemoryCredentialStore,
)
from countersign.errors import PermanentError
from countersign.local.pdf import pdf
from countersign.local.provider_stand_in import ProviderStandIn
from countersign.local.servers import Answer, Call, serving
from countersign.model.connection import ConnectionCredentials
from countersign.model.document import Document
from countersign.model.signing_event import Signer
from countersign.use_cases.effects.provider_api import Accounts
from tests.integration.messages import EVENTS

AT = datetime(2026, 11, 16, 10, 0, tzinfo=UTC)
ANNA = Signer(id="9041", name="Anna Berger", email="anna.berger@acme.example", status="notified")
KLARA = Signer(id="9042", name="Klara Vogel", email="klara.vogel@kunde.example", status="waiting")


@dataclass(frozen=True, slots=True)
class Asked:
    """A stand-in that serves, and how the product asks it."""

    stand_in: ProviderStandIn
    address: str

    def tell(self, *examples: str) -> None:
        for example in examples:
            text = (EVENTS / "docuseal" / f"{example}.json").read_text()
            self.stand_in.take(json.loads(text)["body"])

    def accounts(self, token: str | None = None) -> Accounts:
        store = MemoryCredentialStore()
        store.put(
            ConnectionCredentials(
                connection="rent",
                provider="docuseal",
                pipeline="contracts",
                tokens=("t",),
                api_token=token or self.stand_in.token,
                api_url=self.address,
            )
        )
        web = UrllibHttpClient(EgressPolicy(private=True, loopback=True))
        return Accounts(web, MemoryApiTokens(store))


@pytest.fixture
def asked() -> Iterator[Asked]:
    stand_in = ProviderStandIn()
    with serving(stand_in) as address:
        asked = Asked(stand_in, address)
        asked.tell("submission.created")
        yield asked


def document(status: Any = "sent") -> Document:
    return Document(
        id="d1",
        pipeline="contracts",
        stage="sent",
        since=AT,
        created_at=AT,
        connection="rent",
        envelope="5821",
        status=status,
    )


def page(address: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - this machine
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_each_signer_gets_a_link_of_their_own_to_a_page_that_says_what_it_is(asked: Asked) -> None:
    accounts = asked.accounts()
    klara, anna = (accounts.signing_link(document(), one) for one in (KLARA, ANNA))
    assert klara != anna
    assert klara.startswith(f"{asked.address}/s/")
    status, text = page(klara)
    assert status == 200
    assert "Stand-in of the signing page" in text
    assert "Klara Vogel would sign “Rental agreement ACME and Kunde” here" in text
    assert "nothing can be signed on it" in text


def test_nobody_gets_a_link_who_has_signed(asked: Asked) -> None:
    asked.tell("form.completed_director")
    with pytest.raises(PermanentError, match="DocuSeal"):
        asked.accounts().signing_link(document(), ANNA)
    assert asked.accounts().signing_link(document(), KLARA)


def test_a_link_that_nobody_was_given_opens_nothing(asked: Asked) -> None:
    assert page(f"{asked.address}/s/guessed") == (404, "")
    assert page(f"{asked.address}/file/guessed.pdf") == (404, "")


def test_another_token_gets_no_link_and_no_file(asked: Asked) -> None:
    accounts = asked.accounts("withdrawn")
    with pytest.raises(PermanentError, match="did not accept the API token"):
        accounts.signing_link(document(), KLARA)
    with pytest.raises(PermanentError, match="did not accept the API token"):
        accounts.file(document(), "the unsigned document")


def test_the_files_are_those_of_the_submission_s_progress(asked: Asked) -> None:
    accounts = asked.accounts()
    unsigned = accounts.file(document(), "the unsigned document")
    assert unsigned == asked.stand_in.contract("5821")
    assert b"(An agreement of Anna Berger and Klara Vogel.)" in unsigned
    asked.tell("form.completed_director", "form.completed_client")
    signed, trail = (
        accounts.file(document("completed"), wanted)
        for wanted in ("the signed PDF", "the audit trail")
    )
    assert b"(Anna Berger, 2026-04-13T09:16:00.250Z)" in signed
    assert b"(Klara Vogel, 2026-04-14T12:45:31.900Z)" in signed
    assert b"klara.vogel@kunde.example  signed)" in trail
    assert len({unsigned, signed, trail}) == 3
    for file in (unsigned, signed, trail):
        assert b"(Stand-in of DocuSeal's API on this machine; not a signing service.)" in file


def test_a_file_is_the_same_however_often_it_is_fetched(asked: Asked) -> None:
    asked.tell("submission.completed")
    first, second = (
        asked.accounts().file(document("completed"), "the signed PDF") for _ in range(2)
    )
    assert first == second


def test_a_server_ends_while_a_connection_is_kept_open() -> None:
    class Greeting:
        def answer(self, call: Call) -> Answer:
            return Answer(body=call.body)

    with serving(Greeting()) as address:
        request = urllib.request.Request(address, data=b"hello")  # noqa: S310 - this machine
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - see above
            assert answer.read() == b"hello"
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(address, timeout=10)  # noqa: S310 - see above


@pytest.mark.parametrize("lines", [["One"], ["A (b) \\ c", "Müller & Söhne, 5 €", "日本"], []])
def test_a_pdf_is_one_whose_table_finds_every_object(lines: list[str]) -> None:
    """ISO 32000-1, 7.5.4: twenty bytes an entry, each with the place of its object."""
    file = pdf(lines)
    assert file.startswith(b"%PDF-1.4\n")
    assert file.endswith(b"%%EOF\n")
    place = int(file.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
    table = file[place:].split(b"trailer")[0]
    assert table.startswith(b"xref\n0 6\n")
    entries = table.removeprefix(b"xref\n0 6\n")
    assert len(entries) == 6 * 20
    for number in range(1, 6):
        begins = int(entries[number * 20 : number * 20 + 10])
        assert file[begins:].startswith(b"%d 0 obj\n" % number)
    (length, stream), *_ = re.findall(
        rb"/Length (\d+) >>\nstream\n(.*?)\nendstream", file, re.DOTALL
    )
    assert int(length) == len(stream)


def test_what_ends_a_text_in_a_pdf_is_escaped_and_foreign_letters_do_no_harm() -> None:
    file = pdf(["A (b) \\ c", "Grüße 日"])
    assert rb"(A \(b\) \\ c) Tj" in file
    assert b"(Gr\xfc\xdfe ?) Tj" in file
