"""serve_console: the files of the console, as the build left them."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Any

SITE = Path(__file__).parent / "site"
TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}
FILES = {file.relative_to(SITE).as_posix().removesuffix(".gz"): file for file in SITE.rglob("*.gz")}
"""By their paths; all are gzipped, and all but the page itself are under the hash of them all."""
VERSION = next((path.partition("/")[0] for path in FILES if "/" in path), "")
PLACES = ("SIGN_IN_URL", "FILES_URL")
CALLED = dict.fromkeys(("'self'", *(os.environ[name] for name in PLACES if name in os.environ)))
"""What the page may call: the API, the pool, and the bucket that files are sent to."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    f"connect-src {' '.join(CALLED)}; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=31536000",
    "x-content-type-options": "nosniff",
}


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Answer API Gateway (payload 2.0) with a file of the console, or that there is none."""
    path = str(event.get("rawPath", "")).lstrip("/") or "index.html"
    file = FILES.get(path)
    if file is None:
        text = {"content-type": "text/plain; charset=utf-8"}
        return {"statusCode": 404, "headers": HEADERS | text, "body": "There is nothing here."}
    kept = "no-cache" if path == "index.html" else "public, max-age=31536000, immutable"
    headers = HEADERS | {"cache-control": kept, "etag": f'"{VERSION}"'}
    if VERSION in event.get("headers", {}).get("if-none-match", ""):
        return {"statusCode": 304, "headers": headers}
    about = {
        "content-type": f"{TYPES[Path(path).suffix]}; charset=utf-8",
        "content-encoding": "gzip",
        "vary": "accept-encoding",
    }
    body = base64.b64encode(file.read_bytes()).decode()
    return {"statusCode": 200, "headers": headers | about, "body": body, "isBase64Encoded": True}
