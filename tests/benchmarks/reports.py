"""What the mail service reports on a mail that is delivered at once."""

from __future__ import annotations

import json
from collections.abc import Iterator

from countersign.adapters.ses.mailer import tags
from countersign.local.mail_reports import PLAYED, report
from countersign.model.run import Run
from tests.benchmarks.scene import SENDER


def reports(run: Run, configuration_set: str) -> Iterator[str]:
    """The events about the mail of a run that is done, as they lie in the queue."""
    ended = run.concluded_at
    assert ended is not None, run.key
    mail = {
        "MessageId": run.result["message_id"],
        "Source": SENDER,
        "To": run.result["to"].split(", "),
        "CC": [],
        "BCC": [],
        "Timestamp": ended.timestamp(),
    }
    tagged = tags(run.key, pipeline=run.pipeline)
    for detail_type in PLAYED:
        yield json.dumps(report(detail_type, mail, tagged, configuration_set))
