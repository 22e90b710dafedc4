"""Idempotency keys: a request that is sent again makes nothing a second time.

https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from countersign.errors import RepeatedRequestError
from countersign.http.call import ApiCall
from countersign.http.problems import Problem
from countersign.model.request_key import LONGEST_KEY, RequestKey
from countersign.use_cases.store import Store

V = TypeVar("V")


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
    known = _known(call, mark)
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
    known = _known(call, mark)
    if known is not None:
        return _shown(call, known, mark, show)
    done = act()
    try:
        call.services.cloud.requests.add(mark)
    except RepeatedRequestError:
        return _shown(call, _known(call, mark) or mark, mark, show)
    return done


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


def _shown(call: ApiCall, known: RequestKey, mark: RequestKey, show: Callable[[str], V]) -> V:
    if known.digest != mark.digest:
        detail = f"{mark.key} was used at {known.at:%Y-%m-%dT%H:%M:%SZ} for another request"
        raise Problem(name="key-reused", detail=detail)
    call.answer_headers["idempotent-replayed"] = "true"
    return show(known.made)
