"""Whose link to sign an answer has: a link is a key, so nobody is given another signer's."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.errors import PermanentError
from countersign.model.signing_event import Signer
from countersign.providers import provider
from tests.unit.providers.asked import (
    KLARA,
    LINK,
    LINK_MEMBERS,
    LINKED,
    answer_with,
    link,
    person,
)

WANTED = dict.fromkeys(LINKED, LINK) | {
    "documenso": "https://app.documenso.com/sign/7Hk2-secret",
    "scrive": "https://scrive.com/s/1/7Hk2-secret",
}
NAMING = sorted(set(LINKED) - {"boldsign"})
"""Providers whose answers say whose a link is; BoldSign's has the one that was asked for."""
BY_ID_AND_ADDRESS = sorted(set(NAMING) - {"adobe_sign", "scrive"})
SCRIVE_HAS_NONE = (
    "Scrive has no link to sign for klara+k@kunde.example: it has one for parties whose delivery "
    "method is Link, shown to the author of a document that was started"
)


def none_for_klara(name: str) -> str:
    """That the provider has no link for her, as it is said."""
    if name == "scrive":
        return SCRIVE_HAS_NONE
    return (
        f"{provider(name).title} has no link to sign for klara+k@kunde.example: there is none "
        "for signers who have signed, or whose turn has not come"
    )


@pytest.mark.parametrize("name", LINKED)
def test_the_signer_s_own_link_is_found(name: str) -> None:
    assert link(name, answer_with(name, person(name))) == WANTED[name]


@pytest.mark.parametrize("name", ["adobe_sign", "pandadoc", "scrive", "signwell"])
def test_the_signer_s_own_link_is_found_among_others(name: str) -> None:
    other = person(name, 11, "anna@acme.example", **{LINK_MEMBERS[name]: "https://s.example/anna"})
    for people in ((person(name), other), (other, person(name))):
        assert link(name, answer_with(name, *people)) == WANTED[name]


@pytest.mark.parametrize("name", LINKED)
@pytest.mark.parametrize("nothing", [None, "", " ", 7, ["x"], {"a": LINK}, False])
def test_a_signer_without_a_link_gets_a_sentence(name: str, nothing: Any) -> None:
    if name == "documenso" and nothing == 7:
        return  # a number is a text there
    with pytest.raises(PermanentError) as refused:
        link(name, answer_with(name, person(name, **{LINK_MEMBERS[name]: nothing})))
    assert str(refused.value) == none_for_klara(name)


@pytest.mark.parametrize("name", sorted(set(LINKED) - {"documenso", "scrive"}))
@pytest.mark.parametrize(
    "text",
    [
        "7Hk2-secret",
        "javascript:alert(1)",
        "ftp://sign.example/s/1",
        "sign.example/s/1",
        "https:///s/1",
        "https://[half/s/1",
        "https://sign.example/a\nb",
        "https://sign.example/a b",
    ],
)
def test_what_is_not_a_web_address_is_not_a_link_and_is_not_quoted(name: str, text: str) -> None:
    with pytest.raises(PermanentError) as refused:
        link(name, answer_with(name, person(name, **{LINK_MEMBERS[name]: text})))
    assert "has no link to sign for klara+k@kunde.example" in str(refused.value)
    assert text not in str(refused.value)


@pytest.mark.parametrize(
    "path", ["//evil.example/secret", "/s/ secret", "/s/\nsecret", "secret", LINK]
)
def test_what_is_not_a_path_of_the_account_s_host_is_not_scrive_s_link(path: str) -> None:
    with pytest.raises(PermanentError) as refused:
        link("scrive", answer_with("scrive", person("scrive", api_delivery_url=path)))
    assert str(refused.value) == SCRIVE_HAS_NONE


@pytest.mark.parametrize("name", ["boldsign", "docuseal", "pandadoc", "signwell", "yousign"])
def test_a_long_link_is_not_cut(name: str) -> None:
    long = "https://p.example/" + "x" * 3_000
    assert link(name, answer_with(name, person(name, **{LINK_MEMBERS[name]: long}))) == long


@pytest.mark.parametrize("name", NAMING)
@pytest.mark.parametrize("number", [23, "2", "22 ", None, [22], {"id": 22}, True])
def test_another_signer_s_link_is_given_to_nobody(name: str, number: Any) -> None:
    other = person(name, number, "anna@acme.example")
    if name in {"documenso", "docuseal", "signwell"}:
        other["name"] = "Anna"
    if name == "yousign":
        other["info"] = {"email": "anna@acme.example"}
    with pytest.raises(PermanentError) as refused:
        link(name, answer_with(name, other))
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("name", BY_ID_AND_ADDRESS)
def test_a_signer_who_has_another_address_by_now_is_not_sent_the_link(name: str) -> None:
    with pytest.raises(PermanentError) as refused:
        link(name, answer_with(name, person(name, email="new@kunde.example")))
    assert str(refused.value) == (
        f"{provider(name).title} has another address for klara+k@kunde.example by now, so there "
        "is no link to sign for this one"
    )


@pytest.mark.parametrize("name", BY_ID_AND_ADDRESS)
@pytest.mark.parametrize("email", ["KLARA+K@Kunde.Example", None])
def test_an_address_in_other_letters_or_none_is_the_signer_s(name: str, email: str | None) -> None:
    assert link(name, answer_with(name, person(name, email=email))) == WANTED[name]


