"""Where a provider's JSON holds what we need, as the options of its connection say.

An option is a path: names and list indexes joined by dots; several, joined by ``|``, are tried in
turn. ``kinds`` is a table, ``contract.signed=signer.signed, contract.reopened=document.modified:
revived``: their type, our kind and, after a colon, what changed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

from pydantic import field_validator

from countersign.model.signing_event import Envelope, EventKind, Signer, SignerRef
from countersign.providers._toolkit.json_access import custom_fields
from countersign.providers._toolkit.payload import (
    MaybeEmail,
    MaybeId,
    MaybeIsoTime,
    MaybeOrder,
    MaybeText,
    MaybeUnixTime,
    Payload,
    ProviderId,
)
from countersign.providers._toolkit.reading import read_payload
from countersign.providers.base import MalformedError

DEFAULTS: dict[str, str] = {
    "type": "type",
    "envelope": "data.envelope_id|data.envelope.id|data.document_id|data.document.id|data.id",
    "title": "data.title|data.envelope.title|data.document.title",
    "signer_id": "data.signer_id|data.signer.id",
    "signer_email": "data.signer_email|data.signer.email",
    "signer_name": "data.signer_name|data.signer.name",
    "signer_role": "data.signer_role|data.signer.role",
    "signer_order": "data.signer_order|data.signer.order",
    "time": "timestamp|data.timestamp",
    "reason": "data.reason",
    "fields": "data.metadata|data.custom_fields",
    "kinds": "",
}
OPTIONS: dict[str, str] = {
    name: f"Where the message has it; default: {default}." for name, default in DEFAULTS.items()
} | {"kinds": "Which of its types are which of our events, as theirs=ours,theirs=ours."}
KINDS: tuple[EventKind, ...] = get_args(EventKind)
NAME = re.compile(r"[^.|\s][^.|]*")

Path = tuple[str, ...]


class MessageValues(Payload):
    """What was found, before it is put into our words."""

    type: ProviderId
    envelope: MaybeId = None
    title: MaybeText = None
    signer_id: MaybeId = None
    signer_email: MaybeEmail = None
    signer_name: MaybeText = None
    signer_role: MaybeText = None
    signer_order: MaybeOrder = None
    time: datetime | None = None
    reason: MaybeText = None
    fields: dict[str, str] = {}

    @field_validator("time", mode="before")
    @classmethod
    def _any_time(cls, value: Any) -> datetime | None:
        return moment(value)

    @field_validator("fields", mode="before")
    @classmethod
    def _plain_fields(cls, value: Any) -> dict[str, str]:
        return custom_fields(value)

    @property
    def signer(self) -> SignerRef | None:
        """The recipient that the message names."""
        if not (self.signer_id or self.signer_email or self.signer_name):
            return None
        return SignerRef(
            id=self.signer_id,
            email=self.signer_email,
            name=self.signer_name,
            role=self.signer_role,
            order=self.signer_order,
        )

    def state(self, envelope: str) -> Envelope | None:
        """What the message tells of the envelope besides what happened; None for nothing."""
        signers: tuple[Signer, ...] = ()
        if self.signer is not None:
            signer = Signer(
                id=self.signer_id or "",
                name=self.signer_name,
                email=self.signer_email,
                role=self.signer_role,
                order=self.signer_order,
            )
            signers = (signer,)
        if not (self.title or signers or self.fields):
            return None
        return Envelope(
            id=envelope,
            title=self.title,
            signers=signers,
            all_signers=False,
            custom_fields=self.fields,
        )


class _IsoTime(Payload):
    time: MaybeIsoTime = None


class _UnixTime(Payload):
    time: MaybeUnixTime = None


def moment(value: Any) -> datetime | None:
    """ISO 8601 with a zone, or seconds or milliseconds since 1970, as a number or as text.

    Anything else is None, and the message is read without it.
    """
    if isinstance(value, int | str) and not isinstance(value, bool):
        if re.fullmatch(r"[0-9]{12,14}", str(value)):
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(value))
        if re.fullmatch(r"[0-9]{1,11}", str(value)):
            return read_payload(_UnixTime, {"time": value}).time
    return read_payload(_IsoTime, {"time": value}).time


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageMapping:
    """The options, read once for a message."""

    paths: Mapping[str, tuple[Path, ...]]
    kinds: Mapping[str, tuple[EventKind, str | None]]

    def values_of(self, message: Any) -> MessageValues:
        """What the message holds at the paths; ``MalformedError`` names the option at fault."""
        values = {name: _first(message, paths) for name, paths in self.paths.items()}
        if values["type"] is None:
            there = "|".join(".".join(path) for path in self.paths["type"])
            raise MalformedError(f'nothing at {there}, where the option "type" has the type')
        return read_payload(
            MessageValues, {key: value for key, value in values.items() if value is not None}
        )

    def kind(self, name: str) -> tuple[EventKind, str | None]:
        """Our kind for their type: by the table, else a type of our own words, else ``other``."""
        if name in self.kinds:
            return self.kinds[name]
        other: EventKind = "other"
        return next((kind for kind in KINDS if kind == name), other), None

    @property
    def envelope_place(self) -> str:
        """Where the envelope's id is looked for, for the reader of an error."""
        return "|".join(".".join(path) for path in self.paths["envelope"])


