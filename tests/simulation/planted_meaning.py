"""Faults about what messages mean: what a set of them leads to, in any order, and when."""

from __future__ import annotations

from tests.simulation.plantable import Planted

_FACTS = "engine/facts.py"
_COURSE = "engine/course.py"

MEANING: tuple[Planted, ...] = (
    Planted(
        "the first message to tell a fact gives its date",
        _FACTS,
        "return told if known is None else min(known, told)",
        "return told if known is None else known",
    ),
    Planted(
        "a date that a state tells after the fact is lost",
        _COURSE,
        "after = sharpened(after, state, event.occurred_at)",
        "pass",
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
        "use_cases/apply.py",
        "event.kind in WITHOUT_EFFECT and not _tells(event)",
        "event.kind in WITHOUT_EFFECT",
    ),
    Planted(
        "one of two messages of a signature stands for the other",
        "providers/documenso.py",
        "return meaning(name, envelope, *_who(signer), signer.signed_at)",
        'return meaning("signed", envelope, *_who(signer), signer.signed_at)',
    ),
    Planted(
        "of all who signed the side is the client's",
        "engine/parties.py",
        "if domain is not None and domain in ours:",
        "if domain is not None and domain not in ours:",
    ),
)
