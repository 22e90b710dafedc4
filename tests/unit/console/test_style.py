"""The console's style keeps to its tokens, and their colours can be told apart (WCAG 2.2 AA)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

Colours = dict[str, str]

TEXT = 4.5
"""The least contrast of text (1.4.3)."""
SHAPE = 3.0
"""The least contrast of what tells something without text: borders of controls, marks, focus."""
MEANINGS = ("accent", "ok", "wait", "bad", "trigger")
GROUNDS = ("bg", "panel")
TEXTS = [
    *((text, ground) for text in ("ink", "dim", *MEANINGS) for ground in GROUNDS),
    *((meaning, f"{meaning}-soft") for meaning in MEANINGS),
    *(("ink", f"{meaning}-soft") for meaning in MEANINGS),
    ("on-accent", "accent"),
    ("bg", "ink"),
]
SHAPES = [(shape, ground) for shape in ("edge", *MEANINGS) for ground in GROUNDS]
TOKENS = {
    "bg",
    "panel",
    "line",
    "edge",
    "ink",
    "dim",
    "on-accent",
    *MEANINGS,
    *(f"{one}-soft" for one in MEANINGS),
}
VEIL = "rgb(10 15 25 / 0.45)"
"""What lies over the page behind a dialog: the one colour beside the tokens."""
CHOSEN = "stage_panel.js"
"""Has the colours that people may choose for their stages: content, and no part of the design."""
COLOUR = re.compile(
    r"#(?:[0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})(?![\w/-])|\b(?:rgb|hsl|oklch|color-mix)a?\([^)]*\)",
    re.IGNORECASE,
)
NAMED = re.compile(
    r"(?:color|background|border(?:-\w+)?|fill|stroke)\s*:[^;{}]*\b"
    r"(?:white|black|red|green|blue|gr[ae]y|orange|yellow|purple)\b"
)
SIZE = re.compile(r"font(?:-size)?\s*:\s*([^;}]+)")
SCALE = re.compile(r"(?:var\(--t[1-4]\)(?:/[\d.]+)?( [\w-]+| \"[^\"]+\"|,)*|inherit)")


def light_and_dark(style: str) -> tuple[Colours, Colours]:
    """The colour tokens in light, and in dark."""
    light, dark = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    first = tokens(light)
    return first, first | tokens(dark)


def tokens(block: str) -> Colours:
    """The colours of a block, by name."""
    return {
        name: value
        for name, value in re.findall(r"--([\w-]+):\s*([^;]+);", block)
        if value.startswith("#")
    }


def luminance(colour: str) -> float:
    """The relative luminance of ``#rgb`` or ``#rrggbb``, as WCAG defines it."""
    digits = colour.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(2 * one for one in digits)
    parts = [int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.fixture(scope="module")
def style(console: Path) -> str:
    """The style sheet without its comments."""
    text = (console / "site" / "style.css").read_text(encoding="utf-8")
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


def sources(console: Path) -> list[Path]:
    """The console's own modules, texts left out."""
    return [
        file
        for file in sorted((console / "site").rglob("*.js"))
        if file.parent.name not in ("vendor", "texts")
    ]


def test_the_formula_is_that_of_wcag() -> None:
    assert contrast("#000", "#fff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)
    assert contrast("#fff", "#fff") == 1


def test_light_and_dark_have_the_same_tokens(style: str) -> None:
    light, dark = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    assert set(tokens(light)) == set(tokens(dark)) == TOKENS


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("pairs", "least"), [(TEXTS, TEXT), (SHAPES, SHAPE)], ids=["text", "shapes"]
)
def test_colours_can_be_told_apart(
    style: str, scheme: int, pairs: list[tuple[str, str]], least: float
) -> None:
    colours = light_and_dark(style)[scheme]
    found = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in pairs}
    assert {pair: round(value, 2) for pair, value in found.items() if value < least} == {}


def test_the_style_has_no_colour_beside_the_tokens(style: str) -> None:
    rest = re.sub(r":root \{.*?\}", "", style, flags=re.DOTALL)
    assert [one for one in COLOUR.findall(rest) if one != VEIL] == []
    assert NAMED.findall(rest) == []


def test_the_style_has_no_size_of_type_beside_the_scale(style: str) -> None:
    used = [one.strip() for one in SIZE.findall(style)]
    assert len(used) > 10
    assert [one for one in used if SCALE.fullmatch(one) is None] == []


def test_every_token_that_is_used_is_defined(style: str) -> None:
    defined = set(re.findall(r"--([\w-]+):", style))
    assert set(re.findall(r"var\(--([\w-]+)", style)) - defined == set()


def test_no_page_has_colours_or_sizes_of_its_own(console: Path) -> None:
    files = sources(console)
    assert len(files) > 5
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert file.name == CHOSEN or COLOUR.findall(text) == [], file.name
        assert re.findall(r"fontSize|font-size|fontFamily", text) == [], file.name


def test_colours_that_people_choose_are_seen_in_light_and_dark(style: str, console: Path) -> None:
    chosen = {
        colour
        for file in sources(console)
        if file.name == CHOSEN
        for colour in COLOUR.findall(file.read_text(encoding="utf-8"))
    }
    for colours in light_and_dark(style):
        found = {one: min(contrast(one, colours[ground]) for ground in GROUNDS) for one in chosen}
        assert {one: value for one, value in found.items() if value < SHAPE} == {}


def test_the_rules_that_are_written_down_are_those_of_the_style(
    style: str, project_root: Path
) -> None:
    text = (project_root / "docs" / "console.md").read_text(encoding="utf-8")
    for name, value in re.findall(r"--([\w-]+):\s*([^;]+);", style):
        assert f"`{name}`" in text or f"`--{name}`" in text, name
        if re.fullmatch(r"[ts]\d", name):
            assert value in text, name
