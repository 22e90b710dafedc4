"""Plain text as HTML: what becomes an element, and that nothing else does."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import countersign
from countersign.text.html import page, paragraphs

P = '<p dir="auto" style="margin:0 0 16px;white-space:pre-wrap">'


class Reader(HTMLParser):
    """Reads HTML back: its elements, its links, and its text as it is shown."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]
        self.text += {"br": "\n", "p": "\n\n"}.get(tag, "")

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("Hello", f"{P}Hello</p>"),
        ("Dear Ms Nord,\nhello\n", f"{P}Dear Ms Nord,<br>hello</p>"),
        ("one\r\ntwo\r\n\r\nthree", f"{P}one<br>two</p>\n{P}three</p>"),
        ("one\n \n\n\ttwo", f"{P}one</p>\n{P}\ttwo</p>"),
        ("- first\n- second", f"{P}- first<br>- second</p>"),
        (
            "<script>alert('1')</script> & \"more\"",
            f"{P}&lt;script&gt;alert(&#x27;1&#x27;)&lt;/script&gt; &amp; &quot;more&quot;</p>",
        ),
        ("&lt;b&gt;", f"{P}&amp;lt;b&amp;gt;</p>"),
        ("  \n\n ", ""),
    ],
)
def test_blank_lines_part_paragraphs_and_all_else_is_escaped(text: str, inside: str) -> None:
    assert paragraphs(text) == inside


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("see https://sign.example/a?b=1&c=2.", ["https://sign.example/a?b=1&c=2"]),
        ("(https://sign.example/a)", ["https://sign.example/a"]),
        ("https://sign.example/a_(b), so", ["https://sign.example/a_(b)"]),
        ("is it http://sign.example?!", ["http://sign.example"]),
        ('"https://sign.example/x"', ["https://sign.example/x"]),
        ("»https://sign.example/x«", ["https://sign.example/x"]),
        ("<https://sign.example/x>;", ["https://sign.example/x"]),
        ("HTTPS://SIGN.example/X", ["HTTPS://SIGN.example/X"]),
        ("https://gärten.example/für", ["https://gärten.example/für"]),
        ("https://a.example\nhttps://b.example/", ["https://a.example", "https://b.example/"]),
        ("https://a.example/'onclick='x", ["https://a.example/'onclick='x"]),
        ("javascript:alert(1) ftp://a.example mailto:a@b.example www.a.example", []),
        ("https:// and http://. and xhttps://a.example", []),
        ("https://a.example/\u202egpj.exe", ["https://a.example/"]),
    ],
)
def test_addresses_of_the_web_become_links_without_the_punctuation_behind_them(
    text: str, links: list[str]
) -> None:
    assert Reader(paragraphs(text)).links == links


ALPHABET = st.sampled_from([*"ab1 \n\r\t<>&\"'/:.,;()[]=-#\u202e\u00e4", "http://", "https://a.b"])
TEXTS = st.lists(ALPHABET, max_size=60).map("".join) | st.text(
    st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t")
)


@given(TEXTS)
def test_no_text_yields_an_element_that_is_not_ours(text: str) -> None:
    read = Reader(paragraphs(text))
    assert set(read.elements) <= {"p", "br", "a"}
    assert all(re.match(r"https?://[^\s<>\"]+$", link, re.IGNORECASE) for link in read.links)


@given(TEXTS)
def test_the_html_says_what_the_text_says(text: str) -> None:
    wanted = re.sub(r"\r\n?", "\n", text)
    said = Reader(paragraphs(text)).text
    assert [s for s in said.split("\n") if s.strip()] == [
        s for s in wanted.split("\n") if s.strip()
    ]


@given(TEXTS)
def test_every_link_shows_where_it_leads(text: str) -> None:
    source = paragraphs(text)
    for leads, shows in re.findall(r'<a href="([^"]*)">([^<]*)</a>', source):
        assert leads == shows
    assert source.count("<a ") == len(re.findall(r'<a href="([^"]*)">([^<]*)</a>', source))


def test_a_page_names_its_language_and_sets_no_colour() -> None:
    made = page("<p>x</p>", "de")
    assert made.startswith('<!DOCTYPE html>\n<html lang="de">\n<head><meta charset="utf-8">')
    assert made.endswith(">\n<p>x</p>\n</body>\n</html>\n")
    assert '<meta name="color-scheme" content="light dark">' in made
    assert not re.search(r"(?<!-)color:|background", made)


@pytest.mark.parametrize(
    ("locale", "written"), [("fr_CH", "fr-CH"), ("en", "en"), ('"><b>', "&quot;&gt;&lt;b&gt;")]
)
def test_the_language_is_written_as_html_has_it(locale: str, written: str) -> None:
    assert f'<html lang="{written}">' in page("", locale)


@pytest.mark.parametrize("part", ["https://a.example/" + ")" * 200_000, "https://a.b" * 20_000])
def test_long_addresses_take_no_longer_than_other_text(part: str) -> None:
    assert part.rstrip(")") in paragraphs(part)


def test_it_loads_nothing_that_a_cold_start_would_wait_for() -> None:
    code = (
        "import __future__, gc, os, re, sys; before = set(sys.modules); "
        "import countersign.text.html; print(sorted(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(Path(countersign.__file__).parents[1])},
    )
    assert done.stdout.strip() == "['countersign', 'countersign.text', 'countersign.text.html']"
