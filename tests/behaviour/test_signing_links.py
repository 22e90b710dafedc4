"""A link to sign is a key: it goes to its signer alone, is fetched as the mail leaves, not kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from countersign.adapters.memory.services.http_client import MemoryHttpClient
from countersign.adapters.memory.services.mailer import MemoryMailer
from countersign.engine.validation.pipeline import check
from countersign.errors import (
    InDoubtError,
    PermanentError,
    ThrottledError,
    TransientError,
    UnavailableError,
)
from countersign.model.actor import user
from countersign.model.connection import ConnectionCredentials
from countersign.model.http import WebAnswer, WebRequest
from countersign.model.message import Email
from countersign.model.run import Run
from countersign.simulation.world import World
from countersign.templates import limits
from countersign.use_cases.runs.change_run import resolve_run
from tests.builders import KLARA, connection, envelope, event, mail, pipeline, stage, trigger

TINA = "tina@kunde.example"
HOUR = timedelta(hours=1)
LINKED = "Dear {{ signer.name }}, sign here: {{ signer.signing_link }}"
SENDERS = {"senders": ["contracts@acme.example"]}

Answer = Callable[[WebRequest], WebAnswer]


def person(number: str, name: str, email: str, **more: Any) -> dict[str, Any]:
    return {"id": number, "name": name, "email": email, "order": int(number), **more}


ANNA_SIGNS = person("1", "Anna", "anna@acme.example")
KLARA_SIGNS = person("2", "Klara", KLARA)
TINA_SIGNS = person("3", "Tina", TINA)
PEOPLE = {"1": "anna@acme.example", "2": KLARA, "3": TINA}


def yousign(request: WebRequest, number: int) -> WebAnswer:
    """What Yousign gives for the signer who is asked about; each link has the call's number."""
    signer = request.url.rpartition("/")[2]
    told = {
        "id": signer,
        "info": {"email": PEOPLE[signer]},
        "signature_link": f"https://sign.example/s/{signer}?call={number}&t=a+b",
    }
    return WebAnswer(status=200, body=json.dumps(told).encode())


