"""A task from the webhook to its completion, through the table and the functions."""

from __future__ import annotations

from datetime import UTC, datetime

from countersign.model.actor import user
from countersign.use_cases.documents.tasks import complete, tick
from tests.builders import mail, pipeline, stage, trigger
from tests.integration.account import SENDER, Account
from tests.integration.messages import DOCUSIGN
from tests.integration.story import Story

BEN = "ben@acme.example"
CHECK = {
    "id": "check",
    "kind": "create_task",
    "settings": {
        "title": "Check {{ document.title }}",
        "assignee": BEN,
        "deadline": {"after": {"working_days": 1}, "at": "12:00"},
        "checklist": ["Read", "Call"],
        "wait": True,
    },
}


def test_the_chain_waits_for_the_task_and_its_completion_moves_the_document(
    account: Account,
) -> None:
    story = Story(
        account,
        pipeline(
            stage("draft"),
            stage("sent", CHECK, mail("kept", on_leave="keep"), triggers=[trigger("sent")]),
            stage(
                "checked",
                mail("thanks"),
                triggers=[trigger("task_completed", settings={"task": "check"})],
            ),
            senders=[SENDER],
        ),
    )
    story.tell(DOCUSIGN.sent)
    document = account.document()
    (task,) = account.documents.open_tasks(BEN)
    assert (task.key.document, task.id, task.state) == (document.id, "2.check", "open")
    assert task.deadline == datetime(2026, 3, 3, 11, tzinfo=UTC)
    assert account.run("check").state == "awaiting"

    account.advance(days=30)
    assert (account.run("check").state, account.run("kept").state) == ("awaiting", "waiting")
    assert account.mails() == []

    tick(account.store, task.key, 1, user(BEN), done=True)
    complete(account.store, task.key, user(BEN))
    account.settle()
    assert account.document().stage == "checked"
    assert (account.run("check").state, account.run("kept").state) == ("done", "done")
    assert sorted(mail.subject for mail in account.mails()) == ["kept", "thanks"]
    assert list(account.documents.open_tasks(BEN)) == []
    (after,) = account.documents.tasks(document.id)
    assert (after.state, after.version, after.concluded_by) == ("done", 3, BEN)
