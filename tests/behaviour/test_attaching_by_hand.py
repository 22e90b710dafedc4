"""A person attaches an envelope to a document: what is told of it then is about the document."""

from __future__ import annotations

import pytest

from countersign.errors import NotFoundError, PermanentError
from countersign.model.actor import user
from countersign.simulation.world import World
from countersign.use_cases.documents.attach import attach_envelope
from countersign.use_cases.documents.edit import NewDocument, make
from tests.builders import ANNA, connection, envelope, event, pipeline, stage, trigger, world

BEN = user("ben@acme.example")
PIPELINE = pipeline(stage("draft"), stage("sent", triggers=[trigger("sent")]))


def with_lease() -> World:
    here = world(PIPELINE)
    make(here.store, NewDocument(id="lease", pipeline="contracts"), BEN)
    return here


def test_messages_find_the_document_that_the_envelope_was_attached_to() -> None:
    here = with_lease()

    attach_envelope(here.store, "lease", ("docusign", "env-1"), BEN)
    told = here.tell("docusign", [event("document.sent", state=envelope())])

    assert (told.id, told.stage, told.envelope) == ("lease", "sent", "env-1")
    assert [one.id for one in here.documents.in_stage("contracts")] == ["lease"]
    texts = [entry.text for entry in here.documents.timeline("lease")]
    assert "ben@acme.example attached the envelope env-1 of docusign" in texts


def test_an_envelope_of_another_document_stays_with_it() -> None:
    here = with_lease()
    other = here.tell("docusign", [event("document.sent", state=envelope())])

    with pytest.raises(PermanentError, match=f"belongs to the document {other.id} already"):
        attach_envelope(here.store, "lease", ("docusign", "env-1"), BEN)
    assert here.tell("docusign", [event("signer.signed", ANNA, minute=1)]).id == other.id


def test_a_document_has_one_envelope() -> None:
    here = with_lease()
    attach_envelope(here.store, "lease", ("docusign", "env-1"), BEN)

    with pytest.raises(PermanentError, match="has the envelope env-1 already"):
        attach_envelope(here.store, "lease", ("docusign", "env-2"), BEN)


def test_the_connection_must_be_there_and_of_the_documents_pipeline() -> None:
    here = with_lease()
    here.publish(PIPELINE.model_copy(update={"pipeline": "leases"}))
    here.connect(connection(id="elsewhere", pipeline="leases"))

    with pytest.raises(NotFoundError, match='there is no connection "docusing"'):
        attach_envelope(here.store, "lease", ("docusing", "env-1"), BEN)
    with pytest.raises(PermanentError, match="belongs to the pipeline leases"):
        attach_envelope(here.store, "lease", ("elsewhere", "env-1"), BEN)
    with pytest.raises(NotFoundError, match="there is no document d-9"):
        attach_envelope(here.store, "d-9", ("docusign", "env-1"), BEN)


@pytest.mark.parametrize("odd", ["", "   ", "e" * 501])
def test_an_id_that_no_envelope_has_is_refused(odd: str) -> None:
    here = with_lease()

    with pytest.raises(PermanentError, match="an envelope's id has 1 to 500 characters"):
        attach_envelope(here.store, "lease", ("docusign", odd), BEN)
