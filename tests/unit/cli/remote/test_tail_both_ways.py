"""What happens is followed the same with AWS credentials and over the API."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from click.testing import Result

from countersign.cli.remote.web import WebCall, WebReply
from countersign.model.actor import user
from countersign.rules.base import Edit
from countersign.use_cases.documents.edit import NewDocument, make
from tests.unit.cli.desk import ANNA, Desk
from tests.unit.cli.transport import over_the_api

Step = Callable[[Desk], object]


def follow(desk: Desk, *steps: Step) -> None:
    """Between two looks one of these happens; then somebody presses Ctrl-C."""
    left: Iterator[Step] = iter(steps)

    def wait(_: float) -> None:
        step = next(left, None)
        if step is None:
            raise KeyboardInterrupt
        desk.world.advance(timedelta(minutes=1))
        step(desk)

    desk.wait = wait


def edit(desk: Desk) -> None:
    desk.world.edit(desk.document, Edit(values={"amount": "900"}), by=ANNA)


def made(desk: Desk, name: str, title: str = "Lease") -> None:
    new = NewDocument(id=name, pipeline="contracts", values={"title": title})
    make(desk.world.store, new, user(ANNA))
    desk.world.settle()


def create(desk: Desk) -> None:
    made(desk, f"d-{desk.world.now:%M}")


def move(desk: Desk) -> None:
    desk.world.edit(desk.document, Edit(stage="signed", comment="On paper"), by=ANNA)


def remove(desk: Desk) -> None:
    desk.world.documents.remove(desk.document)


def nothing(_: Desk) -> None:
    pass


def followed(way: str, steps: tuple[Step, ...], *words: str) -> Result:
    """What the command prints while these things happen."""
    desk = Desk()
    if way == "api":
        over_the_api(desk, "viewer")
    follow(desk, *steps)
    return desk("tail", *words)


@pytest.mark.parametrize("words", [(), ("--output", "jsonl"), ("--pipeline", "contracts")])
@pytest.mark.parametrize(
    ("steps", "entries"),
    [
        ((nothing,), 0),
        ((edit, nothing, edit), 1),
        ((create, edit, create), 3),
        ((edit, move), 3),
        ((edit, remove, create), 2),
    ],
    ids=["nothing", "edits", "new documents", "a move", "a document that is removed"],
)
def test_what_happens_is_printed_the_same_both_ways(
    steps: tuple[Step, ...], entries: int, words: tuple[str, ...]
) -> None:
    stack, api = followed("stack", steps, *words), followed("api", steps, *words)
    assert (api.exit_code, api.stdout, api.stderr) == (stack.exit_code, stack.stdout, stack.stderr)
    assert (stack.exit_code, len(stack.stdout.splitlines())) == (0, entries)


def test_documents_that_did_not_change_are_listed_and_not_read_over_the_api() -> None:
    desk = Desk()
    for n in range(150):
        made(desk, f"d-{n:03}")
    web = over_the_api(desk, "viewer")
    follow(desk, lambda _: desk.world.edit("d-149", Edit(comment="Soon"), by=ANNA), nothing)
    (line,) = desk("tail", "--pipeline", "contracts", "--output", "jsonl").stdout.splitlines()
    entry = json.loads(line)
    assert (entry["document"], entry["kind"], entry["by"]) == ("d-149", "commented", ANNA)
    reads = [call for call in web.calls if call.endswith("/timeline")]
    assert reads == ["GET /documents/d-149/timeline"]
    assert web.calls.count("GET /documents") == 6


def test_a_fault_in_the_middle_of_a_look_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk()
    for name in ("d-1", "d-2"):
        made(desk, name)
    web = over_the_api(desk, "viewer")
    whole, faults = type(web).__call__, iter([True])

    def call(self: object, made: WebCall) -> WebReply:
        if made.url.split("?")[0].endswith("/d-2/timeline") and next(faults, False):
            return WebReply(503, {}, b'{"message": "Service Unavailable"}')
        return whole(web, made)

    monkeypatch.setattr(type(web), "__call__", call)

    def comment(_: Desk) -> None:
        for name in ("d-1", "d-2"):
            desk.world.edit(name, Edit(comment="Soon"), by=ANNA)

    follow(desk, comment, nothing, nothing)
    told = desk("tail", "--output", "jsonl")
    assert [json.loads(line)["document"] for line in told.stdout.splitlines()] == ["d-1", "d-2"]
    assert "cannot answer now: Service Unavailable; try again; trying again\n" in told.stderr


def test_a_pipeline_that_is_not_there_is_not_followed_both_ways() -> None:
    for way in ("stack", "api"):
        refused = followed(way, (), "--pipeline", "leases")
        assert (refused.exit_code, refused.stdout) == (4, "")
        assert refused.stderr == 'Error: there is no pipeline "leases"; published are contracts\n'
