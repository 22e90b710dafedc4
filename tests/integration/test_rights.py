"""Every function has the rights it uses, and no others.

Each call that a function makes in any test of this folder is judged by its role
(``conftest.account``). The tests here have every function do all that it can do, each call cold;
the last one says which rights none of them needed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from countersign.adapters.dynamodb.stores.configuration.audit_log import DynamoAuditLog
from countersign.adapters.dynamodb.stores.operations.held_messages import DynamoHeldMessages
from countersign.adapters.dynamodb.stores.operations.jobs import DynamoJobs
from countersign.engine.runs.lifecycle import update
from countersign.errors import TransientError
from countersign.model.actor import Actor, done_by, user
from countersign.model.audit import AuditFilter, AuditSource
from countersign.model.connection import Connection
from countersign.model.document import Document
from countersign.model.page import PageRequest
from countersign.model.rejected_request import RejectedRequest
from countersign.model.run import Lane
from countersign.model.stored_file import NewFile, announced
from countersign.model.transaction import Transaction
from countersign.rules.base import Edit
from countersign.use_cases.auditor import recorded
from countersign.use_cases.connections.connect import NewCredentials, connect
from countersign.use_cases.connections.credentials import CredentialsChange, change_credentials
from countersign.use_cases.documents.edit import NewDocument, make, save
from countersign.use_cases.documents.verify import verify
from countersign.use_cases.entitlements import set_entitlements
from countersign.use_cases.jobs.kinds.backfill import BackfillRule
from countersign.use_cases.jobs.kinds.base import JobKind
from countersign.use_cases.jobs.kinds.change_runs import ChangeRuns
from countersign.use_cases.jobs.kinds.erase_person import ErasePerson
from countersign.use_cases.jobs.kinds.move_documents import MoveDocuments
from countersign.use_cases.jobs.kinds.rebuild_statistics import (
    RebuildStatistics,
    read_differences,
)
from countersign.use_cases.jobs.kinds.upgrade_table import UpgradeTable
from countersign.use_cases.jobs.start import start_job
from countersign.use_cases.jobs.start_removal import start_removal
from countersign.use_cases.people import all_people, change_roles, invite, note_sign_in, remove
from countersign.use_cases.personal_data.erase import DataEraser, Subject, erase_person
from countersign.use_cases.personal_data.export import personal_data_page
from countersign.use_cases.personal_data.find import PersonFinder
from countersign.use_cases.personal_data.recorded import erasure, record_export
from countersign.use_cases.pipelines.compiled_pipelines import CompiledPipelines
from countersign.use_cases.pipelines.pause import pause
from countersign.use_cases.pipelines.publish import publish
from countersign.use_cases.pipelines.remove import removal_of, remove_connection, remove_pipeline
from countersign.use_cases.queries.operations.audit import all_entries
from countersign.use_cases.queries.operations.health import check_health, health_stores
from countersign.use_cases.queries.pages.documents import DocumentSearch
from countersign.use_cases.services import Cloud, Services
from countersign.use_cases.store import Store
from countersign.wiring import stack
from countersign.wiring.cloud import adapters
from countersign.wiring.secret_text import new_salt, new_token
from tests.builders import mail, pipeline, stage
from tests.integration.account import NONE_FAILED, SENDER, Account, Waiting, client
from tests.integration.faults import disturbed, quota, refused, silent, unreachable
from tests.integration.lambda_events import REGION, sqs_event
from tests.integration.messages import DOCUSIGN, DROPBOX_SIGN, Sender
from tests.integration.rights import Rights
from tests.integration.story import Story
from tests.integration.test_doubt import report
from tests.web_place import Place, answer

EVENTS = Path(__file__).parents[2] / "events" / "lambda"
SSM = f"arn:aws:ssm:{REGION}:123456789012:parameter/countersign/dev"
BUCKET = "arn:aws:s3:::webhooks"
FILES = "arn:aws:s3:::files"
TABLE = f"arn:aws:dynamodb:{REGION}:123456789012:table/State"
POOL = f"arn:aws:cognito-idp:{REGION}:123456789012:userpool/People"
STATISTICS = f"arn:aws:dynamodb:{REGION}:123456789012:table/Statistics"
AUDIT = f"arn:aws:dynamodb:{REGION}:123456789012:table/Audit"
API = "ServeApi"
ANNA = user("anna@acme.example")
PROGRAM = Actor(
    kind="user",
    name="program:administrator",
    id="administrator-program",
    roles=("administrator",),
    signed_in_by="program",
)
FUNCTIONS = (
    *("ReceiveWebhook", "DispatchRuns", "RecordStatistics", "RunEmail", "RunWeb"),
    *("RunDocument", "RecordFeedback", "Sweep", "SendDailyReports", "ServeFile", "ServeApi"),
)
BY_LAMBDA = "Lambda itself takes messages of the function's source with it"
UNUSED = {
    "logs:CreateLogStream": "Lambda writes the log",
    "logs:PutLogEvents": "Lambda writes the log",
    "sqs:ReceiveMessage": BY_LAMBDA,
    "sqs:DeleteMessage": BY_LAMBDA,
    "sqs:GetQueueAttributes": BY_LAMBDA,
    "dynamodb:DescribeStream": BY_LAMBDA,
    "dynamodb:GetRecords": BY_LAMBDA,
    "dynamodb:GetShardIterator": BY_LAMBDA,
    "dynamodb:ListStreams": BY_LAMBDA,
}
"""Rights that no call of the functions' own code needs, and who needs them."""
UNUSED_STATEMENTS = {
    ("RecordStatisticsRole", "HandOverWhatFailed"): "Lambda sends there what was not counted",
}
UNUSED_RESOURCES = {
    "DispatchDeadLetters": "Lambda sends there the records that dispatch_runs could not take",
    "StatisticsDeadLetters": "Lambda sends there the records that were not counted",
}


