"""Reads a DocuSign envelope's recipients into our words: who they are and what they have to do.

Shapes: docusign/OpenAPI-Specifications, the recipients of esignature.rest.swagger-v2.1.json.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from countersign.model.signing_event import Signer, SignerAction, SignerStatus
from countersign.providers._toolkit.payload import (
    CamelPayload,
    MaybeEmail,
    MaybeId,
    MaybeIsoTime,
    MaybeOrder,
    MaybeText,
)
from countersign.providers._toolkit.people import Phone, address_unless_hosts
from countersign.text.folding import fold, same, unique


class GroupUser(CamelPayload):
    """One person of a signing group, or the notary who hosts."""

    email: MaybeEmail = None
    name: MaybeText = None


class Recipient(CamelPayload):
    """One recipient; the list it stands in tells what it has to do."""

    recipient_id: MaybeId = None
    recipient_id_guid: MaybeId = None
    name: MaybeText = None
    email: MaybeEmail = None
    role_name: MaybeText = None
    routing_order: MaybeOrder = None
    status: MaybeText = None
    sent_date_time: MaybeIsoTime = None
    delivered_date_time: MaybeIsoTime = None
    signed_date_time: MaybeIsoTime = None
    declined_date_time: MaybeIsoTime = None
    declined_reason: MaybeText = None
    phone_number: Phone | None = None
    signing_group_id: MaybeText = None
    signing_group_name: MaybeText = None
    signing_group_users: Annotated[tuple[GroupUser, ...], Field(max_length=500)] | None = None
    host_name: MaybeText = None
    host_email: MaybeEmail = None
    signer_name: MaybeText = None
    signer_email: MaybeEmail = None
    in_person_signing_type: MaybeText = None
    notary_host: GroupUser | None = None

    @property
    def id(self) -> str:
        """The sender's number of the recipient, which the events name; empty where it is left out.

        An envelope's messages of the older forms have nothing but the GUID.
        """
        return self.recipient_id or self.recipient_id_guid or ""

    @property
    def members(self) -> tuple[str, ...]:
        """The addresses of the signing group."""
        return unique(user.email for user in self.signing_group_users or () if user.email)


Group = Annotated[tuple[Recipient, ...], Field(max_length=500)] | None


class Recipients(CamelPayload):
    """The recipients, by what they have to do."""

    signers: Group = None
    in_person_signers: Group = None
    notaries: Group = None
    notary_signers: Group = None
    witnesses: Group = None
    seals: Group = None
    agents: Group = None
    editors: Group = None
    intermediaries: Group = None
    certified_deliveries: Group = None
    carbon_copies: Group = None

    def each(self) -> Iterator[tuple[Recipient, Signer]]:
        """Every recipient as it stands in the message and in our words."""
        for group in type(self).model_fields:
            for recipient in getattr(self, group) or ():
                yield recipient, read_recipient(recipient, group)

    @property
    def whole(self) -> bool:
        """Whether these are all recipients: a list that is null may have been left out."""
        return all(getattr(self, group) is not None for group in self.model_fields_set)


ACTIONS: dict[str, SignerAction] = {
    # The envelope waits until these have named or edited the recipients after them.
    "agents": "fill",
    "editors": "fill",
    "intermediaries": "fill",
    # "Needs to view": the envelope waits until they have opened it.
    "certified_deliveries": "acknowledge",
    "carbon_copies": "copy",
}


SIGNER_STATUSES: dict[str, SignerStatus] = {
    "created": "waiting",
    "sent": "notified",
    "autoresponded": "notified",
    "delivered": "viewed",
    "authenticationfailed": "viewed",
    # Finished online, the papers are awaited by fax.
    "faxpending": "started",
    "signed": "signed",
    "completed": "signed",
    "declined": "declined",
}


def read_recipient(recipient: Recipient, group: str) -> Signer:
    action = ACTIONS.get(group, "sign")
    status = SIGNER_STATUSES.get(fold(recipient.status or ""), "waiting")
    if action == "copy" and status == "signed":
        status = "notified"
    # While authentication fails, or mails bounce, the status falls back to an earlier word.
    if status in ("waiting", "notified") and recipient.delivered_date_time:
        status = "viewed"
    in_person = group == "in_person_signers"
    name, email = _in_person(recipient) if in_person else (recipient.name, recipient.email)
    return Signer(
        id=recipient.id,
        name=recipient.signing_group_name or name,
        email=email,
        phone=recipient.phone_number.text if recipient.phone_number else None,
        members=recipient.members,
        role=recipient.role_name,
        order=recipient.routing_order,
        action=action,
        status=status,
        notified_at=recipient.sent_date_time,
        viewed_at=recipient.delivered_date_time,
        signed_at=recipient.signed_date_time,
        declined_at=recipient.declined_date_time,
        reason=recipient.declined_reason,
    )


def _in_person(recipient: Recipient) -> tuple[str | None, str | None]:
    """Name and address of the one who signs in person, never those of the host.

    ``signerName`` and ``signerEmail`` say it; before a notary ``name`` and ``email`` do, which in
    other sessions, and in the older forms of messages, are the host's.
    """
    host_name, host_email = recipient.host_name, recipient.host_email
    notary = recipient.notary_host
    if notary is not None:
        host_name, host_email = notary.name, notary.email
    before_a_notary = notary is not None or same(recipient.in_person_signing_type, "notary")
    name = recipient.signer_name or (recipient.name if before_a_notary or host_name else None)
    email = recipient.signer_email or (recipient.email if before_a_notary or host_email else None)
    if recipient.signer_name is None and same(name, host_name):
        name = None
    email = address_unless_hosts(email, name, host_email=host_email, host_name=host_name)
    return name, email
