"""Connections are listed by id, and shown with what happened last first; never with a secret."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

import pytest

from countersign.errors import NotFoundError
from countersign.model.connection import ConnectionCredentials
from countersign.model.refusal import RefusedCall
from countersign.model.transaction import ProcessedEvent
from countersign.simulation.world import START, World
from countersign.use_cases.queries.connections import (
    ConnectionDetails,
    ConnectionStores,
    list_connections,
    show_connection,
    sorted_connections,
)
from tests.builders import connection
from tests.unit.use_cases.queries.scene import disordered

SECRET, TOKEN, API_TOKEN = "the-secret-itself", "the-token-itself", "the-api-token-itself"


def connect(here: World, name: str, provider: str = "docusign", *secrets: str) -> None:
    here.connections.put(connection(id=name, provider=provider))
    here.secrets.put(
        ConnectionCredentials(
            connection=name,
            provider=provider,
            pipeline="contracts",
            tokens=(TOKEN, "older"),
            secrets=secrets,
            api_token=API_TOKEN if secrets else None,
            api_url="https://api.sign.example" if secrets else None,
        )
    )


def stores(here: World) -> ConnectionStores:
    return ConnectionStores(
        connections=here.connections,
        secrets=here.secrets,
        documents=here.documents,
        refusals=here.refusals,
    )


def show(here: World, name: str) -> ConnectionDetails:
    return show_connection(stores(here), name, now=START)


def test_connections_stand_by_id_with_whether_they_wait_for_their_secret() -> None:
    here = disordered()
    connect(here, "sales")
    connect(here, "legal", "docusign", SECRET)
    connect(here, "archive", "yousign")
    connect(here, "personnel", "zoho_sign", SECRET)
    here.connections.put(connection(id="half-removed"))
    rows = list_connections(here.connections, here.secrets)
    assert [(row.connection.id, row.waits_for_secret) for row in rows] == [
        ("archive", True),
        ("half-removed", False),
        ("legal", False),
        ("personnel", False),
        ("sales", True),
    ]
    assert [known.id for known in sorted_connections(here.connections)] == [
        "archive",
        "half-removed",
        "legal",
        "personnel",
        "sales",
    ]


def test_without_connections_none_are_listed() -> None:
    here = disordered()
    assert list_connections(here.connections, here.secrets) == ()
    assert sorted_connections(here.connections) == ()


def event(minute: int) -> ProcessedEvent:
    return ProcessedEvent(
        key=f"e{minute}",
        connection="sales",
        at=START + timedelta(minutes=minute),
        provider_event="envelope-sent",
        kind="document.sent",
        authenticity="signed",
    )


def refusal(minute: int, name: str = "sales") -> RefusedCall:
    at = START - timedelta(minutes=minute)
    return RefusedCall(at=at, connection=name, status=401, reason=f"{minute}")


def test_a_connection_is_shown_with_its_last_events_and_refusals_newest_first() -> None:
    here = disordered()
    connect(here, "sales", "docusign", SECRET, "older")
    for minute in range(1, 23):
        here.state.events["d", "sales", f"e{minute}"] = event(minute)
    week = 7 * 24 * 60
    for call in (refusal(9), refusal(3), refusal(week + 1), refusal(week), refusal(5, "legal")):
        here.refusals.note(call)
    details = show(here, "sales")
    assert [event.key for event in details.last_events] == [
        f"e{minute}" for minute in range(22, 2, -1)
    ]
    assert [call.reason for call in details.refusals] == ["3", "9", f"{week}"]


def test_of_the_refusals_the_last_twenty_are_shown() -> None:
    here = disordered()
    connect(here, "sales")
    for minute in range(1, 24):
        here.refusals.note(refusal(minute))
    assert [call.reason for call in show(here, "sales").refusals] == [str(n) for n in range(1, 21)]


def test_what_can_be_known_of_secrets_is_shown_without_them() -> None:
    here = disordered()
    connect(here, "sales", "docusign", SECRET, "older")
    details = show(here, "sales")
    assert (details.secrets, details.addresses, details.waits_for_secret) == (2, 2, False)
    assert (details.api_token_set, details.api_url) == (True, "https://api.sign.example")
    for secret in (SECRET, TOKEN, API_TOKEN):
        assert secret not in repr(details)
        assert secret not in str(asdict(details))
    connect(here, "waiting")
    bare = show(here, "waiting")
    assert (bare.secrets, bare.waits_for_secret, bare.api_token_set, bare.api_url) == (
        0,
        True,
        False,
        None,
    )
    assert (bare.last_events, bare.refusals) == ((), ())


@pytest.mark.parametrize("name", ["nobody", "half-removed", "SALES"])
def test_a_connection_that_is_not_there_is_an_error(name: str) -> None:
    here = disordered()
    connect(here, "sales")
    here.connections.put(connection(id="half-removed"))
    with pytest.raises(NotFoundError, match=f'^there is no connection "{name}"; there are '):
        show(here, name)
