"""What ``ports.FileTransfers`` promises, kept over real connections and by its twin in memory."""

from __future__ import annotations

import base64
import hashlib
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit

import pytest

from countersign.adapters.http.file_transfers import UrllibFileTransfers
from countersign.adapters.memory.services.file_store import (
    HOST,
    MemoryFileStore,
    MemoryFileTransfers,
)
from countersign.errors import (
    CountersignError,
    NotFoundError,
    PermanentError,
    UnavailableError,
)
from countersign.model.file_transfer import UploadAddress
from countersign.model.stored_file import NewFile
from countersign.ports import FileTransfers
from tests.contract.adapters.test_file_store import stored
from tests.web_place import Place, answer

PDF = b"%PDF-1.7 " + bytes(range(256)) * 400
KEY = "X-Amz-Credential=AKIAEXAMPLE&X-Amz-Signature=5ecre7"


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with Place().open() as server:
        yield server


class Both:
    """A store, what transfers to it, and its addresses as these call them."""

    def __init__(self, store: MemoryFileStore, transfers: FileTransfers, host: str) -> None:
        self.store = store
        self.transfers = transfers
        self._host = host

    def upload(self, content: bytes, upload: str = "u1") -> UploadAddress:
        digest = hashlib.sha256(content).hexdigest()
        file = NewFile(name="Lease.pdf", kind="contract", size=len(content), sha256=digest)
        given = self.store.upload_address("d1", upload, file)
        return given.model_copy(update={"url": self.here(given.url)})

    def here(self, url: str) -> str:
        return url.replace(HOST, self._host)


@pytest.fixture(params=["memory", "urllib"])
def both(request: pytest.FixtureRequest) -> Both:
    store = MemoryFileStore()
    if request.param == "memory":
        return Both(store, MemoryFileTransfers(store), HOST)
    place: Place = request.getfixturevalue("place")

    def serve(handler: BaseHTTPRequestHandler) -> None:
        method, path, _, body = place.came[-1]
        url = HOST + path
        if method == "PUT":
            answer(handler, 200 if store.receive_at(url, body) else 403)
            return
        content = store.serve(url)
        missing = b"<Error><Code>NoSuchKey</Code></Error>"
        answer(handler, 404 if content is None else 200, missing if content is None else content)

    place.then = serve
    return Both(store, UrllibFileTransfers(), f"http://127.0.0.1:{place.server_port}")


def test_what_is_sent_arrives_byte_by_byte(both: Both) -> None:
    both.transfers.send(both.upload(PDF), PDF)
    sent = both.store.uploaded("d1", "u1")
    assert sent is not None
    assert (sent.size, sent.sha256) == (102_409, hashlib.sha256(PDF).hexdigest())


def test_what_is_kept_is_fetched_byte_by_byte(both: Both) -> None:
    both.store.put("d1", "f1", PDF)
    address = both.here(both.store.download_address("d1", stored(PDF), 900))
    assert both.transfers.fetch(address) == PDF


def test_what_is_not_there_is_not_found(both: Both) -> None:
    address = both.here(both.store.download_address("d1", stored(PDF), 900))
    with pytest.raises(NotFoundError) as raised:
        both.transfers.fetch(address)
    assert str(raised.value) == "the content is not in the bucket any more; add the file again"


def test_another_address_takes_nothing(both: Both) -> None:
    address = both.upload(PDF)
    other = UploadAddress(url=both.here(f"{HOST}/elsewhere/x"), headers=address.headers)
    with pytest.raises(PermanentError, match="403"):
        both.transfers.send(other, PDF)


def test_more_than_a_file_may_have_is_not_fetched(both: Both) -> None:
    both.store.put("d1", "f1", bytes(50_000_001))
    address = both.here(both.store.download_address("d1", stored(), 900))
    with pytest.raises(PermanentError, match="the content has more than 50,000,000 bytes"):
        both.transfers.fetch(address)


# --- over real connections alone


def url_of(place: Place) -> str:
    return f"http://127.0.0.1:{place.server_port}/files/d1/u1?{KEY}"


