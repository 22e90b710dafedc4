"""A document's fields: which there are, of what type, and what they hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import get_args

from countersign.errors import PermanentError
from countersign.model.base import Place
from countersign.model.document import Document, FieldValue
from countersign.model.document_event import DocumentEvent, HappeningKind
from countersign.model.pipeline import FieldSpec, FieldType, Pipeline
from countersign.model.signing_event import Authenticity, EnvelopeStatus, EventKind, Party, Signer
from countersign.model.users import user_of
from countersign.model.values import InvalidValueError, Value, fit, option_of, plain

__all__ = [
    "BUILT_IN",
    "DOCUMENT",
    "EVENT",
    "WRITABLE",
    "fit",
    "fit_value",
    "misfit",
    "misfit_of",
    "problems",
    "read",
    "specs",
    "types",
    "writable",
]


def _mails(wanted: Callable[[Signer], bool]) -> Callable[[Document], tuple[str, ...]]:
    """Those who must act and are wanted, each by e-mail address, by id where there is none."""

    def read(document: Document) -> tuple[str, ...]:
        acting = (signer for signer in document.signers if signer.must_act)
        return tuple(signer.email or signer.id for signer in acting if wanted(signer))

    return read


def _count(number: int | None) -> Decimal | None:
    return None if number is None else Decimal(number)


def _with_status(*statuses: str) -> Callable[[Document], tuple[str, ...]]:
    return _mails(lambda signer: signer.status in statuses)


_signers = _mails(lambda signer: True)
_signed = _mails(lambda signer: signer.has_signed)

DOCUMENT: Mapping[str, tuple[FieldType, Callable[[Document], Value]]] = {
    "title": ("text", lambda d: d.title),
    "number": ("text", lambda d: d.number),
    "responsible": ("user", lambda d: d.responsible),
    "observers": ("list", lambda d: d.observers),
    "amount": ("money", lambda d: d.amount),
    "currency": ("text", lambda d: d.currency),
    "stage": ("choice", lambda d: d.stage),
    "previous_stage": ("choice", lambda d: d.previous_stage),
    "moved_by": ("user", lambda d: d.moved_by),
    "entry": ("number", lambda d: Decimal(d.entry)),
    "since": ("datetime", lambda d: d.since),
    "created": ("datetime", lambda d: d.created_at),
    "provider": ("text", lambda d: d.provider),
    "connection": ("text", lambda d: d.connection),
    "envelope": ("text", lambda d: d.envelope),
    "status": ("choice", lambda d: d.status),
    "reason": ("text", lambda d: d.reason),
    # Text, not user: the sender is known to the provider, and its domain is what one asks for.
    "sender": ("text", lambda d: d.sender.email if d.sender else None),
    "sent": ("datetime", lambda d: d.sent_at),
    "completed": ("datetime", lambda d: d.completed_at),
    "expires": ("datetime", lambda d: d.expires_at),
    "files": ("list", lambda d: d.file_kinds),
    "signers": ("list", _signers),
    "signers_open": ("list", _with_status("waiting", "notified", "viewed", "started")),
    "signers_signed": ("list", _signed),
    "signers_declined": ("list", _with_status("declined")),
    "signer_count": ("number", lambda d: Decimal(len(_signers(d)))),
    "signed_count": ("number", lambda d: Decimal(len(_signed(d)))),
}
"""Each built-in field's type, and how it is read off a document."""
_EVENT: dict[str, tuple[FieldType, Callable[[DocumentEvent], Value]]] = {
    "event.kind": ("choice", lambda h: h.kind),
    "event.at": ("datetime", lambda h: h.at),
    "event.authenticity": ("choice", lambda h: h.authenticity),
    "event.signer": ("text", lambda h: (h.signer.email or h.signer.id) if h.signer else None),
    "event.signer_name": ("text", lambda h: h.signer.name if h.signer else None),
    "event.role": ("text", lambda h: h.signer.role if h.signer else None),
    "event.order": ("number", lambda h: _count(h.signer.order) if h.signer else None),
    "event.party": ("choice", lambda h: h.signer.party if h.signer else None),
    "event.reason": ("text", lambda h: h.reason),
    "event.field": ("text", lambda h: h.field),
    "event.old": ("text", lambda h: plain(h.old)),
    "event.new": ("text", lambda h: plain(h.new)),
}

BUILT_IN: Mapping[str, FieldType] = {name: kind for name, (kind, _) in DOCUMENT.items()}
"""The fields every document has. ``signers…`` are lists of the e-mail addresses (the signer's id
where there is none) of those who must act: viewers and copies are not among them. An approver's
approval is not a signature: ``signers_signed`` and ``signed_count`` leave it out."""
EVENT: Mapping[str, FieldType] = {name: kind for name, (kind, _) in _EVENT.items()}
"""What only triggers know: the happening. ``event.old`` and ``event.new`` are the changed field's
values as plain text (``5000.5``, ``true``, ``a, b``), whatever its type."""

