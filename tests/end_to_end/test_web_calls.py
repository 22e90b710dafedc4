"""A rule calls a web address from its function, and the answer comes back into the document."""

from __future__ import annotations

import json

from tests.builders import mail, pipeline, stage
from tests.end_to_end.conftest import Running
from tests.end_to_end.process import Process, until
from tests.web_place import Place, answer

SENDER = "contracts@acme.example"


def test_an_address_is_told_once_answers_into_a_field_and_the_mail_below_follows(
    running: Running,
) -> None:
    with Place().open() as place:
        place.then = lambda handler: (
            answer(handler, 503)
            if len(place.came) == 1
            else answer(handler, 200, b'{"customer": {"id": 4711}}')
        )
        call = {
            "id": "tell-crm",
            "kind": "call_web_address",
            "settings": {
                "url": f"http://127.0.0.1:{place.server_port}/contracts",
                "answer": {"crm_id": "customer.id"},
            },
        }
        letter = mail("then")
        letter["settings"]["text"] = "Your number is {{ document.crm_id }}."
        stages = (stage("draft"), stage("sent", call, letter, triggers=[_SENT]))
        fields = {"crm_id": {"type": "text"}}
        process = Process(running, "web-calls", pipeline(*stages, senders=[SENDER], fields=fields))
        process.tell("envelope-sent")
        assert process.until_mailed("then") == ["then"]
    first, second = place.came
    key = f"{process.document().id}.2.tell-crm"
    assert [one[2]["idempotency-key"] for one in (first, second)] == [key, key]
    assert json.loads(first[3])["document"]["envelope"] == process.document().envelope
    assert process.document().fields["crm_id"] == "4711"
    assert process.mails()[0].text.strip() == "Your number is 4711."
    run = until(lambda: process.run("tell-crm"), lambda run: run.state == "done")
    assert (run.attempts, run.result) == (2, {"status": "200"})


_SENT = {"id": "sent", "kind": "sent"}
