"""Lists over the API: pages, cursors, filters."""

from __future__ import annotations

import pytest

from tests.unit.cli.desk import Desk
from tests.unit.http.client import ApiClient


@pytest.fixture
def contract(desk: Desk) -> str:
    """The contract that is out, before others are made."""
    return desk.document


@pytest.fixture
def many(api: ApiClient, contract: str) -> list[str]:
    """Twelve documents beside the one that is there, oldest first."""
    made = []
    for number in range(12):
        fields = {"title": f"Lease {number:02}", "number": f"L-{number}"}
        made.append(api("POST", "/documents", {"pipeline": "contracts", "fields": fields}).body)
    return [one["id"] for one in made]


def test_pages_lead_through_the_whole_list_without_a_gap_or_a_repetition(
    api: ApiClient, many: list[str]
) -> None:
    found, cursor, pages = [], None, 0
    while True:
        query = {"pipeline": "contracts", "stage": "draft", "limit": "5"}
        page = api("GET", "/documents", query=query | ({"cursor": cursor} if cursor else {}))
        assert page.status == 200
        found += [row["id"] for row in page.body["items"]]
        pages += 1
        cursor = page.body["next"]
        if cursor is None:
            break

    assert sorted(found) == sorted(many)
    assert pages >= 3


def test_a_search_finds_words_numbers_and_addresses(
    api: ApiClient, contract: str, many: list[str]
) -> None:
    def found(**query: str) -> list[str]:
        return [row["id"] for row in api("GET", "/documents", query=query).body["items"]]

    assert found(text="lease 07") == [many[7]]
    assert found(text="L-11") == [many[11]]
    assert found(party="klara.vogel@kunde.example") == [contract]
    assert found(text="nothing like it") == []


def test_the_cursor_of_another_query_is_refused(api: ApiClient, many: list[str]) -> None:
    first = api("GET", "/documents", query={"pipeline": "contracts", "limit": "5"}).body["next"]

    other = api("GET", "/documents", query={"text": "lease", "cursor": first})

    assert other.status == 400
    assert other.body["type"] == "urn:countersign:problem:invalid-cursor"


@pytest.mark.parametrize("cursor", ["", "x", "ÄÖ", "%00", "a" * 1999, "e30", "==="])
def test_what_is_no_cursor_is_refused(api: ApiClient, cursor: str) -> None:
    answer = api("GET", "/documents", query={"cursor": cursor})

    assert answer.status == 400
    assert answer.body["type"] == "urn:countersign:problem:invalid-cursor"


@pytest.mark.parametrize("limit", ["0", "101", "-1", "ten", "1.5", ""])
def test_a_limit_that_cannot_be_is_refused(api: ApiClient, limit: str) -> None:
    answer = api("GET", "/documents", query={"limit": limit})

    assert answer.status == 422
    assert answer.body["errors"][0]["parameter"] == "limit"


def test_a_timeline_is_read_from_either_end(api: ApiClient, desk: Desk) -> None:
    path = f"/documents/{desk.document}/timeline"
    oldest = api("GET", path, query={"order": "oldest"}).body["items"]
    newest = api("GET", path).body["items"]

    assert oldest[0]["kind"] == "created"
    assert newest == oldest[::-1]
    assert api("GET", "/documents/d-9/timeline").status == 404


def test_a_stage_that_does_not_exist_is_answered_404(api: ApiClient) -> None:
    answer = api("GET", "/documents", query={"pipeline": "contracts", "stage": "drft"})

    assert answer.status == 404
    assert "did you mean draft" in answer.body["detail"]
