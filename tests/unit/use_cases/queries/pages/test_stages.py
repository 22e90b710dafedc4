"""A stage is found by its id or its name, in each pipeline that has it."""

from __future__ import annotations

import pytest

from countersign.errors import NotFoundError
from countersign.use_cases.queries.pages.stages import stage_of
from tests.builders import pipeline, stage

CONTRACTS = pipeline(stage("draft", name="In Arbeit"), stage("sent"))
LEASES = pipeline(stage("in-arbeit", name="Sent"), stage("let"), pipeline="leases")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("sent", {"contracts": "sent", "leases": "in-arbeit"}),
        ("draft", {"contracts": "draft"}),
        ("In Arbeit", {"contracts": "draft"}),
        ("in-arbeit", {"leases": "in-arbeit"}),
        ("let", {"leases": "let"}),
    ],
)
def test_a_stage_is_found_in_each_pipeline_that_has_it(wanted: str, found: dict[str, str]) -> None:
    assert stage_of((CONTRACTS, LEASES), wanted) == found


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        ("drafd", 'there is no stage "drafd" in contracts, leases; did you mean draft?'),
        ("In Arbet", 'there is no stage "In Arbet" in contracts, leases; did you mean In Arbeit'),
        ("zzz", 'there is no stage "zzz" in contracts, leases; expected draft, sent, in-arbeit, '
         "let"),
        ("", 'there is no stage "" in contracts, leases; expected draft, sent, in-arbeit, let'),
    ],
)  # fmt: skip
def test_a_stage_that_none_has_is_told_with_those_that_are_close_or_all(
    wanted: str, text: str
) -> None:
    with pytest.raises(NotFoundError) as missing:
        stage_of((CONTRACTS, LEASES), wanted)
    assert str(missing.value).startswith(text)


def test_where_there_is_no_pipeline_there_is_no_stage() -> None:
    with pytest.raises(NotFoundError) as missing:
        stage_of((), "sent")
    assert str(missing.value) == 'there is no stage "sent" in any pipeline; it has none'
