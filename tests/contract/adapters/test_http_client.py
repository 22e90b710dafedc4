"""What ``ports.HttpClient`` promises, kept over a real connection on this machine."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from countersign.adapters.http.client import EgressPolicy, UrllibHttpClient
from countersign.adapters.http.public_addresses import is_private
from countersign.errors import InDoubtError, PermanentError, TransientError
from countersign.model.http import WebAnswer, WebRequest
from tests.web_place import Place, answer

HOST = "crm.acme.example"


@pytest.fixture
def place() -> Iterator[Place]:
    with Place().open() as server:
        yield server


def local(host: str, port: int) -> list[str]:
    """Every name leads to this machine."""
    return ["127.0.0.1"]


LOCAL = EgressPolicy(private=True, loopback=True)
WEB = UrllibHttpClient(LOCAL, resolve=local)


def request(place: Place, path: str = "/hook", **more: Any) -> WebRequest:
    """A call of the server by a name that only this test knows."""
    given = {"method": "POST", "url": f"http://{HOST}:{place.server_port}{path}", **more}
    return WebRequest.model_validate(given)


def test_a_call_arrives_as_it_was_made(place: Place) -> None:
    told = WEB.call(request(place, "/a%2Fb?c=%26", headers={"X-One": "1"}, body=b"\x00ok"))
    assert told == WebAnswer(status=200, headers=told.headers)
    ((method, path, headers, body),) = place.came
    assert (method, path, body) == ("POST", "/a%2Fb?c=%26", b"\x00ok")
    assert headers == {
        "host": f"{HOST}:{place.server_port}",
        "user-agent": "countersign",
        "accept": "application/json, */*;q=0.1",
        "accept-encoding": "identity",
        "X-One": "1",
        "Content-Length": "3",
    }


def test_names_and_paths_in_any_script_arrive_as_http_writes_them(place: Place) -> None:
    asked: list[str] = []

    def note(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    url = f"http://müller.example:{place.server_port}/straße?q=ü"
    UrllibHttpClient(LOCAL, resolve=note).call(WebRequest(method="GET", url=url))
    ((_, path, headers, _),) = place.came
    assert (asked, path) == (["xn--mller-kva.example"], "/stra%C3%9Fe?q=%C3%BC")
    assert headers["host"] == f"xn--mller-kva.example:{place.server_port}"


@pytest.mark.parametrize(
    ("host", "asked"),
    [
        ("weiß-kfz.example", "xn--wei-kfz-2va.example"),
        ("ναός.example", "xn--mxaxq3b.example"),
        ("ÄRZTE.example", "xn--rzte-koa.example"),
        ("ärzte\u3002example.", "xn--rzte-koa.example"),
        ("XN--RZTE-KOA.example", "xn--rzte-koa.example"),
    ],
)
def test_a_host_is_looked_up_by_the_name_its_owner_registered(
    place: Place, host: str, asked: str
) -> None:
    names: list[str] = []

    def note(name: str, port: int) -> list[str]:
        names.append(name)
        return ["127.0.0.1"]

    url = f"http://{host}:{place.server_port}/"
    UrllibHttpClient(LOCAL, resolve=note).call(WebRequest(method="GET", url=url))
    assert names == [asked]


def test_own_headers_take_the_place_of_the_usual_ones(place: Place) -> None:
    raw: list[list[tuple[str, str]]] = []

    def note(handler: BaseHTTPRequestHandler) -> None:
        raw.append(handler.headers.items())
        answer(handler, 200)

    place.then = note
    WEB.call(request(place, headers={"Accept": "text/xml", "User-Agent": "acme"}))
    given = [(name.lower(), value) for name, value in raw[0]]
    assert [one for one in given if one[0] in ("accept", "user-agent")] == [
        ("accept", "text/xml"),
        ("user-agent", "acme"),
    ]


@pytest.mark.parametrize("value", ["Bearer key-1\n", "Bearer key-1…", "Bearer key-1\x00"])
def test_a_header_that_cannot_be_sent_is_named_and_not_told(place: Place, value: str) -> None:
    with pytest.raises(
        PermanentError, match="the header authorization contains characters"
    ) as caught:
        WEB.call(request(place, headers={"authorization": value}))
    assert "key-1" not in str(caught.value)
    assert place.came == []


@pytest.mark.parametrize("status", [204, 301, 404, 429, 500])
def test_any_answer_is_returned_and_none_is_asked_for_twice(place: Place, status: int) -> None:
    place.then = lambda handler: answer(
        handler, status, location="http://elsewhere.example/", Retry_After="5"
    )
    told = WEB.call(request(place))
    assert (told.status, told.header("Retry-After"), len(place.came)) == (status, "5", 1)


def test_an_answer_without_end_is_cut(place: Place) -> None:
    place.then = lambda handler: answer(handler, 200, b"x" * 262_145)
    told = WEB.call(request(place))
    assert (told.status, len(told.body), told.cut) == (200, 262_144, True)


def test_as_much_of_an_answer_is_read_as_the_call_asks_for(place: Place) -> None:
    place.then = lambda handler: answer(handler, 200, b"x" * 262_145)
    told = WEB.call(request(place).model_copy(update={"most": 262_145}))
    assert (len(told.body), told.cut) == (262_145, False)


def _hang_up(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)


def _babble(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"hello\r\n\r\n")


@pytest.mark.parametrize("then", [_hang_up, _babble])
def test_a_call_that_was_sent_and_not_answered_is_in_doubt(
    place: Place, then: Callable[[BaseHTTPRequestHandler], None]
) -> None:
    place.then = then
    with pytest.raises(InDoubtError, match=HOST):
        WEB.call(request(place))
    assert len(place.came) == 1


def test_so_is_one_whose_answer_takes_too_long(place: Place) -> None:
    ended = threading.Event()

    def say_nothing(handler: BaseHTTPRequestHandler) -> None:
        ended.wait(10)

    place.then = say_nothing
    with pytest.raises(InDoubtError, match=f"{HOST} gave no answer"):
        WEB.call(request(place, within=1))
    ended.set()


@pytest.mark.parametrize(
    "begins", [b"", b"HTTP/1.1 200 OK\r\nx: ", b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n"]
)
def test_an_answer_that_drips_does_not_outlast_its_time(place: Place, begins: bytes) -> None:
    hung_up = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        try:
            handler.wfile.write(begins)
            for _ in range(200):
                handler.wfile.write(b"x")
                hung_up.wait(0.05)
        except OSError:
            hung_up.set()

    place.then = drip
    with suppress(InDoubtError):
        told = WEB.call(request(place, within=1))
        assert (told.status, told.cut) == (200, True)
    assert hung_up.wait(5)


def test_where_nobody_listens_nothing_was_sent() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"http://{HOST}:{held.getsockname()[1]}/"
        with pytest.raises(TransientError, match="nothing was sent"):
            WEB.call(WebRequest(method="GET", url=url))


def test_the_next_address_of_a_host_is_tried(place: Place) -> None:
    several = UrllibHttpClient(LOCAL, resolve=lambda host, port: ["127.0.0.9", "127.0.0.1"])
    assert several.call(request(place)).status == 200


def test_a_name_that_does_not_exist_now_is_tried_again_later() -> None:
    def nothing(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(TransientError, match=f"the host {HOST} has no address now"):
        UrllibHttpClient(resolve=nothing).call(WebRequest(method="GET", url=f"https://{HOST}/"))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - nothing listens
        "224.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
        "::7f00:1",
        "::ffff:0:a00:1",
        "fec0::1",
    ],
)
def test_no_rule_calls_into_a_private_network(address: str) -> None:
    assert is_private(address)
    web = UrllibHttpClient(resolve=lambda host, port: ["93.184.215.14", address])
    with pytest.raises(PermanentError, match="is in a private network"):
        web.call(WebRequest(method="GET", url=f"https://{HOST}/"))


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_public_addresses_are_public(address: str) -> None:
    assert not is_private(address)


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("http://crm.acme.example/", "crm.acme.example is called without encryption"),
        ("https://own.example/webhooks/x", "the address is the product's own"),
        ("https://OWN.example./webhooks/x", "the address is the product's own"),
        ("ftp://crm.acme.example/", "the address is none"),
        ("https:///path", "the address is none"),
        ("https://crm.acme.example:abc/", "the address is none"),
        ("https://\uff2f\uff37\uff2e.example/webhooks/x", "the address is the product's own"),
        ("https://own\u3002example/webhooks/x", "the address is the product's own"),
        ("https://crm.\u200b.example/", "the address is none"),
        ("https://crm.acme.example/a b", "the address is none"),
        ("https://crm.acme.example/\r\nx: y", "the address is none"),
        ("", "the address is none"),
    ],
)
def test_what_may_not_be_called_is_not_called(url: str, text: str) -> None:
    web = UrllibHttpClient(
        EgressPolicy(own_hosts=("own.example",)), resolve=lambda host, port: ["93.184.215.14"]
    )
    with pytest.raises(PermanentError, match=text):
        web.call(WebRequest(method="GET", url=url))


# --- encryption


def _certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate for a name, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    begins = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begins)
        .not_valid_after(begins + datetime.timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    held = folder / "certificate.pem", folder / "key.pem"
    held[0].write_bytes(certificate.public_bytes(encoding))
    held[1].write_bytes(
        key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return held


@pytest.fixture
def encrypted(place: Place, tmp_path: Path) -> tuple[Place, ssl.SSLContext]:
    """The server behind TLS as ``HOST``, and a context that trusts it."""
    certificate, key = _certificate(tmp_path, HOST)
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(certificate, key)
    place.socket = served.wrap_socket(place.socket, server_side=True)
    return place, ssl.create_default_context(cafile=str(certificate))


def test_the_certificate_is_that_of_the_name_though_the_address_is_fixed(
    encrypted: tuple[Place, ssl.SSLContext],
) -> None:
    place, trusting = encrypted
    web = UrllibHttpClient(LOCAL, resolve=local, context=trusting)
    url = f"https://{HOST}:{place.server_port}/"
    assert web.call(WebRequest(method="GET", url=url)).status == 200


def test_a_certificate_of_another_name_or_of_nobody_known_gets_nothing(
    encrypted: tuple[Place, ssl.SSLContext],
) -> None:
    place, trusting = encrypted
    for web, host in (
        (
            UrllibHttpClient(LOCAL, resolve=local, context=trusting),
            "other.acme.example",
        ),
        (UrllibHttpClient(LOCAL, resolve=local), HOST),
    ):
        url = f"https://{host}:{place.server_port}/"
        with pytest.raises(TransientError, match="its certificate was not accepted; nothing"):
            web.call(WebRequest(method="POST", url=url, body=b"secret"))
    assert place.came == []


def test_a_call_whose_encryption_breaks_after_it_was_sent_is_in_doubt_and_made_once(
    encrypted: tuple[Place, ssl.SSLContext],
) -> None:
    place, trusting = encrypted

    def babble(handler: BaseHTTPRequestHandler) -> None:
        socket.socket.send(handler.connection, b"no TLS at all, but long enough for a record")

    place.then = babble
    web = UrllibHttpClient(LOCAL, resolve=lambda *_: ["127.0.0.1", "127.0.0.1"], context=trusting)
    with pytest.raises(InDoubtError, match=HOST):
        web.call(WebRequest(method="POST", url=f"https://{HOST}:{place.server_port}/"))
    assert len(place.came) == 1


def test_an_address_in_brackets_is_an_address(place: Place) -> None:
    assert ipaddress.ip_address("::1").is_loopback
    asked: list[tuple[str, int]] = []

    def note(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return ["127.0.0.1"]

    url = f"http://[::1]:{place.server_port}/"
    assert UrllibHttpClient(LOCAL, resolve=note).call(WebRequest(method="GET", url=url)).status
    assert asked == [("::1", place.server_port)]
    assert place.came[0][2]["host"] == f"[::1]:{place.server_port}"


def test_a_call_is_not_begun_when_the_time_of_the_function_is_used_up(place: Place) -> None:
    web = UrllibHttpClient(LOCAL, resolve=local, left=lambda: 2.9)
    with pytest.raises(TransientError, match="nothing was sent"):
        web.call(request(place))
    assert place.came == []


def test_a_call_takes_no_longer_than_the_function_has_left(place: Place) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        web = UrllibHttpClient(LOCAL, resolve=local, left=lambda: 3.0)
        began = time.monotonic()
        with pytest.raises(InDoubtError):
            web.call(WebRequest(method="GET", url=f"http://{HOST}:{silent.getsockname()[1]}/"))
        assert 2.5 < time.monotonic() - began < 4.5
