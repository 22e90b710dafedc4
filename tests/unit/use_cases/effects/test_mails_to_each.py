"""A mail to several signers: each gets one of their own, once, whatever fails in between."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from countersign.adapters.memory.services.mailer import MemoryMailer
from countersign.adapters.memory.tables.process.state import MemoryDocuments, MemoryState
from countersign.errors import (
    ConflictError,
    InDoubtError,
    PermanentError,
    StaleRunError,
    TransientError,
    UnavailableError,
)
from countersign.model.actor import user
from countersign.model.document import Document
from countersign.model.mail_event import FeedbackKind, MailEvent
from countersign.model.message import Email, RunMessage
from countersign.model.run import Run, RunMail
from countersign.model.transaction import Transaction
from countersign.rules.base import Edit
from countersign.simulation.world import START, World
from countersign.use_cases.effects.base import SeveralMails
from countersign.use_cases.effects.email import EmailEffect
from countersign.use_cases.effects.mail_series import MailSeries
from countersign.use_cases.pipelines.pause import pause, resume
from countersign.use_cases.runs.change_run import resolve_run
from countersign.use_cases.runs.effect_lanes import perform_effect_run
from tests.builders import connection, envelope, event, pipeline, run_of, stage, states, trigger

LENA, OTTO, PIA = "lena@nord.example", "otto@nord.example", "pia@nord.example"
NAMES = {LENA: "Lena Falk", OTTO: "Otto Brandt", PIA: "Pia Sommer"}
SENDERS = ["desk@acme.example"]


def signers(*emails: str, **more: Any) -> list[dict[str, Any]]:
    """Clients of these addresses, in the envelope's order."""
    return [
        {"id": f"s{n}", "name": NAMES.get(email, email), "email": email, **more}
        for n, email in enumerate(emails, 1)
    ]


def greeting(*to: str, **more: Any) -> dict[str, Any]:
    """A rule that greets its recipients."""
    settings = {
        "from": SENDERS[0],
        "to": list(to) or ["client"],
        "subject": "For {{ signer.name }}",
        "text": "Dear {{ signer.name }}",
    }
    parts = {key: more.pop(key) for key in ("cc", "bcc", "together") if key in more}
    return {"id": "greet", "kind": "send_email", "settings": settings | parts, **more}


class Post(MemoryMailer):
    """A mail service that answers each address with what is listed for it, the last one for ever.

    ``taken``: it takes the mail, and the answer is lost.
    """

    def __init__(self, **answers: Any) -> None:
        super().__init__()
        self.answers = {f"{name}@nord.example": list(found) for name, found in answers.items()}
        self.before: Callable[[Email], None] = lambda email: None

    def send(self, email: Email) -> str:
        self.before(email)
        answers = self.answers.get(email.to[0], [None])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if answer == "taken":
            super().send(email)
            raise InDoubtError("SES gave no answer")
        if isinstance(answer, BaseException):
            raise answer
        return super().send(email)

    @property
    def told(self) -> list[str]:
        """Who got mails, in order."""
        return [", ".join(email.to) for email in self.sent]


def start(
    post: Post | None = None,
    *rules: dict[str, Any],
    who: list[dict[str, Any]] | None = None,
    **more: Any,
) -> tuple[World, Document, Post]:
    """A world whose document is sent to three clients."""
    post = post or Post()
    here = World(mailbox=post)
    wanted = rules or (greeting(),)
    later = stage("later", triggers=[trigger("voided")])
    here.publish(pipeline(stage("draft"), stage("out", *wanted, triggers=[trigger("sent")]), later,
                          senders=SENDERS))  # fmt: skip
    here.connect(connection())
    state = envelope(signers=who or signers(LENA, OTTO, PIA), **more)
    return here, here.tell("docusign", [event("document.sent", state=state)]), post


def the_run(here: World, document: Document) -> Run:
    return run_of(here, document, "greet")


def report(here: World, run: Run, kind: FeedbackKind, mail: int | None, message: str) -> str:
    """The mail service reports on one of the run's mails."""
    return here.report(
        MailEvent(
            kind=kind,
            at=START + timedelta(seconds=40),
            message_id=message,
            run=run.key,
            mail=mail,
            recipients=(run.mails[mail or 0].to,),
            detail="no such domain",
        )
    )


