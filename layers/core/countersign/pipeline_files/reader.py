"""Pipeline files: YAML 1.2 or JSON as plain values, the line and column of each kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import yaml

from countersign.engine.validation.pipeline import Problem, check
from countersign.errors import PermanentError
from countersign.model.base import Place
from countersign.model.pipeline import Pipeline
from countersign.pipeline_files.yaml_errors import INSERT, explanation
from countersign.text.lines import one_line

MAX_BYTES = 1_000_000
MAX_DEPTH = 60
MAX_VALUES = 100_000
"""Values of a file with its aliases written out: a few lines of aliases can stand for billions."""

# libyaml is ten times as fast; where it is missing, PyYAML's own parser says the same.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

MERGE = "<<"
"""The key of a mapping into which others are merged (https://yaml.org/type/merge.html)."""
HOLDER = "x-"
"""How the keys at the top begin that only hold what aliases repeat elsewhere."""

_STRING = "tag:yaml.org,2002:str"
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?(0|[1-9][0-9]{0,40})")
_DECIMAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,4})?")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]")
_UNPRINTABLE = re.compile(
    r"[^\t\n\r\x20-\x7e\x85\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)
_PAIR = re.compile(r"(?<!\\)((?:\\\\)*)\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})", re.I)


@dataclass(frozen=True, slots=True, order=True)
class SourcePosition:
    """A place in a file, both counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, order=True)
class ReportLine:
    """One line of a report on a file, the way compilers write them."""

    mark: SourcePosition
    text: str
    severity: Literal["error", "warning"] = "error"

    def shown(self, name: str) -> str:
        """``contracts.yaml:31:9: …``"""
        word = "warning: " if self.severity == "warning" else ""
        place = f"{name}:{self.mark.line}:{self.mark.column}"
        return one_line(f"{place}: {word}{self.text}")


class UnreadableError(PermanentError):
    """The file is not YAML, or larger than accepted."""

    def __init__(self, mark: SourcePosition, text: str) -> None:
        super().__init__(text)
        self.line = ReportLine(mark, text)


@dataclass(frozen=True, slots=True)
class SourceMap:
    """Where each value of a file stands, and its key."""

    keys: Mapping[Place, SourcePosition]
    values: Mapping[Place, SourcePosition]
    """Of mappings and lists that stand below their key, the key's mark: that is their name."""

    def find(self, place: Place, *, of_key: bool = False) -> SourcePosition:
        """The mark of a place, or of the nearest that is written around it."""
        if of_key and place in self.keys:
            return self.keys[place]
        for end in range(len(place), -1, -1):
            position = self.values.get(place[:end])
            if position is not None:
                return position
        return SourcePosition(1, 1)

    def at(self, pointer: str, *, of_key: bool = False) -> SourcePosition:
        """The same of the place that a JSON pointer names (RFC 6901)."""
        place: Place = ()
        for part in pointer.split("/")[1:]:
            name = part.replace("~1", "/").replace("~0", "~")
            number = (*place, int(name)) if name.isdecimal() else place
            in_list = number in self.values or number in self.keys
            place = number if in_list and number != place else (*place, name)
        return self.find(place, of_key=of_key)


@dataclass(frozen=True, slots=True)
class FileCheck:
    """A file's pipeline, if it may be published, and the report on it, top to bottom."""

    pipeline: Pipeline | None
    report: tuple[ReportLine, ...]
    marks: SourceMap = field(default_factory=lambda: SourceMap({}, {}))
    """Where its parts stand."""


def check_file(path: Path, *, today: date) -> FileCheck:
    """Read and check a pipeline file. OSError where it cannot be read at all."""
    try:
        value, marks, repeated = read_file(path)
    except UnreadableError as error:
        return FileCheck(None, (error.line,))
    pipeline, problems = check(value, today=today)
    report = {*repeated, *(line_of(problem, marks) for problem in problems)}
    return FileCheck(None if repeated else pipeline, tuple(sorted(report)), marks)


def line_of(problem: Problem, marks: SourceMap) -> ReportLine:
    """The problem as a line of a report on the file."""
    mark = marks.find(problem.place, of_key=problem.of_key)
    return ReportLine(mark, problem.text, problem.severity)


def read_file(path: Path) -> tuple[Any, SourceMap, tuple[ReportLine, ...]]:
    """What ``read`` finds in a file. OSError where it cannot be read at all."""
    return read(_text(path), json=path.suffix.lower() == ".json")


def _text(path: Path) -> str:
    data = path.read_bytes()
    refuse_long(len(data))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        text = "this is not UTF-8; save the file as UTF-8"
        raise UnreadableError(SourcePosition(line, column), text) from None


def refuse_long(size: int) -> None:
    """UnreadableError for a file of more than ``MAX_BYTES``."""
    if size > MAX_BYTES:
        text = f"the file has {size:,} bytes; expected at most {MAX_BYTES:,}"
        raise UnreadableError(SourcePosition(1, 1), text)


def read(text: str, *, json: bool = False) -> tuple[Any, SourceMap, tuple[ReportLine, ...]]:
    """The values of a file, their marks, and a line for every key that stands twice.

    Numbers are int or Decimal, never binary floats; dates and clock times stay text, as in the
    core schema of YAML 1.2, and so do ``yes``, ``no``, ``on`` and ``off``. The merge key ``<<`` is
    resolved: what a mapping says itself wins. Keys at the top that begin with ``x-`` are left out.
    Raises UnreadableError.
    """
    if json:
        # YAML knows no surrogate pairs, which is how JSON writers escape what is beyond 16 bits.
        text = _PAIR.sub(_joined, text)
    odd = _UNPRINTABLE.search(text)
    if odd is not None:
        line = text.count("\n", 0, odd.start()) + 1
        mark = SourcePosition(line, odd.start() - text.rfind("\n", 0, odd.start()))
        code_point = f"U+{ord(odd[0]):04X}"
        raise UnreadableError(mark, f"the character {code_point} cannot stand in a text file")
    reading = _Reading(lines=text.split("\n"), merges=not json)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            reading.take(event)
    except yaml.MarkedYAMLError as error:
        raise UnreadableError(_mark(error.problem_mark), explanation(error, text)) from None
    if isinstance(reading.value, dict):
        for name in [name for name in reading.value if name.startswith(HOLDER)]:
            del reading.value[name]
    return reading.value, SourceMap(reading.keys, reading.values), tuple(reading.repeated)


def _joined(match: re.Match[str]) -> str:
    high, low = int(match[2], 16), int(match[3], 16)
    return f"{match[1]}\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08x}"


def _mark(mark: Any) -> SourcePosition:
    return SourcePosition(1, 1) if mark is None else SourcePosition(mark.line + 1, mark.column + 1)


@dataclass(slots=True)
class _Open:
    """A mapping or list that is being read."""

    place: Place
    value: dict[str, Any] | list[Any]
    mark: SourcePosition
    anchor: str | None
    before: int
    """Values that were read when it began."""
    key: str | None = None
    doubled: bool = False


@dataclass(slots=True)
class _Reading:
    """Values made from YAML's events one after the other, so that no depth can exhaust a stack."""

    lines: list[str] = field(default_factory=list)
    merges: bool = True
    value: Any = None
    keys: dict[Place, SourcePosition] = field(default_factory=dict)
    values: dict[Place, SourcePosition] = field(default_factory=dict)
    repeated: list[ReportLine] = field(default_factory=list)
    count: int = 0
    documents: int = 0
    stack: list[_Open] = field(default_factory=list)
    anchors: dict[str, tuple[Any, int]] = field(default_factory=dict)

    def take(self, event: Any) -> None:
        match event:
            case yaml.DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    text = "a second document begins here; a pipeline file holds one"
                    raise UnreadableError(_mark(event.start_mark), text)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._begin(event, {} if isinstance(event, yaml.MappingStartEvent) else [])
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                done = self.stack.pop()
                if self.merges and isinstance(done.value, dict) and MERGE in done.value:
                    self._merge(done.value, done.place)
                if done.anchor is not None:
                    self.anchors[done.anchor] = (done.value, self.count - done.before)
            case yaml.AliasEvent():
                self._alias(event)
            case yaml.ScalarEvent():
                self._scalar(event)

    def _begin(self, event: Any, value: dict[str, Any] | list[Any]) -> None:
        mark = _mark(event.start_mark)
        if len(self.stack) >= MAX_DEPTH:
            raise UnreadableError(mark, f"nested deeper than {MAX_DEPTH}; write it flatter")
        if event.tag not in (None, "!"):
            raise UnreadableError(mark, _no_tag(event.tag))
        before = self.count
        place = self._add(value, mark, flow=bool(event.flow_style))
        self.stack.append(_Open(place, value, mark, event.anchor, before))

    def _merge(self, value: dict[str, Any], place: Place) -> None:
        """Put in what ``<<`` names: of several the first wins, of all what the mapping says."""
        named = value.pop(MERGE)
        mark = self.keys.pop((*place, MERGE), SourcePosition(1, 1))
        several = named if isinstance(named, list) else [named]
        if not all(isinstance(source, dict) for source in several):
            text = f"{MERGE} takes a mapping or a list of mappings, such as *base"
            raise UnreadableError(mark, text)
        own = dict(value)
        value.clear()
        for source in (*reversed(several), own):
            value.update(source)
        for key in value.keys() - own.keys():
            self.keys[(*place, key)] = self.values[(*place, key)] = mark

    def _alias(self, event: Any) -> None:
        mark = _mark(event.start_mark)
        if any(opened.anchor == event.anchor for opened in self.stack):
            raise UnreadableError(mark, f"*{event.anchor} stands inside of what it repeats")
        if event.anchor not in self.anchors:
            raise UnreadableError(mark, f"there is no &{event.anchor} above; define it first")
        value, size = self.anchors[event.anchor]
        self.count += size - 1
        self._add(value, mark)

    def _scalar(self, event: Any) -> None:
        mark = _mark(event.start_mark)
        if event.tag not in (None, "!", _STRING):
            raise UnreadableError(mark, _no_tag(event.tag))
        top = self.stack[-1] if self.stack else None
        is_key = top is not None and isinstance(top.value, dict) and top.key is None
        plain = event.implicit[0] and event.tag is None and not is_key
        value = resolved(event.value) if plain else event.value
        self._add(value, mark)
        if event.anchor is not None:
            self.anchors[event.anchor] = (value, 1)

    def _add(self, value: Any, mark: SourcePosition, *, flow: bool = True) -> Place:
        """Put a value where it belongs; returns its place."""
        self.count += 1
        if self.count > MAX_VALUES:
            raise UnreadableError(mark, f"more than {MAX_VALUES:,} values; expected fewer aliases")
        if not self.stack:
            self.value, self.values[()] = value, mark
            return ()
        top = self.stack[-1]
        if isinstance(top.value, list):
            place: Place = (*top.place, len(top.value))
            top.value.append(value)
            self.values[place] = mark
            return place
        if top.key is None:
            self._key(top, value, mark)
            return top.place
        key, top.key = top.key, None
        if top.doubled:
            return (*top.place, f"{key}\0")  # Left out, and so are the marks of what is in it.
        place = (*top.place, key)
        top.value[key] = value
        self.values[place] = mark if flow else self.keys[place]
        return place

    def _key(self, top: _Open, key: Any, mark: SourcePosition) -> None:
        if not isinstance(key, str) or not isinstance(top.value, dict):
            braces = self.lines[mark.line - 1][mark.column - 2 : mark.column]
            if braces == "{{":
                raise UnreadableError(SourcePosition(mark.line, mark.column - 1), INSERT)
            raise UnreadableError(mark, "a key must be a text")
        place = (*top.place, key)
        top.key, top.doubled = key, key in top.value
        if top.doubled:
            text = f'"{key}" stands in line {self.keys[place].line} already; keep one of them'
            self.repeated.append(ReportLine(mark, text))
        else:
            self.keys[place] = mark


def _no_tag(tag: str) -> str:
    text = f"the tag {tag} has no meaning here; remove it"
    return f"{text}, or put the text in quotes" if tag.startswith("!") else text


def resolved(text: str) -> Any:
    """A plain scalar by the core schema of YAML 1.2, decimals exact, leading zeros kept as text."""
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if _INT.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text) and not _LEADING_ZERO.match(text):
        return Decimal(text)
    return text
