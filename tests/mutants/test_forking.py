"""What of a file changes with a mutant: functions alone, or what its import does."""

from __future__ import annotations

from types import CodeType

import pytest

from tests.mutants.forking import changed_functions

SOURCE = """
LIMIT = 5
ALL = [one for one in "ab" if one]

def first(a, b=1):
    return a + b

class Kind:
    name = "kind"

    def second(self):
        def inner():
            return 7
        return inner

    third = property(lambda self: 8)
"""


def _compiled(source: str) -> CodeType:
    return compile(source, "", "exec", dont_inherit=True)


def _changed(old: str, new: str) -> list[str] | None:
    found = changed_functions(_compiled(SOURCE), _compiled(SOURCE.replace(old, new)))
    return None if found is None else [code.co_qualname for code in found]


@pytest.mark.parametrize(
    ("old", "new", "functions"),
    [
        ("a + b", "a - b", ["first"]),
        ("a + b", "None", ["first"]),
        ("return 7", "return 6", ["Kind.second", "Kind.second.<locals>.inner"]),
        ("self: 8", "self: 9", ["Kind.<lambda>"]),
        ("", "", []),
    ],
)
def test_a_change_in_a_function_is_its_new_code(old: str, new: str, functions: list[str]) -> None:
    assert _changed(old, new) == functions


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("LIMIT = 5", "LIMIT = 6"),
        ("b=1", "b=2"),
        ('name = "kind"', 'name = "kind_"'),
        ("if one", "if True"),
    ],
)
def test_a_change_of_what_an_import_does_is_not(old: str, new: str) -> None:
    assert _changed(old, new) is None
