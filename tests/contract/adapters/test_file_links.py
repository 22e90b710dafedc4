"""Links to files prove themselves: none can be invented, changed, or used for anything else."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import boto3
import pytest

from countersign.adapters.ssm.addresses import SsmAddresses
from countersign.adapters.ssm.deployment_key import DeploymentKey
from countersign.adapters.ssm.file_links import SignedFileLinks
from countersign.errors import PermanentError
from countersign.model.file_transfer import FileLink

NAME = "/countersign/dev/address-key"
HOME = "https://api.example/files"
LINK = FileLink(document="d-1", file="f" * 32, expires_at=datetime(2026, 3, 16, 12, 30, tzinfo=UTC))


def key(name: str = NAME, value: str | None = "07" * 32) -> DeploymentKey:
    client = boto3.client("ssm", region_name="eu-central-1")
    if value is not None:
        client.put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=True)
    return DeploymentKey(lambda: client, name, now=lambda: datetime(2026, 3, 2, tzinfo=UTC))


@pytest.fixture
def links(aws: None) -> SignedFileLinks:
    return SignedFileLinks(key(), HOME)


def token(address: str) -> str:
    home, _, found = address.rpartition("/")
    assert home == HOME
    return found


def test_a_link_is_read_again_as_it_was_made(links: SignedFileLinks) -> None:
    made = token(links.make(LINK))
    assert links.read(made) == LINK
    assert all(one.isalnum() or one in "-_" for one in made)
    assert len(made) < 120


def test_a_changed_link_is_none_of_ours(links: SignedFileLinks) -> None:
    made = token(links.make(LINK))
    for place in range(len(made)):
        changed = made[:place] + ("A" if made[place] != "A" else "B") + made[place + 1 :]
        found = links.read(changed)
        # The last characters of Base64 may have bits that mean nothing.
        assert found is None or (found == LINK and place == len(made) - 1)


@pytest.mark.parametrize(
    "invented", ["", "x", "a" * 401, "ä", "%00", "=" * 8, "AAAA" * 20, "a b", "..", "\ud800"]
)
def test_an_invented_link_is_none_of_ours(links: SignedFileLinks, invented: str) -> None:
    assert links.read(invented) is None


def test_a_link_of_another_deployment_is_none_of_ours(links: SignedFileLinks) -> None:
    other = SignedFileLinks(key("/countersign/prod/address-key", "08" * 32), HOME)
    assert links.read(token(other.make(LINK))) is None


def test_the_proof_of_a_webhook_s_address_is_no_proof_of_a_link(links: SignedFileLinks) -> None:
    address = SsmAddresses(key()).make("sales", "unguessable")
    assert links.read(address) is None
    made = token(links.make(LINK))
    assert not SsmAddresses(key()).proves("sales", made)
    # Nor does a proof that is cut out of one and put before other content.
    said = base64.urlsafe_b64decode(made + "=" * (-len(made) % 4))
    forged = base64.urlsafe_b64encode(said[:16] + b"d-2\0f\0" + b"1").decode().rstrip("=")
    assert links.read(forged) is None


def test_without_the_deployment_s_key_no_link_is_made(aws: None) -> None:
    links = SignedFileLinks(key("/countersign/new/address-key", None), HOME)
    with pytest.raises(PermanentError, match="has no key for links to files yet"):
        links.make(LINK)
    assert links.read("AAAA") is None
