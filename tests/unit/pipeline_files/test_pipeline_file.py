"""A bad pipeline file is refused with file, line, column and what would be right."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from countersign.pipeline_files.reader import check_file
from countersign.rules import RULES
from countersign.triggers import TRIGGERS

TODAY = date(2026, 3, 2)
HEAD = """\
pipeline: p
senders: [contracts@acme.example]
fields:
  end: {type: date}
  segment: {type: choice, options: [private, business]}
groups: {sales: [anna@acme.example]}
stages:
  - id: draft
  - id: sent
    triggers: [{id: sent, kind: sent}]
"""
"""What comes next stands in line 11."""
LATE = "  - id: late\n    triggers:\n"
DATES = "completed, created, end, expires, sent, since"


def rule(inside: str) -> str:
    return f"    rules:\n      - {{id: r, {inside}}}\n"


def move(inside: str) -> str:
    condition = "condition: {field: amount, op: is_set}"
    return rule(f"{inside}, kind: change_stage, settings: {{stage: draft}}, {condition}")


def on(condition: str) -> str:
    return rule(f"condition: {condition}, kind: change_stage, settings: {{stage: draft}}")


def mail(changed: str) -> str:
    name = changed.partition(":")[0]
    settings = {
        "from": "from: contracts@acme.example",
        "to": "to: [client]",
        "subject": "subject: Hello",
        "text": "text: Hello",
    }
    return rule(
        f"kind: send_email, settings: {{{', '.join((settings | {name: changed}).values())}}}"
    )


def trigger(inside: str) -> str:
    return f"{LATE}      - {{id: t, {inside}}}\n"


FORM = {
    "a key that does not exist": (
        move("on_leav: keep"),
        ['12:17: "on_leav" is unknown in a rule; did you mean on_leave?'],
    ),
    "a misspelt key hides nothing of what it holds": (
        rule("kind: change_stage, settigns: {stage: archive}"),
        [
            '12:9: no stage "archive"; this pipeline has draft, sent',
            '12:37: "settigns" is unknown in a rule; did you mean settings?',
        ],
    ),
    "a key under a setting": (
        rule("kind: change_stage, settings: {stag: draft}"),
        ['12:48: "stag" is unknown in the settings of change_stage; did you mean stage?'],
    ),
    "a setting beside the settings": (
        rule("kind: change_stage, stage: draft"),
        ['12:37: "stage" is a setting of change_stage; write it under settings'],
    ),
    "a rule kind that does not exist": (
        rule("kind: send_mail"),
        [
            '12:23: rule kind "send_mail" is unknown; this version has '
            f"{', '.join(RULES.kinds)}; did you mean send_email?"
        ],
    ),
    "a trigger kind that does not exist": (
        trigger("kind: signed_by_al"),
        [
            '13:23: trigger kind "signed_by_al" is unknown; this version has '
            f"{', '.join(TRIGGERS.kinds)}; did you mean signed_by_all?"
        ],
    ),
    "a setting that is missing": (
        rule("kind: change_stage"),
        ['12:9: "stage" is missing; the settings of change_stage must have it'],
    ),
    "an id that is missing": (
        "    rules:\n      - kind: add_comment\n        settings: {text: Hello}\n",
        ['12:9: "id" is missing; a rule must have it'],
    ),
    "an id of other letters": (
        "  - {id: Final Stage, triggers: [{id: t, kind: viewed}]}\n",
        [
            '11:10: id is "Final Stage"; expected lower-case letters, digits, - and _, '
            "at most 63, the first a letter or digit"
        ],
    ),
    "values of a wrong type": (
        rule("kind: change_stage, enabled: [], settings: {stage: 5}"),
        [
            "12:46: enabled is a list; expected true or false",
            "12:68: stage is 5; expected text, in quotes",
        ],
    ),
    "a text for a rule": (
        "    rules:\n      - send a mail\n",
        [
            '12:9: found "send a mail"; expected a mapping with id, kind, name, execution, time, '
            "condition, on_leave, on_reentry, on_failure, on_doubt, if_passed, again, "
            "enabled, settings"
        ],
    ),
    "a list for settings": (
        rule("kind: change_stage, settings: [draft]"),
        ["12:47: settings is a list; expected a mapping"],
    ),
    "more digits than JSON keeps, in settings": (
        rule("kind: change_fields, settings: {values: {amount: 12345678901234.567}}"),
        ["12:57: 12345678901234.567 has too many digits; expected at most 15"],
    ),
    "a key without a value": ("    rules:\n", ["11:11: rules is nothing; expected a list"]),
    "a word that is none of those there are": (
        move("on_failure: halt"),
        ['12:29: on_failure is "halt"; expected continue, stop'],
    ),
    "a key twice": (
        "    name: Sent\n    name: Gone\n",
        ['12:5: "name" stands in line 11 already; keep one of them'],
    ),
}
TIMES = {
    "a delay of zero": (
        move("time: {after: {days: 0}}"),
        ["12:38: days is 0; expected at least 1"],
    ),
    "a delay below zero": (
        move("time: {after: {hours: -1}}"),
        ["12:39: hours is -1; expected at least 1"],
    ),
    "two units": (
        move("time: {after: {days: 1, hours: 2}}"),
        [
            "12:31: a length of time has exactly one of seconds, minutes, hours, days, "
            "weeks, months, working_hours, working_days; found hours and days"
        ],
    ),
    "a time in words": (
        move("time: tomorrow"),
        [
            '12:23: time is "tomorrow"; expected immediately, or a mapping with after, before, '
            "on, at, working_hours"
        ],
    ),
    "a clock time that no clock shows": (
        move('time: {at: "25:00"}'),
        [
            (
                '12:28: "25:00" is not a valid clock time; expected "HH:MM" from "00:00" to '
                '"23:59", in quotes'
            )
        ],
    ),
    "a date field of the wrong type": (
        move("time: {before: {field: segment, days: 3}}"),
        [
            '12:40: field "segment" is a choice; a time hangs on a date; '
            f"the date fields are {DATES}"
        ],
    ),
    "a date field that does not exist": (
        move("time: {on: {field: ends}}"),
        [f'12:36: field "ends" is unknown; the date fields are {DATES}; did you mean end?'],
    ),
    "the date of a trigger": (
        trigger("kind: date_reached, settings: {time: {on: {field: segment}}}"),
        [
            '13:67: field "segment" is a choice; a time hangs on a date; '
            f"the date fields are {DATES}"
        ],
    ),
}
CONDITIONS = {
    "an operator of another type": (
        on("{field: segment, op: greater, value: 3}"),
        [
            "12:49: segment is of type choice, which has no greater; "
            "it has is_set, is_empty, equals, differs, one_of, none_of"
        ],
    ),
    "an operator that does not exist, and what is wrong beside it": (
        on("{all: [{field: amount, op: grater, value: 3}, {field: segmnt, op: is_set}]}"),
        [
            '12:55: op is "grater"; did you mean greater?',
            '12:82: there is no field "segmnt"; did you mean segment or sent?',
        ],
    ),
    "values that do not suit their fields": (
        on(
            "{any: [{field: amount, op: less, value: '3'}, {field: segment, op: equals, value: x}]}"
        ),
        [
            '12:68: amount: "3" is not a valid number; expected one without quotes, such as 5000',
            '12:110: segment: "x" is not one of the options; expected one of private, business',
        ],
    ),
    "the event, which only triggers know": (
        on("{field: event.kind, op: equals, value: document.sent}"),
        [
            '12:36: "event.kind" is known to triggers only; a rule has no event, '
            "ask the document instead"
        ],
    ),
    "a group of conditions that does not exist": (
        on("{al: [{field: amount, op: is_set}]}"),
        ['12:29: "al" is unknown in a condition; did you mean all?'],
    ),
    "a list for a condition": (
        on("[{field: amount, op: is_set}]"),
        ["12:28: condition is a list; expected a mapping with all, any, none"],
    ),
    "a group of users that does not exist": (
        on("{field: responsible, op: in_group, value: sale}"),
        ['12:70: responsible: there is no group "sale"; the pipeline has sales'],
    ),
}
MEANING = {
    "what is reported on mails alone, for another kind": (
        move("on_doubt: send_again"),
        ['12:27: only rules that send e-mails take "on_doubt: send_again"; remove it here'],
    ),
    "a stage that does not exist": (
        rule("kind: change_stage, settings: {stage: archive}"),
        ['12:55: no stage "archive"; this pipeline has draft, sent'],
    ),
    "a template with an unknown insert": (
        mail('subject: "{{ document.titel }}"'),
        ['12:99: line 1: unknown insert "document.titel"; did you mean document.title?'],
    ),
    "an address that is not among the senders": (
        mail("from: sales@acme.example"),
        [
            '12:52: "sales@acme.example" is not among the pipeline\'s senders '
            "(contracts@acme.example); add it there, verified"
        ],
    ),
    "a field that a trigger watches": (
        trigger("kind: field_changed, settings: {fields: [amuont, segment], new: retail}"),
        [
            '13:58: there is no field "amuont"; did you mean amount?',
            '13:81: segment: "retail" is not one of the options; expected one of private, business',
        ],
    ),
    "a value that a rule writes": (
        rule("kind: change_fields, settings: {values: {amount: '5,000'}}"),
        [
            '12:66: amount: "5,000" is not a valid number; expected digits with a point '
            "for the decimals "
            "and no separators, such as 5000 or 5000.50"
        ],
    ),
    "ids that stand twice": (
        "    rules:\n"
        "      - {id: r, kind: add_comment, settings: {text: Hello}}\n"
        "      - {id: r, kind: add_comment, settings: {text: Hello}}\n"
        "  - id: sent\n"
        "    triggers: [{id: sent, kind: viewed}]\n",
        [
            '13:14: another rule in stage sent has the id "r"; give this one its own',
            '14:9: another stage has the id "sent"; give this one its own',
            '15:21: another trigger in stage sent has the id "sent"; give this one its own',
        ],
    ),
    "a circle that nothing ends, however long it takes": (
        rule("kind: change_stage, time: {after: {days: 1}}, settings: {stage: late}")
        + "  - id: late\n"
        "    rules: [{id: back, kind: change_stage, settings: {stage: sent}}]\n",
        [
            "12:81: these rules move documents in a circle for ever: sent -> late -> sent "
            "(rules r, back); give one of them a condition, or write on_reentry: once"
        ],
    ),
    "a trigger that could only fire backwards": (
        "  - id: late\n"
        "    triggers:\n"
        "      - {id: v, kind: viewed}\n"
        "      - {id: t, kind: no_reaction, settings: {stage: last, after: {days: 3}}}\n"
        "  - {id: last, triggers: [{id: e, kind: expired}]}\n",
        [
            '14:9: the trigger "t" can never fire: last does not stand before late, and it may not '
            "move documents back; write allow_return: true, or let it lead to a later stage"
        ],
    ),
    "more rules than an arrival can plan": (
        "    rules:\n"
        + "".join(
            f"      - {{id: r{n}, kind: add_comment, settings: {{text: Hello}}}}\n"
            for n in range(81)
        ),
        [
            '9:5: the stage "sent" has 81 rules and 0 timers; expected at most 80 together, '
            "because an arrival plans them in one transaction; spread them over two stages"
        ],
    ),
}


@pytest.mark.parametrize(
    ("tail", "expected"),
    [
        pytest.param(tail, expected, id=name)
        for name, (tail, expected) in (FORM | TIMES | CONDITIONS | MEANING).items()
    ],
)
def test_a_mistake_is_told_where_it_stands_and_how_to_mend_it(
    tmp_path: Path, tail: str, expected: list[str]
) -> None:
    file = tmp_path / "contracts.yaml"
    file.write_text(HEAD + tail)
    checked = check_file(file, today=TODAY)
    assert checked.pipeline is None
    assert [line.shown("p.yaml") for line in checked.report] == [f"p.yaml:{e}" for e in expected]


WHOLE = {
    "zone, calendar, sender and fields": (
        "pipeline: p\n"
        "time_zone: Europe/Berln\n"
        'calendar: {holidays: DE-XY, hours: {mon: "9-17"}}\n'
        "senders: [me]\n"
        "fields:\n"
        "  amount: {type: text}\n"
        "  Segment: {type: text}\n"
        "  kind: {type: choice}\n"
        "  end: {type: day}\n"
        "stages:\n"
        "  - id: draft\n"
        "  - {id: sent, triggers: [{id: t, kind: sent,"
        " condition: {field: end, op: greater, value: 3}}]}\n",
        [
            '2:12: "Europe/Berln" is not a valid time zone of the IANA database, such as '
            "Europe/Berlin; "
            "did you mean Europe/Berlin or Europe/Belfast or Europe/Helsinki?",
            '3:22: holidays "DE-XY" is not a known region; expected one of DE, DE-BB, DE-BE, '
            "DE-BW, DE-BY, DE-HB, DE-HE, DE-HH, DE-MV, DE-NI, DE-NW, DE-RP, DE-SH, DE-SL, DE-SN, "
            "DE-ST, DE-TH, DE-Augsburg",
            '3:42: "9-17" are not valid hours; expected "HH:MM-HH:MM", several with commas',
            '4:11: "me" is not a valid e-mail address; expected one such as contracts@acme.example',
            '6:11: every document has a field "amount" already; give yours another name',
            '7:3: "Segment" cannot be a name here; expected lower-case letters, digits and _, '
            "at most 63, the first a letter",
            '8:9: the choice "kind" has no options; list what it may be',
            '9:15: type is "day"; expected text, number, money, date, datetime, choice, user, '
            "bool, list",
        ],
    ),
    "no working hour": (
        "pipeline: p\nstages: [{id: a}]\ncalendar: {hours: {}}\n",
        [
            "3:19: the calendar has no working hours; give it some, for example "
            'mon-fri: "09:00-17:00"'
        ],
    ),
    "no stages": ("pipeline: p\nstages: []\n", ["2:9: stages is empty; expected at least 1"]),
    "stages left out": ("pipeline: p\n", ['1:1: "stages" is missing; a pipeline must have it']),
    "a trigger of the first stage": (
        "pipeline: p\nstages:\n  - {id: a, triggers: [{id: t, kind: sent}]}\n",
        [
            '3:24: the trigger "t" can never fire: no stage stands before a, and it may not move '
            "documents back; write allow_return: true, or let it lead to a later stage"
        ],
    ),
    "an empty file": (
        "# soon\n",
        [
            "1:1: this is not a pipeline; expected a mapping with pipeline, name, managed_by, "
            "time_zone, language, calendar, senders, signature, mail_templates, groups, "
            "supervisors, daily_report, retention, country, task_mail, fields, stages"
        ],
    ),
    "a tab": ("pipeline: p\n\tname: x\n", ["2:1: a tab cannot indent in YAML; use spaces"]),
    "a colon too many": (
        "pipeline: p\nname: Contracts: large\n",
        [
            "2:16: a colon with a blank makes a mapping, which cannot stand here; "
            "fix the indentation, or write the text in quotes"
        ],
    ),
    "a list that is not closed": (
        "pipeline: p\nsenders: [a, b\nstages: []\n",
        [
            "3:7: this is not valid YAML: did not find expected ',' or ']' "
            "(while parsing a flow sequence)"
        ],
    ),
    "two documents": (
        "pipeline: p\n---\npipeline: q\n",
        ["2:1: a second document begins here; a pipeline file holds one"],
    ),
    "a tag": (
        "pipeline: !!python/object:os.system x\n",
        ["1:11: the tag tag:yaml.org,2002:python/object:os.system has no meaning here; remove it"],
    ),
    "an alias of what is not there": (
        "pipeline: *name\n",
        ["1:11: there is no &name above; define it first"],
    ),
    "a control character": (
        "pipeline: p\nname: \x1b[31m\n",
        ["2:7: the character U+001B cannot stand in a text file"],
    ),
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [pytest.param(text, expected, id=name) for name, (text, expected) in WHOLE.items()],
)
def test_a_whole_file_is_told_all_at_once(tmp_path: Path, text: str, expected: list[str]) -> None:
    file = tmp_path / "contracts.yaml"
    file.write_text(text)
    checked = check_file(file, today=TODAY)
    assert checked.pipeline is None
    assert [line.shown("p.yaml") for line in checked.report] == [f"p.yaml:{e}" for e in expected]


WARNINGS = {
    "a stage that nothing leads to": (
        "  - {id: archived, kind: success}\n",
        [
            "p.yaml:11:5: warning: no trigger and no rule brings documents into the stage "
            '"archived"; only people and the API can'
        ],
    ),
    "a move to where the document is": (
        rule("kind: change_stage, settings: {stage: sent}"),
        ["p.yaml:12:55: warning: the document is in this stage already, so the rule does nothing"],
    ),
    "a reminder when it is too late": (
        rule(
            "time: {after: {field: expires, days: 1}}, kind: send_email, settings: "
            "{from: contracts@acme.example, to: [client], subject: Hello, text: Hello}"
        ),
        [
            "p.yaml:12:23: warning: it runs when the envelope has expired, and nobody can sign "
            "any more; to remind in time write before: {field: expires, days: 3}"
        ],
    ),
}


@pytest.mark.parametrize(
    ("tail", "expected"),
    [pytest.param(tail, expected, id=name) for name, (tail, expected) in WARNINGS.items()],
)
def test_what_is_hardly_meant_is_told_and_does_not_forbid_publishing(
    tmp_path: Path, tail: str, expected: list[str]
) -> None:
    file = tmp_path / "contracts.yaml"
    file.write_text(HEAD + tail)
    checked = check_file(file, today=TODAY)
    assert [line.shown("p.yaml") for line in checked.report] == expected
    assert checked.pipeline is not None


def test_the_example_pipeline_has_nothing_to_mend() -> None:
    file = Path(__file__).parents[3] / "events" / "pipelines" / "contracts.yaml"
    checked = check_file(file, today=TODAY)
    assert checked.report == ()
    assert checked.pipeline is not None
    assert [stage.id for stage in checked.pipeline.stages] == [
        "draft",
        "sent",
        "partially-signed",
        "signed",
        "archived",
        "not-signed",
    ]


def test_a_file_of_another_encoding_is_told_where(tmp_path: Path) -> None:
    file = tmp_path / "contracts.yaml"
    file.write_bytes(b"pipeline: p\nname: Vertr\xe4ge\n")
    assert [line.shown("p.yaml") for line in check_file(file, today=TODAY).report] == [
        "p.yaml:2:12: this is not UTF-8; save the file as UTF-8"
    ]
