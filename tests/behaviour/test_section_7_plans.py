"""semantics, section 7: what a deployment's plan does not include is neither published nor planned,
and what was published before goes on until it is published again."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from countersign.adapters.memory.tables.process.state import MemoryPipelines
from countersign.errors import ConflictError, NotAllowedError, NotFoundError, PermanentError
from countersign.model.actor import done_by, user
from countersign.model.audit import AuditEntry
from countersign.model.document import Document
from countersign.model.entitlements import Entitlements
from countersign.model.pipeline import Head, Pipeline
from countersign.rules.base import Edit
from countersign.simulation.world import World
from countersign.use_cases.entitlements import (
    EntitlementStores,
    NotIncludedError,
    problems_of,
    set_entitlements,
)
from countersign.use_cases.pipelines.publish import Publisher, publish, roll_back
from countersign.use_cases.queries.operations.entitlements import unincluded_parts
from countersign.use_cases.queries.show import show
from countersign.use_cases.runs.backfill import backfill
from tests import builders
from tests.builders import (
    ANNA,
    KLARA,
    envelope,
    event,
    mail,
    stage,
    states,
    subjects,
    timeline,
    to_stage,
    trigger,
    world,
)

NOT_INCLUDED = "automation is not included in this deployment's plan"
DAY = timedelta(days=1)


def pipeline(*stages: dict[str, Any], **more: Any) -> Pipeline:
    """A pipeline whose mails may be sent."""
    return builders.pipeline(*stages, senders=["contracts@acme.example"], **more)


TWO_STAGES = pipeline(
    stage("draft", mail("hello")),
    stage("sent", mail("sent-mail"), triggers=[trigger("sent")]),
    stage(
        "late",
        triggers=[
            trigger("no_reaction", "late", settings={"stage": "draft", "after": {"days": 3}})
        ],
    ),
)


def stores(here: World) -> EntitlementStores:
    return EntitlementStores(entitlements=here.entitlements, pipelines=here.pipelines)


def plan(here: World, **changes: object) -> Entitlements:
    """Set what the plan includes."""
    return set_entitlements(stores(here), changes)


def published(here: World, wanted: Pipeline) -> int:
    """Publish as a person does; the version's number."""
    publisher = Publisher(
        pipelines=here.pipelines, documents=here.documents, entitlements=here.entitlements
    )
    return publish(publisher, wanted, done_by(user(ANNA), here.now)).number


def refused(here: World, wanted: Pipeline) -> list[tuple[Any, str]]:
    """What publishing is refused for, each with its place."""
    with pytest.raises(NotIncludedError) as raised:
        published(here, wanted)
    assert str(raised.value) == "; ".join(problem.text for problem in raised.value.problems)
    return [(problem.place, problem.text) for problem in raised.value.problems]


def arrived(here: World, name: str = "env-1") -> Document:
    """The document of an envelope that was just created."""
    state = envelope(status="created", id=name)
    return here.tell("docusign", [event("document.created", envelope=name, key=name, state=state)])


# --- kinds and numbers


def test_kinds_that_the_plan_does_not_include_are_refused_with_their_places() -> None:
    here = World()
    plan(here, rule_kinds=("create_task", "change_stage"), trigger_kinds=(), plan="Basic")
    assert refused(here, TWO_STAGES) == [
        (
            ("stages", 0, "rules", 0, "kind"),
            "the rule hello of the stage draft: the kind send_email is not included in this "
            "deployment's plan Basic, which includes change_stage, create_task",
        ),
        (
            ("stages", 1, "triggers", 0, "kind"),
            "the trigger sent of the stage sent: the kind sent is not included in this "
            "deployment's plan Basic, which includes no kind of trigger",
        ),
        (
            ("stages", 1, "rules", 0, "kind"),
            "the rule sent-mail of the stage sent: the kind send_email is not included in this "
            "deployment's plan Basic, which includes change_stage, create_task",
        ),
        (
            ("stages", 2, "triggers", 0, "kind"),
            "the trigger late of the stage late: the kind no_reaction is not included in this "
            "deployment's plan Basic, which includes no kind of trigger",
        ),
    ]
    assert here.pipelines.head("contracts") is None
    assert published(here, pipeline(stage("draft", to_stage("go", "done")), stage("done"))) == 1


