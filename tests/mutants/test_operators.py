"""The mutants that are made of a text, and that each is known again."""

from __future__ import annotations

import pytest

from tests.mutants.__main__ import WHERE
from tests.mutants.equivalents import EQUIVALENT
from tests.mutants.equivalents.known import Equivalent
from tests.mutants.operators import mutants_of
from tests.package_copy import PACKAGE, ROOT


def _made_of(text: str) -> list[str]:
    source = text.encode()
    made = (one for one in mutants_of("made_up.py", source) if one.is_python(source))
    return sorted({one.applied_to(source).decode() for one in made})


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("a = b < c", ["a = b <= c", "a = b > c"]),
        ("a = b is not c", ["a = b is c"]),
        ("a = not b", ["a = bool(b)"]),
        ("a = b and c", ["a = True and c", "a = b and True", "a = b or c"]),
        ("a = 5", ["a = (4)", "a = 6"]),
        ("a = True", ["a = False"]),
        ('a = b == "sent"', ['a = b != "sent"', 'a = b == "sent_"']),
        ('a = "What people read."', []),
        ('a = f"{b} of {1}"', []),
        ("a = f(b, c=d)", ["a = f(b, )"]),
        ("a = f(b=c, d=e)", ["a = f(b=c, )", "a = f(d=e)"]),
        ("a = min(b)", ["a = max(b)"]),
        ("a = b + c", ["a = b - c"]),
        ('a = "B: " + c', []),
        ("a: int | None = b", []),
        ("assert a == 1", []),
        ("f(a)", ["pass"]),
        ("a = [b for b in c if d]", ["a = [b for b in c if True]"]),
        ("a = b if c else d", ["a = b if (not (c)) else d"]),
        ("a = 'ä' if b == c else d", ["a = 'ä' if b != c else d"]),
    ],
)
def test_each_place_gets_the_slips_that_people_make(text: str, changed: list[str]) -> None:
    assert _made_of(text) == sorted(changed)


def test_statements_are_left_out_turned_round_and_cut_short() -> None:
    text = (
        "def f(a):\n"
        "    for b in a:\n"
        "        if b:\n"
        "            continue\n"
        "        raise ValueError\n"
        "    return g\n"
    )
    assert _made_of(text) == sorted(
        [
            text.replace("if b", "if (not (b))"),
            text.replace("continue", "break"),
            text.replace("raise ValueError", "pass"),
            text.replace("return g", "return None"),
        ]
    )


def test_what_catches_an_error_lets_it_through() -> None:
    text = "try:\n    a = b\nexcept KeyError:\n    a = c\n"
    assert _made_of(text) == ["try:\n    a = b\nexcept KeyError:\n    raise\n"]


def test_a_mutant_knows_its_function() -> None:
    source = b"class A:\n    b = 1\n\n    @c\n    def d(self):\n        return 2\n"
    top, inner = (one for one in mutants_of("a.py", source) if "(" not in one.new)
    assert (top.function, top.called) == ("A", False)
    assert (inner.function, inner.called, inner.line) == ("A.d", True, 6)


def test_an_equivalent_mutant_is_known_when_lines_have_moved() -> None:
    listed = Equivalent("a.py", "f", "return b < c", "return b <= c", "b is never c")
    for source in (b"def f():\n    return b < c\n", b"# more\n\ndef f():\n  return b < c\n"):
        assert [one.new for one in mutants_of("a.py", source) if listed.is_of(one, source)] == [
            "<="
        ]


@pytest.mark.parametrize("listed", EQUIVALENT, ids=lambda one: f"{one.function}: {one.new}")
def test_each_that_is_listed_is_still_made(listed: Equivalent) -> None:
    source = (ROOT / PACKAGE / listed.file).read_bytes()
    assert any(listed.is_of(one, source) for one in mutants_of(listed.file, source))
    assert listed.reason


def test_every_pattern_finds_files() -> None:
    assert all(list((ROOT / PACKAGE).glob(pattern)) for pattern in WHERE)
