"""What every signing provider's file answers: is it genuine, what happened, what to reply."""

from __future__ import annotations

import hashlib
import hmac
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)
from pydantic_core import to_json

from countersign.errors import PermanentError
from countersign.model.base import Instant, Model
from countersign.model.connection import ConnectionCredentials
from countersign.model.signing_event import Authenticity, Signer, SignerRef, SigningEvent
from countersign.providers._toolkit.api import Asked
from countersign.providers._toolkit.reading import (
    MalformedError,
    collecting,
    read_json,
    read_payload,
    with_warnings,
)

__all__ = ["MalformedError", "read_json", "read_payload"]


class UnauthorizedError(PermanentError):
    """The message does not prove that it comes from the provider. The text goes to the log only."""


class Request(Model):
    """One webhook call, as the gateway received it, its body as raw bytes."""

    method: str = "POST"
    headers: dict[str, str] = {}
    """Names in lower case; a header sent twice is joined with commas, as the gateway does."""
    query: dict[str, str] = {}
    body: bytes = b""
    slot: str | None = None
    """Last part of the address, for providers that call one address for each sort of news."""
    received_at: Instant

    @property
    def content_type(self) -> str:
        """The media type in lower case, without parameters; empty where none was sent."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def header(self, name: str) -> str | None:
        """A header's value, or None."""
        return self.headers.get(name.lower())


class Answer(Model):
    """What the provider is told."""

    status: int = 200
    body: str = ""
    headers: dict[str, str] = {"content-type": "text/plain"}


class Payload(BaseModel):
    """An edge model of a provider's message: what we don't know is ignored."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", defer_build=True, coerce_numbers_to_str=True
    )


def _blank_to_none(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


def _plain(text: str) -> str:
    return _CONTROL.sub("", text)[:TEXT_LENGTH]


def _iso_time(value: Any) -> datetime | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise ValueError(f"expected a time in ISO 8601, found {type(value).__name__}")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        # Its own text quotes the value, and ours goes to the log.
        raise ValueError("expected a time in ISO 8601") from None
    if moment.tzinfo is None:
        raise ValueError("expected a time with its zone")
    return _in_utc(moment)


def _unix_time(value: Any) -> datetime | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,11}", str(value)):
        raise ValueError("expected seconds since 1970")
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(value))


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("the time is out of range") from error


TEXT_LENGTH = 2_000
"""Characters that are kept of a text from outside: enough for any reason, and it bounds an item."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

ProviderId = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,200}$")]
"""An id or an event's name. It becomes part of a key: what doesn't fit is refused, not cut."""
MaybeId = Annotated[ProviderId | None, BeforeValidator(_blank_to_none)]
MaybeEmail = Annotated[
    Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]{1,320}$")]
    | None,
    BeforeValidator(_blank_to_none),
]
MaybeText = Annotated[
    Annotated[str, AfterValidator(_plain)] | None, BeforeValidator(_blank_to_none)
]
"""Text from outside, without control characters, cut at ``TEXT_LENGTH``; blank counts as absent."""
MaybeOrder = Annotated[
    Annotated[int, Field(ge=0, le=100_000)] | None, BeforeValidator(_blank_to_none)
]
MaybeIsoTime = Annotated[datetime | None, BeforeValidator(_iso_time)]
"""ISO 8601 with a zone, to UTC; more than six digits of a second are cut. Blank is None."""
MaybeUnixTime = Annotated[datetime | None, BeforeValidator(_unix_time)]
"""Whole seconds since 1970, as a number or as text. Blank is None."""


NO_OPTIONS: Mapping[str, str] = MappingProxyType({})


class Provider(Asked, ABC):
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

        ``options`` are the connection's, for senders whose messages need a mapping.
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
        """What it is told where its message names a document that does not exist."""
        return self.answer(request, secrets)

    def problems(self, secrets: ConnectionCredentials) -> tuple[str, ...]:
        """What is wrong with a connection's options and secrets, each as a sentence.

        Asked when a connection is made, so that its messages are not refused for it later.
        """
        return ()

    def redact(self, request: Request) -> str:
        """The message's text for keeping, without secrets, signing links and embedded files."""
        return redacted_json(request.body, self.secret_names)


REDACTED = "[redacted]"
P = TypeVar("P", bound=BaseModel)
T = TypeVar("T")


def redacted_json(body: bytes, names: Iterable[str]) -> str:
    """The JSON text, each member of these names (in lower case) replaced by ``[redacted]``."""
    secret = frozenset(names)

    def clean(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {
                name: REDACTED if name.lower() in secret and inner else clean(inner)
                for name, inner in value.items()
            }
        if isinstance(value, list):
            return [clean(one) for one in value]
        return value

    value = read_json(body)
    # Most messages hold none of the names, and walking through one costs as much as reading it
    # thrice. A name that is written with escapes is found by the walk alone.
    text = _lower_text(body)
    if text is None or "\\u" in text or any(name in text for name in secret):
        value = clean(value)
    return to_json(value, inf_nan_mode="null").decode()


def _lower_text(body: bytes) -> str | None:
    try:
        return body.decode().lower()
    except UnicodeDecodeError:
        return None


def hmac_sha256(secret: str, message: bytes) -> bytes:
    """HMAC-SHA256 with the secret as UTF-8 text."""
    return hmac.new(secret.encode(), message, hashlib.sha256).digest()


def usable(secrets: ConnectionCredentials) -> tuple[str, ...]:
    """The secrets that are not blank; ``UnauthorizedError`` where there is none: fail closed."""
    found = tuple(secret for secret in secrets.secrets if secret.strip())
    if not found:
        raise UnauthorizedError(f"connection {secrets.connection} holds no secret")
    return found


def any_equal(given: Iterable[bytes], expected: Iterable[bytes]) -> bool:
    """Whether any given value equals any expected one; looks at every pair, in constant time."""
    expected = tuple(expected)
    match = False
    for one in given:
        for other in expected:
            match |= hmac.compare_digest(one, other)
    return match


def header_bytes(text: str) -> bytes:
    """A header's value for comparing: never fails, whatever the text holds."""
    return text.strip().encode("utf-8", "replace")


def meaning(*parts: object) -> str:
    """An idempotency key made of an event's meaning; None parts are written as ``-``.

    At most 465 bytes of UTF-8: a sort key of DynamoDB holds 1,024.
    """
    text = ":".join("-" if part is None or part == "" else str(part) for part in parts)
    if len(text.encode()) <= 400:
        return text
    return f"{text[:100]}:{hashlib.sha256(text.encode()).hexdigest()}"


def reference(signer: Signer | None, signer_id: str | None = None) -> SignerRef | None:
    """How an event names its signer: from the envelope's list, or by the bare id."""
    if signer is not None:
        return SignerRef(
            id=signer.id or None,
            email=signer.email,
            name=signer.name,
            role=signer.role,
            order=signer.order,
            phone=signer.phone,
        )
    return SignerRef(id=signer_id) if signer_id else None


def only(found: Iterable[T]) -> T | None:
    """The one there is; None where there are none or several, so that nobody is guessed."""
    several = tuple(found)
    return several[0] if len(several) == 1 else None