def test_each_signer_gets_a_mail_greeted_by_their_own_name() -> None:
    here, document, post = start()
    assert [(email.to, email.subject, email.text) for email in post.sent] == [
        ((LENA,), "For Lena Falk", "Dear Lena Falk"),
        ((OTTO,), "For Otto Brandt", "Dear Otto Brandt"),
        ((PIA,), "For Pia Sommer", "Dear Pia Sommer"),
    ]
    run = the_run(here, document)
    assert (run.state, run.reason) == ("done", None)
    assert run.result == {"mails": "3", "to": f"{LENA}, {OTTO}, {PIA}"}
    assert [mail.message_id for mail in run.mails] == ["memory-1", "memory-2", "memory-3"]
    assert [(email.run, email.mail) for email in post.sent] == [(run.key, n) for n in range(3)]


def test_a_mail_to_one_signer_is_one_mail_as_ever() -> None:
    here, document, post = start(who=signers(LENA))
    (email,) = post.sent
    assert (email.to, email.mail, email.subject) == ((LENA,), None, "For Lena Falk")
    run = the_run(here, document)
    assert (run.mails, run.result) == ((), {"message_id": "memory-1", "to": LENA})


def test_together_they_get_one_mail() -> None:
    _, _, post = start(None, greeting(together=True))
    assert [email.to for email in post.sent] == [(LENA, OTTO, PIA)]


def test_those_who_are_not_signers_get_one_mail_together_and_copies_go_with_each() -> None:
    rule = greeting("client", "hr@acme.example", "it@acme.example", OTTO.upper(),
                    cc=["copy@acme.example", PIA], bcc=["file@acme.example"])  # fmt: skip
    _, _, post = start(None, rule, who=signers(LENA, OTTO))
    assert [email.to for email in post.sent] == [
        (LENA,),
        (OTTO,),
        ("hr@acme.example", "it@acme.example"),
    ]
    assert {(email.cc, email.bcc) for email in post.sent} == {
        (("copy@acme.example", PIA), ("file@acme.example",))
    }


@pytest.mark.parametrize(
    ("names", "greeted"),
    [
        (("Ada", "Bo"), ["For Ada", "For Bo"]),
        (("Ada", "ADA "), ["For Ada"]),
        ((None, "Bo"), ["For Bo"]),
        (("Bo", None), ["For Bo"]),
    ],
)
def test_two_persons_of_one_address_get_a_mail_each(
    names: tuple[str | None, str | None], greeted: list[str]
) -> None:
    who = [{"id": f"p{n}", "name": name, "email": LENA, "order": n} for n, name in enumerate(names)]
    _, _, post = start(who=who)
    assert [email.subject for email in post.sent] == greeted


def test_a_passing_fault_has_only_the_rest_tried_again() -> None:
    here, document, post = start(Post(otto=[TransientError("busy"), None]))
    run = the_run(here, document)
    assert (run.state, post.told) == ("ready", [LENA])
    assert run.reason == "try 1 failed temporarily: busy"
    here.advance(timedelta(minutes=2))
    assert post.told == [LENA, OTTO, PIA]
    assert the_run(here, document).state == "done"


def test_every_mail_has_tries_of_its_own() -> None:
    four = [TransientError("busy")] * 4
    here, document, post = start(Post(lena=[*four, None], otto=[*four, None], pia=[*four, None]))
    here.advance(timedelta(days=1))
    assert (the_run(here, document).state, post.told) == ("done", [LENA, OTTO, PIA])


@pytest.mark.parametrize("leaves", [False, True])
def test_what_has_begun_goes_on_though_the_document_leaves_its_stage(leaves: bool) -> None:
    here, document, post = start(Post(otto=[TransientError("busy"), None]))
    if leaves:
        here.edit(document.id, Edit(stage="later"), by="ben@acme.example")
    here.advance(timedelta(minutes=2))
    assert post.told == [LENA, OTTO, PIA]