class Provider:
    """The provider's API: by default a new link for each call, else what a test tells."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.instead: Callable[[str], WebAnswer | Exception | None] = lambda signer: None

    def __call__(self, request: WebRequest) -> WebAnswer:
        signer = request.url.rpartition("/")[2]
        self.calls.append(signer)
        other = self.instead(signer)
        if isinstance(other, Exception):
            raise other
        return other or yousign(request, len(self.calls))


def told(world: World, *people: dict[str, Any], status: str = "sent", minute: int = 0) -> None:
    """The envelope as its provider tells it."""
    state = envelope(status, signers=list(people))
    world.tell("yousign", [event("document.sent", state=state, minute=minute, key=f"k{minute}")])


def sending(text: str = LINKED, **more: Any) -> dict[str, Any]:
    """A rule that mails the link in an hour."""
    rule = mail("send", time={"after": {"hours": 1}})
    rule["settings"] |= {"text": text, "subject": "Please sign", **more}
    return rule


def here(
    *rules: dict[str, Any],
    people: tuple[dict[str, Any], ...] = (ANNA_SIGNS, KLARA_SIGNS),
    provider: Provider | None = None,
    mailbox: MemoryMailer | None = None,
    has_token: bool = True,
    **more: Any,
) -> tuple[World, Provider]:
    """A sent envelope whose stage mails links in an hour."""
    api = provider or Provider()
    world = World(web=MemoryHttpClient(api), mailbox=mailbox)
    arrives = stage("sent", *(rules or (sending(),)), triggers=[trigger("sent")])
    world.publish(pipeline(stage("draft"), arrives, **SENDERS, **more))
    known = ConnectionCredentials(
        connection="yousign",
        provider="yousign",
        pipeline="contracts",
        tokens=("token",),
        api_token="key-of-the-account" if has_token else None,
    )
    world.connect(connection(id="yousign", provider="yousign"), known)
    told(world, *people)
    return world, api


def document(world: World) -> str:
    (found,) = world.documents.in_stage("contracts")
    return found.id


def run(world: World, rule: str = "send") -> Run:
    return next(one for one in world.documents.runs(document(world)) if one.rule == rule)


def sent(world: World, span: timedelta = 2 * HOUR) -> list[Email]:
    world.advance(span)
    return list(world.mailbox.sent)


# --- to whom it goes


def test_the_one_signer_gets_the_link_that_is_fetched_as_the_mail_leaves() -> None:
    world, api = here()
    world.advance(timedelta(minutes=59))
    assert api.calls == []
    (letter,) = sent(world)
    link = "https://sign.example/s/2?call=1&t=a+b"
    assert (letter.to, letter.text) == ((KLARA,), f"Dear Klara, sign here: {link}")
    assert api.calls == ["2"]
    shown = "https://sign.example/s/2?call=1&amp;t=a+b"
    assert f'<a href="{shown}">{shown}</a>' in (letter.html or "")


def test_each_of_several_signers_gets_a_link_of_their_own() -> None:
    world, api = here(people=(ANNA_SIGNS, KLARA_SIGNS, TINA_SIGNS))
    letters = sent(world)
    assert [(one.to, one.text) for one in letters] == [
        ((KLARA,), "Dear Klara, sign here: https://sign.example/s/2?call=1&t=a+b"),
        ((TINA,), "Dear Tina, sign here: https://sign.example/s/3?call=2&t=a+b"),
    ]
    assert api.calls == ["2", "3"]
    assert run(world).state == "done"


def test_in_html_it_is_escaped_and_one_call_serves_text_and_html() -> None:
    html = '<p><a href="{{ signer.signing_link }}">Sign</a> {{ signer.signing_link }}</p>'
    world, api = here(sending(html=html))
    (letter,) = sent(world)
    shown = "https://sign.example/s/2?call=1&amp;t=a+b"
    assert letter.html == f'<p><a href="{shown}">Sign</a> {shown}</p>'
    assert (letter.text or "").endswith("https://sign.example/s/2?call=1&t=a+b")
    assert api.calls == ["2"]


@pytest.mark.parametrize("part", ["text", "html"])
def test_a_mail_template_may_have_it(part: str) -> None:
    rule = sending(template="invite")
    del rule["settings"]["text"], rule["settings"]["subject"]
    templates = {"invite": {"subject": "To sign", part: "Go: {{ signer.signing_link }}"}}
    world, api = here(rule, mail_templates=templates)
    (letter,) = sent(world)
    assert letter.subject == "To sign"
    wanted = {"text": "Go: https://sign.example/s/2?call=1&t=a+b"}
    wanted["html"] = wanted["text"].replace("&", "&amp;")
    assert getattr(letter, part) == wanted[part]
    assert api.calls == ["2"]


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ("{% if signer.party == 'company' %}{{ signer.signing_link }}{% endif %}Hello", []),
        ("{% if signer.party == 'client' %}{{ signer.signing_link }}{% endif %}Hello", ["2"]),
        ("{% comment %}{{ signer.signing_link }}{% endcomment %}Hello", []),
    ],
)
def test_it_is_fetched_only_where_the_text_has_it(text: str, calls: list[str]) -> None:
    world, api = here(sending(text))
    assert len(sent(world)) == 1
    assert api.calls == calls


def test_of_several_mails_only_those_that_have_it_fetch_it() -> None:
    text = "{% if signer.name == 'Tina' %}{{ signer.signing_link }}{% endif %}Hello"
    world, api = here(sending(text), people=(ANNA_SIGNS, KLARA_SIGNS, TINA_SIGNS))
    assert len(sent(world)) == 2
    assert api.calls == ["3"]


def test_a_domain_with_umlauts_is_the_signer_s_own_in_either_form() -> None:
    provider = Provider()
    given = {"id": "2", "info": {"email": "klara@gärten.example"}, "signature_link": "https://s/1"}
    provider.instead = lambda signer: WebAnswer(status=200, body=json.dumps(given).encode())
    there = person("2", "Klara", "Klara@Gärten.example")
    world, _ = here(people=(ANNA_SIGNS, there), provider=provider)
    (letter,) = sent(world)
    assert (letter.text or "").endswith("https://s/1")


# --- what publishing refuses


def refused(*rules: dict[str, Any], **more: Any) -> list[tuple[Any, str]]:
    """What publishing says of a pipeline with these rules."""
    raw = {
        "pipeline": "contracts",
        **SENDERS,
        "stages": [stage("draft"), stage("sent", *rules, triggers=[trigger("sent")])],
        **more,
    }
    _, problems = check(json.loads(json.dumps(raw)), today=date(2026, 3, 2))
    return [(one.place, one.text) for one in problems if one.severity == "error"]


def test_a_mail_to_signers_with_their_links_is_published() -> None:
    for to in (["client"], ["client", "company"], ["role:Buyer", "signer:2"], ["unsigned:client"]):
        assert refused(sending(to=to, reply_to=["responsible"])) == []
    template = {"welcome": {"subject": "Hi", "text": LINKED, "html": LINKED}}
    rule = sending(template="welcome")
    del rule["settings"]["text"]
    assert refused(rule, mail_templates=template) == []


@pytest.mark.parametrize(
    ("settings", "setting", "text"),
    [
        (
            {"together": True},
            "together",
            "everybody who gets the mail could sign by signer.signing_link; leave together out, so "
            "that each signer gets a mail",
        ),
        (
            {"cc": ["company"]},
            "cc",
            "anyone who gets a copy could sign with signer.signing_link in text; leave cc out",
        ),
        (
            {"bcc": ["archive@acme.example"]},
            "bcc",
            "anyone who gets a copy could sign with signer.signing_link in text; leave bcc out",
        ),
        *(
            (
                {"to": ["client", other]},
                "to",
                f'"{other}" is not a signer, and could sign by signer.signing_link in text; give '
                "the others a rule of their own",
            )
            for other in ("responsible", "field:lawyer", "notary@kanzlei.example")
        ),
        (
            {"to": ["signed:client"]},
            "to",
            '"signed:client" has signed, so there is no link to sign for signer.signing_link in '
            "text; write to unsigned:client",
        ),
        (
            {"to": ["signed"]},
            "to",
            '"signed" has signed, so there is no link to sign for signer.signing_link in text; '
            "write to unsigned",
        ),
        (
            {"track": True},
            "track",
            "reports on clicks would have signer.signing_link, by which anybody can sign; leave "
            "track or the link out",
        ),
    ],
)
def test_publishing_refuses_a_link_that_somebody_else_would_get(
    settings: dict[str, Any], setting: str, text: str
) -> None:
    rule = sending(**settings)
    place = ("stages", 1, "rules", 0, "settings", setting)
    told = refused(rule, fields={"lawyer": {"type": "user"}})
    assert [(found[:6], said) for found, said in told] == [(place, text)]


@pytest.mark.parametrize(
    "written",
    [
        "client.signing_link",
        "company.signing_link",
        "signers[0].signing_link",
        "signers.first.signing_link",
        "sender.signing_link",
        "document.signing_link",
    ],
)
def test_nobody_but_the_signer_has_one(written: str) -> None:
    told = refused(sending(f"Sign: {{{{ {written} }}}}"))
    assert [place for place, _ in told] == [("stages", 1, "rules", 0, "settings", "text")]
    assert told[0][1].startswith("line 1: unknown insert")


@pytest.mark.parametrize("where", ["rule", "template", "signature"])
def test_neither_subjects_nor_the_signature_have_it(where: str) -> None:
    rule = sending("Hello")
    more: dict[str, Any] = {}
    if where == "rule":
        rule["settings"]["subject"] = "Sign {{ signer.signing_link }}"
    elif where == "template":
        more["mail_templates"] = {"t": {"subject": "Sign {{ signer.signing_link }}"}}
        rule["settings"]["template"] = "t"
        del rule["settings"]["subject"]
    else:
        more["signature"] = {"text": "Sign {{ signer.signing_link }}"}
    told = refused(rule, **more)
    assert len(told) == 1
    assert 'unknown insert "signer.signing_link"' in told[0][1]


def notifying(**settings: Any) -> dict[str, Any]:
    given = {"from": "contracts@acme.example", "to": ["responsible"], "subject": "x"}
    return {"id": "notify", "kind": "notify_employees", "settings": {**given, **settings}}


def test_no_other_rule_may_have_it() -> None:
    ((place, text),) = refused(notifying(text="Sign: {{ signer.signing_link }}"))
    assert place[-2:] == ("settings", "text")
    assert text.startswith('line 1: unknown insert "signer.signing_link"')


def test_no_other_rule_may_have_it_by_a_template() -> None:
    templates = {"invite": {"text": "Go to {{ signer.signing_link }}"}}
    ((place, text),) = refused(notifying(template="invite"), mail_templates=templates)
    assert place[-2:] == ("settings", "template")
    assert text == (
        'the mail template "invite" has signer.signing_link, which only mails of send_email can '
        "have; write a text without it"
    )


# --- at run time: to whom it turns out to be somebody else


@pytest.mark.parametrize("settings", [{}, {"track": True}, {"to": ["client", "company"]}])
@pytest.mark.parametrize("part", ["subject", "text", "html"])
def test_a_link_that_no_text_names_is_not_found_by_chance(
    settings: dict[str, Any], part: str
) -> None:
    """What a provider calls an envelope is data: it names no insert."""
    by_chance = {part: "Hello {{ signer[document.title] }}"}
    world, api = here(sending(**{"text": "Hello", **settings, **by_chance}))
    people = [ANNA_SIGNS, KLARA_SIGNS]
    state = envelope("sent", title="signing_link", signers=people)
    world.tell("yousign", [event("document.sent", state=state, minute=5, key="title")])
    sent(world)
    assert api.calls == []
    assert not any("sign" in f"{one.text}{one.html}" for one in world.mailbox.sent)


def test_a_link_of_the_text_is_not_found_in_the_subject() -> None:
    rule = sending("{{ signer.signing_link }}", template="t")
    rule["settings"].pop("subject")
    subject = "To sign{% for one in signer %} {{ one[1] }}{% endfor %}"
    world, _ = here(rule, mail_templates={"t": {"subject": subject}})
    assert not any("sign.example" in one.subject for one in sent(world))


@pytest.mark.parametrize(
    ("settings", "more"),
    [
        ({"to": ["role:Witness"]}, {"role": "Witness", "action": "copy"}),
        ({"to": ["signer:2"]}, {"status": "signed"}),
        ({"to": ["client"]}, {"status": "declined"}),
    ],
)
def test_who_has_nothing_to_sign_gets_no_mail_and_the_run_says_why(
    settings: dict[str, Any], more: dict[str, Any]
) -> None:
    world, api = here(sending(**settings), people=(ANNA_SIGNS, {**KLARA_SIGNS, **more}))
    assert sent(world) == []
    assert api.calls == []
    assert (run(world).state, run(world).reason) == (
        "failed",
        "text: there is no link to sign for klara@kunde.example, who has nothing to sign any more",
    )


def test_who_has_signed_meanwhile_is_left_out_where_the_rule_writes_to_the_unsigned() -> None:
    world, api = here(sending(to=["unsigned:client"]))
    told(world, ANNA_SIGNS, {**KLARA_SIGNS, "status": "signed"}, minute=5)
    assert sent(world) == []
    assert api.calls == []
    assert run(world).state == "skipped"


@pytest.mark.parametrize("status", ["voided", "expired", "declined", "deleted"])
def test_of_an_envelope_that_is_over_there_is_no_link(status: str) -> None:
    world, api = here()
    told(world, ANNA_SIGNS, KLARA_SIGNS, status=status, minute=5)
    assert sent(world) == []
    assert api.calls == []
    said = f"text: there is no link to sign for klara@kunde.example: the envelope is {status}"
    assert (run(world).state, run(world).reason) == ("failed", said)


def test_a_mail_to_several_addresses_by_a_pipeline_of_before_has_no_link() -> None:
    """Publishing refuses it; that it did is not what the key hangs on."""
    rule = sending(to=["client", "notary@kanzlei.example"])
    world, api = here(rule)
    assert sent(world) == []
    assert api.calls == []
    assert "does not go to one signer alone" in (run(world).reason or "")


@pytest.mark.parametrize("copy", ["cc", "bcc"])
def test_a_copy_by_a_pipeline_of_before_has_none_either(copy: str) -> None:
    world, api = here(sending(LINKED, **{copy: ["archive@acme.example"]}))
    assert (sent(world), api.calls) == ([], [])
    assert run(world).state == "failed"


def test_a_tracked_mail_by_a_pipeline_of_before_has_none_either() -> None:
    world, api = here(sending(track=True))
    assert (sent(world), api.calls) == ([], [])
    assert "reports on clicks" in (run(world).reason or "")


def test_an_address_that_two_signers_share_gets_each_ones_own_link() -> None:
    shared = {**TINA_SIGNS, "email": KLARA}
    provider = Provider()

    def answer(signer: str) -> WebAnswer:
        link = f"https://sign.example/{signer}"
        told = {"id": signer, "info": {"email": KLARA}, "signature_link": link}
        return WebAnswer(status=200, body=json.dumps(told).encode())

    provider.instead = answer
    world, _ = here(people=(ANNA_SIGNS, KLARA_SIGNS, shared), provider=provider)
    assert [one.text for one in sent(world)] == [
        "Dear Klara, sign here: https://sign.example/2",
        "Dear Tina, sign here: https://sign.example/3",
    ]


def test_a_provider_that_knows_signers_by_address_gives_none_where_two_share_one() -> None:
    link = WebAnswer(status=200, body=b'{"signLink": "https://sign.example/whose"}')
    web = MemoryHttpClient(lambda request: link)
    world = World(web=web)
    arrives = stage("sent", sending(to=["signer:3"]), triggers=[trigger("sent")])
    world.publish(pipeline(stage("draft"), arrives, **SENDERS))
    known = ConnectionCredentials(
        connection="boldsign",
        provider="boldsign",
        pipeline="contracts",
        tokens=("token",),
        api_token="key",
    )
    world.connect(connection(id="boldsign", provider="boldsign"), known)
    shared = {**TINA_SIGNS, "email": KLARA}
    state = envelope("sent", signers=[ANNA_SIGNS, KLARA_SIGNS, shared])
    world.tell("boldsign", [event("document.sent", state=state)])
    assert sent(world) == []
    assert (run(world).reason, web.calls) == (
        "text: BoldSign tells signers apart by e-mail address alone, and klara@kunde.example is "
        "that of several; give each signer an address of their own",
        [],
    )


def test_an_address_that_was_changed_at_the_provider_gets_no_link() -> None:
    provider = Provider()
    given = {"id": "2", "info": {"email": TINA}, "signature_link": "https://sign.example/tina"}
    provider.instead = lambda signer: WebAnswer(status=200, body=json.dumps(given).encode())
    world, _ = here(provider=provider)
    assert sent(world) == []
    assert run(world).reason == (
        "text: Yousign has another address for klara@kunde.example by now, so there is no "
        "link to sign for this one"
    )


# --- faults of the provider


NO_LINK = (
    "text: Yousign has no link to sign for klara@kunde.example: there is none for signers who have "
    "signed, or whose turn has not come"
)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (
            WebAnswer(status=200, body=b'{"id": "2", "signature_link": null}'),
            NO_LINK,
        ),
        (WebAnswer(status=200, body=b"<html>Log in</html>"), NO_LINK),
        (
            WebAnswer(status=401, body=b"no"),
            "text: Yousign did not accept the API token of the connection yousign (401); give it",
        ),
        (WebAnswer(status=404), "text: Yousign: the address refused the call with 404"),
        (
            WebAnswer(status=200, body=b"x".ljust(262_144), cut=True),
            "text: Yousign's answer with the link to sign has more than",
        ),
    ],
)
def test_what_lasts_fails_the_run_and_no_mail_goes(answer: WebAnswer, reason: str) -> None:
    provider = Provider()
    provider.instead = lambda signer: answer
    world, api = here(provider=provider)
    assert sent(world, timedelta(days=2)) == []
    assert run(world).state == "failed"
    assert (run(world).reason or "").startswith(reason)
    assert api.calls == ["2"]


@pytest.mark.parametrize(
    "fault",
    [
        WebAnswer(status=500, body=b"oops"),
        WebAnswer(status=429),
        WebAnswer(status=504),
        TransientError("no connection"),
        InDoubtError("no answer came within 15 seconds"),
        WebAnswer(status=200, body=b'{"signature_link": "https://sign.ex', cut=True),
        WebAnswer(status=200, unread="it could not be unpacked"),
        ValueError("https://sign.example/of-a-fault"),
    ],
)
@pytest.mark.parametrize("several", [False, True], ids=["one", "several"])
def test_what_passes_is_tried_again_with_a_fresh_link_and_each_mail_goes_once(
    fault: WebAnswer | Exception, several: bool
) -> None:
    provider = Provider()
    provider.instead = lambda signer: fault if len(provider.calls) < 3 else None
    people = (ANNA_SIGNS, KLARA_SIGNS, *([TINA_SIGNS] if several else []))
    world, api = here(people=people, provider=provider)
    world.advance(HOUR)
    assert world.mailbox.sent == []
    assert run(world).state == "ready"
    assert "of-a-fault" not in (run(world).reason or "")
    letters = sent(world, timedelta(days=1))
    assert [(one.text or "").partition("call=")[2][0] for one in letters] == (
        ["3", "4"] if several else ["3"]
    )
    assert run(world).state == "done"
    assert api.calls == ["2", "2", "2", *(["3"] if several else [])]


def test_a_provider_that_stays_away_fails_the_run_in_the_end() -> None:
    provider = Provider()
    provider.instead = lambda signer: TransientError("no connection")
    world, _ = here(provider=provider)
    assert sent(world, timedelta(days=3)) == []
    assert run(world).state == "failed"
    assert (run(world).reason or "").startswith("no connection")


def test_a_connection_without_an_api_token_says_so_until_it_has_one() -> None:
    world, _ = here(has_token=False)
    assert sent(world) == []
    assert run(world).reason == (
        "text: the connection yousign has no API token, by which Yousign is asked; give it: "
        "countersign connections update yousign --api-token"
    )
    known = world.secrets.get("yousign")
    assert known is not None
    world.secrets.put(known.model_copy(update={"api_token": "now-there"}))
    resolve_run(world.store, run(world).key, "retry", user("anna@acme.example"))
    assert [one.text for one in sent(world)] == [
        "Dear Klara, sign here: https://sign.example/s/2?call=1&t=a+b"
    ]


def test_a_document_without_an_envelope_has_nobody_to_ask() -> None:
    world, _ = here(sending(to=["signer:2"]))
    found = world.document(document(world))
    bare = found.model_copy(update={"envelope": None})
    signer = found.signer("2")
    assert signer is not None
    with pytest.raises(PermanentError, match="no envelope at a signing provider"):
        world.attachments.accounts.signing_link(bare, signer)


# --- several mails of one run


def test_one_failing_link_keeps_no_other_mail_back() -> None:
    provider = Provider()
    provider.instead = lambda signer: WebAnswer(status=404) if signer == "2" else None
    world, api = here(people=(ANNA_SIGNS, KLARA_SIGNS, TINA_SIGNS), provider=provider)
    letters = sent(world)
    assert [one.to for one in letters] == [(TINA,)]
    found = run(world)
    assert [mail.state for mail in found.mails] == ["failed", "sent"]
    assert (found.state, (found.reason or "").partition(";")[0]) == (
        "failed",
        "1 of 2 mails are sent",
    )
    provider.instead = lambda signer: None
    resolve_run(world.store, found.key, "retry", user("anna@acme.example"))
    letters = sent(world)
    assert [one.to for one in letters] == [(TINA,), (KLARA,)]
    assert (letters[1].text or "").endswith("https://sign.example/s/2?call=3&t=a+b")
    assert api.calls == ["2", "3", "2"]


def test_who_signs_between_two_tries_is_not_written_to() -> None:
    provider = Provider()
    provider.instead = lambda signer: TransientError("no connection") if signer == "3" else None
    people = (ANNA_SIGNS, KLARA_SIGNS, TINA_SIGNS)
    world, _ = here(sending(to=["unsigned:client"]), people=people, provider=provider)
    world.advance(HOUR)
    told(world, ANNA_SIGNS, KLARA_SIGNS, {**TINA_SIGNS, "status": "signed"}, minute=61)
    assert [one.to for one in sent(world)] == [(KLARA,)]
    assert [mail.state for mail in run(world).mails] == ["sent", "left_out"]


def test_a_link_is_never_a_placeholder() -> None:
    people = (ANNA_SIGNS, KLARA_SIGNS, TINA_SIGNS)
    for text in (
        LINKED,
        "{{ signer['signing_link'] }}",
        "{% assign s = signer %}{{ s.signing_link }}",
    ):
        world, _ = here(sending(text), people=people)
        letters = sent(world)
        assert len(letters) == 2
        assert not any("signing-link.example" in f"{one.text}{one.html}" for one in letters)


def test_mails_that_are_made_twice_may_take_as_much_work_as_mails_that_are_made_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits.RenderingBudget.__init__, "__defaults__", (25_000,))
    loop = "{% for one in signers %}{{ one.name | upcase }}" + "." * 3_000 + "{% endfor %}"
    people = (ANNA_SIGNS, KLARA_SIGNS, TINA_SIGNS)
    world, _ = here(sending(f"{loop}{LINKED}"), people=people)
    assert len(sent(world)) == 2


def test_who_waits_for_the_account_s_pace_gets_a_fresh_link() -> None:
    refusals = [ThrottledError("Maximum sending rate exceeded"), None, None, None]
    mailbox = MemoryMailer(refusal=lambda mail: refusals.pop(0) if refusals else None)
    world, _ = here(people=(ANNA_SIGNS, KLARA_SIGNS, TINA_SIGNS), mailbox=mailbox)
    letters = sent(world)
    assert [one.to for one in letters] == [(KLARA,), (TINA,)]
    assert "call=1&" not in (letters[0].text or "")
    assert run(world).state == "done"


def test_a_mail_in_doubt_is_not_sent_again_nor_its_link_fetched_again() -> None:
    doubts = [InDoubtError("no answer came")]
    mailbox = MemoryMailer(refusal=lambda mail: doubts.pop() if doubts else None)
    world, api = here(mailbox=mailbox)
    assert sent(world, HOUR) == []
    assert run(world).state == "in_doubt"
    assert sent(world, timedelta(minutes=5)) == []
    assert api.calls == ["2"]


def test_a_mail_service_that_is_away_costs_a_fresh_link_and_one_mail() -> None:
    away = [UnavailableError("not now"), UnavailableError("not now")]
    mailbox = MemoryMailer(refusal=lambda mail: away.pop() if away else None)
    world, _ = here(mailbox=mailbox)
    (letter,) = sent(world, timedelta(days=1))
    assert (letter.text or "").endswith("?call=3&t=a+b")


# --- whom a text without a link speaks to


def test_a_mail_that_speaks_to_nobody_takes_the_signer_for_nothing() -> None:
    rule = sending("{% if signer %}somebody{% else %}nobody{% endif %}", to=["x@acme.example"])
    world, _ = here(rule, people=(ANNA_SIGNS,))
    assert [one.text for one in sent(world)] == ["nobody"]
