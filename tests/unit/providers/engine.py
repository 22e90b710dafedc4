"""What the engine makes of a provider's messages, for the tests of who signed."""

from __future__ import annotations

from typing import Any

from countersign.model.document import Document
from countersign.model.pipeline import Pipeline
from countersign.providers import provider
from countersign.providers.base import Request
from tests.builders import connection, pipeline, stage, trigger, world


def stages() -> Pipeline:
    """A stage for each answer to "who has signed"."""
    return pipeline(
        stage("draft"),
        stage("sent", triggers=[trigger("sent")]),
        stage("company-signed", triggers=[trigger("signed_by_company")]),
        stage("client-signed", triggers=[trigger("signed_by_client")]),
        stage("signed", triggers=[trigger("signed_by_all")], kind="success"),
    )


def after(name: str, *requests: Request, **parties: Any) -> Document:
    """The document after these messages of one envelope, in this order."""
    made = world(stages())
    made.connect(connection(id=name, provider=name, parties=parties))
    document = None
    for request in requests:
        document = made.tell(name, provider(name).read(request))
    assert document is not None
    return document


def signers(document: Document) -> list[tuple[str | None, str | None, str, bool]]:
    """Name, address, side and whether he has signed, of every signer who must act."""
    return [
        (signer.name, signer.email, signer.party, signer.status == "signed")
        for signer in document.signers
        if signer.must_act
    ]
