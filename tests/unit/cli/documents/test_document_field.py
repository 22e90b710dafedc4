"""The custom field by which envelopes name their document, set for a connection."""

from __future__ import annotations

import pytest

from countersign.model.connection import Connection
from tests.builders import envelope, event
from tests.unit.cli.desk import Desk

FIELD = "Vertragsnummer intern"


@pytest.fixture
def desk() -> Desk:
    made = Desk()
    created = made("documents", "create", "contracts", "title=Lease")
    made.other = created.stdout.strip()
    return made


def connection(desk: Desk) -> Connection:
    found = desk.world.connections.get("docusign")
    assert found is not None
    return found


def attached(desk: Desk, field: str) -> bool:
    """Whether an envelope that names the document in this field is attached to it."""
    state = envelope(custom_fields={field: desk.other})
    desk.world.receive("docusign", [event("document.sent", envelope="env-77", state=state)])
    return desk.world.document(desk.other).envelope == "env-77"


def test_envelopes_name_their_document_in_the_field_that_is_set(desk: Desk) -> None:
    changed = desk("connections", "update", "docusign", "--document-field", FIELD)
    assert changed.exit_code == 0
    assert attached(desk, FIELD)
    assert f"named by the custom field {FIELD}" in desk("connections", "show", "docusign").stdout


def test_another_field_names_nothing_any_more(desk: Desk) -> None:
    desk("connections", "update", "docusign", "--document-field", FIELD)
    assert not attached(desk, "countersign_document")


def test_the_default_comes_back_with_an_empty_name(desk: Desk) -> None:
    for name in (FIELD, ""):
        desk("connections", "update", "docusign", "--document-field", name)
    assert connection(desk).document_field == "countersign_document"
    assert attached(desk, "countersign_document")
    assert "named by" not in desk("connections", "show", "docusign").stdout


def test_a_change_of_something_else_leaves_it(desk: Desk) -> None:
    desk("connections", "update", "docusign", "--document-field", FIELD)
    desk("connections", "update", "docusign", "--name", "Sales")
    assert connection(desk).document_field == FIELD
