"""The catalogue of German texts: it has every message, and is loaded for German callers alone."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib

import pytest

from countersign.errors import NotFoundError, PermanentError
from countersign.http.german import CATALOGUES, LONGEST, catalogue, german, template_of
from countersign.http.problems import Problem, problem_of
from countersign.providers import PROVIDERS
from countersign.providers import provider as load_provider
from tests.unit.cli.desk import Desk
from tests.unit.http.client import ApiClient
from tests.unit.http.messages import parts, templates

CATALOGUE = catalogue()


def test_every_message_has_a_german_text() -> None:
    known = {template_of(english, "").said for english in CATALOGUE}

    missing = {
        re.sub("\x01(.*?)\x02", r"{\1}", text): where
        for text, where in templates().items()
        if parts(text) not in known
    }

    assert not missing, (
        "write a German text for each into http/german.toml or german_providers.toml"
    )


def test_no_text_is_in_two_catalogues() -> None:
    texts = [tomllib.loads(path.read_text(encoding="utf-8")) for path in CATALOGUES]

    assert len(CATALOGUE) == sum(map(len, texts))


@pytest.mark.parametrize("english", CATALOGUE)
def test_both_texts_have_the_same_values(english: str) -> None:
    names = template_of(english, "").names

    assert sorted(template_of(CATALOGUE[english], "").names) == sorted(names)
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("english", CATALOGUE)
def test_a_message_is_found_by_its_own_template_or_by_none_that_says_less(english: str) -> None:
    values = {name: f"v{n}w" for n, name in enumerate(template_of(english, "").names)}

    def filled(text: str) -> str:
        return re.sub(r"\{([a-z_]+[0-9]*)\}", lambda match: values[match[1]], text)

    assert german(filled(english)) == filled(CATALOGUE[english])


@pytest.mark.parametrize(
    ("english", "told"),
    [
        ("there is no document d-1", "es gibt kein Dokument d-1"),
        ("nobody wrote a text for this", "nobody wrote a text for this"),
        ("", ""),
        (
            'there is no role "admin"; did you mean administrator?',
            'es gibt keine Rolle "admin"; gemeint ist vielleicht administrator?',
        ),
        (
            "contract.pdf: the file is empty; there is no draft of p; something else",
            "contract.pdf: die Datei ist leer; es gibt keinen Entwurf von p; something else",
        ),
        (
            "the draft of p has 2 errors; correct them first: /senders: language: "
            '"x" is not a known locale; expected one such as en, de or fr-CH; '
            "/signature: the signature is empty; give it a text, html or both",
            "der Entwurf von p hat 2 Fehler; zuerst zu berichtigen: /senders: language: "
            '"x" ist keine bekannte Sprache; erwartet wird eine wie en, de oder fr-CH; '
            "/signature: die E-Mail-Signatur ist leer; ihr einen Text, html oder beides geben",
        ),
        (
            'Klara Kunde has the role "buyer", not "seller"',
            'Klara Kunde hat die Rolle "buyer", nicht "seller"',
        ),
        (
            "the message is signed; the trigger requires at least a shared secret",
            "die Nachricht ist signiert; der Trigger verlangt mindestens ein gemeinsames Geheimnis",
        ),
        (
            'nobody with the role "buyer" has signed yet',
            'niemand mit der Rolle "buyer" hat bisher unterzeichnet',
        ),
        (
            "failed: the mail has no recipient",
            "fehlgeschlagen: die E-Mail hat keinen Empfänger",
        ),
        (
            'from "responsible": the document has no responsible person; set one',
            'from "responsible": das Dokument hat keinen Verantwortlichen; einen bestimmen',
        ),
        (
            "amount: 1 EUR cannot be paid; expected an amount over 0",
            "amount: 1 EUR kann nicht gezahlt werden; erwartet wird ein Betrag über 0",
        ),
        (
            "there is no document {pipeline} \\1",
            "es gibt kein Dokument {pipeline} \\1",
        ),
    ],
)
def test_messages_in_messages_are_told_too(english: str, told: str) -> None:
    assert german(english) == told


def test_a_long_text_is_left_as_it_is() -> None:
    text = f"there is no document {'x' * LONGEST}"

    assert german(text) == text


def test_a_problem_is_told_in_the_callers_language() -> None:
    errors = ({"pointer": "/a", "detail": "there is no draft of p"},)
    problem = Problem(name="invalid", detail="there is no document d-1", errors=errors)

    assert problem.document("de", "r")["detail"] == "es gibt kein Dokument d-1"
    assert problem.document("de", "r")["errors"] == [
        {"pointer": "/a", "detail": "es gibt keinen Entwurf von p"}
    ]
    assert problem.document("en", "r")["detail"] == "there is no document d-1"
    assert problem.document("en", "r")["errors"] == list(errors)
    assert problem_of(PermanentError("x")).document("de", "r")["detail"] == "x"
    assert problem_of(NotFoundError("x")).document("de", "r")["detail"] == "x"


def test_the_api_answers_a_german_caller_in_german(desk: Desk) -> None:
    client = ApiClient(desk.world)

    answer = client("GET", "/documents/d-9", headers={"accept-language": "de-AT, en;q=0.5"})
    assert answer.body["detail"] == "es gibt kein Dokument d-9"

    answer = client("GET", "/documents/d-9")
    assert answer.body["detail"] == "there is no document d-9"


def _sentences(name: str) -> list[str]:
    """What a provider's file says to whoever sets it up."""
    one = load_provider(name)
    return [one.retries, one.credential, *one.setup, *one.options.values(), *one.offers()]


