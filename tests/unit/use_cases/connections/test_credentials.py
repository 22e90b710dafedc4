"""A connection's credentials change one at a time, and the old ones work until they are retired."""

from __future__ import annotations

import pytest

from countersign.errors import PermanentError
from countersign.model.connection import ConnectionCredentials
from countersign.simulation.world import World
from countersign.use_cases.connections.credentials import (
    CredentialsChange,
    Rotation,
    change_credentials,
    rotate,
)
from tests.builders import connection, pipeline, stage, world

SIGN_THE_TIME = (
    "boldsign", "dropbox_sign", "signwell", "standard_webhooks", "stripe", "xodo_sign",
)  # fmt: skip


def connected(**more: object) -> World:
    """A world with the connection c1 of two tokens and two secrets."""
    here = world(pipeline(stage("draft")))
    given = {"connection": "c1", "provider": "dropbox_sign", "pipeline": "contracts"}
    known = {"tokens": ("t2", "t1"), "secrets": ("s2", "s1"), "options": {"max_age_hours": "1"}}
    here.connect(
        connection(id="c1", provider="dropbox_sign"),
        ConnectionCredentials.model_validate({**given, **known, **more}),
    )
    return here


def kept(here: World) -> ConnectionCredentials:
    found = here.secrets.get("c1")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("rotation", "tokens", "secrets"),
    [
        (Rotation(token="t3"), ("t3", "t2", "t1"), ("s2", "s1")),
        (Rotation(secrets=("s3",)), ("t2", "t1"), ("s3", "s2", "s1")),
        (Rotation(secrets=("s1",)), ("t2", "t1"), ("s1", "s2")),
        (Rotation(retire=True), ("t2",), ("s2",)),
        (Rotation(token="t3", retire=True), ("t3",), ("s2",)),
        (Rotation(secrets=("s4", "s3"), retire=True), ("t2",), ("s4", "s3")),
    ],
)
def test_the_old_ones_are_accepted_until_they_are_retired(
    rotation: Rotation, tokens: tuple[str, ...], secrets: tuple[str, ...]
) -> None:
    here = connected()
    made = rotate(here.connector, "c1", rotation)
    after = kept(here)
    assert made.secrets == after
    assert (after.tokens, after.secrets) == (tokens, secrets)
    assert (after.options, after.api_token) == ({"max_age_hours": "1"}, None)


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        (CredentialsChange(secrets=("s3",)), {"secrets": ("s3", "s2", "s1")}),
        (CredentialsChange(options={"max_age_hours": "8"}), {"options": {"max_age_hours": "8"}}),
        (CredentialsChange(api_token="key-2"), {"api_token": "key-2"}),
        (
            CredentialsChange(api_url="https://api.sign.example/v3"),
            {"api_url": "https://api.sign.example/v3"},
        ),
        (CredentialsChange(), {}),
    ],
)
def test_what_a_change_leaves_out_stays(
    change: CredentialsChange, wanted: dict[str, object]
) -> None:
    here = connected(api_token="key-1")
    before = kept(here)
    change_credentials(here.connector, "c1", change)
    assert kept(here) == before.model_copy(update=wanted)


@pytest.mark.parametrize(
    ("provider", "change", "says"),
    [
        ("skribble", CredentialsChange(options={"error": "signed"}), 'option "error": "signed"'),
        *(
            (name, CredentialsChange(options={"max_age_hours": "long"}), '"long" is not a valid')
            for name in SIGN_THE_TIME
        ),
        ("stripe", CredentialsChange(options={"max_age": "1"}), "there are max_age_hours"),
        ("documenso", CredentialsChange(options={"team": "7"}), "Documenso has no option .*none"),
        ("docuseal", CredentialsChange(options={"header": "x"}), "there are secret_header"),
        ("dropbox_sign", CredentialsChange(api_url="no address"), "no address"),
        ("skribble", CredentialsChange(secrets=("s3",)), "does not use a secret"),
    ],
)
def test_what_the_provider_cannot_use_changes_nothing(
    provider: str, change: CredentialsChange, says: str
) -> None:
    here = connected(provider=provider, secrets=(), options={})
    before = kept(here)
    with pytest.raises(PermanentError, match=says):
        change_credentials(here.connector, "c1", change)
    assert kept(here) == before


def test_a_secret_is_rotated_though_an_old_option_means_nothing_any_more() -> None:
    here = connected(options={"team": "7"})
    rotate(here.connector, "c1", Rotation(secrets=("s3",)))
    assert kept(here).secrets == ("s3", "s2", "s1")


def test_of_several_options_one_is_changed_and_the_others_stay() -> None:
    paths = {"title": "data.name", "reason": "data.why"}
    here = connected(provider="standard_webhooks", secrets=("whsec_c2VjcmV0",), options=paths)
    change = CredentialsChange(options={"reason": "data.reason"})
    change_credentials(here.connector, "c1", change)
    assert kept(here).options == {"title": "data.name", "reason": "data.reason"}


def test_a_secret_is_not_rotated_where_none_is_used() -> None:
    here = connected(provider="skribble", secrets=(), options={})
    before = kept(here)
    with pytest.raises(PermanentError, match="does not use a secret"):
        rotate(here.connector, "c1", Rotation(secrets=("s3",)))
    assert kept(here) == before
