"""What commands print: tables and sentences for people, JSON for programs.

Tables show times in UTC. JSON has keys in snake case, times in UTC with ``Z`` and exact numbers as
text; ``json`` prints one value, ``jsonl`` a line for each record.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import click
from pydantic import BaseModel

from countersign.cli.output.table import table
from countersign.cli.output.terminal import one_line
from countersign.cli.output.verbs import JSON, JSONL, TABLE, output_format

Record = Mapping[str, Any]
Column = str | Callable[[Record], str]
"""The key whose value a cell shows, or a function of the record."""


def utc(at: datetime | None) -> str:
    """A moment in UTC, to the second; empty where there is none."""
    return "" if at is None else f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def say(text: str) -> None:
    """Print a sentence for people; programs get it as part of a record."""
    if output_format() == TABLE:
        click.echo(text)


def show_list(records: Iterable[Record], columns: Mapping[str, Column], none: str) -> None:
    """Print records as a table of these columns, or the sentence ``none`` if there are none."""
    listed = list(records)
    if output_format() != TABLE:
        _print_all(listed)
    elif listed:
        rows = [[_cell(record, column) for column in columns.values()] for record in listed]
        click.echo(table(tuple(columns), rows))
    else:
        click.echo(one_line(none))


def show_records(records: Iterable[Record], text: str) -> None:
    """Print records as a text that is a table already."""
    if output_format() == TABLE:
        click.echo(text)
    else:
        _print_all(list(records))


def show_one(record: Record | BaseModel, lines: Iterable[str] = ()) -> None:
    """Print one record: for people, as these lines."""
    if output_format() == TABLE:
        for line in lines:
            click.echo(line)
    else:
        click.echo(_json(record))


class Report:
    """What became of several things, printed one after the other as it is known."""

    def __init__(self) -> None:
        self._format = output_format()
        self._records: list[Record] = []

    def add(self, record: Record, line: str, *, error: bool = False) -> None:
        """One more of them: for people as a line, an error on standard error."""
        if self._format == JSON:
            self._records.append(record)
        elif self._format == JSONL:
            click.echo(_json(record))
        else:
            click.echo(one_line(line), err=error)

    def end(self, line: str | None = None) -> None:
        """Nothing more; the line is a summary for people."""
        if self._format == JSON:
            _print_all(self._records)
        elif self._format == TABLE and line is not None:
            click.echo(line)


def plain_json(value: Any) -> Any:
    """The value as JSON has it."""
    if isinstance(value, BaseModel):
        return plain_json(value.model_dump())
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = (field.name for field in dataclasses.fields(value))
        return {name: plain_json(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {str(key): plain_json(member) for key, member in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain_json(element) for element in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value) if isinstance(value, Decimal) else value


def _cell(record: Record, column: Column) -> str:
    value = column(record) if callable(column) else record[column]
    if isinstance(value, datetime):
        return utc(value)
    return "" if value is None else str(value)


def _print_all(records: list[Record]) -> None:
    if output_format() == JSON:
        click.echo(_json(records))
    else:
        for record in records:
            click.echo(_json(record))


def _json(value: Any) -> str:
    indent = 2 if output_format() == JSON else None
    return json.dumps(plain_json(value), indent=indent, ensure_ascii=False)
