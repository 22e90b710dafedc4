"""Answers of the web, read as they come and decoded here, all of it within bounds.

Libraries decode what an answer says it is: a few KB that were compressed twice can keep them busy
for minutes. Here one coding is undone, with a bound on what it may make, and none of several. A
status that was read stays known whatever is wrong with the body behind it.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator
from http.client import HTTPException, HTTPResponse, IncompleteRead

from countersign.model.http import WebAnswer

CHUNK = 16 * 1024
"""Bytes that are read at once."""
SLACK = CHUNK
"""Bytes that a compressed body may have beyond what it may become."""
GZIP = frozenset({"gzip", "x-gzip"})
DEFLATE = "deflate"

_GZIP_FORM, _ZLIB_FORM, _RAW_FORM = 31, 15, -15
"""How zlib is asked for each form, https://docs.python.org/3/library/zlib.html"""


class _UnreadableError(Exception):
    """A body that cannot be used, and why."""


def read_answer(response: HTTPResponse, most: int, ends: float) -> WebAnswer:
    """The answer with at most ``most`` bytes of its body, decoded; never raises for the body.

    ``ends``: until when it is read, by ``time.monotonic``. A body that cannot be used is left
    empty, with the reason in ``unread``.
    """
    body, unread = bytearray(), None
    try:
        for part in _decoded(response, most, ends):
            body += part
            if len(body) > most:
                break
    except _UnreadableError as error:
        body.clear()
        unread = str(error)
    except (HTTPException, OSError):
        if time.monotonic() < ends:
            body.clear()
            unread = "the connection ended before its body did"
    finally:
        response.close()
    return WebAnswer(
        status=response.status,
        headers={name.lower(): value for name, value in response.headers.items()},
        body=bytes(body[:most]),
        cut=unread is None and (len(body) > most or time.monotonic() >= ends),
        unread=unread,
    )


def _decoded(response: HTTPResponse, most: int, ends: float) -> Iterator[bytes]:
    """The body in parts; one byte more than is wanted at the most."""
    named = ",".join(response.headers.get_all("content-encoding", [])).lower().split(",")
    codings = [name.strip() for name in named if name.strip() not in ("", "identity")]
    if not codings:
        return _parts(response, ends)
    if len(codings) > 1:
        msg = f"its body is encoded {len(codings)} times, one inside the other"
        raise _UnreadableError(msg)
    if codings[0] not in (*GZIP, DEFLATE):
        msg = f"its body has an encoding that was not asked for ({codings[0][:40]})"
        raise _UnreadableError(msg)
    return _inflated(_parts(response, ends), codings[0], most)


def _parts(response: HTTPResponse, ends: float) -> Iterator[bytes]:
    """The body as it comes, until it or the time is at its end."""
    while time.monotonic() < ends:
        try:
            part = response.read(CHUNK)
        except IncompleteRead as error:
            yield error.partial
            raise
        if not part:
            if response.length:  # of what the answer said it had
                raise IncompleteRead(b"", response.length)
            return
        yield part


def _inflated(parts: Iterator[bytes], coding: str, most: int) -> Iterator[bytes]:
    """What the parts become, which is one stream; stops after one byte more than ``most``."""
    stream: zlib._Decompress | None = None
    made = taken = 0
    try:
        for part in parts:
            if stream is None:
                stream = zlib.decompressobj(_form(coding, part))
            taken += len(part)
            piece = stream.decompress(part, most + 1 - made)
            made += len(piece)
            yield piece
            if stream.eof or made > most:
                break
            if taken > most + SLACK:
                msg = "its body has more compressed bytes than it may have in all"
                raise _UnreadableError(msg)
    except zlib.error:
        msg = "its body cannot be decompressed"
        raise _UnreadableError(msg) from None
    if stream is not None and made <= most and (not stream.eof or stream.unused_data.strip(b"\0")):
        msg = "its body cannot be decompressed: it has more or less than one stream"
        raise _UnreadableError(msg)


def _form(coding: str, beginning: bytes) -> int:
    """Some senders leave out the zlib header that ``deflate`` stands for (RFC 9110, 8.4.1.2)."""
    if coding in GZIP:
        return _GZIP_FORM
    first = int.from_bytes(beginning[:2])
    return _ZLIB_FORM if beginning[0] & 0x0F == 8 and first % 31 == 0 else _RAW_FORM