@pytest.fixture(autouse=True)
def _cold(request: pytest.FixtureRequest) -> None:
    if "account" in request.fixturenames:
        request.getfixturevalue("account").cold = True


RULES: dict[str, dict[str, Any]] = {
    "Email": mail("first"),
    "Web": {"id": "first", "kind": "publish_event", "settings": {"name": "Heard"}},
    "Document": {"id": "first", "kind": "add_comment", "settings": {"text": "heard"}},
}
"""A rule of each lane."""


def begun(account: Account, *rules: dict[str, Any], sender: Sender = DOCUSIGN) -> Story:
    """An envelope was sent, and its document arrived in a stage with these rules."""
    sent = stage("sent", *rules, triggers=[{"id": "sent", "kind": "sent"}])
    aside = stage("aside", triggers=[{"id": "signed", "kind": "signed_by_company"}])
    fields = {"due": {"type": "datetime"}}
    wanted = pipeline(stage("draft"), sent, aside, senders=[SENDER], fields=fields)
    story = Story(account, wanted, sender)
    story.tell(sender.sent)
    return story


@pytest.mark.parametrize("lane", RULES)
def test_a_kept_chain_goes_on_after_its_document_has_left(account: Account, lane: str) -> None:
    later = {"time": {"after": {"hours": 1}}, "on_leave": "keep"}
    story = begun(account, RULES[lane] | later, mail("below", on_leave="keep"))
    story.tell(DOCUSIGN.director_signs)
    assert account.document().stage == "aside"
    account.advance(hours=1)
    states = {name: state for name, (state, _) in account.runs().items()}
    assert states == {"2.first": "done", "2.below": "done"}


@pytest.mark.parametrize("lane", RULES)
def test_a_run_by_a_date_moves_with_it_and_is_judged_in_its_lane(
    account: Account, lane: str
) -> None:
    unlikely = {"field": "title", "op": "equals", "value": "another"}
    dated = {"time": {"on": {"field": "due"}}, "condition": unlikely}
    begun(account, RULES[lane] | dated)
    for due in ("2026-03-02T20:00:00Z", "2026-03-03T08:00:00Z"):
        account.edit(account.document(), values={"due": due})
        account.settle()
    account.advance(days=1)
    assert account.runs()["2.first"][0] == "skipped"


@pytest.mark.parametrize("lane", RULES)
def test_a_message_that_comes_early_goes_back_to_its_lane(account: Account, lane: str) -> None:
    begun(account, RULES[lane] | {"time": {"after": {"minutes": 40}}})
    (schedule,) = account.schedules()
    early = Waiting(due=account.clock(), queue=lane, body=schedule["Target"]["Input"])
    assert account.perform(early) == NONE_FAILED
    account.advance(minutes=40)
    assert account.runs()["2.first"][0] == "done"


def test_mails_that_are_too_many_a_second_take_places_in_a_row(account: Account) -> None:
    too_many = refused("TooManyRequestsException", 429)
    with disturbed(account, "RunEmail", "sesv2.GetAccount", quota(1)):
        with disturbed(account, "RunEmail", "sesv2.SendEmail", too_many, times=1):
            begun(account, mail("first"))
        assert account.runs()["2.first"][0] == "ready"
        account.advance(minutes=1)
    assert account.runs()["2.first"][0] == "done"


def test_somebody_is_chosen_in_turn_and_by_who_is_least_busy(account: Account) -> None:
    users = {"users": ["ben@acme.example", "anna@acme.example"]}
    rules = [
        {"id": f"by-{mode}".replace("_", "-"), "kind": "change_responsible"}
        | {"settings": {**users, "mode": mode}}
        for mode in ("in_turn", "least_busy")
    ]
    begun(account, *rules)
    assert {state for state, _ in account.runs().values()} == {"done"}


def test_a_report_resolves_a_run_whose_document_has_left(account: Account) -> None:
    kept = {"on_leave": "keep"}
    with disturbed(account, "RunEmail", "sesv2.SendEmail", silent):
        story = begun(account, mail("first", **kept), mail("below", **kept))
    story.tell(DOCUSIGN.director_signs)
    assert report(account, account.run("first"), "Email Sent") == NONE_FAILED
    assert account.runs()["2.below"][0] == "done"


def test_a_report_waits_in_its_queue_for_the_end_of_an_outage(account: Account) -> None:
    begun(account, mail("first"))
    run = account.run("first")
    with disturbed(account, "RecordFeedback", "dynamodb.BatchGetItem", unreachable):
        assert report(account, run, "Email Bounced") == NONE_FAILED
    (again,) = [one for one in account.sent if one.queue == "Feedback"]
    assert 15 <= again.delay <= 30
    body = sqs_event(account.arn("Feedback"), [again.body])
    assert account.call("RecordFeedback", body) == NONE_FAILED
    timeline = account.documents.timeline(run.document)
    assert [one.event for one in timeline if one.event == "mail.bounced"] == ["mail.bounced"]


