"""Finding documents: by stage, and by what people know of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from countersign.errors import NotFoundError
from countersign.model.document import Document
from countersign.model.pipeline import Pipeline
from countersign.ports import Documents
from countersign.text.folding import domain_of, fold, fold_address, fold_domain, same
from countersign.text.suggestions import close_or_all

MOST_READ = 10_000
"""Documents that one search reads; it has no index of its own."""


@dataclass(slots=True)
class Listing:
    """The documents of some pipelines (in one stage) that match a text, if one is given."""

    documents: Documents
    text: str | None = None
    most: int = MOST_READ
    read: int = field(default=0, init=False)
    """How many were read."""
    cut: bool = field(default=False, init=False)
    """Whether there are more than a search reads."""

    def of(self, pipeline: str, stage: str | None) -> Iterator[Document]:
        """The documents of one more pipeline."""
        for document in self.documents.in_stage(pipeline, stage):
            if self.text is not None and self.read >= self.most:
                self.cut = True
                return
            self.read += 1
            if self.text is None or matches(document, self.text):
                yield document


def matches(document: Document, text: str) -> bool:
    """Whether the text is part of the document's id, number, title or envelope id, or of a signer's
    name or address, as people read them. A blank text matches everything."""
    wanted = fold(text)
    plain = (document.id, document.number, document.title, document.envelope)
    names = (signer.name for signer in document.signers)
    if any(wanted in fold(value) for value in (*plain, *names) if value):
        return True
    addresses = [signer.email for signer in document.signers if signer.email]
    return any(_is_address(address, text, wanted) for address in addresses)


def _is_address(address: str, text: str, wanted: str) -> bool:
    if wanted in fold(address) or wanted in fold_address(address):
        return True
    if "@" in text:
        return fold_address(text) == fold_address(address)
    return "." in text and fold_domain(text) == domain_of(address)


def stage_of(pipelines: Iterable[Pipeline], wanted: str) -> dict[str, str]:
    """The stage of that id or name, in each of the pipelines that has it.

    NotFoundError, with the names that are close, where none has it.
    """
    pipelines = tuple(pipelines)
    there = {one.pipeline: stage for one in pipelines if (stage := _stage(one, wanted))}
    if there:
        return there
    ids = dict.fromkeys(stage.id for one in pipelines for stage in one.stages)
    names = dict.fromkeys(stage.name for one in pipelines for stage in one.stages if stage.name)
    hint = close_or_all(wanted, (*ids, *names))
    if not hint.startswith("did you mean"):
        hint = close_or_all(wanted, ids)
    where = ", ".join(one.pipeline for one in pipelines) or "any pipeline"
    raise NotFoundError(f'there is no stage "{wanted}" in {where}; {hint}')


def _stage(pipeline: Pipeline, wanted: str) -> str | None:
    if pipeline.stage(wanted) is not None:
        return wanted
    named = [stage.id for stage in pipeline.stages if same(stage.name, wanted)]
    return named.pop() if len(named) == 1 else None
