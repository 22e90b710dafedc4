"""Documents are listed in the promised order, by stage, and found by what people know of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from click.testing import CliRunner, Result

from countersign.cli.commands import countersign
from countersign.cli.context import CliContext
from countersign.simulation.world import World
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


def test_a_search_finds_words_by_their_beginnings(desk: Desk) -> None:
    for text in ("n-beta", "N-B", "bet", "beta n"):
        result = desk("documents", "find", text)
        assert [line.split()[1] for line in result.stdout.splitlines()[1:]] == ["Beta"]
        assert result.stderr == ""
    nothing = desk("documents", "find", "Omega", "--pipeline", "leases")
    assert (nothing.stdout, nothing.stderr) == ("no document was found\n", "")
    inside = desk("documents", "find", "eta")
    assert inside.stdout == "no document was found\n"


def test_a_search_needs_a_word_of_two_letters(desk: Desk) -> None:
    result = desk("documents", "find", "a b")
    assert (result.exit_code, result.stdout) == (1, "")
    assert '"a b" is too short; expected a word of at least two letters' in result.stderr


def test_documents_are_listed_by_person_by_party_and_by_age(desk: Desk) -> None:
    (first,) = (one for one in desk.world.documents.in_stage("contracts") if one.title == "Alpha")
    assert desk("documents", "edit", first.id, "responsible=ben@acme.example").exit_code == 0
    desk.world.advance(timedelta(days=2) - timedelta(hours=2))
    assert desk.titles("--responsible", "Ben@acme.example") == ["Alpha"]
    assert desk.titles("--days", "2") == ["Alpha", "Beta", "Gamma"]
    nobody = desk("documents", "list", "--party", "klara@kunde.example")
    assert nobody.stdout == "there are no documents\n"
    wrong = desk("documents", "list", "--party", "klara")
    assert '"klara" is not a valid e-mail address' in wrong.stderr
