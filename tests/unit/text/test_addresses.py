"""Mail addresses: what can be written to, how it goes out, and why not."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.adapters.ses.mime import addressed
from countersign.model.message import Email
from countersign.model.run import RunKey
from countersign.text.addresses import AddressError, NamedAddress, is_address, named, outgoing


@pytest.mark.parametrize(
    ("text", "goes_out"),
    [
        ("lena@nord.example", "lena@nord.example"),
        ("Lena.Falk+x@Nord.example", "Lena.Falk+x@Nord.example"),
        ("info@gärten.example", "info@xn--grten-gra.example"),
        ("info@große-straße.example", "info@xn--groe-strae-73ag.example"),
        ("info@日本.example", "info@xn--wgv71a.example"),
        ("info@xn--grten-gra.example", "info@xn--grten-gra.example"),
        ("info@mail.gärten.co.example", "info@mail.xn--grten-gra.co.example"),
    ],
)
def test_a_domain_of_any_letters_goes_out_in_punycode(text: str, goes_out: str) -> None:
    assert outgoing(text) == goes_out


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("lèna@nord.example", "Amazon SES takes only ASCII letters before the @; ask for another"),
        ("用户@nord.example", "Amazon SES takes only ASCII letters before the @; ask for another"),
        ("lena", "expected name@host.example"),
        ("lena@nord", "expected name@host.example"),
        ("lena@", "expected name@host.example"),
        ("@nord.example", "expected name@host.example"),
        ("lena@@nord.example", "expected name@host.example"),
        ("lena falk@nord.example", "expected name@host.example"),
        ("lena@nord.example\n", "expected name@host.example"),
        ("lena@nord.example,otto@nord.example", "expected name@host.example"),
        ("Lena <lena@nord.example>", "expected name@host.example"),
        ("lena@nord..example", "expected name@host.example"),
        ("lena@gä rten.example", "expected name@host.example"),
        ("lena@-gärten.example", "its domain is not valid; expected name@host.example"),
        ("lena@nord_ost.example", "expected name@host.example"),
        ("l" * 65 + "@nord.example", "expected name@host.example"),
        ("lena@" + "ä" * 70 + ".example", "its domain is not valid; expected name@host.example"),
    ],
)
def test_what_cannot_be_written_to_says_why(text: str, why: str) -> None:
    with pytest.raises(AddressError, match="^" + re.escape(why)):
        outgoing(text)
    assert not is_address(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("desk@acme.example", NamedAddress("", "desk@acme.example")),
        ("Acme Desk <desk@acme.example>", NamedAddress("Acme Desk", "desk@acme.example")),
        ("Büro Süd <desk@süd.example>", NamedAddress("Büro Süd", "desk@xn--sd-xka.example")),
        ('"Falk, Lena" <desk@acme.example>', NamedAddress("Falk, Lena", "desk@acme.example")),
        (" Acme <desk@acme.example> ", NamedAddress("Acme", "desk@acme.example")),
    ],
)
def test_an_address_may_have_a_name_beside_it(text: str, found: NamedAddress) -> None:
    assert named(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "Acme\r\nBcc: all@foe.example <desk@acme.example>",
        "Acme <desk@acme.example>\r\nBcc: all@foe.example",
        "Acme <desk@acme.example> <all@foe.example>",
        "<desk@acme.example>",
        "Acme <Desk <desk@acme.example>>",
        "A" * 121 + " <desk@acme.example>",
        "Acme <dèsk@acme.example>",
        "Acme desk@acme.example",
    ],
)
def test_a_name_that_could_be_a_header_or_a_recipient_is_refused(text: str) -> None:
    with pytest.raises(AddressError):
        named(text)


def a_mail(sender: str, to: str) -> Email:
    run = RunKey(document="d1", entry=1, rule="r")
    return Email(sender=sender, to=(to,), subject="Hi", text="Hello", run=run)


@given(st.text(max_size=40), st.sampled_from(["desk@acme.example", "desk@gärten.example"]))
def test_what_is_taken_here_the_mail_service_s_adapter_takes(name: str, address: str) -> None:
    text = f"{name} <{address}>"
    try:
        sender = named(text)
    except AddressError:
        return
    found = addressed(a_mail(str(sender), sender.address))
    assert found.sender.spec == sender.address
    assert "\n" not in str(found.sender)


@given(st.text(alphabet="abcäß.-_@ 日\n<>,\"'+%", max_size=24))
def test_an_address_that_goes_out_is_taken_by_the_adapter_unchanged(text: str) -> None:
    if is_address(text):
        goes_out = outgoing(text)
        assert goes_out.isascii()
        assert outgoing(goes_out) == goes_out
        assert addressed(a_mail(goes_out, goes_out)).to[0].spec == goes_out
