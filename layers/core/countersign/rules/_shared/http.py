"""What the rules that call a web address have in common: address, headers, secrets, bodies."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from countersign.errors import PermanentError
from countersign.model.http import WebRequest, unsendable
from countersign.model.pipeline import Pipeline
from countersign.model.values import plain
from countersign.rules._shared import rendering
from countersign.rules.base import RuleContext, Secret
from countersign.standards.standard_webhooks import key_of, signature
from countersign.text.folding import DomainError, ascii_domain

if TYPE_CHECKING:
    from countersign.templates.render import Form

MAX_BODY = 256 * 1024
"""Bytes of a body that is sent."""
MAX_NESTING = 20
"""Levels of a body's mappings and lists."""
OURS = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "expect",
        "host",
        "idempotency-key",
        "keep-alive",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "webhook-id",
        "webhook-signature",
        "webhook-timestamp",
    }
)
"""Headers that HTTP itself or the product sets."""

_INSERT = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_SECRET = re.compile(r"secret:([a-z0-9][a-z0-9_-]{0,62})")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")


def secret_names(text: str) -> tuple[str, ...]:
    """The secrets that a setting names, each as ``secret:<name>``."""
    return tuple(_SECRET.findall(text))


def with_secrets(text: str, secret: Secret) -> str:
    """The setting with its secrets in their places."""
    return _SECRET.sub(lambda match: secret(match[1]), text)


def address_problems(setting: str, url: str) -> Iterator[tuple[str, str]]:
    """What publishing must refuse about an address: who is called must not hang on a document."""
    if secret_names(url):
        if not _SECRET.fullmatch(url):
            yield setting, "a secret address is the whole of it: write secret:<name> and no more"
        return
    try:
        parts = urlsplit(_INSERT.sub("x", url))
        valid = bool(parts.hostname and _host(parts.hostname)) and parts.port != 0
    except ValueError:
        parts, valid = urlsplit(""), False
    # A host that is put together from inserts would let a document choose who is called.
    host = url.split("://", 1)[-1].split("/", 1)[0].split("?", 1)[0]
    if parts.scheme not in ("https", "http") or not valid:
        yield setting, f'"{url[:80]}" is not a valid address; write one that begins with https://'
    elif rendering.has_inserts(host) or rendering.has_inserts(url.split("://", 1)[0]):
        yield setting, "an insert may not stand in the address's host; write the host out"
    elif "@" in host:
        yield setting, "a password does not belong into an address; use a header with a secret"


def _host(name: str) -> str:
    """The host as it is called; ValueError if it is none."""
    if ":" in name:  # IPv6, which has stood in brackets
        return str(ip_address(name))
    try:
        return ascii_domain(name)
    except DomainError as error:
        raise ValueError(str(error)) from None


def filled_address(url: str, inserted: Mapping[str, object]) -> str:
    """The address with its inserts filled in; PermanentError where one leads to another path."""
    filled = rendering.filled("url", url, inserted, "url")
    if _steps(filled) > _steps(_INSERT.sub("x", url)):
        msg = (
            'url: an insert is "." or "..", by which the address would lead elsewhere; correct '
            "the field"
        )
        raise PermanentError(msg)
    return filled


def _steps(url: str) -> int:
    """How many parts of the path stand for this or the upper one."""
    return sum(part in (".", "..") for part in url.partition("?")[0].split("/"))


def header_problems(headers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What publishing must refuse about headers, apart from their inserts."""
    for name, value in headers.items():
        if not _HEADER.fullmatch(name):
            yield "headers", f'"{name[:80]}" is not a valid name of a header'
        elif name.lower() in OURS:
            yield "headers", f"{name} is set by the call itself; leave it out"
        elif secret_names(value) and rendering.has_inserts(value):
            yield "headers", f"{name}: a secret and inserts cannot stand in one header"


def texts_of(body: object, place: str = "body") -> Iterator[tuple[str, str]]:
    """Every text of a body with its place, for the check of its inserts."""
    match body:
        case str():
            yield place, body
        case dict():
            for name, value in body.items():
                yield from texts_of(value, f"{place}.{name}")
        case list() | tuple():
            for number, value in enumerate(body):
                yield from texts_of(value, f"{place}.{number}")


def depth(body: object) -> int:
    """How many levels of mappings and lists a body has, itself included."""
    parts = body.values() if isinstance(body, dict) else body if isinstance(body, list) else ()
    return 1 + max(map(depth, parts), default=0)


def filled_body(body: object, inserted: Mapping[str, object], place: str = "body") -> Any:
    """The body with every text's inserts filled in."""
    match body:
        case str():
            return rendering.filled(place, body, inserted, "exact")
        case dict():
            return {
                str(name): filled_body(value, inserted, f"{place}.{name}")
                for name, value in body.items()
            }
        case list() | tuple():
            return [
                filled_body(value, inserted, f"{place}.{number}")
                for number, value in enumerate(body)
            ]
    return body


def as_json(value: object) -> bytes:
    """JSON in UTF-8; a decimal is a number where JSON's readers get it back exactly, else text."""
    return json.dumps(value, ensure_ascii=False, default=_number).encode()


def _number(value: object) -> object:
    if isinstance(value, Decimal):
        near = float(value)
        return near if Decimal(repr(near)) == value else plain(value)
    return str(value)


def complete(
    context: RuleContext,
    request: WebRequest,
    *,
    content_type: str | None = None,
    sign_with: str | None = None,
) -> WebRequest:
    """The call as the rule has it with its idempotency key and, with a key to sign with, its
    signature. Its own header for the content's type goes before ``content_type``.

    The key is the run's: the same on every try, and never that of another run.
    Raises PermanentError for what cannot be sent, naming what to fix.
    """
    body = request.body
    if len(body) > MAX_BODY:
        msg = f"the body has {len(body):,} bytes; expected at most {MAX_BODY:,}: make it shorter"
        raise PermanentError(msg)
    key = str(context.run.key)
    given = dict(request.headers)
    if content_type is not None and not any(n.lower() == "content-type" for n in given):
        given["content-type"] = content_type
    given |= {"idempotency-key": key, "webhook-id": key}
    if sign_with is not None:
        seconds = str(int(context.now.timestamp()))
        given["webhook-timestamp"] = seconds
        given["webhook-signature"] = f"v1,{_signed(sign_with, key, seconds, body)}"
    check_headers(given)
    return request.model_copy(update={"headers": given})


def check_headers(headers: Mapping[str, str]) -> None:
    """Raise PermanentError for a header that cannot be sent; what it holds may be a secret."""
    if (name := unsendable(headers)) is not None:
        msg = (
            f"the header {name} contains characters not allowed in headers, such as line breaks; "
            "put the insert into the body, or correct the secret"
        )
        raise PermanentError(msg)


def _signed(secret: str, key: str, seconds: str, body: bytes) -> str:
    held = key_of(secret) if secret.startswith("whsec_") else None
    if held is None:
        msg = (
            "the secret to sign with is not a valid key of Standard Webhooks (whsec_ and Base64); "
            "make one: countersign secrets make NAME"
        )
        raise PermanentError(msg)
    return signature(held, key.encode(), seconds.encode(), body).decode()


def problems_of_texts(texts: Mapping[str, str], pipeline: Pipeline) -> Iterator[tuple[str, str]]:
    """What publishing must refuse about the inserts of a call's texts."""
    forms: dict[str, Form] = dict.fromkeys(texts, "exact")
    return rendering.problems(texts, pipeline, forms={**forms, "url": "url"})
