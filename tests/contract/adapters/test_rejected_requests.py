"""What ``ports.RejectedRequests`` promises, kept in S3 and by its twin in memory."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import boto3
import pytest

from countersign.adapters.aws import client_config
from countersign.adapters.memory.services.rejected_requests import MemoryRejectedRequests
from countersign.adapters.s3.objects import Objects
from countersign.adapters.s3.rejected_requests import S3RejectedRequests
from countersign.errors import InvalidCursorError, PermanentError, UnavailableError
from countersign.model.page import Page, PageRequest
from countersign.model.rejected_request import RejectedRequest, digest_of
from countersign.ports import RejectedRequests

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET = "webhooks"
REGION = "eu-central-1"


def rejected(connection: str, body: str, *, minute: int = 0) -> RejectedRequest:
    return RejectedRequest(
        connection=connection,
        provider="docusign",
        received_at=datetime(2026, 3, 2, 12, minute, tzinfo=UTC),
        status=400,
        reason="data.envelopeId: Field required",
        digest=digest_of(None, {}, body.encode()),
        request=body,
    )


@pytest.fixture
def s3(aws: None) -> S3Client:
    client = boto3.client("s3", region_name=REGION, config=client_config.OBJECTS)
    client.create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    return client


@pytest.fixture(params=["memory", "s3"])
def store(request: pytest.FixtureRequest) -> RejectedRequests:
    if request.param == "memory":
        return MemoryRejectedRequests()
    client = request.getfixturevalue("s3")
    return S3RejectedRequests(Objects(lambda: client, BUCKET))


def test_a_message_is_given_back_as_it_was_kept(store: RejectedRequests) -> None:
    one = rejected("sales", "ünreadable 🖋")
    store.keep(one)
    assert store.get(one.id) == one
    assert one.id == f"sales.{one.digest[:16]}"


def test_the_same_message_again_is_kept_once_with_its_newest_time(
    store: RejectedRequests,
) -> None:
    first, second = (rejected("sales", "{", minute=minute) for minute in (0, 15))
    store.keep(first)
    store.keep(second)
    assert list(store.ids()) == [first.id]
    kept = store.get(first.id)
    assert kept is not None
    assert kept.received_at == datetime(2026, 3, 2, 12, 15, tzinfo=UTC)


def test_they_are_listed_by_connection(store: RejectedRequests) -> None:
    ours = [rejected("sales", body) for body in ("a", "b", "c")]
    others = [rejected("sales-2", "a"), rejected("legal", "a")]
    for one in (*ours, *others):
        store.keep(one)
    assert set(store.ids("sales")) == {one.id for one in ours}
    assert len(set(store.ids())) == 5
    by_connection = [one.partition(".")[0] for one in store.ids()]
    assert sorted(by_connection) == ["legal", "sales", "sales", "sales", "sales-2"]
    assert len(list(store.ids("sales"))) == 3
    assert [*store.ids("nobody"), *store.ids("a/b"), *store.ids("")] == []


@pytest.mark.parametrize("connection", [None, "sales"])
def test_they_are_listed_page_by_page(store: RejectedRequests, connection: str | None) -> None:
    for one in (*(rejected("sales", body) for body in "abcde"), rejected("legal", "a")):
        store.keep(one)
    found: list[str] = []
    page = store.page(connection, PageRequest(limit=2))
    while page.next is not None:
        assert len(page.items) == 2
        found += page.items
        page = store.page(connection, PageRequest(after=page.next, limit=2))
    assert [*found, *page.items] == list(store.ids(connection))
    assert len(found) + len(page.items) == (6 if connection is None else 5)


@pytest.mark.parametrize("connection", ["nobody", "a/b", ""])
def test_where_there_are_none_there_is_one_empty_page(
    store: RejectedRequests, connection: str
) -> None:
    store.keep(rejected("sales", "a"))
    assert store.page(connection, PageRequest()) == Page(())


def test_what_can_be_no_place_among_them_is_refused(store: RejectedRequests) -> None:
    for place in ("", "x" * 1_001):
        with pytest.raises(InvalidCursorError):
            store.page("sales", PageRequest(after=place))


def test_one_that_was_removed_is_gone_and_may_be_removed_again(store: RejectedRequests) -> None:
    one, other = rejected("sales", "a"), rejected("sales", "b")
    store.keep(one)
    store.keep(other)
    store.remove(one.id)
    store.remove(one.id)
    assert (store.get(one.id), list(store.ids())) == (None, [other.id])


@pytest.mark.parametrize(
    "rejected_id", ["", "sales", "sales.", ".abc", "a/b.c", "sales.../x", "ä.b"]
)
def test_what_cannot_be_an_id_is_never_there(store: RejectedRequests, rejected_id: str) -> None:
    assert store.get(rejected_id) is None


def test_what_cannot_be_a_connection_is_not_kept(store: RejectedRequests) -> None:
    with pytest.raises(PermanentError, match="is not a valid id"):
        store.keep(rejected("a/b", "{"))


def test_more_than_a_page_of_them_are_listed(s3: S3Client) -> None:
    for number in range(1_005):
        s3.put_object(Bucket=BUCKET, Key=f"rejected/sales/{number:016}", Body=b"")
    assert len(list(S3RejectedRequests(Objects(lambda: s3, BUCKET)).ids("sales"))) == 1_005


def test_the_largest_message_is_kept(store: RejectedRequests) -> None:
    one = rejected("sales", os.urandom(3_000_000).hex())
    store.keep(one)
    assert store.get(one.id) == one


def test_an_object_of_another_sort_is_named_but_not_shown(s3: S3Client) -> None:
    s3.put_object(Bucket=BUCKET, Key="rejected/sales/abc", Body=b"hush hush")
    with pytest.raises(PermanentError, match=r"sales\.abc is not a valid rejected") as caught:
        S3RejectedRequests(Objects(lambda: s3, BUCKET)).get("sales.abc")
    assert "hush" not in str(caught.value)


def test_a_bucket_that_does_not_answer_is_unavailable() -> None:
    away = boto3.client(
        "s3",
        region_name=REGION,
        endpoint_url="http://127.0.0.1:9",
        config=client_config.OBJECTS,
        aws_access_key_id="x",
        aws_secret_access_key="x",
    )
    with pytest.raises(UnavailableError, match="S3 gave no answer"):
        S3RejectedRequests(Objects(lambda: away, BUCKET)).keep(rejected("sales", "{"))