def test_the_sweep_takes_what_an_interrupted_resume_has_left(account: Account) -> None:
    story = begun(account)
    pause(account.pipelines, "contracts")
    story.tell(DOCUSIGN.director_signs)
    account.pipelines.set_paused("contracts", False)
    account.call("Sweep", {})
    assert account.document().stage == "aside"


def test_the_sweep_finds_a_lost_message_and_a_silent_connection(account: Account) -> None:
    story = begun(account, mail("first", time={"after": {"minutes": 5}}))
    known = account.connections.get("docusign")
    assert known is not None
    account.connections.put(known.model_copy(update={"silent_after": 1}))
    account.waiting.clear()
    account.advance(days=2)
    account.call("Sweep", {})
    account.settle()
    assert account.runs()["2.first"][0] == "done"
    assert story.sender is DOCUSIGN


def test_a_job_changes_runs_that_wait_and_those_that_failed(account: Account) -> None:
    broken = mail("broken", execution="independent")
    broken["settings"]["to"] = ["signer:9"]
    begun(account, mail("first", time={"after": {"days": 3}}), broken)
    jobs = DynamoJobs(account.tables, "State")
    for number, (state, action) in enumerate(
        {"ready": "now", "failed": "skip", "waiting": "skip"}.items()
    ):
        wanted = ChangeRuns.model_validate(
            {"change": {"action": action}, "filter": {"states": [state], "pipeline": "contracts"}}
        )
        start_job(jobs, f"j-{number}", wanted, user("anna@acme.example"), now=account.clock())
        account.settle()
    ended = [job for number in range(3) if (job := jobs.get(f"j-{number}"))]
    assert [(job.state, job.done) for job in ended] == [("done", 1), ("done", 1), ("done", 0)]
    states = {name: found for name, (found, _) in account.runs().items()}
    assert states == {"2.first": "done", "2.broken": "skipped"}


def test_jobs_move_documents_and_run_a_rule_for_those_already_here(account: Account) -> None:
    """Documents that are named, found by a word, and listed by stage."""
    begun(account, mail("first", time={"after": {"days": 3}}))
    document = account.document().id
    added = stage("draft", mail("added", time={"after": {"days": 3}}))
    account.publish(pipeline(added, stage("aside"), stage("sent"), senders=[SENDER]))
    jobs = DynamoJobs(account.tables, "State")
    wanted: tuple[JobKind, ...] = (
        MoveDocuments(pipeline="contracts", stage="aside", documents=(document,)),
        MoveDocuments(pipeline="contracts", stage="sent", search=DocumentSearch(text=document[:6])),
        BackfillRule(pipeline="contracts", rule="added"),
        MoveDocuments(pipeline="contracts", stage="draft", search=DocumentSearch()),
    )
    for number, one in enumerate(wanted):
        start_job(jobs, f"j-{number}", one, ANNA, now=account.clock())
        account.settle()
    ended = [job for number in range(4) if (job := jobs.get(f"j-{number}"))]
    assert [(job.state, job.done, job.reason) for job in ended] == [
        ("done", 1, None),
        ("done", 1, None),
        ("done", 0, None),
        ("done", 1, None),
    ]
    another = stage("draft", mail("another", time={"after": {"days": 3}}))
    account.publish(pipeline(another, stage("aside"), stage("sent"), senders=[SENDER]))
    last = BackfillRule(pipeline="contracts", rule="another")
    start_job(jobs, "j-4", last, ANNA, now=account.clock())
    account.settle()
    planned = jobs.get("j-4")
    assert planned is not None
    assert (planned.state, planned.done) == ("done", 1)
    assert account.runs()["5.another"][0] == "ready"


def test_a_job_erases_a_person_with_messages_and_files(account: Account) -> None:
    """Of a run that is being performed first, so that it waits, and goes through it again."""
    begun(account, mail("first", time={"after": {"days": 3}}))
    document = account.document()
    address = next(one.email for one in document.signers if one.email and one.party == "client")
    files = stack.file_store("files")
    file = announced("a.pdf", "contract", b"%PDF-").stored("f-1", at=account.clock(), by="ben")
    files.put(document.id, file.id, b"%PDF-")
    kept = {"version": document.version + 1, "stored_files": (file,)}
    after = document.model_copy(update=kept)
    account.documents.commit(Transaction(document=after, was_version=document.version))
    (run,) = account.documents.runs(document.id)
    busy = run.model_copy(
        update={"state": "running", "lease_until": account.clock() + timedelta(minutes=1)}
    )
    account.documents.commit(Transaction(updates=(update(run, busy),)))
    jobs = DynamoJobs(account.tables, "State")
    wanted = ErasePerson(address=address, key=new_salt())
    start_job(jobs, "j-1", wanted, ANNA, now=account.clock())
    account.settle()
    waits = jobs.get("j-1")
    assert waits is not None
    assert (waits.state, waits.matched, waits.done, waits.delay) == ("running", 1, 0, 30)
    account.documents.commit(Transaction(updates=(update(busy, run.newer_than(busy)),)))
    account.advance(seconds=31)
    ended = jobs.get("j-1")
    assert ended is not None
    assert (ended.state, ended.done, ended.refusals, ended.arguments) == ("done", 1, (), "")
    left = (*account.documents.timeline(document.id), *account.documents.events(document.id))
    assert address not in repr((account.document(), left))
    assert files.get(document.id, file) is None


