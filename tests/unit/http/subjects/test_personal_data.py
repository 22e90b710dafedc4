"""Persons' requests over the API: erasing, exporting, and proving the timeline."""

from __future__ import annotations

import json
from typing import Any

import pytest

from countersign.adapters.memory.services.mailer import MemoryMailer
from countersign.http.application import routes_of
from countersign.model.actor import user
from countersign.model.message import Email
from countersign.rules.base import Edit
from countersign.simulation.world import World
from countersign.use_cases.jobs.kinds.erase_person import ErasePerson
from countersign.use_cases.jobs.start import start_job
from tests.builders import ANNA, KLARA, connection, envelope, event, mail, pipeline, stage
from tests.unit.cli.desk import Desk
from tests.unit.http.client import ADA, CONTEXT, ApiAnswer, ApiClient, event_of

ERASURES, EXPORTS = "/personal-data/erasures", "/personal-data/exports"
NAMED = "/personal-data/documents"
SIGNERS = [
    {"id": "1", "name": "Anna Berg", "email": ANNA, "order": 1},
    {"id": "2", "name": "Klara Kundin", "email": KLARA, "order": 2},
]
MANY = [f"name {n}" for n in range(10_000)]


def world_of(number: int, mailbox: MemoryMailer | None = None) -> World:
    here = World(mailbox=mailbox)
    here.publish(pipeline(stage("sent", mail("hello")), senders=["contracts@acme.example"]))
    here.connect(connection())
    for n in range(number):
        state = envelope(id=f"env-{n}", signers=SIGNERS)
        told = event("document.sent", key=f"sent {n}", envelope=f"env-{n}", state=state)
        here.tell("docusign", [told])
    for document in here.state.documents:
        here.edit(document, Edit(comment=f"called {KLARA}"), by=ANNA)
    return here


def erased_path(world: World) -> str:
    return f"/documents/{next(iter(world.state.documents))}/erase-person"


def entries(api: ApiClient) -> list[dict[str, Any]]:
    found = api("GET", "/audit", query={"subject": "personal_data"}).body["items"]
    return [one for one in found if one["subject"]["kind"] == "personal_data"]


def pages(api: ApiClient, path: str = EXPORTS, **body: Any) -> list[ApiAnswer]:
    answers = [api("POST", path, body)]
    while answers[-1].body["next"]:
        answers.append(api("POST", path, {**body, "cursor": answers[-1].body["next"]}))
    return answers


# --- verification


def test_a_timeline_is_verified_by_whoever_may_read_it(desk: Desk) -> None:
    api = ApiClient(desk.world, "viewer")
    path = f"/documents/{desk.document}/verification"

    found = api("GET", path)

    assert found.status == 200
    assert found.body["holds"] is True
    assert found.body["problems"] == []
    assert found.body["entries"] == len(desk.world.documents.timeline(desk.document))
    noted = found.body["hash"]
    desk.world.edit(desk.document, Edit(comment="later"), by=ANNA)
    assert api("GET", path, query={"hash": noted}).body["holds"] is True
    other = api("GET", path, query={"hash": "5f0c"}).body
    assert (other["holds"], len(other["problems"])) == (False, 1)


def test_a_changed_entry_is_told_by_its_number(desk: Desk) -> None:
    log = desk.world.state.logs[desk.document]
    entry = log[0].entries[0].model_copy(update={"text": "nothing happened"})
    log[0] = log[0].model_copy(update={"entries": (entry, *log[0].entries[1:])})

    found = ApiClient(desk.world, "viewer")("GET", f"/documents/{desk.document}/verification").body

    assert (found["holds"], found["problems"][0]["number"]) == (False, 1)


def test_only_a_document_that_there_is_can_be_verified(api: ApiClient) -> None:
    assert api("GET", "/documents/d-9/verification").status == 404
    refused = api("GET", "/documents/d-9/verification", query={"hsah": "5f"})
    assert (refused.status, refused.body["errors"][0]["parameter"]) == (422, "hsah")


# --- one document


