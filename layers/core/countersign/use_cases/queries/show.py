"""Showing a document: where it is, how it got there, what is planned, and why."""

from __future__ import annotations

from countersign.engine.explain import DocumentHistory, Explanation, explain
from countersign.errors import NotFoundError
from countersign.ports import Documents, Pipelines
from countersign.use_cases.pipelines.compiled_pipelines import CompiledPipelines


def show(
    documents: Documents, pipelines: Pipelines, programs: CompiledPipelines, document_id: str
) -> Explanation:
    """Everything about one document. NotFoundError where there is none."""
    document = documents.get(document_id)
    if document is None:
        raise NotFoundError(f"there is no document {document_id}")
    head = pipelines.head(document.pipeline)
    if head is None:
        raise NotFoundError(f"the pipeline {document.pipeline} is not published")
    history = DocumentHistory(
        document=document,
        timeline=documents.timeline(document.id),
        runs=documents.runs(document.id),
        tasks=documents.tasks(document.id),
    )
    current, program_of = programs.published(head), programs.of(head.pipeline)
    return explain(history, current, program_of, paused=head.paused)
