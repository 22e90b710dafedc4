"""A kind that is written by its title, in either language, gets the name that the file wants."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from click.testing import CliRunner

from countersign.cli.commands import countersign
from countersign.engine.validation.pipeline import check
from countersign.providers import PROVIDERS
from countersign.rules import RULES
from countersign.triggers import TRIGGERS


def told(part: str, kind: str) -> str:
    """What is said of a rule or trigger of that kind."""
    first: dict[str, Any] = {"id": "draft"}
    second: dict[str, Any] = {"id": "sent", part: [{"id": "x", "kind": kind}]}
    _, problems = check({"pipeline": "p", "stages": [first, second]}, today=date(2026, 1, 1))
    return next(one.text for one in problems if one.place == ("stages", 1, part, 0, "kind"))


@pytest.mark.parametrize(
    ("part", "written", "meant"),
    [
        ("rules", "E-Mail senden", "send_email"),
        ("rules", "e-mail  SENDEN", "send_email"),
        ("rules", "Send e-mail", "send_email"),
        ("rules", "send-email", "send_email"),
        ("rules", "send email", "send_email"),
        ("rules", "sendemail", "send_email"),
        ("rules", "Aufgabe  erstellen", "create_task"),
        ("rules", "Aufgabe erstelen", "create_task"),
        ("rules", "Unterzeichner erinnern", "remind_signer"),
        ("triggers", "Abgelehnt", "declined"),
        ("triggers", "expird", "expired"),
        ("triggers", "Signed by all parties", "signed_by_all"),
    ],
)
def test_a_title_or_a_slip_of_the_pen_is_answered_with_the_kind(
    part: str, written: str, meant: str
) -> None:
    assert told(part, written).endswith(f"; did you mean {meant}?")


def test_every_title_of_every_kind_leads_to_a_kind_of_that_title() -> None:
    for registry in (RULES, TRIGGERS):
        for kind in registry.kinds:
            for title in registry.get(kind).titles.values():
                meant = registry.hint(title).removeprefix("; did you mean ").removesuffix("?")
                assert title in registry.get(meant).titles.values()


@pytest.mark.parametrize("written", ["teleport", "", "Quittung ausdrucken"])
def test_what_is_close_to_nothing_is_answered_with_the_list_alone(written: str) -> None:
    assert RULES.hint(written) == ""


@pytest.mark.parametrize(
    ("written", "meant"),
    [("DocuSign", "docusign"), ("Adobe Acrobat Sign", "adobe_sign"), ("adobe-sign", "adobe_sign"),
     ("Docu-Seal", "docuseal"), ("skribbel", "skribble")],
)  # fmt: skip
def test_a_provider_is_known_by_what_people_call_it(written: str, meant: str) -> None:
    assert PROVIDERS.hint(written) == f"; did you mean {meant}?"
    for arguments in (
        ["providers", written],
        ["connections", "create", written, "--pipeline", "p"],
    ):
        result = CliRunner(mix_stderr=False).invoke(countersign, arguments)
        assert (result.exit_code, result.stdout) == (4, "")
        assert result.stderr.rstrip().endswith(f"; did you mean {meant}?")
