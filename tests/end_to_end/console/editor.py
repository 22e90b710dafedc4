"""The editor of pipelines as the scenarios find it."""

from __future__ import annotations

from typing import Any

from countersign.model.pipeline import Pipeline
from tests.builders import pipeline, stage, trigger
from tests.end_to_end.conftest import Running
from tests.end_to_end.console.conftest import Visitor
from tests.end_to_end.process import Process
from tests.integration.account import SENDER

OVER = {"all": [{"field": "amount", "op": "greater", "value": 5000}]}
TASK = {"id": "check", "kind": "create_task", "settings": {"title": "Check it"}}


def contracts(*sent: dict[str, Any], **more: Any) -> Pipeline:
    """Three stages, with rules in the second."""
    return pipeline(
        stage("draft", name="Draft"),
        stage("sent", *sent, name="Sent", triggers=[trigger("sent")]),
        stage("signed", name="Signed", kind="success", triggers=[trigger("signed_by_all")]),
        name="Contracts",
        senders=[SENDER],
        **more,
    )


def opened(running: Running, visit: Visitor, name: str, made: Pipeline, query: str = "") -> Any:
    """The editor of a pipeline that was just published."""
    Process(running, name, made)
    page = visit("administrator", f"#/automation/{name}{query}").page
    page.get_by_role("listitem", name="Sent").wait_for()
    return page


def column(page: Any, name: str) -> Any:
    """A stage of the pipeline."""
    return page.get_by_role("listitem", name=name, exact=True)


def card(page: Any, name: str) -> Any:
    """The button of a trigger or rule that opens its settings."""
    return page.locator(".face").filter(has=page.locator("b").get_by_text(name, exact=True))


def focused(page: Any) -> str | None:
    """The card that has the focus, by its key."""
    found: str | None = page.evaluate("document.activeElement?.dataset.key")
    return found


def wait_for_saved(page: Any) -> None:
    """Wait until the draft is on the server."""
    page.get_by_text("Draft saved").wait_for()


def kept(visit: Visitor, name: str) -> Any:
    """The pipeline as another person finds it on the server."""
    page = visit("viewer", f"#/automation/{name}").page
    page.get_by_role("heading", level=1).wait_for()
    return page