def test_a_job_removes_a_pipeline_with_all_that_belongs_to_it(account: Account) -> None:
    """Somebody asked for it over the API, which the audit log has; a message waits, and another was
    set aside."""
    story = begun(account, mail("first", time={"after": {"days": 3}}))
    document = account.document().id
    file = announced("a.pdf", "contract", b"%PDF-").stored("f-1", at=account.clock(), by="ben")
    files, bucket = stack.file_store("files"), client("s3")
    files.put(document, file.id, b"%PDF-")
    bucket.put_object(Bucket="files", Key=f"uploads/{document}/u-1", Body=b"%PDF-")
    pause(account.pipelines, "contracts")
    story.tell(DOCUSIGN.director_signs)
    held = DynamoHeldMessages(account.tables, "State")
    (waiting,) = held.list("contracts")
    held.set_aside(waiting, "broken", at=account.clock())
    held.add(waiting)
    with stack_of_the_api(account) as cloud:
        services = services_of(account, cloud)
        auditor = services.auditor_of(PROGRAM, AuditSource(channel="api"))
        remover = services.remover(auditor)
        remove_connection(remover, "docusign", drop_messages=True)
        held.add(waiting)
        removal = removal_of(remover, "contracts")
        assert removal.documents == 1
        start_removal(cloud.jobs, auditor, removal, "j-1", PROGRAM)
    account.settle()
    ended = DynamoJobs(account.tables, "State").get("j-1")
    assert ended is not None
    assert (ended.state, ended.done, ended.refusals) == ("done", 1, ())
    assert account.pipelines.head("contracts") is None
    assert account.documents.get(document) is None
    assert (*held.list("contracts"), *held.list_aside("contracts")) == ()
    assert bucket.list_objects_v2(Bucket="files").get("Contents", []) == []
    audit = DynamoAuditLog(account.tables, "Audit")
    wanted = AuditFilter(action="pipeline.removed")
    assert [one.outcome for one in all_entries(audit, wanted, now=account.clock())] == ["done"]


def test_a_job_rebuilds_statistics(account: Account) -> None:
    begun(account, mail("first"))
    jobs = DynamoJobs(account.tables, "State")
    for number in range(2):
        account.advance(hours=1)
        wanted = RebuildStatistics(replace=True)
        start_job(jobs, f"j-{number}", wanted, ANNA, now=account.clock())
        account.settle()
        account.advance(minutes=3)
    ended = [job for number in range(2) if (job := jobs.get(f"j-{number}"))]
    assert [(job.state, job.done) for job in ended] == [("done", 1), ("done", 1)]
    (difference,) = read_differences(jobs.part("j-0", 0))
    assert difference.text == "it is not counted"
    assert ended[1].parts == 0


def test_a_job_upgrades_a_table_of_an_earlier_version(account: Account) -> None:
    task = {"id": "check", "kind": "create_task"}
    begun(account, task | {"settings": {"title": "Check it", "assignee": "anna@acme.example"}})
    document = account.document()
    update = {"word_index": 0, "version": document.version + 1}
    old = document.model_copy(update=update)
    account.documents.commit(Transaction(document=old, was_version=document.version))
    jobs = DynamoJobs(account.tables, "State")
    start_job(jobs, "j-1", UpgradeTable(), ANNA, now=account.clock())
    account.settle()
    ended = jobs.get("j-1")
    assert ended is not None
    assert (ended.state, ended.done) == ("done", 1)
    assert account.document().word_index == 1


def test_the_sweep_hands_on_a_job_whose_message_was_lost(account: Account) -> None:
    begun(account, mail("first", time={"after": {"days": 3}}))
    jobs = DynamoJobs(account.tables, "State")
    wanted = ChangeRuns.model_validate(
        {"change": {"action": "now"}, "filter": {"states": ["ready"]}}
    )
    start_job(jobs, "j-1", wanted, user("anna@acme.example"), now=account.clock())
    account.news()  # and nobody dispatches it
    account.advance(minutes=3)
    account.call("Sweep", {})
    account.settle()
    assert account.runs()["2.first"][0] == "done"


def test_the_sweep_ends_a_run_by_date_that_its_lane_never_performs(account: Account) -> None:
    begun(account, mail("first", time={"on": {"field": "due"}}))
    document = account.document()
    account.edit(document, values={"due": account.clock() + timedelta(minutes=5)})
    (run,) = account.documents.runs(document.id)
    swept = run.model_copy(update={"swept": 8})
    account.documents.commit(Transaction(updates=(update(run, swept),)))
    account.settle()
    account.waiting.clear()
    account.advance(days=1)
    stack.heartbeats("State").beat("lane email", account.clock())
    account.call("Sweep", {})
    assert account.runs()["2.first"][0] == "failed"


def test_the_sweep_removes_what_its_pipeline_keeps_no_longer(account: Account) -> None:
    kept = {"final_after": {"days": 30}}
    sent = stage("sent", kind="success", triggers=[{"id": "sent", "kind": "sent"}])
    Story(account, pipeline(stage("draft"), sent, retention=kept)).tell(DOCUSIGN.sent)
    document = account.document().id
    files = stack.file_store("files")
    file = announced("a.pdf", "contract", b"%PDF-").stored("f-1", at=account.clock(), by="ben")
    files.put(document, file.id, b"%PDF-")
    bucket = client("s3")
    bucket.put_object(Bucket="files", Key=f"uploads/{document}/u-1", Body=b"%PDF-")
    account.advance(days=29)
    account.call("Sweep", {})
    assert account.documents.get(document) is not None
    account.advance(days=2)
    account.call("Sweep", {})
    assert account.documents.get(document) is None
    assert account.documents.timeline(document) == ()
    assert files.get(document, file) is None
    assert bucket.list_objects_v2(Bucket="files").get("Contents", []) == []


