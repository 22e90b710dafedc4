"""DocuSign: who the recipients are, also in person, in groups, by phone and without an id."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.model.signing_event import Signer, SignerRef, SigningEvent
from countersign.providers import provider
from countersign.providers.base import Request
from tests.unit.providers.attacks import at
from tests.unit.providers.engine import after, signers

ID = "5a1c7e02-93b4-4f68-a7d0-2be914c6f35d"
CAME = at("2026-05-04T08:00:05Z")
SENDER = {"userName": "Ines Roth", "email": "ines.roth@acme.example"}
INES = {
    "recipientId": "1",
    "routingOrder": "1",
    "name": "Ines Roth",
    "email": "ines.roth@acme.example",
    "status": "sent",
}


def sim(name: str, recipients: Any = None, **more: Any) -> Request:
    """A message of the JSON form."""
    summary = {"status": "sent", "sender": SENDER, "recipients": recipients}
    data = {"envelopeId": ID, "envelopeSummary": summary | more.pop("summary", {}), **more}
    message = {"event": name, "generatedDateTime": "2026-05-04T08:00:00Z", "data": data}
    return _request(json.dumps(message).encode())


def xml(recipients: str, status: str = "Sent", more: str = "") -> Request:
    """A message of the XML form."""
    body = (
        '<DocuSignEnvelopeInformation xmlns="http://www.docusign.net/API/3.0"><EnvelopeStatus>'
        f"<RecipientStatuses>{recipients}</RecipientStatuses><EnvelopeID>{ID}</EnvelopeID>"
        "<TimeGenerated>2026-05-04T08:00:00</TimeGenerated><Email>ines.roth@acme.example</Email>"
        f"<Status>{status}</Status></EnvelopeStatus>{more}</DocuSignEnvelopeInformation>"
    )
    return _request(body.encode(), "text/xml; charset=utf-8")


def _request(body: bytes, content_type: str = "application/json") -> Request:
    headers = {"content-type": content_type}
    return Request(headers=headers, body=body, received_at=CAME)


def read(request: Request) -> tuple[SigningEvent, ...]:
    return provider("docusign").read(request)


def read_signers(recipients: Any, **more: Any) -> tuple[Signer, ...]:
    """The signers of a message with these recipients."""
    (event,) = read(sim("envelope-sent", recipients, **more))
    assert event.state is not None
    return event.state.signers


HOST = {"hostName": "Ines Roth", "hostEmail": "ines.roth@acme.example"}


class TestInPerson:
    """Who signs in person is the signer, not the host."""

    @pytest.mark.parametrize(
        ("recipient", "name", "email"),
        [
            (
                {
                    **HOST,
                    "name": "Ines Roth",
                    "email": "Ines.Roth@ACME.example",
                    "signerName": "Paul Winter",
                    "signerEmail": "paul@winter.example",
                },
                "Paul Winter",
                "paul@winter.example",
            ),
            # The signer has no address, or the host typed his own in its place.
            ({**HOST, "email": "ines.roth@acme.example", "signerName": "Paul"}, "Paul", None),
            ({**HOST, "signerName": "Paul", "signerEmail": "ines.roth@acme.example"}, "Paul", None),
            # Nothing says who signs.
            ({**HOST, "name": "Ines Roth", "email": "ines.roth@acme.example"}, None, None),
            # The older form names the host alone.
            ({"name": "Ines", "email": "ines@acme.example", "signerName": "Paul"}, "Paul", None),
            ({"name": "Ines Roth", "email": "ines.roth@acme.example"}, None, None),
            # Where a host is named, name and address of another are the signer's.
            ({**HOST, "name": "Paul", "email": "p@winter.example"}, "Paul", "p@winter.example"),
            # The host signs in person.
            (
                {**HOST, "signerName": "Ines Roth", "signerEmail": "ines.roth@acme.example"},
                "Ines Roth",
                "ines.roth@acme.example",
            ),
            # Before a notary, name and address are the signer's.
            (
                {
                    "inPersonSigningType": "notary",
                    "notaryHost": {"name": "Dr. Stein", "email": "stein@notar.example"},
                    "name": "Paul Winter",
                    "email": "paul@winter.example",
                },
                "Paul Winter",
                "paul@winter.example",
            ),
            (
                {"inPersonSigningType": "Notary", "name": "Paul", "email": "p@winter.example"},
                "Paul",
                "p@winter.example",
            ),
        ],
    )
    def test_the_signer_is_who_signs(
        self, recipient: dict[str, Any], name: str | None, email: str | None
    ) -> None:
        (signer,) = read_signers({"inPersonSigners": [{"recipientId": "2", **recipient}]})
        assert (signer.id, signer.name, signer.email) == ("2", name, email)

    def test_a_client_who_signs_at_the_desk_of_the_company_is_the_client(self) -> None:
        paul = {"recipientId": "2", "routingOrder": "1", "email": "ines.roth@acme.example", **HOST}
        paul |= {"signerName": "Paul Winter", "signerEmail": "paul@winter.example"}
        paul |= {"status": "completed", "signedDateTime": "2026-05-04T07:59:50Z"}
        recipients = {"signers": [INES], "inPersonSigners": [paul]}
        document = after("docusign", sim("recipient-completed", recipients, recipientId="2"))
        assert document.stage == "client-signed"
        assert signers(document) == [
            ("Ines Roth", "ines.roth@acme.example", "company", False),
            ("Paul Winter", "paul@winter.example", "client", True),
        ]

    @pytest.mark.parametrize(
        ("more", "name", "email", "stage"),
        [
            (
                "<SignerName>Paul</SignerName><SignerEmail>p@winter.example</SignerEmail>",
                "Paul",
                "p@winter.example",
                "client-signed",
            ),
            # Nothing tells the side of a name alone.
            ("<SignerName>Paul</SignerName>", "Paul", None, "sent"),
            ("", None, None, "sent"),
        ],
    )
    def test_in_xml_the_address_of_one_who_signs_in_person_is_the_hosts(
        self, more: str, name: str | None, email: str | None, stage: str
    ) -> None:
        recipient = (
            "<RecipientStatus><Type>inPersonSigner</Type><Email>ines.roth@acme.example</Email>"
            "<UserName>Ines Roth</UserName><Status>Completed</Status><RecipientId>g-2</RecipientId>"
            f"<Signed>2026-05-04T07:59:50</Signed>{more}</RecipientStatus>"
            "<RecipientStatus><Type>Signer</Type><Email>ines.roth@acme.example</Email>"
            "<UserName>Ines Roth</UserName><Status>Sent</Status><RecipientId>g-1</RecipientId>"
            "</RecipientStatus>"
        )
        document = after("docusign", xml(recipient))
        in_person = document.signer("g-2")
        assert in_person is not None
        assert (in_person.name, in_person.email, in_person.status) == (name, email, "signed")
        assert document.stage == stage


class TestGroups:
    """A signing group is known by its name and by its members."""

    def test_a_group_has_its_name_and_its_members(self) -> None:
        group = {
            "recipientId": "3",
            "name": "Bea Lang",
            "email": "",
            "signingGroupId": "12",
            "signingGroupName": "ACME Purchasing",
            "signingGroupUsers": [
                {"userName": "Bea Lang", "email": "bea@acme.example"},
                {"userName": "Bea Lang", "email": "BEA@acme.example"},
                {"userName": "Nobody", "email": ""},
                {"userName": "Cem Aydin", "email": "cem@acme.example"},
            ],
        }
        (signer,) = read_signers({"signers": [group]})
        assert (signer.name, signer.email) == ("ACME Purchasing", None)
        assert signer.members == ("bea@acme.example", "cem@acme.example")

    @pytest.mark.parametrize(
        ("domain", "stage"),
        [("acme.example", "company-signed"), ("kunde.example", "client-signed")],
    )
    def test_the_side_of_a_group_is_its_members(self, domain: str, stage: str) -> None:
        users = [{"email": f"{name}@{domain}"} for name in ("bea", "cem")]
        group = {"recipientId": "3", "email": "", "name": "", "signingGroupUsers": users}
        group |= {"signingGroupName": "Purchasing", "status": "completed"}
        other = {"recipientId": "4", "email": "x@third.example", "status": "created"}
        message = sim("recipient-completed", {"signers": [group, other]}, recipientId="3")
        assert after("docusign", message).stage == stage


class TestPhones:
    @pytest.mark.parametrize(
        ("phone", "text"),
        [
            ({"countryCode": "49", "number": "1525550101"}, "+49 1525550101"),
            ({"countryCode": "+49", "number": "1525550101"}, "+49 1525550101"),
            ({"number": "01525550101"}, "01525550101"),
            ({"countryCode": "49"}, None),
            (None, None),
        ],
    )
    def test_who_is_invited_by_phone_keeps_the_number(self, phone: Any, text: str | None) -> None:
        recipient = {"recipientId": "2", "email": None, "phoneNumber": phone}
        assert [one.phone for one in read_signers({"signers": [recipient]})] == [text]


class TestNobodyGetsLost:
    def test_recipients_without_id_and_address_are_kept(self) -> None:
        recipients = {
            "signers": [
                {"routingOrder": "2", "roleName": "Tenant"},
                {"phoneNumber": {"number": "01525550101"}},
                {},
            ],
            "carbonCopies": [{"email": "archive@acme.example"}],
        }
        assert read_signers(recipients) == (
            Signer(order=2, role="Tenant"),
            Signer(phone="01525550101"),
            Signer(),
            Signer(email="archive@acme.example", action="copy"),
        )

    def test_an_envelope_waits_for_one_who_has_neither_id_nor_address(self) -> None:
        ines = INES | {"status": "completed", "signedDateTime": "2026-05-04T07:00:00Z"}
        client = {"routingOrder": "2", "phoneNumber": {"countryCode": "49", "number": "152555"}}
        recipients = {"signers": [ines, client | {"status": "created"}]}
        # Even where the message has no word for how far the envelope is.
        message = sim("recipient-completed", recipients, recipientId="1", summary={"status": None})
        document = after("docusign", message)
        assert (document.status, document.stage) == ("sent", "company-signed")
        assert [one.phone for one in document.signers if not one.has_signed] == ["+49 152555"]

    @pytest.mark.parametrize(
        ("recipients", "whole"),
        [
            ({"signers": [INES], "agents": []}, True),
            ({"signers": None, "inPersonSigners": []}, False),
            ({"signers": "none", "carbonCopies": []}, False),
            ({"signers": [INES, "Paul"]}, False),
            ({"signers": [INES] * 501}, False),
            (None, False),
        ],
    )
    def test_a_list_that_may_lack_somebody_does_not_count_as_whole(
        self, recipients: Any, whole: bool
    ) -> None:
        (event,) = read(sim("envelope-sent", recipients))
        assert event.state is not None
        assert event.state.all_signers is whole

    def test_a_status_nobody_knows_does_not_complete_an_envelope(self) -> None:
        ines = INES | {"status": "completed", "signedDateTime": "2026-05-04T07:00:00Z"}
        message = sim(
            "recipient-completed",
            {"signers": [ines]},
            recipientId="1",
            summary={"status": "awaitingnotary"},
        )
        assert after("docusign", message).status == "sent"

    @given(
        recipients=st.lists(
            st.fixed_dictionaries(
                {},
                optional={
                    "name": st.sampled_from(["Eva", "Ole", "", None]),
                    "email": st.sampled_from(["haus@muster.example", "", None, 17]),
                    "routingOrder": st.sampled_from(["1", "2", "first", None]),
                    "recipientIdGuid": st.sampled_from(["a", "b", None]),
                    "status": st.sampled_from(["sent", "completed", "new", None]),
                },
            ),
            max_size=4,
        )
    )
    def test_as_many_signers_come_out_as_go_in(self, recipients: list[dict[str, Any]]) -> None:
        assert len(read_signers({"signers": recipients})) == len(recipients)


class TestOneAddress:
    """An address is not an identity."""

    def couple(self, *signed: str) -> dict[str, Any]:
        people = [
            {
                "recipientId": number,
                "routingOrder": "1",
                "name": name,
                "email": "familie@lindner.example",
                "status": "completed" if number in signed else "sent",
                "signedDateTime": "2026-05-04T07:30:00Z" if number in signed else None,
            }
            for number, name in (("2", "Mara Lindner"), ("3", "Tim Lindner"))
        ]
        return {"signers": [INES, *people]}

    def test_of_a_couple_only_the_one_who_signed_has_signed(self) -> None:
        message = sim("recipient-completed", self.couple("3"), recipientId="3")
        document = after("docusign", message)
        assert [(one.id, one.has_signed) for one in document.signers] == [
            ("1", False),
            ("2", False),
            ("3", True),
        ]
        assert document.stage == "client-signed"

    def test_two_signatures_of_messages_that_name_nobody_are_two(self) -> None:
        first = sim("recipient-completed", self.couple("2"))
        second = sim("recipient-completed", self.couple("2", "3"), recipientId=None)
        second = second.model_copy(update={"body": second.body.replace(b"08:00:00Z", b"08:01:00Z")})
        document = after("docusign", first, second)
        assert [one.id for one in document.signers if one.has_signed] == ["2", "3"]

    @pytest.mark.parametrize("odd", ["9", "x\ud83d", True, {"id": "3"}])
    def test_a_number_that_the_whole_list_does_not_have_makes_nobody_up(self, odd: Any) -> None:
        sent = sim("envelope-sent", self.couple())
        signed = sim("recipient-completed", self.couple("3"), recipientId=odd)
        document = after("docusign", sent, signed)
        assert [(one.id, one.has_signed) for one in document.signers] == [
            ("1", False),
            ("2", False),
            ("3", True),
        ]

    @pytest.mark.parametrize("new", ["4", None])
    def test_who_handed_on_to_somebody_the_list_lacks_is_kept_or_replaced(
        self, new: str | None
    ) -> None:
        sent = sim("envelope-sent", self.couple())
        moved = {"recipientId": "3", "reassignedRecipientId": new}
        document = after("docusign", sent, sim("recipient-reassign", self.couple(), **moved))
        assert [one.id for one in document.signers] == ["1", "2", new or "3"]

    def test_the_acting_signer_is_named_by_all_that_is_known(self) -> None:
        (event,) = read(sim("recipient-completed", self.couple("3"), recipientId="3"))
        assert event.signer == SignerRef(
            id="3", email="familie@lindner.example", name="Tim Lindner", order=1
        )


class TestWhatIsOddIsLeftOut:
    def test_a_byte_order_mark_and_half_a_letter_cost_nothing(self) -> None:
        text = json.dumps(
            {
                "event": "envelope-sent",
                "data": {"envelopeId": ID, "envelopeSummary": {"emailSubject": "Miete \ud83c"}},
            }
        )
        (event,) = read(_request(b"\xef\xbb\xbf" + text.encode()))
        assert (event.kind, event.state and event.state.title) == ("document.sent", "Miete \ufffd")

    @pytest.mark.parametrize("deadline", ["2026-06-01", "soon", 0, "2026-06-01T00:00:00"])
    def test_a_deadline_that_cannot_be_read_costs_no_signature(self, deadline: object) -> None:
        recipients = {"signers": [INES | {"status": "completed"}]}
        summary = {"expireDateTime": deadline}
        (event,) = read(sim("recipient-completed", recipients, recipientId="1", summary=summary))
        assert event.kind == "signer.signed"
        assert event.state is not None
        assert event.state.expires_at is None
        assert "expireDateTime of the message was not read" in event.warnings[0]

    def test_an_expired_envelope_is_known_by_its_reason_where_its_status_is_missing(self) -> None:
        summary = {"status": None, "voidedReason": "Envelope  has expired."}
        (event,) = read(sim("envelope-voided", {}, summary=summary))
        assert event.kind == "document.expired"

    @pytest.mark.parametrize(
        "body",
        [
            xml("").body.replace(b"2026-05-04T08:00:00", b"this morning"),
            xml("").body.replace(b"<TimeGenerated>2026-05-04T08:00:00</TimeGenerated>", b""),
            xml("", more="<TimeZoneOffset>Berlin</TimeZoneOffset>").body,
            xml("", more="<TimeZone>Mitteleurop\u00e4isch</TimeZone>")
            .body.decode()
            .encode("latin-1"),
            xml("", more="<Note>a\x00b\x1f</Note>").body,
            b"\xef\xbb\xbf" + xml("").body,
            xml("").body.decode().encode("utf-16"),
        ],
        ids=["time", "no time", "zone", "letters", "control", "mark", "UTF-16"],
    )
    def test_an_odd_part_of_the_xml_costs_no_event(self, body: bytes) -> None:
        (event,) = read(_request(body, "text/xml"))
        assert (event.kind, event.envelope) == ("document.sent", ID)

    @pytest.mark.parametrize(
        "odd", ["", "odd", "9" * 5_000, "<x>1</x>", "<x><x/></x><x/>", "\u0000"]
    )
    def test_an_odd_element_of_the_xml_costs_no_event(self, odd: str) -> None:
        recipient = (
            "<RecipientStatus><Type>Signer</Type><Email>ines.roth@acme.example</Email>"
            "<UserName>Ines Roth</UserName><RoutingOrder>1</RoutingOrder><Status>Completed</Status>"
            "<Sent>2026-05-04T07:00:00</Sent><Delivered>2026-05-04T07:10:00</Delivered>"
            "<Signed>2026-05-04T07:20:00</Signed><RecipientId>g-1</RecipientId></RecipientStatus>"
            "<RecipientStatus><Type>Signer</Type><Status>Sent</Status></RecipientStatus>"
        )
        more = "<TimeZone>Pacific</TimeZone><TimeZoneOffset>-7</TimeZoneOffset>"
        body = xml(recipient, more=more).body.decode()
        elements = re.findall(r"<(\w+)>[^<]*</\1>", body)
        for name in set(elements) - {"EnvelopeID"}:
            odd_body = re.sub(f"<{name}>[^<]*</{name}>", f"<{name}>{odd}</{name}>", body)
            events = read(_request(odd_body.encode(), "text/xml"))
            kinds = [event.kind for event in events]
            assert kinds == ["signer.signed"] or name in ("Signed", "Status"), (name, kinds)
            assert [event.envelope for event in events] == [ID]

    def test_an_odd_time_of_a_signature_in_xml_costs_no_signature(self) -> None:
        recipient = (
            "<RecipientStatus><Type>Signer</Type><Email>ines.roth@acme.example</Email>"
            "<Status>Completed</Status><Sent>2026-05-04T07:00:00</Sent><Signed>now</Signed>"
            "</RecipientStatus>"
        )
        document = after("docusign", xml(recipient))
        assert signers(document) == [(None, "ines.roth@acme.example", "company", True)]
