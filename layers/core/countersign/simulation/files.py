"""Files of a simulation: made-up bytes of the type that a name says; links that lead nowhere."""

from __future__ import annotations

from countersign.adapters.memory.services.file_store import MemoryFileLinks
from countersign.model.document import Document
from countersign.model.file_transfer import FileLink
from countersign.model.provider_api import ProviderFile
from countersign.model.signing_event import Signer
from countersign.model.stored_file import beginning_of
from countersign.use_cases.effects.provider_api import Accounts, check_can_sign, check_progress

LINK_TO_SIGN = "[link to sign]"
LINK_TO_FILE = "[link to the file]"


def made_up(name: str, size: int) -> bytes:
    """So many bytes that begin as files of this name do, and no fewer than that takes."""
    return (beginning_of(name) + f" simulated {name} ".encode()).ljust(size)[
        : max(size, len(beginning_of(name)))
    ]


class PlaceholderFileLinks(MemoryFileLinks):
    """Links to files as they are shown: they lead nowhere, and do not look as if they did."""

    def make(self, link: FileLink) -> str:
        super().make(link)
        return LINK_TO_FILE


class SimulatedAccounts(Accounts):
    """Providers' accounts of a simulation: they are asked as they would be, and what they answer
    is made up."""

    def file(self, document: Document, wanted: ProviderFile) -> bytes:
        """A made-up PDF, where the provider has such a file now."""
        check_progress(document, wanted)
        account = self.of(document, wanted)
        self.call(account.file_request(wanted))
        return f"%PDF-1.7 simulated: {wanted} of {account.envelope}".encode()

    def signing_link(self, document: Document, signer: Signer) -> str:
        """A placeholder, where the provider has links to sign and the signer has to sign."""
        check_can_sign(document, signer)
        account = self.of(document, "the link to sign")
        self.call(account.provider.signing_link(account.envelope, signer, account.access))
        return LINK_TO_SIGN
