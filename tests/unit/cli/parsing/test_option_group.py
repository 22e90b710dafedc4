"""Groups of options reach a command as one frozen value, and stand in its help as written."""

from __future__ import annotations

import ast
from dataclasses import FrozenInstanceError, dataclass
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from countersign.cli.parsing.option_group import option_group

CLI = Path(__file__).parents[4] / "layers" / "core" / "countersign" / "cli"


@dataclass(frozen=True, slots=True, kw_only=True)
class Colours:
    """Which colours."""

    warm: bool
    names: tuple[str, ...]
    most: int = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Which sizes."""

    least: int
    names: str | None = None


COLOURS = (
    click.argument("names", nargs=-1),
    click.option("--only-warm", "warm", is_flag=True),
)
got: list[Any] = []


@click.command()
@option_group("colours", Colours, *COLOURS)
@click.option("--loud", is_flag=True)
@option_group("sizes", Sizes, click.option("--least", type=int, default=3))
@click.pass_obj
def paint(_: object, colours: Colours, loud: bool, sizes: Sizes) -> None:
    """Paint."""
    got.append((colours, loud, sizes))


@click.command()
@option_group("colours", Colours, *COLOURS, click.option("--most", type=int, default=1))
def mix(colours: Colours) -> None:
    """Mix."""
    got.append(colours)


def run(command: click.Command, *arguments: str) -> Result:
    got.clear()
    return CliRunner().invoke(command, [*arguments])


def test_each_group_gets_its_own_options_and_the_command_the_rest() -> None:
    assert run(paint, "red", "--only-warm", "ochre").exit_code == 0
    assert got == [(Colours(warm=True, names=("red", "ochre"), most=7), False, Sizes(least=3))]
    assert run(paint, "--loud", "--least", "9").exit_code == 0
    assert got == [(Colours(warm=False, names=()), True, Sizes(least=9))]


def test_options_may_stand_in_several_groups() -> None:
    assert run(mix, "red", "--most", "2").exit_code == 0
    assert got == [Colours(warm=False, names=("red",), most=2)]


def test_a_field_that_is_not_an_option_of_the_group_is_not_taken_from_elsewhere() -> None:
    """``Sizes.names`` is the name of an argument of the other group."""
    assert run(paint, "red").exit_code == 0
    assert got[0][2] == Sizes(least=3, names=None)


def test_the_help_lists_the_options_as_they_are_written() -> None:
    assert [parameter.name for parameter in paint.params] == ["names", "warm", "loud", "least"]
    assert [parameter.name for parameter in mix.params] == ["names", "warm", "most"]
    assert (paint.name, paint.help) == ("paint", "Paint.")


def test_a_mistake_in_a_group_is_click_s_own() -> None:
    result = run(paint, "--least", "many")
    assert (result.exit_code, got) == (2, [])
    assert "Invalid value for '--least'" in result.output


def test_the_value_does_not_change() -> None:
    run(mix)
    with pytest.raises(FrozenInstanceError):
        got[0].most = 2


@pytest.mark.parametrize("path", sorted(CLI.rglob("*.py")), ids=lambda path: path.stem)
def test_no_function_of_the_command_line_takes_more_than_five_parameters(path: Path) -> None:
    functions = [
        node
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    ]
    assert [function.name for function in functions if _parameters(function.args) > 5] == []


def _parameters(arguments: ast.arguments) -> int:
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    own = [argument for argument in named if argument.arg not in ("self", "cls")]
    return len(own) + (arguments.vararg is not None) + (arguments.kwarg is not None)
