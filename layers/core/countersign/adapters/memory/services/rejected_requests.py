"""Rejected webhooks in memory."""

from __future__ import annotations

from collections.abc import Iterator

from countersign.adapters.checks import check_identifier
from countersign.adapters.pages import after, page_of_values
from countersign.model.page import Page, PageRequest
from countersign.model.rejected_request import RejectedRequest


class MemoryRejectedRequests:
    """``ports.RejectedRequests`` in memory."""

    def __init__(self) -> None:
        self._kept: dict[str, RejectedRequest] = {}

    def keep(self, rejected: RejectedRequest) -> None:
        check_identifier(rejected.connection)
        self._kept[rejected.id] = rejected

    def get(self, rejected_id: str) -> RejectedRequest | None:
        return self._kept.get(rejected_id)

    def ids(self, connection: str | None = None) -> Iterator[str]:
        for rejected_id in sorted(
            self._kept, key=lambda rejected_id: rejected_id.replace(".", "/")
        ):
            if connection is None or self._kept[rejected_id].connection == connection:
                yield rejected_id

    def page(self, connection: str | None, page: PageRequest) -> Page[str]:
        placed = [
            (rejected_id.replace(".", "/"), rejected_id) for rejected_id in self.ids(connection)
        ]
        return page_of_values(after(placed, page), page)

    def remove(self, rejected_id: str) -> None:
        self._kept.pop(rejected_id, None)
