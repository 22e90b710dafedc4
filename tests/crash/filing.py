"""Files: mails that are to have some, people who add and remove them, and a provider's API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from countersign.model.connection import Connection, ConnectionCredentials
from countersign.model.run_purpose import KeptKind
from tests.builders import KLARA, mail, trigger
from tests.crash.acts import FILE_RATES, SENDER, Act, Scenario
from tests.crash.chance import Chance, gap
from tests.crash.outages import Outage

KEY = "a-key-of-the-providers-api"
"""The API token of the connection that is asked for files."""
ASKED = "direct"
"""The name of that connection."""
NAMED = (
    ("Contract.pdf", "contract"),
    ("Contract.pdf", "contract"),
    ("CONTRACT.pdf", "contract"),
    ("Annex.txt", "attachment"),
    ("Prices.csv", "attachment"),
    ("Prices.csv", "invoice"),
)
"""What people add: some names are the same to whoever reads them."""
ATTACHED = (
    ("contract",),
    ("contract",),
    ("contract",),
    ("contract",),
    ("attachment",),
    ("file:prices.CSV",),
    ("contract", "attachment"),
    ("file:Contract.pdf", "contract"),
    ("signed_pdf",),
    ("signed_pdf", "contract"),
    ("file:Annex.txt", "signed_pdf"),
)
LENGTHS = (timedelta(minutes=10), timedelta(hours=2), timedelta(hours=6))
"""How long the provider is away: a fetch is tried again for at least ten hours."""


def with_files(chance: Chance, made: Scenario) -> Scenario:
    """Now and then mails have attachments, and people add files to documents."""
    if chance.random() < 0.8:
        return made
    api = chance.choice(("signwell", "signwell", "docuseal", ""))
    kept: tuple[KeptKind, ...] = ("signed_pdf",) if api and chance.random() < 0.8 else ()
    if kept and api == "docuseal" and chance.random() < 0.5:
        kept = ("signed_pdf", "audit_trail")
    made = replace(made, acts=tuple(_acts(chance, made)), api=api, keep_files=kept)
    rules = _rules(chance, made)
    pipelines = tuple(_with_attachments(one, rules) for one in made.pipelines)
    if api:
        pipelines = tuple(_with_signed_mail(chance, one) for one in pipelines)
    second = made.second and _with_attachments(made.second, rules)
    made = replace(made, pipelines=pipelines, second=second)
    if not made.rates:
        return made
    faults = {sort: rate for sort, rate in FILE_RATES.items() if chance.random() < 0.5}
    return replace(made, rates={**made.rates, **faults}, outages=_outages(chance, made))


def with_api(
    connected: tuple[Connection, ConnectionCredentials], given: Scenario
) -> tuple[Connection, ConnectionCredentials]:
    """The connection, with the API token that the seed gives it."""
    connection, secrets = connected
    if connection.id != ASKED or not given.api:
        return connected
    asked = {"provider": given.api, "keep_files": given.keep_files}
    return (
        connection.model_copy(update=asked),
        secrets.model_copy(update={"provider": given.api, "api_token": KEY}),
    )


def _acts(chance: Chance, made: Scenario) -> list[Act]:
    acts = list(made.acts)
    if chance.random() < 0.5:  # in the very second in which the first mails are due
        at_once = timedelta(seconds=42)
        removal = Act(at_once, "remove file", (0, 0))
        replaced = Act(at_once, "upload", (0, 0, 1, "", True))
        acts.insert(1, chance.choice((removal, replaced, replaced)))
    for number in range(chance.randint(2, 7)):
        early = number < 2 and chance.random() < 0.8
        at = 1 if early else chance.randint(1, len(acts))
        upload = Act(timedelta(seconds=20) if early else gap(chance), "upload", _upload(chance))
        if number == 0 and early:
            upload = replace(upload, with_=(0, 0, 0, "", True))
        acts.insert(at, upload)
        how = chance.random()
        if how < 0.3:  # somebody else adds one of that name at the same time
            who, name, *_ = upload.with_
            other = (who, name, *_upload(chance)[2:])
            acts.insert(at + 1, Act(timedelta(0), "upload", other))
        elif how < 0.5:  # or has it removed while it is being added, or has just been
            soon = timedelta(seconds=chance.randint(1, 5))
            acts.insert(at + 1, Act(soon, "remove file", (upload.with_[0], 8)))
    for _ in range(chance.choice((0, 1, 1, 2))):
        removal = Act(gap(chance), "remove file", (chance.randrange(2), chance.randrange(9)))
        acts.insert(chance.randint(1, len(acts)), removal)
    if chance.random() < 0.1:
        loss = Act(gap(chance), "lose file", (chance.randrange(2), chance.randrange(9)))
        acts.insert(chance.randint(1, len(acts)), loss)
    for who in (0, 1):
        if chance.random() < 0.6:
            places = sorted(chance.choices(range(1, len(acts) + 1), k=3), reverse=True)
            for place in places:
                acts.insert(place, Act(gap(chance), "envelope", (who, "signed", 0)))
    return acts


def _upload(chance: Chance) -> tuple[Any, ...]:
    """Whose document, which name and bytes, what is wrong with it, and whether it replaces."""
    wrong = chance.choice((*(8 * ("",)), "unsent", "cut", "other", "of another type"))
    named, content = chance.randrange(len(NAMED)), chance.randrange(4)
    return chance.choice((0, 0, 1)), named, content, wrong, chance.random() < 0.5


def _rules(chance: Chance, made: Scenario) -> dict[str, dict[str, Any]]:
    """What rules get, by their ids."""
    pipelines = [*made.pipelines[:1], *([made.second] if made.second else [])]
    found = {}
    for pipeline in pipelines:
        for stage in pipeline["stages"]:
            for rule in stage["rules"]:
                if rule["kind"] == "send_email" and chance.random() < 0.6:
                    found[rule["id"]] = {
                        "settings": _attaching(chance, alone=rule["settings"]["to"] == ["client"])
                    }
                    if chance.random() < 0.8:
                        minutes = chance.choice((1, 1, 5, 300))
                        found[rule["id"]]["time"] = {"after": {"minutes": minutes}}
    return found


def _attaching(chance: Chance, *, alone: bool) -> dict[str, Any]:
    large = {"large_files": "link"} if chance.random() < 0.3 else {}
    to = {"to": [KLARA]} if alone and chance.random() < 0.9 else {}
    return {"attachments": [*chance.choice(ATTACHED)], **large, **to}


def _with_attachments(
    pipeline: dict[str, Any], more: Mapping[str, dict[str, Any]]
) -> dict[str, Any]:
    stages = []
    for stage in pipeline["stages"]:
        rules = [
            {**rule, **added, "settings": {**rule["settings"], **added["settings"]}}
            if rule["kind"] == "send_email" and (added := more.get(rule["id"]))
            else rule
            for rule in stage["rules"]
        ]
        stages.append({**stage, "rules": rules})
    return {**pipeline, "stages": stages}


def _with_signed_mail(chance: Chance, pipeline: dict[str, Any]) -> dict[str, Any]:
    """The last stage is where a document is that all have signed, and mails what they have."""
    *others, last = pipeline["stages"]
    written = mail("signed")
    settings = {**written["settings"], "from": SENDER, "attachments": ["signed_pdf"]}
    rule = {**written, "settings": settings, "execution": "independent"}
    heard = trigger("signed_by_all", "all")
    last = {**last, "rules": [*last["rules"], rule], "triggers": [*last["triggers"], heard]}
    return {**pipeline, "stages": [*others, last]}


def _outages(chance: Chance, made: Scenario) -> tuple[Outage, ...]:
    span = sum((act.after for act in made.acts), timedelta())
    more = []
    if made.api and chance.random() < 0.3:
        begins = span * chance.random()
        more.append(Outage("signing provider", begins, chance.choice(LENGTHS)))
    if chance.random() < 0.1:
        more.append(Outage("file store", span * chance.random(), chance.choice(LENGTHS)))
    return (*made.outages, *more)
