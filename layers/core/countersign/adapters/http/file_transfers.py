"""Files' bytes sent to and fetched from presigned addresses of S3, each in one call."""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from http.client import HTTPException
from io import BytesIO
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from urllib3 import BaseHTTPResponse, PoolManager, ProxyManager, Timeout
from urllib3.exceptions import HTTPError

from countersign.errors import NotFoundError, PermanentError, UnavailableError
from countersign.model.file_transfer import UploadAddress
from countersign.model.stored_file import MAX_SIZE

CONNECT_WITHIN = 10
"""Seconds for a connection, and for each block of 16 KB that is sent."""
SILENT = 60
"""Seconds that the other side may say nothing."""
MAX_ERROR_LENGTH = 4_096
"""Bytes that are read of an answer that is an error."""
_CODE = re.compile(rb"<Code>([A-Za-z0-9]{1,60})</Code>")
_ADVICE: Mapping[str, str] = {
    "RequestTimeTooSkewed": "correct this computer's clock",
    "ExpiredToken": "your AWS credentials have expired: sign in again",
    "InvalidAccessKeyId": "your AWS credentials are not valid any more: sign in again",
    "BadDigest": "the content changed on the way: run the command again",
    "XAmzContentChecksumMismatch": "the content changed on the way: run the command again",
}
"""What to do, by S3's code: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"""
_OTHERWISE = (
    "the address is good for 15 minutes: run the command again; if it fails again, your AWS "
    "credentials may not use the bucket of files"
)
_PASSES = frozenset({408, 429, 500, 502, 503, 504})


class UrllibFileTransfers:
    """``ports.FileTransfers`` over urllib3, through the proxy of the environment if it has one.

    Nothing is tried again here and no redirect is followed: the caller may ask again.
    """

    def __init__(self, *, silent: float = SILENT) -> None:
        self._timeout = Timeout(connect=CONNECT_WITHIN, read=silent)

    def send(self, address: UploadAddress, content: bytes) -> None:
        # As a stream, so that the time limit counts for each block and not for all of them.
        with _Call("PUT", address.url, self._timeout) as call:
            _check(call.made(address.headers, BytesIO(content)), call.host)

    def fetch(self, address: str) -> bytes:
        with _Call("GET", address, self._timeout) as call:
            answer = call.made({"accept-encoding": "identity"})
            _check(answer, call.host)
            content = answer.read(MAX_SIZE + 1)
            if len(content) <= MAX_SIZE:
                _check_whole(answer, content, call.host)
        if len(content) > MAX_SIZE:
            msg = f"the content has more than {MAX_SIZE:,} bytes, the most a file may have"
            raise PermanentError(msg)
        return content


class _Call:
    """One call, and its connection as long as its answer is read."""

    def __init__(self, method: str, url: str, timeout: Timeout) -> None:
        self._method = method
        self._url = url
        self._timeout = timeout
        self.host = urlsplit(url).hostname or "the store"
        self._pool = _pool(url)

    def __enter__(self) -> _Call:
        return self

    def made(self, headers: Mapping[str, str], body: BytesIO | None = None) -> BaseHTTPResponse:
        return self._pool.request(
            self._method,
            self._url,
            headers=dict(headers),
            body=body,
            retries=False,
            redirect=False,
            preload_content=False,
            decode_content=False,
            timeout=self._timeout,
        )

    def __exit__(
        self, _: type[BaseException] | None, error: BaseException | None, __: object
    ) -> None:
        self._pool.clear()
        if isinstance(error, HTTPError | HTTPException | OSError):
            # The texts of urllib3 quote the address.
            msg = f"{self.host} gave no answer ({type(error).__name__}); run the command again"
            raise UnavailableError(msg) from None


def _pool(url: str) -> PoolManager:
    parts = urlsplit(url)
    context = ssl.create_default_context()
    proxy = getproxies().get(parts.scheme)
    if proxy and not proxy_bypass(parts.netloc):
        return ProxyManager(proxy, ssl_context=context)
    return PoolManager(ssl_context=context)


def _check(answer: BaseHTTPResponse, host: str) -> None:
    """Raise what an answer other than 2xx means; of its text only S3's code is quoted."""
    if 200 <= answer.status < 300:
        return
    match = _CODE.search(answer.read(MAX_ERROR_LENGTH))
    code = match[1].decode() if match else ""
    shown = f"{answer.status} {code}".rstrip()
    if answer.status == 404:
        msg = "the content is not in the bucket any more; add the file again"
        raise NotFoundError(msg)
    if answer.status in _PASSES:
        raise UnavailableError(f"{host} cannot answer now ({shown}); run the command again later")
    raise PermanentError(f"{host} refused the call ({shown}); {_ADVICE.get(code, _OTHERWISE)}")


def _check_whole(answer: BaseHTTPResponse, content: bytes, host: str) -> None:
    announced = answer.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) != len(content):
        msg = f"{host} did not give the whole content; run the command again"
        raise UnavailableError(msg)
