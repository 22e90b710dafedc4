"""The console's screens by their names, and how to sign in to look at them."""

from __future__ import annotations

from typing import Any


def screens(document: str, pipeline: str) -> dict[str, str]:
    """The addresses of all screens, for a document of a pipeline."""
    return {
        "board": f"#/board?pipeline={pipeline}",
        "documents": "#/documents",
        "document": f"#/documents/{document}",
        "nowhere": "#/nowhere",
    }


def give_password(page: Any, email: str, password: str) -> None:
    """Sign in on the hosted pages, up to the console."""
    page.locator("input[type=password]").wait_for()
    page.locator("input:not([type=hidden]):not([type=password])").first.fill(email)
    page.locator("input[type=password]").fill(password)
    page.locator("[type=submit]").first.click()
    page.locator("nav").wait_for()