def test_the_headers_that_the_address_is_bound_to_are_sent(place: Place) -> None:
    digest = base64.b64encode(hashlib.sha256(PDF).digest()).decode()
    headers = {
        "content-length": str(len(PDF)),
        "content-type": "application/pdf",
        "x-amz-checksum-sha256": digest,
    }
    UrllibFileTransfers().send(UploadAddress(url=url_of(place), headers=headers), PDF)
    ((method, path, came, body),) = place.came
    assert (method, path, body) == ("PUT", f"/files/d1/u1?{KEY}", PDF)
    assert {name.lower(): value for name, value in came.items()}.items() >= headers.items()
    assert "transfer-encoding" not in {name.lower() for name in came}


@pytest.mark.parametrize(
    ("status", "body", "error", "text"),
    [
        (403, "<Code>RequestTimeTooSkewed</Code>", PermanentError, "correct this computer's clock"),
        (400, "<Code>ExpiredToken</Code>", PermanentError, "your AWS credentials have expired"),
        (400, "<Code>BadDigest</Code>", PermanentError, "the content changed on the way"),
        (403, "<Code>AccessDenied</Code>", PermanentError, "the address is good for 15 minutes"),
        (403, "<html>a portal of the hotel", PermanentError, r"\(403\); the address is good"),
        (307, "<Code>TemporaryRedirect</Code>", PermanentError, "307 TemporaryRedirect"),
        (503, "<Code>SlowDown</Code>", UnavailableError, r"cannot answer now \(503 SlowDown\)"),
        (500, "", UnavailableError, r"cannot answer now \(500\); run the command again later"),
    ],
)
@pytest.mark.parametrize("way", ["send", "fetch"])
def test_a_refusal_says_what_to_do_and_repeats_no_key(
    place: Place, way: str, status: int, body: str, error: type[CountersignError], text: str
) -> None:
    quoting = f"{body}<StringToSign>{KEY}</StringToSign>".encode()
    place.then = lambda handler: answer(handler, status, quoting, location=url_of(place))
    with pytest.raises(error, match=text) as raised:
        call(way, url_of(place))
    assert "5ecre7" not in str(raised.value)
    assert len(place.came) == 1  # no redirect is followed, and nothing tried again


@pytest.mark.parametrize("way", ["send", "fetch"])
def test_without_an_answer_it_is_said_which_host_gave_none(place: Place, way: str) -> None:
    def hang_up(handler: BaseHTTPRequestHandler) -> None:
        handler.connection.shutdown(socket.SHUT_RDWR)

    place.then = hang_up
    with pytest.raises(UnavailableError, match=r"127\.0\.0\.1 gave no answer") as raised:
        call(way, url_of(place))
    assert "5ecre7" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_an_address_where_nobody_listens_is_not_waited_for() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(UnavailableError, match="run the command again"):
        call("fetch", f"http://127.0.0.1:{port}/x?{KEY}")


def test_half_a_file_is_not_taken_for_a_whole_one(place: Place) -> None:
    def half(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("content-length", "100")
        handler.end_headers()
        handler.wfile.write(PDF[:50])

    place.then = half
    with pytest.raises(UnavailableError):
        call("fetch", url_of(place))


def test_a_server_that_says_nothing_is_not_waited_for_without_end(place: Place) -> None:
    ended = threading.Event()

    def say_nothing(_: BaseHTTPRequestHandler) -> None:
        ended.wait(10)

    place.then = say_nothing
    try:
        with pytest.raises(UnavailableError, match="gave no answer"):
            UrllibFileTransfers(silent=0.2).fetch(url_of(place))
    finally:
        ended.set()


def call(way: str, url: str) -> None:
    transfers = UrllibFileTransfers()
    if way == "fetch":
        transfers.fetch(url)
    else:
        transfers.send(UploadAddress(url=url, headers={"content-length": str(len(PDF))}), PDF)


def test_the_address_is_called_at_its_own_host(place: Place) -> None:
    UrllibFileTransfers().fetch(url_of(place))
    assert place.came[0][2]["Host"] == urlsplit(url_of(place)).netloc
