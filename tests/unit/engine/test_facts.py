"""What a message says beyond what is known: who the signers are, and who replaced whom."""

from __future__ import annotations

from typing import Any

from countersign.model.signing_event import SignerRef
from tests.builders import ANNA, KLARA, envelope, event, pipeline, stage, world

PIPELINE = pipeline(stage("draft"))
MAX = "max@kunde.example"


def part(**signer: Any) -> dict[str, Any]:
    """The state of a message that tells of one signer only."""
    return {"state": envelope(None, signers=[signer], all_signers=False)}


def test_a_message_about_one_signer_neither_drops_nor_reorders_the_others() -> None:
    here = world(PIPELINE)
    here.tell("docusign", [event("document.sent", state=envelope())])
    told = part(id="1", name="Anna Berger", email=ANNA)
    after = here.tell("docusign", [event("document.viewed", ANNA, minute=1, **told)])
    assert [(s.id, s.name) for s in after.signers] == [("1", "Anna Berger"), ("2", "Klara")]


def test_a_message_about_one_signer_does_not_make_a_copy_a_signature() -> None:
    here = world(PIPELINE)
    archive = {"id": "3", "email": "archive@acme.example", "action": "copy"}
    state = envelope(signers=[*envelope().model_dump()["signers"], archive])
    here.tell("docusign", [event("document.sent", state=state)])
    told = part(id="3", email="archive@acme.example")
    after = here.tell("docusign", [event("document.viewed", minute=1, **told)])
    assert after.signers[2].action == "copy"


def test_who_handed_on_is_replaced_at_his_place_and_not_counted_as_having_signed() -> None:
    here = world(PIPELINE)
    here.tell("docusign", [event("document.sent", state=envelope())])
    previous = SignerRef(email=KLARA)
    here.tell("docusign", [event("signer.reassigned", MAX, minute=1, previous_signer=previous)])
    after = here.tell("docusign", [event("document.completed", minute=2)])
    assert [(s.email, s.order, s.status) for s in after.signers] == [
        (ANNA, 1, "signed"),
        (MAX, 2, "signed"),
    ]


def test_who_handed_on_is_kept_while_nobody_knows_to_whom() -> None:
    here = world(PIPELINE)
    here.tell("docusign", [event("document.sent", state=envelope())])
    previous = SignerRef(email=KLARA)
    here.tell("docusign", [event("signer.reassigned", minute=1, previous_signer=previous)])
    after = here.tell("docusign", [event("signer.signed", ANNA, minute=2)])
    assert [(s.email, s.status) for s in after.signers] == [(ANNA, "signed"), (KLARA, "waiting")]
    assert after.status == "sent"


def test_a_signature_given_before_is_kept_though_the_signer_is_said_to_be_replaced() -> None:
    here = world(PIPELINE)
    here.tell("docusign", [event("document.sent", state=envelope())])
    here.tell("docusign", [event("signer.signed", KLARA, minute=1)])
    previous = SignerRef(email=KLARA)
    after = here.tell(
        "docusign", [event("signer.reassigned", MAX, minute=2, previous_signer=previous)]
    )
    assert [s.email for s in after.signers] == [ANNA, KLARA]


def test_a_signer_met_by_address_is_the_same_once_an_id_is_told() -> None:
    here = world(PIPELINE)
    here.tell("docusign", [event("signer.signed", ANNA)])
    after = here.tell("docusign", [event("document.viewed", KLARA, minute=1, state=envelope())])
    assert [(s.id, s.email, s.status) for s in after.signers] == [
        ("1", ANNA, "signed"),
        ("2", KLARA, "viewed"),
    ]
