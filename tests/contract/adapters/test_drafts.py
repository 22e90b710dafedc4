"""What ``ports.Drafts`` promises, and publishing a draft, kept by the table and its twin."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from countersign.errors import ConflictError, TooLargeError, UnreadableError
from countersign.model.draft import (
    Draft,
    DraftCard,
    DraftPage,
    OutdatedDraftError,
    StaleDraftError,
)
from countersign.model.pipeline import Head, Pipeline, Version
from countersign.model.publication import Publication
from countersign.ports import Drafts, Pipelines
from tests.contract.adapters.conftest import Stores

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LATER = NOON + timedelta(minutes=5)
SALES = Pipeline.model_validate({"pipeline": "sales", "stages": [{"id": "sent"}]})


def a_draft(name: str = "sales", **members: Any) -> Draft:
    given = {
        "pipeline": name,
        "content": {"pipeline": name, "stages": [{"id": "sent"}]},
        "created_at": NOON,
        "saved_at": NOON,
        "saved_by": "eva@acme.example",
    }
    return Draft.model_validate({**given, **members})


def saved(draft: Draft, **members: Any) -> Draft:
    """The draft's next version."""
    update = {"version": draft.version + 1, "saved_at": LATER, **members}
    return draft.model_copy(update=update)


def test_a_draft_is_read_back_as_it_was_written_however_wrong_it_is(drafts: Drafts) -> None:
    content = {
        "pipeline": "Not An Id",
        "name": "Verträge \U0001d11e",
        "stages": [{"id": 7, "rules": None}, [], "x" * 5000],
        "amount": Decimal("5.000"),
        "large": 12345678901234567890123,
        "tiny": Decimal("1E-9"),
        "empty": {"": None, "yes": True, "no": False},
    }
    draft = a_draft(content=content, base_version=3)
    drafts.put(draft)
    found = drafts.get("sales")
    assert found == draft
    assert str(found.content["amount"]) == "5.000"
    assert drafts.get("hr") is None


def test_a_save_replaces_the_version_before(drafts: Drafts) -> None:
    first = a_draft()
    drafts.put(first)
    second = saved(first, content={"name": "Sales II"}, saved_by="max@acme.example")
    drafts.put(second)
    assert drafts.get("sales") == second
    assert (first.tag, second.tag) == ("20260302T120000000000-1", "20260302T120000000000-2")


def test_of_two_editors_the_second_is_told_and_nothing_is_lost(drafts: Drafts) -> None:
    first = a_draft()
    drafts.put(first)
    mine, theirs = saved(first, content={"name": "mine"}), saved(first, content={"name": "theirs"})
    drafts.put(theirs)
    with pytest.raises(StaleDraftError, match="was saved by eva@") as refused:
        drafts.put(mine)
    assert refused.value.present == theirs
    assert drafts.get("sales") == theirs
    drafts.put(saved(theirs, content={"name": "mine"}))
    assert drafts.get("sales") == saved(theirs, content={"name": "mine"})


def test_a_first_version_is_refused_where_there_is_a_draft(drafts: Drafts) -> None:
    first = a_draft()
    drafts.put(first)
    with pytest.raises(StaleDraftError) as refused:
        drafts.put(a_draft(content={}, created_at=LATER))
    assert refused.value.present == first
    assert drafts.get("sales") == first


def test_a_draft_that_was_discarded_is_not_saved_over(drafts: Drafts) -> None:
    first = a_draft()
    drafts.put(first)
    drafts.remove(first)
    assert drafts.get("sales") is None
    with pytest.raises(StaleDraftError, match="no draft of sales any more") as refused:
        drafts.put(saved(first))
    assert refused.value.present is None
    assert drafts.get("sales") is None


def test_a_draft_that_was_made_anew_is_another_one(drafts: Drafts) -> None:
    first = a_draft()
    drafts.put(first)
    drafts.remove(first)
    anew = a_draft(created_at=LATER)
    drafts.put(anew)
    with pytest.raises(StaleDraftError) as refused:
        drafts.put(saved(first))
    assert refused.value.present == anew
    with pytest.raises(StaleDraftError) as refused:
        drafts.remove(first)
    assert refused.value.present == anew
    assert drafts.get("sales") == anew


