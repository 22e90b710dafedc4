"""Statistics on the real template: a second function reads the stream, and counts each change."""

from __future__ import annotations

from datetime import date

import pytest
import yaml

from countersign.local.playing import local_stack
from countersign.model.pipeline import Pipeline
from tests.end_to_end.conftest import Running
from tests.end_to_end.process import Mail, Process, until
from tests.integration.messages import DOCUSIGN, EVENTS


@pytest.fixture(scope="module")
def contracts() -> Pipeline:
    """The pipeline of the example."""
    text = (EVENTS / "pipelines" / "contracts.yaml").read_text()
    return Pipeline.model_validate(yaml.safe_load(text))


def test_what_a_document_and_its_mail_did_is_counted_while_runs_are_dispatched(
    running: Running, contracts: Pipeline
) -> None:
    process = Process(running, "statistics", contracts)
    statistics = local_stack(running.cloud, running.stack).statistics

    def counted() -> dict[str, int]:
        found = statistics.read("statistics", date.min, date.max)
        wanted = ("created", "mail/sent", "run/done/send_email/mail-contract")
        return {
            key.name: number
            for key, number in sorted(found.items(), key=str)
            if key.day is None or key.name in wanted
        }

    process.tell(DOCUSIGN.sent)
    process.tell(DOCUSIGN.director_signs)
    mails: list[Mail] = until(process.mails)
    assert len(mails) == 1
    expected = {
        "created": 1,
        "mail/sent": 1,
        "present/partially-signed": 1,
        "run/done/send_email/mail-contract": 1,
    }
    assert until(counted, lambda found: found == expected) == expected