def test_large_requests_are_parked_and_taken_again_and_odd_ones_kept(account: Account) -> None:
    story = begun(account)
    signs = story.message(DOCUSIGN.director_signs)
    noise = os.urandom(1_000_000).hex().encode()
    large = story.signed(signs.body.rstrip()[:-1] + b', "noise": "' + noise + b'"}')
    with disturbed(account, "ReceiveWebhook", "dynamodb.BatchGetItem", unreachable):
        assert story.post(large)["statusCode"] == 200
    (parked,) = account.queued("Parked")
    assert len(parked) < 1_000
    taken = account.call("ReceiveWebhook", sqs_event(account.arn("Parked"), [parked]))
    assert taken == NONE_FAILED
    assert account.document().stage == "aside"
    assert story.post(story.signed(b"{"))["statusCode"] == 400


def test_what_can_never_be_committed_is_given_up(account: Account) -> None:
    too_large = refused("ValidationException", message="Item size has exceeded the maximum")
    story = begun(account)
    with disturbed(account, "ReceiveWebhook", "dynamodb.TransactWriteItems", too_large):
        assert story.post(story.message(DOCUSIGN.director_signs))["statusCode"] == 200
        parked = account.queued("Parked")
        taken = account.call("ReceiveWebhook", sqs_event(account.arn("Parked"), parked))
    assert taken == NONE_FAILED
    assert len(account.queued("ParkedDeadLetters")) == 1


def test_a_daily_report_goes_out_or_is_given_back(account: Account) -> None:
    broken = mail("broken")
    broken["settings"]["to"] = ["signer:9"]
    sent = stage("sent", broken, triggers=[{"id": "sent", "kind": "sent"}])
    report = {"to": ["betrieb@acme.example"], "at": "00:00"}
    wanted = pipeline(stage("draft"), sent, senders=[SENDER], daily_report=report)
    Story(account, wanted).tell(DOCUSIGN.sent)
    assert account.runs()["2.broken"][0] == "failed"
    throttled = disturbed(
        account, "SendDailyReports", "sesv2.SendEmail", refused("TooManyRequestsException")
    )
    with throttled, pytest.raises(TransientError, match="a daily report was not sent"):
        account.call("SendDailyReports", {})
    assert account.mails() == []
    for _ in range(2):
        account.call("SendDailyReports", {})
    (sent_mail,) = account.mails()
    assert (sent_mail.to, sent_mail.subject) == (
        ("betrieb@acme.example",),
        "contracts: failed runs: 1, in doubt: 0",
    )


def test_calls_texts_and_tracked_mails_go_out(account: Account) -> None:
    with Place().open() as place:
        place.then = lambda handler: answer(handler, 200, b"{}")
        account.allow_private_addresses()
        account.keep_secret("crm", "t-1")
        call = {
            "url": f"http://127.0.0.1:{place.server_port}/",
            "headers": {"authorization": "Bearer secret:crm"},
        }
        tracked = mail("tracked")
        tracked["settings"]["track"] = True
        begun(
            account,
            {"id": "call", "kind": "call_web_address", "settings": call},
            {"id": "sms", "kind": "send_sms", "settings": {"to": "+491701234567", "text": "x"}},
            tracked,
        )
    assert {name: state for name, (state, _) in account.runs().items()} == {
        "2.call": "done",
        "2.sms": "done",
        "2.tracked": "done",
    }


def lost_a_word(account: Account) -> None:
    """The document has lost a word that the index still has."""
    document = account.document()
    after = document.model_copy(
        update={"version": document.version + 1, "words_to_remove": ("before",)}
    )
    account.documents.commit(Transaction(document=after, was_version=document.version))


def test_whoever_changes_a_document_removes_the_words_that_it_lost(account: Account) -> None:
    with Place().open() as place:
        place.then = lambda handler: answer(handler, 200, b'{"number": "C-7"}')
        account.allow_private_addresses()
        call = {"url": f"http://127.0.0.1:{place.server_port}/", "answer": {"number": "number"}}
        hours = {"time": {"after": {"hours": 1}}}
        rules = (
            mail("first"),
            {"id": "call", "kind": "call_web_address", "settings": call, **hours},
            {
                "id": "note",
                "kind": "add_comment",
                "settings": {"text": "two hours"},
                "time": {"after": {"hours": 2}},
            },
        )
        story = begun(account, *rules)
        lost_a_word(account)
        assert report(account, account.run("first"), "Email Delivered") == NONE_FAILED
        assert account.document().words_to_remove == ()
        lost_a_word(account)
        account.advance(hours=1)
        assert (account.document().number, account.document().words_to_remove) == ("C-7", ())
        lost_a_word(account)
        account.advance(hours=2)
        assert account.document().words_to_remove == ()
        lost_a_word(account)
        story.tell(DOCUSIGN.director_signs)
        assert account.document().words_to_remove == ()


