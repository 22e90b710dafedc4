"""What pydantic refuses becomes one sentence for each thing that is wrong, at its place."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from countersign.engine.validation.schema_errors import (
    SchemaError,
    described,
    forms_at,
    is_optional,
    model_at,
    names_of,
    schema_errors,
)
from countersign.model.pipeline import Pipeline
from countersign.text.suggestions import close_name


class Strict(BaseModel):
    """Models here take known keys alone, as those of pipelines do."""

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=True)


class Inner(Strict):
    """A mapping in another."""

    kind: Literal["inner"] = "inner"
    number: int
    text: str = ""

    @model_validator(mode="after")
    def _lucky(self) -> Inner:
        if self.number == 13:
            raise ValueError("13 brings no luck; take another")
        return self


class Sort(Strict):
    """A mapping that has to say its kind."""

    kind: Literal["of_wine", "of_cheese"]


class Either(Strict):
    """The other form of what may be an Inner, too."""

    amount: Annotated[int, Field(gt=0, le=9)]
    until: date | None = None


class Made(Strict):
    """Everything that can be wrong with a value."""

    kind: Literal["made"] = "made"
    name: Annotated[str, Field(pattern="^[A-Z]+$", min_length=1, max_length=4)] = "A"
    word: Literal["yes", "no", "perhaps"] = "yes"
    when: Literal["now"] | Inner = "now"
    then: Inner | Literal["later", "never"] = "later"
    worded: str | Inner = ""
    many: str | list[Inner] = ""
    choice: Inner | Either | None = None
    bounds: Either | None = None
    sort: Sort | None = None
    form: Inner | Either | Literal["none"] = "none"
    several: Annotated[tuple[Inner, ...], Field(min_length=1, max_length=2)] = ()
    by_name: dict[Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$")], Inner] = {}
    from_: str = Field("", alias="from")
    less: Annotated[Decimal, Field(lt=5)] = Decimal(1)
    at_least: Annotated[int, Field(ge=2)] = 2
    at: time | None = None
    whole: bool = True
    ratio: float = 1.0
    listed: list[str] = []
    some: set[str] = set()

    @model_validator(mode="after")
    def _both(self) -> Made:
        if self.name == "BAD":
            raise ValueError("the name is BAD; choose another")
        return self


def refused(**raw: Any) -> list[tuple[str, str, bool, bool]]:
    """What is wrong with such a mapping."""
    with pytest.raises(ValidationError) as raised:
        Made.model_validate(raw)
    return [
        (".".join(map(str, one.place)), one.text, one.missing, one.of_key)
        for one in schema_errors(raised.value, Made, raw)
    ]


@pytest.mark.parametrize(
    ("raw", "place", "text"),
    [
        ({"name": 5}, "name", "name is 5; expected text, in quotes"),
        ({"name": None}, "name", "name is nothing; expected text"),
        ({"name": ["A"]}, "name", "name is a list; expected text"),
        ({"name": {"a": 1}}, "name", "name is a mapping; expected text"),
        ({"name": ""}, "name", "name is empty; expected at least 1"),
        ({"name": "ABCDE"}, "name",
         'name is "ABCDE", which is too long; expected at most 4'),
        ({"name": "ab"}, "name", 'name is "ab"; expected text like ^[A-Z]+$'),
        ({"name": "BAD"}, "", "the name is BAD; choose another"),
        ({"word": "perhpas"}, "word", 'word is "perhpas"; did you mean perhaps?'),
        ({"word": "zzz"}, "word", 'word is "zzz"; expected yes, no, perhaps'),
        ({"word": 5}, "word", "word is 5; expected yes, no, perhaps"),
        ({"when": "later"}, "when",
         'when is "later"; expected now, or a mapping with number, text'),
        ({"when": {"number": "x"}}, "when.number",
         'number is "x"; expected a whole number'),
        ({"when": {"number": 13}}, "when", "13 brings no luck; take another"),
        ({"then": "nevr"}, "then", 'then is "nevr"; did you mean never?'),
        ({"then": "zzz"}, "then",
         'then is "zzz"; expected later, never, or a mapping with number, text'),
        ({"worded": {"number": "x"}}, "worded.number",
         'number is "x"; expected a whole number'),
        ({"many": [{"number": 1}, {"number": "x"}]}, "many.1.number",
         'number is "x"; expected a whole number'),
        ({"less": Decimal(5)}, "less", "less is 5; expected less than 5"),
        ({"less": "x"}, "less", 'less is "x": Input should be an instance of Decimal'),
        ({"at_least": 1}, "at_least", "at_least is 1; expected at least 2"),
        ({"bounds": {"amount": 0}}, "bounds.amount", "amount is 0; expected more than 0"),
        ({"bounds": {"amount": 10}}, "bounds.amount", "amount is 10; expected at most 9"),
        ({"bounds": {"amount": 1, "until": "soon"}}, "bounds.until",
         'until is "soon"; expected a date, such as 2026-05-31'),
        ({"several": ()}, "several", "several is empty; expected at least 1"),
        ({"several": ({"number": 1},) * 3}, "several",
         "several is a list, which is too long; expected at most 2"),
        ({"at": "nine"}, "at", 'at is "nine"; expected a clock time in quotes, such as "09:00"'),
        ({"whole": 3}, "whole", "whole is 3; expected true or false"),
        ({"ratio": "x"}, "ratio", 'ratio is "x"; expected a number'),
        ({"listed": "x"}, "listed", 'listed is "x"; expected a list'),
        ({"some": "x"}, "some", 'some is "x"; expected a list'),
        ({"several": "x"}, "several", 'several is "x"; expected a list'),
        ({"by_name": []}, "by_name", "by_name is a list; expected a mapping"),
        ({"several": ("x",)}, "several.0", 'found "x"; expected a mapping with number, text'),
        ({"from": 5}, "from", "from is 5; expected text, in quotes"),
    ],
)  # fmt: skip
def test_each_thing_that_does_not_fit_is_one_sentence_at_its_place(
    raw: dict[str, Any], place: str, text: str
) -> None:
    assert refused(**raw) == [(place, text, False, False)]


def test_what_is_wrong_with_a_form_as_a_whole_is_reported_though_another_form_has_its_faults() -> (
    None
):
    assert ("form", "13 brings no luck; take another") in [
        (place, text) for place, text, *_ in refused(form={"number": 13})
    ]


def test_what_is_missing_is_told_where_it_should_stand() -> None:
    assert refused(several=({"text": "a"},)) == [
        ("several.0.number", '"number" is missing; the settings of inner must have it', True, False)
    ]


@pytest.mark.parametrize(
    ("raw", "place", "text"),
    [
        ({"nmae": "A"}, "nmae",
         '"nmae" is unknown in the settings of made; did you mean name?'),
        ({"several": ({"number": 1, "txet": ""},)}, "several.0.txet",
         '"txet" is unknown in the settings of inner; did you mean text?'),
        ({"sort": {"knid": "of_wine"}}, "sort.knid",
         '"knid" is unknown in the settings of this kind; did you mean kind?'),
        ({"several": ({"number": 1, "zzz": ""},)}, "several.0.zzz",
         '"zzz" is unknown in the settings of inner; expected number, text'),
        ({"by_name": {"A": {"number": 1}}}, "by_name.A",
         '"A" cannot be a name here; expected lower-case letters, digits and _, at most 63, '
         "the first a letter"),
        ({"000": None}, "000",
         '"000" stands behind a comma, which begins the next entry here; write numbers without '
         "separators, such as 5000"),
    ],
)  # fmt: skip
def test_a_key_that_does_not_fit_is_told_as_such(
    raw: dict[str, Any], place: str, text: str
) -> None:
    assert refused(**raw) == [(place, text, False, True)]


@pytest.mark.parametrize("key", ["00", "0000", "a00"])
def test_only_three_digits_without_a_value_stand_behind_a_comma(key: str) -> None:
    ((_, text, _, _),) = refused(**{key: None})
    assert text.startswith(f'"{key}" is unknown in the settings of made; expected ')
    ((_, text, _, _),) = refused(**{"000": 5})
    assert text.startswith('"000" is unknown in the settings of made; expected ')


def test_a_misspelt_key_is_not_missing_besides() -> None:
    told = refused(several=({"nubmer": 1}, {"text": "b", "numbr": 2}))
    assert [(place, missing) for place, _, missing, _ in told] == [
        ("several.0.nubmer", False),
        ("several.1.numbr", False),
    ]


def test_what_is_misspelt_in_one_place_may_be_missing_in_another() -> None:
    told = refused(several=({"nubmer": 1}, {"text": "b"}))
    assert [(place, missing) for place, _, missing, _ in told] == [
        ("several.0.nubmer", False),
        ("several.1.number", True),
    ]


def test_of_several_forms_only_the_one_that_was_meant_is_spoken_of() -> None:
    assert refused(when={"number": 1, "text": 5}) == [
        ("when.text", "text is 5; expected text, in quotes", False, False)
    ]
    assert refused(when=5) == [
        ("when", "when is 5; expected now, or a mapping with number, text", False, False)
    ]


def test_a_list_that_is_long_enough_but_for_what_does_not_fit_is_not_called_short() -> None:
    assert refused(several=({"number": "x"},)) == [
        ("several.0.number", 'number is "x"; expected a whole number', False, False)
    ]


def test_what_else_is_wrong_is_told_as_well() -> None:
    told = refused(several=({"number": "x"},), less="x", listed="x")
    assert sorted(place for place, *_ in told) == ["less", "listed", "several.0.number"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "nothing"),
        (True, "true"),
        (False, "false"),
        ("two  words\n", '"two words"'),
        ("x" * 60, '"' + "x" * 60 + '"'),
        ("x" * 61, '"' + "x" * 59 + '…"'),
        (5, "5"),
        (Decimal("5.50"), "5.50"),
        (1.5, "1.5"),
        ({"a": 1}, "a mapping"),
        ([1], "a list"),
        ((1,), "a list"),
        (date(2026, 5, 31), "date"),
    ],
)
def test_a_value_is_shown_short_and_on_one_line(value: object, text: str) -> None:
    assert described(value) == text


def test_names_are_those_of_the_file_and_kind_only_where_it_is_written() -> None:
    assert names_of(Inner) == ("number", "text")
    assert "from" in names_of(Made)
    assert "from_" not in names_of(Made)
    rule = model_at(Pipeline, ("stages", 0, "rules", 0), {})
    assert names_of(rule)[:2] == ("id", "kind")


def test_a_model_is_chosen_by_the_keys_that_are_there() -> None:
    raw = {"choice": {"amount": 5}, "by_name": {"a": {}}, "several": [{}]}
    assert model_at(Made, ("choice",), raw) is Either
    assert model_at(Made, ("choice",), {"choice": {"number": 5}}) is Inner
    assert model_at(Made, ("by_name", "a"), raw) is Inner
    assert model_at(Made, ("several", 0), raw) is Inner
    assert model_at(Made, (), raw) is Made
    assert model_at(Made, ("by_name",), raw) is None
    assert model_at(Made, ("word",), raw) is None
    assert model_at(Made, ("several", "a"), raw) is None
    assert model_at(Made, ("by_name", 0), raw) is None
    assert model_at(Made, ("from",), raw) is None
    assert model_at(Made, ("choice",), {"choice": None}) is Inner
    assert model_at(Made, ("several", 0), {"several": None}) is Inner
    assert model_at(Made, ("several", 0), {"several": []}) is Inner


def test_forms_are_what_may_stand_at_a_place() -> None:
    assert forms_at(Made, ("choice", "until")) == [date, type(None)]
    assert forms_at(Made, ("from",)) == [str]
    assert forms_at(Made, ("from_",)) == []
    assert forms_at(Made, ("listed", 3)) == [str]
    assert forms_at(Made, ("less",)) == [Decimal]


@pytest.mark.parametrize(
    ("place", "optional"),
    [
        (("name",), True),
        (("from",), True),
        (("choice", "amount"), False),
        (("choice", "until"), True),
        (("choice", "nonesuch"), True),
        (("by_name", "a"), True),
        (("several", 0), False),
        (("several", 0, "number"), False),
    ],
)
def test_what_could_be_left_out_is_known(place: tuple[str | int, ...], optional: bool) -> None:
    raw = {"choice": {"amount": 5}, "several": [{}]}
    assert is_optional(Made, place, raw) is optional


@pytest.mark.parametrize(
    ("name", "meant"), [("sned", "send"), ("draf", "draft"), ("x", None), ("", None)]
)
def test_a_name_close_by_is_found(name: str, meant: str | None) -> None:
    assert close_name(name, iter(["draft", "send", "sent"])) == meant


def test_a_misfit_says_nothing_more_unless_it_is_said() -> None:
    assert SchemaError(("a",), "b") == SchemaError(
        place=("a",), text="b", missing=False, of_key=False
    )


@pytest.mark.parametrize(
    ("amount", "found"), [([1], "a list"), ({"a": 1}, "a mapping"), (True, "true")]
)
def test_an_amount_that_is_none_should_be_a_number(amount: object, found: str) -> None:
    class Bill(BaseModel):
        amount: Decimal

    raw = {"amount": amount}
    with pytest.raises(ValidationError) as raised:
        Bill.model_validate(raw)
    (error,) = schema_errors(raised.value, Bill, raw)
    assert (error.place, error.text) == (
        ("amount",),
        f"amount is {found}; expected a number",
    )