def test_what_has_not_begun_does_not_start_after_leaving() -> None:
    here, document, post = start(Post(lena=[TransientError("busy"), None]))
    here.edit(document.id, Edit(stage="later"), by="ben@acme.example")
    here.advance(timedelta(minutes=2))
    assert (the_run(here, document).state, post.told) == ("cancelled", [])


def test_one_that_is_refused_keeps_nobody_from_theirs_and_is_tried_again_alone() -> None:
    here, document, post = start(Post(otto=[PermanentError("no such mailbox"), None]))
    run = the_run(here, document)
    assert (run.state, post.told) == ("failed", [LENA, PIA])
    assert (
        run.reason == "2 of 3 mails are sent; otto@nord.example: the mail failed: no such mailbox"
    )
    resolve_run(here.store, run.key, "retry", user("ben"))
    here.settle()
    assert (the_run(here, document).state, post.told) == ("done", [LENA, PIA, OTTO])


def test_a_signer_without_an_address_fails_alone() -> None:
    who = signers(LENA, OTTO, PIA)
    who[0]["email"] = None
    here, document, post = start(None, greeting("unsigned"), who=who)
    run = the_run(here, document)
    assert (run.state, post.told) == ("failed", [OTTO, PIA])
    assert run.reason == (
        '2 of 3 mails are sent; Lena Falk: the mail failed: to "unsigned": the signer '
        '"Lena Falk" has no e-mail address; add it at the provider, or choose another recipient'
    )
    assert run.result == {"mails": "2", "to": f"{OTTO}, {PIA}"}


def test_where_no_mail_can_be_made_nothing_is_claimed() -> None:
    here, document, post = start(None, greeting(cc=["role:Notary"]))
    run = the_run(here, document)
    assert (run.state, run.mails, post.told) == ("failed", (), [])
    assert (
        run.reason
        == 'cc "role:Notary": the envelope has no such signer; correct it at the provider'
    )


def doubtful(answer: object = None, **more: Any) -> tuple[World, Document, Post]:
    """Otto's mail was taken or not, and nobody knows."""
    post = Post(otto=[answer or InDoubtError("SES gave no answer"), None])
    return start(post, greeting(**more))


def test_a_mail_without_an_answer_leaves_the_run_in_doubt_about_it_alone() -> None:
    here, document, post = doubtful("taken")
    run = the_run(here, document)
    assert (run.state, post.told) == ("in_doubt", [LENA, OTTO])
    assert [mail.state for mail in run.mails] == ["sent", "sending", "open"]
    assert report(here, run, "delivered", 1, "memory-2") == "resolved"
    assert (the_run(here, document).state, post.told) == ("done", [LENA, OTTO, PIA])


@pytest.mark.parametrize(("mail", "message"), [(0, "memory-1"), (None, "memory-2"), (9, "m")])
def test_a_report_on_another_mail_does_not_end_the_doubt(mail: int | None, message: str) -> None:
    here, document, post = doubtful()
    run = the_run(here, document)
    here.report(
        MailEvent(
            kind="opened", at=START, message_id=message, run=run.key, mail=mail, recipients=(LENA,)
        )
    )
    assert (the_run(here, document).state, post.told) == ("in_doubt", [LENA])


def test_a_refusal_fails_the_mail_in_doubt_and_the_others_get_theirs() -> None:
    here, document, post = doubtful("taken")
    report(here, the_run(here, document), "rejected", 1, "memory-2")
    run = the_run(here, document)
    assert (run.state, post.told) == ("failed", [LENA, OTTO, PIA])
    assert run.reason == (
        "2 of 3 mails are sent; otto@nord.example: the mail failed: "
        "the mail service refused to send the mail: no such domain"
    )


def test_a_mail_that_is_refused_after_the_run_was_done_fails_it() -> None:
    here, document, post = start()
    run = the_run(here, document)
    assert report(here, run, "rejected", 2, "memory-3") == "resolved"
    failed = the_run(here, document)
    assert (failed.state, [mail.state for mail in failed.mails]) == (
        "failed",
        ["sent", "sent", "failed"],
    )
    resolve_run(here.store, run.key, "retry", user("ben"))
    here.settle()
    assert (the_run(here, document).state, post.told) == ("done", [LENA, OTTO, PIA, PIA])


