"""Links that are keys, such as those to files and to sign, without what makes them keys.

What is taken for a key: the last part of a link to a file, what follows ``/s/`` or ``/sign/``, and
whatever else stands in a path, a query or a fragment and is too long and mixed to be a word.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

CUT = "\u2026"
"""Stands for what was cut out."""
_AFTER = re.compile(r"/(?:s|sign|signing|files)/(?P<key>[^/]{8,}.*)", re.IGNORECASE)
_FILE = re.compile(r"[A-Za-z0-9_-]{40,}")
"""As long as a link's token is at least: adapters/ssm/file_links.py."""
_NAMED = re.compile(
    r"(?P<name>[^=&;#?]*(?:token|secret|signature|sig|key|auth|password|code|tsid)[^=&;#?]*)="
    r"[^&;#]+",
    re.IGNORECASE,
)
_PART = re.compile(r"[A-Za-z0-9_~.%+-]+=*")
_LONG = re.compile(r"[A-Za-z0-9]{16,}")
_MIXED = re.compile(r"[A-Za-z][0-9]+[A-Za-z]|[0-9][A-Za-z]+[0-9]")
"""Letters and digits in each other's midst, as in no word and no number."""
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


def without_keys(link: str) -> str:
    """The link as it may be kept and shown; one that holds no key as it is."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return CUT
    host = parts.netloc.rpartition("@")
    kept = parts._replace(
        netloc=f"{CUT}@{host[2]}" if host[1] else parts.netloc,
        path=_without(_path(parts.path)),
        query=_without(_NAMED.sub(rf"\g<name>={CUT}", parts.query)),
        fragment=_without(_NAMED.sub(rf"\g<name>={CUT}", parts.fragment)),
    )
    return link if kept == parts else kept.geturl()


def _path(path: str) -> str:
    after = _AFTER.search(path)
    if after is None or (
        path[after.start() :].lower().startswith("/files/") and not _is_file(path)
    ):
        return path
    return path[: after.start("key")] + CUT


def _is_file(path: str) -> bool:
    return _FILE.fullmatch(path.rstrip("/").rpartition("/")[2]) is not None


def _without(text: str) -> str:
    return _PART.sub(lambda there: CUT if _is_key(there[0]) else there[0], _UUID.sub(CUT, text))


def _is_key(text: str) -> bool:
    return _LONG.search(text) is not None and _MIXED.search(text) is not None