def test_rules_beyond_the_number_are_refused_each_over_all_stages() -> None:
    here = World()
    plan(here, rules=1)
    assert refused(here, TWO_STAGES) == [
        (
            ("stages", 1, "rules", 0),
            "the rule sent-mail of the stage sent is number 2; this deployment's plan includes 1 "
            "rule in a pipeline",
        )
    ]
    plan(here, rules=2)
    assert published(here, TWO_STAGES) == 1


def test_pipelines_beyond_the_number_are_refused() -> None:
    here = World()
    plan(here, pipelines=1)
    assert published(here, pipeline(stage("draft"))) == 1
    assert refused(here, pipeline(stage("draft"), pipeline="hr")) == [
        (
            ("pipeline",),
            "hr would be one of 2 pipelines; this deployment's plan includes 1; there are "
            "contracts",
        )
    ]
    assert published(here, pipeline(stage("draft"), stage("sent"))) == 2


def test_going_back_to_what_is_not_included_any_more_is_refused() -> None:
    here = World()
    published(here, TWO_STAGES)
    published(here, pipeline(stage("draft"), stage("sent"), stage("late")))
    plan(here, rule_kinds=())
    publisher = Publisher(
        pipelines=here.pipelines, documents=here.documents, entitlements=here.entitlements
    )
    with pytest.raises(NotIncludedError):
        roll_back(publisher, "contracts", 1, done_by(user(ANNA), here.now))


def test_what_was_published_before_goes_on_and_says_so() -> None:
    here = world(TWO_STAGES)
    plan(here, rule_kinds=(), trigger_kinds=("sent",), plan="Basic")
    document = arrived(here)
    assert states(here, document) == {"hello": "done", "trigger.late": "ready"}
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    assert (document.stage, subjects(here)) == ("sent", ["hello", "sent-mail"])
    head = here.pipelines.head("contracts")
    assert head is not None
    found = unincluded_parts(here.entitlements.get(), here.pipelines, head)
    assert found.parts == ("hello", "sent-mail", "late")
    assert found.texts == (
        "published before the plan changed: hello, sent-mail, late not included",
    )
    assert [problem.place for problem in problems_of(
        here.entitlements.get(), here.pipelines, TWO_STAGES
    )] == [
        ("stages", 0, "rules", 0, "kind"),
        ("stages", 1, "rules", 0, "kind"),
        ("stages", 2, "triggers", 0, "kind"),
    ]  # fmt: skip


# --- automation


def test_without_automation_an_arrival_is_recorded_and_nothing_is_planned() -> None:
    here = world(TWO_STAGES)
    plan(here, automation=False)
    document = arrived(here)
    assert (document.stage, states(here, document), subjects(here)) == ("draft", {}, [])
    told = [line for line in timeline(here, document) if line.get("reason") == NOT_INCLUDED]
    assert [line["text"] for line in told] == ["no rule of the stage draft is planned"]
    explained = show(here.documents, here.pipelines, here.programs, document.id)
    assert not explained.automation
    assert [(one.rule, one.words) for one in explained.added_later] == [
        ("hello", f"does not run for this document, because {NOT_INCLUDED}"),
        ("trigger.late", f"is not armed for this document, because {NOT_INCLUDED}"),
    ]


def test_without_automation_no_trigger_fires_and_the_event_is_recorded_with_the_reason() -> None:
    here = world(TWO_STAGES)
    plan(here, automation=False)
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    assert (document.stage, document.status) == ("draft", "sent")
    passed = [
        (one["trigger"], one["reason"])
        for line in timeline(here, document)
        for one in line.get("passed", ())
    ]
    assert passed == [("sent", NOT_INCLUDED)]


