"""Documents are listed in the promised order, by stage, and found by what people know of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from countersign.cli.commands import countersign
from countersign.cli.context import CliContext
from countersign.model.document import Document
from countersign.model.signing_event import Signer
from countersign.simulation.world import START, World
from countersign.use_cases.queries.documents import DocumentFilter, list_documents, matches
from tests.builders import pipeline, stage
from tests.unit.cli.desk import cloud_of


class Desk:
    """Runs ``countersign documents`` on a world in memory."""

    def __init__(self) -> None:
        self.world = World()

    def __call__(self, *arguments: str) -> Result:
        world = self.world
        context = CliContext(
            user="anna@acme.example", open_cloud=lambda: cloud_of(world), now=lambda: world.now
        )
        return CliRunner(mix_stderr=False).invoke(countersign, [*arguments], obj=context)

    def titles(self, *arguments: str) -> list[str]:
        """The first word of each title that is listed, in order."""
        result = self("documents", "list", *arguments)
        assert result.exit_code == 0, result.stderr
        return [line.split()[1] for line in result.stdout.splitlines()[1:]]


@pytest.fixture
def desk() -> Desk:
    """Two pipelines with four documents, each made an hour after the one before."""
    made = Desk()
    made.world.publish(pipeline(stage("work", name="In Prüfung"), stage("archive")))
    made.world.publish(pipeline(stage("zone"), stage("archive"), pipeline="leases"))
    for where, title in (
        ("contracts", "Alpha"),
        ("leases", "Beta"),
        ("contracts", "Gamma"),
        ("leases", "Delta"),
    ):
        assert (
            made("documents", "create", where, f"title={title}", f"number=N-{title}").exit_code == 0
        )
        made.world.advance(timedelta(hours=1))
    return made


def test_those_longest_in_their_stage_come_first_over_all_stages_and_pipelines(desk: Desk) -> None:
    assert desk.titles() == ["Alpha", "Beta", "Gamma", "Delta"]
    (first,) = (one for one in desk.world.documents.in_stage("contracts") if one.title == "Alpha")
    # By name the stage it moves to comes before the others; it has been there the shortest.
    assert desk("documents", "move", first.id, "archive").exit_code == 0
    assert desk.titles() == ["Beta", "Gamma", "Delta", "Alpha"]
    assert desk.titles("--pipeline", "contracts") == ["Gamma", "Alpha"]


@pytest.mark.parametrize("wanted", ["work", "In Prüfung", "in  pru\u0308fung", "IN PRÜFUNG"])
def test_a_stage_is_known_by_its_id_and_its_name(desk: Desk, wanted: str) -> None:
    assert desk.titles("--stage", wanted) == ["Alpha", "Gamma"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--stage", "wrk"), 'no stage "wrk" in contracts, leases; did you mean work?'),
        (("--stage", "Prüfung"), "did you mean In Prüfung?"),
        (("--stage", "x"), "expected work, archive, zone"),
        (("--stage", "zone", "--pipeline", "contracts"), 'no stage "zone" in contracts; '),
        (("find", "Alpha", "--stage", "wrk"), "did you mean work?"),
    ],
)
def test_an_unknown_stage_is_an_error_with_a_suggestion(
    desk: Desk, arguments: tuple[str, ...], says: str
) -> None:
    result = desk("documents", *arguments)
    assert (result.exit_code, result.stdout) == (4, "")
    assert says in result.stderr


def test_a_stage_that_only_one_pipeline_has_lists_the_documents_of_that_one(desk: Desk) -> None:
    assert desk.titles("--stage", "zone") == ["Beta", "Delta"]


def test_a_search_says_how_much_was_read(desk: Desk) -> None:
    result = desk("documents", "find", "n-beta")
    assert result.stdout.splitlines()[1].split()[1] == "Beta"
    assert result.stderr == "(searched 4 documents)\n"
    nothing = desk("documents", "find", "Omega", "--pipeline", "leases")
    assert (nothing.stdout, nothing.stderr) == (
        "no document was found\n",
        "(searched 2 documents)\n",
    )


def test_a_search_ends_at_its_bound_and_says_so(desk: Desk) -> None:
    here = desk.world
    short = DocumentFilter(text="N-", most=3)
    listed = list_documents(here.documents, here.pipelines, here.programs, short)
    assert (len(listed.rows), listed.read, listed.cut) == (3, 3, True)
    enough = DocumentFilter(text="N-", most=4)
    whole = list_documents(here.documents, here.pipelines, here.programs, enough)
    assert (len(whole.rows), whole.read, whole.cut) == (4, 4, False)


def document(**more: Any) -> Document:
    """A document with these values."""
    return Document.model_validate(
        {"id": "d-1", "pipeline": "p", "stage": "s", "since": START, "created_at": START, **more}
    )


KLARA = Signer(id="1", name="Klara Straße", email="klara.vogel@xn--mller-kva.example")
LEASE = document(
    id="d-abc", title="Lease of the Hall", number="V-2026/17", envelope="3f6b-90c", signers=(KLARA,)
)


@pytest.mark.parametrize(
    "text",
    [
        "d-abc",
        "hall",
        "LEASE OF",
        "lease\u00a0of",
        "2026/17",
        "v-2026",
        "3F6B",
        "klara",
        "STRASSE",
        "klara.vogel@",
        "Klara.Vogel@müller.example",
        "müller.example",
        "xn--mller",
        " ",
    ],
)
def test_a_document_is_found_by_what_people_know_of_it(text: str) -> None:
    assert matches(LEASE, text)


@pytest.mark.parametrize("text", ["halle", "2027", "klaus", "mueller.example", "vogel@muller"])
def test_a_document_is_not_found_by_anything_else(text: str) -> None:
    assert not matches(LEASE, text)


def test_what_a_document_does_not_have_does_not_match() -> None:
    assert not matches(document(), "None")


@given(st.text(min_size=1, max_size=12).filter(lambda text: bool(text.strip())))
def test_every_title_is_found_by_itself(title: str) -> None:
    assert matches(document(title=title), title)


@pytest.mark.parametrize("word", ["Lease", "of", "the", "Hall"])
def test_every_word_of_a_title_finds_it(word: str) -> None:
    assert matches(LEASE, word)
