"""A mail goes with the files that it is to have, or does not go; nobody gets it twice for them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from countersign.adapters.memory.services.file_store import MemoryFileStore
from countersign.adapters.memory.services.http_client import MemoryHttpClient
from countersign.errors import TransientError
from countersign.model.actor import user
from countersign.model.connection import ConnectionCredentials
from countersign.model.erased_person import ErasedPerson
from countersign.model.http import WebAnswer, WebRequest
from countersign.model.message import Email
from countersign.model.run import Run
from countersign.model.stored_file import FileKind, StoredFile, announced
from countersign.simulation.world import World
from countersign.use_cases.documents.edit import NewDocument, make
from countersign.use_cases.documents.files import (
    FileUpload,
    complete_upload,
    follow_link,
    remove_file,
)
from tests.builders import connection, envelope, event, pipeline, signed, stage, trigger

ANNA = user("anna@acme.example")
KLARA = "klara@kunde.example"
SIGNED = b"%PDF-1.7 signed by all"


def sending(**settings: Any) -> dict[str, Any]:
    given = {
        "from": "contracts@acme.example",
        "to": [KLARA],
        "subject": "Your contract",
        "text": "Here it is.",
        "html": "<p>Here it is.</p>",
        **settings,
    }
    return {"id": "send", "kind": "send_email", "settings": given, "time": {"after": {"hours": 1}}}


def by_hand(*attachments: str, language: str = "en", **settings: Any) -> World:
    """A document without an envelope, whose rule mails these files in an hour."""
    here = World()
    here.publish(
        pipeline(
            stage("draft", sending(attachments=[*attachments], **settings)),
            senders=["contracts@acme.example"],
            language=language,
        )
    )
    make(here.store, NewDocument(id="d1", pipeline="contracts"), ANNA)
    return here


def add(
    here: World, name: str, content: bytes = b"%PDF-1.7", kind: FileKind = "contract"
) -> StoredFile:
    file = announced(name, kind, content)
    upload = FileUpload(document="d1", file=file, id=here.new_id(), replace=True)
    here.files.receive("d1", upload.id, content)
    return complete_upload(here.store, here.files, upload, ANNA, here.new_id)


def pdf(size: int) -> bytes:
    return b"%PDF-1.7".ljust(size, b"x")


def run(here: World, document: str = "d1", rule: str = "send") -> Run:
    return next(one for one in here.documents.runs(document) if one.rule == rule)


def sent(here: World) -> list[Email]:
    here.advance(timedelta(hours=2))
    return list(here.mailbox.sent)


def attached(mail: Email) -> list[tuple[str, str, bytes]]:
    return [(one.name, one.media_type, one.content) for one in mail.attachments]


def test_files_go_by_kind_and_by_name_in_the_order_of_the_rule() -> None:
    here = by_hand("file:price LIST.csv", "contract", "attachment")
    add(here, "Annex 2.png", b"\x89PNG\r\n\x1a\n2", "attachment")
    add(here, "Vertrag Müller.pdf", b"%PDF-1.7 contract")
    add(here, "Price list.csv", b"a;b", "invoice")
    add(here, "Annex 1.txt", b"one", "attachment")
    (mail,) = sent(here)
    assert attached(mail) == [
        ("Price list.csv", "text/csv", b"a;b"),
        ("Vertrag Müller.pdf", "application/pdf", b"%PDF-1.7 contract"),
        ("Annex 2.png", "image/png", b"\x89PNG\r\n\x1a\n2"),
        ("Annex 1.txt", "text/plain", b"one"),
    ]


def test_a_file_that_two_names_mean_goes_once() -> None:
    here = by_hand("contract", "document", "file:Contract.pdf")
    add(here, "Contract.pdf")
    (mail,) = sent(here)
    assert [one.name for one in mail.attachments] == ["Contract.pdf"]


@pytest.mark.parametrize(
    ("attachment", "reason"),
    [
        (
            "invoice",
            "the document has no invoice to attach; add one: countersign documents files add d1 "
            "FILE --kind invoice",
        ),
        (
            "file:Annex.pdf",
            'the document has no file "Annex.pdf" to attach; add it: countersign documents files '
            "add d1 FILE",
        ),
        (
            "document",
            "the document has no envelope at a signing provider, so there is nobody to ask",
        ),
        (
            "signed_pdf",
            "the document is not signed by all yet, so there is no signed PDF to attach; move the "
            "rule to a later stage, or give it a condition",
        ),
    ],
)
def test_a_mail_whose_file_is_missing_does_not_go(attachment: str, reason: str) -> None:
    here = by_hand("contract", attachment)
    add(here, "Offer.pdf", kind="offer")
    if attachment != "document":
        add(here, "Contract.pdf")
    else:
        here = by_hand(attachment)
    assert sent(here) == []
    assert (run(here).state, run(here).reason) == ("failed", reason)


def test_a_file_that_is_removed_before_the_time_has_come_is_missing() -> None:
    here = by_hand("contract")
    add(here, "Contract.pdf")
    here.advance(timedelta(minutes=59))
    remove_file(here.store, here.files, "d1", "Contract.pdf", ANNA)
    assert sent(here) == []
    assert (run(here).reason or "").startswith("the document has no contract to attach")


def test_a_file_whose_bytes_were_removed_from_the_bucket_is_missing() -> None:
    here = by_hand("contract")
    file = add(here, "Contract.pdf")
    here.files.remove("d1", file.id)
    assert sent(here) == []
    assert run(here).reason == (
        "the content of Contract.pdf is not in the bucket any more; add it again"
    )


def test_bytes_that_somebody_changed_in_the_bucket_do_not_go() -> None:
    here = by_hand("contract")
    file = add(here, "Contract.pdf")
    here.files.put("d1", file.id, b"%PDF-1.7 other terms")
    assert sent(here) == []
    assert (run(here).reason or "").startswith("Contract.pdf: the bucket has other bytes than")


def test_a_file_that_is_replaced_meanwhile_goes_as_it_is_at_the_time() -> None:
    here = by_hand("contract")
    add(here, "Contract.pdf")
    here.advance(timedelta(minutes=30))
    add(here, "Contract.pdf", b"%PDF-1.7 second draft")
    (mail,) = sent(here)
    assert [one.content for one in mail.attachments] == [b"%PDF-1.7 second draft"]


class Overtaken(MemoryFileStore):
    """Something else happens once, right before bytes are read."""

    before_reading: Callable[[], object] | None = None

    def get(self, document: str, file: StoredFile) -> bytes | None:
        work, self.before_reading = self.before_reading, None
        if work is not None:
            work()
        return super().get(document, file)


def overtaken(*attachments: str) -> tuple[World, Overtaken]:
    here, files = by_hand(*attachments), Overtaken()
    here.files = files
    add(here, "Contract.pdf")
    return here, files


def test_a_file_that_is_replaced_while_the_mail_is_made_goes_as_it_is_then() -> None:
    here, files = overtaken("contract")
    files.before_reading = lambda: add(here, "Contract.pdf", b"%PDF-1.7 second draft")
    (mail,) = sent(here)
    assert attached(mail) == [("Contract.pdf", "application/pdf", b"%PDF-1.7 second draft")]
    assert run(here).state == "done"


def test_one_of_two_files_that_is_replaced_while_the_mail_is_made_goes_with_the_other() -> None:
    here, files = overtaken("file:Price list.csv", "contract")
    add(here, "Price list.csv", b"a;1", "attachment")
    files.before_reading = lambda: add(here, "Price list.csv", b"a;2", "attachment")
    (mail,) = sent(here)
    assert [one.content for one in mail.attachments] == [b"a;2", b"%PDF-1.7"]


def test_a_file_that_is_removed_while_the_mail_is_made_is_missing() -> None:
    here, files = overtaken("contract")
    files.before_reading = lambda: remove_file(here.store, files, "d1", "Contract.pdf", ANNA)
    assert sent(here) == []
    assert (run(here).state, run(here).reason) == (
        "failed",
        "the document has no contract to attach; add one: countersign documents files add d1 "
        "FILE --kind contract",
    )


def test_attachments_may_have_seven_megabytes_together() -> None:
    here = by_hand("attachment")
    add(here, "A.pdf", pdf(4_000_000), "attachment")
    add(here, "B.pdf", pdf(3_000_000), "attachment")
    (mail,) = sent(here)
    assert sum(len(one.content) for one in mail.attachments) == 7_000_000


def test_more_fail_the_run_with_their_sizes() -> None:
    here = by_hand("attachment")
    add(here, "A.pdf", pdf(4_000_000), "attachment")
    add(here, "B.pdf", pdf(3_000_001), "attachment")
    assert sent(here) == []
    assert run(here).reason == (
        "the attachments have 7,000,001 bytes (A.pdf 4,000,000, B.pdf 3,000,001); expected at "
        "most 7,000,000 in a mail; have large files linked with large_files: link"
    )


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "Plan.pdf (6.5 MB, until 2026-03-09): "),
        ("de", "Plan.pdf (6.5 MB, bis 2026-03-09): "),
    ],
)
def test_the_largest_are_linked_where_the_rule_says_so(language: str, line: str) -> None:
    here = by_hand("attachment", language=language, large_files="link", link_days=7)
    add(here, "Small.pdf", pdf(1_000_000), "attachment")
    add(here, "Plan.pdf", pdf(6_500_000), "attachment")
    (mail,) = sent(here)
    assert [one.name for one in mail.attachments] == ["Small.pdf"]
    text, html = mail.text or "", mail.html or ""
    assert text.startswith("Here it is.\n\n")
    assert line in text
    address = text.rpartition(line)[2].strip()
    assert f'<a href="{address}">' in html
    assert line in html
    link = here.file_links.read(address.rpartition("/")[2])
    assert link is not None
    expiry = (link.expires_at - here.now).total_seconds() / 86_400
    assert 6.9 < expiry < 7
    target = follow_link(here.documents, here.files, link, here.now)
    assert target.address is not None
    later = follow_link(here.documents, here.files, link, here.now + timedelta(days=7))
    assert (later.address, later.expired) == (None, True)


def test_small_files_are_attached_even_where_large_ones_would_be_linked() -> None:
    here = by_hand("contract", large_files="link")
    add(here, "Contract.pdf")
    (mail,) = sent(here)
    assert (len(mail.attachments), mail.text) == (1, "Here it is.")


# --- what the provider made


def answering(*answers: WebAnswer | Exception) -> Callable[[WebRequest], WebAnswer]:
    """Answers in turn, the last for ever."""
    left = list(answers)

    def answer(request: WebRequest) -> WebAnswer:
        found = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(found, Exception):
            raise found
        return found

    return answer


WITH_TOKEN = ConnectionCredentials(
    connection="c1",
    provider="dropbox_sign",
    pipeline="contracts",
    tokens=("token",),
    api_token="key",
)


def given(content: bytes = SIGNED) -> WebAnswer:
    return WebAnswer(status=200, body=content, headers={"content-type": "application/pdf"})


def completed(
    *answers: WebAnswer | Exception, keep: tuple[str, ...] = ("signed_pdf",), rules: bool = True
) -> tuple[World, str]:
    """All have signed; the stage's rule mails the signed PDF in an hour."""
    here = World(web=MemoryHttpClient(answering(*answers)))
    rule = sending(attachments=["signed_pdf"])
    here.publish(
        pipeline(
            stage("draft"),
            stage("signed", *([rule] if rules else []), triggers=[trigger("signed_by_all")]),
            senders=["contracts@acme.example"],
        )
    )
    here.connect(connection(id="c1", provider="dropbox_sign", keep_files=keep), WITH_TOKEN)
    state = envelope("completed", signers=signed(KLARA))
    here.tell("c1", [event("document.completed", KLARA, state=state)])
    (document,) = here.documents.in_stage("contracts")
    return here, document.id