def test_people_go_on_working_without_automation() -> None:
    here = world(TWO_STAGES)
    plan(here, automation=False)
    document = arrived(here)
    after = here.edit(document.id, Edit(values={"amount": "5"}, stage="sent"), by=ANNA)
    assert (after.stage, after.amount, states(here, document)) == ("sent", Decimal(5), {})


def test_what_was_planned_before_goes_on_and_a_timer_moves_nothing() -> None:
    here = world(
        pipeline(
            stage("draft", mail("later", time={"after": {"days": 1}}), mail("below")),
            stage("late", triggers=TWO_STAGES.model_dump()["stages"][2]["triggers"]),
        )
    )
    document = arrived(here)
    plan(here, automation=False)
    here.advance(5 * DAY)
    assert subjects(here) == ["later", "below"]
    found = states(here, document)
    assert found == {"later": "done", "below": "done", "trigger.late": "skipped"}
    assert here.document(document.id).stage == "draft"
    assert timeline(here, document)[-1]["text"] == (
        f"the time of trigger late came, but {NOT_INCLUDED}"
    )


def test_a_rule_that_moves_a_document_plans_nothing_there() -> None:
    here = world(
        pipeline(
            stage("draft", to_stage("go", "sent", time={"after": {"days": 1}})),
            stage("sent", mail("sent-mail")),
        )
    )
    document = arrived(here)
    plan(here, automation=False)
    here.advance(2 * DAY)
    assert here.document(document.id).stage == "sent"
    assert (states(here, document), subjects(here)) == ({"go": "done"}, [])


def test_a_date_that_moves_arms_no_rule_again() -> None:
    end = {"end": {"type": "date"}}
    rule = mail("end", time={"on": {"field": "end"}}, again=True)
    for automation, expected in ((True, ["done", "ready"]), (False, ["done"])):
        here = world(pipeline(stage("draft", rule), fields=end))
        document = arrived(here)
        here.edit(document.id, Edit(values={"end": "2026-03-04"}), by=ANNA)
        here.advance(3 * DAY)
        assert subjects(here) == ["end"]
        plan(here, automation=automation)
        here.edit(document.id, Edit(values={"end": "2026-04-01"}), by=ANNA)
        assert [run.state for run in here.documents.runs(document.id)] == expected


def test_with_automation_again_new_arrivals_are_planned_and_older_ones_by_a_backfill() -> None:
    here = world(TWO_STAGES)
    plan(here, automation=False)
    before = arrived(here)
    program = here.programs.current("contracts")
    with pytest.raises(NotAllowedError, match=f"nothing can be planned: {NOT_INCLUDED}"):
        backfill(here.store, program, "hello", user(ANNA))
    plan(here, automation=True)
    explained = show(here.documents, here.pipelines, here.programs, before.id)
    assert [one.words for one in explained.added_later][:1] == [
        "does not run for this document, because automation was not included in this deployment's "
        "plan when it arrived; `countersign pipelines backfill contracts hello` changes that"
    ]
    assert states(here, arrived(here, "env-2")) == {"hello": "done", "trigger.late": "ready"}
    backfill(here.store, here.programs.current("contracts"), "hello", user(ANNA))
    here.settle()
    assert states(here, before) == {"hello": "done"}
    assert subjects(here) == ["hello", "hello"]


def test_a_pipeline_that_is_published_without_automation_has_none() -> None:
    here = World()
    plan(here, automation=False)
    assert published(here, TWO_STAGES) == 1
    off = Head(pipeline="contracts", version=1, automation=False)
    assert here.pipelines.head("contracts") == off
    assert plan(here, automation=True).version == 2
    assert here.pipelines.head("contracts") == Head(pipeline="contracts", version=1)


