"""Moments, days and durations as people type them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import click

_DURATION = re.compile(r"(?P<sign>[+-]?)(?P<amount>[0-9]{1,6})(?P<unit>[mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class Moment(click.ParamType):
    """A date, or a date with a time; in UTC unless it has an offset."""

    name = "moment"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """The moment, in UTC."""
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(
                f'"{value}" is not a valid time; expected 2026-03-31, 2026-03-31T09:00 (UTC) or '
                "2026-03-31T09:00+02:00",
                param,
                ctx,
            )
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)


class Day(click.ParamType):
    """A date."""

    name = "date"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> date:
        """The date."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f'"{value}" is not a valid date; expected one such as 2026-03-31', param, ctx)


class Duration(click.ParamType):
    """Minutes, hours, days or weeks, forwards or back."""

    name = "duration"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """The duration; negative where it begins with a minus."""
        if isinstance(value, timedelta):
            return value
        match = _DURATION.fullmatch(str(value))
        if match is None:
            text = f'"{value}" is not a valid duration; expected 30m, 2h, 3d, 1w or -3d'
            self.fail(text, param, ctx)
        duration = timedelta(**{_UNITS[match["unit"]]: int(match["amount"])})
        return -duration if match["sign"] == "-" else duration
