"""What ``ports.Mailer`` promises, kept by SES and by its twin in memory."""

from __future__ import annotations

import email
from email import policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st

from countersign.adapters.aws import client_config
from countersign.adapters.memory.services.mailer import MemoryMailer
from countersign.adapters.ses.mailer import SesMailer, tags
from countersign.adapters.ses.mime import addressed, mime
from countersign.errors import (
    CountersignError,
    InDoubtError,
    OutageError,
    PermanentError,
    QuotaError,
    ThrottledError,
    TransientError,
    UnavailableError,
)
from countersign.model.message import Attachment, Email
from countersign.model.run import RunKey
from countersign.ports import Mailer

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

REGION = "eu-central-1"
EMAIL = Email(
    sender="Eva Haus <eva@house.example>",
    to=("max@client.example",),
    subject="Please sign",
    text="Dear Max,\nplease sign.\n",
    run=RunKey(document="d1", entry=2, rule="remind"),
)


def an_email(**members: Any) -> Email:
    return EMAIL.model_copy(update=members)


def written(mail: Email) -> EmailMessage:
    """The mail as its recipient's program reads it."""
    return email.message_from_bytes(mime(mail, addressed(mail)), policy=policy.default)


def shown(message: EmailMessage, header: str) -> str:
    """A header with its encoded words read, as RFC 2047 says."""
    raw = message.get_all(header, [])[0]
    return str(make_header(decode_header(str(raw))))


@pytest.fixture
def ses(aws: None) -> SESV2Client:
    client = boto3.client("sesv2", region_name=REGION, config=client_config.MAIL)
    client.create_email_identity(EmailIdentity="eva@house.example")
    # moto verifies an identity for sending only through the older service.
    boto3.client("ses", region_name=REGION).verify_email_identity(EmailAddress="eva@house.example")
    return client


@pytest.fixture(params=["memory", "ses"])
def mailbox(request: pytest.FixtureRequest) -> Mailer:
    if request.param == "memory":
        return MemoryMailer(verified={"eva@house.example"})
    return SesMailer(request.getfixturevalue("ses"))


def test_each_mail_gets_its_own_message_id(mailbox: Mailer) -> None:
    first, second = mailbox.send(EMAIL), mailbox.send(EMAIL)
    assert first
    assert second
    assert first != second


@pytest.mark.parametrize(
    ("domain", "registered"),
    [
        ("groß.example", "xn--gro-7ka.example"),
        ("strauß.example", "xn--strau-pqa.example"),
        ("ναός.example", "xn--mxaxq3b.example"),
        ("KÖLN.example", "xn--kln-sna.example"),
        ("köln\u3002example", "xn--kln-sna.example"),
        ("ko\u0308ln.example", "xn--kln-sna.example"),
        ("xn--gro-7ka.example", "xn--gro-7ka.example"),
    ],
)
def test_a_mail_goes_to_the_domain_that_was_written_and_to_no_other_owner(
    domain: str, registered: str
) -> None:
    mail = an_email(sender=f"Eva <eva@{domain}>", to=(f"max@{domain}",), cc=(f"Jo <jo@{domain}>",))
    found = addressed(mail)
    assert [one.spec for one in (found.sender, *found.to, *found.cc)] == [
        f"{name}@{registered}" for name in ("eva", "max", "jo")
    ]
    assert written(mail)["To"] == f"max@{registered}"


@pytest.mark.parametrize(
    "address", ["max@ client.example", "max@client.example ,", "max@-client.example", "max@a..b"]
)
def test_what_is_not_a_domain_gets_no_mail(address: str) -> None:
    with pytest.raises(PermanentError, match=r"to: .* is not a valid e-mail address"):
        addressed(an_email(to=(address,)))