def test_a_person_is_erased_from_a_document_and_the_audit_log_has_who_did_it() -> None:
    world = world_of(1)
    api = ApiClient(world)

    answer = api("POST", erased_path(world), {"address": KLARA, "keep_files": ["contract"]})

    assert answer.status == 200
    (document,) = world.state.documents.values()
    pseudonym = document.erased[0].pseudonym
    assert answer.body["pseudonym"] == pseudonym
    assert answer.body["document"] == document.id
    assert answer.body["entries"] > 0
    assert (answer.body["files"], answer.body["running"]) == (0, [])
    assert KLARA not in repr((world.state.documents, world.state.logs))
    (entry,) = entries(api)
    assert (entry["action"], entry["outcome"]) == ("personal_data.erased", "done")
    assert entry["subject"]["id"] == pseudonym
    assert (entry["actor"]["id"], entry["source"]) == (
        ADA,
        {"channel": "api", "ip": "203.0.113.7"},
    )
    assert entry["after"] == {"document": document.id, "keep_files": ["contract"]}
    again = api("POST", erased_path(world), {"address": KLARA})
    assert (again.body["pseudonym"], again.body["entries"]) == (pseudonym, 0)
    assert {one["subject"]["id"] for one in entries(api)} == {pseudonym}
    assert KLARA not in repr(world.audit)


def test_a_signer_is_erased_by_id() -> None:
    world = world_of(1)

    answer = ApiClient(world)("POST", erased_path(world), {"signer": "2", "names": ["Kundin, K."]})

    assert answer.status == 200
    (document,) = world.state.documents.values()
    klara = document.signer("2")
    assert klara is not None
    assert klara.name == answer.body["pseudonym"] == entries(ApiClient(world))[0]["subject"]["id"]


class Asking(MemoryMailer):
    """The erasure is asked for while a mail is on its way."""

    api: ApiClient
    answer: ApiAnswer | None = None

    def send(self, email: Email) -> str:
        message_id = super().send(email)
        if self.answer is None:
            self.answer = ApiAnswer(0, {}, None)
            self.answer = self.api("POST", erased_path(self.api.world), {"address": KLARA})
        return message_id


def test_runs_that_are_being_performed_are_told_so_that_it_is_asked_again() -> None:
    world = world_of(0, Asking())
    assert isinstance(world.mailbox, Asking)
    api = world.mailbox.api = ApiClient(world)
    state = envelope(id="env-0", signers=SIGNERS)
    world.tell("docusign", [event("document.sent", key="sent", envelope="env-0", state=state)])
    first = world.mailbox.answer
    assert first is not None
    (document,) = world.state.documents

    assert first.body["running"] == [f"{document}.1.hello"]
    again = api("POST", erased_path(world), {"address": KLARA})
    assert again.body["running"] == []
    assert KLARA not in repr((world.state.documents, world.state.runs, world.state.logs))


def test_a_key_makes_an_erasure_safe_to_send_again() -> None:
    world = world_of(1)
    api, key = ApiClient(world), {"idempotency-key": "k"}

    first = api("POST", erased_path(world), {"address": KLARA}, headers=key)
    again = api("POST", erased_path(world), {"address": KLARA}, headers=key)
    other = api("POST", erased_path(world), {"address": ANNA}, headers=key)

    assert again.headers["idempotent-replayed"] == "true"
    assert again.body["pseudonym"] == first.body["pseudonym"]
    assert other.status == 422
    assert len(entries(api)) == 1


def test_whoever_is_not_there_or_in_charge_is_not_erased() -> None:
    world = world_of(1)
    api = ApiClient(world)
    assert api("POST", "/documents/d-9/erase-person", {"address": KLARA}).status == 404
    nobody = api("POST", erased_path(world), {"address": "nobody@kunde.example"})
    assert (nobody.status, nobody.body["type"]) == (404, "urn:countersign:problem:not-found")
    assert "nobody@" not in repr(nobody.body)
    assert api("POST", erased_path(world), {"signer": "9"}).status == 404
    world.edit(next(iter(world.state.documents)), Edit(values={"responsible": KLARA}), by=ANNA)
    refused = api("POST", erased_path(world), {"address": KLARA})
    assert (refused.status, refused.body["type"]) == (422, "urn:countersign:problem:not-possible")
    assert "is responsible for" in refused.body["detail"]
    assert {one["outcome"] for one in entries(api)} == {"failed"}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({"address": KLARA, "signer": "2"}, ""),
        ({"address": "klara"}, "/address"),
        ({"address": "@"}, "/address"),
        ({"address": "kl ara@kunde.example"}, "/address"),
        ({"address": f"{'k' * 400}@kunde.example"}, "/address"),
        ({"address": 7}, "/address"),
        ({"signer": ""}, "/signer"),
        ({"address": KLARA, "names": MANY}, "/names"),
        ({"address": KLARA, "names": ["K"]}, "/names/0"),
        ({"address": KLARA, "names": "Klara"}, "/names"),
        ({"address": KLARA, "keep_files": ["novel"]}, "/keep_files/0"),
        ({"address": KLARA, "name": "Klara"}, "/name"),
    ],
)
def test_what_cannot_be_erased_is_refused_and_nothing_is_changed(
    body: dict[str, object], pointer: str
) -> None:
    world = world_of(1)
    before = repr(world.state.documents)

    refused = ApiClient(world)("POST", erased_path(world), body)

    assert (refused.status, refused.body["type"]) == (422, "urn:countersign:problem:invalid")
    assert refused.body["errors"][0]["pointer"] == pointer
    assert repr(world.state.documents) == before
    assert entries(ApiClient(world)) == []


