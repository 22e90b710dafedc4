"""Records that several commands print."""

from __future__ import annotations

import json
from typing import Any

from countersign.cli.output.formats import plain_json
from countersign.engine.explain import Explanation
from countersign.http.views.documents import document_view
from countersign.http.views.tasks import task_view
from countersign.http.views.timeline import TimelineEntry
from countersign.model.log import LogEntry
from countersign.use_cases.queries.tail import FollowedDocument


def timeline_record(document: FollowedDocument, entry: LogEntry) -> str:
    """An entry of a document's timeline, as a line of JSON."""
    about = {"document": document.id, "title": document.title, "pipeline": document.pipeline}
    return json.dumps(plain_json({**about, **_entry(entry).model_dump()}), ensure_ascii=False)


def document_record(explanation: Explanation) -> dict[str, Any]:
    """Everything about a document, its parts as the API has them."""
    return {
        "document": document_view(explanation.document),
        "pipeline": explanation.pipeline,
        "stage": explanation.stage,
        "time_zone": explanation.time_zone,
        "paused": explanation.paused,
        "automation": explanation.automation,
        "timeline": [_entry(entry) for entry in explanation.timeline],
        "entries": explanation.entries,
        "tasks": [task_view(task) for task in explanation.tasks],
        "added_later": explanation.added_later,
    }


def _entry(entry: LogEntry) -> TimelineEntry:
    return TimelineEntry.model_validate(entry)