def test_a_sender_that_is_not_verified_is_refused_for_good(mailbox: Mailer) -> None:
    with pytest.raises(PermanentError, match=r"foe@house\.example"):
        mailbox.send(an_email(sender="foe@house.example"))


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ({"subject": "Hello\r\nBcc: foe@bad.example"}, "subject has a line break"),
        ({"subject": "Hello\nBcc: foe@bad.example"}, "subject has a line break"),
        ({"subject": "Hello\rworld"}, "subject has a line break"),
        ({"subject": "Hello\u2028world"}, "subject has a line break"),
        ({"subject": "Hello\x85world"}, "subject has a line break"),
        ({"subject": "Hello\x00world"}, "subject has a line break"),
        ({"sender": "Eva\nBcc: foe@bad.example <eva@house.example>"}, "sender has a line break"),
        ({"to": ("max@client.example\nBcc: foe@bad.example",)}, "to has a line break"),
        ({"cc": ("max@client.example\r\n",)}, "cc has a line break"),
        ({"bcc": ("max@client.example\x0b",)}, "bcc has a line break"),
        ({"reply_to": ("\nmax@client.example",)}, "reply-to has a line break"),
        (
            {"attachments": (Attachment(name="a\nb", media_type="text/plain", content=b""),)},
            "attachment name has a line break",
        ),
        (
            {"attachments": (Attachment(name="a", media_type="text; x=y", content=b""),)},
            "is not a valid media type",
        ),
        (
            {"attachments": (Attachment(name="ä" * 200, media_type="a/b", content=b""),)},
            "is too long",
        ),
        ({"to": ()}, "no recipient"),
        ({"text": None}, "neither text nor HTML"),
        ({"to": ("max",)}, 'to: "max" is not a valid e-mail address'),
        ({"to": ("",)}, "is not a valid e-mail address"),
        ({"to": ("max@client",)}, "is not a valid e-mail address"),
        ({"to": ("max@client.example, foe@bad.example",)}, "is not a valid e-mail address"),
        ({"to": ("max@client.example>, <foe@bad.example",)}, "is not a valid e-mail address"),
        ({"to": ("Max <foe@bad.example> <max@client.example>",)}, "is not a valid e-mail address"),
        ({"to": ("jörg@client.example",)}, "is not a valid e-mail address"),
        ({"to": ("max@-client.example",)}, "is not a valid e-mail address"),
        ({"reply_to": ("max at client.example",)}, "reply-to: .* is not a valid e-mail address"),
    ],
)
def test_what_no_mail_service_should_be_handed_is_refused_for_good(
    mailbox: Mailer, members: dict[str, Any], told: str
) -> None:
    with pytest.raises(PermanentError, match=told):
        mailbox.send(an_email(**members))


def test_the_twin_keeps_what_it_took_and_refuses_what_it_is_told_to() -> None:
    busy = TransientError("busy")
    mailbox = MemoryMailer(refusal=lambda mail: busy if mail.subject == "no" else None)
    with pytest.raises(TransientError, match="busy"):
        mailbox.send(an_email(subject="no"))
    mailbox.send(EMAIL)
    assert mailbox.sent == [EMAIL]


@pytest.mark.parametrize(("track", "configured"), [(False, "reports"), (True, "opens")])
def test_ses_is_told_recipients_tags_and_configuration_set(
    aws: None, track: bool, configured: str
) -> None:
    client = boto3.client("sesv2", region_name=REGION, config=client_config.MAIL)
    asked: list[dict[str, Any]] = []

    def note(params: dict[str, Any], **_: object) -> None:
        asked.append(dict(params))

    client.meta.events.register("provide-client-params.sesv2.SendEmail", note)
    mail = an_email(
        sender="Jörg <eva@house.example>",
        to=("Max <max@client.example>", "eve@müller.example"),
        cc=("cc@client.example",),
        bcc=("bcc@client.example",),
        track=track,
    )
    with Stubber(client) as stub:
        stub.add_response("send_email", {"MessageId": "m1"})
        assert SesMailer(client, "reports", "opens").send(mail) == "m1"
    raw = asked[0].pop("Content")["Raw"]["Data"]
    assert b"bcc@client.example" not in raw
    assert asked == [
        {
            "FromEmailAddress": "=?utf-8?b?SsO2cmc=?= <eva@house.example>",
            "Destination": {
                "ToAddresses": ["max@client.example", "eve@xn--mller-kva.example"],
                "CcAddresses": ["cc@client.example"],
                "BccAddresses": ["bcc@client.example"],
            },
            "EmailTags": [
                {"Name": "document", "Value": "d1"},
                {"Name": "entry", "Value": "2"},
                {"Name": "rule", "Value": "remind"},
            ],
            "ConfigurationSetName": configured,
        }
    ]


