"""Drafts: made from a template, a version or YAML; saved by two editors; published once."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from countersign.errors import ConflictError, NotFoundError, PermanentError
from countersign.model.actor import Origin, done_by, user
from countersign.model.draft import Draft, OutdatedDraftError, StaleDraftError
from countersign.model.pipeline import Pipeline
from countersign.simulation.world import START, World
from countersign.use_cases.pipelines.drafts import (
    DraftEdit,
    DraftExistsError,
    InvalidDraftError,
    InvalidYamlError,
    Workbench,
    create_draft,
    create_from_template,
    create_from_version,
    create_from_yaml,
    discard_draft,
    existing_draft,
    publish_draft,
    save_draft,
    validate_draft,
)
from countersign.use_cases.pipelines.publish import (
    ManagedByGitError,
    Publisher,
    may_publish,
    publish,
    roll_back,
)
from countersign.use_cases.pipelines.templates import TEMPLATES, NewPipeline
from countersign.use_cases.pipelines.validate import PlacedProblem
from tests.builders import mail, pipeline, stage, trigger

EVA = "eva@acme.example"
MAX = "max@acme.example"
OWN: dict[str, Any] = {"senders": ["contracts@acme.example"]}
STAGES = (stage("draft"), stage("sent", mail("hello"), triggers=[trigger("sent")]))
CONTRACTS = pipeline(*STAGES, **OWN)
WRITTEN = {
    "pipeline": "contracts",
    "time_zone": "Europe/Berlin",
    "senders": ["contracts@acme.example"],
    "stages": [
        {"id": "draft"},
        {
            "id": "sent",
            "triggers": [{"id": "sent", "kind": "sent"}],
            "rules": [
                {
                    "id": "hello",
                    "kind": "send_email",
                    "settings": {
                        "from": "contracts@acme.example",
                        "to": ["client"],
                        "subject": "hello",
                        "text": "Hello",
                    },
                }
            ],
        },
    ],
}
LATER = START + timedelta(hours=1)


@pytest.fixture
def here() -> World:
    """A world in which the pipeline contracts is published."""
    world = World()
    world.publish(CONTRACTS)
    return world


def bench(world: World) -> Workbench:
    return Workbench(drafts=world.drafts, pipelines=world.pipelines)


def publisher(world: World, **more: Any) -> Publisher:
    return Publisher(
        pipelines=world.pipelines,
        documents=world.documents,
        secrets=world.named_secrets,
        **more,
    )


def by(name: str, at: datetime = START) -> Origin:
    return done_by(user(name), at)


def renamed(name: str) -> dict[str, Any]:
    return {**WRITTEN, "name": name}


# --- made


def test_a_draft_of_a_version_says_what_that_version_says(here: World) -> None:
    draft = create_from_version(bench(here), "contracts", by(EVA))
    assert draft == Draft(
        pipeline="contracts",
        content=WRITTEN,
        base_version=1,
        version=1,
        created_at=START,
        saved_at=START,
        saved_by=EVA,
    )
    assert here.drafts.get("contracts") == draft
    validation = validate_draft(draft, today=START.date())
    assert (validation.pipeline, validation.valid, validation.problems) == (CONTRACTS, True, ())


def test_a_draft_of_an_older_version_changes_the_current_one(here: World) -> None:
    here.publish(pipeline(*STAGES, **OWN, name="Second"))
    draft = create_from_version(bench(here), "contracts", by(EVA), number=1)
    assert (draft.content, draft.base_version) == (WRITTEN, 2)
    with pytest.raises(NotFoundError, match="has no version 3"):
        create_from_version(bench(here), "contracts", by(EVA), number=3)
    with pytest.raises(NotFoundError, match='no pipeline "leases"'):
        create_from_version(bench(here), "leases", by(EVA))


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_draft_of_a_template_can_be_published(here: World, template: str) -> None:
    new = NewPipeline(id="leases", name="Leases: north", time_zone="Europe/Berlin")
    draft = create_from_template(bench(here), template, new, by(EVA))
    assert (draft.pipeline, draft.base_version, draft.name) == ("leases", None, "Leases: north")
    published = publish_draft(bench(here), publisher(here), draft, by(EVA), note=" First. ")
    assert published.number == 1
    version = here.pipelines.version("leases", 1)
    assert (version.pipeline.time_zone, version.note) == ("Europe/Berlin", "First.")
    assert here.drafts.get("leases") is None


def test_a_template_makes_new_pipelines_only(here: World) -> None:
    with pytest.raises(NotFoundError, match="expected one of signing, two-parties, sale, "):
        create_from_template(bench(here), "sales", NewPipeline(id="leases"), by(EVA))
    with pytest.raises(ConflictError, match="there is a pipeline contracts already"):
        create_from_template(bench(here), "signing", NewPipeline(id="contracts"), by(EVA))
    with pytest.raises(PermanentError, match="lower-case letters"):
        create_from_template(bench(here), "signing", NewPipeline(id="Not An Id"), by(EVA))
    assert here.drafts.list() == ((), None)


def test_a_draft_of_yaml_is_kept_as_it_is_written(here: World) -> None:
    text = (
        "pipeline: contracts  # a comment\n"
        "name: NO\n"
        "amount: 5.000\n"
        "stages: &all\n"
        "  - {id: draft, rules: [{id: x, kind: nonsense, time: 09:00}]}\n"
    )
    draft = create_from_yaml(bench(here), text, by(EVA))
    assert draft.content == {
        "pipeline": "contracts",
        "name": "NO",
        "amount": Decimal("5.000"),
        "stages": [{"id": "draft", "rules": [{"id": "x", "kind": "nonsense", "time": "09:00"}]}],
    }
    assert draft.base_version == 1
    kept = here.drafts.get("contracts")
    assert kept is not None
    assert str(kept.content["amount"]) == "5.000"


@pytest.mark.parametrize(
    ("text", "error", "reason"),
    [
        ("stages: [", InvalidYamlError, "line 2, column 1: this is not valid YAML"),
        ("name: a\nname: b", InvalidYamlError, 'line 2, column 1: "name" stands in line 1 already'),
        ("- a", PermanentError, "this is not a pipeline"),
        ("", PermanentError, "this is not a pipeline"),
        ("name: Sales", PermanentError, "the text names no pipeline"),
        ("pipeline: 5", PermanentError, "the text names no pipeline"),
        ("pipeline: Sales Team", PermanentError, '"Sales Team" cannot be the id of a pipeline'),
        ("pipeline: a\x00", InvalidYamlError, "the character U+0000 cannot stand in a text file"),
        ("pipeline: !!python/name:os.system x", InvalidYamlError, "has no meaning here"),
        (f"name: {'x' * 1_000_000}", InvalidYamlError, "expected at most 1,000,000"),
    ],
)
def test_yaml_that_is_no_pipeline_is_refused(
    here: World, text: str, error: type[Exception], reason: str
) -> None:
    with pytest.raises(error) as refused:
        create_from_yaml(bench(here), text, by(EVA))
    assert reason in str(refused.value)
    assert here.drafts.list() == ((), None)


def test_a_pipeline_has_one_draft(here: World) -> None:
    first = create_draft(bench(here), "contracts", {}, by(EVA))
    with pytest.raises(DraftExistsError, match=r"already, saved by eva@acme\.example") as refused:
        create_from_version(bench(here), "contracts", by(MAX, LATER))
    assert refused.value.present == first
    assert here.drafts.get("contracts") == first


# --- saved and discarded


def test_of_two_editors_the_second_is_told_and_can_save_on_top(here: World) -> None:
    first = create_from_version(bench(here), "contracts", by(EVA))
    mine = DraftEdit(pipeline="contracts", tag=first.tag, content=renamed("Mine"))
    theirs = DraftEdit(pipeline="contracts", tag=first.tag, content=renamed("Theirs"))
    saved = save_draft(bench(here), theirs, by(MAX, LATER))
    assert saved == first.model_copy(
        update={
            "content": renamed("Theirs"),
            "version": 2,
            "saved_at": LATER,
            "saved_by": MAX,
        }
    )
    with pytest.raises(StaleDraftError) as refused:
        save_draft(bench(here), mine, by(EVA, LATER))
    assert refused.value.present == saved == here.drafts.get("contracts")
    on_top = DraftEdit(pipeline="contracts", tag=saved.tag, content=renamed("Mine"))
    assert save_draft(bench(here), on_top, by(EVA, LATER)).version == 3


def test_saving_what_is_no_plain_value_changes_nothing(here: World) -> None:
    first = create_draft(bench(here), "contracts", WRITTEN, by(EVA))
    edit = DraftEdit(pipeline="contracts", tag=first.tag, content={"a": "\ud800"})
    with pytest.raises(PermanentError, match="/a: the text contains an invalid"):
        save_draft(bench(here), edit, by(EVA))
    assert here.drafts.get("contracts") == first


def test_only_the_draft_that_was_read_is_discarded(here: World) -> None:
    first = create_draft(bench(here), "contracts", {}, by(EVA))
    edit = DraftEdit(pipeline="contracts", tag=first.tag, content=WRITTEN)
    second = save_draft(bench(here), edit, by(MAX))
    with pytest.raises(StaleDraftError) as refused:
        discard_draft(bench(here), "contracts", first.tag)
    assert refused.value.present == second
    discard_draft(bench(here), "contracts", second.tag)
    for act in (
        lambda: discard_draft(bench(here), "contracts", second.tag),
        lambda: existing_draft(here.drafts, "contracts"),
    ):
        with pytest.raises(NotFoundError, match="no draft of contracts"):
            act()


# --- validated and published


def test_each_problem_of_a_draft_points_to_its_place(here: World) -> None:
    rules = [{"id": "hello", "kind": "send_email", "settings": {"to": "nobody"}}]
    content = {
        "pipeline": "sales",
        "nmae": "x",
        "stages": [{"id": "draft", "color": 5}, {"id": "sent", "rules": rules}],
    }
    draft = create_draft(bench(here), "contracts", content, by(EVA))
    validation = validate_draft(draft, today=date(2026, 3, 2))
    assert (validation.valid, validation.pipeline) == (False, None)
    assert validation.problems[:3] == (
        PlacedProblem(
            pointer="/pipeline",
            text='the id is "sales", but this is the draft of contracts; write contracts, or '
            "create a draft of another pipeline",
            severity="error",
        ),
        PlacedProblem(
            pointer="/stages/0/color", text="color is 5; expected text, in quotes", severity="error"
        ),
        PlacedProblem(
            pointer="/nmae",
            text='"nmae" is unknown in a pipeline; did you mean name?',
            severity="error",
            of_key=True,
        ),
    )
    places = {one.pointer: one.severity for one in validation.problems}
    assert places["/stages/1/rules/0/settings/to"] == "error"
    assert places["/stages/1/rules/0/settings/from"] == "error"
    with pytest.raises(InvalidDraftError, match="the draft of contracts has 5 errors") as refused:
        publish_draft(bench(here), publisher(here), draft, by(EVA))
    assert refused.value.problems == validation.problems
    assert here.drafts.get("contracts") == draft


def test_of_many_errors_the_first_are_told_in_the_sentence(here: World) -> None:
    wrong = {"pipeline": "contracts", "stages": [{"id": f"s{n}", "color": n} for n in range(7)]}
    draft = create_draft(bench(here), "contracts", wrong, by(EVA))
    with pytest.raises(InvalidDraftError) as refused:
        publish_draft(bench(here), publisher(here), draft, by(EVA))
    text = str(refused.value)
    assert text.startswith(
        "the draft of contracts has 7 errors; correct them first: /stages/0/color: color is 0; "
        "expected text, in quotes; /stages/1/color: "
    )
    assert text.endswith("/stages/4/color: color is 4; expected text, in quotes; and 2 more")
    assert len([one for one in refused.value.problems if one.severity == "error"]) == 7


@pytest.mark.parametrize(("number", "more"), [(5, ""), (6, "; and 1 more")])
def test_five_errors_are_named_and_how_many_more_there_are(
    here: World, number: int, more: str
) -> None:
    rules = [
        {"id": f"r{n}", "kind": "change_stage", "settings": {"stage": "nowhere"}}
        for n in range(number)
    ]
    stages = [{"id": "draft", "rules": rules}, {"id": "sent"}]
    content = {"pipeline": "contracts", "stages": stages}
    draft = create_draft(bench(here), "contracts", content, by(EVA))
    with pytest.raises(InvalidDraftError) as refused:
        publish_draft(bench(here), publisher(here), draft, by(EVA))
    text = str(refused.value)
    assert text.startswith(f"the draft of contracts has {number} errors; ")
    assert [f"/stages/0/rules/{n}/" in text for n in range(6)] == [True] * 5 + [False]
    assert text.endswith(more)
    assert ("more" in text) == bool(more)


def test_a_published_draft_is_gone_and_its_version_says_by_whom_and_why(here: World) -> None:
    draft = create_draft(bench(here), "contracts", renamed("Contracts"), by(EVA))
    published = publish_draft(
        bench(here), publisher(here), draft, by(MAX, LATER), note="Give it a name\n"
    )
    assert (published.number, [one.details for one in published.diff]) == (
        2,
        [("name:  -> Contracts",)],
    )
    version = here.pipelines.version("contracts", 2)
    assert (version.published_by, version.published_at, version.note) == (
        MAX,
        "2026-03-02T10:00:00.000000Z",
        "Give it a name",
    )
    assert here.drafts.get("contracts") is None
    with pytest.raises(StaleDraftError) as refused:
        publish_draft(
            bench(here),
            publisher(here),
            draft.model_copy(update={"base_version": 2, "content": renamed("Again")}),
            by(MAX),
        )
    assert refused.value.present is None


def test_a_draft_that_was_saved_meanwhile_is_not_published(here: World) -> None:
    first = create_draft(bench(here), "contracts", renamed("First"), by(EVA))
    edit = DraftEdit(pipeline="contracts", tag=first.tag, content=renamed("Second"))
    second = save_draft(bench(here), edit, by(MAX))
    with pytest.raises(StaleDraftError) as refused:
        publish_draft(bench(here), publisher(here), first, by(EVA))
    assert refused.value.present == second
    assert here.pipelines.list()[0].version == 1


def test_a_version_that_came_in_between_is_not_undone_unseen(here: World) -> None:
    draft = create_draft(bench(here), "contracts", renamed("Mine"), by(EVA))
    publish(publisher(here), pipeline(*STAGES, **OWN, name="Theirs"), by(MAX))
    with pytest.raises(OutdatedDraftError, match="changes version 1, and version 2 is published"):
        publish_draft(bench(here), publisher(here), draft, by(EVA))
    ahead = DraftEdit(pipeline="contracts", tag=draft.tag, content=renamed("Mine"), base_version=3)
    with pytest.raises(OutdatedDraftError, match="changes version 3, and version 2 is published"):
        save_draft(bench(here), ahead, by(EVA))
    assert here.drafts.get("contracts") == draft
    seen = DraftEdit(pipeline="contracts", tag=draft.tag, content=renamed("Mine"), base_version=2)
    saved = save_draft(bench(here), seen, by(EVA))
    assert publish_draft(bench(here), publisher(here), saved, by(EVA)).number == 3


def test_a_draft_that_is_published_like_this_is_dropped_without_a_version(here: World) -> None:
    draft = create_from_version(bench(here), "contracts", by(EVA))
    published = publish_draft(bench(here), publisher(here), draft, by(EVA))
    assert (published.number, published.diff) == (1, ())
    assert here.drafts.get("contracts") is None


# --- notes and who manages a pipeline


def test_a_note_that_is_too_long_publishes_nothing(here: World) -> None:
    wanted = pipeline(*STAGES, **OWN, name="New")
    with pytest.raises(PermanentError, match="the note has 1,001 characters; expected at most"):
        publish(publisher(here), wanted, by(EVA), note="x" * 1_001)
    assert publish(publisher(here), wanted, by(EVA), note="x" * 1_000).number == 2
    assert roll_back(publisher(here), "contracts", 1, by(EVA), note="Too early").number == 3
    assert here.pipelines.version("contracts", 3).note == "Too early"


GIT = pipeline(*STAGES, **OWN, managed_by="git")


@pytest.mark.parametrize(
    ("new", "published", "from_command_line", "may"),
    [
        (CONTRACTS, None, False, True),
        (CONTRACTS, CONTRACTS, False, True),
        (GIT, None, False, False),
        (GIT, CONTRACTS, False, False),
        (CONTRACTS, GIT, False, False),
        (GIT, GIT, False, False),
        (CONTRACTS, GIT, True, True),
        (GIT, GIT, True, True),
        (GIT, None, True, True),
    ],
)
def test_what_git_manages_is_published_from_the_command_line_alone(
    new: Pipeline, published: Pipeline | None, from_command_line: bool, may: bool
) -> None:
    assert may_publish(new, published, from_command_line=from_command_line) is may
    world = World()
    if published is not None:
        world.publish(published.model_copy(update={"name": "Before"}))
    here = publisher(world, from_command_line=from_command_line)
    if may:
        publish(here, new, by(EVA))
        return
    with pytest.raises(ManagedByGitError, match="the pipeline contracts is managed by git"):
        publish(here, new, by(EVA))


def test_a_draft_of_what_git_manages_can_be_tried_and_not_published() -> None:
    world = World()
    world.publish(GIT)
    draft = create_from_version(bench(world), "contracts", by(EVA))
    assert draft.content["managed_by"] == "git"
    edit = DraftEdit(
        pipeline="contracts", tag=draft.tag, content={**WRITTEN, "managed_by": "console"}
    )
    saved = save_draft(bench(world), edit, by(EVA))
    with pytest.raises(ManagedByGitError):
        publish_draft(bench(world), publisher(world), saved, by(EVA))
    assert world.drafts.get("contracts") == saved
    published = publish_draft(
        bench(world), publisher(world, from_command_line=True), saved, by(EVA)
    )
    assert published.number == 2


def test_rolling_back_what_git_manages_is_for_the_command_line_too() -> None:
    world = World()
    world.publish(CONTRACTS)
    world.publish(GIT)
    with pytest.raises(ManagedByGitError):
        roll_back(publisher(world), "contracts", 1, by(EVA))
    assert roll_back(publisher(world, from_command_line=True), "contracts", 1, by(EVA)).number == 3


def test_a_draft_goes_with_its_pipeline(here: World) -> None:
    create_draft(bench(here), "contracts", {}, by(EVA))
    here.pipelines.remove("contracts")
    assert here.drafts.get("contracts") is None