def test_a_provider_is_asked_to_remind_and_for_the_signed_document(account: Account) -> None:
    with Place().open() as place:
        place.then = lambda handler: answer(
            handler, 200, b"%PDF-1.7" if handler.command == "GET" else b"{}"
        )
        account.allow_private_addresses()
        reminding = {"id": "remind", "kind": "remind_signer", "settings": {"to": ["client"]}}
        sending = mail("send")
        sending["settings"]["attachments"] = ["signed_pdf"]
        stages = (
            stage("draft"),
            stage("mine", reminding, triggers=[{"id": "one", "kind": "signed_by_company"}]),
            stage("all", sending, triggers=[{"id": "all", "kind": "signed_by_all"}]),
        )
        story = Story(account, pipeline(*stages, senders=[SENDER]), DROPBOX_SIGN)
        url = f"http://127.0.0.1:{place.server_port}/v3"
        key = CredentialsChange(api_token="key-1", api_url=url)
        change_credentials(account.connector, "dropbox-sign", key)
        for name in (DROPBOX_SIGN.sent, DROPBOX_SIGN.director_signs):
            story.tell(name)
        story.tell("signature_request_all_signed")
    states = {name: state for name, (state, _) in account.runs().items()}
    assert states == {"2.remind": "done", "3.send": "done"}


def test_what_became_of_documents_and_runs_is_counted(account: Account) -> None:
    """Of the runs first, though their document is not counted yet; then of both."""
    story = begun(account, mail("first"))
    told = account.news("RecordStatistics")
    assert told is not None
    images = [(record, record["dynamodb"]["NewImage"]) for record in told["Records"]]
    runs = [record for record, image in images if image["type"] == {"S": "run"}]
    assert account.call("RecordStatistics", {"Records": runs}) == NONE_FAILED
    assert account.call("RecordStatistics", told) == NONE_FAILED
    story.tell(DOCUSIGN.director_signs)
    assert account.count() == NONE_FAILED
    assert account.call("RecordStatistics", {"Records": runs}) == NONE_FAILED


def test_files_are_kept_mailed_and_linked(account: Account) -> None:
    with Place().open() as place:
        content = b"%PDF-1.7".ljust(8_000_000, b"x")
        place.then = lambda handler: answer(handler, 200, content)
        account.allow_private_addresses()
        sending = mail("send", time={"after": {"hours": 1}})
        sending["settings"] |= {"attachments": ["signed_pdf"], "large_files": "link"}
        last = stage("all", sending, triggers=[{"id": "all", "kind": "signed_by_all"}])
        story = Story(account, pipeline(stage("draft"), last, senders=[SENDER]), DROPBOX_SIGN)
        url = f"http://127.0.0.1:{place.server_port}/v3"
        key = CredentialsChange(api_token="key-1", api_url=url)
        change_credentials(account.connector, "dropbox-sign", key)
        known = account.connections.get("dropbox-sign")
        assert known is not None
        account.connections.put(known.model_copy(update={"keep_files": ("signed_pdf",)}))
        story.tell(DROPBOX_SIGN.sent)
        story.tell("signature_request_all_signed")
        account.advance(hours=1)
    assert account.runs()["2.send"] == ("done", None)
    (sent,) = account.mails()
    event = json.loads((EVENTS / "serve_file.json").read_text())
    event["pathParameters"]["token"] = sent.text.strip().rpartition("/")[2]
    assert account.call("ServeFile", event)["statusCode"] == 302


def test_the_api_does_what_the_command_line_does(account: Account) -> None:
    """Its function has the command line's adapters, over its own clients and by its own role."""
    client("ssm").delete_parameter(Name="/countersign/dev/address-key")
    with stack_of_the_api(account) as cloud:
        services = services_of(account, cloud)
        auditor = services.auditor_of(PROGRAM, AuditSource(channel="api"))
        publish(
            services.publisher(auditor),
            pipeline(stage("draft"), senders=[SENDER], fields={"due": {"type": "datetime"}}),
            done_by(ANNA, account.clock()),
        )
        connected = Connection.model_validate(
            {"id": "sales", "provider": "dropbox_sign", "pipeline": "contracts"}
        )
        token = cloud.addresses.make("sales", "token")
        key = NewCredentials(token=token, secrets=("first",), api_token="key-1")
        connect(services.connector(auditor), connected, key)
        store = Store(
            documents=cloud.documents,
            programs=CompiledPipelines(cloud.pipelines),
            clock=account.clock,
            salt=new_salt,
        )
        make(store, NewDocument(id="d1", pipeline="contracts", values={"title": "Contract"}), ANNA)
        save(store, "d1", Edit(values={"due": "2026-03-02T20:00:00Z"}), ANNA)
        listed = (
            *cloud.documents.in_stage("contracts"),
            *cloud.documents.troubled(),
            *cloud.documents.due(account.clock()),
            *cloud.documents.open_tasks(),
            *cloud.documents.recent_events("sales", 3),
        )
        assert [one.id for one in listed if isinstance(one, Document)] == ["d1"]
        today = account.clock().date()
        assert cloud.statistics.read("contracts", today, today) == {}
        transfer_a_file(cloud)
        cloud.named_secrets.put("crm", "t-1")
    with stack_of_the_api(account) as cloud:  # which has not kept in memory what it wrote
        services = services_of(account, cloud)
        auditor = services.auditor_of(PROGRAM, AuditSource(channel="api"))
        assert (cloud.named_secrets.list(), cloud.named_secrets.get("crm")) == (("crm",), "t-1")
        cloud.named_secrets.remove("crm")
        connector = services.connector(auditor)
        change_credentials(connector, "sales", CredentialsChange(api_token="key-2"))
        look_at_what_went_wrong(cloud, account.clock())
        manage_people(cloud)
        answer_a_person(services)
        assert cloud.senders is not None
        assert cloud.senders.verified("nobody@acme.example") is False
        with disturbed(account, API, "sesv2.GetAccount", quota(1)):
            assert cloud.senders.may_send_to_anybody() is None
            check_the_deployment(cloud, account.clock())
        remover = services.remover(auditor)
        remove_connection(remover, "sales")
        assert list(remove_pipeline(remover, "contracts", and_documents=True))
        assert list(cloud.documents.in_stage("contracts")) == []
        set_entitlements(services.entitlement_stores(auditor), {"rules": 5})
        look_at_the_audit_log(cloud, account.clock())


