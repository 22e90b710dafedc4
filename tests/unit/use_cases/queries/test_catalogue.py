"""Providers and kinds are listed by name, with what people need to choose one."""

from __future__ import annotations

import pytest

from countersign.errors import NotFoundError
from countersign.model.entitlements import Entitlements
from countersign.registry import UnknownKindError
from countersign.rules import RULES
from countersign.use_cases.queries.catalogue import (
    KindRow,
    ProviderRow,
    describe_kind,
    kind_names,
    kind_rows,
    list_kinds,
    list_providers,
    own_settings,
    provider_row,
    show_kind,
)
from countersign.use_cases.queries.catalogue.texts import Translation


def test_providers_stand_by_name() -> None:
    names = [row.provider for row in list_providers()]
    assert names[:3] == ["adobe_sign", "bitrix24", "boldsign"]
    assert names == sorted(names)
    assert len(names) == len(set(names))


def test_a_provider_says_how_it_is_connected() -> None:
    row = next(row for row in list_providers() if row.provider == "skribble")
    assert row == provider_row("skribble")
    assert isinstance(row, ProviderRow)
    assert (row.title, row.authenticity) == ("Skribble", "none")


def test_an_unknown_provider_is_an_error() -> None:
    with pytest.raises(UnknownKindError, match="docusign"):
        provider_row("docusing")


def test_triggers_stand_before_rules_and_both_by_name() -> None:
    rows = list_kinds()
    triggers = [row.kind for row in rows if row.of == "trigger"]
    rules = [row.kind for row in rows if row.of == "rule"]
    assert [row.kind for row in rows] == [*sorted(triggers), *sorted(rules)] == [*kind_names()]
    assert {"signed_by_all", "date_approaching"} & set(triggers)
    assert {"send_email", "change_stage"} <= set(rules)
    assert [row.kind for row in kind_rows("rule", RULES)] == rules


def test_a_kind_stands_with_its_own_settings() -> None:
    (row,) = (row for row in list_kinds() if row.kind == "change_stage")
    assert row == KindRow(
        kind="change_stage",
        of="rule",
        group="element_management",
        group_title=Translation(en="Element management", de="Dokument bearbeiten"),
        title=Translation(en="Change stage", de="Stufe ändern"),
        description=row.description,
        settings=("stage",),
    )


def test_a_kind_is_known_by_its_name() -> None:
    of, kind = show_kind("send_email")
    assert (of, kind) == ("rule", RULES.get("send_email"))
    assert "subject" in tuple(own_settings(kind))
    assert show_kind("signed_by_all")[0] == "trigger"


@pytest.mark.parametrize(
    ("name", "settable"),
    [("signed_by_company", False), ("signed_by_client", False), ("declined", True)],
)
def test_a_party_that_a_kind_stands_for_is_no_setting(name: str, settable: bool) -> None:
    _, kind = show_kind(name)
    assert ("party" in tuple(own_settings(kind))) is settable


def test_an_unknown_kind_is_an_error_with_a_suggestion() -> None:
    with pytest.raises(NotFoundError) as raised:
        show_kind("send_mail")
    assert str(raised.value) == 'there is no kind "send_mail"; did you mean send_email or send_sms?'


def test_a_kind_that_the_plan_does_not_include_is_locked_with_the_reason() -> None:
    basic = Entitlements(rule_kinds=("send_email",), plan="Basic")
    rows = {(row.of, row.kind): row.locked for row in list_kinds(basic)}
    assert rows["rule", "send_email"] is None
    assert rows["trigger", "sent"] is None
    assert rows["rule", "send_sms"] == Translation(
        en="Send an SMS: not included in this deployment's plan Basic",
        de="SMS senden: im Tarif Basic dieser Installation nicht enthalten",
    )
    assert describe_kind("send_sms", basic).row.locked == rows["rule", "send_sms"]
    assert describe_kind("send_sms").row.locked is None
    assert {row.locked for row in list_kinds()} == {None}


def test_without_automation_every_kind_is_locked() -> None:
    assert {row.locked for row in list_kinds(Entitlements(automation=False))} == {
        Translation(
            en="Automation: not included in this deployment's plan",
            de="Automatisierung: im Tarif dieser Installation nicht enthalten",
        )
    }
