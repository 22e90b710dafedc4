"""The effect of the web lane: one call, and what its answer means."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlsplit

from countersign.errors import InDoubtError, PermanentError, TransientError
from countersign.model.http import WebAnswer
from countersign.ports import HttpClient, RuleSecrets
from countersign.rules.base import HttpRule, Reply, RuleContext, RuleKind
from countersign.use_cases.effects.base import EffectResult, PreparedEffect

BUSY = frozenset({408, 425, 429})
"""Answers that ask for another try, https://www.rfc-editor.org/rfc/rfc9110 and 6585."""
UNTOLD = frozenset({502, 504, 520, 524})
"""Answers of a gateway that does not know what became of the call behind it."""
SHOWN = 200
"""Characters of an answer that a reason may quote."""
SHORTEST = 6
"""Characters of what is taken for a secret in an answer; fewer stand there by chance."""


class WebEffect:
    """Makes the call that a rule has worked out."""

    def __init__(self, web: HttpClient, secrets: RuleSecrets) -> None:
        self._web = web
        self._secrets = secrets

    def prepare(self, kind: RuleKind, context: RuleContext) -> PreparedEffect:
        """The call with everything filled in; leaves the answer's status."""
        if not isinstance(kind, HttpRule):
            msg = f"the rule {context.run.rule} calls no address and cannot run in the web lane"
            raise PermanentError(msg)
        placeholders: dict[str, str] = {}

        def secret(name: str, /) -> str:
            secret_value = self._secret(name)
            placeholders[secret_value] = f"secret:{name}"
            return secret_value

        request = kind.request(context, secret)

        def execute() -> EffectResult:
            answer = _readable(self._web.call(request), placeholders)
            check(answer)
            result = {"status": str(answer.status)}
            return EffectResult(result=result, reply=_reply(kind, answer, context))

        return PreparedEffect(execute=execute, repeatable=request.repeatable)

    def _secret(self, name: str, /) -> str:
        secret = self._secrets.get(name)
        if secret is None:
            msg = f'there is no secret "{name}"; give it: countersign secrets set {name}'
            raise PermanentError(msg)
        return secret


def _readable(answer: WebAnswer, placeholders: Mapping[str, str]) -> WebAnswer:
    """The answer ``without`` secrets; without a body where even that fails."""
    try:
        return without(answer, placeholders)
    except Exception as error:
        unread = f"its body could not be read ({type(error).__name__})"
        return answer.model_copy(update={"headers": {}, "body": b"", "unread": unread})


def _reply(kind: HttpRule, answer: WebAnswer, context: RuleContext) -> Reply:
    """What the answer means. The call has been made, so nothing that is wrong with its answer, nor
    with our reading of it, may look like a call without an answer."""
    try:
        return kind.reply(answer, context)
    except Exception as error:
        return Reply(warnings=(f"the answer could not be read ({type(error).__name__})",))


def without(answer: WebAnswer, placeholders: Mapping[str, str]) -> WebAnswer:
    """The answer with each secret of the call replaced by its placeholder.

    Some addresses repeat in their answers what they were sent, headers and path included, and
    reasons and fields are for everybody to read.
    """
    body = answer.body
    for secret, placeholder in placeholders.items():
        parts = urlsplit(secret) if "://" in secret else None
        path = f"{parts.path}?{parts.query}".rstrip("?") if parts else ""
        for shown in (secret, json.dumps(secret)[1:-1], path, parts.path if parts else ""):
            if len(shown) >= SHORTEST:
                body = body.replace(shown.encode(), placeholder.encode())
    return answer.model_copy(update={"body": body})


def check(answer: WebAnswer) -> None:
    """Raise what an answer other than 2xx means; the texts name who can fix it."""
    status = answer.status
    if 200 <= status < 300:
        return
    said = _said(answer)
    if status in UNTOLD:
        raise InDoubtError(f"a gateway answered {status} for the address; the call may have come")
    if status in BUSY or status >= 500:
        raise TransientError(f"the address answered {status}{said}", after=_asked(answer))
    if 300 <= status < 400:
        msg = f"the address answered {status} and sends on to another; write that one into the rule"
        raise PermanentError(msg)
    msg = f"the address refused the call with {status}{said}; the rule or the address must change"
    raise PermanentError(msg)


def _said(answer: WebAnswer) -> str:
    text = " ".join(answer.body[: SHOWN * 4].decode(errors="replace").split())
    shown = "".join(character for character in text if character.isprintable())[:SHOWN]
    return f": {shown}" if shown else ""


def _asked(answer: WebAnswer) -> timedelta | None:
    """The seconds of Retry-After; its other form, a date, is not worth trusting a foreign clock."""
    text = (answer.header("retry-after") or "").strip()
    known = text.isascii() and text.isdecimal() and len(text) <= 6
    return timedelta(seconds=int(text)) if known else None
