"""serve_console answers with the console's files, gzipped, under a strict policy, and no more."""

from __future__ import annotations

import ast
import base64
import gzip
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Get = Callable[..., dict[str, Any]]


def body(answer: dict[str, Any]) -> str:
    """What a browser sees."""
    assert answer["isBase64Encoded"]
    assert answer["headers"]["content-encoding"] == "gzip"
    return gzip.decompress(base64.b64decode(answer["body"])).decode()


def files_of(page: str) -> list[str]:
    """The addresses of the files that the page names."""
    return re.findall(r'(?:href|src)="([^":]+)"', page)


def test_the_page_is_asked_for_each_time_and_its_files_are_kept_for_good(get: Get) -> None:
    page = get("/")
    assert page["headers"]["cache-control"] == "no-cache"
    assert page["headers"]["content-type"] == "text/html; charset=utf-8"
    named = files_of(body(page))
    assert [Path(one).suffix for one in named] == [".css", ".js"]
    for path in named:
        file = get(f"/{path}")
        assert file["statusCode"] == 200
        assert file["headers"]["cache-control"] == "public, max-age=31536000, immutable"


def test_whoever_has_the_page_gets_it_only_when_it_has_changed(get: Get) -> None:
    etag = get("/")["headers"]["etag"]
    answer = get("/", if_none_match=f"W/{etag}")
    assert (answer["statusCode"], answer.get("body")) == (304, None)
    assert get("/", if_none_match='"another"')["statusCode"] == 200


def test_another_content_has_another_address(console: Path, tmp_path: Path) -> None:
    from tests.unit.console.conftest import module

    build = module(console / "build.py").build
    source = tmp_path / "source"
    source.mkdir()
    (source / "index.html").write_text('<script src="assets/app.js"></script>')
    (source / "app.js").write_text("one")
    first = build(source, tmp_path / "first")
    assert build(source, tmp_path / "again") == first
    assert gzip.decompress((tmp_path / "first/index.html.gz").read_bytes()).decode() == (
        f'<script src="{first}/app.js"></script>'
    )
    (source / "app.js").write_text("two")
    assert build(source, tmp_path / "second") != first


@pytest.mark.parametrize(
    "path",
    ["/favicon.ico", "/../handler.py", "/site/index.html", "/0123/app.js", "/api/v2/x"],
)
def test_nothing_else_is_there(get: Get, path: str) -> None:
    answer = get(path)
    assert answer["statusCode"] == 404
    assert answer["headers"]["content-type"] == "text/plain; charset=utf-8"
    assert "default-src 'none'" in answer["headers"]["content-security-policy"]


def test_the_policy_lets_in_the_pool_the_files_and_nothing_else(get: Get) -> None:
    policy = get("/")["headers"]["content-security-policy"]
    rules = {rule.split()[0]: rule.split()[1:] for rule in policy.split("; ")}
    assert rules == {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'", "https://sign-in.example", "https://files.example"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "require-trusted-types-for": ["'script'"],
    }


def test_the_function_imports_nothing_of_ours_and_nothing_that_is_installed(console: Path) -> None:
    tree = ast.parse((console / "handler.py").read_text(encoding="utf-8"))
    imported = {one.module for one in ast.walk(tree) if isinstance(one, ast.ImportFrom)}
    imported |= {
        name.name for one in ast.walk(tree) if isinstance(one, ast.Import) for name in one.names
    }
    assert imported == {"__future__", "base64", "os", "pathlib", "typing"}


def test_the_first_screen_takes_eight_requests_and_80_kilobytes_at_most(built: Path) -> None:
    """The page, its style, the frame, the libraries, the texts of one language and the board."""
    first = {
        *("index.html", "style.css", "app.js", "vendor/preact.js", "lib/api.js", "lib/ui.js"),
        *("texts/en.js", "pages/board.js"),
    }
    sizes = {
        re.sub(r"^[0-9a-f]{16}/", "", file.relative_to(built / "site").as_posix())[:-3]: file
        for file in (built / "site").rglob("*.gz")
    }
    assert len(first) <= 8
    assert sum(sizes[name].stat().st_size for name in first) < 80_000
