"""API Gateway's events and answers for links to files in mails."""

from __future__ import annotations

from typing import Any

from countersign.model.file_transfer import LinkTarget

_PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" '
    'content="width=device-width"><title>{title}</title>'
    '<body style="font-family:sans-serif;margin:3em auto;max-width:32em;padding:0 1em">'
    "<h1>{title}</h1><p>{text}</p></body></html>"
)
_HEADERS = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex",
}


def token_of(event: dict[str, Any]) -> str:
    """The last part of the link."""
    return str((event.get("pathParameters") or {}).get("token", ""))


def answer_of(target: LinkTarget | None) -> dict[str, Any]:
    """A redirect to the file; otherwise a page: 404 for a link that leads nowhere, 410 for one that
    has expired, 503 where the stack does not answer now (None)."""
    if target is None:
        return _page(503, "Not available now", "Please try the link again in a few minutes.")
    if target.expired:
        text = "This link has expired. Please ask the sender of the e-mail for the file."
        return _page(410, "Link expired", text)
    if target.address is None:
        text = "This link does not exist. Please check that it is complete."
        return _page(404, "Not found", text)
    return {"statusCode": 302, "headers": {**_HEADERS, "location": target.address}, "body": ""}


def _page(status: int, title: str, text: str) -> dict[str, Any]:
    headers = {**_HEADERS, "content-type": "text/html; charset=utf-8"}
    return {"statusCode": status, "headers": headers, "body": _PAGE.format(title=title, text=text)}
