"""What the mails of a rule would be for a document as it is now; nothing is sent or changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from countersign.engine.compiled_pipeline import CompiledPipeline
from countersign.errors import NotFoundError, NothingToDoError, PermanentError
from countersign.model import fields
from countersign.model.base import Model
from countersign.model.document import Document
from countersign.model.message import Email
from countersign.model.pipeline import Pipeline, Rule, Stage
from countersign.model.run import Run, RunMail
from countersign.rules.base import EmailRule, RuleContext
from countersign.templates.limits import RenderingBudget
from countersign.text.suggestions import close_or_all
from countersign.use_cases.store import Store


class PreviewedMail(Model):
    """One mail as it would be sent now, or why it could not be."""

    sender: str = ""
    to: tuple[str, ...] = ()
    """The addresses; of a mail that cannot be made, whom it is for, as far as that is known."""
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    reply_to: tuple[str, ...] = ()
    subject: str = ""
    text: str | None = None
    html: str | None = None
    reason: str | None = None
    """Why the mail cannot be made, or would not be sent; None for one that can."""


class MailPreview(Model):
    """The mails of a rule, in the order in which they would be sent."""

    document: str
    pipeline: str
    pipeline_version: int
    stage: str
    """The stage of the rule; the document may be in another."""
    rule: str
    attachments: tuple[str, ...]
    """The files that each mail takes with it, as the rule names them."""
    mails: tuple[PreviewedMail, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewedRule:
    """A rule that is previewed, and what it is previewed with."""

    pipeline: Pipeline
    version: int
    """The pipeline's; 0 where it is not published."""
    stage: Stage
    rule: Rule
    document: Document

    def context(self, now: datetime, work: RenderingBudget | None = None) -> RuleContext:
        """What the rule may look at; its run is nowhere stored."""
        document = self.document
        run = Run(
            document=document.id,
            entry=document.entry,
            rule=self.rule.id,
            pipeline=document.pipeline,
            pipeline_version=self.version,
            stage=self.stage.id,
            kind=self.rule.kind,
            lane="email",
            state="ready",
            planned_at=now,
        )
        return RuleContext(
            run=run,
            document=document,
            pipeline=self.pipeline,
            types=fields.types(self.pipeline),
            now=now,
            signing_link=lambda signer: f"[{signer.label}: link to sign]",
            work=work or RenderingBudget(),
        )


def preview_mail(store: Store, document_id: str, rule_id: str) -> MailPreview:
    """What the rule of the published version would send for the document as it is now.

    The rule's condition and time are not asked, and its stage need not be the document's.
    NotFoundError where there is no such document or rule, PermanentError for a rule that sends no
    mail.
    """
    document = store.document(document_id)
    program = store.programs.current(document.pipeline)
    stage, rule = _rule(program, rule_id)
    kind = program.kind_of(stage.id, rule)
    if not isinstance(kind, EmailRule):
        msg = f'the rule "{rule_id}" ({rule.kind}) sends no mail; {_others(program, rule_id)}'
        raise PermanentError(msg)
    previewed = PreviewedRule(
        pipeline=program.pipeline,
        version=program.version,
        stage=stage,
        rule=rule,
        document=document,
    )
    return MailPreview(
        document=document.id,
        pipeline=document.pipeline,
        pipeline_version=program.version,
        stage=stage.id,
        rule=rule.id,
        attachments=kind.files,
        mails=mails_of(kind, previewed.context(store.clock())),
    )


def mails_of(kind: EmailRule, context: RuleContext) -> tuple[PreviewedMail, ...]:
    """The mails that the rule would send, in their order."""
    try:
        several = kind.mails(context)
    except (PermanentError, NothingToDoError) as error:
        return (PreviewedMail(reason=str(error)),)
    if not several:
        return (_previewed(lambda: kind.email(context)),)
    return tuple(_one_of(kind, context, index, mail) for index, mail in enumerate(several))


def _rule(program: CompiledPipeline, rule_id: str) -> tuple[Stage, Rule]:
    for stage in program.pipeline.stages:
        for rule in stage.rules:
            if rule.id == rule_id:
                return stage, rule
    hint = _others(program, rule_id)
    raise NotFoundError(f'the pipeline {program.pipeline.pipeline} has no rule "{rule_id}"; {hint}')


def _others(program: CompiledPipeline, rule_id: str) -> str:
    """The rules that send mail, or those of them that are meant."""
    there = (
        rule.id
        for stage in program.pipeline.stages
        for rule in stage.rules
        if isinstance(program.kind_of(stage.id, rule), EmailRule)
    )
    return close_or_all(rule_id, there)


def _one_of(kind: EmailRule, context: RuleContext, index: int, mail: RunMail) -> PreviewedMail:
    return _previewed(lambda: kind.email_to(context, index, mail), (mail.to,))


def _previewed(make: Callable[[], Email], whom: tuple[str, ...] = ()) -> PreviewedMail:
    try:
        email = make()
    except (PermanentError, NothingToDoError) as error:
        return PreviewedMail(to=whom, reason=str(error))
    return PreviewedMail(
        sender=email.sender,
        to=email.to,
        cc=email.cc,
        bcc=email.bcc,
        reply_to=email.reply_to,
        subject=email.subject,
        text=email.text,
        html=email.html,
    )
