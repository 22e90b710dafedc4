"""Drafts of pipelines in memory."""

from __future__ import annotations

from countersign.adapters.dynamodb.stores.configuration.draft_items import packed_content
from countersign.adapters.memory.tables.process.state import MemoryState
from countersign.model.draft import Draft, DraftPage, StaleDraftError, card_of


class MemoryDrafts:
    """``ports.Drafts`` in memory."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    def get(self, pipeline: str) -> Draft | None:
        self._state.check_readable(("draft", pipeline))
        return self._state.drafts.get(pipeline)

    def put(self, draft: Draft) -> None:
        packed_content(draft)
        before = draft.model_copy(update={"version": draft.version - 1})
        present = self.get(draft.pipeline)
        expected = None if draft.version == 1 else before.tag
        if (present.tag if present else None) != expected:
            raise StaleDraftError(draft.pipeline, present)
        self._state.drafts[draft.pipeline] = draft

    def remove(self, draft: Draft) -> None:
        present = self.get(draft.pipeline)
        if present is None:
            return
        if present.tag != draft.tag:
            raise StaleDraftError(draft.pipeline, present)
        del self._state.drafts[draft.pipeline]

    def list(self, *, after: str = "", limit: int = 100) -> DraftPage:
        there = sorted(name for name in self._state.drafts if name > after)
        listed = {name: self._state.drafts[name] for name in there[:limit]}
        cards = tuple(map(card_of, self._state.each(listed, lambda name: ("draft", name))))
        return DraftPage(cards, there[limit - 1] if len(there) > limit else None)
