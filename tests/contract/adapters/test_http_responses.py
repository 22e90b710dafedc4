"""An answer's status is known once it was read, and its body is decoded within bounds or not."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from countersign.adapters.http.client import EgressPolicy, UrllibHttpClient
from countersign.model.http import WebAnswer, WebRequest
from tests.web_place import Place, answer

LOCAL = EgressPolicy(private=True, loopback=True)
WEB = UrllibHttpClient(LOCAL, resolve=lambda host, port: ["127.0.0.1"])
KILOBYTE = 1024
SMALL = b'{"contract": "K-55"}'
ZIPPED = gzip.compress(SMALL, mtime=0)


@pytest.fixture
def place() -> Iterator[Place]:
    with Place().open() as server:
        yield server


def answered(
    place: Place, status: int, body: bytes, most: int = KILOBYTE, **more: str
) -> WebAnswer:
    """What a call makes of this answer."""
    place.then = lambda handler: answer(handler, status, body, **more)
    url = f"http://erp.acme.example:{place.server_port}/"
    return WEB.call(WebRequest(method="POST", url=url, most=most))


def raw_deflate(content: bytes) -> bytes:
    """As some servers send what they call deflate, without the header that belongs to it."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(content) + packer.flush()


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", ZIPPED),
        ("GZip", ZIPPED),
        ("x-gzip", ZIPPED),
        ("identity, gzip", ZIPPED),
        ("deflate", zlib.compress(SMALL)),
        ("deflate", raw_deflate(SMALL)),
        ("identity", SMALL),
        ("", SMALL),
    ],
)
def test_one_coding_is_undone_though_none_was_asked_for(
    place: Place, coding: str, body: bytes
) -> None:
    told = answered(place, 201, body, content_encoding=coding)
    assert (told.status, told.body, told.cut, told.unread) == (201, SMALL, False, None)


@pytest.mark.parametrize(
    ("coding", "layers"),
    [
        ("gzip, gzip", 2),
        ("deflate, gzip", 2),
        ("gzip,deflate,gzip", 3),
        ("br, gzip", 2),
        (", ".join(["gzip"] * 500), 500),
    ],
)
def test_an_answer_encoded_in_itself_is_not_decoded_and_counts_as_answered(
    place: Place, coding: str, layers: int
) -> None:
    body = gzip.compress(gzip.compress(b"0" * 40_000_000))
    told = answered(place, 200, body, content_encoding=coding)
    assert (told.status, told.body, told.cut) == (200, b"", False)
    assert told.unread == f"its body is encoded {layers} times, one inside the other"


def test_two_headers_of_codings_are_two_codings(place: Place) -> None:
    def twice(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(202)
        handler.send_header("Content-Encoding", "gzip")
        handler.send_header("Content-Encoding", "deflate")
        handler.end_headers()
        handler.wfile.write(zlib.compress(gzip.compress(SMALL)))

    place.then = twice
    url = f"http://erp.acme.example:{place.server_port}/"
    told = WEB.call(WebRequest(method="PUT", url=url))
    assert (told.status, told.unread) == (
        202,
        "its body is encoded 2 times, one inside the other",
    )


@pytest.mark.parametrize("coding", ["br", "zstd", "compress", "aes128gcm"])
def test_a_coding_that_was_not_asked_for_is_left_alone(place: Place, coding: str) -> None:
    told = answered(place, 200, b"\x8b\x02\x80ab\x03", content_encoding=coding)
    assert (told.status, told.body, told.unread) == (
        200,
        b"",
        f"its body has an encoding that was not asked for ({coding})",
    )


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", b"<html>no gzip</html>"),
        ("gzip", ZIPPED[:-9]),
        ("gzip", ZIPPED[:15] + b"\xff" * 40),
        ("gzip", ZIPPED + ZIPPED),
        ("deflate", b"\x78\x9c" + b"\xff" * 30),
        ("deflate", b"\xff" * 30),
    ],
)
def test_a_body_that_cannot_be_decompressed_leaves_its_status_known(
    place: Place, coding: str, body: bytes
) -> None:
    told = answered(place, 200, body, content_encoding=coding)
    assert (told.status, told.body, told.cut) == (200, b"", False)
    assert (told.unread or "").startswith("its body cannot be decompressed")


def test_what_grows_as_it_is_decoded_is_cut_where_plain_answers_are(place: Place) -> None:
    body = gzip.compress(b"7" * 50_000_000)
    told = answered(place, 200, body, content_encoding="gzip")
    assert (told.status, told.body, told.cut, told.unread) == (200, b"7" * 1024, True, None)


def test_what_is_compressed_and_becomes_nothing_is_not_read_for_ever(place: Place) -> None:
    empty_blocks = b"\x00\x00\x00\xff\xff" * 200_000
    told = answered(place, 200, b"\x78\x01" + empty_blocks, content_encoding="deflate")
    assert (told.status, told.unread) == (
        200,
        "its body has more compressed bytes than it may have in all",
    )


def _in_chunks(body: bytes, *, whole: bool) -> Any:
    def send(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        for part in (body[n : n + 7] for n in range(0, len(body), 7)):
            handler.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
        if whole:
            handler.wfile.write(b"0\r\n\r\n")

    return send


@pytest.mark.parametrize(
    ("raw", "unread"),
    [
        (b"content-length: 9\r\n\r\nhalf", "the connection ended before its body did"),
        (
            b"transfer-encoding: chunked\r\n\r\n8\r\nhalf",
            "the connection ended before its body did",
        ),
        (
            b"transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n",
            "the connection ended before its body did",
        ),
        (
            b"transfer-encoding: chunked\r\n\r\nzz\r\nhalf",
            "the connection ended before its body did",
        ),
        (
            b"transfer-encoding: chunked\r\n\r\n" + b"1" * 70_000,
            "the connection ended before its body did",
        ),
    ],
)
def test_an_answer_that_breaks_off_after_its_status_counts_as_answered(
    place: Place, raw: bytes, unread: str
) -> None:
    def break_off(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + raw)

    place.then = break_off
    url = f"http://erp.acme.example:{place.server_port}/"
    told = WEB.call(WebRequest(method="POST", url=url))
    assert (told.status, told.body, told.cut, told.unread) == (200, b"", False, unread)
    assert len(place.came) == 1


def test_an_answer_in_chunks_is_read_whole(place: Place) -> None:
    place.then = _in_chunks(SMALL, whole=True)
    url = f"http://erp.acme.example:{place.server_port}/"
    assert WEB.call(WebRequest(method="GET", url=url)).body == SMALL


@pytest.mark.parametrize("name", ["Accept-Encoding", "accept-encoding", "ACCEPT-ENCODING"])
def test_only_what_is_decoded_is_offered_whatever_a_rule_says(place: Place, name: str) -> None:
    url = f"http://erp.acme.example:{place.server_port}/"
    WEB.call(WebRequest(method="GET", url=url, headers={name: "br, gzip"}))
    headers = {key.lower(): value for key, value in place.came[0][2].items()}
    assert headers["accept-encoding"] == "identity"
