"""What a rule of a draft would write for a document as it is now; nothing is sent or changed.

Of a mail: who gets it, and its subject and text. Of other rules: the texts of their settings. What
was inserted is distinguished from what is written, and from what has no value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime

from pydantic import ValidationError

from countersign.engine.compiled_pipeline import kind_with_settings
from countersign.engine.validation.lenient_parser import parse_leniently
from countersign.errors import NotFoundError, NothingToDoError, PermanentError
from countersign.model.base import Model, Place, pointer
from countersign.model.document import Document
from countersign.model.pipeline import Pipeline, Rule, Stage
from countersign.registry import UnknownKindError
from countersign.rules._shared import rendering
from countersign.rules._shared.template_variables import first, values
from countersign.rules.base import EmailRule, RuleContext, RuleKind
from countersign.templates.marks import MarkingBudget, Piece, as_marked, pieces
from countersign.text.readable_html import readable
from countersign.text.suggestions import close_or_all
from countersign.use_cases.pipelines.validate import PlacedProblem, validate
from countersign.use_cases.queries.catalogue import own_settings
from countersign.use_cases.queries.catalogue.settings import describe_settings
from countersign.use_cases.queries.catalogue.widgets import Widget
from countersign.use_cases.queries.previews.mail_preview import (
    PreviewedMail,
    PreviewedRule,
    mails_of,
)

_TEXTS: frozenset[Widget] = frozenset(
    {"template_line", "template_text", "template_html", "lines", "amount"}
)
"""What settings are edited with whose texts have template variables."""


class WrittenMail(Model):
    """One mail as it would be sent now, or why it could not be."""

    sender: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    bcc: tuple[str, ...]
    reply_to: tuple[str, ...]
    subject: tuple[Piece, ...]
    text: tuple[Piece, ...]
    """The plain text; of a mail that has none, what is shown of its HTML."""
    reason: str | None
    """Why the mail cannot be made, or would not be sent; None for one that can."""


class WrittenText(Model):
    """The text of a setting, filled in."""

    setting: str
    text: tuple[Piece, ...]
    reason: str | None = None
    """Why it cannot be filled in; None for one that can."""


class RulePreview(Model):
    """What a rule would write for a document."""

    document: str
    stage: str
    """The stage of the rule; the document may be in another."""
    rule: str
    problems: tuple[PlacedProblem, ...]
    """What there is to fix, or to look at, in the rule; its mails and texts are left out where its
    settings cannot be read."""
    attachments: tuple[str, ...] = ()
    mails: tuple[WrittenMail, ...] = ()
    texts: tuple[WrittenText, ...] = ()
    """Of a rule that sends no mail, each setting that has a text."""


def preview_rule(
    content: object, rule_id: str, document: Document, *, now: datetime
) -> RulePreview:
    """What the rule of a pipeline that is given as plain values would write for the document.

    The rule's condition and time are not asked, nor is the rest of the pipeline, which may be
    wrong. NotFoundError where it has no such rule.
    """
    pipeline = parse_leniently(content).pipeline
    place, stage, rule = _rule_with_id(pipeline, rule_id)
    problems = _problems(content, place, now.date())
    kind = _kind(rule)
    shown: dict[str, object] = {}
    if pipeline is not None and kind is not None:
        previewed = PreviewedRule(
            pipeline=pipeline, version=0, stage=stage, rule=rule, document=document
        )
        shown = _written(kind, previewed, now)
    return RulePreview.model_validate(
        {
            "document": document.id,
            "stage": stage.id,
            "rule": rule.id,
            "problems": problems,
            **shown,
        }
    )


def _rule_with_id(pipeline: Pipeline | None, rule_id: str) -> tuple[Place, Stage, Rule]:
    stages = pipeline.stages if pipeline is not None else ()
    for n, stage in enumerate(stages):
        for m, rule in enumerate(stage.rules):
            if rule.id == rule_id:
                return ("stages", n, "rules", m), stage, rule
    hint = close_or_all(rule_id, (rule.id for stage in stages for rule in stage.rules))
    raise NotFoundError(f'the pipeline has no rule "{rule_id}"; {hint}')


def _problems(content: object, place: Place, today: date) -> tuple[PlacedProblem, ...]:
    """Those of the rule and of what is within it."""
    own = pointer(place)
    problems = validate(content, today=today).problems
    return tuple(problem for problem in problems if f"{problem.pointer}/".startswith(f"{own}/"))


def _kind(rule: Rule) -> RuleKind | None:
    """The rule's kind with its settings; None where they cannot be read."""
    try:
        return kind_with_settings(rule)
    except (UnknownKindError, ValidationError):
        return None


def _written(kind: RuleKind, previewed: PreviewedRule, now: datetime) -> dict[str, object]:
    marking = previewed.context(now, MarkingBudget())
    if not isinstance(kind, EmailRule):
        return {"texts": tuple(_texts(kind, previewed.rule, marking))}
    plain = mails_of(kind, previewed.context(now))
    marked = mails_of(kind, marking)
    mails = tuple(_mail(mail, other) for mail, other in zip(plain, marked, strict=True))
    return {"attachments": kind.files, "mails": mails}


def _mail(mail: PreviewedMail, marked: PreviewedMail) -> WrittenMail:
    return WrittenMail(
        sender=mail.sender,
        to=mail.to,
        cc=mail.cc,
        bcc=mail.bcc,
        reply_to=mail.reply_to,
        subject=as_marked(mail.subject, marked.subject),
        text=as_marked(_body(mail), _body(marked)),
        reason=mail.reason,
    )


def _body(mail: PreviewedMail) -> str:
    return mail.text if mail.text is not None else readable(mail.html or "")


def _texts(kind: RuleKind, rule: Rule, context: RuleContext) -> Iterator[WrittenText]:
    inserted = values(context, first(context.document, "client"), kind.titles["en"])
    for setting in describe_settings(type(kind), own_settings(type(kind))):
        source = rule.settings.get(setting.name)
        if setting.widget in _TEXTS and isinstance(source, str | list | tuple):
            lines = (source,) if isinstance(source, str) else source
            yield _text(setting.name, "\n".join(map(str, lines)), inserted)


def _text(setting: str, source: str, inserted: Mapping[str, object]) -> WrittenText:
    try:
        return WrittenText(
            setting=setting, text=pieces(rendering.filled(setting, source, inserted))
        )
    except (PermanentError, NothingToDoError) as error:
        return WrittenText(setting=setting, text=(), reason=str(error))