def test_one_of_several_mails_says_in_its_tags_which_it_is() -> None:
    run = RunKey(document="d1", entry=2, rule="remind")
    assert tags(run, 3)[3:] == [{"Name": "mail", "Value": "3"}]
    assert tags(run, 0)[3:] == [{"Name": "mail", "Value": "0"}]
    assert [tag["Name"] for tag in tags(run)] == ["document", "entry", "rule"]


def test_a_run_that_ses_cannot_report_on_is_refused_before_sending(ses: SESV2Client) -> None:
    run = RunKey(document="d.1", entry=1, rule="mail")
    with pytest.raises(PermanentError, match=r'the document "d\.1" cannot be a tag'):
        SesMailer(ses).send(an_email(run=run))


@pytest.mark.parametrize(
    ("code", "status", "error", "told"),
    [
        ("MessageRejected", 400, PermanentError, "verify the address or domain"),
        ("MailFromDomainNotVerifiedException", 400, PermanentError, "MAIL FROM domain"),
        ("AccountSuspendedException", 400, PermanentError, "settle it with AWS"),
        ("NotFoundException", 404, PermanentError, "configuration set is not deployed"),
        ("BadRequestException", 400, PermanentError, "addresses or text"),
        ("AccessDeniedException", 403, PermanentError, "misconfigured deployment"),
        ("TooManyRequestsException", 429, TransientError, "now"),
        ("ThrottlingException", 400, TransientError, "now"),
        ("LimitExceededException", 400, TransientError, "now"),
        ("SendingPausedException", 400, TransientError, "now"),
        ("InternalServiceErrorException", 500, TransientError, "now"),
        ("ServiceUnavailable", 503, TransientError, "now"),
    ],
)
def test_a_refusal_by_ses_says_whether_to_try_again_and_who_can_mend_it(
    ses: SESV2Client, code: str, status: int, error: type[CountersignError], told: str
) -> None:
    with Stubber(ses) as stub:
        stub.add_client_error("send_email", code, "the reason", http_status_code=status)
        with pytest.raises(error, match=f"{code}: the reason.*|.*{told}") as caught:
            SesMailer(ses).send(EMAIL)
        stub.assert_no_pending_responses()
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("code", "text", "error"),
    [
        ("ThrottlingException", "Daily message quota exceeded.", QuotaError),
        ("Throttling", "Daily message quota exceeded", QuotaError),
        ("TooManyRequestsException", "Daily sending quota exceeded.", QuotaError),
        ("LimitExceededException", "daily message quota exceeded", QuotaError),
        ("ThrottlingException", "Maximum sending rate exceeded.", ThrottledError),
        ("TooManyRequestsException", "Maximum sending rate exceeded.", ThrottledError),
        ("LimitExceededException", "too many resources", OutageError),
        ("SendingPausedException", "paused for the configuration set", OutageError),
    ],
)
def test_the_daily_quota_is_told_from_the_rate(
    ses: SESV2Client, code: str, text: str, error: type[CountersignError]
) -> None:
    """https://docs.aws.amazon.com/ses/latest/dg/manage-sending-quotas-errors.html"""
    with Stubber(ses) as stub:
        stub.add_client_error("send_email", code, text, http_status_code=429)
        with pytest.raises(OutageError) as caught:
            SesMailer(ses).send(EMAIL)
    assert type(caught.value) is error
    assert text in str(caught.value)


URL = "https://email.example"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (ConnectTimeoutError(endpoint_url=URL), TransientError),
        (EndpointConnectionError(endpoint_url=URL), TransientError),
        (NoCredentialsError(), UnavailableError),
        (ReadTimeoutError(endpoint_url=URL), InDoubtError),
        (ConnectionClosedError(endpoint_url=URL), InDoubtError),
        (ResponseParserError("garbage"), InDoubtError),
    ],
)
def test_a_mail_is_in_doubt_only_after_it_was_handed_over_and_never_sent_twice(
    ses: SESV2Client, fault: Exception, error: type[CountersignError]
) -> None:
    tries: list[str] = []

    def fail(**_: object) -> None:
        tries.append("try")
        raise fault

    ses.meta.events.register_first("before-send.sesv2.SendEmail", fail)
    with pytest.raises(error):
        SesMailer(ses).send(EMAIL)
    assert tries == ["try"]


