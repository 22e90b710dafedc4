"""Each signer is reminded once in a run, however many calls that takes and whatever fails."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from countersign.adapters.memory.services.http_client import MemoryHttpClient
from countersign.errors import CountersignError, InDoubtError, TransientError
from countersign.model.actor import user
from countersign.model.connection import ConnectionCredentials
from countersign.model.http import WebAnswer, WebRequest
from countersign.model.run import Run
from countersign.providers.pandadoc.calls import PandaDocCalls
from countersign.simulation.world import World
from countersign.use_cases.documents.edit import NewDocument, make
from countersign.use_cases.runs.change_run import resolve_run
from tests.builders import connection, envelope, event, pipeline, stage, trigger

Answer = WebAnswer | CountersignError
OK = WebAnswer(status=200)
LIMITED = WebAnswer(status=429, body=b"slow down")


class Provider:
    """A provider that answers each signer's calls in turn, the last answer for ever."""

    def __init__(self, **answers: list[Answer]) -> None:
        self._answers = answers
        self.reminded: list[str] = []
        """Whose call came, the unanswered and the refused ones too."""
        self.within: list[int] = []

    def __call__(self, request: WebRequest) -> WebAnswer:
        who = request.url.rpartition("/")[2]
        self.reminded.append(who)
        self.within.append(request.within)
        left = self._answers.get(who, [OK])
        found = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(found, WebAnswer):
            return found
        raise found


def signers(*numbers: int, **more: Any) -> list[dict[str, Any]]:
    """Signers side by side, none of whom has signed."""
    return [{"id": f"s{n}", "email": f"s{n}@kunde.example", "order": 1, **more} for n in numbers]


def world(
    answer: Callable[[WebRequest], WebAnswer],
    *,
    provider: str = "docuseal",
    key: str | None = "a-key",
    who: list[dict[str, Any]] | None = None,
    **settings: Any,
) -> World:
    """An envelope of three signers has been sent, and a rule reminds them at once."""
    here = World(web=MemoryHttpClient(answer))
    reminding = {"id": "remind", "kind": "remind_signer", "settings": settings}
    here.publish(pipeline(stage("draft"), stage("sent", reminding, triggers=[trigger("sent")])))
    known = ConnectionCredentials(
        connection="c1",
        provider=provider,
        pipeline="contracts",
        tokens=("token",),
        api_token=key,
    )
    here.connect(connection(id="c1", provider=provider), known)
    here.tell("c1", [event("document.sent", state=envelope(signers=who or signers(1, 2, 3)))])
    return here


def run(here: World) -> Run:
    """The rule's run."""
    (document,) = here.documents.in_stage("contracts")
    return next(one for one in here.documents.runs(document.id) if one.rule == "remind")


def test_every_signer_is_reminded_once_and_the_run_says_who() -> None:
    asked = Provider()
    here = world(asked)
    assert asked.reminded == ["s1", "s2", "s3"]
    assert (run(here).state, run(here).result) == ("done", {"reminded": '["s1", "s2", "s3"]'})


def test_the_others_are_reminded_where_one_signer_was_erased() -> None:
    erased = {"id": "s2", "name": "erased-0123456789ab", "order": 1}
    asked = Provider()
    here = world(asked, who=[*signers(1), erased, *signers(3)])
    assert asked.reminded == ["s1", "s3"]
    assert run(here).state == "done"


def test_after_a_passing_fault_only_those_are_reminded_who_were_not() -> None:
    asked = Provider(s2=[LIMITED, OK])
    here = world(asked)
    assert (run(here).state, run(here).result) == ("ready", {"reminded": '["s1"]'})
    assert run(here).reason == (
        "try 1 failed temporarily: DocuSeal: the address answered 429: slow down"
    )
    here.advance(timedelta(minutes=1))
    assert run(here).state == "done"
    assert asked.reminded == ["s1", "s2", "s2", "s3"]


def test_a_call_without_an_answer_leaves_the_run_in_doubt_and_repeats_nothing_by_itself() -> None:
    asked = Provider(s2=[InDoubtError("no answer"), OK])
    here = world(asked)
    here.advance(timedelta(days=2))
    assert (run(here).state, run(here).result) == ("in_doubt", {"reminded": '["s1"]'})
    assert asked.reminded == ["s1", "s2"]
    resolve_run(here.store, run(here).key, "retry", user("anna"))
    here.settle()
    assert (run(here).state, asked.reminded) == ("done", ["s1", "s2", "s2", "s3"])


def test_one_whom_the_provider_refuses_does_not_keep_the_others_from_it() -> None:
    asked = Provider(s1=[WebAnswer(status=422, body=b"already declined")])
    here = world(asked)
    assert asked.reminded == ["s1", "s2", "s3"]
    assert (run(here).state, run(here).result) == ("failed", {"reminded": '["s2", "s3"]'})
    assert run(here).reason == (
        "DocuSeal: the address refused the call with 422: already declined; the rule or the "
        "address must change"
    )


