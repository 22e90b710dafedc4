"""The regions that are known without the library of holidays are regions that the library knows."""

from __future__ import annotations

from datetime import date

import holidays
import pytest

from countersign.engine.schedule import business_hours
from countersign.engine.schedule.holiday_regions import is_known
from countersign.model.pipeline import Calendar
from tests.builders import pipeline, stage

REGIONS = {
    codes[1]: tuple(getattr(holidays, codes[1]).subdivisions)
    for codes in holidays.registry.COUNTRIES.values()
}


def test_every_country_of_the_library_is_known_and_no_other() -> None:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    pairs = {first + second for first in letters for second in letters}
    assert {pair for pair in pairs if is_known(pair)} == set(REGIONS)


def test_every_region_is_known_but_those_whose_names_have_blanks() -> None:
    there = {f"{country}-{name}" for country, names in REGIONS.items() for name in names}
    missing = {region for region in there if not is_known(region)}
    assert missing == {region for region in there if " " in region}


@pytest.mark.parametrize("region", ["", "de", "DE-", "DE-XX", "DE BY", "DE-BY ", "BAV", "GB-BY"])
def test_what_the_library_does_not_know_is_not_known(region: str) -> None:
    assert not is_known(region)


def test_no_country_has_more_than_fifty_public_holidays_a_year() -> None:
    most = {
        country: max(len(holidays.country_holidays(country, years=year)) for year in (2026, 2027))
        for country in REGIONS
    }
    assert max(most.values()) < 50


@pytest.mark.parametrize(
    ("hours", "days_off", "told"),
    [
        ({"mon-fri": "09:00-17:00"}, (), False),
        # Only the days of one weekday: the tables must be asked, and leave some.
        ({"thu": "09:00-17:00"}, (), False),
        # The third of October is a public holiday, and the only day left.
        ({"mon-sun": "09:00-17:00"}, tuple(
            f"{date.fromordinal(day):%m-%d}"
            for day in range(date(2024, 1, 1).toordinal(), date(2025, 1, 1).toordinal())
            if f"{date.fromordinal(day):%m-%d}" != "10-03"
        ), True),
    ],
)  # fmt: skip
def test_a_calendar_without_working_time_is_still_refused(
    hours: dict[str, str], days_off: tuple[str, ...], told: bool
) -> None:
    calendar = Calendar(hours=hours, holidays="DE", days_off=days_off)
    written = pipeline(stage("draft")).model_copy(update={"calendar": calendar})
    problems = business_hours.problems(written, date(2026, 1, 1))
    assert [place for place, _ in problems] == [("calendar",)] * told
