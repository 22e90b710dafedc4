"""Of a link that is a key nothing is kept by which others could open a file or sign."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.text.keys_in_links import without_keys

TOKEN = "q3Jk-9Z_xT0aB7cD2eF4gH6iJ8kL1mN3oP5qR7sT9uV"


@pytest.mark.parametrize(
    ("link", "kept"),
    [
        (f"https://hooks.example/files/{TOKEN}", "https://hooks.example/files/\u2026"),
        (f"https://hooks.example/files/{TOKEN}?x=1", "https://hooks.example/files/\u2026?x=1"),
        (f"https://hooks.example/prod/files/{TOKEN}/", "https://hooks.example/prod/files/\u2026"),
        ("https://docuseal.example/s/7Hk2abXcEFGHpq", "https://docuseal.example/s/\u2026"),
        (
            "https://app.documenso.example/sign/kL-m_pQrst",
            "https://app.documenso.example/sign/\u2026",
        ),
        ("https://scrive.example/s/1/5/abcdefgh", "https://scrive.example/s/1/5/abcdefgh"),
        ("https://scrive.example/s/81234567/5/a1b2", "https://scrive.example/s/\u2026"),
        (
            "https://eu1.sign.example/public/apiesign?pid=CBFCIBAA3AAABLblqZhAxyz&lang=de",
            "https://eu1.sign.example/public/apiesign?pid=\u2026&lang=de",
        ),
        ("https://a.example/open?token=abc&page=2", "https://a.example/open?token=\u2026&page=2"),
        ("https://a.example/open#access_token=abc", "https://a.example/open#access_token=\u2026"),
        (
            "https://a.example/c/3f6b2a90-8c1d-4e57-b2a4-91d0c7e5f8a6/go",
            "https://a.example/c/\u2026/go",
        ),
        ("https://anna:pw@a.example/x", "https://\u2026@a.example/x"),
        ("https://a.example:99999]/", "\u2026"),
    ],
)
def test_what_makes_a_link_a_key_is_cut_out(link: str, kept: str) -> None:
    assert without_keys(link) == kept


@pytest.mark.parametrize(
    "link",
    [
        "https://acme.example/",
        "https://acme.example/offers/frame-agreement-2026?utm_source=mail&utm_campaign=q3#terms",
        "https://acme.example/files/Price-list-2026.pdf",
        "https://acme.example/files/",
        "https://acme.example/s/short",
        "https://acme.example/Unternehmenskommunikation/Datenschutzerklaerung",
        "https://acme.example/orders/20260302093000123",
        "http://ACME.example/?",
        "mailto:anna@acme.example",
        "",
    ],
)
def test_other_links_stay_as_they_are(link: str) -> None:
    assert without_keys(link) == link


@given(st.text(max_size=80))
def test_any_text_is_taken_and_nothing_more_is_cut_the_second_time(text: str) -> None:
    once = without_keys(f"https://a.example/{text}")
    assert without_keys(once) == once
