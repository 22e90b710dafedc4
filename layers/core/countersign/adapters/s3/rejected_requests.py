"""Rejected webhooks in S3, compressed: ``rejected/<connection>/<part of the digest>``."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from pydantic import ValidationError

from countersign.adapters.checks import check_identifier, is_identifier
from countersign.adapters.s3.objects import Objects
from countersign.errors import PermanentError
from countersign.model.page import Page, PageRequest
from countersign.model.rejected_request import RejectedRequest

PREFIX = "rejected/"


class S3RejectedRequests:
    """``ports.RejectedRequests`` over a bucket whose objects expire."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def keep(self, rejected: RejectedRequest) -> None:
        check_identifier(rejected.connection)
        content = zlib.compress(rejected.model_dump_json().encode())
        self._objects.put(_key(rejected.id), content)

    def get(self, rejected_id: str) -> RejectedRequest | None:
        connection, _, digest = rejected_id.partition(".")
        if not is_identifier(connection) or not is_identifier(digest):
            return None
        content = self._objects.get(_key(rejected_id))
        return None if content is None else _parsed(rejected_id, content)

    def ids(self, connection: str | None = None) -> Iterator[str]:
        if connection is not None and not is_identifier(connection):
            return
        prefix = PREFIX if connection is None else f"{PREFIX}{connection}/"
        for key in self._objects.keys(prefix):
            yield key.removeprefix(PREFIX).replace("/", ".")

    def page(self, connection: str | None, page: PageRequest) -> Page[str]:
        from countersign.adapters.pages import page_of_values, place_of

        place = place_of(page)
        if connection is not None and not is_identifier(connection):
            return Page(())
        prefix = PREFIX if connection is None else f"{PREFIX}{connection}/"
        after = "" if place is None else f"{PREFIX}{place}"
        ids = (key.removeprefix(PREFIX) for key in self._objects.keys(prefix, after))
        return page_of_values(((key, key.replace("/", ".")) for key in ids), page)

    def remove(self, rejected_id: str) -> None:
        self._objects.remove(_key(rejected_id))


def _key(rejected_id: str) -> str:
    return PREFIX + rejected_id.replace(".", "/")


def _parsed(rejected_id: str, content: bytes) -> RejectedRequest:
    try:
        return RejectedRequest.model_validate_json(zlib.decompress(content))
    except (ValidationError, zlib.error) as error:
        # Its text may quote the message.
        kind = type(error).__name__
        msg = f"{rejected_id} is not a valid rejected message ({kind}); look at it in the bucket"
        raise PermanentError(msg) from None
