"""The console's screens by their names, and how to sign in to look at them."""

from __future__ import annotations

from typing import Any

PEOPLE = ("programs", "secrets", "entitlements", "audit", "personal-data", "maintenance")
CHANGES = ("plan", "versions", "simulate", "backtest", "run", "pause", "remove")
BESIDE = {
    "stage": "stage=sent",
    "pipeline": "show=pipeline",
    "problems": "show=problems",
    "file": "card=rules:told&yaml=1",
    "trigger": "card=triggers:sent",
    "task": "card=rules:call",
    "web": "card=rules:web",
    "fields": "card=rules:fields",
}
"""What the editor shows beside the columns, by the query of its address."""


def screens(document: str, pipeline: str, connection: str) -> dict[str, str]:
    """The addresses of all screens, for a document of a pipeline, and one of its connections."""
    return {
        "board": f"#/board?pipeline={pipeline}",
        "documents": "#/documents",
        "document": f"#/documents/{document}",
        "pipelines": "#/automation",
        "automation": f"#/automation/{pipeline}",
        "pipeline-settings": f"#/automation/{pipeline}?show=pipeline",
        **{f"changes-{one}": f"#/changes/{pipeline}/{one}" for one in CHANGES},
        "calendar": "#/calendar",
        "inbox": "#/inbox",
        "tasks": "#/tasks",
        "connections": "#/connections",
        "connection": f"#/connections/{connection}",
        "welcome": "#/welcome",
        "statistics": f"#/statistics?pipeline={pipeline}",
        "people": "#/people",
        **{f"people-{one}": f"#/people/{one}" for one in PEOPLE},
        "nowhere": "#/nowhere",
    }


def beside(pipeline: str) -> dict[str, str]:
    """The addresses of what the editor shows beside its columns."""
    return {f"beside-{one}": f"#/automation/{pipeline}?{query}" for one, query in BESIDE.items()}


def give_password(page: Any, email: str, password: str) -> None:
    """Sign in on the hosted pages, up to the console."""
    fill_password(page, email, password)
    page.locator("nav").first.wait_for()


def fill_password(page: Any, email: str, password: str) -> None:
    """Sign in on the hosted pages."""
    page.locator("input[type=password]").wait_for()
    page.locator("input:not([type=hidden]):not([type=password])").first.fill(email)
    page.locator("input[type=password]").fill(password)
    page.locator("[type=submit]").first.click()
