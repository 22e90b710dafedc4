"""What of a deployment needs attention, over the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from countersign import __version__
from countersign.adapters.memory.services.mailer import MemoryMailer
from countersign.adapters.memory.services.senders import MemorySenders
from countersign.errors import PermanentError, UnavailableError
from countersign.model.entitlements import Entitlements
from countersign.model.person import Role
from tests.builders import mail, pipeline, stage
from tests.unit.cli.desk import Desk
from tests.unit.http.client import ApiClient

CHECKS = [
    *("stack", "versions", "search", "mail service", "senders", "secrets", "silence"),
    *("runs", "dead letters", "rejected", "held messages", "entitlements"),
]


def caller(desk: Desk, role: Role = "administrator", **more: Any) -> ApiClient:
    senders = MemorySenders(["acme.example"], to_anybody=True)
    return ApiClient(desk.world, role, **{"senders": senders, **more})


def findings(api: ApiClient, language: str = "en") -> dict[str, tuple[str, str, str | None]]:
    answer = api(
        "GET", "/health", query={"version": __version__}, headers={"accept-language": language}
    )
    assert answer.status == 200
    return {
        one["check"]: (one["status"], one["text"], one["action"]) for one in answer.body["items"]
    }


def test_where_all_is_well_every_check_says_so(desk: Desk) -> None:
    found = findings(caller(desk))

    assert list(found) == CHECKS
    assert {status for status, _, _ in found.values()} == {"ok"}
    assert found["stack"] == ("ok", "reachable; 1 pipeline, 1 connection", None)
    assert found["versions"][1] == f"the command and the stack are {__version__}"


def test_a_problem_says_what_to_do_about_it(desk: Desk) -> None:
    desk("pipelines", "pause", "contracts")

    assert findings(caller(desk))["stack"] == (
        "attention",
        "1 pipeline, 1 connection; paused: contracts",
        "countersign pipelines resume contracts",
    )


def test_a_check_that_cannot_be_made_is_said_by_its_name(desk: Desk) -> None:
    found = caller(desk, senders=None)("GET", "/health").body["items"]

    assert [one["check"] for one in found] == CHECKS
    assert [one["check"] for one in found if one["status"] == "unknown"] == [
        *("versions", "mail service", "senders")
    ]
    (versions,) = (one for one in found if one["check"] == "versions")
    assert versions["text"] == (
        f"the stack is {__version__}; no version was given to compare it with"
    )


def test_a_check_that_gets_no_answer_is_said_and_the_others_go_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> object:
        raise UnavailableError("S3 cannot answer now")

    monkeypatch.setattr(type(desk.world.rejected), "ids", fail)
    found = findings(caller(desk))

    assert found["rejected"] == (
        "failed",
        "S3 cannot answer now",
        "check the stack and your rights",
    )
    assert [name for name, one in found.items() if one[0] != "ok"] == ["rejected"]


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_only_administrators_check_a_deployment(desk: Desk, role: Role) -> None:
    assert caller(desk, role)("GET", "/health").status == 403


@pytest.mark.parametrize("version", ["", "x" * 101])
def test_a_version_that_is_none_is_refused(desk: Desk, version: str) -> None:
    assert caller(desk)("GET", "/health", query={"version": version}).status == 422


def test_what_there_is_much_of_is_counted_so_far(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("countersign.use_cases.queries.operations.health.MAX_COUNTED", 2)
    desk.world.mailbox = MemoryMailer(refusal=lambda _: PermanentError("no recipient"))
    wanted = pipeline(stage("work", mail("hello")), pipeline="mails", senders=["a@acme.example"])
    desk.world.publish(wanted)
    for count, text in ((1, "1 failed, 0 in doubt"), (3, "at least 2 failed, 0 in doubt")):
        for _ in range(count):
            desk("documents", "create", "mails", "title=Lease")
        desk.world.settle()
        assert findings(caller(desk))["runs"][1] == text


def test_a_german_caller_is_told_in_german_what_needs_attention(desk: Desk) -> None:
    desk("connections", "create", "pandadoc", "--pipeline", "contracts")
    desk("connections", "update", "docusign", "--silent-after", "3")
    desk.world.advance(timedelta(days=5))
    desk.world.entitlements.put(Entitlements(plan="Basic", rules=1, pipelines=3, version=1))

    found = findings(caller(desk, senders=MemorySenders([], to_anybody=False)), "de")

    assert {name: (text, action) for name, (_, text, action) in found.items()} == {
        "stack": ("erreichbar; 1 Pipeline, 2 Verbindungen", None),
        "versions": (f"der Befehl und der Stack haben die Version {__version__}", None),
        "search": ("Dokumente werden nach ihren Wörtern gefunden", None),
        "mail service": (
            "Amazon SES ist in seiner Sandbox und sendet nur an bestätigte Adressen",
            "die Freigabe für den Betrieb beantragen: "
            "https://docs.aws.amazon.com/ses/latest/dg/request-production-access.html",
        ),
        "senders": (
            "nicht bestätigt: contracts@acme.example",
            "aws sesv2 create-email-identity --email-identity contracts@acme.example",
        ),
        "secrets": (
            "warten auf ein Geheimnis und weisen alle Nachrichten ab: pandadoc",
            "countersign connections update pandadoc --secret",
        ),
        "silence": (
            "kein Ereignis kam von docusign seit 5 Tagen",
            "countersign connections show docusign",
        ),
        "runs": ("keine Ausführung ist fehlgeschlagen oder ungewiss", None),
        "dead letters": ("es gibt keine Dead Letters", None),
        "rejected": ("nichts Echtes wurde abgewiesen", None),
        "held messages": ("keine Nachricht wurde beiseitegelegt", None),
        "entitlements": (
            "der Tarif Basic enthält 3 Pipelines, 1 Regel je Pipeline; vorher mit mehr "
            "veröffentlicht: contracts",
            "countersign pipelines show contracts",
        ),
    }
