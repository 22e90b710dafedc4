"""How files come in and go out: addresses that are good for a while, and links in mails."""

from countersign.model.base import Instant, Model


class UploadAddress(Model):
    """Where the bytes of one file may be sent to."""

    url: str
    """To be called once with PUT. Whoever has it can send these very bytes, and nothing else."""
    headers: dict[str, str]
    """What the call has to carry besides."""


class UploadedContent(Model):
    """What was sent to such an address."""

    size: int
    """Bytes."""
    sha256: str
    """SHA-256 of the bytes, in hexadecimal."""
    beginning: bytes
    """The first bytes, which show the type."""


class FileLink(Model):
    """A link to a file, for somebody who gets it by mail."""

    document: str
    file: str
    """The file's id: another file of the same name is not meant."""
    expires_at: Instant


class LinkTarget(Model):
    """What a link of a mail leads to."""

    address: str | None
    """Where the file can be had now; None where it cannot."""
    expired: bool = False
