"""What every signing provider's file answers: is it genuine, what happened, what to reply."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import ClassVar, Literal

from countersign.model.connection import ConnectionCredentials
from countersign.model.signing_event import Authenticity, SigningEvent
from countersign.providers._toolkit.ages import MAX_AGE_HOURS, is_hours
from countersign.providers._toolkit.api import ApiSupport
from countersign.providers._toolkit.reading import MalformedError, collecting, with_warnings
from countersign.providers._toolkit.redaction import redacted_json
from countersign.providers._toolkit.request import Answer, Request, UnauthorizedError

__all__ = ["NO_OPTIONS", "Answer", "MalformedError", "Provider", "Request", "UnauthorizedError"]

NO_OPTIONS: Mapping[str, str] = MappingProxyType({})


class Provider(ApiSupport, ABC):
    """One signing provider. No I/O; stateless; ``now`` is an argument."""

    title: ClassVar[str]
    """The provider's name as people write it."""
    authenticity: ClassVar[Authenticity]
    """The strongest proof its messages can give."""
    retries: ClassVar[str]
    """How it retries, in a few words, for the table of providers."""
    setup: ClassVar[tuple[str, str, str]]
    """Three steps on the provider's side, the address before the secret; ``{url}`` and ``{secret}``
    are filled in."""
    methods: ClassVar[frozenset[str]] = frozenset({"POST"})
    """How messages come; a request of another method is a handshake, or nothing."""
    content_types: ClassVar[frozenset[str]] = frozenset({"application/json"})
    """Media types in lower case; none listed means any."""
    secret_required: ClassVar[bool] = True
    secrets_chosen_by: ClassVar[Literal["you", "provider", "either", "nobody"]] = "provider"
    """Who makes the secret its messages are proved with; ``nobody`` where they are not proved."""
    options: ClassVar[Mapping[str, str]] = NO_OPTIONS
    """The options that a connection may have for it, and what each does."""
    own_secrets_option: ClassVar[str | None] = None
    """The option of a connection by which one chooses the secret where otherwise it is made."""
    tells_sender: ClassVar[bool] = True
    """Whether its messages say who sent an envelope, by which our own side is known."""
    tells_signers: ClassVar[bool] = True
    """Whether its messages say who signs."""
    secret_names: ClassVar[frozenset[str]] = frozenset()
    """Members that are cut out, wherever they stand, before a message is kept; in lower case."""

    @abstractmethod
    def verify(
        self, request: Request, secrets: ConnectionCredentials, now: datetime
    ) -> Authenticity:
        """The authenticity, or ``UnauthorizedError``; fails closed; constant-time comparisons."""

    @abstractmethod
    def parse(
        self, request: Request, options: Mapping[str, str] = NO_OPTIONS
    ) -> tuple[SigningEvent, ...]:
        """The signing events the message tells, or ``MalformedError``. Unknown names: ``other``.

        ``options`` are the connection's, for providers whose messages need a mapping.
        """

    def read(
        self, request: Request, options: Mapping[str, str] = NO_OPTIONS
    ) -> tuple[SigningEvent, ...]:
        """``parse``, with what could not be read of the message as warnings of its first event.

        A list of signers from which something was left out does not count as the whole list.
        """
        with collecting() as left_out:
            events = self.parse(request, options)
        return with_warnings(events, left_out)

    @abstractmethod
    def sign(self, request: Request, secret: str, now: datetime) -> Request:
        """The request as the provider would send it with that secret, for examples and trials."""

    def handshake(self, request: Request, secrets: ConnectionCredentials) -> Answer | None:
        """The answer to a handshake (most providers have none), or None for an ordinary message."""
        return None

    def answer(self, request: Request, secrets: ConnectionCredentials) -> Answer:
        """What the provider takes for success."""
        return Answer()

    def answer_unmatched(self, request: Request, secrets: ConnectionCredentials) -> Answer:
        """What it is answered where its message names a document that does not exist."""
        return self.answer(request, secrets)

    def problems(self, secrets: ConnectionCredentials) -> tuple[str, ...]:
        """What is wrong with a connection's options and secrets, each as a sentence.

        Asked when a connection is made, so that its messages are not refused for it later.
        """
        hours = secrets.options.get(MAX_AGE_HOURS)
        if MAX_AGE_HOURS not in self.options or hours is None or is_hours(hours):
            return ()
        return (f'option "{MAX_AGE_HOURS}": "{hours}" is not a valid number of whole hours',)

    def redact(self, request: Request) -> str:
        """The message's text for keeping, without secrets, signing links and embedded files."""
        return redacted_json(request.body, self.secret_names)

    def restored(self, kept: str, received_at: datetime) -> Request:
        """The request that ``redact`` kept, as far as it did, so that ``parse`` reads it again."""
        headers = {"content-type": "application/json"}
        return Request(headers=headers, body=kept.encode(), received_at=received_at)
