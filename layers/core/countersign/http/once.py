"""Idempotency keys: a request that is sent again makes nothing a second time.

Routes whose answer can be shown again say so themselves (``once``, ``once_noted``); of all others
that something is noted is enough to refuse them the second time (``once_answered``).

https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from countersign.errors import RepeatedRequestError, TransientError
from countersign.http.call import ApiCall
from countersign.http.problems import Problem
from countersign.model.request_key import LONGEST_KEY, RequestKey

if TYPE_CHECKING:
    from countersign.use_cases.store import Store

V = TypeVar("V")

NOTHING_TO_SHOW = ""
"""What a key has made whose answer is not kept."""


def once(call: ApiCall, made: str, act: Callable[[Store], V], show: Callable[[str], V]) -> V:
    """Do what the request asks for; where its key was used within a day, show what that made.

    ``made`` is the path of what is made; ``act`` commits with the store that it is given, so that
    the key is kept in the same transaction; ``show`` is given the path that was kept with the key.
    Problem ``key-reused`` where another request has the key.
    """
    store = call.services.store
    mark = _mark(call, made)
    if mark is None:
        return act(store)
    call.keeps_key = True
    known = call.known_key
    if known is None:
        try:
            return act(replace(store, request=mark))
        except RepeatedRequestError:  # at the same time
            known = _known(call, mark) or mark
    return _shown(call, known, mark, show)


def once_noted(call: ApiCall, made: str, act: Callable[[], V], show: Callable[[str], V]) -> V:
    """The same for what is not one transaction of the table: its key is noted once it is done."""
    mark = _mark(call, made)
    if mark is None:
        return act()
    call.keeps_key = True
    if call.known_key is not None:
        return _shown(call, call.known_key, mark, show)
    done = act()
    try:
        call.services.cloud.requests.add(mark)
    except RepeatedRequestError:
        return _shown(call, _known(call, mark) or mark, mark, show)
    return done


def once_answered(call: ApiCall, answer: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The answer of a route that may know nothing of keys; the key is looked up here for all.

    Problem ``done-before`` where the same was carried out under the key: the answer is not kept,
    since it may have a secret. What was refused may be asked again.
    """
    mark = _mark(call, NOTHING_TO_SHOW)
    if mark is None:
        return answer()
    known = call.known_key = _known(call, mark)
    if known is not None:
        _check_same(known, mark)
        if known.made == NOTHING_TO_SHOW:
            detail = f"this was done at {known.at:%Y-%m-%dT%H:%M:%SZ}, and its answer is not kept"
            raise Problem(name="done-before", detail=f"{detail}; look at what is there now")
    answered = answer()
    if answered["statusCode"] < 300 and not call.keeps_key:
        # It is done, whether that can be noted or not; the answer says so.
        with suppress(RepeatedRequestError, TransientError):
            call.services.cloud.requests.add(mark)
    return answered


def _mark(call: ApiCall, made: str) -> RequestKey | None:
    key = call.headers.get("idempotency-key", "").strip()
    if not key:
        return None
    if len(key) > LONGEST_KEY or not key.isprintable():
        detail = f"Idempotency-Key has {len(key)} characters; expected 1 to {LONGEST_KEY} printable"
        raise Problem(name="malformed", detail=detail)
    asked = f"{call.method} {call.path} {call.body}".encode("utf-8", "surrogatepass")
    digest = hashlib.sha256(asked).hexdigest()
    now = call.services.now()
    return RequestKey(caller=call.caller.id, key=key, digest=digest, made=made, at=now)


def _known(call: ApiCall, mark: RequestKey) -> RequestKey | None:
    return call.services.cloud.requests.get(mark.caller, mark.key, now=mark.at)


def _check_same(known: RequestKey, mark: RequestKey) -> None:
    if known.digest != mark.digest:
        detail = f"{mark.key} was used at {known.at:%Y-%m-%dT%H:%M:%SZ} for another request"
        raise Problem(name="key-reused", detail=detail)


def _shown(call: ApiCall, known: RequestKey, mark: RequestKey, show: Callable[[str], V]) -> V:
    _check_same(known, mark)
    call.answer_headers["idempotent-replayed"] = "true"
    return show(known.made)
