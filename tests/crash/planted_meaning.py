"""Faults about what messages mean: what a set of them leads to, in any order, and when."""

from __future__ import annotations

from tests.crash.plantable import Planted

_FACTS = "engine/envelopes/reconcile.py"
_COURSE = "engine/decisions/builder.py"

MEANING: tuple[Planted, ...] = (
    Planted(
        "the first message to tell a fact gives its date",
        _FACTS,
        "return at if known is None else min(known, at)",
        "return at if known is None else known",
    ),
    Planted(
        "a date that a state tells after the fact is lost",
        _COURSE,
        "after = sharpened(learned.document, state, learned.listed, event.occurred_at)",
        "after = learned.document",
    ),
    Planted(
        "who is heard of after the end has not signed",
        _FACTS,
        'if document.status == "completed" or any(f.kind',
        "if any(f.kind",
    ),
    Planted(
        "what is heard after the end is not known",
        _FACTS,
        'return after, "late"  # it moves',
        'return document, "late"  # it moves',
    ),
    Planted(
        "a reason that comes with the second message is lost",
        _FACTS,
        "if rank == before and document.reason is None:",
        "if rank == before and not document.status:",
    ),
    Planted(
        "when an envelope was made counts as when it was sent",
        _FACTS,
        "until = state.sent_at or at",
        "until = sent",
    ),
    Planted(
        "a custom field of an older message is lost",
        _COURSE,
        "(not older or mapping.source not in known)",
        "not older",
    ),
    Planted(
        "what an unknown event's state tells is lost where it comes first",
        "use_cases/messages/apply_message.py",
        "event.kind in WITHOUT_EFFECT and not _tells(event)",
        "event.kind in WITHOUT_EFFECT",
    ),
    Planted(
        "one of two messages of a signature stands for the other",
        "providers/documenso/__init__.py",
        "return event_key(name, envelope, *_who(signer), signer.signed_at)",
        'return event_key("signed", envelope, *_who(signer), signer.signed_at)',
    ),
    Planted(
        "of all who signed the side is the client's",
        "engine/envelopes/parties.py",
        "if domain is not None and domain in ours:",
        "if domain is not None and domain not in ours:",
    ),
    Planted(
        "of two keys of a connection only the newer is known",
        "providers/_toolkit/signatures.py",
        "present = tuple(secret for secret in secrets.secrets if secret.strip())",
        "present = tuple(secret for secret in secrets.secrets if secret.strip())[:1]",
    ),
    Planted(
        "of a time that is shown twice the second counts",
        "engine/schedule/business_hours.py",
        "clock.replace(fold=0)",
        "clock.replace(fold=1)",
    ),
    Planted(
        "a delay at a clock time waits a day where it is just that time",
        "engine/schedule/due.py",
        "if moment < today + _MINUTE else at_wall",
        "if moment < today else at_wall",
    ),
    Planted(
        "the last of the working days counts twice",
        "engine/schedule/due.py",
        "amount = span.amount if when.before is None else -span.amount",
        "amount = span.amount if when.before is None else 1 - span.amount",
    ),
    Planted(
        "at most leaves out the limit",
        "engine/conditions/operators.py",
        '"at_most": lambda value, wanted: value <= wanted[1],',
        '"at_most": lambda value, wanted: value < wanted[1],',
    ),
    Planted(
        "a list that has some has all",
        "engine/conditions/operators.py",
        '"has_all": lambda value, wanted: value >= wanted,',
        '"has_all": lambda value, wanted: not value.isdisjoint(wanted),',
    ),
    Planted(
        "an unknown member decides a group of none",
        "engine/conditions/evaluate.py",
        "for looked_for, result in ((deciding, then), _UNKNOWN):",
        "for looked_for, result in ((deciding, then), (_UNKNOWN[0], otherwise)):",
    ),
    Planted(
        "an envelope that comes by two connections is one document",
        "use_cases/messages/apply_message.py",
        'digest = hashlib.sha256(f"{connection}\\0{envelope}".encode()).digest()',
        "digest = hashlib.sha256(envelope.encode()).digest()",
    ),
)