def test_adobe_s_addresses_may_be_in_other_letters() -> None:
    answer = answer_with("adobe_sign", person("adobe_sign", email="KLARA+K@KUNDE.EXAMPLE"))
    assert link("adobe_sign", answer) == LINK


def test_adobe_s_links_of_one_set_are_each_their_signer_s_own() -> None:
    urls = [
        {"email": "anna@acme.example", "esignUrl": "https://a.example/anna"},
        {"email": "klara+k@kunde.example", "esignUrl": "https://a.example/k*"},
    ]
    answer = {"signingUrlSetInfos": [{"signingUrlSetName": "s", "signingUrls": urls}]}
    assert link("adobe_sign", answer) == "https://a.example/k*"


def test_yousign_has_another_link_for_an_approver() -> None:
    approver = KLARA.model_copy(update={"action": "approve"})
    links = {"signature_link": None, "approval_link": LINK}
    assert link("yousign", person("yousign", **links), approver) == LINK
    with pytest.raises(PermanentError, match="has no link to sign"):
        link("yousign", person("yousign", **links))


@pytest.mark.parametrize("status", ["SIGNED", "REJECTED"])
def test_documenso_has_no_link_for_a_recipient_who_has_acted(status: str) -> None:
    with pytest.raises(PermanentError, match="has no link to sign"):
        link("documenso", person("documenso", signingStatus=status))


@pytest.mark.parametrize("more", [{"has_completed": True}, {"recipient_type": "CC"}])
def test_pandadoc_has_no_link_for_who_has_signed_or_gets_a_copy(more: dict[str, Any]) -> None:
    with pytest.raises(PermanentError) as refused:
        link("pandadoc", answer_with("pandadoc", person("pandadoc", **more)))
    assert str(refused.value) == none_for_klara("pandadoc")


def test_a_link_for_an_embedding_frame_is_not_a_link_to_sign() -> None:
    framed = person("signwell", signing_url=None, embedded_signing_url=LINK)
    with pytest.raises(PermanentError, match="has no link to sign") as refused:
        link("signwell", {"recipients": [framed]})
    assert LINK not in str(refused.value)


def test_a_party_without_an_id_has_no_link_of_scrive() -> None:
    answer = answer_with("scrive", person("scrive", None))
    for signer in (Signer(name="Klara"), KLARA.model_copy(update={"has_own_id": False})):
        with pytest.raises(PermanentError) as refused:
            link("scrive", answer, signer)
        assert "secret" not in str(refused.value)


@pytest.mark.parametrize("name", ["pandadoc", "signwell"])
def test_one_recipient_that_cannot_be_read_hides_nobody_else_s_link(name: str) -> None:
    member = LINK_MEMBERS[name]
    broken = [7, None, {"id": ["1"], member: {"a": 1}}, {"id": "9", "email": {"a": 1}, member: 5}]
    mine = person(name, email=None, first_name=7)
    assert link(name, answer_with(name, *broken, mine)) == LINK


SHAPES: list[Any] = [
    b"",
    b"<!doctype html><title>Sign in</title> https://sign.example/s/7Hk2-secret",
    b'{"embed_src": "https://sign.example/s/7Hk2-secret',
    b'{"signLink": "https://sign.example/s/7Hk2-secret',
    b"\xff\xfe\x00secret",
    b"[" * 100_000,
    [],
    [LINK],
    [{"id": 22, **dict.fromkeys(LINK_MEMBERS.values(), LINK)}],
    {},
    {"recipients": None},
    {"recipients": 5},
    {"recipients": {"22": {"signing_url": LINK}}},
    {"recipients": LINK},
    {"parties": {"22": "/s/7Hk2-secret"}},
    {"signingUrlSetInfos": []},
    {"signingUrlSetInfos": {"signingUrls": LINK}},
    {"signLink": [LINK]},
    {"link": LINK},
    {"data": {"id": 22, "embed_src": LINK}},
    None,
    0,
    -1.5,
    True,
    LINK,
    {member: LINK for member in LINK_MEMBERS.values() if member != "signLink"},
]


@pytest.mark.parametrize("name", LINKED)
@pytest.mark.parametrize("content", SHAPES)
def test_an_answer_of_another_shape_has_no_link_and_is_not_quoted(name: str, content: Any) -> None:
    with pytest.raises(PermanentError) as refused:
        link(name, content)
    assert str(refused.value) == none_for_klara(name)
    assert refused.value.__cause__ is None


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just(LINK),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("id", "email", "name", "recipients", "parties"),
                    *("signingUrlSetInfos", "signingUrls", *LINK_MEMBERS.values()),
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(content=VALUES)
def test_whatever_json_comes_nobody_else_is_given_a_link(content: Any) -> None:
    stranger = Signer(id="no-such-id", name="Nobody", email="nobody@kunde.example")
    for name in NAMING:
        with pytest.raises(PermanentError) as refused:
            link(name, content, stranger)
        assert LINK not in str(refused.value)


@given(content=VALUES)
def test_any_json_is_a_link_or_refused(content: Any) -> None:
    for name in LINKED:
        try:
            given_link = link(name, content)
        except PermanentError:
            continue
        assert given_link.startswith(("https://", "http://"))
