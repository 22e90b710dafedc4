"""Call a web address: an own system hears of the document, and may answer into its fields."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from countersign.model import fields
from countersign.model.http import Method, WebAnswer, WebRequest
from countersign.model.pipeline import Pipeline, Slug
from countersign.rules._shared import http, json_paths, rendering
from countersign.rules._shared.payload import document_payload
from countersign.rules._shared.template_variables import first, values
from countersign.rules.base import HttpRule, Reply, RuleContext, RuleGroup, Secret

JSON = "application/json"
LONGEST = 200
"""Characters of an expression that a sentence quotes."""


class CallWebAddress(HttpRule):
    """Makes one HTTPS call; an answer of 2xx concludes it.

    408, 425, 429 and 5xx are tried again with growing pauses, other answers fail the run. Where
    the call was sent and no answer came (502, 504, 520 and 524 included), the run is in doubt,
    unless the address is ``repeatable``. Every try carries the same ``idempotency-key``.
    """

    kind: Literal["call_web_address"] = "call_web_address"
    group: ClassVar[RuleGroup] = "automation"
    titles: ClassVar = {"en": "Call a web address", "de": "Webadresse aufrufen"}
    descriptions: ClassVar = {
        "en": "Tells an own system of the document, signed and retried; its answer may fill "
        "fields.",
        "de": "Meldet das Dokument einem eigenen System, signiert und mit Wiederholung; die "
        "Antwort kann Felder füllen.",
    }
    method: Method = "POST"
    """The HTTP method."""
    url: str
    """``https://…`` with inserts in path and query, or ``secret:<name>`` for a secret address."""
    headers: dict[str, str] = {}
    """Own headers: with inserts, or with ``secret:<name>`` in them."""
    body: dict[str, Any] | list[Any] | str | None = None
    """A mapping or list goes as JSON, a text as it is; each text of it may hold inserts. Left out,
    the document is sent as JSON."""
    sign_with: Slug | None = None
    """Name of the secret that the call is signed with, as Standard Webhooks has it."""
    answer: dict[str, str] = {}
    """Fields of the document, each with the place in the JSON answer (JMESPath) that fills it."""
    repeatable: bool = False
    """Whether the address knows a repeated call by its idempotency key; then a call that nobody
    answered is made again without asking anybody."""
    timeout: Annotated[int, Field(ge=1, le=20)] = 15
    """Seconds that the answer may take."""

    def problems(self, pipeline: Pipeline) -> tuple[tuple[str, str], ...]:
        problems = [
            *http.address_problems("url", self.url),
            *http.header_problems(self.headers),
            *http.problems_of_texts(self._texts(), pipeline),
        ]
        if self.body is not None and self.method in ("GET", "DELETE"):
            problems.append(("body", f"{self.method} carries no body; leave it out, or use POST"))
        if http.depth(self.body) > http.MAX_NESTING:
            problems.append(("body", f"the body is nested deeper than {http.MAX_NESTING} levels"))
        for name, place in self.answer.items():
            if name not in (*pipeline.fields, *fields.WRITABLE):
                there = ", ".join((*fields.WRITABLE, *pipeline.fields))
                problems.append(
                    ("answer", f'there is no field "{name}" to write; there are {there}')
                )
            if wrong := json_paths.problem(place):
                shown = place if len(place) <= LONGEST else f"{place[:LONGEST]}…"
                problems.append(
                    ("answer", f'"{shown}" is not a valid path in JSON (JMESPath): {wrong}')
                )
        return tuple(problems)

    @property
    def secrets(self) -> frozenset[str]:
        """The names of the secrets it needs."""
        named = [name for text in (self.url, *self.headers.values()) for name in _names(text)]
        return frozenset((*named, *([self.sign_with] if self.sign_with else [])))

    def request(self, context: RuleContext, secret: Secret) -> WebRequest:
        """The call, complete; PermanentError where it can never be made."""
        inserted = values(context, first(context.document, "client"), self.titles["en"])
        headers = {
            name: http.with_secrets(text, secret)
            if _names(text)
            else rendering.filled(f"headers.{name}", text, inserted)
            for name, text in self.headers.items()
        }
        body, content_type = self._body(context, inserted)
        request = WebRequest(
            method=self.method,
            url=http.with_secrets(self.url, secret)
            if _names(self.url)
            else http.filled_address(self.url, inserted),
            headers=headers,
            body=body,
            repeatable=self.repeatable or self.method == "GET",
            within=self.timeout,
        )
        return http.complete(
            context,
            request,
            content_type=content_type,
            sign_with=secret(self.sign_with) if self.sign_with else None,
        )

    def reply(self, answer: WebAnswer, context: RuleContext) -> Reply:
        """What the answer says of the fields that are to be filled."""
        if not self.answer:
            return Reply()
        if answer.unread is not None:
            return Reply(warnings=(f"no field was filled: {answer.unread}",))
        try:
            content = json.loads(answer.body, parse_float=Decimal)
        except json_paths.UNUSABLE:
            why = "longer than is read" if answer.cut else "no JSON"
            return Reply(warnings=(f"no field was filled: the answer is {why}",))
        reply_values: dict[str, Any] = {}
        warnings = []
        for name, place in self.answer.items():
            try:
                value = json_paths.find(place, content)
            except json_paths.UNUSABLE as error:
                why = (str(error).splitlines() or [type(error).__name__])[0]
                warnings.append(f"{name} was not filled: {place[:LONGEST]}: {why}")
                continue
            if value is None:
                shown = place[:LONGEST]
                warnings.append(f"{name} was not filled: the answer has nothing at {shown}")
            else:
                reply_values[name] = _as_field(value, context.types.get(name))
        return Reply(values=reply_values, warnings=tuple(warnings))

    def _body(self, context: RuleContext, inserted: Any) -> tuple[bytes, str | None]:
        if self.method in ("GET", "DELETE"):
            return b"", None
        if self.body is None:
            return http.as_json(document_payload(context)), JSON
        if isinstance(self.body, str):
            text = rendering.filled("body", self.body, inserted, "exact")
            return text.encode(), "text/plain; charset=utf-8"
        return http.as_json(http.filled_body(self.body, inserted)), JSON

    def _texts(self) -> dict[str, str]:
        named = {f"headers.{n}": t for n, t in self.headers.items() if not _names(t)}
        own = {} if _names(self.url) else {"url": self.url}
        return {**own, **named, **dict(http.texts_of(self.body))}


def _names(text: str) -> tuple[str, ...]:
    return http.secret_names(text)


def _as_field(value: Any, kind: str | None) -> Any:
    """A number as text where the field keeps text: ids are often numbers in JSON."""
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return str(value) if is_number and kind in ("text", "choice", "user") else value
