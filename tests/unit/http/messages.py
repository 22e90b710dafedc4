"""The message templates in the source: what is raised, and what checks of pipelines yield."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

CORE = Path(__file__).parents[3] / "layers/core/countersign"

RAISED = (
    *("http", "use_cases", "engine", "model", "pipeline_files", "providers", "rules", "text"),
    *("adapters/checks.py", "adapters/cognito", "adapters/http/client.py", "adapters/ses"),
)
"""Where errors are raised that the API answers with."""
CHECKED = (
    *("engine/validation", "engine/conditions", "pipeline_files", "rules", "triggers"),
    "use_cases/entitlements.py",
)
"""Where problems of pipelines are yielded as texts."""
REASONS = ("engine/compiled_pipeline.py", "engine/decisions/triggers.py", "rules", "triggers")
"""Where functions give the reason why a trigger did not fire, or a rule did not run."""
FOUND = ("use_cases/queries/operations/health.py",)
"""Where checks of a deployment give what they found, and what to do about it."""
PLAYED = tuple(
    f"simulation/backtest/{name}.py" for name in ("inputs", "messages", "replay", "slices")
)
"""Where a back-test says what does not fit a document, or is not known of it."""
ELSEWHERE = (
    "use_cases/messages/apply_message",
    "use_cases/messages/mail_events",
    "http/openapi.py",
)
"""What runs in other functions, or when the product is built."""

Environment = Mapping[str, Sequence[ast.expr]]
Messages = Callable[[ast.AST], Iterator[ast.expr]]
"""The expressions of a node that are messages."""


def templates() -> dict[str, str]:
    """Where each template is, which has ``{name}`` for each value."""
    found: dict[str, str] = {}
    kinds = (
        (RAISED, _raised),
        (CHECKED, _checked),
        (REASONS, _given),
        (FOUND, _found),
        (PLAYED, _played),
    )
    for places, messages in kinds:
        for place in places:
            for path in _modules(CORE / place):
                where = str(path.relative_to(CORE))
                if not where.startswith(ELSEWHERE):
                    for text in _texts(ast.parse(path.read_text(encoding="utf-8")), messages):
                        found.setdefault(text, where)
    return {text: where for text, where in found.items() if _says_something(text)}


def _modules(place: Path) -> list[Path]:
    return [place] if place.is_file() else sorted(place.rglob("*.py"))


def parts(template: str) -> tuple[str, ...]:
    """What a template says between its values, whatever these are called."""
    said, depth = [""], 0
    for letter in template:
        depth += (letter == "\x01") - (letter == "\x02")
        if letter == "\x01":
            said.append("")
        elif not depth and letter != "\x02":
            said[-1] += letter
    return tuple(said)


def _says_something(text: str) -> bool:
    """Whether it has words of ours; commands stay as they are."""
    if text.startswith(("countersign ", "aws ")):
        return False
    return sum(letter.isalpha() for said in parts(text) for letter in said) > 5


def _texts(tree: ast.AST, messages: Messages) -> Iterator[str]:
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            known = _assigned(ast.walk(function))
            for block in _blocks(function):
                before = known | _assigned_last(block)
                for statement in block:
                    for node in _own(statement):
                        for message in messages(node):
                            yield from _read(message, before)


def _blocks(function: ast.FunctionDef) -> Iterator[list[ast.stmt]]:
    """Each row of statements: what a row assigns is what the same row raises."""
    for node in ast.walk(function):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list):
                yield block


def _own(statement: ast.stmt) -> Iterator[ast.AST]:
    """What is of the statement itself, without the rows of statements in it."""
    yield statement
    for child in ast.iter_child_nodes(statement):
        if not isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
            yield from ast.walk(child)


def _assigned_last(block: Iterable[ast.stmt]) -> dict[str, list[ast.expr]]:
    """What a row of statements, and the branches in it, leave of what was assigned."""
    found: dict[str, list[ast.expr]] = {}
    for statement in block:
        for name, values in _assigned(ast.walk(statement)).items():
            earlier = [] if isinstance(statement, ast.Assign) else found.get(name, [])
            found[name] = [*earlier, *values]
    return found


def _assigned(nodes: Iterable[ast.AST]) -> dict[str, list[ast.expr]]:
    found: dict[str, list[ast.expr]] = {}
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found.setdefault(node.targets[0].id, []).append(node.value)
    return found


def _raised(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
        named = [word.value for word in node.exc.keywords if word.arg == "detail"]
        yield from named or node.exc.args[:1]
    match node:
        case ast.Call(func=ast.Name(id="require_match" | "required_header"), args=[_, _, text]):
            yield text


def _checked(node: ast.AST) -> Iterator[ast.expr]:
    match node:
        case ast.Yield(value=ast.Tuple(elts=[_, text])):
            yield text
        case ast.Call(func=ast.Name(id="Problem" | "SchemaError"), args=[_, text, *_]):
            yield text
        case ast.Return(value=ast.JoinedStr() as text):
            yield text


def _given(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.Return) and isinstance(
        node.value, ast.Constant | ast.JoinedStr | ast.IfExp
    ):
        yield node.value


def _found(node: ast.AST) -> Iterator[ast.expr]:
    match node:
        case ast.Call(func=ast.Name(id="Finding"), args=[_, _, *texts]):
            yield from texts


def _played(node: ast.AST) -> Iterator[ast.expr]:
    match node:
        case ast.Call(func=ast.Attribute(attr="add"), args=[text]):
            yield text
        case ast.Call(func=ast.Name(id="DocumentBacktest"), keywords=keywords):
            yield from (word.value for word in keywords if word.arg == "unfit")
        case ast.Assign(targets=[ast.Attribute(attr="unfit") | ast.Name(id="unfit")], value=text):
            yield text
        case ast.Return(value=ast.JoinedStr() as text):
            yield text


def _read(node: ast.expr, known: Environment) -> list[str]:
    """Each template that an expression may be."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=values):
            return _joined([_read_part(value, known) for value in values])
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _joined([_read(left, known) or [_hole(left)], _read(right, known)])
        case ast.IfExp(body=body, orelse=orelse):
            return [*_read(body, known), *_read(orelse, known)]
        case ast.Name(id=name) if name in known:
            return [text for value in known[name] for text in _read(value, {})]
    return []


def _read_part(node: ast.expr, known: Environment) -> list[str]:
    if isinstance(node, ast.FormattedValue):
        value = node.value
        if isinstance(value, ast.Name) and (texts := _read(value, known)):
            return texts
        return [_hole(value)]
    return _read(node, known)


def _joined(choices: Sequence[Sequence[str]]) -> list[str]:
    texts = [""]
    for choice in choices:
        texts = [f"{text}{part}" for text in texts for part in choice]
    return texts


def _hole(node: ast.expr) -> str:
    return f"\x01{_name(node)}\x02"


def _name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.strip("_").lower()
        case ast.Call(func=ast.Attribute(value=inner, attr="join" | "removeprefix" | "strip")):
            return "list" if isinstance(inner, ast.Constant) else _name(inner)
        case ast.Call(args=[first, *_], func=ast.Name(id="len" | "str" | "quoted" | "_shown")):
            return _name(first)
        case ast.Call(func=inner) | ast.Subscript(value=inner):
            return _name(inner)
    return "value"
