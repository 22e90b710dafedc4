"""semantics, section 2.8: a message that tells less than another takes nothing away."""

from __future__ import annotations

from countersign.model.signing_event import Envelope
from tests.builders import KLARA, envelope, event, pipeline, stage, world


def test_a_custom_field_that_a_message_leaves_out_stays_as_it_is() -> None:
    here = world(pipeline(stage("draft")), fields=[{"source": "Price", "field": "amount"}])
    state = envelope(custom_fields={"Price": "500"})
    here.tell("docusign", [event("document.sent", state=state)])
    short = Envelope(id=state.id, all_signers=False)
    document = here.tell("docusign", [event("document.viewed", KLARA, minute=1, state=short)])
    assert document.amount == 500
    emptied = envelope(custom_fields={"Price": ""})
    last = here.tell("docusign", [event("document.viewed", minute=2, state=emptied)])
    assert last.amount is None
