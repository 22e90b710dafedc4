"""A world whose stores answer in the wrong order, so that what is listed is ordered by queries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from countersign.adapters.memory.parameters.rule_secrets import MemoryRuleSecrets
from countersign.adapters.memory.queues.dead_letters import MemoryDeadLetters
from countersign.adapters.memory.services.refused_calls import MemoryRefusedCalls
from countersign.adapters.memory.services.rejected_requests import MemoryRejectedRequests
from countersign.adapters.memory.tables.operations.held_messages import MemoryHeldMessages
from countersign.adapters.memory.tables.process.state import (
    MemoryConnections,
    MemoryDocuments,
    MemoryPipelines,
)
from countersign.model.connection import Connection
from countersign.model.dead_letter import DeadLetter, DeadLetterQueue
from countersign.model.document import Document, DocumentCard
from countersign.model.incoming_message import SetAsideMessage
from countersign.model.pipeline import Head, Version
from countersign.model.refusal import RefusedCall
from countersign.model.run import Run, RunState
from countersign.model.search_words import words_of
from countersign.model.task import Task
from countersign.model.transaction import ProcessedEvent
from countersign.simulation.world import START, World
from tests.builders import pipeline, stage

ANNA, BEN = "anna@acme.example", "ben@acme.example"


class LastFirstDocuments(MemoryDocuments):
    """As the port promises, but for the order."""

    def in_stage(self, pipeline: str, stage: str | None = None) -> Iterator[Document]:
        yield from reversed(tuple(super().in_stage(pipeline, stage)))

    def cards(self, pipeline: str) -> Iterator[DocumentCard]:
        yield from reversed(tuple(super().cards(pipeline)))

    def troubled(self, pipeline: str | None = None) -> Iterator[Run]:
        yield from reversed(tuple(super().troubled(pipeline)))

    def runs(self, document: str, entry: int | None = None) -> tuple[Run, ...]:
        return super().runs(document, entry)[::-1]

    def tasks(self, document: str) -> tuple[Task, ...]:
        return super().tasks(document)[::-1]

    def open_tasks(self, assignee: str | None = None) -> Iterator[Task]:
        yield from reversed(tuple(super().open_tasks(assignee)))

    def recent_events(self, connection: str, limit: int) -> tuple[ProcessedEvent, ...]:
        return super().recent_events(connection, limit)[::-1]


class LastFirstPipelines(MemoryPipelines):
    """As the port promises, but for the order."""

    def list(self) -> tuple[Head, ...]:
        return super().list()[::-1]

    def versions(self, pipeline: str, newest: int) -> tuple[Version, ...]:
        return super().versions(pipeline, newest)[::-1]


class LastFirstConnections(MemoryConnections):
    """As the port promises, but for the order."""

    def list(self) -> tuple[Connection, ...]:
        return super().list()[::-1]


class LastFirstHeldMessages(MemoryHeldMessages):
    """As the port promises, but for the order."""

    def list_aside(self, pipeline: str) -> Iterator[SetAsideMessage]:
        yield from reversed(tuple(super().list_aside(pipeline)))


class LastFirstRejectedRequests(MemoryRejectedRequests):
    """As the port promises, but for the order."""

    def ids(self, connection: str | None = None) -> Iterator[str]:
        yield from reversed(tuple(super().ids(connection)))


class LastFirstRefusedCalls(MemoryRefusedCalls):
    """As the port promises, but for the order."""

    def recent(self, connection: str, limit: int, *, since: datetime) -> tuple[RefusedCall, ...]:
        return super().recent(connection, limit, since=since)[::-1]


class LastFirstDeadLetters(MemoryDeadLetters):
    """As the port promises, but for the order."""

    def hold(self, queue: DeadLetterQueue) -> Iterator[DeadLetter]:
        yield from reversed(tuple(super().hold(queue)))


class LastFirstRuleSecrets(MemoryRuleSecrets):
    """As the port promises, but for the order."""

    def list(self) -> tuple[str, ...]:
        return super().list()[::-1]


def disordered() -> World:
    """A world with the pipelines ``contracts`` and ``leases``, whose stores answer last first."""
    here = World()
    here.named_secrets = LastFirstRuleSecrets()
    here.documents = LastFirstDocuments(here.state)
    here.pipelines = LastFirstPipelines(here.state)
    here.connections = LastFirstConnections(here.state)
    here.held = LastFirstHeldMessages()
    here.rejected = LastFirstRejectedRequests()
    here.refusals = LastFirstRefusedCalls()
    here.dead_letters = LastFirstDeadLetters()
    here.publish(pipeline(stage("draft", name="In Arbeit"), stage("sent"), name="Contracts"))
    here.publish(pipeline(stage("draft"), stage("moved-in"), pipeline="leases"))
    return here


def two_pipelines() -> World:
    """A document in each of two pipelines: ``d-1`` of contracts, ``d-2`` of leases."""
    made = World()
    for name in ("contracts", "leases"):
        made.publish(pipeline(stage("draft"), stage("sent"), pipeline=name))
    put(made, "d-1")
    put(made, "d-2", pipeline="leases")
    return made


def put(here: World, document: str, since: int = 0, **more: Any) -> Document:
    """A document that arrived in its stage so many minutes after the start."""
    at = START + timedelta(minutes=since)
    given = {"pipeline": "contracts", "stage": "draft", "since": at, "created_at": START, **more}
    made = Document.model_validate({"id": document, "word_index": 1, **given})
    here.state.documents[document] = made
    here.state.words |= {(word, document) for word in words_of(made)}
    return made


def run(here: World, document: str, rule: str, state: RunState, minute: int, **more: Any) -> Run:
    """A run that came into its state so many minutes after the start."""
    at = START + timedelta(minutes=minute)
    given = {
        "entry": 1,
        "pipeline": "contracts",
        "pipeline_version": 1,
        "stage": "draft",
        "kind": "send_email",
        "lane": "email",
        "planned_at": START,
        "concluded_at": at,
        **more,
    }
    made = Run.model_validate({"document": document, "rule": rule, "state": state, **given})
    here.state.runs[made.key] = made
    return made


def task(here: World, document: str, rule: str, minute: int | None = None, **more: Any) -> Task:
    """An open task of Ben's with its deadline so many minutes after the start."""
    deadline = None if minute is None else START + timedelta(minutes=minute)
    given = {
        "id": f"1.{rule}",
        "entry": 1,
        "rule": rule,
        "pipeline": "contracts",
        "pipeline_version": 1,
        "stage": "draft",
        "title": rule,
        "assignee": BEN,
        "deadline": deadline,
        "created_at": START,
        **more,
    }
    made = Task.model_validate({"document": document, **given})
    here.state.tasks[made.key] = made
    return made
