"""What can be a file of a document, and by which name."""

from __future__ import annotations

import pytest

from countersign.errors import PermanentError
from countersign.model.stored_file import (
    NewFile,
    check_beginning,
    checked,
    file_name,
    free_name,
    media_type,
)

DIGEST = "a" * 64


def new(name: str = "Offer.pdf", size: int = 10, sha256: str = DIGEST) -> NewFile:
    return NewFile(name=name, kind="offer", size=size, sha256=sha256)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Offer.pdf", "Offer.pdf"),
        ("  Price  list .PDF ", "Price list .PDF"),
        ("../../etc/passwd.txt", "etc passwd.txt"),
        ("C:\\temp\\Offer.docx", "C temp Offer.docx"),
        ("Offer\r\nX-Header: y.pdf", "Offer X-Header y.pdf"),
        ("Offer\u202efdp.pdf", "Offer fdp.pdf"),
        ("Angebot für Müller & Söhne.pdf", "Angebot für Müller & Söhne.pdf"),
        ("Mu\u0308ller.pdf", "M\u00fcller.pdf"),
        ("契約書.pdf", "契約書.pdf"),
    ],
)
def test_a_name_is_kept_without_what_is_no_part_of_a_name(name: str, kept: str) -> None:
    assert checked(new(name)).name == kept


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (new(""), '"" is not a valid file name; expected 1 to 74 characters'),
        (new(" / "), '"" is not a valid file name'),
        (new("x" * 71 + ".pdf"), "is not a valid file name; expected 1 to 74 characters"),
        (new("setup.exe"), "setup.exe: files of this type are not accepted; accepted are .pdf,"),
        (new("offer.pdf.exe"), "files of this type are not accepted"),
        (new("offer"), "offer: files of this type are not accepted"),
        (new("page.html"), "files of this type are not accepted"),
        (new(size=0), "Offer.pdf: the file is empty"),
        (new(size=50_000_001), "Offer.pdf: the file has 50,000,001 bytes; expected at most 50,000"),
        (new(sha256="A" * 64), "sha256 is not a SHA-256 hash of 64 hexadecimal digits"),
        (new(sha256="a" * 63), "sha256 is not a SHA-256 hash"),
    ],
)
def test_what_cannot_be_a_file_is_refused_with_the_reason(file: NewFile, reason: str) -> None:
    with pytest.raises(PermanentError) as raised:
        checked(file)
    assert reason in str(raised.value)


def test_the_largest_file_may_be_50_megabytes() -> None:
    assert checked(new(size=50_000_000)).size == 50_000_000


@pytest.mark.parametrize(
    ("name", "beginning"),
    [
        ("a.pdf", b"%PDF-1.7\n"),
        ("a.PDF", b"%PDF-2.0"),
        ("a.docx", b"PK\x03\x04\x14"),
        ("a.asice", b"PK\x03\x04"),
        ("a.png", b"\x89PNG\r\n\x1a\n\x00"),
        ("a.jpeg", b"\xff\xd8\xff\xe0"),
        ("a.txt", "Grüße".encode()),
        ("a.csv", b"a;b\r\n"),
        ("a.csv", b"%PDF is a word"),
    ],
)
def test_content_of_the_type_that_the_name_says_is_taken(name: str, beginning: bytes) -> None:
    check_beginning(name, beginning)


@pytest.mark.parametrize(
    ("name", "beginning"),
    [
        ("a.pdf", b"<!doctype html>"),
        ("a.pdf", b"MZ\x90\x00"),
        ("a.pdf", b"PK\x03\x04"),
        ("a.pdf", b" %PDF-1.7"),
        ("a.docx", b"%PDF-1.7"),
        ("a.png", b"\xff\xd8\xff"),
        ("a.txt", b"MZ\x90\x00\x03"),
        ("a.csv", b"\x00\x01"),
    ],
)
def test_content_of_another_type_than_the_name_says_is_refused(name: str, beginning: bytes) -> None:
    with pytest.raises(PermanentError, match=rf"{name}: the content is not of the type \.\w+"):
        check_beginning(name, beginning)


def test_the_media_type_follows_from_the_name() -> None:
    assert media_type("Offer.PDF") == "application/pdf"
    assert media_type("photo.jpg") == media_type("photo.jpeg") == "image/jpeg"


def test_a_name_that_is_taken_gets_a_number_before_its_ending() -> None:
    taken = ["Lease.pdf", "LEASE (2).pdf", "Other.pdf"]
    assert free_name(taken, "lease.pdf") == "lease (3).pdf"
    assert free_name(taken, "New.pdf") == "New.pdf"
    assert free_name([], "Lease.pdf") == "Lease.pdf"


def test_names_that_say_nothing_are_empty() -> None:
    assert [file_name(text) for text in ("", "...", "\u202e\u202c", "///")] == ["", "", "", ""]
