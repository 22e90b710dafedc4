"""The signature and the mail templates of a pipeline: what publishing refuses and warns of."""

from __future__ import annotations

from collections.abc import Iterator

from countersign.model.base import Place
from countersign.model.pipeline import MailSignature, MailTemplate, Pipeline, Rule
from countersign.registry import UnknownKindError
from countersign.rules import RULES
from countersign.rules._shared import rendering
from countersign.rules._shared.mail_texts import own_texts
from countersign.rules._shared.template_variables import known
from countersign.text.addresses import is_one_line


def problems(pipeline: Pipeline) -> Iterator[tuple[Place, str]]:
    """What publishing must refuse about texts that stand beside the rules, with its place."""
    if pipeline.signature is not None:
        yield from _signature(pipeline.signature, pipeline)
    for name, template in pipeline.mail_templates.items():
        for place, text in _template(template, pipeline):
            yield ("mail_templates", name, *place), text


def unused_templates(pipeline: Pipeline) -> Iterator[tuple[Place, str]]:
    """Mail templates that no rule uses."""
    rules = [rule for stage in pipeline.stages for rule in stage.rules]
    used = {rule.settings.get("template") for rule in rules}
    for name in pipeline.mail_templates:
        if name not in used:
            text = f'no rule uses the mail template "{name}"; write template: {name} in one'
            yield ("mail_templates", name), f"{text}, or remove it"


def rules_with_template(pipeline: Pipeline, template: str) -> tuple[str, ...]:
    """The rules whose mails are made from the template."""
    return tuple(
        rule.id
        for rule in _rules_that_take("template", pipeline)
        if rule.settings.get("template") == template
    )


def signed_rules(pipeline: Pipeline) -> tuple[str, ...]:
    """The rules whose mails have the pipeline's signature."""
    return tuple(
        rule.id
        for rule in _rules_that_take("signature", pipeline)
        if rule.settings.get("signature", True) is True
    )


def _rules_that_take(setting: str, pipeline: Pipeline) -> Iterator[Rule]:
    for stage in pipeline.stages:
        for rule in stage.rules:
            try:
                kind = RULES.get(rule.kind)
            except UnknownKindError:
                continue
            if setting in kind.model_fields:
                yield rule


def _signature(signature: MailSignature, pipeline: Pipeline) -> Iterator[tuple[Place, str]]:
    written = {"text": signature.text, "html": signature.html}
    texts = {name: text for name, text in written.items() if text is not None}
    if not any(text.strip() for text in texts.values()):
        yield ("signature",), "the signature is empty; give it a text, html or both"
        return
    for setting, problem in rendering.problems(texts, pipeline):
        yield ("signature", setting), problem


def _template(template: MailTemplate, pipeline: Pipeline) -> Iterator[tuple[Place, str]]:
    texts = own_texts(template)
    if not texts:
        yield (), "the mail template is empty; give it a subject, a text, html or all of them"
        return
    body = [text for part, text in texts.items() if part != "subject"]
    if body and not any(text.strip() for text in body):
        yield (), "the mail template says nothing; give it a text, html or both"
    subject = texts.get("subject")
    if subject is not None and not subject:
        yield ("subject",), "the subject is empty; write one, or leave it to the rules"
    if subject is not None and not is_one_line(subject):
        yield ("subject",), "the subject has a line break; write it on one line"
    # Which rules may have the link to sign is judged with each.
    linked = known(pipeline, signing_link=True)
    body_texts = {part: text for part, text in texts.items() if part != "subject"}
    for setting, problem in rendering.problems(body_texts, pipeline, linked):
        yield (setting,), problem
    if subject is not None:
        for setting, problem in rendering.problems({"subject": subject}, pipeline):
            yield (setting,), problem
