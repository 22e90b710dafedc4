"""Removing connections and pipelines: in small steps, each of which may be the last for a while.

Whatever is interrupted is finished by doing it again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from countersign.errors import NotFoundError, PermanentError
from countersign.model.audit import AuditSubject
from countersign.ports import (
    Connections,
    CredentialStore,
    Documents,
    FileStore,
    HeldMessages,
    Pipelines,
)
from countersign.use_cases.auditor import Auditor, Change, recorded
from countersign.use_cases.connections.connect import existing_credentials
from countersign.use_cases.connections.recorded import connection_subject, recorded_connection
from countersign.use_cases.documents.remove import remove_document
from countersign.use_cases.queries.pipelines import published_head


@dataclass(frozen=True, slots=True, kw_only=True)
class Remover:
    """What removing needs from outside."""

    documents: Documents
    pipelines: Pipelines
    connections: Connections
    secrets: CredentialStore
    held: HeldMessages
    files: FileStore
    auditor: Auditor | None = None
    """Records who removes something; nobody does for None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """What is lost with a pipeline, and what stands in the way of removing it."""

    pipeline: str
    version: int
    """As many versions are lost."""
    documents: int
    connections: tuple[str, ...]
    """Those that lead to it; they must be removed first."""

    def check(self, *, and_documents: bool) -> None:
        """Raise PermanentError where a connection leads to the pipeline or, without
        ``and_documents``, where it has documents."""
        check_unconnected(self.pipeline, self.connections)
        if self.documents and not and_documents:
            raise PermanentError(
                f"{self.pipeline} has {self.documents} document{'s' * (self.documents != 1)}; "
                "--and-documents removes them too, with their timelines, runs, tasks and files"
            )

    @property
    def change(self) -> Change:
        """Removing it, as the audit log has it."""
        return Change(
            action="pipeline.removed",
            subject=pipeline_subject(self.pipeline),
            before={"version": self.version, "documents": self.documents},
        )


def pipeline_subject(pipeline: str) -> AuditSubject:
    """The pipeline, as the audit log has it."""
    return AuditSubject(kind="pipeline", id=pipeline)


def remove_connection(remover: Remover, connection: str, *, drop_messages: bool = False) -> None:
    """Forget a connection and its secrets; its address is answered 401 from now on.

    Its documents stay. Messages that wait for its paused pipeline need it, so that it is kept
    until they were applied, unless ``drop_messages``. NotFoundError where there is no such
    connection, PermanentError where messages wait.
    """
    pipeline = pipeline_of_connection(remover, connection)
    waiting = [
        message for message in remover.held.list(pipeline) if message.connection == connection
    ]
    if waiting and not drop_messages:
        raise PermanentError(
            f"messages of {connection} wait until {pipeline} is resumed; resume it first, or "
            "drop them with --drop-messages"
        )
    change = Change(
        action="connection.removed",
        subject=connection_subject(connection),
        before=recorded_connection(remover.connections.get(connection)),
    )
    with recorded(remover.auditor, change):
        for message in waiting:
            remover.held.remove(message)
        # Without its entry in the table no message is accepted, even with the right secrets.
        remover.connections.remove(connection)
        remover.secrets.remove(connection)


def pipeline_of_connection(remover: Remover, connection: str) -> str:
    """Where its messages go, though only its credentials were left when removing it was
    interrupted; NotFoundError where neither is there."""
    connections, secrets = remover.connections, remover.secrets
    known = connections.get(connection)
    return (known or existing_credentials(connections, secrets, connection)).pipeline


def remove_pipeline(
    remover: Remover, pipeline: str, *, and_documents: bool = False
) -> Iterator[str]:
    """Forget a pipeline with its versions, and with ``and_documents`` all its documents.

    Tells the id of each document that was removed. The pipeline goes last, so that what was
    interrupted can be done again. NotFoundError where there is no such pipeline, PermanentError
    where a connection leads to it or, without ``and_documents``, where it has documents.
    """
    removal = removal_of(remover, pipeline)
    removal.check(and_documents=and_documents)
    with recorded(remover.auditor, removal.change):
        yield from _remove_all(remover, pipeline)


def _remove_all(remover: Remover, pipeline: str) -> Iterator[str]:
    for document in remover.documents.in_stage(pipeline):
        with suppress(NotFoundError):  # the list is eventually consistent
            remove_document(remover.documents, remover.files, document.id)
        yield document.id
    for message in remover.held.list(pipeline):
        remover.held.remove(message)
    for aside in remover.held.list_aside(pipeline):
        remover.held.remove_aside(aside.message)
    remover.pipelines.remove(pipeline)


def removal_of(remover: Remover, pipeline: str) -> Removal:
    """What removing a pipeline would mean now; NotFoundError where there is none."""
    return Removal(
        pipeline=pipeline,
        version=published_head(remover.pipelines, pipeline).version,
        documents=sum(1 for _ in remover.documents.cards(pipeline)),
        connections=leading_to(remover.connections, pipeline),
    )


def leading_to(connections: Connections, pipeline: str) -> tuple[str, ...]:
    """The connections whose messages go to a pipeline."""
    return tuple(
        connection.id for connection in connections.list() if connection.pipeline == pipeline
    )


def check_unconnected(pipeline: str, connections: Sequence[str]) -> None:
    """Raise PermanentError where these connections lead to the pipeline."""
    if connections:
        commands = ", ".join(
            f"countersign connections remove {connection}" for connection in connections
        )
        msg = f"messages of {', '.join(connections)} still go to {pipeline}; first run: {commands}"
        raise PermanentError(msg)
