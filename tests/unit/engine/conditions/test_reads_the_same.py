"""What reads the same is the same: conditions, choices and lists that are known to be empty."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.engine.conditions.evaluate import Scope, Vocabulary, judge, problems
from countersign.engine.schedule.business_hours import BusinessHours
from countersign.model import fields
from countersign.model.condition import Clause, Verdict
from countersign.model.document import Document
from countersign.model.pipeline import FieldSpec, Pipeline
from countersign.model.signing_event import Signer
from countersign.model.values import InvalidValueError, same
from countersign.text.folding import fold

NOW = datetime(2026, 9, 7, 9, tzinfo=UTC)
PIPELINE = Pipeline.model_validate(
    {
        "pipeline": "leases",
        "groups": {"board": ["jörn@grün.example"]},
        "fields": {
            "tier": {"type": "choice", "options": ["Größe XL", "Basis"]},
            "city": {"type": "text"},
            "owner": {"type": "user"},
            "tags": {"type": "list"},
            "agreed": {"type": "bool"},
        },
        "stages": [{"id": "new"}],
    }
)


def _verdict(field: str, op: str, value: object = None, **update: Any) -> Verdict:
    own = {name: update.pop(name) for name in tuple(update) if name in PIPELINE.fields}
    document = Document(
        id="d", pipeline="leases", stage="new", since=NOW, created_at=NOW, fields=own, **update
    )
    scope = Scope(
        document=document,
        types=fields.types(PIPELINE),
        now=NOW,
        working=BusinessHours.of(PIPELINE),
        groups=PIPELINE.groups,
    )
    return judge(Clause.model_validate({"field": field, "op": op, "value": value}), scope)


@pytest.mark.parametrize(
    ("held", "op", "value"),
    [
        ("Bäckerei\u00a0Weiß", "equals", "Bäckerei Weiß"),
        ("Bäckerei\u202fWeiß", "equals", "bäckerei weiss"),
        ("Ba\u0308ckerei", "starts_with", "Bäck"),
        ("Hof\u2003Lindau", "contains", "hof lindau"),
        ("Hof \t Lindau", "ends_with", "Hof Lindau"),
        ("DİYARBAKIR", "contains", "diyarbakir"),
        ("Soft\u00adware", "one_of", ["Software"]),
    ],
)
def test_texts_that_read_the_same_are_the_same(held: str, op: str, value: object) -> None:
    assert _verdict("city", op, value, city=held).outcome == "true"


@given(st.text(min_size=1, max_size=12), st.sampled_from(["NFC", "NFD"]), st.booleans())
@settings(deadline=None, max_examples=80)
def test_equals_is_the_folding(text: str, form: Any, upper: bool) -> None:
    held = normalize(form, text.upper() if upper else text)
    if fold(text) and held.strip():
        expected = "true" if fold(held) == fold(text) else "false"
        assert _verdict("title", "equals", text, title=held).outcome == expected
        assert _verdict("title", "contains", text, title=held).outcome in ("true", expected)


def test_a_text_of_which_nothing_can_be_seen_is_blank() -> None:
    """Every text contains it, so it cannot be meant."""
    condition = Clause.model_validate({"field": "title", "op": "contains", "value": "\u200b"})
    [(_, text)] = problems(condition, Vocabulary(types=fields.types(PIPELINE)), (), event=False)
    assert "the text is blank" in text


@pytest.mark.parametrize("written", ["größe xl", "GRÖSSE\u00a0XL", "Gro\u0308ße  XL"])
def test_a_choice_in_a_condition_is_the_option_that_reads_the_same(written: str) -> None:
    assert _verdict("tier", "equals", written, tier="Größe XL").outcome == "true"
    condition = Clause.model_validate({"field": "tier", "op": "one_of", "value": [written]})
    known = Vocabulary(types=fields.types(PIPELINE), specs=fields.specs(PIPELINE))
    assert problems(condition, known, (), event=False) == []


@pytest.mark.parametrize("written", ["größe xl", "Gro\u0308ße XL", " Größe\u00a0XL "])
def test_a_choice_from_outside_becomes_the_option_as_it_is_defined(written: str) -> None:
    assert fields.fit_value(written, "tier", PIPELINE) == "Größe XL"


def test_of_two_options_that_read_alike_the_exact_one_is_taken() -> None:
    spec = FieldSpec(type="choice", options=("a", "A"))
    assert [fields.fit(one, spec, "f") for one in ("a", "A")] == ["a", "A"]
    alike = PIPELINE.model_copy(update={"fields": {"f": spec}})
    [(place, text)] = fields.problems(alike)
    assert (place, text) == (
        ("fields", "f", "options", 1),
        'the option "A" reads like "a"; remove one of them',
    )


def test_a_choice_that_reads_like_no_option_is_refused() -> None:
    with pytest.raises(InvalidValueError, match='did you mean "Basis"'):
        fields.fit_value("Bassis", "tier", PIPELINE)


@pytest.mark.parametrize(
    "written", ["jörn@grün.example", "JÖRN@GRÜN.EXAMPLE", "jo\u0308rn@xn--grn-ioa.example"]
)
def test_users_and_lists_of_addresses_compare_by_their_domain(written: str) -> None:
    assert _verdict("owner", "equals", "jörn@grün.example", owner=written).outcome == "true"
    assert _verdict("owner", "in_group", "board", owner=written).outcome == "true"
    assert _verdict("tags", "has_all", ["jörn@grün.example"], tags=(written,)).outcome == "true"
    found = _verdict("owner", "is_responsible", owner=written, responsible="jörn@grün.example")
    assert found.outcome == "true"


@pytest.mark.parametrize(
    ("field", "op", "outcome"),
    [
        ("observers", "has_none", "true"),
        ("signers_signed", "has_none", "true"),
        ("signers_declined", "has_any", "false"),
        ("signers_open", "has_all", "false"),
        ("files", "has_none", "true"),
        ("tags", "has_none", "unknown"),
        ("tags", "has_any", "unknown"),
    ],
)
def test_built_in_lists_are_known_to_be_empty_own_ones_are_not(
    field: str, op: str, outcome: str
) -> None:
    verdict = _verdict(field, op, ["kai@acme.example"])
    assert (verdict.outcome, verdict.reason) == (outcome, f"{field} is empty")


def test_who_has_not_signed_is_known_before_anybody_has() -> None:
    signers = (Signer(id="1", email="kai@acme.example"),)
    verdict = _verdict("signers_signed", "has_none", ["kai@acme.example"], signers=signers)
    assert verdict.outcome == "true"
    assert _verdict("signers", "equals", [["kai@acme.example"]][0], signers=signers).holds


def test_a_yes_or_no_that_was_never_set_stays_unknown() -> None:
    assert _verdict("agreed", "equals", False).outcome == "unknown"


@pytest.mark.parametrize(
    ("one", "other", "kind", "alike"),
    [
        ("Basis", "BASIS ", "choice", True),
        ("2026-05-31T12:00:00+00:00", "2026-05-31T14:00:00+02:00", "datetime", True),
        ("2026-05-31T12:00:00+00:00", "2026-05-31T12:00:01+00:00", "datetime", False),
        ("no date", "NO DATE", "datetime", True),
        (("b", "A"), ("a", "B"), "list", True),
        (("a",), ("a", "b"), "list", False),
        (None, "", "text", True),
        (None, (), "list", True),
        (None, False, "bool", False),
        (True, "true", "bool", False),
        ("a@grün.example", "A@XN--grn-ioa.example", "user", True),
    ],
)
def test_values_are_the_same_as_people_read_them(
    one: Any, other: Any, kind: Any, alike: bool
) -> None:
    assert same(one, other, kind) is alike
    assert same(other, one, kind) is alike
