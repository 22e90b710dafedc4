"""The timeline's lines: what is stored of them."""

from __future__ import annotations

from countersign.model.log import LogEntry


def test_a_line_of_before_is_read_with_its_kind_as_it_is_called_today() -> None:
    stored = {"at": "2026-03-02T09:00:00Z", "kind": "repaired", "entry": 1}
    line = LogEntry.model_validate(stored)
    assert (line.kind, line.model_dump(mode="json")["kind"]) == ("resolved", "resolved")