def test_only_the_version_that_was_read_is_discarded(drafts: Drafts) -> None:
    drafts.remove(a_draft())
    first = a_draft()
    drafts.put(first)
    second = saved(first)
    drafts.put(second)
    with pytest.raises(StaleDraftError) as refused:
        drafts.remove(first)
    assert refused.value.present == second
    assert drafts.get("sales") == second
    drafts.remove(second)
    assert drafts.get("sales") is None


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("x" * 1_000_001, r"1,000,0\d\d bytes; expected at most 1,000,000"),
        (
            "".join(hashlib.sha256(bytes([n % 256, n // 256])).hexdigest() for n in range(13_000)),
            r"bytes, compressed; expected at most 350,000",
        ),
    ],
    ids=["as it is", "compressed"],
)
def test_a_draft_that_is_too_large_is_refused_with_its_size(
    drafts: Drafts, text: str, size: str
) -> None:
    with pytest.raises(TooLargeError, match=size):
        drafts.put(a_draft(content={"name": text}))
    assert drafts.get("sales") is None


def test_a_large_draft_that_compresses_is_kept(drafts: Drafts) -> None:
    large = a_draft(content={"name": "contract " * 100_000})
    drafts.put(large)
    assert drafts.get("sales") == large


def test_drafts_are_listed_page_by_page(drafts: Drafts) -> None:
    assert drafts.list() == DraftPage((), None)
    for name in ("hr", "sales", "offers"):
        drafts.put(a_draft(name, content={"name": name.upper()}, base_version=2))
    drafts.put(a_draft("leases", content={"name": 5}))
    first = drafts.list(limit=2)
    assert first == DraftPage(
        (
            DraftCard(
                pipeline="hr",
                name="HR",
                base_version=2,
                tag="20260302T120000000000-1",
                saved_at=NOON,
                saved_by="eva@acme.example",
            ),
            DraftCard(
                pipeline="leases",
                name="leases",
                base_version=None,
                tag="20260302T120000000000-1",
                saved_at=NOON,
                saved_by="eva@acme.example",
            ),
        ),
        "leases",
    )
    three = drafts.list(limit=3)
    assert ([card.pipeline for card in three.cards], three.next) == (
        ["hr", "leases", "offers"],
        "offers",
    )
    rest = drafts.list(after="leases", limit=2)
    assert [card.pipeline for card in rest.cards] == ["offers", "sales"]
    last = drafts.list(after=rest.next) if rest.next else DraftPage((), None)
    assert last == DraftPage((), None)
    assert drafts.list(after="sales") == DraftPage((), None)


def test_a_draft_of_another_version_is_left_out_of_the_list(stores: Stores) -> None:
    for name in ("hr", "sales"):
        stores.drafts.put(a_draft(name))
    place = ("PIPELINE#hr", "DRAFT")
    stores.spoil(("draft", "hr"), place, {"body": {"B": b"not compressed"}})
    page = stores.drafts.list()
    assert [card.pipeline for card in page.cards] == ["sales"]
    assert len(stores.unreadable.take()) == 1
    with pytest.raises(UnreadableError):
        stores.drafts.get("hr")


def test_a_draft_is_no_pipeline(drafts: Drafts, pipelines: Pipelines) -> None:
    drafts.put(a_draft())
    assert (pipelines.head("sales"), pipelines.list(), pipelines.versions("sales", 5)) == (
        None,
        (),
        (),
    )


# --- publishing


def test_publishing_a_draft_removes_it(drafts: Drafts, pipelines: Pipelines) -> None:
    first = a_draft()
    drafts.put(first)
    publication = Publication(note="First try.", draft=first)
    assert pipelines.publish(SALES, at=NOON, by="eva", publication=publication) == Version(
        number=1,
        pipeline=SALES,
        published_at="2026-03-02T12:00:00.000000Z",
        published_by="eva",
        note="First try.",
    )
    assert drafts.get("sales") is None
    second = a_draft(base_version=1)
    drafts.put(second)
    pipelines.publish(SALES, at=LATER, by="max", publication=Publication(draft=second))
    assert (drafts.get("sales"), drafts.list()) == (None, DraftPage((), None))
    assert [(one.number, one.note) for one in pipelines.versions("sales", 5)] == [
        (2, ""),
        (1, "First try."),
    ]


def test_a_draft_that_was_saved_meanwhile_is_not_published(
    drafts: Drafts, pipelines: Pipelines
) -> None:
    first = a_draft()
    drafts.put(first)
    second = saved(first)
    drafts.put(second)
    with pytest.raises(StaleDraftError) as refused:
        pipelines.publish(SALES, at=NOON, by="eva", publication=Publication(draft=first))
    assert refused.value.present == second
    assert (drafts.get("sales"), pipelines.head("sales")) == (second, None)


def test_a_draft_that_is_gone_is_not_published(drafts: Drafts, pipelines: Pipelines) -> None:
    with pytest.raises(StaleDraftError) as refused:
        pipelines.publish(SALES, at=NOON, by="eva", publication=Publication(draft=a_draft()))
    assert (refused.value.present, pipelines.head("sales")) == (None, None)


@pytest.mark.parametrize(
    ("base", "told"),
    [
        (None, "changes no version, and version 1 is published now"),
        (2, "changes version 2, and version 1 is published now"),
    ],
)
def test_a_draft_of_another_base_is_not_published(
    drafts: Drafts, pipelines: Pipelines, base: int | None, told: str
) -> None:
    pipelines.publish(SALES, at=NOON, by="eva")
    draft = a_draft(base_version=base)
    drafts.put(draft)
    with pytest.raises(OutdatedDraftError, match=told):
        pipelines.publish(SALES, at=NOON, by="eva", publication=Publication(draft=draft))
    assert drafts.get("sales") == draft
    assert pipelines.head("sales") == Head(pipeline="sales", version=1)


def test_publishing_without_a_draft_leaves_the_draft(drafts: Drafts, pipelines: Pipelines) -> None:
    draft = a_draft()
    drafts.put(draft)
    pipelines.publish(SALES, at=NOON, by="eva")
    assert drafts.get("sales") == draft


def test_removing_a_pipeline_removes_its_draft(drafts: Drafts, pipelines: Pipelines) -> None:
    pipelines.publish(SALES, at=NOON, by="eva")
    drafts.put(a_draft(base_version=1))
    drafts.put(a_draft("hr"))
    pipelines.remove("sales")
    assert drafts.get("sales") is None
    assert [card.pipeline for card in drafts.list().cards] == ["hr"]


def test_stale_and_outdated_are_conflicts() -> None:
    assert issubclass(StaleDraftError, ConflictError)
    assert issubclass(OutdatedDraftError, ConflictError)
