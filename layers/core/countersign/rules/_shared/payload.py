"""A document as other systems receive it: plain values, exact amounts, ISO 8601."""

from __future__ import annotations

from typing import Any

from countersign.model.values import plain
from countersign.rules.base import RuleContext


def document_payload(context: RuleContext) -> dict[str, Any]:
    """The document, the stage it arrived in and the rule that tells of it.

    Amounts are text with a point, times ISO 8601 in UTC, empty fields null.
    """
    document, run = context.document, context.run
    own = context.pipeline.fields
    return {
        "idempotency_key": str(run.key),
        "at": context.now.isoformat(),
        "rule": run.rule,
        "pipeline": document.pipeline,
        "pipeline_version": run.pipeline_version,
        "stage": run.stage,
        "entry": run.entry,
        "document": {
            "id": document.id,
            "title": document.title,
            "number": document.number,
            "stage": document.stage,
            "responsible": document.responsible,
            "observers": list(document.observers),
            "amount": plain(document.amount),
            "currency": document.currency,
            "fields": {name: _value(document.fields.get(name)) for name in own},
            "provider": document.provider,
            "envelope": document.envelope,
            "status": document.status,
            "signers": [
                {
                    "name": signer.name,
                    "email": signer.email,
                    "role": signer.role,
                    "party": signer.party,
                    "status": signer.status,
                    "signed_at": signer.signed_at.isoformat() if signer.signed_at else None,
                }
                for signer in document.signers
            ],
            "sent_at": document.sent_at.isoformat() if document.sent_at else None,
            "completed_at": document.completed_at.isoformat() if document.completed_at else None,
        },
    }


def _value(value: Any) -> Any:
    if value is None or isinstance(value, str | bool):
        return value
    return list(value) if isinstance(value, tuple) else plain(value)
