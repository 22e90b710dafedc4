"""What the product makes of its packages and their data, as JSON: ``uses.py BUILD PATH...``.

Run on its own, with nothing on ``sys.path`` but the standard library and the given folders.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import pkgutil
import sys
import zoneinfo
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from pathlib import Path

ALIASES = ("de-AT", "iw", "no", "pt-br", "zh-TW")
STYLES = ("short", "medium", "long", "full")
WHOLE = "%A %a %B %b %p %x %X %c"
LOCALE_FILTERS = {
    "money": ['money: "EUR"', 'money: "JPY"', "money"],
    "number": ["number", "number: 0", "number: 3"],
    "date": [f'date: "{style}"' for style in (*STYLES, WHOLE, "%d %B", "%B")],
    "date_time": [f'date_time: "{style}"' for style in STYLES],
    "time_of_day": [f'time_of_day: "{style}"' for style in STYLES],
}
"""How each filter that takes a locale is asked."""
FILTERS = {
    "append": "word | append: '!'",
    "capitalize": "word | capitalize",
    "default": "nothing | default: 7",
    "divided_by": "amount | divided_by: 3",
    "downcase": "word | downcase",
    "escape": "word | escape",
    "first": "words | first",
    "join": "words | join: '+'",
    "last": "words | last",
    "map": "rows | map: 'name' | join: ','",
    "minus": "amount | minus: 0.1",
    "newline_to_br": "word | newline_to_br",
    "plus": "amount | plus: 0.1",
    "plus_days": "summer | plus_days: 14",
    "plus_months": "summer | plus_months: -5",
    "prepend": "word | prepend: '!'",
    "replace": "word | replace: 'a', 'b'",
    "round": "amount | round: 1",
    "size": "words | size",
    "split": "word | split: ' ' | last",
    "squish": "word | squish",
    "strip": "word | strip",
    "strip_newlines": "word | strip_newlines",
    "times": "amount | times: 1.19",
    "truncate": "word | truncate: 5",
    "truncatewords": "word | truncatewords: 1",
    "upcase": "word | upcase",
    "url_encode": "word | url_encode",
    "where": "rows | where: 'name', 'a' | size",
}
"""How each of the others is asked."""


def modules(functions: Path) -> list[str]:
    """Imports all of countersign that is built, and every function, which returns their names."""
    import countersign

    found = [module.name for module in pkgutil.walk_packages(countersign.__path__, "countersign.")]
    aside = ("countersign.cli", "countersign.local")
    names = [name for name in found if not name.startswith(aside)]
    for name in names:
        importlib.import_module(name)
    for handler in sorted(functions.glob("*/handler.py")):
        spec = importlib.util.spec_from_file_location(f"{handler.parent.name}_handler", handler)
        assert spec is not None
        assert spec.loader is not None
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
    return names


def filters() -> dict[str, str]:
    """Each filter that the product has, in English; KeyError for one that nothing asks."""
    from countersign.templates.filters import FILTERS as offered

    texts = {name: FILTERS[name] for name in offered.keys() - LOCALE_FILTERS.keys()}
    return {name: _filled("{{ " + text + " }}", "en", UTC) for name, text in texts.items()}


def locales() -> dict[str, str]:
    """All that is written and read in each locale that can be named."""
    from babel.localedata import locale_identifiers
    from babel.numbers import list_currencies

    zones = sorted(zoneinfo.available_timezones())
    currencies = sorted(list_currencies())
    found = {}
    for place, name in enumerate(sorted([*locale_identifiers(), *ALIASES])):
        texts = [_in_locale(name), *_read(name)]
        texts += [_in_zone(name, zones[(3 * place + step) % len(zones)]) for step in range(3)]
        texts += [_money(name, currencies[(3 * place + i) % len(currencies)]) for i in range(3)]
        found[name] = "\n".join(texts)
    return found


def _in_locale(name: str) -> str:
    asked = [
        f"{{{{ {value} | {_named(text)} }}}}"
        for filter_name, texts in LOCALE_FILTERS.items()
        for text in texts
        for value in _values_of(filter_name)
    ]
    year = [f'{{{{ months[{month}] | date: "%d %B %b %A %a" }}}}' for month in range(12)]
    year += [f'{{{{ months[{month}] | date: "%B %b" }}}}' for month in range(12)]
    return _filled("\n".join(asked + year), name, zoneinfo.ZoneInfo("Europe/Berlin"))


def _named(text: str) -> str:
    return f"{text}{', ' if ':' in text else ': '}locale: place"


def _values_of(filter_name: str) -> Sequence[str]:
    if filter_name in ("money", "number"):
        return ("amount", "debt")
    return ("summer",) if filter_name == "date" else ("summer", "winter")


def _in_zone(name: str, zone: str) -> str:
    source = "\n".join(
        f'{{{{ {moment} | time_of_day: "{style}", locale: place }}}}'
        for moment in ("summer", "winter")
        for style in ("long", "full")
    )
    return f"{zone}: {_filled(source, name, zoneinfo.ZoneInfo(zone))}"


def _money(name: str, currency: str) -> str:
    return _filled(f'{{{{ amount | money: "{currency}", locale: place }}}}', name, UTC)


def _read(name: str) -> Iterator[str]:
    """What was written in the locale, read as a document's fields are."""
    from countersign.errors import PermanentError
    from countersign.model.date_formats import example
    from countersign.model.foreign_values import ValueFormat, read
    from countersign.text.locales import locale_of

    written = [_filled(f'{{{{ summer | date: "{s}", locale: place }}}}', name, UTC) for s in STYLES]
    amounts = [_filled('{{ amount | money: "EUR", locale: place }}', name, UTC), "1.234,5", "x"]
    reading = ValueFormat(zone=zoneinfo.ZoneInfo("Europe/Berlin"), locale=name)
    yield example(locale_of(name))
    for kind, texts in (("date", [*written, "31/12/2026"]), ("money", amounts)):
        for text in texts:
            try:
                yield repr(read(text, kind, "field", reading))  # type: ignore[arg-type]
            except PermanentError as error:
                yield str(error)


