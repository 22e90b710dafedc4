"""Who a recipient is, of the parts in which messages say it: names, numbers, hosts."""

from __future__ import annotations

from countersign.providers._toolkit.payload import CamelPayload, MaybeText
from countersign.text.folding import same, same_address


class Phone(CamelPayload):
    """A number for SMS or WhatsApp."""

    country_code: MaybeText = None
    number: MaybeText = None

    @property
    def text(self) -> str | None:
        """The whole number, with the country's code where there is one."""
        return full_number(self.country_code, self.number)


def full_number(country_code: str | None, number: str | None) -> str | None:
    """A telephone number with its country's code, where there is one; None without a number."""
    code = (country_code or "").lstrip("+")
    return f"+{code} {number}" if code and number else number


def full_name(first: str | None, last: str | None) -> str | None:
    """Both names, or the one there is, or None."""
    return " ".join(filter(None, (first, last))) or None


def address_unless_hosts(
    email: str | None, name: str | None, *, host_email: str | None, host_name: str | None
) -> str | None:
    """The address of one who signs in person; None where it is that of the host of the session.

    A host who signs too, which the name shows, keeps it.
    """
    is_hosts = same_address(email, host_email) and not same(name, host_name)
    return None if is_hosts else email