# --- all documents


def test_a_person_is_erased_from_all_documents_by_a_job() -> None:
    world = world_of(12)
    api, key = ApiClient(world), {"idempotency-key": "k"}
    body = {"address": KLARA, "names": ["K. Kundin"]}

    started = api("POST", ERASURES, body, headers=key)

    assert started.status == 202
    path = started.headers["location"].removeprefix("/api/v1")
    job = api("GET", path).body
    assert (job["kind"], job["state"], job["matched"], job["done"], job["refused"]) == (
        "erase_person",
        "done",
        12,
        12,
        0,
    )
    assert KLARA not in repr((world.state.documents, world.state.logs, world.state.runs))
    assert KLARA not in repr(world.jobs.jobs)
    (entry,) = entries(api)
    pseudonyms = {one.erased[0].pseudonym for one in world.state.documents.values()}
    assert {entry["subject"]["id"]} == pseudonyms
    assert (entry["action"], entry["outcome"]) == ("personal_data.erasure_started", "done")
    assert entry["after"] == {"job": job["id"], "keep_files": []}
    again = api("POST", ERASURES, body, headers=key)
    assert again.body["id"] == job["id"]
    assert api("POST", ERASURES, {"address": ANNA}, headers=key).status == 422
    assert len(entries(api)) == 1


def test_only_administrators_abort_what_only_they_may_start() -> None:
    world = world_of(1)
    started = ApiClient(world)("POST", ERASURES, {"address": KLARA})
    path = f"{started.headers['location'].removeprefix('/api/v1')}/abort"

    refused = ApiClient(world, "operator")("POST", path)

    assert (refused.status, refused.body["type"]) == (403, "urn:countersign:problem:not-allowed")
    assert ApiClient(world)("POST", path).status == 422  # it has ended
    assert ApiClient(world, "operator")("POST", "/jobs/j-9/abort").status == 404


def test_nobody_is_shown_whom_a_job_is_about_while_it_goes_on() -> None:
    world = world_of(1)
    wanted = ErasePerson(address=KLARA, key="00")
    start_job(world.jobs, "j-1", wanted, user(ADA), now=world.now)

    for role in ("viewer", "administrator"):
        api = ApiClient(world, role)
        # Asked without working on it.
        answer = api.application.respond(event_of("GET", "/api/v1/jobs/j-1", None), CONTEXT)
        shown = json.loads(answer["body"])
        assert (shown["state"], shown["arguments"], shown["private"]) == ("waiting", "", True)
        assert KLARA not in answer["body"]


def test_the_documents_that_a_person_would_be_erased_from_are_listed() -> None:
    world = world_of(5)
    api = ApiClient(world)

    answers = pages(api, NAMED, address=KLARA, limit=2)

    found = [one["document"] for answer in answers for one in answer.body["items"]]
    assert sorted(found) == sorted(world.state.documents)
    assert {answer.status for answer in answers} == {200}
    assert [
        one for one in pages(api, NAMED, address="nobody@kunde.example") if one.body["items"]
    ] == []
    assert entries(api) == []
    cursor = answers[0].body["next"]
    other = api("POST", NAMED, {"address": ANNA, "cursor": cursor})
    assert (other.status, other.body["type"]) == (400, "urn:countersign:problem:invalid-cursor")


