"""Connecting: what a provider cannot use is refused before anything is stored."""

from __future__ import annotations

import pytest

from countersign.errors import PermanentError
from countersign.use_cases.connect import connect
from tests.builders import connection, pipeline, stage, world


@pytest.mark.parametrize(
    ("provider", "options", "secret", "says"),
    [
        ("standard_webhooks", {"kinds": "signed"}, "c2VjcmV0", 'option "kinds": "signed"'),
        ("standard_webhooks", {}, "no Base64!", "secret 1 is no Base64"),
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
            found.connections,
            found.secrets,
            found.pipelines,
            wanted,
            token="token",
            secrets=(secret,) if secret else (),
            options=options,
        )
    assert found.connections.get("new") is None
    assert found.secrets.get("new") is None
