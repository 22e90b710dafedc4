"""What can be set up, over the API."""

from __future__ import annotations

from tests.unit.http.client import ApiClient


def test_every_kind_of_the_list_is_shown_with_its_settings_in_both_languages(
    api: ApiClient,
) -> None:
    kinds = api("GET", "/catalogue/kinds").body["items"]

    assert {"send_email", "signed_by_all", "create_task"} <= {row["kind"] for row in kinds}
    for row in kinds:
        shown = api("GET", f"/catalogue/kinds/{row['kind']}").body
        assert [one["name"] for one in shown["settings"]] != [] or row["settings"] == []
        for setting in shown["settings"]:
            assert setting["label"]["en"]
            assert setting["help"]["de"]
            assert setting["json_schema"] != {} or setting["widget"]


def test_a_kind_says_what_a_form_needs(api: ApiClient) -> None:
    shown = api("GET", "/catalogue/kinds/send_email").body

    to = next(one for one in shown["settings"] if one["name"] == "to")
    assert shown["row"]["of"] == "rule"
    assert (to["widget"], to["label"]["de"], to["required"]) == ("recipients", "An", True)


def test_an_unknown_kind_names_those_that_are_close(api: ApiClient) -> None:
    answer = api("GET", "/catalogue/kinds/send_mail")

    assert answer.status == 404
    assert "send_email" in answer.body["detail"]


def test_groups_parts_and_the_schema_are_there(api: ApiClient) -> None:
    groups = api("GET", "/catalogue/groups").body["items"]
    part = api("GET", "/catalogue/parts/rule").body
    schema = api("GET", "/catalogue/pipeline-schema").body

    assert {"group": "payment", "title": {"en": "Payment", "de": "Zahlung"}} in groups
    assert "condition" in {one["name"] for one in part["settings"]}
    assert schema["title"] == "Countersign pipeline"
    assert api("GET", "/catalogue/parts/stage").status == 422


def test_a_provider_says_how_it_is_set_up(api: ApiClient) -> None:
    rows = api("GET", "/catalogue/providers").body["items"]
    shown = api("GET", "/catalogue/providers/docusign").body

    assert "docusign" in [row["provider"] for row in rows]
    assert any("{url}" in step for step in shown["setup"])
    assert api("GET", "/catalogue/providers/docusing").status in (404, 422)


def test_kinds_that_the_plan_does_not_include_are_locked_with_the_reason(api: ApiClient) -> None:
    assert {row["locked"] for row in api("GET", "/catalogue/kinds").body["items"]} == {None}
    limits = {"rule_kinds": ["send_email"], "plan": "Basic"}
    api("PUT", "/entitlements", limits, headers={"if-match": api("GET", "/entitlements").etag})

    rows = {row["kind"]: row for row in api("GET", "/catalogue/kinds").body["items"]}

    assert rows["create_task"]["locked"] == {
        "en": "Create a task: not included in this deployment's plan Basic",
        "de": "Aufgabe erstellen: im Tarif Basic dieser Installation nicht enthalten",
    }
    assert (rows["send_email"]["locked"], rows["signed_by_all"]["locked"]) == (None, None)
    shown = api("GET", "/catalogue/kinds/create_task").body
    assert shown["row"]["locked"] == rows["create_task"]["locked"]
