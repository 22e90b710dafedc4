"""Connecting: what a provider cannot use is refused before anything is stored."""

from __future__ import annotations

from base64 import urlsafe_b64decode

import pytest

from countersign.errors import NotFoundError, PermanentError
from countersign.use_cases.connections.connect import (
    NewCredentials,
    amend,
    connect,
    made_secret,
)
from countersign.use_cases.connections.credentials import (
    CredentialsChange,
    Rotation,
    change_credentials,
    rotate,
)
from tests.builders import connection, pipeline, stage, world


@pytest.mark.parametrize(
    ("provider", "options", "secret", "says"),
    [
        ("standard_webhooks", {"kinds": "signed"}, "c2VjcmV0", 'option "kinds": "signed"'),
        ("standard_webhooks", {}, "no Base64!", "secret 1 is not valid Base64"),
        ("skribble", {"error": "signed"}, "", 'option "error": "signed"'),
    ],
)
def test_options_and_secrets_that_cannot_be_used_are_refused(
    provider: str, options: dict[str, str], secret: str, says: str
) -> None:
    found = world(pipeline(stage("draft")))
    wanted = connection(id="new", provider=provider)
    with pytest.raises(PermanentError, match=says):
        connect(
            found.connector,
            wanted,
            NewCredentials(token="token", secrets=(secret,) if secret else (), options=options),
        )
    assert found.connections.get("new") is None
    assert found.secrets.get("new") is None


def test_only_a_connection_that_is_there_whole_gets_new_secrets() -> None:
    found = world(pipeline(stage("draft")))
    for gone in ("connection", "secrets"):
        found.connect(connection(id=gone))
    found.state.connections.pop("connection")
    found.secrets.remove("secrets")
    for name in ("connection", "secrets", "nonesuch"):
        expected = f'there is no connection "{name}"; there are docusign, secrets'
        with pytest.raises(NotFoundError) as raised:
            rotate(found.connector, name, Rotation(secrets=("new",)))
        assert str(raised.value) == expected
        with pytest.raises(NotFoundError) as raised:
            change_credentials(found.connector, name, CredentialsChange(secrets=("new",)))
        assert str(raised.value) == expected


GROUPS = {"Recht": ["Jürgen Weiß", "mia@acme.example"]}


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("ben@acme.example", "ben@acme.example"),
        ("jürgen  WEISS", "Jürgen Weiß"),
        (" MIA@acme.example", "MIA@acme.example"),
    ],
)
def test_who_is_responsible_for_new_documents_is_a_user(written: str, kept: str) -> None:
    found = world(pipeline(stage("draft"), groups=GROUPS))
    made = connect(
        found.connector,
        connection(id="new", responsible=written),
        NewCredentials(token="token", secrets=("secret",)),
    )
    assert made.connection.responsible == kept
    after = amend(found.connector, "new", {"responsible": written})
    assert after.responsible == kept
    assert found.connections.get("new") == after


@pytest.mark.parametrize("written", ["urgent", "Recht", "Jürgen Weis", "mia@acme", "group:Recht"])
def test_any_other_word_is_responsible_for_nothing(written: str) -> None:
    found = world(pipeline(stage("draft"), groups=GROUPS))
    with pytest.raises(PermanentError, match="is not a user"):
        connect(
            found.connector,
            connection(id="new", responsible=written),
            NewCredentials(token="token", secrets=("secret",)),
        )
    assert found.connections.get("new") is None
    (known,) = found.connections.list()
    with pytest.raises(PermanentError, match="is not a user"):
        amend(found.connector, known.id, {"responsible": written})
    assert found.connections.get(known.id) == known


def test_how_its_api_is_called_is_kept_with_the_credentials() -> None:
    here = world(pipeline(stage("draft")))
    url = "https://api.sign.example/v3"
    given = NewCredentials(token="token", secrets=("secret",), api_token="key", api_url=url)
    connect(here.connector, connection(id="new", provider="dropbox_sign"), given)
    stored = here.secrets.get("new")
    assert stored is not None
    assert (stored.api_token, stored.api_url) == ("key", url)


def test_a_secret_that_is_made_has_256_bits_and_is_another_each_time() -> None:
    first, second = (made_secret("documenso", {}) for _ in range(2))
    assert first != second
    assert len(urlsafe_b64decode(f"{first}=")) * 8 == 256
