"""Erasing a person, and exporting what is known of one, from the command line."""

from __future__ import annotations

import json

import pytest

from countersign.rules.base import Edit
from tests.unit.cli.desk import ANNA, Desk

CLIENT = "klara@kunde.example"


@pytest.fixture
def desk() -> Desk:
    """A console whose jobs are worked on while it waits."""
    made = Desk()
    made.wait = lambda _: made.world.settle()
    return made


def interrupted(_: float) -> None:
    raise KeyboardInterrupt


def addresses(desk: Desk) -> list[str]:
    return [one.email or "" for one in desk.world.document(desk.document).signers]


def person(desk: Desk) -> str:
    return addresses(desk)[-1]


def test_a_person_is_erased_from_all_documents_after_a_question(desk: Desk) -> None:
    known = person(desk)
    shown = desk("documents", "erase", known, answer="n\n")
    assert shown.exit_code != 0
    assert "erase the person from 1 document? This cannot be undone." in shown.stderr
    assert person(desk) == known
    shown = desk("documents", "erase", known, answer="y\n")
    assert shown.exit_code == 0, shown.stderr
    assert "1 of 1 done, 0 refused" in shown.stdout
    assert person(desk).endswith("@erased.invalid")
    shown = desk("documents", "erase", known, "--yes", "--output", "json")
    assert shown.exit_code == 0, shown.stderr
    erased = json.loads(shown.stdout)
    assert (erased["documents"], erased["job"]["kind"]) == (1, "erase_person")
    assert (erased["job"]["state"], erased["job"]["done"]) == ("done", 1)
    assert erased["job"]["arguments"] is None
    assert known not in repr(desk.world.state.documents) + repr(desk.world.state.logs)
    assert desk("documents", "verify", desk.document).exit_code == 0


def test_a_job_that_nobody_watches_any_more_goes_on(desk: Desk) -> None:
    known, desk.wait = person(desk), interrupted
    shown = desk("documents", "erase", known, "--yes")
    assert (shown.exit_code, shown.stdout) == (0, "")
    assert "the job goes on: countersign jobs show j-token" in shown.stderr
    desk.world.settle()
    assert person(desk).endswith("@erased.invalid")


def test_what_was_erased_from_one_document_is_told(desk: Desk) -> None:
    known = person(desk)
    desk.world.edit(desk.document, Edit(comment=f"called {known}"), by=ANNA)
    shown = desk("documents", "erase", known, "--document", desk.document, "--yes")
    pseudonym = person(desk).partition("@")[0]
    assert shown.exit_code == 0
    assert shown.stdout.startswith(f"{desk.document}: {pseudonym}, ")
    assert shown.stdout.endswith(" timeline entries\n")
    again = desk(
        *("documents", "erase", known, "--document", desk.document),
        *("--yes", "--output", "json"),
    )
    (erased,) = json.loads(again.stdout)["documents"]
    assert erased == {
        "document": desk.document,
        "pseudonym": pseudonym,
        "files": 0,
        "entries": 0,
        "running": [],
    }


def test_nobody_of_that_address(desk: Desk) -> None:
    shown = desk("documents", "erase", "nobody@kunde.example", "--yes")
    assert (shown.exit_code, shown.stdout) == (0, "no document names nobody@kunde.example\n")
    shown = desk("documents", "erase", "nobody@kunde.example", "--document", desk.document, "--yes")
    assert shown.exit_code == 4
    assert "does not name that person" in shown.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "give an ADDRESS, or --document and --signer"),
        (("a@b.example", "--signer", "2"), "give an ADDRESS, or --document and --signer"),
        (("--signer", "2"), "--signer is a signer of one document; give --document as well"),
        (("Klara",), '"Klara" is not an e-mail address; use --document and --signer'),
        (("a@b.example", "--keep-files", "novel"), "'novel' is not one of"),
    ],
)
def test_what_is_not_asked_for_completely_is_refused(
    desk: Desk, arguments: tuple[str, ...], told: str
) -> None:
    shown = desk("documents", "erase", *arguments, "--yes")
    assert shown.exit_code == 2
    assert told in shown.stderr


def test_a_signer_of_one_document_is_erased_by_id(desk: Desk) -> None:
    signer = desk.world.document(desk.document).signers[-1]
    shown = desk("documents", "erase", "--document", desk.document, "--signer", signer.id, "--yes")
    assert shown.exit_code == 0, shown.stderr
    assert person(desk).endswith("@erased.invalid")


def test_who_is_responsible_is_not_erased(desk: Desk) -> None:
    shown = desk("documents", "erase", ANNA, "--yes")
    assert shown.exit_code == 1
    assert "give that to somebody else first" in shown.stdout


def test_everything_about_a_person_is_exported(desk: Desk) -> None:
    known = person(desk)
    desk.world.edit(desk.document, Edit(comment=f"called {known}"), by=ANNA)
    desk.world.edit(desk.document, Edit(comment="nobody"), by=ANNA)
    shown = desk("documents", "export-person", known.upper(), "--output", "json")
    assert shown.exit_code == 0, shown.stderr
    (found,) = json.loads(shown.stdout)["documents"]
    assert found["document"]["id"] == desk.document
    assert [one["email"] for one in found["signers"]] == [known]
    texts = [one["text"] for one in found["timeline"]]
    assert f"called {known}" in texts
    assert "nobody" not in texts
    assert any(known in one["message"] for one in found["events"])
    assert found["files"] == []
    for_people = desk("documents", "export-person", known).stdout
    assert for_people.startswith(f"{desk.document}: ")
    assert for_people.endswith("the data itself: --output json\n")


def test_after_erasing_there_is_nothing_to_export(desk: Desk) -> None:
    known = person(desk)
    desk("documents", "erase", known, "--yes")
    shown = desk("documents", "export-person", known, "--output", "json")
    assert json.loads(shown.stdout)["documents"] == []
    missing = desk("documents", "export-person", known, "--document", "d-nowhere")
    assert missing.exit_code == 4


def test_the_audit_log_has_who_erased_and_exported_and_never_whom(desk: Desk) -> None:
    known = person(desk)
    assert desk("documents", "export-person", known).exit_code == 0
    assert desk("documents", "erase", known, "--yes", "--keep-files", "contract").exit_code == 0
    pseudonym = person(desk).partition("@")[0]
    shown = desk("audit", "list", "--subject", "personal_data", "--output", "json")
    erased, exported = json.loads(shown.stdout)
    assert (erased["action"], erased["outcome"]) == ("personal_data.erasure_started", "done")
    assert erased["subject"] == f"personal_data:{pseudonym}"
    (job,) = desk.world.jobs.jobs
    assert erased["after"] == {"job": job, "keep_files": ["contract"]}
    assert erased["source"]["channel"] == "command line"
    assert exported["action"] == "personal_data.exported"
    assert exported["after"] == {"documents": [desk.document]}
    assert known not in shown.stdout


def test_an_erasure_that_is_refused_is_recorded_as_failed(desk: Desk) -> None:
    asked = ("nobody@kunde.example", "--document", desk.document)
    assert desk("documents", "erase", *asked, "--yes").exit_code == 4
    shown = desk("audit", "list", "--subject", "personal_data", "--output", "json")
    (entry,) = json.loads(shown.stdout)
    assert (entry["outcome"], entry["after"]["document"]) == ("failed", desk.document)
    assert "nobody@" not in shown.stdout
