"""Drafts over the API."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from countersign.model.entitlements import Entitlements
from tests.unit.cli.desk import Desk
from tests.unit.http.client import ApiAnswer, ApiClient

WRONG = {"pipeline": "leases", "stages": [{"id": "a", "rules": [{"id": "x", "kind": "send_mail"}]}]}


@pytest.fixture
def draft(api: ApiClient) -> ApiAnswer:
    """A draft of the published pipeline."""
    made = api("POST", "/drafts", {"from_pipeline": "contracts"})
    assert made.status == 201
    return made


def test_a_draft_may_be_wrong_and_says_where(api: ApiClient) -> None:
    made = api("POST", "/drafts", {"content": WRONG})

    assert made.status == 201
    assert made.headers["location"] == "/api/v1/drafts/leases"
    found = api("POST", "/drafts/leases/validate").body
    assert found["valid"] is False
    assert "/stages/0/rules/0/kind" in [one["pointer"] for one in found["problems"]]
    refused = api("POST", "/drafts/leases/publish", {}, headers={"if-match": made.etag})
    assert refused.status == 422
    assert "/stages/0/rules/0/kind" in [one["pointer"] for one in refused.body["errors"]]


def test_a_pipeline_begins_with_a_template(api: ApiClient) -> None:
    templates = [row["template"] for row in api("GET", "/catalogue/templates").body["items"]]
    assert "signing" in templates
    new = {"pipeline": "leases", "sender": "leases@acme.example"}

    made = api("POST", "/drafts", {"template": "signing", "new": new})

    assert made.body["base_version"] is None
    assert made.body["content"]["senders"] == ["leases@acme.example"]
    done = api("POST", "/drafts/leases/publish", {}, headers={"if-match": made.etag})
    assert (done.status, done.body["number"]) == (200, 1)
    assert api("GET", "/drafts/leases").status == 404


def test_a_template_is_filled_in_with_the_callers_language(api: ApiClient) -> None:
    body = {"template": "signing", "new": {"pipeline": "vertraege", "sender": "v@acme.example"}}

    made = api("POST", "/drafts", body, headers={"accept-language": "de-DE, en;q=0.5"})

    content = made.body["content"]
    assert content["language"] == "de"
    assert [stage["name"] for stage in content["stages"]] == [
        "Entwurf",
        "Versandt",
        "Unterzeichnet",
        "Nicht unterzeichnet",
    ]
    assert [stage["id"] for stage in content["stages"]] == ["draft", "sent", "signed", "not-signed"]


def test_of_two_editors_the_second_gets_the_draft_of_the_first(
    api: ApiClient, draft: ApiAnswer
) -> None:
    first = {**draft.body["content"], "name": "First"}
    second = {**draft.body["content"], "name": "Second"}
    headers = {"if-match": draft.etag}
    saved = api("PUT", "/drafts/contracts", {"content": first}, headers=headers)
    assert saved.status == 200

    refused = api("PUT", "/drafts/contracts", {"content": second}, headers=headers)

    assert refused.status == 412
    assert refused.body["present"] == saved.etag == refused.etag
    assert refused.body["draft"]["content"]["name"] == "First"
    assert api("GET", "/drafts/contracts").body["content"]["name"] == "First"


def test_a_save_needs_the_version_that_was_read(api: ApiClient, draft: ApiAnswer) -> None:
    body = {"content": draft.body["content"]}

    assert api("PUT", "/drafts/contracts", body).status == 428
    assert api("DELETE", "/drafts/contracts").status == 428
    assert api("DELETE", "/drafts/contracts", headers={"if-match": draft.etag}).status == 204
    assert api("GET", "/drafts/contracts").status == 404


def test_a_pipeline_has_one_draft(api: ApiClient, draft: ApiAnswer) -> None:
    again = api("POST", "/drafts", {"from_pipeline": "contracts"})

    assert again.status == 409
    assert again.body["present"] == draft.etag


def test_a_plan_names_what_publishing_touches(api: ApiClient, draft: ApiAnswer) -> None:
    content = draft.body["content"]
    stages = [stage for stage in content["stages"] if stage["id"] != "sent"]
    api(
        "PUT",
        "/drafts/contracts",
        {"content": {**content, "stages": stages}},
        headers={"if-match": draft.etag},
    )

    plan = api("POST", "/drafts/contracts/plan").body

    assert ("removed", "stage", "sent") in [
        (one["change"], one["part"], one["id"]) for one in plan["diff"]
    ]
    assert '"sent" holds 1 document' in plan["refusals"][0]


def test_a_draft_that_is_managed_by_git_is_not_published_from_here(
    api: ApiClient, draft: ApiAnswer
) -> None:
    content = {**draft.body["content"], "managed_by": "git"}
    saved = api("PUT", "/drafts/contracts", {"content": content}, headers={"if-match": draft.etag})

    refused = api("POST", "/drafts/contracts/publish", {}, headers={"if-match": saved.etag})

    assert refused.status == 403
    assert api("GET", "/pipelines/contracts").body["version"] == 1
    assert "managed_by: git" in api("GET", "/drafts/contracts/yaml").body["yaml"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"content": WRONG, "yaml": "pipeline: leases"}, 422),
        ({"yaml": "pipeline: [unclosed"}, 422),
        ({"yaml": "pipeline: a\npipeline: b"}, 422),
        ({"content": {"pipeline": "Not an id!"}}, 422),
        ({"content": {"stages": []}}, 422),
        ({"template": "signed", "new": {"pipeline": "leases"}}, 404),
        ({"template": "signing"}, 422),
        ({"from_pipeline": "lease"}, 404),
        ({"from_pipeline": "contracts", "from_version": 9}, 404),
        ({"content": {"pipeline": "leases", "name": "x" * 1_100_000}}, 413),
    ],
)
def test_what_no_draft_can_be_made_of_is_refused(
    api: ApiClient, body: dict[str, object], status: int
) -> None:
    answer = api("POST", "/drafts", body)

    assert answer.status == status
    assert api("GET", "/drafts").body["items"] == []


def test_numbers_of_a_draft_stay_as_they_were_written(api: ApiClient) -> None:
    text = '{"content": {"pipeline": "leases", "x": 1234567890123456, "y": 12.10}}'
    api("POST", "/drafts", text)

    content = api("GET", "/drafts/leases").body["content"]

    assert json.dumps([content["x"], content["y"]]) == "[1234567890123456, 12.1]"


def test_a_back_test_tells_what_would_have_gone_otherwise_and_changes_nothing(
    api: ApiClient, draft: ApiAnswer
) -> None:
    content = draft.body["content"]
    stages = [
        {**stage, "triggers": []} if stage["id"] == "sent" else stage for stage in content["stages"]
    ]
    body = {"content": {**content, "stages": stages}}
    api("PUT", "/drafts/contracts", body, headers={"if-match": draft.etag})
    before = api("GET", "/documents").body

    found = api("POST", "/drafts/contracts/backtest", {"days": 30})

    assert found.status == 200
    (tested,) = found.body["items"]
    assert tested["document"] == before["items"][0]["id"]
    assert tested["differences"] != []
    assert (found.body["same"], found.body["next"]) == (0, None)
    assert api("GET", "/documents").body == before
    assert api("POST", "/drafts/contracts/backtest", {"days": 0}).status == 422
    other = {"days": 30, "cursor": "x"}
    assert api("POST", "/drafts/contracts/backtest", other).status == 400


def test_a_back_test_of_a_draft_that_does_not_fit_the_documents_says_why(
    api: ApiClient, draft: ApiAnswer
) -> None:
    api.world.advance(timedelta(days=40))
    other = {"pipeline": "contracts", "name": "Leases", "stages": [{"id": "leased"}]}
    api("PUT", "/drafts/contracts", {"content": other}, headers={"if-match": draft.etag})

    found = api("POST", "/drafts/contracts/backtest", {"days": 30}).body

    (item,) = found["items"]
    assert item["unfit"] == 'the document is in the stage "sent", which the draft lacks'
    assert (item["differences"], item["stage_draft"], found["same"]) == ([], None, 0)


def test_a_back_test_of_a_draft_that_was_never_published_says_so(api: ApiClient) -> None:
    leases = {"pipeline": "leases", "name": "Leases", "stages": [{"id": "leased"}]}
    assert api("POST", "/drafts", {"content": leases}).status == 201

    refused = api("POST", "/drafts/leases/backtest", {"days": 30})

    assert refused.status == 404
    assert refused.body["detail"] == 'there is no pipeline "leases"; published are contracts'


def test_a_back_test_of_a_draft_without_documents_in_the_period_has_none(
    api: ApiClient, draft: ApiAnswer
) -> None:
    (document,) = api("GET", "/documents").body["items"]
    api.world.documents.remove(document["id"])

    found = api("POST", "/drafts/contracts/backtest", {"days": 7})

    assert found.status == 200
    assert found.body == {"published": 1, "items": [], "same": 0, "next": None}


def test_what_the_plan_does_not_include_is_planned_as_a_refusal_and_not_published(
    api: ApiClient, draft: ApiAnswer
) -> None:
    api.world.entitlements.put(
        Entitlements(trigger_kinds=("sent", "signed_by_company"), plan="Basic", version=1)
    )
    content = {**draft.body["content"], "name": "Contracts of 2026"}
    saved = api("PUT", "/drafts/contracts", {"content": content}, headers={"if-match": draft.etag})

    planned = api("POST", "/drafts/contracts/plan").body["refusals"]
    refused = api("POST", "/drafts/contracts/publish", {}, headers={"if-match": saved.etag})

    assert planned != []
    assert all("not included in this deployment's plan Basic" in text for text in planned)
    assert (refused.status, refused.body["type"]) == (403, "urn:countersign:problem:not-allowed")
    assert [one["detail"] for one in refused.body["errors"]] == planned
    places = [one["pointer"] for one in refused.body["errors"]]
    assert places[0] == "/stages/3/triggers/0/kind"
    assert api("GET", "/pipelines/contracts").body["version"] == 1
    assert api("GET", "/drafts/contracts").etag == saved.etag


def test_what_is_typed_is_checked_before_it_is_saved(api: ApiClient) -> None:
    content = api("GET", "/pipelines/contracts").body["content"]

    right = api("POST", "/pipelines/validate", {"content": content, "pipeline": "contracts"})
    renamed = api("POST", "/pipelines/validate", {"content": content, "pipeline": "leases"})

    assert right.body["valid"] is True
    assert renamed.body["valid"] is False
    assert [one["pointer"] for one in renamed.body["problems"]] == ["/pipeline"]
    assert api("GET", "/drafts/contracts").status == 404


def test_a_rule_of_a_draft_is_previewed_on_a_document(api: ApiClient, desk: Desk) -> None:
    content = api("GET", "/pipelines/contracts").body["content"]
    rules = [rule for stage in content["stages"] for rule in stage.get("rules", ())]
    (rule,) = [rule for rule in rules if rule["id"] == "mail-contract"]
    rule["settings"] |= {"subject": "Now: {{ document.number }}"}
    rule["settings"]["text"] = "{{ document.nummer }}"
    body = {"rule": "mail-contract", "document": desk.document, "content": content}
    german = {"accept-language": "de"}

    shown = ApiClient(desk.world, "operator")("POST", "/drafts/contracts/preview", body).body
    told = api("POST", "/drafts/contracts/preview", body, headers=german).body

    assert shown["rule"] == "mail-contract"
    (problem,) = shown["problems"]
    assert problem["pointer"].endswith("/settings/text")
    assert "did you mean document.number?" in problem["text"]
    assert "document.number" in told["problems"][0]["text"] != problem["text"]
    assert desk.world.mailbox.sent == []


def test_what_the_draft_says_is_previewed_unless_it_is_given(api: ApiClient, desk: Desk) -> None:
    body = {"rule": "mail-contract", "document": desk.document}
    assert api("POST", "/drafts/contracts/preview", body).status == 404
    draft = api("POST", "/drafts", {"from_pipeline": "contracts"})
    assert draft.status == 201

    shown = api("POST", "/drafts/contracts/preview", body)

    assert shown.status == 200
    assert shown.body["mails"][0]["to"] == ["klara.vogel@kunde.example"]
    missing = {**body, "document": "d-none"}
    assert api("POST", "/drafts/contracts/preview", missing).status == 404
    assert api("POST", "/drafts/contracts/preview", {**body, "rule": "x"}).status == 404
    assert api("POST", "/drafts/contracts/preview", {**body, "stage": "x"}).status == 422


def test_a_draft_that_there_need_not_be_is_answered_with_null(api: ApiClient) -> None:
    assert api("GET", "/drafts/contracts").status == 404
    nothing = api("GET", "/drafts/contracts", query={"optional": "true"})
    assert (nothing.status, nothing.body) == (200, None)
    made = api("POST", "/drafts", {"from_pipeline": "contracts"})
    shown = api("GET", "/drafts/contracts", query={"optional": "true"})
    assert (shown.body, shown.etag) == (made.body, made.etag)