WRITABLE: tuple[str, ...] = (
    "title",
    "number",
    "responsible",
    "observers",
    "amount",
    "currency",
)
"""The built-in fields that may be edited; all others tell of what happened."""


def types(pipeline: Pipeline) -> Mapping[str, FieldType]:
    """The document's fields by name: built-in and the pipeline's own, without the event's."""
    own = {name: spec.type for name, spec in pipeline.fields.items()}
    return {**own, **BUILT_IN}


def specs(pipeline: Pipeline) -> Mapping[str, FieldSpec]:
    """Every field by name, the event's too, each choice with its options."""
    stages = tuple(stage.id for stage in pipeline.stages)
    options: dict[str, tuple[str, ...]] = {
        "stage": stages,
        "previous_stage": stages,
        "status": get_args(EnvelopeStatus),
        "event.kind": (*get_args(EventKind), *get_args(get_args(HappeningKind)[1])),
        "event.authenticity": get_args(Authenticity),
        "event.party": get_args(Party),
    }
    given = {
        name: FieldSpec(type=kind, options=options.get(name, ()))
        for name, kind in {**BUILT_IN, **EVENT}.items()
    }
    return {**pipeline.fields, **given}


def problems(pipeline: Pipeline) -> list[tuple[Place, str]]:
    """What publishing must refuse about the pipeline's own fields, each with its place."""
    return [
        (("fields", name, *place), text)
        for name, spec in pipeline.fields.items()
        for place, text in _field_problems(name, spec)
    ]


def _field_problems(name: str, spec: FieldSpec) -> Iterator[tuple[Place, str]]:
    if name in BUILT_IN:
        yield (), f'every document has a field "{name}" already; give yours another name'
    if spec.type == "choice" and not spec.options:
        yield ("options",), f'the choice "{name}" has no options; list what it may be'
    if spec.type != "choice" and spec.options:
        yield ("options",), f'"{name}" is of type {spec.type}; only a choice has options'
    for n, option in enumerate(spec.options):
        if not option or option != option.strip():
            yield ("options", n), f'the option "{option}" is or has a blank at its end; remove it'
        elif option in spec.options[:n]:
            yield ("options", n), f'the option "{option}" stands twice; remove one'
        elif (other := option_of(option, spec.options[:n])) is not None:
            text = f'the option "{option}" reads like "{other}"; remove one of them'
            yield ("options", n), text


def read(document: Document, name: str, happening: DocumentEvent | None = None) -> Value:
    """A field's value; None where it is empty, built-in times as aware datetimes in UTC.

    One of the pipeline's own fields that was never filled is None: which of those there are is
    known to ``types``, not to the document. KeyError for a name that no own field can have.
    """
    if name in DOCUMENT:
        return DOCUMENT[name][1](document)
    if "." in name:
        of = _EVENT[name][1]
        return None if happening is None else of(happening)
    return document.fields.get(name)


def fit_value(value: object, name: str, pipeline: Pipeline) -> FieldValue:
    """A value from outside as the field of that name keeps it; InvalidValueError as for ``fit``.

    Also for a field that does not exist or that nobody edits.
    """
    spec = writable(name, pipeline)
    if spec.type == "user" and isinstance(value, str) and value.strip():
        return _fit_users((value,), name, pipeline)[0]
    fitted = fit(value, spec, name)
    if name == "observers" and isinstance(fitted, tuple):
        return _fit_users(fitted, name, pipeline)
    return fitted


def misfit(value: object, spec: FieldSpec, name: str) -> str | None:
    """Why a field like that does not take the value, as a sentence; None where it does."""
    try:
        fit(value, spec, name)
    except InvalidValueError as error:
        return str(error)
    return None


def misfit_of(value: object, name: str, pipeline: Pipeline) -> str | None:
    """Why the value cannot be written into the field of that name; None where it can."""
    try:
        fit_value(value, name, pipeline)
    except PermanentError as error:
        return str(error)
    return None


def writable(name: str, pipeline: Pipeline) -> FieldSpec:
    """What the field of that name keeps; InvalidValueError where there is none to be written."""
    spec = pipeline.fields.get(name) if name not in BUILT_IN else None
    if spec is None and name not in WRITABLE:
        there = ", ".join((*WRITABLE, *pipeline.fields))
        msg = f'the field "{name}" does not exist or is not for editing; there are {there}'
        raise InvalidValueError(msg)
    return spec or FieldSpec(type=BUILT_IN[name])


def _fit_users(values: tuple[str, ...], name: str, pipeline: Pipeline) -> tuple[str, ...]:
    try:
        return tuple(user_of(value, pipeline) for value in values)
    except InvalidValueError as error:
        msg = f"{name}: {error}"
        raise InvalidValueError(msg) from None
