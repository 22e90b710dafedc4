"""What a run is for, by its name: written and read in one place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.model.run_purpose import (
    BacklogRun,
    RuleRun,
    RunPurpose,
    TaskMailRun,
    TimerRun,
    purpose_of,
)

NAMES: dict[str, RunPurpose] = {
    "remind": RuleRun("remind"),
    "backlog": RuleRun("backlog"),
    "trigger": RuleRun("trigger"),
    "trigger.too-late": TimerRun("too-late"),
    "_task-3-check-price": TaskMailRun(rule="check-price", version=3),
    "_task-12-2nd-look": TaskMailRun(rule="2nd-look", version=12),
    "_backlog": BacklogRun(),
}
IDS = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,62}", fullmatch=True)


@pytest.mark.parametrize(("name", "purpose"), NAMES.items(), ids=NAMES)
def test_a_name_and_a_purpose_belong_together(name: str, purpose: RunPurpose) -> None:
    assert purpose_of(name) == purpose
    assert purpose.name == name


def test_the_backlog_is_known_by_its_old_name_and_written_with_the_new_one() -> None:
    assert purpose_of("settle.rest") == BacklogRun()
    assert purpose_of("settle.rest").name == "_backlog"
    assert purpose_of("settle.other") == RuleRun("settle.other")


@given(IDS, st.integers(1, 10**6))
def test_no_two_purposes_share_a_name_whatever_rules_and_triggers_are_called(
    name: str, version: int
) -> None:
    purposes: list[RunPurpose] = [
        RuleRun(name),
        TimerRun(name),
        TaskMailRun(rule=name, version=version),
        BacklogRun(),
    ]
    assert [purpose_of(one.name) for one in purposes] == purposes
    assert len({one.name for one in purposes}) == 4
