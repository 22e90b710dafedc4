"""Pictures of the console's screens, as a running `make run` has them: ``make pictures``.

Without a folder, those of the docs; with one, every screen in each language, scheme and width that
is asked for, whole.
"""

from __future__ import annotations

import argparse
import itertools
import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tests.end_to_end.console.screens import give_password, screens

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs/pictures"
IN_DOCS = ("board", "document", "automation", "changes-simulate", "connection", "statistics")
PIPELINE = "director-first"
CONNECTION = "docusign"
LOCALES = {"en": "en-GB", "de": "de-DE"}
SETTLED = 1_500
"""Milliseconds for what a screen loads after its heading."""


@dataclass(frozen=True, slots=True)
class Look:
    """How the screens are looked at."""

    language: str
    scheme: Literal["light", "dark"]
    width: int

    def __str__(self) -> str:
        return f"{self.language}-{self.scheme}-{self.width}"


def main() -> int:
    """Take them; 1 where something that is needed is not there."""
    given = _arguments()
    file = ROOT / ".local/endpoints.json"
    chromium = shutil.which("chromium")
    if not file.exists() or chromium is None:
        print("pictures need `make run` in another terminal, and Chromium", file=sys.stderr)
        return 1
    from playwright.sync_api import sync_playwright

    endpoints = json.loads(file.read_text(encoding="utf-8"))
    (given.folder or DOCS).mkdir(parents=True, exist_ok=True)
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for look in _looks(given):
            context = browser.new_context(
                locale=LOCALES[look.language],
                color_scheme=look.scheme,
                viewport={"width": look.width, "height": 800},
            )
            page = context.new_page()
            for name in _take(page, endpoints, given.screen or (None if given.folder else IN_DOCS)):
                place = (
                    given.folder / f"{name}-{look}.png" if given.folder else DOCS / f"{name}.png"
                )
                page.screenshot(path=place, full_page=given.folder is not None)
                print(place)
            context.close()
        browser.close()
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--language", action="append", choices=LOCALES)
    parser.add_argument("--scheme", action="append", choices=("light", "dark"))
    parser.add_argument("--width", action="append", type=int)
    parser.add_argument("--screen", action="append", help="only this one")
    return parser.parse_args()


def _looks(given: argparse.Namespace) -> Iterator[Look]:
    for one in itertools.product(
        given.language or ["en"], given.scheme or ["light"], given.width or [1280]
    ):
        yield Look(*one)


def _take(page: Any, endpoints: dict[str, Any], wanted: Sequence[str] | None) -> Iterator[str]:
    """Show one screen after the other, each as its name is given; all unless some are wanted."""
    who = endpoints["people"]["administrator"]
    page.goto(endpoints["console"])
    give_password(page, who["email"], who["password"])
    _show(page, f"#/documents?pipeline={PIPELINE}")
    link = page.locator("tbody a").first
    link.wait_for()
    document = link.get_attribute("href").rpartition("/")[2]
    for name, address in screens(document, PIPELINE, CONNECTION).items():
        if wanted is None or name in wanted:
            _show(page, address)
            page.wait_for_timeout(SETTLED)
            while page.locator(".loading").count():
                page.wait_for_timeout(SETTLED)
            yield name


def _show(page: Any, address: str) -> None:
    page.evaluate("address => { location.hash = address }", address)
    page.locator("h1").first.wait_for()


if __name__ == "__main__":
    sys.exit(main())
