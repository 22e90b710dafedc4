"""What ``ports.FileStore`` promises, kept in S3 and by its twin in memory."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest

from countersign.adapters.aws import client_config
from countersign.adapters.memory.services.file_store import MemoryFileStore
from countersign.adapters.s3.files import S3FileStore
from countersign.adapters.s3.objects import Objects
from countersign.errors import NotFoundError, PermanentError, UnavailableError
from countersign.model.stored_file import NewFile, StoredFile
from countersign.ports import FileStore

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET = "files"
REGION = "eu-central-1"
PDF = b"%PDF-1.7 " + bytes(range(256)) * 40


def stored(content: bytes = PDF, file_id: str = "f1", name: str = "Contract.pdf") -> StoredFile:
    return StoredFile(
        id=file_id,
        name=name,
        kind="contract",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        media_type="application/pdf",
        added_at=datetime(2026, 3, 2, tzinfo=UTC),
        added_by="anna@acme.example",
    )


@pytest.fixture
def s3(aws: None) -> S3Client:
    client = boto3.client("s3", region_name=REGION, config=client_config.OBJECTS)
    client.create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    return client


@pytest.fixture(params=["memory", "s3"])
def store(request: pytest.FixtureRequest) -> FileStore:
    if request.param == "memory":
        return MemoryFileStore()
    client = request.getfixturevalue("s3")
    return S3FileStore(Objects(lambda: client, BUCKET))


def receive(store: FileStore, request: pytest.FixtureRequest, upload: str, content: bytes) -> None:
    """What a PUT to the address of an upload does."""
    if isinstance(store, MemoryFileStore):
        store.receive("d1", upload, content)
    else:
        client = request.getfixturevalue("s3")
        client.put_object(Bucket=BUCKET, Key=f"uploads/d1/{upload}", Body=content)


def test_bytes_are_given_back_as_they_were_kept(store: FileStore) -> None:
    store.put("d1", "f1", PDF)
    assert store.get("d1", stored()) == PDF
    assert store.get("d2", stored()) is None
    assert store.get("d1", stored(file_id="f2")) is None


def test_bytes_that_are_not_those_of_the_file_are_never_given(store: FileStore) -> None:
    store.put("d1", "f1", PDF[:-1])
    with pytest.raises(PermanentError, match=r"Contract\.pdf: the bucket has other bytes than"):
        store.get("d1", stored())


def test_what_was_sent_is_told_and_kept(store: FileStore, request: pytest.FixtureRequest) -> None:
    assert store.uploaded("d1", "u1") is None
    receive(store, request, "u1", PDF)
    sent = store.uploaded("d1", "u1")
    assert sent is not None
    assert (sent.size, sent.sha256) == (len(PDF), hashlib.sha256(PDF).hexdigest())
    assert sent.beginning == PDF[:512]
    assert store.uploaded("d2", "u1") is None
    for _ in range(2):  # doing it again is harmless
        store.keep_upload("d1", "u1", "f1")
    assert store.get("d1", stored()) == PDF


def test_what_was_not_sent_cannot_be_kept(store: FileStore) -> None:
    with pytest.raises(NotFoundError, match="the upload is not there any more"):
        store.keep_upload("d1", "u1", "f1")


def test_removing_is_of_one_file_and_may_be_done_again(store: FileStore) -> None:
    for file_id in ("f1", "f2"):
        store.put("d1", file_id, PDF)
    for _ in range(2):
        store.remove("d1", "f1")
    assert store.get("d1", stored()) is None
    assert store.get("d1", stored(file_id="f2")) == PDF


def test_removing_a_document_takes_all_its_files_and_no_others(
    store: FileStore, request: pytest.FixtureRequest
) -> None:
    for document in ("d1", "d10", "d2"):
        store.put(document, "f1", PDF)
    receive(store, request, "u1", PDF)
    store.remove_all("d1")
    assert store.get("d1", stored()) is None
    assert store.uploaded("d1", "u1") is None
    assert store.get("d10", stored()) == store.get("d2", stored()) == PDF


@pytest.mark.parametrize("document", ["a/b", "..", "ü", "a%2Fb"])
def test_whatever_an_id_is_it_is_one_place(store: FileStore, document: str) -> None:
    store.put(document, "f1", PDF)
    assert store.get(document, stored()) == PDF
    store.remove_all(document)
    assert store.get(document, stored()) is None


def test_an_upload_s_address_is_bound_to_size_type_and_hash(s3: S3Client) -> None:
    files = S3FileStore(Objects(lambda: s3, BUCKET))
    digest = hashlib.sha256(b"abc").hexdigest()
    wanted = NewFile(name="Offer.pdf", kind="offer", size=3, sha256=digest)
    address = files.upload_address("d1", "u1", wanted)
    query = parse_qs(urlsplit(address.url).query)
    assert urlsplit(address.url).hostname == f"{BUCKET}.s3.{REGION}.amazonaws.com"
    assert urlsplit(address.url).path.endswith("uploads/d1/u1")
    assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert query["X-Amz-Expires"] == ["900"]
    signed = set(query["X-Amz-SignedHeaders"][0].split(";"))
    assert signed >= {"host", "content-length", "content-type", "x-amz-checksum-sha256"}
    assert address.headers == {
        "content-length": "3",
        "content-type": "application/pdf",
        "x-amz-checksum-sha256": "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=",
    }


def test_a_download_s_address_names_the_file_and_ends(s3: S3Client) -> None:
    files = S3FileStore(Objects(lambda: s3, BUCKET))
    address = files.download_address("d1", stored(name='Müller "5".pdf'), 60)
    query = parse_qs(urlsplit(address).query)
    assert urlsplit(address).path.endswith("documents/d1/f1")
    assert query["X-Amz-Expires"] == ["60"]
    assert query["response-content-disposition"] == [
        "attachment; filename*=UTF-8''M%C3%BCller%20%225%22.pdf"
    ]
    assert query["response-content-type"] == ["application/pdf"]


def test_a_bucket_that_does_not_answer_is_unavailable() -> None:
    away = boto3.client(
        "s3",
        region_name=REGION,
        endpoint_url="http://127.0.0.1:9",
        config=client_config.OBJECTS,
        aws_access_key_id="x",
        aws_secret_access_key="x",
    )
    files = S3FileStore(Objects(lambda: away, BUCKET))
    with pytest.raises(UnavailableError, match="S3 gave no answer"):
        files.put("d1", "f1", PDF)
    with pytest.raises(UnavailableError, match="S3 gave no answer"):
        files.keep_upload("d1", "u1", "f1")


def test_a_stack_without_the_bucket_is_told_to_be_deployed(s3: S3Client) -> None:
    store = S3FileStore(Objects(lambda: s3, ""))
    refusal = "the stack has no bucket for this yet; deploy the version that you use"
    with pytest.raises(PermanentError, match=refusal):
        store.get("d1", stored())
    with pytest.raises(PermanentError, match=refusal):
        store.remove("d1", "f1")
    with pytest.raises(PermanentError, match=refusal):
        store.download_address("d1", stored(), 900)
