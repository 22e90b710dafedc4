"""Whether a table has data of an earlier version that are to be upgraded."""

from __future__ import annotations

from countersign.model.page import PageRequest, StageQuery
from countersign.model.search_words import WORD_INDEX
from countersign.model.upgrade import UpgradeProgress
from countersign.ports import Pages, Pipelines
from countersign.use_cases.queries.pipelines import list_pipelines

MAX_PIPELINES, LOOKED_AT = 10, 20
"""Pipelines, and documents of each, that are looked at for those of an earlier version."""


def upgrade_is_due(pages: Pages, pipelines: Pipelines, progress: UpgradeProgress) -> bool:
    """Whether an upgrade was interrupted, or nobody has upgraded and there is something to upgrade.

    Documents are looked at for that: those that did not change for longest.
    """
    if progress.word_index == WORD_INDEX:
        return False
    if progress.pipeline is not None:
        return True
    for head in list_pipelines(pipelines)[:MAX_PIPELINES]:
        wanted = StageQuery(pipeline=head.pipeline)
        page = pages.in_stage(wanted, PageRequest(limit=LOOKED_AT))
        if any(document.word_index != WORD_INDEX for document in page.items):
            return True
    return False