@pytest.mark.parametrize("path", [ERASURES, EXPORTS, NAMED])
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"address": None},
        {"address": "klara"},
        {"address": KLARA, "names": MANY},
        {"address": KLARA, "signer": "2"},
        {"address": KLARA, "everything": True},
        [],
    ],
)
def test_a_request_about_nobody_is_refused(path: str, body: object) -> None:
    world = world_of(1)

    refused = ApiClient(world)("POST", path, body)

    assert refused.status == 422
    assert refused.headers["content-type"] == "application/problem+json"
    assert world.jobs.jobs == {}
    assert entries(ApiClient(world)) == []


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_whoever_is_not_an_administrator_neither_erases_nor_exports(role: Any) -> None:
    world = world_of(1)
    api, before = ApiClient(world, role), repr(world.state.documents)

    for path in (erased_path(world), ERASURES, EXPORTS, NAMED):
        assert api("POST", path, {"address": KLARA}).status == 403

    assert repr(world.state.documents) == before
    assert world.jobs.jobs == {}


def test_the_pool_is_asked_whether_the_administrator_is_still_one() -> None:
    endpoints = [*routes_of("personal-data").endpoints, *routes_of("documents").endpoints]
    wanted = (ERASURES, EXPORTS, NAMED, "/documents/<document_id>/erase-person")
    found = {one.path: (one.role, one.confirmed) for one in endpoints if one.path in wanted}
    assert found == dict.fromkeys(wanted, ("administrator", True))


# --- exports


def test_all_that_is_known_of_a_person_is_given_out_page_by_page() -> None:
    world = world_of(5)
    api = ApiClient(world)

    answers = pages(api, address=KLARA, limit=2)

    found = [one for answer in answers for one in answer.body["items"]]
    assert {answer.status for answer in answers} == {200}
    assert max(len(answer.body["items"]) for answer in answers) == 2
    assert sorted(one["document"]["id"] for one in found) == sorted(world.state.documents)
    assert {tuple(signer["email"] for signer in one["signers"]) for one in found} == {(KLARA,)}
    assert all(
        one["timeline"] and one["tasks"] == [] and not one["messages_left_out"] for one in found
    )
    logged = entries(api)
    assert {one["action"] for one in logged} == {"personal_data.exported"}
    assert len({one["subject"]["id"] for one in logged}) == 1
    ids = [document for one in logged for document in one["after"]["documents"]]
    assert sorted(ids) == sorted(world.state.documents)
    assert KLARA not in repr(logged)


def test_an_export_of_one_document_is_one_page() -> None:
    world = world_of(2)
    first = next(iter(world.state.documents))
    api = ApiClient(world)
    (answer,) = pages(api, address=KLARA, document=first)
    assert [one["document"]["id"] for one in answer.body["items"]] == [first]
    (nobody,) = pages(api, address="nobody@kunde.example", document=first)
    assert nobody.body["items"] == []
    assert api("POST", EXPORTS, {"address": KLARA, "document": "d-9"}).status == 404


def test_of_who_was_erased_nothing_is_given_out() -> None:
    world = world_of(2)
    api = ApiClient(world)
    api("POST", ERASURES, {"address": KLARA})
    assert [one for answer in pages(api, address=KLARA) for one in answer.body["items"]] == []


@pytest.mark.parametrize("change", [{"address": ANNA}, {"names": ["Klara"]}, {"document": "d-1"}])
def test_another_requests_cursor_is_refused(change: dict[str, object]) -> None:
    world = world_of(3)
    api = ApiClient(world)
    cursor = api("POST", EXPORTS, {"address": KLARA, "limit": 1}).body["next"]

    refused = api("POST", EXPORTS, {"address": KLARA, "cursor": cursor, **change})

    assert (refused.status, refused.body["type"]) == (400, "urn:countersign:problem:invalid-cursor")


@pytest.mark.parametrize("cursor", ["nothing", "", "ä", "x" * 3000])
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    api = ApiClient(world_of(1))
    assert api("POST", EXPORTS, {"address": KLARA, "cursor": cursor}).status == 400


@pytest.mark.parametrize("limit", [0, 21, -1, "many"])
def test_a_page_has_one_to_twenty_documents(limit: object) -> None:
    api = ApiClient(world_of(1))
    assert api("POST", EXPORTS, {"address": KLARA, "limit": limit}).status == 422
