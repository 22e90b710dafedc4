"""What the texts of rules may insert: the document, its signers, the pipeline, and the time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from countersign.errors import PermanentError
from countersign.model import fields
from countersign.model.document import Document
from countersign.model.pipeline import FieldType, Pipeline
from countersign.model.signing_event import Party, Sender, Signer
from countersign.model.values import Value
from countersign.rules.base import RuleContext
from countersign.templates.values import (
    Day,
    EmptyRecord,
    Group,
    Items,
    Moment,
    Record,
    Shape,
    SingleValue,
    TemplateValues,
    insertable,
    shape,
)

T = TypeVar("T")

SIGNING_LINK = "signing_link"
"""The name, under ``signer``, of the link at which the signer signs."""

_SIGNER: Mapping[str, tuple[FieldType, Callable[[Signer], Value]]] = {
    "id": ("text", lambda s: s.id),
    "name": ("text", lambda s: s.name),
    "email": ("text", lambda s: s.email),
    "role": ("text", lambda s: s.role),
    "order": ("number", lambda s: None if s.order is None else Decimal(s.order)),
    "party": ("choice", lambda s: s.party),
    "action": ("choice", lambda s: s.action),
    "status": ("choice", lambda s: s.status),
    "reason": ("text", lambda s: s.reason),
    "notified": ("datetime", lambda s: s.notified_at),
    "viewed": ("datetime", lambda s: s.viewed_at),
    "signed": ("datetime", lambda s: s.signed_at),
    "declined": ("datetime", lambda s: s.declined_at),
}
_SENDER: Mapping[str, tuple[FieldType, Callable[[Sender], Value]]] = {
    "name": ("text", lambda s: s.name),
    "email": ("text", lambda s: s.email),
}
# The names are those of conditions; who signs is given by ``signers`` instead.
_DOCUMENT: Mapping[str, tuple[FieldType, Callable[[Document], Value]]] = {
    "id": ("text", lambda d: d.id),
    **{name: field for name, field in fields.DOCUMENT.items() if not name.startswith("sign")},
}
_PERSON = Group({name: shape(kind) for name, (kind, _) in _SIGNER.items()})
_LINKED_PERSON = Group({**_PERSON.names, SIGNING_LINK: SingleValue("text")})
_NAMED = Group({"id": SingleValue("text"), "name": SingleValue("text")})


def known(pipeline: Pipeline, *, signing_link: bool = False) -> Group:
    """Every insert there is in the pipeline's texts; the link to sign only where it may be."""
    own = {name: shape(spec.type) for name, spec in pipeline.fields.items()}
    built_in = {name: shape(kind) for name, (kind, _) in _DOCUMENT.items()}
    names: dict[str, Shape] = {
        "document": Group({**own, **built_in, "fields": Group(own)}),
        "signer": _LINKED_PERSON if signing_link else _PERSON,
        "signers": Items(_PERSON),
        "client": _PERSON,
        "company": _PERSON,
        "responsible": SingleValue("user"),
        "sender": Group({name: shape(kind) for name, (kind, _) in _SENDER.items()}),
        "pipeline": Group({**_NAMED.names, "language": SingleValue("text")}),
        "stage": _NAMED,
        "rule": _NAMED,
        "now": SingleValue("datetime"),
        "today": SingleValue("date"),
    }
    return Group(names)


class _LinkedSigner(Record):
    """A signer with the link to sign, which is asked for when a text inserts it, and once."""

    def __init__(self, record: Record, ask: Callable[[], str]) -> None:
        super().__init__({**record, SIGNING_LINK: None})
        self._ask = ask

    def __getitem__(self, name: str) -> object:
        if name == SIGNING_LINK and super().__getitem__(name) is None:
            self[name] = self._ask()
        return super().__getitem__(name)


def values(
    context: RuleContext,
    signer: Signer | None,
    title: str,
    link: Callable[[], str] | None = None,
) -> TemplateValues:
    """The values behind every insert; times in the pipeline's zone.

    ``signer`` is whom the text speaks to, ``title`` names the rule's kind, for rules without a
    name; ``link`` gives the signer's link to sign, in texts that may have one. Raises
    PermanentError for a time zone that does not exist.
    """
    document, pipeline = context.document, context.pipeline
    zone = zone_of(pipeline)
    stage = pipeline.stage(document.stage)
    own = Record(
        {
            name: insertable(document.fields.get(name), spec.type, zone)
            for name, spec in pipeline.fields.items()
        }
    )
    built_in = _record(_DOCUMENT, document, zone)
    now = Moment.of(context.now, zone)
    spoken_to = _record(_SIGNER, signer, zone)
    return TemplateValues(
        {
            "document": Record({**own, **built_in, "fields": own}),
            "signer": _LinkedSigner(spoken_to, link) if signer and link else spoken_to,
            "signers": [_record(_SIGNER, signer, zone) for signer in document.signers],
            "client": _record(_SIGNER, first(document, "client"), zone),
            "company": _record(_SIGNER, first(document, "company"), zone),
            "responsible": document.responsible,
            "sender": _record(_SENDER, document.sender, zone),
            "pipeline": Record(
                {
                    **_named(pipeline.pipeline, pipeline.name),
                    "language": pipeline.language or "en",
                }
            ),
            "stage": _named(document.stage, stage.name if stage else ""),
            "rule": _named(context.run.rule, _rule_name(context) or title),
            "now": now,
            "today": Day.of(now.date(), zone),
        },
        context.work,
    )


def first(document: Document, party: Party) -> Signer | None:
    """The first signer of that side who must act; otherwise the first of that side, or None."""
    side = [signer for signer in document.signers if signer.party == party]
    return next((signer for signer in side if signer.must_act), side[0] if side else None)


def _record(
    table: Mapping[str, tuple[FieldType, Callable[[T], Value]]], source: T | None, zone: ZoneInfo
) -> Record:
    if source is None:
        return EmptyRecord(dict.fromkeys(table))
    return Record(
        {name: insertable(read(source), kind, zone) for name, (kind, read) in table.items()}
    )


def _named(own_id: str, name: str) -> Record:
    return Record({"id": own_id, "name": name or own_id})


def _rule_name(context: RuleContext) -> str:
    stage = context.pipeline.stage(context.run.stage)
    rules = stage.rules if stage else ()
    return next((rule.name for rule in rules if rule.id == context.run.rule), "")


def zone_of(pipeline: Pipeline) -> ZoneInfo:
    """The pipeline's time zone; PermanentError where it does not exist."""
    try:
        return ZoneInfo(pipeline.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        msg = (
            f'time zone "{pipeline.time_zone}" does not exist; '
            "set the pipeline's time_zone to one such as Europe/Berlin"
        )
        raise PermanentError(msg) from None