def kept(here: World, document: str) -> list[tuple[str, str, bytes | None]]:
    return [
        (file.name, file.kind, here.files.get(document, file))
        for file in here.store.document(document).stored_files
    ]


def keeping(here: World, document: str) -> list[Run]:
    return [one for one in here.documents.runs(document) if one.kind == "keep_file"]


def test_a_large_file_that_is_not_kept_cannot_be_linked() -> None:
    here = World(web=MemoryHttpClient(answering(given(pdf(7_000_001)))))
    rule = sending(attachments=["document"], large_files="link")
    here.publish(pipeline(stage("draft", rule), senders=["contracts@acme.example"]))
    here.connect(connection(id="c1", provider="dropbox_sign"), WITH_TOKEN)
    document = here.tell("c1", [event("document.sent", state=envelope())])
    here.advance(timedelta(hours=2))
    failed = run(here, document.id)
    assert failed.state == "failed"
    assert failed.reason is not None
    assert failed.reason.startswith("the attachments have 7,000,001 bytes")
    assert here.mailbox.sent == []


def test_the_signed_pdf_is_kept_as_soon_as_all_have_signed() -> None:
    here, document = completed(given(), rules=False)
    assert kept(here, document) == [("Service agreement.pdf", "signed_pdf", SIGNED)]
    (fetching,) = keeping(here, document)
    assert fetching.state == "done"
    assert fetching.result == {
        "file": "Service agreement.pdf",
        "sha256": hashlib.sha256(SIGNED).hexdigest(),
    }
    end = "provider:dropbox_sign document.completed > trigger:signed-by-all"
    assert fetching.cause == end
    (line,) = [line for line in here.documents.timeline(document) if line.kind == "file"]
    digest = hashlib.sha256(SIGNED).hexdigest()
    assert (line.by, line.text) == (
        "system",
        "the signed PDF of the provider is kept: Service agreement.pdf (signed PDF, 22 bytes, "
        f"SHA-256 {digest})",
    )