def _filled(source: str, locale: str, zone: tzinfo) -> str:
    from countersign.templates.render import render
    from countersign.templates.values import Moment

    summer = datetime(2026, 7, 5, 14, 30, 5, tzinfo=UTC)
    values = {
        "amount": Decimal("1234567.895"),
        "debt": Decimal("-0.5"),
        "months": [Moment.of(datetime(2026, 1 + n, 3 + n, 9, tzinfo=UTC), zone) for n in range(12)],
        "nothing": None,
        "now": Moment.of(summer, zone),
        "pipeline": {"language": locale},
        "place": locale,
        "rows": [{"name": "a"}, {"name": "b"}],
        "summer": Moment.of(summer, zone),
        "winter": Moment.of(summer - timedelta(days=180), zone),
        "word": " a <word>\n of  an äpfel ",
        "words": ["one", "two"],
    }
    return render(source, values)


def days_off() -> dict[str, list[str]]:
    """The days of two years of every calendar that publishing accepts."""
    import holidays

    from countersign.engine.schedule.calendar import public_holidays

    found = {}
    for _, country, *_ in holidays.registry.COUNTRIES.values():
        tables = getattr(holidays, country)
        more = "+".join(sorted({*tables.supported_categories} - {"public", "half_day"}))
        for place in (country, *(f"{country}-{region}" for region in tables.subdivisions)):
            for region in (place, f"{place}:{more}") if more else (place,):
                days = {day for year in (2026, 2027) for day in public_holidays(region, year)}
                found[region] = [str(day) for day in sorted(days)]
    return found


def main(build: Path, paths: Sequence[str]) -> None:
    """Print all of it."""
    sys.path[:0] = paths
    zoneinfo.reset_tzpath(())  # Lambda's own zones may be older, or missing.
    used = {
        "modules": modules(build),
        "filters": filters(),
        "locales": locales(),
        "holidays": days_off(),
    }
    sys.stdout.write(json.dumps(used))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
