"""Rejected messages are listed newest first, and shown without the connection's secrets."""

from __future__ import annotations

from datetime import timedelta

import pytest

from countersign.errors import NotFoundError, PermanentError
from countersign.model.connection import ConnectionCredentials
from countersign.model.rejected_request import RejectedRequest, digest_of
from countersign.providers.base import Request
from countersign.simulation.world import START, World
from countersign.use_cases.messages.verified_request import VerifiedRequest
from countersign.use_cases.queries.operations.rejected import (
    RejectedList,
    count_rejected,
    list_rejected,
    show_rejected,
)
from tests.builders import connection
from tests.unit.use_cases.queries.scene import LastFirstRejectedRequests, disordered

KEY = "key-of-the-connection"
CREDENTIALS = ConnectionCredentials(
    connection="sales",
    provider="docusign",
    pipeline="contracts",
    tokens=("token",),
    secrets=(KEY, "older-key"),
)


def keep(here: World, name: str, minute: int, body: bytes = b"{") -> str:
    at = START + timedelta(minutes=minute)
    request = Request(headers={"content-type": "text/x"}, body=body, received_at=at)
    kept = RejectedRequest(
        connection=name,
        provider="docusign",
        received_at=at,
        status=400,
        reason=f"of {minute}",
        digest=digest_of(None, {}, body + str(minute).encode()),
        request=VerifiedRequest.of(name, "signed", request).model_dump_json(),
    )
    here.rejected.keep(kept)
    return kept.id


@pytest.fixture
def here() -> World:
    made = disordered()
    for name in ("sales", "legal", "quiet"):
        made.connections.put(connection(id=name))
    made.secrets.put(CREDENTIALS)
    return made


def reasons(listed: RejectedList) -> list[str]:
    return [kept.reason for kept in listed.requests]


def test_rejected_messages_stand_newest_first_over_all_connections(here: World) -> None:
    for name, minute in (("sales", 20), ("legal", 30), ("sales", 40), ("legal", 10)):
        keep(here, name, minute)
    everything = list_rejected(here.rejected, here.connections)
    assert reasons(everything) == ["of 40", "of 30", "of 20", "of 10"]
    assert everything.unreadable == ()
    one = list_rejected(here.rejected, here.connections, "legal")
    assert reasons(one) == ["of 30", "of 10"]
    assert count_rejected(here.rejected, "legal") == 2


def test_messages_of_the_same_moment_stand_by_their_ids(here: World) -> None:
    kept = [keep(here, "sales", 1, body) for body in (b"a", b"b", b"c", b"d")]
    kept.append(keep(here, "legal", 1))
    listed = list_rejected(here.rejected, here.connections)
    assert [request.id for request in listed.requests] == sorted(kept)


def test_a_message_that_cannot_be_read_keeps_no_other_from_the_list(here: World) -> None:
    class Spoiled(LastFirstRejectedRequests):
        def get(self, rejected_id: str) -> RejectedRequest | None:
            if rejected_id == bad:
                raise PermanentError("one cannot be read")
            return None if rejected_id == gone else super().get(rejected_id)

    here.rejected = Spoiled()
    keep(here, "sales", 1)
    bad, gone = keep(here, "sales", 2), keep(here, "sales", 3)
    keep(here, "legal", 4)
    listed = list_rejected(here.rejected, here.connections)
    assert (reasons(listed), listed.unreadable) == (["of 4", "of 1"], ("one cannot be read",))


def test_where_nothing_was_rejected_nothing_is_listed(here: World) -> None:
    nothing = RejectedList((), ())
    assert list_rejected(here.rejected, here.connections) == nothing
    assert list_rejected(here.rejected, here.connections, "quiet") == nothing
    assert count_rejected(here.rejected, "quiet") == 0


def test_what_is_kept_of_a_removed_connection_is_listed_all_the_same(here: World) -> None:
    keep(here, "removed", 5)
    assert reasons(list_rejected(here.rejected, here.connections, "removed")) == ["of 5"]
    with pytest.raises(NotFoundError, match=r'^there is no connection "nobody"; there are '):
        list_rejected(here.rejected, here.connections, "nobody")


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (f"not JSON, and {KEY} in it".encode(), "not JSON, and [redacted] in it"),
        (b"<xml>older-key</xml>", "<xml>[redacted]</xml>"),
        (b"\xff\xfe odd", "\ufffd\ufffd odd"),
    ],
)
def test_a_message_is_shown_without_the_connection_s_secrets(
    here: World, body: bytes, shown: str
) -> None:
    kept = keep(here, "sales", 1, body)
    details = show_rejected(here.rejected, here.secrets, kept)
    assert details.body == shown
    assert (details.kept.id, details.verified.authenticity) == (kept, "signed")


def test_a_message_of_a_connection_without_secrets_is_shown_as_it_came(here: World) -> None:
    kept = keep(here, "removed", 1, b"plain")
    assert show_rejected(here.rejected, here.secrets, kept).body == "plain"


def test_a_message_that_is_not_kept_is_an_error(here: World) -> None:
    with pytest.raises(NotFoundError, match=r'there is no rejected message "sales.0"'):
        show_rejected(here.rejected, here.secrets, "sales.0")