@contextmanager
def stack_of_the_api(account: Account) -> Iterator[Cloud]:
    """The command line's adapters, made of the clients that serve_api has, judged by its role."""
    outputs = account.outputs()
    with account.acting_as("ServeApi") as client:
        session = SimpleNamespace(client=lambda service, **_: client(service))
        yield adapters(session, None, outputs, webhooks="https://x.example", unreadable=print)


def services_of(account: Account, cloud: Cloud) -> Services:
    """What the API does its work with, over these adapters."""
    return Services(
        open_cloud=lambda: cloud,
        now=account.clock,
        token=lambda: "token",
        salt=new_salt,
        new_id=new_token,
    )


def check_the_deployment(cloud: Cloud, now: datetime) -> None:
    """Every check gets an answer."""
    stores = health_stores(cloud, command_version="1.0", stack_version="1.0", now=now)
    found = check_health(stores)
    assert len(found) == 12
    assert [one for one in found if one.status == "failed"] == []


def transfer_a_file(cloud: Cloud) -> None:
    """A file is sent, kept, had again and removed."""
    content = b"%PDF-1.7"
    digest = sha256(content).hexdigest()
    wanted = NewFile(name="a.pdf", kind="contract", size=len(content), sha256=digest)
    cloud.files.upload_address("d1", "u1", wanted)
    client("s3").put_object(Bucket="files", Key="uploads/d1/u1", Body=content)
    sent = cloud.files.uploaded("d1", "u1")
    assert sent is not None
    cloud.files.keep_upload("d1", "u1", "f1")
    cloud.files.remove_all("d1")


def answer_a_person(services: Services) -> None:
    """What is known of somebody is given out, and erased; the timeline is verified."""
    cloud, klara = services.cloud, Subject(address="klara@kunde.example")
    save(services.store, "d1", Edit(comment="klara@kunde.example", values={"number": "7"}), ANNA)
    values = {"title": "Contract of klara@kunde.example"}
    save(services.store, "d1", Edit(values=values), ANNA)
    finder = PersonFinder(pages=cloud.pages, pipelines=cloud.pipelines)
    found, after = list[str](), None
    while True:
        page = personal_data_page(cloud.documents, finder, klara, PageRequest(after))
        found += [one.document.id for one in page.items]
        after = page.next
        if after is None:
            break
    auditor = services.auditor_of(PROGRAM, AuditSource(channel="api"))
    record_export(auditor, "export-1", found)
    eraser = DataEraser(store=services.store, files=cloud.files, key=new_salt())
    with recorded(auditor, erasure("erased-1", ())):
        erased = erase_person(eraser, "d1", klara, PROGRAM)
    assert (found, erased.running) == (["d1"], ())
    assert verify(cloud.documents, "d1").holds


def look_at_the_audit_log(cloud: Cloud, now: datetime) -> None:
    """Whatever was changed is listed, and what was changed of one connection."""
    of_sales = AuditFilter(subject_kind="connection", subject_id="sales")
    changes = {"connection.created", "connection.changed", "connection.removed"}
    assert {one.action for one in all_entries(cloud.audit, of_sales, now=now)} == changes
    found = {one.action for one in all_entries(cloud.audit, AuditFilter(), now=now)}
    assert found == {
        *changes,
        *("pipeline.published", "pipeline.removed", "entitlements.set"),
        *("personal_data.exported", "personal_data.erased"),
    }


def manage_people(cloud: Cloud) -> None:
    """People are invited, listed, given roles and removed."""
    assert cloud.people is not None
    for email in ("ada@acme.example", "ben@acme.example"):
        invite(cloud.people, email, ["administrator"])
    change_roles(cloud.people, "ben@acme.example", ["viewer"])
    roles = {one.email: one.roles for one in all_people(cloud.people, cloud.heartbeats)}
    assert roles == {"ada@acme.example": ("administrator",), "ben@acme.example": ("viewer",)}
    remove(cloud.people, "ben@acme.example")
    note_sign_in(cloud.heartbeats, "ada", 1772441400)


