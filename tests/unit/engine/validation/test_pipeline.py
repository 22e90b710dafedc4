"""Publishing checks: what each of them refuses, and what lies just beside it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from countersign.engine.validation.pipeline import Problem, check
from tests.builders import mail, stage, to_stage, trigger

SENDERS = ["contracts@acme.example"]


def told(*stages: dict[str, Any], **more: Any) -> list[tuple[str, str, str]]:
    """Place, text and severity of all that is said about a pipeline of these stages."""
    raw = {"pipeline": "contracts", "senders": SENDERS, "stages": list(stages), **more}
    _, problems = check(raw, today=date(2026, 3, 2))
    return [(".".join(map(str, one.place)), one.text, one.severity) for one in problems]


def errors(*stages: dict[str, Any], **more: Any) -> list[tuple[str, str]]:
    """What forbids publishing."""
    return [(place, text) for place, text, severity in told(*stages, **more) if severity == "error"]


def waits(trigger_id: str, in_stage: str, **more: Any) -> dict[str, Any]:
    """A trigger that fires when a document has stayed in a stage for three days."""
    settings = {"stage": in_stage, "after": {"days": 3}}
    return trigger("no_reaction", trigger_id, settings=settings, **more)


def test_a_problem_is_an_error_of_what_a_key_holds_unless_it_is_said() -> None:
    assert Problem(("a",), "b") == Problem(("a",), "b", severity="error", of_key=False)


def test_a_pipeline_is_given_back_where_there_are_only_warnings() -> None:
    raw = {"pipeline": "contracts", "stages": [stage("draft"), stage("sent")]}
    accepted, problems = check(raw, today=date(2026, 3, 2))
    assert accepted is not None
    assert [one.severity for one in problems] == ["warning"]


# --- how many runs an arrival plans

EIGHTY = [mail(f"m{n}") for n in range(80)]


@pytest.mark.parametrize(
    ("late", "fits"),
    [
        ([], True),
        ([waits("a", "full")], False),
        ([waits("a", "full", enabled=False)], True),
        ([waits("a", "half")], True),
        ([trigger("viewed")], True),
    ],
    ids=["none", "one", "switched off", "of another stage", "no timer"],
)
def test_timers_count_with_the_rules_of_the_stage_that_they_watch(
    late: list[dict[str, Any]], fits: bool
) -> None:
    half = stage("half", triggers=[trigger("sent")])
    full = stage("full", *EIGHTY, triggers=[trigger("delivered")])
    found = errors(stage("draft"), half, full, stage("late", triggers=late))
    text = (
        'the stage "full" has 80 rules and 1 timers; expected at most 80 together, because an '
        "arrival plans them in one transaction; spread them over two stages"
    )
    assert found == ([] if fits else [("stages.2", text)])


def test_a_timer_that_may_not_move_documents_back_is_not_planned() -> None:
    time = {"after": {"field": "expires", "days": 3}}
    early = trigger("date_reached", settings={"time": time})
    stages = [
        stage("draft"),
        stage("early", triggers=[early]),
        stage("full", *EIGHTY, triggers=[trigger("sent")]),
    ]
    assert errors(*stages) == []
    stages[1] = stage("early", triggers=[{**early, "allow_return": True}])
    assert [place for place, _ in errors(*stages)] == ["stages.2"]


def test_rules_that_are_switched_off_are_not_planned() -> None:
    more = [mail(f"off{n}", enabled=False, on_leave="keep") for n in range(30)]
    stages = [
        stage("draft"),
        stage("sent", *more, triggers=[trigger("sent")]),
        stage("full", *EIGHTY, *more, triggers=[trigger("delivered")]),
    ]
    assert [text for _, text in errors(*stages) if "rules and" in text] == []


def test_kept_rules_on_the_way_count_with_a_stage_that_is_full_without_them() -> None:
    stages = [
        stage("draft"),
        stage("sent", mail("kept", on_leave="keep"), mail("not"), triggers=[trigger("sent")]),
        stage("full", *EIGHTY, triggers=[trigger("delivered")]),
    ]
    assert errors(*stages) == [
        (
            "stages.2",
            'the stage "full" has 80 rules and 0 timers, and a message that leads through other '
            "stages first brings up to 1 of their rules that are kept; expected at most 80 "
            "together, because one transaction plans them; keep fewer rules when a stage is left, "
            'or spread those of "full" over two stages',
        )
    ]


# --- triggers that can never fire


@pytest.mark.parametrize(
    ("stages", "place", "why"),
    [
        ([stage("end", kind="success"), stage("sent", triggers=[trigger("viewed")])],
         "stages.1.triggers.0",
         "end is a final stage, and it may not move documents out of one; write allow_return: "
         "true, or let it wait in a stage of the kind open"),
        ([stage("won", kind="success"), stage("lost", kind="failure"),
          stage("sent", triggers=[trigger("viewed")])],
         "stages.2.triggers.0",
         "won and lost are final stages, and it may not move documents out of one; write "
         "allow_return: true, or let it wait in a stage of the kind open"),
        ([stage("draft"), stage("sent", triggers=[waits("viewed", "end")]),
          stage("end", kind="success")],
         "stages.1.triggers.0",
         "end is a final stage, and it may not move documents out of one; write allow_return: "
         "true, or let it wait in a stage of the kind open"),
        ([stage("end", kind="success"), stage("sent", triggers=[waits("viewed", "end")])],
         "stages.1.triggers.0",
         "end is a final stage, and it may not move documents out of one; write allow_return: "
         "true, or let it wait in a stage of the kind open"),
        ([stage("draft"), stage("sent", triggers=[waits("viewed", "sent")])],
         "stages.1.triggers.0",
         "sent does not stand before sent, and it may not move documents back; write "
         "allow_return: true, or let it lead to a later stage"),
        ([stage("draft", triggers=[trigger("viewed")]), stage("end", kind="success")],
         "stages.0.triggers.0",
         "no stage stands before draft, and it may not move documents back; write allow_return: "
         "true, or let it lead to a later stage"),
    ],
)  # fmt: skip
def test_a_trigger_that_can_never_fire_is_refused_with_the_reason(
    stages: list[dict[str, Any]], place: str, why: str
) -> None:
    assert errors(*stages) == [(place, f'the trigger "viewed" can never fire: {why}')]


@pytest.mark.parametrize(
    ("more", "refused"), [({}, True), ({"enabled": False}, False), ({"allow_return": True}, False)]
)
def test_one_that_is_switched_off_or_may_go_back_is_not(
    more: dict[str, Any], refused: bool
) -> None:
    stages = [stage("draft", triggers=[trigger("viewed", **more)]), stage("sent")]
    assert bool(errors(*stages)) == refused


def test_a_stage_that_does_not_exist_is_told_instead_of_a_trigger_that_never_fires() -> None:
    assert errors(stage("draft"), stage("sent", triggers=[waits("w", "nonesuch")])) == [
        ("stages.1.triggers.0.settings", 'no stage "nonesuch"; this pipeline has draft, sent')
    ]


# --- addresses, languages, users


def test_a_language_that_is_not_known_is_refused() -> None:
    ((place, text),) = errors(stage("draft"), language="xx")
    assert place == "language"
    assert text.startswith("language: ")
    assert errors(stage("draft"), language="de") == []


def test_each_sender_must_be_an_address_and_is_told_what_is_wrong_with_it() -> None:
    senders = ["contracts@acme.example", "contracts", "Änne <änne@acme.example>"]
    found = errors(stage("draft"), senders=senders)
    assert [place for place, _ in found] == ["senders.1", "senders.2"]
    assert found[0][1] == (
        '"contracts" is not a valid e-mail address; expected one such as contracts@acme.example'
    )
    assert found[1][1].startswith(
        '"Änne <änne@acme.example>" is not a valid e-mail address (Amazon SES'
    )
    assert found[1][1].endswith("); expected one such as contracts@acme.example")


def test_users_may_be_names_and_what_looks_like_an_address_must_be_one() -> None:
    found = errors(
        stage("draft"),
        groups={"sales": ["anna", "ben@acme.example", "ben@@acme.example"]},
        supervisors={"anna@": "ben@acme.example", "clara": "ben@acme..example"},
    )
    assert [place for place, _ in found] == [
        "groups.sales.2",
        "supervisors.anna@",
        "supervisors.clara",
    ]
    assert found[0][1].startswith('"ben@@acme.example" is not a valid e-mail address: ')


def test_retention_is_for_final_stages() -> None:
    kept = {"final_after": {"days": 365}}
    assert errors(stage("draft"), retention=kept) == [
        (
            "retention",
            "no stage is final, so that no document would ever be removed; give a stage the kind "
            "success or failure",
        )
    ]
    assert errors(stage("draft"), stage("done", kind="success"), retention=kept) == []


def test_the_daily_report_needs_a_sender() -> None:
    report = {"to": ["ops@acme.example"], "at": "08:00"}
    assert errors(stage("draft"), senders=[], daily_report=report) == [
        (
            "daily_report",
            "the daily report comes from the first of the senders; list one under senders",
        )
    ]
    assert errors(stage("draft"), daily_report=report) == []


# --- settings that mean nothing where they stand


@pytest.mark.parametrize(
    ("more", "places"),
    [
        ({"again": True}, ["again"]),
        ({"if_passed": "skip"}, ["if_passed"]),
        ({"again": True, "if_passed": "skip", "time": {"after": {"days": 2}}},
         ["again", "if_passed"]),
        ({"again": True, "if_passed": "skip",
          "time": {"before": {"field": "expires", "days": 2}}}, []),
        ({"if_passed": "run"}, []),
    ],
)  # fmt: skip
def test_what_needs_a_date_field_is_refused_without_one(
    more: dict[str, Any], places: list[str]
) -> None:
    assert errors(stage("draft", mail("ask", **more))) == [
        (
            f"stages.0.rules.0.{name}",
            f'"{name}" needs a time before, on or after a date field, such as before: '
            "{field: …, days: 30}",
        )
        for name in places
    ]


def test_an_author_must_be_a_user() -> None:
    moved = [trigger("sent", "a", move_as="responsible"), trigger("viewed", "b", move_as="@sales")]
    ((place, text),) = errors(
        stage("draft"), stage("sent", triggers=moved), groups={"sales": ["anna"]}
    )
    assert place == "stages.1.triggers.1.move_as"
    assert text.endswith('; or "responsible"')


def test_kind_stands_beside_settings() -> None:
    rule = mail("ask")
    settings = {**rule["settings"], "kind": "send_email"}
    assert errors(stage("draft", {**rule, "settings": settings})) == [
        (
            "stages.0.rules.0.settings.kind",
            '"kind" stands beside settings, not under it; remove it here',
        )
    ]


def test_sending_again_is_for_mails_only() -> None:
    comment = {"id": "c", "kind": "add_comment", "settings": {"text": "x"}}
    assert errors(stage("draft", mail("ask", on_doubt="send_again"))) == []
    assert errors(stage("draft", {**comment, "on_doubt": "send_again"})) == [
        (
            "stages.0.rules.0.on_doubt",
            'only rules that send e-mails take "on_doubt: send_again"; remove it here',
        )
    ]


def test_a_field_of_a_condition_that_is_wrong_itself_is_told_once() -> None:
    looking = {"field": "end", "op": "is_set"}
    fields = {"end": {"type": "day"}, "go": {"type": "text"}}
    found = errors(stage("draft", mail("ask", condition=looking)), fields=fields)
    assert [place for place, _ in found] == ["fields.end.type"]
    other = {"field": "ned", "op": "is_set"}
    found = errors(stage("draft", mail("ask", condition=other)), fields=fields)
    assert [place for place, _ in found] == ["fields.end.type", "stages.0.rules.0.condition.field"]


def test_all_that_is_wrong_with_one_field_is_told() -> None:
    found = errors(stage("draft"), fields={"amount": {"type": "text", "lable": "x"}})
    assert [place for place, _ in found] == ["fields.amount.lable", "fields.amount"]


def test_options_of_what_is_no_choice_are_told_once() -> None:
    asked = mail("ask", condition={"field": "note", "op": "equals", "value": "b"})
    found = errors(stage("draft", asked), fields={"note": {"type": "text", "options": ["a"]}})
    assert found == [("fields.note.options", '"note" is of type text; only a choice has options')]


def test_fields_that_cannot_be_read_at_all_leave_the_rest_to_be_checked() -> None:
    found = errors(stage("draft", mail("ask", again=True)), fields="end")
    assert [place for place, _ in found] == ["fields", "stages.0.rules.0.again"]


def test_what_is_wrong_in_a_part_that_does_not_fit_is_not_told_besides() -> None:
    found = errors(stage("draft", mail("ask")), stage("draft!", {"id": "a", "kind": 5}))
    assert [place for place, _ in found] == ["stages.1.id", "stages.1.rules.0.kind"]


def test_groups_that_conditions_and_rules_name_must_exist() -> None:
    def asks(group: str) -> dict[str, Any]:
        return {"field": "responsible", "op": "in_group", "value": group}

    stages = [
        stage("draft", mail("ask", condition=asks("sales"))),
        stage("sent", triggers=[trigger("sent", condition=asks("sale"))]),
    ]
    assert errors(*stages, groups={"sales": ["anna"]}) == [
        (
            "stages.1.triggers.0.condition.value",
            'responsible: there is no group "sale"; the pipeline has sales',
        )
    ]


def test_triggers_may_look_at_the_event_and_rules_may_not() -> None:
    looking = {"field": "event.kind", "op": "equals", "value": "document.sent"}
    stages = [
        stage("draft", mail("ask", condition=looking)),
        stage("sent", triggers=[trigger("sent", condition=looking)]),
    ]
    assert [place for place, _ in errors(*stages)] == ["stages.0.rules.0.condition.field"]


# --- circles


def circle(**more: Any) -> list[dict[str, Any]]:
    """Two stages whose rules move documents to and fro."""
    return [
        stage("draft", to_stage("on", "sent", **more)),
        stage("sent", to_stage("back", "draft")),
    ]


CONDITION = {"field": "title", "op": "is_set"}


@pytest.mark.parametrize(
    "more",
    [
        {"condition": CONDITION},
        {"on_reentry": "once"},
        {"enabled": False},
        {"condition": {"field": "title", "op": "is_sett"}},
    ],
    ids=["a condition", "once", "switched off", "a condition that cannot be read"],
)
def test_what_holds_a_rule_up_ends_a_circle(more: dict[str, Any]) -> None:
    assert [place for place, _ in errors(*circle()) if "settings" in place] == [
        "stages.0.rules.0.settings.stage"
    ]
    assert [place for place, _ in errors(*circle(**more)) if "settings" in place] == []


# --- what is hardly meant


def warnings(*stages: dict[str, Any], **more: Any) -> list[tuple[str, str]]:
    return [(place, text) for place, text, one in told(*stages, **more) if one == "warning"]


NOBODY = 'no trigger and no rule brings documents into the stage "{}"; only people and the API can'


def test_stages_that_only_people_lead_to_are_named() -> None:
    stages = [
        stage("draft", to_stage("on", "half", condition=CONDITION)),
        stage("half"),
        stage("sent", triggers=[trigger("sent", enabled=False)]),
        stage("end", triggers=[trigger("viewed")]),
    ]
    assert warnings(*stages) == [("stages.2", NOBODY.format("sent"))]


def test_stages_are_not_called_unreachable_while_something_is_wrong() -> None:
    stages = [stage("draft", mail("ask", again=True)), stage("sent")]
    assert warnings(*stages) == []


@pytest.mark.parametrize(
    ("time", "late"),
    [
        ({"on": {"field": "expires"}}, True),
        ({"after": {"field": "expires", "days": 1}}, True),
        ({"before": {"field": "expires", "days": 1}}, False),
        ({"after": {"field": "sent", "days": 1}}, False),
        ("immediately", False),
    ],
)
def test_a_reminder_after_the_deadline_is_hardly_meant(time: Any, late: bool) -> None:
    text = (
        "it runs when the envelope has expired, and nobody can sign any more; to remind in time "
        "write before: {field: expires, days: 3}"
    )
    assert warnings(stage("draft", mail("ask", time=time))) == (
        [("stages.0.rules.0.time", text)] if late else []
    )
    comment = {"id": "c", "kind": "add_comment", "settings": {"text": "x"}, "time": time}
    assert warnings(stage("draft", comment)) == []
    assert warnings(stage("draft", {**comment, "kind": "nonesuch"})) == []


def test_a_rule_that_leads_where_the_document_is_does_nothing() -> None:
    found = warnings(
        stage("draft", to_stage("stay", "draft"), to_stage("on", "sent")), stage("sent")
    )
    assert found == [
        (
            "stages.0.rules.0.settings.stage",
            "the document is in this stage already, so the rule does nothing",
        )
    ]


# --- numbers with two readings


def test_numbers_that_could_be_read_in_two_ways_are_told_where_only_numbers_may_stand() -> None:
    def written(value: Any, **more: Any) -> list[str]:
        settings = {"values": {"amount": value}, **more}
        rule = {"id": "c", "kind": "change_fields", "settings": settings}
        return [place for place, _ in errors(stage("draft", rule))]

    assert written("5.000") == ["stages.0.rules.0.settings.values.amount"]
    settings = {"after": {"days": "1.000"}, "stage": "draft"}
    late = stage("late", triggers=[trigger("no_reaction", settings=settings)])
    found = errors(stage("draft"), late)
    assert [place for place, _ in found] == ["stages.1.triggers.0.settings.after.days"]
    time = {"after": {"days": "2.000"}}
    found = errors(stage("draft", mail("ask", time=time)))
    assert [place for place, _ in found] == ["stages.0.rules.0.time.after.days"]


@pytest.mark.parametrize(
    "part",
    [
        {"rules": [{"id": "a", "kind": "nonesuch", "settings": {"x": "5.000"}}]},
        {"others": [{"id": "a", "kind": "sent", "settings": {"x": "5.000"}}]},
        {"rules": [{"id": "a", "kind": "add_comment", "settings": "5.000"}]},
        {"rules": [{"id": "a", "kind": "add_comment", "settings": {"text": "5.000"}}]},
        {"rules": [{"id": "a", "kind": "add_comment", "settings": {"text": "x"}, "name": "5.000"}]},
    ],
)
def test_what_may_be_text_or_is_unknown_is_not_read_as_a_number(part: dict[str, Any]) -> None:
    found = errors({"id": "draft", **part})
    assert [text for _, text in found if "5.000" in text and "5000" in text] == []