def test_the_mail_has_the_bytes_that_are_kept_whatever_the_provider_gives_later() -> None:
    here, _document = completed(given(), given(b"%PDF-1.7 printed anew"))
    (mail,) = sent(here)
    assert [one.content for one in mail.attachments] == [SIGNED]
    assert len(here.web.calls) == 1


def test_a_connection_that_keeps_nothing_plans_nothing() -> None:
    here, document = completed(given(), keep=(), rules=False)
    assert (keeping(here, document), kept(here, document), here.web.calls) == ([], [], [])


def test_what_a_mail_had_to_fetch_is_kept_from_then_on() -> None:
    here, document = completed(given(), given(b"%PDF-1.7 printed anew"), keep=())
    (mail,) = sent(here)
    assert [one.content for one in mail.attachments] == [SIGNED]
    assert [content for _, _, content in kept(here, document)] == [SIGNED]


def test_after_an_erasure_the_provider_is_not_asked_for_its_files() -> None:
    here, document = completed(given(), keep=())
    person = ErasedPerson(pseudonym="erased-0123456789ab", key="00", digests=())
    erased = here.store.document(document).model_copy(update={"erased": (person,)})
    here.state.documents[document] = erased
    here.advance(timedelta(hours=2))
    failed = run(here, document)
    assert (failed.state, here.mailbox.sent, here.web.calls) == ("failed", [], [])
    assert "personal data was erased from the document on request" in (failed.reason or "")