# The text of a mail


def test_a_mail_reads_as_it_was_written() -> None:
    pdf = Attachment(name="Vertrag Müller.pdf", media_type="application/pdf", content=b"\x00\xff")
    message = written(
        an_email(
            to=("Max <max@client.example>", '"Haus, Eva" <eva@house.example>'),
            cc=("cc@client.example",),
            bcc=("bcc@client.example",),
            reply_to=("Eva <reply@house.example>",),
            subject="Vertrag für Müller",
            text="Grüße\n\n.\nEva \n",
            html="<p>Grüße</p>\n",
            attachments=(pdf,),
        )
    )
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert {name: str(value) for name, value in message.items() if name != "Content-Type"} == {
        "MIME-Version": "1.0",
        "From": "Eva Haus <eva@house.example>",
        "To": 'Max <max@client.example>, "Haus, Eva" <eva@house.example>',
        "Cc": "cc@client.example",
        "Reply-To": "Eva <reply@house.example>",
        "Subject": "Vertrag für Müller",
    }
    assert text.get_content() == "Grüße\r\n\r\n.\r\nEva \r\n"
    assert html.get_content() == "<p>Grüße</p>\r\n"
    assert [
        (one.get_filename(), one.get_content_type(), one.get_content())
        for one in message.iter_attachments()
    ] == [("Vertrag Müller.pdf", "application/pdf", b"\x00\xff")]


@pytest.mark.parametrize(
    ("members", "kind"),
    [({}, "text/plain"), ({"text": None, "html": "<p>hi</p>"}, "text/html")],
)
def test_a_mail_of_one_text_has_one_part(members: dict[str, Any], kind: str) -> None:
    assert written(an_email(**members)).get_content_type() == kind


PRINTABLE = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=150)
DANGEROUS = st.sampled_from(
    ["=?utf-8?q?x=0D=0ABcc:_foe=40bad.example?=", "a, b <c", '"', "\\", "  two  ", "x" * 120]
)
SUBJECTS = st.lists(PRINTABLE | DANGEROUS, max_size=3).map("".join)


@given(SUBJECTS)
def test_no_subject_adds_a_header_or_is_changed(subject: str) -> None:
    mail = an_email(subject=subject)
    raw = mime(mail, addressed(mail))
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    message = email.message_from_bytes(raw)
    assert set(message.keys()) == set(written(EMAIL).keys())
    assert str(make_header(decode_header(message["Subject"]))) == subject


@given(SUBJECTS)
def test_no_display_name_adds_a_header_or_a_recipient(name: str) -> None:
    name = name.replace("<", "").replace(">", "")
    message = written(an_email(to=(f"{name} <max@client.example>",)))
    assert set(message.keys()) == set(written(EMAIL).keys())
    assert [one.addr_spec for one in message["To"].addresses] == ["max@client.example"]


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r")))
def test_no_text_breaks_the_seven_bits_or_the_length_of_lines(text: str) -> None:
    mail = an_email(text=text, html=text * 3)
    raw = mime(mail, addressed(mail))
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    body = email.message_from_bytes(raw, policy=policy.default).get_body(("plain",))
    assert body is not None
    content = body.get_payload(decode=True)
    assert isinstance(content, bytes)
    assert content.decode().replace("\r\n", "\n") == text


# Attachments


def read_back(mail: Email) -> list[tuple[str | None, str, bytes]]:
    """Name, media type and bytes of each attachment, as the recipient's program reads them."""
    found = []
    for part in written(mail).iter_attachments():
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        assert part.get_content_disposition() == "attachment"
        found.append((part.get_filename(), part.get_content_type(), content))
    return found


