"""Who was erased from a document: a pseudonym, and digests by which the person is known again."""

import re

from countersign.model.base import Model

DOMAIN = "erased.invalid"
"""Of pseudonyms' addresses: RFC 2606 has it that no mail can ever reach ``.invalid``."""
_PSEUDONYM = re.compile(rf"erased-[0-9a-f]{{12}}(?:@{re.escape(DOMAIN)})?")


class ErasedPerson(Model):
    """Somebody whose personal data was erased from a document at that person's request.

    Who was erased is not kept. The digests are keyed (HMAC-SHA256), so that texts which name the
    person are recognised and replaced when they come again.
    """

    pseudonym: str
    """Stands where the person's name stood: ``erased-`` and 12 hexadecimal digits."""
    key: str
    """Of the digests, in hexadecimal; made for one request."""
    digests: tuple[str, ...]
    """Of the address, names and phone numbers that the person was known by."""
    words: int = 1
    """How many words the longest of the names has."""
    files: tuple[str, ...] = ()
    """The ids of the files that were removed for it."""

    @property
    def address(self) -> str:
        """Stands where the person's address stood; no mail can reach it."""
        return f"{self.pseudonym}@{DOMAIN}"


def is_pseudonym(text: str | None) -> bool:
    """Whether a name, an address or a phone number is that of somebody who was erased."""
    return text is not None and _PSEUDONYM.fullmatch(text) is not None