class KeptMeanwhile(MemoryFileStore):
    """Somebody else keeps the same file right after its bytes were put."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: list[Callable[[], object]] = []

    def put(self, document: str, file: str, content: bytes) -> None:
        super().put(document, file, content)
        if self.meanwhile:
            self.meanwhile.pop()()


def test_of_two_who_fetch_it_at_once_both_have_what_the_first_has_kept() -> None:
    here, document = completed(given(b"%PDF-1.7 late"), given(), keep=(), rules=False)
    here.files = files = KeptMeanwhile()
    first: list[StoredFile] = []
    files.meanwhile.append(
        lambda: first.append(here.attachments.kept.kept(here.document(document), "signed_pdf"))
    )
    second = here.attachments.kept.kept(here.document(document), "signed_pdf")
    assert [second] == first
    assert [content for _, _, content in kept(here, document)] == [SIGNED]


def test_while_the_provider_does_not_give_it_is_fetched_again() -> None:
    here, document = completed(
        TransientError("no connection"), WebAnswer(status=409), given(), rules=False
    )
    assert kept(here, document) == []
    here.advance(timedelta(minutes=10))
    assert [content for _, _, content in kept(here, document)] == [SIGNED]
    assert [one.state for one in keeping(here, document)] == ["done"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (WebAnswer(status=401), "did not accept the API token of the connection c1 (401)"),
        (WebAnswer(status=404), "Dropbox Sign: the address refused the call with 404"),
        (
            WebAnswer(status=200, body=b"<html>", headers={"content-type": "text/html"}),
            "Dropbox Sign gave text/html where the signed PDF was expected",
        ),
        (WebAnswer(status=200, body=b""), "Dropbox Sign gave nothing where the signed PDF was"),
        (
            WebAnswer(status=200, body=pdf(50_000_000), cut=True),
            "the signed PDF of Dropbox Sign has more than 50,000,000 bytes",
        ),
    ],
)
def test_what_cannot_be_fetched_is_a_failed_run_that_a_person_can_resolve(
    answer: WebAnswer, reason: str
) -> None:
    here, document = completed(answer, rules=False)
    (fetching,) = keeping(here, document)
    assert fetching.state == "failed"
    assert reason in (fetching.reason or "")
    assert kept(here, document) == []


def test_an_envelope_that_tells_its_end_twice_is_fetched_once() -> None:
    here, document = completed(given(), rules=False)
    state = envelope("completed", signers=signed(KLARA))
    here.tell("c1", [event("document.artifact_ready", state=state, key="ready")])
    assert len(keeping(here, document)) == 1
    assert len(here.web.calls) == 1


def test_conditions_know_which_files_there_are() -> None:
    here, document = completed(given(), rules=False)
    assert here.store.document(document).file_kinds == ("signed_pdf",)
    here = by_hand("contract")
    assert here.store.document("d1").file_kinds == ()
    add(here, "Contract.pdf")
    add(here, "Annex.pdf", kind="attachment")
    add(here, "Annex 2.pdf", kind="attachment")
    assert here.store.document("d1").file_kinds == ("contract", "attachment")


def test_the_signed_pdf_beside_a_contract_of_its_name_says_which_it_is() -> None:
    here, document = completed(
        TransientError("no connection"), given(), given(b"%PDF-1.7 2"), rules=False
    )
    contract = b"%PDF-1.7 unsigned"
    file = announced("Service agreement.pdf", "contract", contract)
    upload = FileUpload(document=document, file=file, id="u1")
    here.files.receive(document, "u1", contract)
    complete_upload(here.store, here.files, upload, ANNA, here.new_id)
    here.advance(timedelta(minutes=10))
    assert [(name, kind) for name, kind, _ in kept(here, document)] == [
        ("Service agreement.pdf", "contract"),
        ("Service agreement - signed.pdf", "signed_pdf"),
    ]
