"""Records that several commands print."""

from __future__ import annotations

import json

from countersign.cli.output.formats import plain_json
from countersign.model.document import Document
from countersign.model.log import LogEntry


def timeline_record(document: Document, entry: LogEntry) -> str:
    """An entry of a document's timeline, as a line of JSON."""
    about = {"document": document.id, "title": document.title, "pipeline": document.pipeline}
    return json.dumps(plain_json({**about, **entry.model_dump()}), ensure_ascii=False)