def test_nobody_reports_and_the_mail_stays_in_doubt() -> None:
    here, document, post = doubtful()
    here.heartbeats.beat("mail reports", here.now + timedelta(minutes=30))
    here.advance(timedelta(minutes=61))
    here.sweep()
    assert (the_run(here, document).state, post.told) == ("in_doubt", [LENA])


def test_where_the_rule_says_so_the_mail_in_doubt_is_sent_again_and_no_other() -> None:
    here, document, post = doubtful(on_doubt="send_again")
    here.heartbeats.beat("mail reports", here.now + timedelta(minutes=30))
    here.advance(timedelta(minutes=61))
    here.sweep()
    assert (the_run(here, document).state, post.told) == ("done", [LENA, OTTO, PIA])


@pytest.mark.parametrize(
    ("remedy", "told", "state"),
    [
        ("retry", [LENA, OTTO, PIA], "done"),
        ("accept", [LENA, PIA], "done"),
        ("skip", [LENA], "skipped"),
    ],
)
def test_a_person_settles_the_mail_in_doubt_and_the_rest_goes_on(
    remedy: Any, told: list[str], state: str
) -> None:
    here, document, post = doubtful()
    resolve_run(here.store, the_run(here, document).key, remedy, user("ben"))  # fmt: skip
    here.settle()
    assert (the_run(here, document).state, post.told) == (state, told)


def test_a_function_that_dies_leaves_one_mail_in_doubt() -> None:
    here, document, post = start(
        Post(otto=[KeyboardInterrupt(), None]),
        greeting(time={"at": "12:00"}, on_doubt="send_again"),
    )
    with pytest.raises(KeyboardInterrupt):
        here.advance(timedelta(days=1))
    run = the_run(here, document)
    assert (run.state, post.told) == ("running", [LENA])
    here.advance(timedelta(minutes=5))
    here.sweep()
    run = the_run(here, document)
    assert (run.state, [mail.state for mail in run.mails]) == (
        "in_doubt",
        ["sent", "sending", "open"],
    )
    here.heartbeats.beat("mail reports", here.now + timedelta(minutes=30))
    here.advance(timedelta(hours=2))
    here.sweep()
    assert (the_run(here, document).state, post.told) == ("done", [LENA, OTTO, PIA])


def test_a_report_that_overtakes_the_lane_lets_nobody_get_two() -> None:
    here, document, post = start(None, greeting(time={"at": "12:00"}))

    def overtaking(email: Email) -> None:
        if email.mail == 1 and not any(sent.mail == 1 for sent in post.sent):
            run = the_run(here, document)
            # The service took it before, as it were: its report is here first.
            post.sent.append(email)
            here.mailbox.before = lambda _: None  # type: ignore[attr-defined]
            report(here, run, "sent", 1, "memory-9")
            raise InDoubtError("SES gave no answer")

    post.before = overtaking
    here.advance(timedelta(days=1))
    assert Counter(post.told) == {LENA: 1, OTTO: 1, PIA: 1}
    assert the_run(here, document).state == "done"


@pytest.mark.parametrize("meanwhile", [1, 2])
def test_a_refusal_while_the_lane_goes_on_is_not_lost(meanwhile: int) -> None:
    here, document, post = start(None, greeting(time={"at": "12:00"}))

    def refused(email: Email) -> None:
        if email.mail == meanwhile:
            report(here, the_run(here, document), "rejected", 0, "memory-1")

    post.before = refused
    here.advance(timedelta(days=1))
    run = the_run(here, document)
    assert (run.state, [mail.state for mail in run.mails]) == ("failed", ["failed", "sent", "sent"])
    assert post.told == [LENA, OTTO, PIA]


@pytest.mark.parametrize("error", [ConflictError("somebody else"), UnavailableError("no answer")])
def test_a_claim_of_the_next_mail_that_is_refused_is_made_anew(error: Exception) -> None:
    here, document, post = start(None, greeting(time={"at": "12:00"}))
    commit, refused = here.state.commit, list[Transaction]()

    def refusing(change: Transaction) -> None:
        running = any(one.was == "running" == one.run.state for one in change.updates)
        if running and len(refused) < 2:
            refused.append(change)
            raise error
        commit(change)

    here.state.commit = refusing  # type: ignore[method-assign]
    here.advance(timedelta(days=1))
    assert (len(refused), post.told) == (2, [LENA, OTTO, PIA])
    assert the_run(here, document).state == "done"


