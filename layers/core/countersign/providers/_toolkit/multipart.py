"""Reads and writes the one text field of a ``multipart/form-data`` body (RFC 7578)."""

from __future__ import annotations

import re

from countersign.providers._toolkit.reading import MalformedError

# RFC 2046, 5.1.1: one to seventy of these characters.
BOUNDARY = re.compile(r"""boundary=(?:"([^"\r\n]{1,70})"|([^\s;,"]{1,70}))""", re.IGNORECASE)
NAME = re.compile(rb"""(?:^|;)[ \t]*name=(?:"([^"\r\n]*)"|([^\s;"]+))""", re.IGNORECASE)
HEAD_END = re.compile(rb"\r?\n\r?\n")
PARTS = 50


def read_field(content_type: str, body: bytes, field: str) -> bytes:
    """The content of the first part of that name; ``MalformedError`` where there is none."""
    match = BOUNDARY.search(content_type)
    if match is None:
        raise MalformedError(f"expected multipart/form-data with a boundary: {content_type[:100]}")
    delimiter = b"--" + (match[1] or match[2]).encode("utf-8", "replace")
    # The first boundary may open the body; every other one follows a line end.
    pieces = (b"\n" + body).split(b"\n" + delimiter, PARTS)
    for piece in pieces[1:]:
        head, *content = HEAD_END.split(piece, 1)
        for line in head.splitlines() if content else ():
            header, _, value = line.partition(b":")
            name = NAME.search(value) if header.lower() == b"content-disposition" else None
            if name and (name[1] or name[2]) == field.encode():
                return content[0].removesuffix(b"\r")
    raise MalformedError(f'the form has no field "{field}"')


def write_field(field: str, content: bytes, boundary: str) -> bytes:
    """A form with one field; the boundary must not occur in the content."""
    opening = f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n'
    return opening.encode() + content + f"\r\n--{boundary}--\r\n".encode()
