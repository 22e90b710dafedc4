"""semantics, section 6: for every document and stage entry, why, and why not."""

from __future__ import annotations

from typing import Any

from countersign.engine.explain import Explanation
from countersign.model.document import Document
from countersign.rules.base import Edit
from countersign.simulation.world import World
from countersign.use_cases.queries.show import show
from tests.builders import (
    ANNA,
    KLARA,
    envelope,
    event,
    mail,
    pipeline,
    stage,
    trigger,
    world,
)

BEN = "ben@acme.example"
BIG = {"field": "amount", "op": "greater", "value": 5000}


def explained(here: World, document: Document) -> Explanation:
    """All there is to know about the document."""
    return show(here.documents, here.pipelines, here.programs, document.id)


def played() -> tuple[World, Document]:
    """A document whose second stage shows every state a rule can be in."""
    nobody: dict[str, Any] = {
        "settings": {
            "from": "contracts@acme.example",
            "to": ["role:Notary"],
            "subject": "x",
            "text": "x",
        }
    }
    here = world(
        pipeline(
            stage("draft", mail("never-came", time={"after": {"days": 1}})),
            stage(
                "sent",
                mail("done"),
                mail("skipped", condition=BIG),
                mail("failed") | nobody,
                mail("timed", time={"after": {"days": 2}, "at": "09:00"}),
                mail("waiting"),
                mail("parked", execution="independent", time={"on": {"field": "end"}}),
                triggers=[
                    trigger("signed_by_client", "client"),
                    trigger("signed_by_company", "company"),
                ],
            ),
            stage("signed", triggers=[trigger("signed_by_company", "later")]),
            fields={"end": {"type": "date"}},
            senders=["contracts@acme.example"],
        )
    )
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    here.edit(document.id, Edit(values={"amount": 3200}), by=BEN)
    return here, here.tell("docusign", [event("signer.signed", ANNA, minute=1)])


def test_each_rule_is_shown_with_its_state_and_reason_in_words() -> None:
    here, document = played()
    words = {
        run.rule: run.words for entry in explained(here, document).entries for run in entry.runs
    }
    failed = words.pop("failed")
    assert failed.startswith("failed: ")
    assert "Notary" in failed
    assert words == {
        "never-came": "cancelled: the document left the stage draft before it began",
        "done": "done 2026-03-02 10:00 Europe/Berlin",
        "skipped": "skipped: amount 3,200 is not greater than 5,000",
        "timed": "ready, due 2026-03-04 09:00 Europe/Berlin: 2 days after its turn, at 09:00",
        "waiting": "waits for timed",
        "parked": "no date: on end: the field end is empty",
    }


def test_the_trigger_that_fired_and_those_passed_over_are_on_the_timeline() -> None:
    here, document = played()
    line = next(one for one in explained(here, document).timeline if one.fired)
    assert line.fired is not None
    assert (line.fired.trigger, line.fired.stage) == ("company", "sent")
    assert {one.trigger: one.reason for one in line.passed} == {
        "client": f"{ANNA} is on the side of the company, not of the client",
        "later": "the trigger company of the stage sent fired first",
    }


def test_every_line_tells_who_or_what_caused_it() -> None:
    here, document = played()
    told = [(line.kind, line.by, line.cause) for line in explained(here, document).timeline]
    assert told == [
        ("created", "provider:docusign", "provider:docusign document.sent"),
        ("event", "provider:docusign", "provider:docusign document.sent"),
        ("edited", BEN, BEN),
        ("event", "provider:docusign", "provider:docusign signer.signed"),
        (
            "moved",
            "trigger:company",
            "provider:docusign signer.signed > trigger:company",
        ),
    ]


def test_a_skipped_rule_keeps_per_clause_what_was_found_and_wanted() -> None:
    here, document = played()
    runs = [run for entry in explained(here, document).entries for run in entry.runs]
    verdict = next(run.verdict for run in runs if run.rule == "skipped")
    assert verdict is not None
    (clause,) = verdict.clauses
    assert (clause.field, clause.op, clause.found, clause.wanted, clause.outcome) == (
        "amount",
        "greater",
        "3,200",
        "5,000",
        "false",
    )


def test_an_earlier_stage_entry_stays_readable_after_the_document_has_moved_on() -> None:
    here, document = played()
    here.edit(document.id, Edit(stage="signed"), by=BEN)
    entries = explained(here, here.document(document.id)).entries
    assert [(entry.entry, entry.stage, entry.current) for entry in entries] == [
        (1, "draft", False),
        (2, "sent", False),
    ]


def test_what_a_signer_says_is_kept_as_data() -> None:
    here, document = played()
    reason = "{{ document.title }} <b>no</b>"
    after = here.tell("docusign", [event("signer.declined", KLARA, minute=2, reason=reason)])
    assert after.signers[1].reason == reason
    assert explained(here, document).timeline[-1].reason == reason