class Answering(MemoryDocuments):
    """A database whose next changes have these answers; None for one that is written."""

    def __init__(self, state: MemoryState, answers: list[Exception | None]) -> None:
        super().__init__(state)
        self._answers = answers

    def commit(self, change: Transaction) -> None:
        if (answer := self._answers.pop(0) if self._answers else None) is not None:
            raise answer
        super().commit(change)


def claimed_series(
    answers: list[Exception | None],
) -> tuple[World, Document, MailSeries, list[int]]:
    """A run of three mails whose first is claimed, the database's answers to further claims, and
    the waits between them."""
    here, document, _ = start(None, greeting(time={"at": "12:00"}))
    run = the_run(here, document)
    mails = tuple(RunMail(signer=f"s{n}", to=f"{n}@nord.example") for n in range(3))
    update = {"state": "running", "started_at": here.now, "mails": mails}
    first = mails[0].model_copy(update={"state": "sending"})
    here.state.runs[run.key] = run.model_copy(update={**update, "mails": (first, *mails[1:])})
    waits = list[int]()
    documents = Answering(here.state, answers)
    store = replace(here.store, documents=documents, backoff=waits.append)
    return here, document, MailSeries(store=store, lease=timedelta(minutes=2)), waits


def hand_over_all(here: World, document: Document, series: MailSeries) -> tuple[Run, list[int]]:
    handed = list[int]()

    def hand_over(index: int) -> dict[str, str]:
        handed.append(index)
        return {"message_id": f"m{index}"}

    run = the_run(here, document)
    last, step = series.send(run, SeveralMails(mails=run.mails, hand_over=hand_over))
    return step(last), handed


def test_after_each_claim_without_an_answer_there_is_a_longer_wait() -> None:
    no_answer: list[Exception | None] = [UnavailableError("no answer")] * 3
    here, document, series, waits = claimed_series([*no_answer, None])
    run, handed = hand_over_all(here, document, series)
    assert (run.state, handed, waits) == ("done", [0, 1, 2], [0, 1, 2])


def test_a_report_that_was_noted_meanwhile_costs_no_wait() -> None:
    here, document, series, waits = claimed_series([StaleRunError("changed")] * 2)
    run, handed = hand_over_all(here, document, series)
    assert (run.state, handed, waits) == ("done", [0, 1, 2], [])


def test_a_claim_that_fails_eight_times_is_given_up() -> None:
    here, document, series, waits = claimed_series([UnavailableError("no answer")] * 8)
    with pytest.raises(UnavailableError) as gave_up:
        hand_over_all(here, document, series)
    assert str(gave_up.value) == (
        f"the next mail of the run {the_run(here, document).key} could not be claimed in 8 tries"
    )
    assert waits == [0, 1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    "update", [{"state": "done"}, {"started_at": START - timedelta(hours=1)}, None]
)
def test_a_run_that_somebody_else_has_by_now_is_left_to_them(
    update: dict[str, Any] | None,
) -> None:
    here, document, series, _ = claimed_series([])
    run = the_run(here, document)

    def hand_over(index: int) -> dict[str, str]:
        if update is None:
            del here.state.runs[run.key]
        else:
            taken = run.model_copy(update={**update, "generation": 9})
            here.state.runs[run.key] = taken
        return {"message_id": "m"}

    with pytest.raises(StaleRunError) as stale:
        series.send(run, SeveralMails(mails=run.mails, hand_over=hand_over))
    assert str(stale.value) == f"the run {run.key} is not this delivery's any more"


