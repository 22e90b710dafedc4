"""What can be set up, over the API."""

from __future__ import annotations

from tests.unit.cli.desk import Desk
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
    assert api("GET", "/catalogue/parts/steps").status == 422


def test_the_pipelines_own_settings_say_what_a_form_needs(api: ApiClient) -> None:
    shown = api("GET", "/catalogue/parts/pipeline").body
    country = next(one for one in shown["settings"] if one["name"] == "country")
    hours = api("GET", "/catalogue/parts/calendar").body["settings"][0]

    assert shown["part"] == "pipeline"
    assert (country["label"]["de"], country["widget"]) == ("Land der Rufnummern", "select")
    assert {"value": "AT", "label": {"en": "Austria", "de": "Österreich"}} in country["choices"]
    assert (hours["name"], hours["label"]["de"]) == ("hours", "Geschäftszeiten")
    assert hours["default"] == {"mon-fri": "09:00-18:00"}


def test_the_countries_whose_holidays_are_known_have_their_regions(api: ApiClient) -> None:
    rows = api("GET", "/catalogue/holiday-regions").body["items"]
    regions = {row["country"]: row["regions"] for row in rows}

    assert regions["AT"] == [f"AT-{n}" for n in range(1, 10)]
    assert "DE-BY" in regions["DE"]
    assert regions["LU"] == []
    assert "XX" not in regions


def test_a_schema_has_the_definitions_that_it_refers_to_and_no_others(api: ApiClient) -> None:
    shown = api("GET", "/catalogue/parts/pipeline").body
    schemas = {one["name"]: one["json_schema"] for one in shown["settings"]}

    assert set(schemas["retention"]["$defs"]) == {"Retention", "KeptFor"}
    assert set(schemas["calendar"]["$defs"]) == {"Calendar"}
    assert "$defs" not in schemas["senders"]


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


def test_the_vocabulary_is_what_conditions_and_texts_are_put_together_of(desk: Desk) -> None:
    found = ApiClient(desk.world, "viewer")("GET", "/catalogue/vocabulary").body

    amount = next(one for one in found["fields"] if one["field"] == "amount")
    assert amount == {
        "field": "amount",
        "type": "money",
        "label": {"en": "Amount", "de": "Betrag"},
        "group": "document",
        "editable": True,
        "options": [],
    }
    (between,) = [one for one in found["operators"] if one["operator"] == "between"]
    assert between["label"]["de"] == "liegt zwischen"
    assert between["takes"] == "two"
    assert found["types"][0]["insert"] == "document.{field}"
    assert found["variables"][0]["insert"] == "signer.name"
