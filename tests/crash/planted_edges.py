"""Faults where the outside begins: addresses, answers, sizes and what providers say."""

from __future__ import annotations

from tests.crash.plantable import Planted

_WEB_ANSWERS = "adapters/http/responses.py"
_SIGNERS = "providers/_toolkit/signers.py"

EDGES: tuple[Planted, ...] = (
    Planted(
        "a made-up address is looked up",
        "use_cases/messages/receive.py",
        "if not receiver.addresses.proves(connection, token):",
        "if not connection:",
    ),
    Planted(
        "an answer that was compressed twice is read as it came",
        _WEB_ANSWERS,
        "    if len(codings) > 1:",
        "    if len(codings) > 9:",
    ),
    Planted(
        "an answer that ends early is taken for whole",
        _WEB_ANSWERS,
        "            if response.length:",
        "            if False:",
    ),
    Planted(
        "a large message is parked without its body",
        "adapters/sqs/retry_queue.py",
        "self._large.put(key, packed)",
        "pass",
    ),
    Planted(
        "a document is kept at any size",
        "engine/decisions/size_limits.py",
        "if size_of(document) <= MAX_DOCUMENT:",
        "if document:",
    ),
    Planted(
        "an edit may make a document of any size",
        "engine/decisions/size_limits.py",
        "if size > MAX_EDITED and",
        "if size < 0 and",
    ),
    Planted(
        "a text of any length is filled in",
        "templates/limits.py",
        "if len(source) > MAX_SOURCE:",
        "if len(source) > 10 * MAX_SOURCE:",
    ),
    Planted(
        "of two who share an address, the first is meant",
        _SIGNERS,
        "return fitting[0] if agreed and len(fitting) == 1 else None",
        "return fitting[0] if agreed else None",
    ),
    Planted(
        "an id that is in no list is guessed at by name",
        _SIGNERS,
        "        if ref.id:",
        "        if ref.id in {one.id for one in self.signers}:",
    ),
    Planted(
        "a document's other id is not kept",
        "providers/documenso/state.py",
        "return (self.envelope_id,) if self.id and self.envelope_id else ()",
        "return ()",
    ),
)
