"""Finding the documents that name a person, a page at a time, among any number of them.

Those that the word index finds by the person's address come first, which is nearly all of them;
then the documents of every pipeline are looked through for those that name the person otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass

from countersign.errors import InvalidCursorError
from countersign.model.document import Document
from countersign.model.page import Page, PageRequest, StageQuery, WordQuery
from countersign.model.search_words import folded_address, indexed_words
from countersign.ports import Pages, Pipelines
from countersign.use_cases.personal_data.erase import Subject, is_named

WORDS, STAGES = "words", "stages"
"""With which the place of a page begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFinder:
    """What a person's documents are looked for in."""

    pages: Pages
    pipelines: Pipelines


def page_of_person(finder: PersonFinder, subject: Subject, request: PageRequest) -> Page[Document]:
    """A page of the documents that name the person with that address, or did before the person was
    erased from them; each stands on one page.

    A page reads a bounded number of documents of one pipeline, so that it may be short, or empty,
    and yet have a next one. Eventually consistent: one that moves meanwhile and names the person
    without being found by the address may be missed, or stand twice. InvalidCursorError for a
    place that no page can have given.
    """
    where, _, rest = (request.after or f"{WORDS}/").partition("/")
    query = WordQuery(word=folded_address(subject.address or ""), whole=True)
    if where == WORDS:
        page = finder.pages.with_word(
            query,
            PageRequest(after=rest or None, limit=request.limit),
            lambda document: is_named(document, subject),
        )
        return Page(page.items, f"{WORDS}/{page.next}" if page.next else f"{STAGES}/")
    if where != STAGES:
        raise InvalidCursorError("the page begins at a place that this list does not have")
    return _in_stages(finder, subject, query, PageRequest(after=rest or None, limit=request.limit))


def _in_stages(
    finder: PersonFinder, subject: Subject, query: WordQuery, request: PageRequest
) -> Page[Document]:
    """A page of one pipeline, of the documents that the word index does not find."""
    begun, _, place = (request.after or "").partition("/")
    names = sorted(head.pipeline for head in finder.pipelines.list() if head.pipeline >= begun)
    if not names:
        return Page(())
    name, *others = names

    def is_wanted(document: Document) -> bool:
        return query.word not in indexed_words(document) and is_named(document, subject)

    after = place if place and name == begun else None
    page = finder.pages.in_stage(
        StageQuery(pipeline=name), PageRequest(after=after, limit=request.limit), is_wanted
    )
    if page.next is not None:
        return Page(page.items, f"{STAGES}/{name}/{page.next}")
    return Page(page.items, f"{STAGES}/{others[0]}" if others else None)
