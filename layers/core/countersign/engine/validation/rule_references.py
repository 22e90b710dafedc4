"""Rules that the settings of a kind name: whether they exist, and do what is waited for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from countersign.model.base import Place
from countersign.model.pipeline import Pipeline, Rule
from countersign.model.references import NamedRule, Product
from countersign.rules import RULES
from countersign.text.suggestions import close_or_all

_WORDS: Mapping[Product, str] = {"mail": "sends mail", "task": "creates a task"}


def problems(named: Iterable[NamedRule], pipeline: Pipeline) -> Iterator[tuple[Place, str]]:
    """What publishing must refuse about them, each with its place below the settings."""
    for reference in named:
        wrong = _unknown(reference, pipeline)
        if wrong is not None:
            yield (reference.setting,), wrong
        if reference.tracked:
            yield from _untracked(reference, pipeline)


def makes(kind: str, product: Product) -> bool:
    """Whether rules of that kind leave that behind; not where the kind does not exist."""
    return kind in RULES.kinds and product in RULES.get(kind).products


def _unknown(named: NamedRule, pipeline: Pipeline) -> str | None:
    if named.rule is None:
        return None
    # A kind that does not exist is reported where it is written.
    ids = [
        rule.id
        for rule in _rules(pipeline)
        if rule.kind not in RULES.kinds or makes(rule.kind, named.product)
    ]
    if named.rule in ids:
        return None
    text = f'the pipeline has no rule "{named.rule}" that {_WORDS[named.product]}'
    return f"{text}; {close_or_all(named.rule, ids)}"


def _untracked(named: NamedRule, pipeline: Pipeline) -> Iterator[tuple[Place, str]]:
    """Opens and clicks are reported of tracked mails only."""
    sending = [
        rule
        for rule in _rules(pipeline)
        if makes(rule.kind, "mail") and named.rule in (None, rule.id)
    ]
    if not sending and named.rule is not None:
        return  # reported above
    if not any(RULES.get(rule.kind).tracks(rule.settings) for rule in sending):
        which = f'the rule "{named.rule}"' if named.rule else "a rule that sends the mail"
        text = f"no mail that it waits for is tracked; set track: true in {which}"
        yield (named.setting,), text


def _rules(pipeline: Pipeline) -> Iterator[Rule]:
    for stage in pipeline.stages:
        yield from stage.rules