def problems(options: Mapping[str, str]) -> tuple[str, ...]:
    """What is wrong with the options, each as a sentence."""
    errors = []
    for name, value in options.items():
        if name not in DEFAULTS:
            continue  # a connection's option outside of the mapping, as max_age_hours
        try:
            _table(value) if name == "kinds" else _paths(name, value)
        except ValueError as error:
            errors.append(str(error))
    return tuple(errors)


def read_options(options: Mapping[str, str]) -> MessageMapping:
    """The connection's options over the defaults; ``MalformedError`` says what is wrong."""
    wrong = problems(options)
    if wrong:
        raise MalformedError("; ".join(wrong))
    merged = {name: options.get(name, default) for name, default in DEFAULTS.items()}
    kinds = _table(merged.pop("kinds"))
    return MessageMapping(
        paths={name: _paths(name, value) for name, value in merged.items()}, kinds=kinds
    )


def _paths(option: str, value: str) -> tuple[Path, ...]:
    paths = tuple(tuple(path.strip().split(".")) for path in value.split("|"))
    for path in paths:
        for name in path:
            if not NAME.fullmatch(name):
                msg = (
                    f'option "{option}": "{value}" is not a valid path; expected one '
                    "like data.envelope.id"
                )
                raise ValueError(msg)
    return paths


def _table(value: str) -> dict[str, tuple[EventKind, str | None]]:
    kinds: dict[str, tuple[EventKind, str | None]] = {}
    for line in re.split(r"[,\n]", value):
        if not line.strip():
            continue
        theirs, equals, ours = (part.strip() for part in line.partition("="))
        name, _, change = (part.strip() for part in ours.partition(":"))
        kind = next((kind for kind in KINDS if kind == name), None)
        if not (theirs and equals and kind):
            msg = (
                f'option "kinds": "{line.strip()}"; expected <their type>=<our kind>, '
                f"with one of {', '.join(KINDS)}"
            )
            raise ValueError(msg)
        kinds[theirs] = kind, change or None
    return kinds


def _first(message: Any, paths: tuple[Path, ...]) -> Any:
    """What stands at the first path that leads to something other than null and blank."""
    for path in paths:
        value = _at(message, path)
        if value is not None and value != "":
            return value
    return None


def _at(value: Any, path: Path) -> Any:
    for name in path:
        if isinstance(value, Mapping):
            value = value.get(name)
        elif isinstance(value, list) and re.fullmatch(r"[0-9]{1,4}", name):
            index = int(name)
            value = value[index] if index < len(value) else None
        else:
            return None
    return value