def look_at_what_went_wrong(cloud: Cloud, now: datetime) -> None:
    """Dead letters are counted, looked at and sent back, rejected requests kept and removed,
    refusals listed."""
    for queue in cloud.dead_letters.queues:
        name = f"{queue.title()}DeadLetters"
        url = client("sqs").get_queue_url(QueueName=name)["QueueUrl"]
        for body in ("first", "second"):
            client("sqs").send_message(QueueUrl=url, MessageBody=body)
        assert cloud.dead_letters.count(queue) == 2
        first, second = cloud.dead_letters.hold(queue)
        cloud.dead_letters.release(first)
        lane: Lane | None = "email" if queue in ("dispatch", "schedule") else None
        if queue == "statistics":  # which are counted by rebuilding
            cloud.dead_letters.remove(second)
        else:
            cloud.dead_letters.send_back(second, lane)
    rejected = RejectedRequest(
        connection="docusign",
        provider="docusign",
        received_at=now,
        status=400,
        reason="it cannot be read",
        digest="0123456789abcdef",
        request="{}",
    )
    cloud.rejected.keep(rejected)
    assert cloud.rejected.get(rejected.id) == rejected
    assert list(cloud.rejected.ids()) == [rejected.id]
    cloud.rejected.remove(rejected.id)
    client("logs").create_log_group(logGroupName="/countersign/dev/receive_webhook")
    assert cloud.refusals.recent("docusign", 3, since=now) == ()


@pytest.mark.parametrize(
    ("action", "resource", "allowed"),
    [
        ("ssm:GetParameter", f"{SSM}/connections/docusign", {"ReceiveWebhook", API}),
        (
            "ssm:GetParameter",
            f"{SSM}/address-key",
            {"ReceiveWebhook", "RunEmail", "ServeFile", API},
        ),
        ("ssm:GetParameter", f"{SSM}/api-tokens/docusign", {"RunEmail", "RunWeb", API}),
        ("ssm:GetParameter", f"{SSM}/secrets/crm", {"RunWeb", API}),
        ("ssm:PutParameter", f"{SSM}/secrets/crm", {API}),
        ("ssm:PutParameter", f"{SSM}/address-key", {API}),
        ("ssm:DeleteParameter", f"{SSM}/address-key", set()),
        ("ssm:GetParameters", f"{SSM}/connections/docusign", set()),
        ("s3:PutObject", f"{BUCKET}/parked/docusign/x", {"ReceiveWebhook"}),
        ("s3:GetObject", f"{BUCKET}/parked/docusign/x", {"ReceiveWebhook"}),
        ("s3:PutObject", f"{BUCKET}/rejected/docusign/x", {"ReceiveWebhook", API}),
        ("s3:GetObject", f"{BUCKET}/rejected/docusign/x", {API}),
        ("s3:DeleteObject", f"{BUCKET}/parked/docusign/x", set()),
        ("s3:PutObject", f"{BUCKET}/elsewhere/x", set()),
        ("s3:GetObject", f"{FILES}/documents/d1/x", {"RunEmail", "ServeFile", API}),
        ("s3:PutObject", f"{FILES}/documents/d1/x", {"RunEmail", "RunWeb", API}),
        ("s3:DeleteObject", f"{FILES}/documents/d1/x", {API, "RunDocument", "Sweep"}),
        ("s3:DeleteObject", f"{FILES}/uploads/d1/x", {API, "RunDocument", "Sweep"}),
        ("s3:PutObject", f"{FILES}/uploads/d1/x", {API}),
        ("s3:GetObject", f"{FILES}/uploads/d1/x", {API}),
        ("cognito-idp:AdminGetUser", POOL, {API}),
        ("cognito-idp:AdminSetUserPassword", POOL, set()),
        ("cognito-idp:DescribeUserPoolClient", POOL, set()),
        ("cognito-idp:UpdateUserPoolClient", POOL, set()),
        ("dynamodb:Scan", TABLE, set()),
        ("dynamodb:UpdateItem", TABLE, {"RunDocument", "RunEmail"}),
        (
            "dynamodb:DeleteItem",
            TABLE,
            {
                "ReceiveWebhook",
                "RecordFeedback",
                "RunDocument",
                "RunWeb",
                "SendDailyReports",
                "Sweep",
                API,
            },
        ),
        ("dynamodb:UpdateItem", STATISTICS, {"RecordStatistics", "RunDocument"}),
        ("dynamodb:PutItem", STATISTICS, {"RecordStatistics", "RunDocument"}),
        ("dynamodb:BatchWriteItem", STATISTICS, {"RunDocument"}),
        ("dynamodb:DeleteItem", STATISTICS, set()),
        ("dynamodb:PutItem", AUDIT, {"RunDocument", API}),
        ("dynamodb:DeleteItem", AUDIT, set()),
    ],
)
def test_who_may_do_what(
    template: dict[str, object], action: str, resource: str, allowed: set[str]
) -> None:
    rights = Rights(template, {"Webhooks": "webhooks", "Files": "files"})
    assert {name for name in FUNCTIONS if rights.may(name, action, resource)} == allowed


def test_no_right_is_unused(rights: Rights, request: pytest.FixtureRequest) -> None:
    ran = {getattr(one, "originalname", "") for one in request.session.items}
    if not {name for name in globals() if name.startswith("test_")} <= ran:
        pytest.skip("only some of these tests were chosen")
    given = [right for name in FUNCTIONS for right in rights.of(f"{name}Role")]
    actions = {(right.role, right.sid, right.action) for right in rights.used}
    resources = {(right.role, right.sid, right.pattern) for right in rights.used}
    by_us = [
        right
        for right in given
        if right.action not in UNUSED and (right.role, right.sid) not in UNUSED_STATEMENTS
    ]
    unused = {(right.role, right.sid, right.action) for right in by_us} - actions
    nowhere = {
        (right.role, right.sid, right.pattern)
        for right in by_us
        if right.pattern.rpartition(":")[2] not in UNUSED_RESOURCES
    } - resources
    assert sorted(unused) == []
    assert sorted(nowhere) == []