def test_a_fault_that_never_passes_fails_the_run_in_the_end() -> None:
    here = world(Provider(s1=[TransientError("no connection; nothing was sent")]))
    here.advance(timedelta(days=2))
    assert (run(here).state, run(here).result) == ("failed", {})


def test_many_signers_are_reminded_in_several_tries_within_the_function_s_time() -> None:
    asked = Provider()
    here = world(asked, who=signers(*range(10)))
    assert run(here).reason == ("try 1 failed temporarily: 4 more are reminded with the next try")
    here.advance(timedelta(minutes=1))
    assert run(here).state == "done"
    assert asked.reminded == [f"s{n}" for n in range(10)]
    assert sum(asked.within[:6]) <= 20


def test_many_who_are_refused_do_not_keep_those_behind_them_from_it() -> None:
    refused: dict[str, list[Answer]] = {f"s{n}": [WebAnswer(status=422)] for n in range(6)}
    here = world(Provider(**refused), who=signers(*range(8)))
    here.advance(timedelta(days=2))
    assert (run(here).state, run(here).result) == ("failed", {"reminded": '["s6", "s7"]'})


def test_one_call_reminds_all_where_the_provider_takes_them_together() -> None:
    asked = Provider()
    here = world(asked, provider="signwell")
    assert (run(here).state, len(asked.reminded)) == ("done", 1)
    assert run(here).result == {"reminded": '["s1", "s2", "s3"]'}


def test_whom_pandadoc_says_it_did_not_remind_fails_the_run_and_is_reminded_next_time() -> None:
    missed = b'{"result": [{"recipient_id": "s2", "email": {"status": "error", "detail": "CC"}}]}'
    answers: dict[str, list[Answer]] = {"send-reminder": [WebAnswer(status=200, body=missed), OK]}
    asked = Provider(**answers)
    here = world(asked, provider="pandadoc")
    assert (run(here).state, run(here).reason, run(here).result) == (
        "failed",
        "PandaDoc did not remind s2: CC",
        {"reminded": '["s1", "s3"]'},
    )
    resolve_run(here.store, run(here).key, "retry", user("anna"))
    here.settle()
    assert run(here).result == {"reminded": '["s1", "s2", "s3"]'}
    assert isinstance(here.web, MemoryHttpClient)
    assert b"s1" not in here.web.calls[-1].body


def test_an_answer_that_cannot_be_read_says_of_nobody_that_they_were_not_reminded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The call has been made: to remind them all once more would be worse."""

    def breaks(*_: object) -> object:
        raise KeyError("recipient_id")

    monkeypatch.setattr(PandaDocCalls, "not_reminded", breaks)
    here = world(Provider(), provider="pandadoc")
    assert (run(here).state, run(here).result) == ("done", {"reminded": '["s1", "s2", "s3"]'})


def test_where_nobody_is_left_nobody_is_asked_and_the_run_is_skipped_with_the_reason() -> None:
    asked = Provider()
    here = world(asked, who=signers(1, status="signed"), key=None)
    assert (run(here).state, run(here).reason, asked.reminded) == (
        "skipped",
        "nobody was reminded: everybody has signed",
        [],
    )


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (
            {"provider": "docusign"},
            "DocuSign cannot be asked for reminders from here; give the rule a condition that "
            "leaves its documents out, or take the rule out",
        ),
        (
            {"key": None},
            "the connection c1 has no API token, by which DocuSeal is asked; give it: "
            "countersign connections update c1 --api-token",
        ),
        (
            {"provider": "scrive", "key": "a:b:c:d", "to": ["signer:1"]},
            "Scrive reminds all who have not signed, and cannot remind some of them; leave to out "
            "of the rule",
        ),
        (
            {"to": ["role:Notary"]},
            'to "role:Notary": the envelope has no such signer; correct it at the provider',
        ),
    ],
)
def test_what_cannot_be_asked_fails_the_run_with_what_to_mend(
    given: dict[str, Any], reason: str
) -> None:
    asked = Provider()
    found = run(world(asked, **given))
    assert (found.state, found.reason, asked.reminded) == ("failed", reason, [])


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_that_is_not_accepted_is_named(status: int) -> None:
    here = world(Provider(s1=[WebAnswer(status=status)]), who=signers(1))
    assert (run(here).state, run(here).reason) == (
        "failed",
        f"DocuSeal did not accept the API token of the connection c1 ({status}); give it one that "
        "may do this: its API key",
    )


def test_a_document_without_an_envelope_has_nobody_to_remind() -> None:
    here = world(Provider())
    make(
        here.store,
        NewDocument(id="d2", pipeline="contracts", values={"title": "By hand"}, stage="sent"),
        user("anna@acme.example"),
    )
    here.settle()
    (found,) = here.documents.runs("d2")
    assert (found.state, found.reason) == (
        "skipped",
        "nobody was reminded: nobody has anything to sign",
    )
