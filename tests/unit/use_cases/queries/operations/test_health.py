"""What a stack is checked for: each finding with what it counts and names, and where it turns."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from countersign.adapters.memory.services.senders import MemorySenders
from countersign.errors import PermanentError
from countersign.model.connection import ConnectionCredentials
from countersign.model.dead_letter import DeadLetter
from countersign.model.entitlements import Entitlements
from countersign.model.incoming_message import IncomingMessage
from countersign.model.rejected_request import RejectedRequest
from countersign.model.upgrade import UpgradeProgress
from countersign.simulation.world import START, World
from countersign.use_cases.pipelines.pause import pause
from countersign.use_cases.queries.operations.health import Finding, HealthStores, check_health
from tests.builders import connection, event, mail, pipeline, stage, trigger
from tests.unit.use_cases.queries.scene import disordered, put, run


def finding(here: World, check: str, **more: Any) -> Finding:
    given = {
        "documents": here.documents,
        "pages": here.pages,
        "upgrades": here.upgrades,
        "pipelines": here.pipelines,
        "connections": here.connections,
        "secrets": here.secrets,
        "rejected": here.rejected,
        "held": here.held,
        "dead_letters": here.dead_letters,
        "entitlements": here.entitlements,
        "senders": MemorySenders([], to_anybody=True),
        "command_version": "1.2.0",
        "stack_version": "1.2.0",
        "now": here.now,
        **more,
    }
    [found] = [one for one in check_health(HealthStores(**given)) if one.check == check]
    return found


def test_a_stack_counts_its_pipelines_and_connections_and_names_those_that_are_paused() -> None:
    here = disordered()
    here.connect(connection())
    assert finding(here, "stack") == Finding(
        "stack", "ok", "reachable; 2 pipelines, 1 connection", None
    )
    pause(here.pipelines, "leases")
    pause(here.pipelines, "contracts")
    assert finding(here, "stack") == Finding(
        "stack",
        "attention",
        "2 pipelines, 1 connection; paused: contracts, leases",
        "countersign pipelines resume contracts",
    )


@pytest.mark.parametrize(
    ("stack", "status", "text", "action"),
    [
        ("1.2.0", "ok", "the command and the stack are 1.2.0", None),
        ("1.1.0", "attention", "the command is 1.2.0, the stack is 1.1.0",
         "use the command of the stack's version"),
        (None, "unknown", "the command is 1.2.0; the stack does not say its version",
         "deploy the stack again"),
    ],
)  # fmt: skip
def test_versions_are_compared(stack: str | None, status: str, text: str, action: str) -> None:
    found = finding(disordered(), "versions", stack_version=stack)
    assert (found.status, found.text, found.action) == (status, text, action)


# --- search

OLD = "documents of an earlier version are not found by their words"


def test_without_an_upgrade_the_oldest_twenty_documents_of_ten_pipelines_are_looked_at() -> None:
    here = disordered()
    for number in range(1, 9):
        here.publish(pipeline(stage("draft"), pipeline=f"p-{number}"))
    here.publish(pipeline(stage("draft"), pipeline="z-eleventh"))
    for number in range(20):
        put(here, f"d-{number}", since=number)
    put(here, "newer", since=20, word_index=0)
    put(here, "eleventh", pipeline="z-eleventh", word_index=0)
    assert finding(here, "search") == Finding(
        "search", "ok", "documents are found by their words", None
    )
    put(here, "tenth", pipeline="p-8", word_index=0)
    old = Finding("search", "attention", OLD, "countersign upgrade")
    assert finding(here, "search") == old
    here.upgrades.note(UpgradeProgress(word_index=1))
    assert finding(here, "search").status == "ok"


def test_of_twenty_documents_one_of_before_is_enough() -> None:
    here = disordered()
    for number in range(20):
        put(here, f"d-{number}", since=number, word_index=0 if number == 19 else 1)
    assert finding(here, "search").text == OLD


@pytest.mark.parametrize(("documents", "counted"), [(1, "1 document"), (2, "2 documents")])
def test_an_upgrade_that_was_interrupted_says_how_far_it_came(documents: int, counted: str) -> None:
    here = disordered()
    here.upgrades.note(UpgradeProgress(pipeline="contracts", place="x", documents=documents))
    assert finding(here, "search") == Finding(
        "search",
        "attention",
        f"the upgrade was interrupted after {counted}",
        "countersign upgrade",
    )


# --- mail


@pytest.mark.parametrize(
    ("senders", "status", "text"),
    [
        (None, "unknown", "Amazon SES did not say what it allows"),
        (MemorySenders([]), "unknown", "Amazon SES did not say what it allows"),
        (MemorySenders([], to_anybody=False), "attention",
         "Amazon SES is in its sandbox and sends e-mails to verified addresses only"),
        (MemorySenders([], to_anybody=True), "ok", "Amazon SES sends e-mails to any address"),
    ],
)  # fmt: skip
def test_the_mail_service_is_asked_whom_it_reaches(
    senders: MemorySenders | None, status: str, text: str
) -> None:
    found = finding(disordered(), "mail service", senders=senders)
    assert (found.status, found.text) == (status, text)


def sending(*senders: str) -> World:
    here = disordered()
    here.publish(pipeline(stage("draft"), pipeline="nda", senders=senders))
    return here


@pytest.mark.parametrize(
    ("verified", "status", "text", "action"),
    [
        (["acme.example", "firm.example"], "ok", "3 addresses verified", None),
        (["acme.example"], "attention", "not verified: firm.example, info@firm.example",
         "aws sesv2 create-email-identity --email-identity firm.example"),
        ([], "attention", "not verified: anna@acme.example, firm.example, info@firm.example",
         "aws sesv2 create-email-identity --email-identity anna@acme.example"),
        (None, "unknown", "Amazon SES did not say which are verified", None),
    ],
)  # fmt: skip
def test_senders_are_verified_by_address_and_by_domain(
    verified: list[str] | None, status: str, text: str, action: str | None
) -> None:
    here = sending("Anna <anna@acme.example>", "@firm.example", "info@firm.example")
    found = finding(here, "senders", senders=MemorySenders(verified, to_anybody=True))
    assert (found.status, found.text, found.action) == (status, text, action)


def test_the_same_sender_of_two_pipelines_is_one() -> None:
    here = sending("anna@acme.example")
    here.publish(pipeline(stage("draft"), pipeline="rent", senders=["anna@acme.example"]))
    found = finding(here, "senders", senders=MemorySenders(["acme.example"], to_anybody=True))
    assert (found.status, found.text) == ("ok", "1 address verified")


def test_without_a_mail_service_nothing_is_known_of_senders() -> None:
    found = finding(sending("anna@acme.example"), "senders", senders=None)
    assert (found.status, found.text) == ("unknown", "there is no mail service to ask")


# --- connections


def test_connections_without_their_secret_are_named() -> None:
    here = disordered()
    for name in ("pandadoc", "docusign"):
        without = ConnectionCredentials(
            connection=name, provider=name, pipeline="contracts", tokens=(name,), secrets=()
        )
        here.connect(connection(id=name, provider=name), without)
    assert finding(here, "secrets") == Finding(
        "secrets",
        "attention",
        "waiting for a secret, and refusing all messages: docusign, pandadoc",
        "countersign connections update docusign --secret",
    )


@pytest.mark.parametrize(
    ("made", "after", "text"),
    [
        (timedelta(days=3), 3, None),
        (timedelta(days=3, seconds=1), 3, "no event came from docusign for 3 days"),
        (timedelta(days=1, seconds=1), 1, "no event came from docusign for 1 day"),
        (timedelta(days=100), None, None),
        (None, 3, None),
    ],
)
def test_a_connection_is_silent_once_its_days_are_over(
    made: timedelta | None, after: int | None, text: str | None
) -> None:
    here = disordered()
    created = None if made is None else here.now - made
    here.connect(connection(created_at=created, silent_after=after))
    assert finding(here, "silence") == (
        Finding("silence", "ok", "no connection has been silent for too long", None)
        if text is None
        else Finding("silence", "attention", text, "countersign connections show docusign")
    )


def test_its_last_event_counts_and_not_when_it_was_made() -> None:
    here = World()
    here.publish(pipeline(stage("draft"), stage("sent", triggers=[trigger("sent")])))
    for name in ("pandadoc", "docusign"):
        here.connect(connection(id=name, created_at=START - timedelta(days=90), silent_after=3))
        here.tell(name, [event("document.sent", envelope=name)])
    here.now = START + timedelta(days=3)
    assert finding(here, "silence").status == "ok"
    here.now = START + timedelta(days=5)
    assert finding(here, "silence") == Finding(
        "silence",
        "attention",
        "no event came from docusign for 5 days, pandadoc for 5 days",
        "countersign connections show docusign",
    )


# --- what needs somebody


def test_runs_in_trouble_are_counted_by_their_state() -> None:
    here = disordered()
    assert finding(here, "runs").text == "no run has failed or is in doubt"
    put(here, "d-1")
    run(here, "d-1", "a", "failed", 1)
    run(here, "d-1", "b", "failed", 1)
    run(here, "d-1", "c", "in_doubt", 1)
    run(here, "d-1", "d", "done", 1)
    assert finding(here, "runs") == Finding(
        "runs", "attention", "2 failed, 1 in doubt", "countersign runs list"
    )


def test_dead_letters_are_counted_by_queue_and_stay_where_they_are() -> None:
    here = disordered()
    assert finding(here, "dead letters") == Finding(
        "dead letters", "ok", "there are no dead letters", None
    )
    for name, queue in (("l-1", "email"), ("l-2", "parked"), ("l-3", "email")):
        letter = {"id": name, "queue": queue, "receipt": name, "sent_at": START, "body": "{}"}
        here.dead_letters.resting.append(DeadLetter.model_validate(letter))
    expected = Finding(
        "dead letters",
        "attention",
        "there are dead letters: 1 in parked, 2 in email",
        "countersign dead-letters list",
    )
    assert [finding(here, "dead letters") for _ in range(2)] == [expected, expected]
    assert len(list(here.dead_letters.hold("email"))) == 2


def reject(here: World, digest: str) -> None:
    here.rejected.keep(
        RejectedRequest(
            connection="docusign",
            provider="docusign",
            received_at=START,
            status=400,
            reason="not JSON",
            digest=digest,
            request="{}",
        )
    )


def set_aside(here: World, pipeline_id: str, minute: int) -> None:
    message = IncomingMessage(
        pipeline=pipeline_id,
        connection="docusign",
        received_at=START + timedelta(minutes=minute),
        authenticity="signed",
        events=(event("document.viewed"),),
    )
    here.held.set_aside(message, "it cannot be applied", at=START)


def test_genuine_messages_that_could_not_be_read_are_counted() -> None:
    here = disordered()
    assert finding(here, "rejected") == Finding(
        "rejected", "ok", "nothing genuine was rejected", None
    )
    for digest, text in (
        ("a" * 64, "1 genuine message could not be read"),
        ("b" * 64, "2 genuine messages could not be read"),
    ):
        reject(here, digest)
        assert finding(here, "rejected") == Finding(
            "rejected", "attention", text, "countersign rejected list"
        )


def test_messages_that_were_set_aside_are_counted_in_all_pipelines() -> None:
    here = disordered()
    assert finding(here, "held messages") == Finding(
        "held messages", "ok", "no message was set aside", None
    )
    for pipeline_id, text in (
        ("contracts", "1 message could not be applied and was set aside"),
        ("leases", "2 messages could not be applied and were set aside"),
    ):
        set_aside(here, pipeline_id, 1)
        assert finding(here, "held messages") == Finding(
            "held messages", "attention", text, "countersign held-messages list"
        )


# --- the plan


def test_pipelines_whose_automation_does_not_follow_the_plan_yet_are_named() -> None:
    here = disordered()
    here.entitlements.put(Entitlements(version=1, automation=False))
    assert finding(here, "entitlements") == Finding(
        "entitlements",
        "attention",
        "automation is not switched yet for contracts, leases",
        "countersign entitlements set --no-automation",
    )
    for name in ("contracts", "leases"):
        here.pipelines.set_automation(name, False)
    assert finding(here, "entitlements") == Finding(
        "entitlements", "ok", "the plan includes no automation", None
    )
    here.entitlements.put(Entitlements(version=2))
    found = finding(here, "entitlements")
    assert (found.text, found.action) == (
        "automation is not switched yet for contracts, leases",
        "countersign entitlements set --automation",
    )


def test_what_the_plan_includes_is_told_with_those_that_have_more() -> None:
    here = disordered()
    assert finding(here, "entitlements").text == "everything is included"
    plan = Entitlements(version=1, plan="Basic", pipelines=1, rules=1, rule_kinds=("send_email",))
    here.entitlements.put(plan)
    includes = "the plan Basic includes 1 kind of rules, 1 pipeline, 1 rule in a pipeline"
    assert finding(here, "entitlements") == Finding("entitlements", "ok", includes, None)
    for name in ("rent", "nda"):
        here.publish(pipeline(stage("draft", mail("one"), mail("two")), pipeline=name))
    assert finding(here, "entitlements") == Finding(
        "entitlements",
        "ok",
        f"{includes}; published with more before: nda, rent",
        "countersign pipelines show nda",
    )


def test_a_check_that_fails_says_why() -> None:
    here = disordered()

    class Closed(MemorySenders):
        def may_send_to_anybody(self) -> bool | None:
            raise PermanentError("Amazon SES refuses to answer")

    assert finding(here, "mail service", senders=Closed()) == Finding(
        "mail service",
        "failed",
        "Amazon SES refuses to answer",
        "check the stack and your rights",
    )
