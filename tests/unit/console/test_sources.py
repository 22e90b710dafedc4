"""The console's sources: what others wrote is what it says, and texts are in both languages."""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path

import pytest

KEY = re.compile(r'^  (?:"([^"]+)"|([a-z]\w*)):', re.MULTILINE)
USED = re.compile(r"""\bt\("([^"]+)\"""")
HOLE = re.compile(r"\{(\w+)\}")
LANGUAGES = ("en", "de")


def texts(file: Path) -> dict[str, str]:
    """The texts of a file, by their keys."""
    found: dict[str, str] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        key = KEY.match(line)
        if key is not None:
            found[key[1] or key[2]] = line[key.end() :].strip()
    return found


def pairs(console: Path) -> list[tuple[Path, Path]]:
    """Each file of texts in English, with the one in German."""
    folder = console / "site" / "texts"
    return [
        (one, one.with_name(one.name.replace("en.js", "de.js")))
        for one in sorted(folder.glob("*en.js"))
    ]


def test_the_vendored_file_is_the_one_that_the_manifest_names(console: Path) -> None:
    manifest = tomllib.loads((console / "vendor.toml").read_text(encoding="utf-8"))
    content = (console / manifest["file"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == manifest["sha256"]
    assert {one["licence"] for one in manifest["packages"]} <= {"MIT", "Apache-2.0"}
    others = {
        one.relative_to(console).as_posix() for one in (console / "site/vendor").rglob("*.js")
    }
    assert others == {manifest["file"]}


def test_every_text_is_there_in_both_languages_with_the_same_holes(console: Path) -> None:
    for english, german in pairs(console):
        one, other = texts(english), texts(german)
        assert len(one) > 5
        assert set(one) == set(other), english.name
        for key in one:
            assert set(HOLE.findall(one[key])) == set(HOLE.findall(other[key])), key
            assert one[key].count("|") == other[key].count("|"), key


def test_no_page_gives_the_text_of_another_page_or_the_frame_another_wording(console: Path) -> None:
    """The texts of all pages that were opened are one table."""
    for language in LANGUAGES:
        known: dict[str, tuple[str, str]] = {}
        for file in sorted((console / "site" / "texts").glob(f"*{language}.js")):
            for key, text in texts(file).items():
                where, before = known.setdefault(key, (file.name, text))
                assert text == before, (key, where, file.name)


def test_every_text_that_is_asked_for_is_there(console: Path) -> None:
    known = {key for english, _ in pairs(console) for key in texts(english)}
    asked = {
        key
        for file in (console / "site").rglob("*.js")
        if file.parent.name not in ("vendor", "texts")
        for key in USED.findall(file.read_text(encoding="utf-8"))
    }
    assert len(asked) > 50
    assert asked - known == set()


@pytest.mark.parametrize(
    "forbidden", ["innerHTML", "outerHTML", "document.write", "eval(", "new Function", ' style="']
)
def test_nothing_is_written_that_the_policy_refuses(console: Path, forbidden: str) -> None:
    for file in (console / "site").rglob("*.js"):
        if file.parent.name != "vendor":
            assert forbidden not in file.read_text(encoding="utf-8"), file.name


def test_modules_name_each_other_by_paths_of_the_site(console: Path) -> None:
    site = console / "site"
    for file in site.rglob("*.js"):
        if file.parent.name in ("vendor", "texts"):
            continue
        for name in re.findall(
            r'(?:\sfrom\s|\bimport\s*\(\s*|\bimport\s)"([^"]+)"', file.read_text(encoding="utf-8")
        ):
            assert name.startswith("."), (file.name, name)
            assert (file.parent / name).resolve().is_file(), (file.name, name)
