"""A removed connection takes nothing any more, even where its secrets are still known."""

from __future__ import annotations

from datetime import timedelta

import pytest

from countersign.adapters.memory.tables.process.state import MemoryDocuments
from countersign.errors import ConflictError, PermanentError
from countersign.model.connection import ConnectionCredentials
from countersign.providers import provider
from countersign.providers.base import Request
from countersign.simulation.world import World
from countersign.use_cases.messages.receive import receive
from countersign.use_cases.pipelines.pause import pause, resume
from countersign.use_cases.pipelines.remove import Remover, remove_connection, remove_pipeline
from tests.builders import connection, pipeline, stage

HOUR = timedelta(hours=1)
BODY = b"""{"event": "envelope-sent", "generatedDateTime": "2026-03-02T09:00:00Z", "data": {
  "envelopeId": "e-%d", "envelopeSummary": {"status": "sent"}}}"""


def a_world() -> World:
    """A published pipeline with a DocuSign connection."""
    world = World()
    world.publish(pipeline(stage("draft"), stage("sent")))
    world.connect(connection(), SECRETS)
    return world


SECRETS = ConnectionCredentials(
    connection="docusign", provider="docusign", pipeline="contracts", tokens=("t",), secrets=("s",)
)


def remover(world: World) -> Remover:
    """Removing in a world."""
    return Remover(
        documents=world.documents,
        pipelines=world.pipelines,
        connections=world.connections,
        secrets=world.secrets,
        held=world.held,
        files=world.files,
    )


def send(world: World, number: int = 1) -> int:
    """Send a genuine message; the status of the answer."""
    request = Request(
        headers={"content-type": "application/json"},
        body=BODY % number,
        received_at=world.now + timedelta(minutes=number),
    )
    signed = provider("docusign").sign(request, "s", world.now)
    return receive(world.receiver, "docusign.t", signed).answer.status


def test_a_removed_connection_is_refused_though_its_secrets_are_still_known() -> None:
    world = a_world()
    assert send(world) == 200
    (document,) = world.documents.in_stage("contracts")
    remove_connection(remover(world), "docusign")
    assert send(world, 2) == 401
    world.secrets.put(SECRETS)
    assert send(world, 3) == 401
    assert world.parked.take() == ()
    assert [one.id for one in world.documents.in_stage("contracts")] == [document.id]


def test_it_is_refused_while_its_pipeline_is_paused_too() -> None:
    """What waited for it could not be applied by anybody once the pipeline is resumed."""
    world = a_world()
    remove_connection(remover(world), "docusign")
    world.secrets.put(SECRETS)
    pause(world.pipelines, "contracts")
    assert send(world) == 401
    assert list(world.held.list("contracts")) == []
    resume(world.receiver, world.pipelines, "contracts")
    assert list(world.held.list_aside("contracts")) == []


def test_a_connection_that_messages_wait_for_is_kept() -> None:
    world = a_world()
    pause(world.pipelines, "contracts")
    assert send(world) == 200
    with pytest.raises(
        PermanentError, match="messages of docusign wait until contracts is resumed"
    ):
        remove_connection(remover(world), "docusign")
    assert world.connections.get("docusign") is not None
    assert world.secrets.get("docusign") == SECRETS


def test_of_the_messages_that_wait_only_those_of_the_connection_are_dropped() -> None:
    world = a_world()
    pause(world.pipelines, "contracts")
    assert send(world) == 200
    (own,) = world.held.list("contracts")
    others = [
        own.model_copy(update={"connection": "adobe", "received_at": own.received_at + n * HOUR})
        for n in (-1, 1)
    ]
    for other in others:
        world.held.add(other)
    with pytest.raises(PermanentError, match="messages of docusign wait"):
        remove_connection(remover(world), "docusign")
    remove_connection(remover(world), "docusign", drop_messages=True)
    assert list(world.held.list("contracts")) == others
    assert (world.connections.get("docusign"), world.secrets.get("docusign")) == (None, None)


def test_a_pipeline_that_messages_still_go_to_is_kept() -> None:
    world = a_world()
    with pytest.raises(PermanentError, match="messages of docusign still go to contracts"):
        list(remove_pipeline(remover(world), "contracts", and_documents=True))
    assert world.pipelines.head("contracts") is not None


def test_a_pipeline_goes_last_so_that_removing_it_can_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = a_world()
    assert [send(world, number) for number in (1, 2, 3)] == [200, 200, 200]
    remove_connection(remover(world), "docusign")
    really, removed = world.documents.remove, list[str]()

    def remove(document: str) -> None:
        if len(removed) == 2:
            raise ConflictError(document)
        removed.append(document)
        really(document)

    monkeypatch.setattr(world.documents, "remove", remove)
    with pytest.raises(ConflictError):
        list(remove_pipeline(remover(world), "contracts", and_documents=True))
    assert world.pipelines.head("contracts") is not None
    assert len(list(world.documents.in_stage("contracts"))) == 1
    monkeypatch.setattr(world.documents, "remove", really)
    assert len(list(remove_pipeline(remover(world), "contracts", and_documents=True))) == 1
    assert world.pipelines.head("contracts") is None


@pytest.mark.parametrize(("changed", "goes"), [(2, True), (3, False)])
def test_a_document_that_is_changed_while_it_is_removed_is_tried_again(
    changed: int, goes: bool
) -> None:
    class Changing(MemoryDocuments):
        left = changed

        def remove(self, document: str) -> None:
            self.left -= 1
            if self.left >= 0:
                raise ConflictError("somebody changed it")
            super().remove(document)

    world = a_world()
    send(world)
    world.documents = Changing(world.state)
    remove_connection(remover(world), "docusign")
    if goes:
        assert len(list(remove_pipeline(remover(world), "contracts", and_documents=True))) == 1
    else:
        with pytest.raises(ConflictError):
            list(remove_pipeline(remover(world), "contracts", and_documents=True))
    assert (world.pipelines.head("contracts") is None) is goes
