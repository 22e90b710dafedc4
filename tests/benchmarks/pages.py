"""What a page of a list reads, by how much there is: counted, not measured.

``python -m tests.benchmarks.pages`` without a file prints the tables of docs/design.md.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from countersign.adapters.dynamodb import items
from countersign.adapters.dynamodb.stores.process.pages import DynamoPages
from countersign.model.document import Document
from countersign.model.page import Page, PageRequest, StageQuery, TaskQuery, WordQuery
from countersign.model.search_words import words_of
from countersign.model.signing_event import Signer
from countersign.model.task import Task
from tests.benchmarks.figures import Figure, write_figures
from tests.benchmarks.scale_table import MeteredTable
from tests.benchmarks.scene import ROOT
from tests.template_file import read_template

COUNTS = (100, 10_000, 100_000)
"""Documents that there are, each with an open task."""
LIMIT = 50
"""Items of a page."""
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PAGES: dict[str, Callable[[DynamoPages, PageRequest], Page[Any]]] = {
    "documents of a stage": lambda pages, page: pages.in_stage(
        StageQuery(pipeline="contracts", stage="sent"), page
    ),
    "documents by a word that all have": lambda pages, page: pages.with_word(
        WordQuery(word="framework"), page
    ),
    "documents by a word that one has": lambda pages, page: pages.with_word(
        WordQuery(word="c-000042"), page
    ),
    "open tasks of a person": lambda pages, page: pages.open_tasks(
        TaskQuery(assignees=("anna@acme.example",)), page
    ),
    "everybody's open tasks": lambda pages, page: pages.open_tasks(TaskQuery(), page),
}


@dataclass(frozen=True, slots=True)
class PageCost:
    """What one page reads."""

    queries: int
    batches: int
    units: float


def filled(count: int) -> MeteredTable:
    """A table with so many documents of one stage."""
    template = read_template(ROOT / "template.yaml")
    state = template["Resources"]["State"]["Properties"]
    table = MeteredTable(state["GlobalSecondaryIndexes"])
    for number in range(count):
        at = NOON + timedelta(seconds=number)
        document = Document(
            id=f"document-{number}",
            pipeline="contracts",
            stage="sent",
            since=at,
            created_at=at,
            title="Framework agreement",
            number=f"C-{number:06}",
            responsible="anna@acme.example",
            signers=(Signer(id="1", name="Klara Vogel", email="klara@kunde.example"),),
            word_index=1,
        )
        task = Task(
            document=document.id,
            id="1.call",
            entry=1,
            rule="call",
            pipeline="contracts",
            pipeline_version=1,
            stage="sent",
            title="Call",
            assignee="anna@acme.example",
            deadline=at,
            created_at=at,
        )
        marks = (items.dump_word(word, document) for word in words_of(document))
        for item in (items.dump_document(document), items.dump_task(task), *marks):
            table.items[item["pk"]["S"], item["sk"]["S"]] = item
    return table


def cost(table: MeteredTable, read: Callable[[DynamoPages, PageRequest], Page[Any]]) -> PageCost:
    """Of the second page of a list, or of the first where there is no other."""
    client: Any = table
    pages = DynamoPages(client, "State")
    first = read(pages, PageRequest(limit=LIMIT))
    table.begin()
    read(pages, PageRequest(limit=LIMIT, after=first.next))
    return PageCost(table.calls["Query"], table.calls["BatchGetItem"], sum(table.reads.values()))


def costs() -> dict[str, dict[int, PageCost]]:
    """Of each list, by how many documents there are."""
    found: dict[str, dict[int, PageCost]] = {name: {} for name in PAGES}
    for count in COUNTS:
        table = filled(count)
        for name, read in PAGES.items():
            found[name][count] = cost(table, read)
    return found


def shown(found: dict[str, dict[int, PageCost]]) -> Iterator[str]:
    """The table of docs/design.md."""
    yield f"| read units of a page of {LIMIT} | 100 | 10,000 | 100,000 | calls |"
    yield "| --- | --- | --- | --- | --- |"
    for name, by_count in found.items():
        units = " | ".join(f"{by_count[count].units:g}" for count in COUNTS)
        last = by_count[COUNTS[-1]]
        yield f"| {name} | {units} | {last.queries} queries, {last.batches} batches |"


def main(output: Path | None) -> None:
    """Count, and keep the figures or print the table."""
    found = costs()
    if output is None:
        print(*shown(found), sep="\n")
        return
    figures = [
        Figure(name=f"{name}, of {count:,}", value=one.units, unit="read units")
        for name, by_count in found.items()
        for count, one in by_count.items()
    ]
    write_figures(output, figures)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