@pytest.mark.parametrize(
    "name",
    [
        'Offer "final".pdf',
        "a;b; filename=evil.exe.pdf",
        "100 %.pdf",
        "a%20b%41.pdf",
        "'quoted'.pdf",
        "utf-8''x.pdf",
        "back\\slash\\.pdf",
        'ends with \\".pdf',
        "=?utf-8?q?not=20encoded?=.pdf",
        "comma, and (brackets) <x@y>.pdf",
        'Übersicht "5 %"; Grün\'s.pdf',
        "e\u0301.pdf",
        "\U0001f4c4" * 74 + ".pdf",
        "a" * 250 + ".pdf",
        ("word " * 40).strip() + ".pdf",
        "{{ x }} ${y} %(z)s.pdf",
        ".pdf",
        "契約書.pdf",
        "\u0639\u0642\u062f.pdf",
    ],
)
@pytest.mark.parametrize("media_type", ["application/pdf", "text/csv"])
def test_an_attachment_keeps_its_name_whatever_stands_in_it(name: str, media_type: str) -> None:
    content = b"\x00\xff\r\n.\r\n--\r\n"
    attachment = Attachment(name=name, media_type=media_type, content=content)
    mail = an_email(attachments=(attachment,))
    assert read_back(mail) == [(name, media_type, content)]
    raw = mime(mail, addressed(mail))
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"a;b\n1;2\n",
        b"a;b\r\n1;2\r\n",
        b"no end of line",
        b"From here\n.\n..\n",
        "Größe;Preis\r\n".encode(),
        "Größe;Preis\r\n".encode("latin-1"),
        "\ufeffutf-16".encode("utf-16"),
        b"\x00" * 3_000,
        b"x" * 5_000,
    ],
)
@pytest.mark.parametrize("media_type", ["text/plain", "text/csv", "text/html", "TEXT/Calendar"])
def test_a_text_that_is_attached_arrives_byte_by_byte(media_type: str, content: bytes) -> None:
    attachment = Attachment(name="list.txt", media_type=media_type, content=content)
    mail = an_email(attachments=(attachment, attachment))
    assert read_back(mail) == [("list.txt", media_type.lower(), content)] * 2
    body = written(mail).get_body(("plain",))
    assert body is not None
    assert body.get_content() == "Dear Max,\r\nplease sign.\r\n"


@pytest.mark.parametrize("html", [None, "<p>please sign</p>"])
def test_text_html_and_attachments_stand_side_by_side(html: str | None) -> None:
    one = Attachment(name="1.txt", media_type="text/plain", content=b"attached")
    two = Attachment(name="2.html", media_type="text/html", content=b"<b>attached</b>")
    message = written(an_email(html=html, attachments=(one, two)))
    assert message.get_content_type() == "multipart/mixed"
    plain, rich = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert "attached" not in plain.get_content()
    assert (rich is None) == (html is None)
    assert rich is None or "attached" not in rich.get_content()


@pytest.mark.parametrize(
    "media_type",
    ["message/rfc822", "multipart/mixed", "message/partial", "Multipart/Alternative", "text"],
)
def test_what_a_mail_program_would_take_apart_is_not_attached(
    mailbox: Mailer, media_type: str
) -> None:
    """RFC 2046, sections 5.1 and 5.2: neither may be encoded in Base64."""
    attachment = Attachment(name="a.eml", media_type=media_type, content=b"Subject: x\r\n\r\nx")
    with pytest.raises(PermanentError, match="is not a valid media type"):
        mailbox.send(an_email(attachments=(attachment,)))


NAMES = (
    st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=70)
    | st.text(st.sampled_from("\"\\;%'=?()<>,* .aé"), max_size=40)
).map(str.strip)
"""As names are kept: programs cut blanks off their ends."""


@given(NAMES.filter(bool), st.binary(max_size=200), st.sampled_from(["text/plain", "image/png"]))
def test_no_name_adds_a_header_or_is_changed(name: str, content: bytes, media_type: str) -> None:
    attachment = Attachment(name=name, media_type=media_type, content=content)
    assert read_back(an_email(attachments=(attachment,))) == [(name, media_type, content)]