@pytest.mark.parametrize(("seconds", "handed"), [(8, [0]), (7.999, [0, 1])])
def test_further_mails_begin_within_eight_seconds(seconds: float, handed: list[int]) -> None:
    here, document, series, _ = claimed_series([])
    run, given = the_run(here, document), list[int]()

    def hand_over(index: int) -> dict[str, str]:
        given.append(index)
        here.now += timedelta(seconds=seconds)
        return {"message_id": f"m{index}"}

    last, step = series.send(run, SeveralMails(mails=run.mails, hand_over=hand_over))
    assert (given, step(last).state) == (handed, "ready")


def test_a_claim_that_was_given_up_and_arrives_late_undoes_nothing() -> None:
    here, document, post = start(None, greeting(time={"at": "12:00"}))
    commit, given_up = here.state.commit, list[Transaction]()

    def slow(change: Transaction) -> None:
        goes_on = any(one.was == "running" == one.run.state for one in change.updates)
        if goes_on and not given_up:
            given_up.append(change)
            raise UnavailableError("no answer")
        commit(change)

    def arrives(email: Email) -> None:
        here.now += timedelta(milliseconds=100)  # handing over takes a moment
        if email.mail == 2:
            with pytest.raises(StaleRunError):
                commit(given_up[0])

    # The state in memory is made to answer as a database that is slow.
    here.state.commit = slow  # type: ignore[method-assign]
    post.before = arrives
    here.advance(timedelta(days=1))
    assert (the_run(here, document).state, post.told) == ("done", [LENA, OTTO, PIA])


def test_who_has_signed_before_their_mail_is_tried_again_gets_none() -> None:
    here, document, post = start(
        Post(otto=[TransientError("busy"), None]), greeting("unsigned:client")
    )
    here.tell("docusign", [event("signer.signed", PIA, minute=1)])
    here.advance(timedelta(minutes=2))
    run = the_run(here, document)
    assert (run.state, post.told) == ("done", [LENA, OTTO])
    assert (
        run.reason
        == "2 of 3 mails are sent; pia@nord.example: was not written to: has signed meanwhile"
    )


def test_where_all_that_are_left_have_signed_meanwhile_the_run_ends_with_what_was_sent() -> None:
    here, document, post = start(
        Post(pia=[TransientError("busy"), None]), greeting("unsigned:client")
    )
    here.tell("docusign", [event("signer.signed", PIA, minute=1)])
    here.advance(timedelta(minutes=2))
    run = the_run(here, document)
    assert (run.state, [mail.state for mail in run.mails], post.told) == (
        "done",
        ["sent", "sent", "left_out"],
        [LENA, OTTO],
    )


def test_the_list_is_fixed_when_the_first_mail_is_claimed() -> None:
    here, document, post = start(Post(otto=[TransientError("busy"), None]))
    more = envelope(signers=[*signers(LENA, OTTO, PIA, "new@nord.example")])
    here.tell("docusign", [event("document.modified", minute=1, state=more)])
    assert len(here.document(document.id).signers) == 4
    here.advance(timedelta(minutes=2))
    assert post.told == [LENA, OTTO, PIA]


def test_a_condition_that_no_longer_holds_ends_a_run_that_has_begun_as_done() -> None:
    judged = {"field": "amount", "op": "is_empty"}
    here, document, post = start(
        Post(otto=[TransientError("busy"), None]), greeting(condition=judged)
    )
    here.edit(document.id, Edit(values={"amount": 5}), by="ben@acme.example")
    here.advance(timedelta(minutes=2))
    assert (the_run(here, document).state, post.told) == ("done", [LENA])


def test_the_rule_below_waits_for_all_of_them() -> None:
    here, document, _ = start(
        Post(pia=[TransientError("busy"), None]),
        greeting(),
        {"id": "note", "kind": "add_comment", "settings": {"text": "all told"}},
    )
    assert states(here, document) == {"greet": "ready", "note": "waiting"}
    here.advance(timedelta(minutes=2))
    assert states(here, document) == {"greet": "done", "note": "done"}


def test_nothing_goes_on_while_the_pipeline_is_paused() -> None:
    here, _, post = start(Post(otto=[TransientError("busy"), None]))
    pause(here.pipelines, "contracts")
    here.advance(timedelta(minutes=2))
    assert post.told == [LENA]
    resume(here.receiver, here.pipelines, "contracts")
    here.sweep()
    here.advance(timedelta(minutes=10))
    here.sweep()
    assert post.told == [LENA, OTTO, PIA]


