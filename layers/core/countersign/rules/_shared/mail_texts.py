"""The texts of a mail: the rule's own or its template's, filled in, with the signature below."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from countersign.errors import PermanentError
from countersign.model.pipeline import MailSignature, MailTemplate, Pipeline
from countersign.rules._shared import rendering
from countersign.text.html import page, paragraphs
from countersign.text.suggestions import close_or_all

BELOW_TEXT = "\n\n-- \n"
"""What parts a signature from the text above it: https://www.rfc-editor.org/rfc/rfc3676#section-4.3
"""
BELOW_HTML = '<hr style="border:0;border-top:1px solid #999999;margin:24px 0 16px">'
_END_OF_PAGE = re.compile(r"</(?:body|html)\s*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MailText:
    """One text of a mail before it is filled in."""

    source: str
    label: str
    """What errors call it: ``text``, or ``template welcome, text``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenTexts:
    """What a rule says itself; the template gives the rest."""

    subject: str | None
    text: str | None
    html: str | None
    plain: bool
    template: str | None

    @property
    def has_body(self) -> bool:
        """Whether the rule has a text or HTML of its own, so that neither is the template's."""
        return self.text is not None or self.html is not None

    def own(self) -> dict[str, str]:
        """The texts that stand in the rule."""
        # A subject written as a block of YAML ends with a line break of its own.
        subject = None if self.subject is None else self.subject.strip()
        return _given(subject, self.text, self.html)

    def problems(self, pipeline: Pipeline) -> Iterator[tuple[str, str]]:
        """What publishing must refuse about the template, by setting."""
        if self.template is None:
            return
        template = pipeline.mail_templates.get(self.template)
        if template is None:
            yield "template", _unknown(self.template, pipeline)
            return
        named = f'the mail template "{self.template}"'
        if self.subject is None and template.subject is None:
            yield "template", f"{named} has no subject; give it one, or write it in the rule"
        if not self.has_body and template.text is None and template.html is None:
            yield "template", f"{named} has no text; give it one, or write it in the rule"
        elif not self.has_body and self.plain and template.text is None:
            yield "plain", f"{named} has only html; give it a text, or leave out plain"

    def of(self, pipeline: Pipeline) -> dict[str, MailText]:
        """All texts of the mail; PermanentError where the pipeline has no such template."""
        texts = {part: MailText(source, part) for part, source in self.own().items()}
        if self.template is None:
            return texts
        template = pipeline.mail_templates.get(self.template)
        if template is None:
            raise PermanentError(f"template: {_unknown(self.template, pipeline)}")
        for part, source in own_texts(template).items():
            if part == "subject" or not (self.has_body or (part == "html" and self.plain)):
                texts.setdefault(part, MailText(source, f"template {self.template}, {part}"))
        return texts


def own_texts(template: MailTemplate) -> dict[str, str]:
    """The texts that a mail template has."""
    subject = None if template.subject is None else template.subject.strip()
    return _given(subject, template.text, template.html)


def _given(subject: str | None, text: str | None, html: str | None) -> dict[str, str]:
    texts: dict[str, str | None] = {"subject": subject, "text": text, "html": html}
    return {part: source for part, source in texts.items() if source is not None}


def _unknown(template: str, pipeline: Pipeline) -> str:
    hint = close_or_all(template, pipeline.mail_templates)
    return f'the pipeline has no mail template "{template}"; {hint}'


def filled(texts: Mapping[str, MailText], inserted: Mapping[str, object]) -> dict[str, str]:
    """The texts with their template variables filled in; PermanentError names the text."""
    return {
        part: rendering.filled(
            text.label, text.source, inserted, "html" if part == "html" else "text"
        )
        for part, text in texts.items()
    }


def with_signature(
    texts: Mapping[str, str], signature: MailSignature, inserted: Mapping[str, object]
) -> dict[str, str]:
    """The mail's texts with the signature below each; PermanentError where it cannot be filled in.

    Below the plain text stands only a signature's own text; below HTML its HTML, or its text.
    """
    written = _given(None, signature.text, signature.html)
    labelled = {part: MailText(source, f"signature.{part}") for part, source in written.items()}
    below = {part: text for part, text in filled(labelled, inserted).items() if text.strip()}
    signed = dict(texts)
    if "text" in signed and "text" in below:
        signed["text"] = signed["text"].rstrip() + BELOW_TEXT + below["text"].strip("\r\n")
    if "html" in signed and below:
        html = below.get("html") or paragraphs(below["text"])
        signed["html"] = appended(signed["html"], f"{BELOW_HTML}\n<div>{html}</div>\n")
    return signed


def html_of(text: str, pipeline: Pipeline) -> str:
    """The HTML part of a mail of the pipeline that is written as plain text."""
    return page(paragraphs(text), pipeline.language or "en")


def appended(html: str, fragment: str) -> str:
    """The HTML with the fragment as the last of what is shown."""
    ends = list(_END_OF_PAGE.finditer(html))
    if not ends:
        return f"{html}\n{fragment}"
    bodies = [end for end in ends if end[0][2:6].lower() == "body"]
    at = (bodies or ends)[-1].start()
    return html[:at] + fragment + html[at:]
