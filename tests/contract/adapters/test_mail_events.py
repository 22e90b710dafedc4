"""Reports of SES as EventBridge hands them over, read into our words.

The shapes are those of
https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-examples.html
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from countersign.adapters.ses.mail_events import KINDS, mail_event_of
from countersign.adapters.ses.mailer import tags
from countersign.errors import PermanentError
from countersign.model.mail_event import MailEvent
from countersign.model.run import RunKey

RUN = RunKey(document="d-x2", entry=3, rule="remind_client")
KLARA, MAX = "klara@kunde.example", "max@kunde.example"
MAIL = {
    "timestamp": "2026-03-02T09:00:01.000Z",
    "source": "contracts@acme.example",
    "messageId": "0107018f-0000",
    "destination": [KLARA, MAX],
    "headersTruncated": False,
    "headers": [{"name": "Subject", "value": "Your contract"}],
    "tags": {
        "ses:configuration-set": ["countersign-mails"],
        **{tag["Name"]: [tag["Value"]] for tag in tags(RUN)},
    },
}


def an_event(detail_type: str, section: str, special: dict[str, Any], **mail: Any) -> str:
    return json.dumps(
        {
            "version": "0",
            "id": "e1",
            "detail-type": detail_type,
            "source": "aws.ses",
            "account": "123456789012",
            "time": "2026-03-02T09:00:09Z",
            "region": "eu-central-1",
            "resources": [],
            "detail": {"eventType": "?", "mail": {**MAIL, **mail}, section: special},
        }
    )


def at(second: int, microsecond: int = 0) -> datetime:
    return datetime(2026, 3, 2, 9, 0, second, microsecond, tzinfo=UTC)


def a_report(kind: str, **more: Any) -> MailEvent:
    given = {"kind": kind, "message_id": "0107018f-0000", "run": RUN, "recipients": (KLARA, MAX)}
    return MailEvent.model_validate(given | more)


CASES: dict[str, tuple[dict[str, Any], MailEvent]] = {
    "Email Sent": ({}, a_report("sent", at=at(1))),
    "Email Delivered": (
        {
            "timestamp": "2026-03-02T09:00:03.500Z",
            "processingTimeMillis": 2500,
            "recipients": [KLARA],
            "smtpResponse": "250 ok",
        },
        a_report("delivered", at=at(3, 500_000), recipients=(KLARA,)),
    ),
    "Email Delivery Delayed": (
        {
            "timestamp": "2026-03-02T09:00:05Z",
            "delayType": "TransientCommunicationFailure",
            "expirationTime": "2026-03-03T09:00:05Z",
            "delayedRecipients": [
                {"emailAddress": MAX, "status": "4.4.1", "diagnosticCode": "451 busy"}
            ],
        },
        a_report(
            "delayed", at=at(5), recipients=(MAX,), detail="TransientCommunicationFailure, 451 busy"
        ),
    ),
    "Email Bounced": (
        {
            "timestamp": "2026-03-02T09:00:04Z",
            "bounceType": "Permanent",
            "bounceSubType": "General",
            "feedbackId": "f1",
            "bouncedRecipients": [
                {
                    "emailAddress": KLARA,
                    "action": "failed",
                    "status": "5.1.1",
                    "diagnosticCode": "smtp; 550 5.1.1 user unknown",
                }
            ],
        },
        a_report(
            "bounced",
            at=at(4),
            recipients=(KLARA,),
            detail="Permanent, General, smtp; 550 5.1.1 user unknown",
        ),
    ),
    "Email Complaint Received": (
        {
            "timestamp": "2026-03-02T09:00:06Z",
            "complaintFeedbackType": "abuse",
            "complainedRecipients": [{"emailAddress": KLARA}],
        },
        a_report("complained", at=at(6), recipients=(KLARA,), detail="abuse"),
    ),
    "Email Opened": (
        {"timestamp": "2026-03-02T09:00:07Z", "ipAddress": "192.0.2.1", "userAgent": "x"},
        a_report("opened", at=at(7)),
    ),
    "Email Clicked": (
        {
            "timestamp": "2026-03-02T09:00:08Z",
            "ipAddress": "192.0.2.1",
            "userAgent": "x",
            "link": "https://acme.example/c?d=1",
            "linkTags": None,
        },
        a_report("clicked", at=at(8), link="https://acme.example/c?d=1"),
    ),
    "Email Rejected": ({"reason": "Virus"}, a_report("rejected", at=at(9), detail="Virus")),
    "Email Rendering Failed": (
        {"templateName": "t", "errorMessage": "no such attribute"},
        a_report("rendering_failed", at=at(9), detail="no such attribute"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("detail_type", KINDS)
def test_every_sort_of_report_is_read(detail_type: str) -> None:
    special, report = CASES[detail_type]
    _, section = KINDS[detail_type]
    assert mail_event_of(an_event(detail_type, section, special)) == report


@pytest.mark.parametrize("repeat", [0, 1, 12])
def test_a_report_finds_the_repeated_run_that_sent_the_mail(repeat: int) -> None:
    run = RUN.model_copy(update={"repeat": repeat})
    named = {tag["Name"]: [tag["Value"]] for tag in tags(run)}
    found = mail_event_of(an_event("Email Sent", "send", {}, tags=named))
    assert found is not None
    assert found.run == run


@pytest.mark.parametrize("detail_type", ["Email Subscribed", "Sending Status Enabled"])
def test_other_news_of_ses_is_passed_over(detail_type: str) -> None:
    assert mail_event_of(an_event(detail_type, "subscription", {})) is None


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("not json", "this is not a report of SES on a mail"),
        ("{}", "this is not a report of SES on a mail: detail-type: Field required"),
        ("[]", "this is not a report of SES on a mail"),
        (
            json.dumps({"detail-type": "Email Sent", "time": "2026-03-02T09:00:00Z", "detail": {}}),
            "this is not a report of SES on a mail",
        ),
        (
            an_event("Email Sent", "send", {}, tags={"ses:source-ip": ["192.0.2.1"]}),
            "the mail names no run; its tags are ses:source-ip, expected document, entry and rule",
        ),
        (
            an_event(
                "Email Sent", "send", {}, tags={"document": ["d"], "entry": ["x"], "rule": ["r"]}
            ),
            "the mail names no run; its tags are document, entry, rule",
        ),
        (
            an_event(
                "Email Sent", "send", {}, tags={"document": [], "entry": ["1"], "rule": ["r"]}
            ),
            "the mail names no run",
        ),
        (
            an_event("Email Opened", "open", {"timestamp": "2026-03-02T09:00:00"}),
            "timestamp: Input should have timezone info",
        ),
    ],
)
def test_what_is_no_report_is_refused_with_the_place(body: str, reason: str) -> None:
    with pytest.raises(PermanentError) as refused:
        mail_event_of(body)
    assert reason in str(refused.value)


def test_the_same_report_has_the_same_key_and_another_another() -> None:
    opened = a_report("opened", at=at(7))
    keys = {
        opened.key,
        a_report("opened", at=at(7)).key,
        a_report("opened", at=at(8)).key,
        a_report("delivered", at=at(7)).key,
        a_report("opened", at=at(7), recipients=(KLARA,)).key,
        a_report("opened", at=at(7), message_id="other").key,
    }
    assert len(keys) == 5


# --- what a machine opens or clicks

OPENED_AT_SEVEN = {"timestamp": "2026-03-02T09:00:07Z", "ipAddress": "192.0.2.1", "userAgent": "x"}
CLICKED_AT_EIGHT = {**OPENED_AT_SEVEN, "link": "https://acme.example/c", "linkTags": None}


@pytest.mark.parametrize(
    ("detail_type", "section", "special"),
    [("Email Opened", "open", OPENED_AT_SEVEN), ("Email Clicked", "click", CLICKED_AT_EIGHT)],
)
@pytest.mark.parametrize(
    ("mark", "automated"),
    [
        ({"isBotEvent": "Likely"}, True),
        ({"isBotEvent": "LIKELY"}, True),
        ({"isBotEvent": " likely "}, True),
        ({"isBotEvent": "Unlikely"}, False),
        ({}, False),
        ({"isBotEvent": None}, False),
        ({"isBotEvent": ""}, False),
        ({"isBotEvent": "Perhaps"}, False),
        ({"isBotEvent": "true"}, False),
        ({"isBotEvent": "not Likely"}, False),
        ({"isBotEvent": 1}, False),
        ({"isBotEvent": 0.97}, False),
        ({"isBotEvent": ["Likely"]}, False),
        ({"isBotEvent": {"value": "Likely"}}, False),
        ({"isbotevent": "Likely"}, False),
    ],
)
def test_ses_says_what_a_machine_opened_or_clicked(
    detail_type: str,
    section: str,
    special: dict[str, Any],
    mark: dict[str, Any],
    automated: bool,
) -> None:
    report = mail_event_of(an_event(detail_type, section, {**special, **mark}))
    assert report is not None
    assert report.automated is automated
    unmarked = mail_event_of(an_event(detail_type, section, special))
    assert report == (unmarked and unmarked.model_copy(update={"automated": automated}))


def test_a_whole_event_of_a_scanner_is_read() -> None:
    """As EventBridge hands it over, literally."""
    body = """{
      "version": "0", "id": "5c1f", "detail-type": "Email Clicked", "source": "aws.ses",
      "account": "210987654321", "time": "2026-10-05T06:30:02Z", "region": "eu-west-1",
      "resources": ["arn:aws:ses:eu-west-1:210987654321:configuration-set/tracked"],
      "detail": {
        "eventType": "Click",
        "mail": {
          "timestamp": "2026-10-05T06:30:00.000Z", "messageId": "0102-77",
          "source": "offers@firma.example", "destination": ["nora@kunde.example"],
          "tags": {"document": ["d-7"], "entry": ["2"], "rule": ["offer"]}
        },
        "click": {
          "timestamp": "2026-10-05T06:30:01.250Z", "ipAddress": "198.51.100.7",
          "userAgent": "Mozilla/5.0", "link": "https://firma.example/offer",
          "linkTags": {"what": ["offer"]}, "isBotEvent": "Likely"
        }
      }
    }"""
    assert mail_event_of(body) == MailEvent(
        kind="clicked",
        at=datetime(2026, 10, 5, 6, 30, 1, 250_000, tzinfo=UTC),
        message_id="0102-77",
        run=RunKey(document="d-7", entry=2, rule="offer"),
        recipients=("nora@kunde.example",),
        link="https://firma.example/offer",
        automated=True,
    )


@pytest.mark.parametrize(
    "detail_type", [name for name in KINDS if name not in ("Email Opened", "Email Clicked")]
)
def test_nothing_but_opens_and_clicks_is_automated(detail_type: str) -> None:
    special, report = CASES[detail_type]
    _, section = KINDS[detail_type]
    marked = {**special, "isBotEvent": "Likely"}
    assert mail_event_of(an_event(detail_type, section, marked)) == report


def test_a_mark_elsewhere_in_the_event_says_nothing() -> None:
    body = json.loads(an_event("Email Opened", "open", OPENED_AT_SEVEN, isBotEvent="Likely"))
    body["detail"] |= {"isBotEvent": "Likely", "click": {"isBotEvent": "Likely"}}
    report = mail_event_of(json.dumps(body))
    assert report is not None
    assert not report.automated


def test_a_machine_and_a_person_at_one_moment_are_two_reports() -> None:
    person, machine = a_report("opened", at=at(7)), a_report("opened", at=at(7), automated=True)
    assert machine.key != person.key
    assert person.key == (
        "0107018f-0000:opened:klara@kunde.example,max@kunde.example:2026-03-02T09:00:07+00:00"
    )


@pytest.mark.parametrize(
    ("tag", "mail"),
    [(["4"], 4), (["0"], 0), ([], None), (["x"], None), (["-1"], None), (["12345678"], None)],
)
def test_a_report_says_which_of_several_mails_it_speaks_of(
    tag: list[str], mail: int | None
) -> None:
    named = {one["Name"]: [one["Value"]] for one in tags(RUN)} | {"mail": tag}
    found = mail_event_of(an_event("Email Sent", "send", {}, tags=named))
    assert found is not None
    assert (found.run, found.mail) == (RUN, mail)