def test_a_second_delivery_of_the_message_sends_nothing() -> None:
    here, document, post = start()
    message = RunMessage.of(the_run(here, document))
    effect = EmailEffect(post, here.attachments)
    assert perform_effect_run(here.performer, message, effect).result == "void"
    assert post.told == [LENA, OTTO, PIA]


def test_what_does_not_fit_into_the_function_s_time_has_the_next_delivery() -> None:
    many = [f"n{n}@nord.example" for n in range(9)]
    here, document, post = start(None, greeting(time={"at": "12:00"}), who=signers(*many))

    def slow(_: Email) -> None:
        here.now += timedelta(seconds=3)

    post.before = slow
    here.advance(timedelta(days=1))
    assert post.told == many
    assert the_run(here, document).state == "done"


def test_who_has_declined_is_not_asked_again() -> None:
    later = {"after": {"hours": 1}}
    here, document, post = start(None, greeting("unsigned", time=later))
    here.tell("docusign", [event("signer.declined", OTTO, minute=1)])
    here.tell("docusign", [event("signer.signed", PIA, minute=2)])
    here.advance(timedelta(hours=2))
    assert (the_run(here, document).state, post.told) == ("done", [LENA])


def test_a_reminder_when_everybody_has_signed_is_skipped_and_the_chain_goes_on() -> None:
    later = {"after": {"hours": 1}}
    note = {"id": "note", "kind": "add_comment", "settings": {"text": "on"}}
    here, document, post = start(None, greeting("unsigned:client", time=later), note)
    for minute, who in enumerate((LENA, OTTO, PIA), 1):
        here.tell("docusign", [event("signer.signed", who, minute=minute)])
    here.advance(timedelta(hours=2))
    run = the_run(here, document)
    assert (run.state, run.reason) == ("skipped", "everybody of the client has signed")
    assert (post.told, states(here, document)["note"]) == ([], "done")


def dated(**more: Any) -> tuple[World, Document, Post]:
    """A rule on the document's date ``end``, whose mail to Otto is tried twice."""
    post = Post(otto=[TransientError("busy"), None])
    here = World(mailbox=post)
    rule = greeting(time={"on": {"field": "end"}, "at": "12:00"}, **more)
    stages = (stage("draft"), stage("out", rule, triggers=[trigger("sent")]), stage("later"))
    here.publish(pipeline(*stages, senders=SENDERS, fields={"end": {"type": "date"}}))
    here.connect(connection())
    state = envelope(signers=signers(LENA, OTTO, PIA))
    document = here.tell("docusign", [event("document.sent", state=state)])
    end = f"{START + timedelta(days=1):%Y-%m-%d}"
    here.edit(document.id, Edit(values={"end": end}), by="ben@acme.example")
    while the_run(here, document).state != "ready" or not the_run(here, document).attempts:
        here.advance(timedelta(seconds=1800) if not post.told else timedelta(seconds=1))
    assert post.told == [LENA]
    return here, document, post


@pytest.mark.parametrize("end", ["2026-12-24", None])
def test_a_date_that_moves_does_not_move_the_rest_of_a_run_that_has_begun(end: str | None) -> None:
    here, document, post = dated()
    here.edit(document.id, Edit(values={"end": end}), by="ben@acme.example")
    here.advance(timedelta(minutes=2))
    assert (the_run(here, document).state, post.told) == ("done", [LENA, OTTO, PIA])


@pytest.mark.parametrize(("leaves", "times"), [(False, 2), (True, 1)])
def test_a_rule_that_is_armed_again_writes_to_everybody_again_unless_the_document_left(
    leaves: bool, times: int
) -> None:
    here, document, post = dated(again=True)
    here.advance(timedelta(minutes=2))
    if leaves:
        here.edit(document.id, Edit(stage="later"), by="ben@acme.example")
    here.edit(document.id, Edit(values={"end": "2026-12-24"}), by="ben@acme.example")
    here.advance(timedelta(days=330))
    assert Counter(post.told) == dict.fromkeys((LENA, OTTO, PIA), times)