def test_an_interrupted_switch_is_finished_by_setting_the_same_again() -> None:
    here = World()
    for name in ("contracts", "hr"):
        here.publish(pipeline(stage("draft"), pipeline=name))
    plan(here, automation=False)
    here.pipelines.set_automation("hr", True)
    assert plan(here, automation=False).version == 1
    assert [head.automation for head in here.pipelines.list()] == [False, False]


def test_whoever_sets_last_wins_with_every_pipeline() -> None:
    """Another one switches automation back on while the first one is at work."""

    class Overtaken(MemoryPipelines):
        """Somebody else sets the plan between two pipelines."""

        def set_automation(self, pipeline: str, included: bool) -> Head:
            head = super().set_automation(pipeline, included)
            if here.entitlements.get().version == 1:
                plan(here, automation=True)
            return head

    here = World()
    for name in ("contracts", "hr"):
        here.publish(pipeline(stage("draft"), pipeline=name))
    overtaken = EntitlementStores(entitlements=here.entitlements, pipelines=Overtaken(here.state))
    assert set_entitlements(overtaken, {"automation": False}).automation
    assert [head.automation for head in here.pipelines.list()] == [True, True]


# --- setting it


def test_what_is_not_given_stays() -> None:
    here = World()
    plan(here, rules=5, plan="Basic")
    assert plan(here, rule_kinds=("send_email", "create_task", "send_email")) == Entitlements(
        rules=5, plan="Basic", rule_kinds=("create_task", "send_email"), version=2
    )
    assert plan(here, rules=None) == Entitlements(
        plan="Basic", rule_kinds=("create_task", "send_email"), version=3
    )


@pytest.mark.parametrize(
    ("changes", "error", "text"),
    [
        (
            {"rule_kinds": ("send_emails",)},
            NotFoundError,
            'there is no kind of rule "send_emails"; did you mean send_email',
        ),
        (
            {"trigger_kinds": ("send_email",)},
            NotFoundError,
            'there is no kind of trigger "send_email"; ',
        ),
        (
            {"rules": -1},
            PermanentError,
            '"-1" is not valid for rules: Input should be greater than or equal to 0',
        ),
        ({"pipelines": "many"}, PermanentError, '"many" is not valid for pipelines: '),
        ({"pipelines": 1.5}, PermanentError, '"1.5" is not valid for pipelines: '),
        ({"automation": "perhaps"}, PermanentError, '"perhaps" is not valid for automation: '),
        ({"rule": 5}, PermanentError, 'entitlements have no "rule"; did you mean rules'),
        ({"version": 5}, PermanentError, 'entitlements have no "version"; expected automation, '),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    changes: dict[str, object], error: type[Exception], text: str
) -> None:
    here = World()
    with pytest.raises(error) as raised:
        plan(here, **changes)
    assert str(raised.value).startswith(text)
    assert here.entitlements.get() == Entitlements()


def test_of_two_who_set_it_at_once_one_is_refused() -> None:
    here = World()

    class Late:
        """Reads what was there before somebody else set it."""

        def get(self) -> Entitlements:
            return Entitlements()

        def put(self, entitlements: Entitlements, entry: AuditEntry | None = None) -> None:
            here.entitlements.put(entitlements, entry)

    plan(here, rules=5)
    late = EntitlementStores(entitlements=Late(), pipelines=here.pipelines)
    with pytest.raises(ConflictError):
        set_entitlements(late, {"rules": 7})
    assert here.entitlements.get().rules == 5


def test_klara_s_signature_is_recorded_without_automation() -> None:
    here = world(TWO_STAGES)
    plan(here, automation=False)
    document = here.tell("docusign", [event("document.sent", state=envelope())])
    document = here.tell("docusign", [event("signer.signed", KLARA, minute=1)])
    assert [(one.email, one.status) for one in document.signers if one.email == KLARA] == [
        (KLARA, "signed")
    ]