@pytest.mark.parametrize("name", PROVIDERS.kinds)
def test_how_a_provider_is_set_up_has_a_german_text(name: str) -> None:
    for english in _sentences(name):
        told = german(english)

        assert told != english
        assert german(told) == told
        for value in ("{url}", "{secret}"):
            assert told.count(value) == english.count(value)


@pytest.mark.parametrize("name", PROVIDERS.kinds)
def test_a_step_with_its_address_and_secret_is_told_too(name: str) -> None:
    def filled(text: str) -> str:
        return text.replace("{url}", "https://a.example/c.t_1").replace("{secret}", "x-Y_z/+=")

    for step in load_provider(name).setup:
        assert german(filled(step)) == filled(german(step))


@pytest.mark.parametrize("name", PROVIDERS.kinds)
def test_a_german_caller_is_told_in_german_how_a_provider_is_set_up(name: str, desk: Desk) -> None:
    client = ApiClient(desk.world)
    one = load_provider(name)

    english = client("GET", f"/catalogue/providers/{name}").body
    told = client("GET", f"/catalogue/providers/{name}", headers={"accept-language": "de"}).body
    rows = client("GET", "/catalogue/providers", headers={"accept-language": "de"}).body["items"]

    assert english["setup"] == list(one.setup)
    assert told["setup"] == list(map(german, one.setup))
    assert told["options"] == {option: german(text) for option, text in one.options.items()}
    assert (told["retries"], told["credential"]) == (german(one.retries), german(one.credential))
    assert told["api_support"] == list(map(german, one.offers()))
    assert told["provider"] == english["provider"] == name
    assert {key: told[key] for key in rows[0]} in rows


def test_steps_and_refusals_of_a_connection_are_told_in_german() -> None:
    assert german(
        "Secret: its secret, which is set, a long random text of your own; without it "
        "nothing is accepted"
    ) == (
        "Als Secret ihr schon gesetztes Geheimnis eintragen, einen eigenen langen zufälligen "
        "Text; ohne ihn wird nichts angenommen"
    )
    assert german("no X-Documenso-Secret header: set a secret on the webhook") == (
        "die Kopfzeile X-Documenso-Secret fehlt: beim Webhook ein Geheimnis setzen"
    )
    assert german("data.at: Value error, expected a time with its zone") == (
        "data.at: erwartet wird eine Zeit mit ihrer Zeitzone"
    )


def test_nothing_is_loaded_for_an_english_caller() -> None:
    code = (
        "import sys; from countersign.http.problems import Problem;"
        "import countersign.http.application;"
        "Problem(name='invalid', detail='x').document('en', 'r');"
        "sys.exit('countersign.http.german' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
