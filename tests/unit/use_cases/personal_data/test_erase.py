"""Erasing a person from documents: nothing names the person any more, and everything goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from countersign.adapters.memory.services.mailer import MemoryMailer
from countersign.adapters.memory.tables.process.state import MemoryDocuments
from countersign.engine.runs.lifecycle import update
from countersign.errors import (
    ConflictError,
    InDoubtError,
    NotFoundError,
    PermanentError,
    StaleRunError,
    UnavailableError,
)
from countersign.model.actor import user
from countersign.model.log import LogEntry
from countersign.model.mail_event import MailEvent
from countersign.model.message import Email
from countersign.model.run import Run
from countersign.model.signing_event import SignerRef
from countersign.model.stored_file import announced
from countersign.model.transaction import Transaction
from countersign.rules.base import Edit
from countersign.simulation.world import START, World
from countersign.use_cases.documents.edit import NewDocument, make
from countersign.use_cases.documents.verify import verify
from countersign.use_cases.messages.mail_events import read_reported, record_mail_event
from countersign.use_cases.personal_data import erase as erase_module
from countersign.use_cases.personal_data.erase import (
    DataEraser,
    Erasure,
    Subject,
    documents_of,
    erase_person,
    pseudonym_in,
)
from tests.builders import (
    ANNA,
    KLARA,
    connection,
    envelope,
    event,
    mail,
    pipeline,
    run_of,
    stage,
    states,
    subjects,
    trigger,
)

KEY = "5a" * 16
PSEUDONYM = "erased-2b5c8e6d1f4a"
NAMES = {"title": "Contract of Klara Kundin", "number": "K-1"}
SIGNERS = [
    {"id": "1", "name": "Anna Berg", "email": ANNA, "order": 1},
    {"id": "2", "name": "Klara Kundin", "email": KLARA, "order": 2, "phone": "+49 170 1234567"},
]
TASK = {
    "id": "check",
    "kind": "create_task",
    "execution": "independent",
    "settings": {
        "title": "Call {{ signer.name }}",
        "assignee": ANNA,
        "text": "At {{ signer.email }}",
    },
}


def with_rules(*rules: dict[str, Any], mailbox: MemoryMailer | None = None) -> World:
    """A world in which Klara was sent an envelope, and these rules ran."""
    here = World(mailbox=mailbox)
    here.publish(
        pipeline(
            stage("draft"),
            stage("sent", *rules, triggers=[trigger("sent")]),
            stage("signed", triggers=[trigger("signed_by_client")]),
            senders=["contracts@acme.example"],
        )
    )
    here.connect(connection(parties={"company_domains": ["acme.example"]}))
    tell(here, "document.sent")
    return here


def tell(here: World, kind: str, who: str | None = None, minute: int = 0, **more: Any) -> None:
    state = envelope(**{"title": NAMES["title"], "signers": SIGNERS, **more})
    signer = SignerRef(email=who, name="Klara Kundin") if who else None
    told = event(kind, who, minute=minute, state=state)
    here.receive("docusign", [told.model_copy(update={"signer": signer})])
    here.settle()


def the(here: World) -> str:
    (document,) = here.state.documents
    return document


def erase(here: World, subject: Subject | None = None, **more: Any) -> Erasure:
    eraser = DataEraser(store=here.store, files=here.files, key=KEY)
    return erase_person(
        replace(eraser, **more), the(here), subject or Subject(address=KLARA), user(ANNA)
    )


def said(here: World) -> str:
    """Everything that is kept, as text."""
    state = here.state
    kept = (state.documents, state.runs, state.logs, state.tasks, state.events)
    return repr(kept).casefold()


def names_klara(here: World) -> list[str]:
    everything = said(here)
    return [one for one in ("klara@kunde", "klara kundin", "1234567") if one in everything]


def test_nothing_that_is_kept_names_the_person() -> None:
    here = with_rules(mail("hello"), TASK)
    tell(here, "document.viewed", KLARA, minute=5)
    document = the(here)
    here.edit(
        document, Edit(comment=f"Frau Klara  KUNDIN <{KLARA}> called, +49 (0)170/1234567."), by=ANNA
    )
    assert names_klara(here) == ["klara@kunde", "klara kundin", "1234567"]
    found = erase(here)
    assert names_klara(here) == []
    assert found.running == ()
    known = here.document(document)
    klara = known.signer("2")
    assert klara is not None
    assert (klara.name, klara.email, klara.phone) == (
        found.pseudonym,
        f"{found.pseudonym}@erased.invalid",
        found.pseudonym,
    )
    assert (klara.status, klara.party, klara.order) == ("viewed", "client", 2)
    assert klara.viewed_at == START + timedelta(minutes=5)
    assert known.title == f"Contract of {found.pseudonym}"
    entries = here.documents.timeline(document)
    (comment,) = [one.text for one in entries if one.kind == "commented"]
    assert comment == (
        f"Frau {found.pseudonym} <{found.pseudonym}@erased.invalid> called, {found.pseudonym}."
    )
    assert (entries[-1].kind, entries[-1].text) == (
        "erased",
        "personal data of a signer was erased by anna@acme.example",
    )
    (task,) = here.documents.tasks(document)
    assert task.title == f"Call {found.pseudonym}"
    assert all(one.raw is None for one in here.documents.events(document))


def test_the_timeline_is_still_proven() -> None:
    here = with_rules(mail("hello"))
    tell(here, "document.viewed", KLARA, minute=5)
    before = verify(here.documents, the(here))
    found = erase(here)
    after = verify(here.documents, the(here), wanted=before.hash)
    assert (after.holds, after.entries) == (True, before.entries + 1)
    assert after.erased == found.entries > 0


def test_others_are_left_as_they_are() -> None:
    here = with_rules(mail("hello"))
    before = here.document(the(here)).signer("1")
    erase(here)
    assert here.document(the(here)).signer("1") == before
    assert "anna berg" in said(here)


def test_erasing_again_changes_nothing_more() -> None:
    here = with_rules(mail("hello"))
    first = erase(here)
    state = said(here)
    again = erase(here, key="77" * 16)
    assert (again.pseudonym, again.entries, again.files) == (first.pseudonym, 0, 0)
    assert said(here) == state


def test_a_later_message_of_the_provider_brings_nothing_back() -> None:
    here = with_rules()
    erase(here)
    tell(here, "signer.signed", KLARA, minute=9, signers=signed_by_klara())
    known = here.document(the(here))
    assert names_klara(here) == []
    assert (known.stage, known.title) == ("signed", f"Contract of {known.erased[0].pseudonym}")
    assert [(one.id, one.status, one.party) for one in known.signers] == [
        ("1", "waiting", "company"),
        ("2", "signed", "client"),
    ]


def signed_by_klara() -> list[dict[str, Any]]:
    at = START + timedelta(minutes=9)
    return [SIGNERS[0], SIGNERS[1] | {"status": "signed", "signed_at": at}]


def test_a_message_that_came_before_is_known_when_it_comes_again() -> None:
    here = with_rules()
    tell(here, "document.viewed", KLARA, minute=5)
    entries = len(here.documents.timeline(the(here)))
    erase(here)
    tell(here, "document.viewed", KLARA, minute=5)
    assert len(here.documents.timeline(the(here))) == entries + 1
    assert names_klara(here) == []


def test_a_signer_without_an_id_of_the_provider_is_known_again() -> None:
    here = with_rules()
    document = the(here)
    own = [{key: value for key, value in one.items() if key != "id"} for one in SIGNERS]
    here.state.documents.clear()
    here.state.logs.clear()
    here.state.events.clear()
    here.state.aliases.clear()
    tell(here, "document.sent", signers=own)
    assert {one.id for one in here.document(document).signers} == {ANNA, KLARA}
    erase(here)
    tell(here, "signer.signed", KLARA, minute=9, signers=own)
    known = here.document(document)
    assert len(known.signers) == 2
    assert known.stage == "signed"
    assert names_klara(here) == []


def test_no_mail_goes_to_the_person_any_more() -> None:
    here = with_rules(mail("later", time={"after": {"days": 1}}))
    erase(here)
    here.advance(timedelta(days=2))
    run = run_of(here, here.document(the(here)), "later")
    assert (run.state, run.reason) == (
        "skipped",
        "the recipient's personal data was erased on request",
    )
    assert subjects(here) == []


def test_of_several_signers_the_others_get_their_mails() -> None:
    rule = mail("all", time={"after": {"days": 1}})
    rule["settings"]["to"] = ["unsigned"]
    here = with_rules(rule)
    erase(here)
    here.advance(timedelta(days=2))
    assert [one.to for one in here.mailbox.sent] == [(ANNA,)]
    run = run_of(here, here.document(the(here)), "all")
    assert run.state == "done"
    assert [one.state for one in run.mails] == ["sent", "left_out"]
    assert names_klara(here) == []


def test_who_gets_a_copy_gets_none_and_the_mail_goes_to_the_others() -> None:
    rule = mail("copy", time={"after": {"days": 1}})
    rule["settings"] |= {"to": ["company"], "cc": ["client"]}
    here = with_rules(rule)
    erase(here)
    here.advance(timedelta(days=2))
    (sent,) = here.mailbox.sent
    assert (sent.to, sent.cc) == ((ANNA,), ())


class ErasingMailer(MemoryMailer):
    """The person is erased while a mail is on its way."""

    here: World
    erased: list[Erasure]

    def send(self, email: Email) -> str:
        message_id = super().send(email)
        if not self.erased:
            self.erased.append(erase(self.here))
        return message_id


def test_a_mail_that_was_on_its_way_had_gone_and_its_run_says_so() -> None:
    mailbox = ErasingMailer()
    mailbox.erased = []
    here = with_rules(mail("hello", time={"after": {"minutes": 1}}), mailbox=mailbox)
    mailbox.here = here
    here.advance(timedelta(minutes=2))
    (first,) = mailbox.erased
    document = here.document(the(here))
    assert first.running == (f"{document.id}.2.hello",)
    assert run_of(here, document, "hello").state == "done"
    assert subjects(here) == ["hello"]
    second = erase(here)
    assert second.running == ()
    assert names_klara(here) == []
    run = run_of(here, document, "hello")
    assert (run.state, run.result["to"]) == ("done", f"{first.pseudonym}@erased.invalid")


def test_of_several_mails_those_that_were_not_begun_do_not_go() -> None:
    mailbox = ErasingMailer()
    mailbox.erased = []
    rule = mail("all", time={"after": {"minutes": 1}})
    rule["settings"]["to"] = ["unsigned"]
    here = with_rules(rule, mailbox=mailbox)
    mailbox.here = here
    here.advance(timedelta(minutes=2))
    assert [one.to for one in here.mailbox.sent] == [(ANNA,)]
    run = run_of(here, here.document(the(here)), "all")
    assert [(one.state, one.reason) for one in run.mails] == [
        ("sent", None),
        ("left_out", "erased on request"),
    ]
    erase(here)
    assert names_klara(here) == []


class ErasingDocuments(MemoryDocuments):
    """The person is erased right before the first change that brings a run into a state."""

    def __init__(self, here: World, state: str = "running") -> None:
        super().__init__(here.state)
        self._here = here
        self._when = state
        self._erased = False

    def commit(self, change: Transaction) -> None:
        if not self._erased and any(one.run.state == self._when for one in change.updates):
            self._erased = True
            here = self._here
            here.documents = MemoryDocuments(here.state)
            erase(here)
        super().commit(change)


@pytest.mark.parametrize("on_leave", ["cancel", "keep"])
def test_a_mail_that_was_made_and_not_claimed_does_not_go(on_leave: str) -> None:
    here = with_rules(mail("hello", time={"after": {"minutes": 1}}, on_leave=on_leave))
    here.documents = ErasingDocuments(here)
    here.advance(timedelta(minutes=2))
    assert subjects(here) == []
    assert states(here, the(here))["hello"] == "skipped"
    assert names_klara(here) == []


def test_what_the_mail_service_reports_later_names_nobody() -> None:
    here = with_rules(mail("hello"))
    (sent,) = here.mailbox.sent
    erase(here)
    report = MailEvent(
        kind="bounced",
        at=here.now,
        message_id=run_of(here, here.document(the(here)), "hello").result["message_id"],
        run=sent.run,
        pipeline="contracts",
        recipients=(KLARA,),
        detail=f"550 <{KLARA}>: no such user",
    )
    assert record_mail_event(here.recorder, report) == "recorded"
    assert record_mail_event(here.recorder, report) == "duplicate"
    assert names_klara(here) == []
    last = here.documents.timeline(the(here))[-1]
    pseudonym = here.document(the(here)).erased[0].pseudonym
    assert last.text == f"the mail of hello to {pseudonym}@erased.invalid came back"
    assert last.signer == f"{pseudonym}@erased.invalid"


def add_files(here: World) -> str:
    document = the(here)
    files = [
        announced("contract.pdf", "contract", b"%PDF-1").stored("f-1", at=START, by=ANNA),
        announced("invoice Klara Kundin.pdf", "invoice", b"%PDF-1").stored(
            "f-2", at=START, by=ANNA
        ),
    ]
    for file in files:
        here.files.put(document, file.id, b"%PDF-1")
    known = here.document(document)
    here.state.documents[document] = known.model_copy(update={"stored_files": tuple(files)})
    return document


def test_all_files_go_unless_their_kind_is_kept() -> None:
    here = with_rules()
    document = add_files(here)
    contract, invoice = here.document(document).stored_files
    found = erase(here, keep_files=frozenset({"invoice"}))
    assert found.files == 1
    (left,) = here.document(document).stored_files
    assert (left.id, left.name) == (invoice.id, f"invoice {found.pseudonym}.pdf")
    assert here.files.get(document, contract) is None
    assert here.files.get(document, invoice) == b"%PDF-1"
    last = here.documents.timeline(document)[-1]
    assert (
        last.text == "personal data of a signer was erased by anna@acme.example, and 1 file removed"
    )


def test_files_of_the_provider_are_not_fetched_again() -> None:
    here = with_rules()
    here.connect(
        connection(parties={"company_domains": ["acme.example"]}, keep_files=["signed_pdf"])
    )
    erase(here)
    tell(here, "document.completed", minute=20, status="completed", signers=signed_by_klara())
    here.advance(timedelta(days=1))
    (run,) = [one for one in here.documents.runs(the(here)) if one.kind == "keep_file"]
    assert run.state == "skipped"
    assert run.reason is not None
    assert run.reason.startswith("personal data was erased from the document on request")


def test_a_signer_without_an_address_is_erased_by_id() -> None:
    here = with_rules()
    by_phone = [SIGNERS[0], {key: one for key, one in SIGNERS[1].items() if key != "email"}]
    tell(here, "signer.updated", minute=2, signers=by_phone)
    known = here.document(the(here))
    by_phone_now = tuple(one.model_copy(update={"email": None}) for one in known.signers[1:])
    here.state.documents[known.id] = known.model_copy(
        update={"signers": (*known.signers[:1], *by_phone_now)}
    )
    found = erase(here, Subject(signer="2"))
    klara = here.document(known.id).signer("2")
    assert klara is not None
    assert (klara.name, klara.phone, klara.email) == (found.pseudonym, found.pseudonym, None)
    assert erase(here, Subject(signer="2")).pseudonym == found.pseudonym
    assert "1234567" not in said(here)


def test_further_names_are_erased_too() -> None:
    here = with_rules()
    here.edit(the(here), Edit(comment="Frau Kundin-Meier and K. Meier"), by=ANNA)
    erase(here)
    assert "kundin-meier" in said(here)
    found = erase(here, Subject(address=KLARA, names=("Frau Kundin-Meier", "K. Meier")))
    assert "meier" not in said(here)
    (comment,) = [one.text for one in here.documents.timeline(the(here)) if one.kind == "commented"]
    assert comment == f"{found.pseudonym} and {found.pseudonym}"


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"responsible": KLARA}, "is responsible for"),
        ({"observers": (KLARA,)}, "observes"),
    ],
)
def test_who_is_in_charge_is_not_erased(values: dict[str, Any], told: str) -> None:
    here = with_rules()
    known = here.document(the(here))
    here.state.documents[known.id] = known.model_copy(update=values)
    with pytest.raises(PermanentError, match=f"the person {told} the document"):
        erase(here)
    assert here.document(known.id).erased == ()


def test_who_has_an_open_task_is_not_erased_before_it_is_given_to_somebody_else() -> None:
    task = {**TASK, "settings": {"title": "Check", "assignee": KLARA}}
    here = with_rules(task)
    with pytest.raises(PermanentError, match=r"has the open task 2\.check of the document"):
        erase(here)


def test_somebody_whom_the_document_does_not_name_is_not_found() -> None:
    here = with_rules()
    with pytest.raises(NotFoundError, match="does not name that person"):
        erase(here, Subject(address="nobody@kunde.example"))
    with pytest.raises(NotFoundError, match="does not name that person"):
        erase(here, Subject(signer="9"))
    assert here.document(the(here)).erased == ()


def test_the_documents_of_a_person_are_found_whatever_part_names_them() -> None:
    here = with_rules()
    for name, values in (
        ("d-title", {"title": f"Offer to {KLARA.upper()}"}),
        ("d-other", {"title": "Offer to klara@kunde.example.org"}),
    ):
        make(here.store, NewDocument(id=name, pipeline="contracts", values=values), user(ANNA))
    subject = Subject(address=KLARA)
    found = sorted(documents_of(here.documents, here.pipelines, subject))
    assert found == sorted([the_envelopes(here), "d-title"])
    eraser = DataEraser(store=here.store, files=here.files, key=KEY)
    pseudonyms = {erase_person(eraser, one, subject, user(ANNA)).pseudonym for one in found}
    assert len(pseudonyms) == 1
    # Who was erased is found again, so that what was interrupted can be finished.
    assert sorted(documents_of(here.documents, here.pipelines, subject)) == found
    assert names_klara(here) == ["klara@kunde"]  # of the other address


def the_envelopes(here: World) -> str:
    return next(one.id for one in here.state.documents.values() if one.envelope)


class Interrupted(MemoryDocuments):
    """The database goes away after so many changes."""

    def __init__(self, here: World, left: int) -> None:
        super().__init__(here.state)
        self._left = left

    def commit(self, change: Transaction) -> None:
        if not self._left:
            raise UnavailableError("the database gives no answer")
        self._left -= 1
        super().commit(change)


class Talkative(MemoryDocuments):
    """Somebody who has read the document before goes on naming the person, so many times."""

    def __init__(self, here: World, times: int) -> None:
        super().__init__(here.state)
        self._logs = here.state.logs[the(here)]
        self._times = times

    def runs(self, document: str, entry: int | None = None) -> tuple[Run, ...]:
        if self._times:
            self._times -= 1
            part = self._logs[-1]
            line = part.entries[-1].model_copy(update={"text": f"{self._times}: {KLARA}"})
            self._logs[-1] = part.model_copy(update={"entries": (*part.entries[:-1], line)})
        return super().runs(document, entry)


@pytest.mark.parametrize(("times", "is_done"), [(1, True), (7, True), (8, False), (99, False)])
def test_a_document_in_which_others_go_on_naming_the_person_is_looked_through_again(
    times: int, is_done: bool
) -> None:
    here = with_rules()
    store = replace(here.store, documents=Talkative(here, times))
    if is_done:
        erase(here, store=store)
        assert names_klara(here) == []
    else:
        with pytest.raises(ConflictError, match="keeps changing, and names the person each time"):
            erase(here, store=store)


@pytest.mark.parametrize("left", range(5))
def test_what_was_interrupted_is_finished_by_erasing_again(left: int) -> None:
    here = with_rules(mail("hello"), TASK)
    document = add_files(here)
    contract = here.document(document).stored_files[0]
    store = replace(here.store, documents=Interrupted(here, left))
    finished = True
    try:
        erase(here, store=store)
    except UnavailableError:
        finished = False
    assert finished == (left > 3)
    erase(here)
    assert names_klara(here) == []
    assert here.files.get(document, contract) is None
    assert verify(here.documents, document).holds


def test_a_long_timeline_is_erased_in_several_steps() -> None:
    here = with_rules()
    document = the(here)
    for number in range(250):
        here.edit(document, Edit(comment=f"{number}: {KLARA}"), by=ANNA)
    version = here.document(document).version
    assert erase(here).entries >= 250
    assert names_klara(here) == []
    assert here.document(document).version == version + 1 + 3
    assert verify(here.documents, document).holds


def test_reports_of_a_batch_continue_the_hashes_of_each_other() -> None:
    here = with_rules(mail("hello"))
    (sent,) = here.mailbox.sent
    message_id = run_of(here, here.document(the(here)), "hello").result["message_id"]
    given = {"at": here.now, "message_id": message_id, "run": sent.run, "pipeline": "contracts"}
    reports = [
        MailEvent.model_validate({**given, "kind": kind, "recipients": (KLARA,)})
        for kind in ("delivered", "opened", "clicked")
    ]
    known = read_reported(here.recorder, reports)
    for report in reports:
        assert record_mail_event(here.recorder, report, known=known) == "recorded"
    assert verify(here.documents, the(here)).problems == ()


class SilentMailer(MemoryMailer):
    """Takes mails and never answers."""

    def send(self, email: Email) -> str:
        super().send(email)
        raise InDoubtError("no answer came")


def test_a_report_that_was_read_before_names_nobody_either() -> None:
    here = with_rules(mail("hello"), mailbox=SilentMailer())
    (sent,) = here.mailbox.sent
    report = MailEvent(
        kind="sent",
        at=here.now,
        message_id="m-9",
        run=sent.run,
        pipeline="contracts",
        recipients=(KLARA,),
    )
    known = read_reported(here.recorder, [report])
    erase(here)
    assert record_mail_event(here.recorder, report, known=known) == "resolved"
    run = run_of(here, here.document(the(here)), "hello")
    assert run.state == "done"
    assert names_klara(here) == []


def test_who_has_read_a_run_before_cannot_write_it_back() -> None:
    here = with_rules(mail("hello"))
    before = run_of(here, here.document(the(here)), "hello")
    assert before.result["to"] == KLARA
    erase(here)
    with pytest.raises(StaleRunError):
        here.documents.commit(Transaction(updates=(update(before, before),)))
    again = run_of(here, here.document(the(here)), "hello")
    assert (again.state, again.concluded_at) == ("done", before.concluded_at)


def test_a_reason_that_was_found_before_names_nobody() -> None:
    rule = mail("bad", time={"after": {"minutes": 1}})
    condition = {"field": "title", "op": "equals", "value": "Another"}
    here = with_rules(rule | {"condition": condition})
    here.documents = ErasingDocuments(here, "skipped")
    here.advance(timedelta(minutes=2))
    assert states(here, the(here))["bad"] == "skipped"
    assert names_klara(here) == []


def test_who_signs_for_the_company_still_does() -> None:
    carl = {"id": "3", "name": "Carl Chef", "email": "carl@acme.example", "order": 3}
    here = with_rules()
    tell(here, "document.viewed", KLARA, minute=1, signers=[*SIGNERS, carl])
    erase(here, Subject(address="carl@acme.example"))
    tell(here, "document.viewed", KLARA, minute=5, signers=[*SIGNERS, carl])
    assert [one.party for one in here.document(the(here)).signers] == [
        "company",
        "client",
        "company",
    ]


def test_the_line_that_tells_of_an_erasure_says_who_did_it_and_when() -> None:
    here = with_rules()
    tell(here, "document.viewed", KLARA, minute=5)
    here.now = START + timedelta(hours=3)
    erase(here)
    assert here.documents.timeline(the(here))[-1] == LogEntry(
        at=START + timedelta(hours=3),
        kind="erased",
        text="personal data of a signer was erased by anna@acme.example",
        by=ANNA,
        entry=2,
        cause=ANNA,
    )


def test_a_step_writes_so_many_bytes_of_timeline_and_one_part_at_least(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(erase_module, "STEP_BYTES", 3_000)
    here = with_rules()
    document = the(here)
    for size in (1_000, 1_000, 1_000, 4_000, 1_000):
        here.edit(document, Edit(comment=f"{KLARA} " + "so " * (size // 3)), by=ANNA)
    version = here.document(document).version
    erase(here)
    # What came with the envelope; two comments; one; the longest alone; the last.
    assert here.document(document).version == version + 1 + 5
    assert names_klara(here) == []
    assert verify(here.documents, document).holds


def test_one_signer_after_the_other_is_erased_by_id() -> None:
    here = with_rules()
    carl = {"id": "3", "name": "Carl Kunde", "email": "carl@kunde.example", "order": 3}
    tell(here, "document.viewed", KLARA, minute=1, signers=[*SIGNERS, carl])
    first = erase(here, Subject(signer="2"))
    second = erase(here, Subject(signer="3"), key="77" * 16)
    assert [one.pseudonym for one in here.document(the(here)).erased] == [
        first.pseudonym,
        second.pseudonym,
    ]
    assert [one.name for one in here.document(the(here)).signers] == [
        "Anna Berg",
        first.pseudonym,
        second.pseudonym,
    ]
    assert erase(here, Subject(signer="3")).pseudonym == second.pseudonym
    assert "carl" not in said(here)


def test_the_provider_s_messages_are_deleted_whatever_they_say() -> None:
    here = with_rules()
    tell(here, "document.viewed", KLARA, minute=5)
    events = here.state.events
    for key, known in events.items():
        events[key] = known.model_copy(update={"raw": "<xml/>"})
    version = here.document(the(here)).version
    erase(here)
    assert [one.raw for one in here.state.events.values()] == [None, None]
    # The document itself, its timeline, and the marks of its events.
    assert here.document(the(here)).version == version + 3


def test_who_was_erased_before_keeps_the_pseudonym_whatever_the_key() -> None:
    here = with_rules()
    subject = Subject(address=KLARA)
    before = pseudonym_in(KEY, here.document(the(here)), subject)
    other = pseudonym_in("1e" * 16, here.document(the(here)), subject)
    assert before != other
    erase(here)
    for key in (KEY, "1e" * 16):
        assert pseudonym_in(key, here.document(the(here)), subject) == before


def test_entries_of_one_change_are_replaced_whichever_of_them_names_the_person() -> None:
    here = with_rules()
    document = the(here)
    here.edit(document, Edit(values={"number": "K-2"}, comment="Called Klara Kundin"), by=ANNA)
    here.edit(document, Edit(values={"title": "Klara Kundin"}, comment="Nothing to say"), by=ANNA)
    erase(here)
    told = "".join(one.model_dump_json() for one in here.documents.timeline(document))
    assert "Klara" not in told
    assert "Nothing to say" in told
    assert verify(here.documents, document).problems == ()
