"""Events without effect make no document, unless they carry what other messages would tell."""

from __future__ import annotations

import pytest

from countersign.model.signing_event import Envelope, Signer
from tests.builders import event, pipeline, stage, trigger, world

PIPELINE = pipeline(stage("draft"), stage("end", triggers=[trigger("signed_by_all")]))
KLARA = Signer(id="1", email="klara@kunde.example")


@pytest.mark.parametrize("kind", ["other", "template.changed"])
@pytest.mark.parametrize(
    ("state", "stage_"),
    [
        (None, None),
        (Envelope(id="env-1"), None),
        (Envelope(id="env-1", title="Lease"), None),
        (Envelope(id="env-1", status="sent"), "draft"),
        (Envelope(id="env-1", status="completed"), "end"),
        (Envelope(id="env-1", signers=(KLARA,)), "draft"),
    ],
)
def test_only_a_state_that_tells_how_far_an_envelope_is_makes_a_document(
    kind: str, state: Envelope | None, stage_: str | None
) -> None:
    here = world(PIPELINE)
    _, became = here.receive("docusign", [event(kind, state=state)])
    assert became == "applied"
    assert [one.stage for one in here.state.documents.values()] == ([stage_] if stage_ else [])
    # Known again either way.
    _, became = here.receive("docusign", [event(kind, state=state)])
    assert became == "duplicate"


def test_one_event_that_says_something_makes_the_document_of_all() -> None:
    here = world(PIPELINE)
    told = [event("other"), event("document.sent", minute=1)]
    here.receive("docusign", told)
    assert len(here.state.documents) == 1
