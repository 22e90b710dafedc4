"""The catalogue of German texts: it has every message, and is loaded for German callers alone."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib

import pytest

from countersign.errors import NotFoundError, PermanentError
from countersign.http.german import CATALOGUES, LONGEST, catalogue, german, template_of, words
from countersign.http.problems import Problem, problem_of
from countersign.model.entitlements import Entitlements
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


WORDS = [(name, english) for name, said in words().items() for english in said]


@pytest.mark.parametrize(("name", "english"), WORDS)
def test_both_texts_of_a_word_have_the_same_values(name: str, english: str) -> None:
    names = template_of(english, "").names

    assert sorted(template_of(words()[name][english], "").names) == sorted(names)


def test_every_word_is_a_value_of_some_message() -> None:
    values = {
        re.sub("[0-9]+$", "", name) for text in CATALOGUE for name in template_of(text, "").names
    }

    assert words().keys() - values == set()


INSIDE = [
    (
        "the rule hello of the stage work is number 2; this deployment's plan Basic includes "
        "1 rule in a pipeline",
        "die Regel hello der Stufe work ist die 2.; der Tarif Basic dieser Installation enthält "
        "1 Regel je Pipeline",
    ),
    (
        "the rule hello of the stage work is number 4; this deployment's plan includes 3 rules "
        "in a pipeline",
        "die Regel hello der Stufe work ist die 4.; der Tarif dieser Installation enthält "
        "3 Regeln je Pipeline",
    ),
    (
        "leases would be one of 2 pipelines; this deployment's plan Basic includes 1; there are "
        "contracts",
        "leases wäre eine von 2 Pipelines; der Tarif Basic dieser Installation enthält 1; "
        "vorhanden sind contracts",
    ),
    (
        "the rule hello of the stage work: the kind send_email is not included in this "
        "deployment's plan Basic, which includes no kind of rule",
        "die Regel hello der Stufe work: die Art send_email ist nicht enthalten (der Tarif Basic "
        "dieser Installation); enthalten sind keine Arten von Regeln",
    ),
    (
        'there is no kind of trigger "sing"; expected sent, signed_by_all',
        'es gibt keine Art "sing" unter den Triggern; erwartet wird sent, signed_by_all',
    ),
    (
        'there is no pipeline "leases"; published are none',
        'es gibt keine Pipeline "leases"; veröffentlicht sind keine',
    ),
    (
        "the run d-1.1.hello is in doubt; only runs that have not begun can be run now",
        "die Ausführung d-1.1.hello ist ungewiss; das geht nur, solange sie nicht begonnen hat "
        "(jetzt ausführen)",
    ),
    (
        "the run d-1.1.hello is awaiting; only failed runs and runs in doubt can be resolved",
        "die Ausführung d-1.1.hello ist in Erwartung ihrer Aufgabe; nur fehlgeschlagene und "
        "ungewisse können geklärt werden",
    ),
    (
        "the task d-1.1.check is withdrawn already, by ada@acme.example",
        "die Aufgabe d-1.1.check ist schon zurückgezogen, durch ada@acme.example",
    ),
    (
        "the job j-1 has ended: it is aborted",
        "der Auftrag j-1 ist beendet: er ist abgebrochen",
    ),
    (
        "ada@acme.example was invited before and has no role; change the roles with `countersign "
        "people roles`, or send another invitation with `countersign people invite-again`",
        "ada@acme.example wurde schon eingeladen und hat keine Rolle; Rollen ändert `countersign "
        "people roles`, eine neue Einladung sendet `countersign people invite-again`",
    ),
    (
        "cannot take the role from ada@acme.example, the last administrator; give the role to "
        "somebody else first, who has to sign in once",
        "ada@acme.example kann die Rolle nicht verlieren, als letzter Administrator; zuerst "
        "jemand anderem die Rolle geben, der sich einmal anmelden muss",
    ),
    (
        "the person is responsible for the document d-1; give that to somebody else first, then "
        "erase",
        "die Person ist verantwortlich für das Dokument d-1; das zuerst jemand anderem "
        "übertragen, dann löschen",
    ),
    (
        "the person has the open task check of the document d-1; give that to somebody else "
        "first, then erase",
        "die Person hat die offene Aufgabe check für das Dokument d-1; das zuerst jemand anderem "
        "übertragen, dann löschen",
    ),
    (
        "contracts has 2 documents; --and-documents removes them too, with their timelines, "
        "runs, tasks and files",
        "contracts hat noch Dokumente (2 Dokumente); --and-documents entfernt auch sie, mit "
        "Verlauf, Ausführungen, Aufgaben und Dateien",
    ),
    (
        "the document d-1 changed 5 times meanwhile; try again",
        "das Dokument d-1 wurde inzwischen 5-mal geändert; noch einmal versuchen",
    ),
    (
        "the document has 20 files of the kind invoice already; remove one",
        "das Dokument hat schon 20 Dateien der Art Rechnung; eine entfernen",
    ),
    ("to is nothing; expected a list", "to ist nichts; erwartet wird eine Liste"),
    ("found a list; expected a mapping", "gefunden: eine Liste; erwartet wird eine Zuordnung"),
    (
        'days is "two"; expected a whole number',
        'days ist "two"; erwartet wird eine ganze Zahl',
    ),
    ("days is 0; expected at least 1", "days ist 0; erwartet wird mindestens 1"),
    (
        "name is 5; expected text, in quotes",
        "name ist 5; erwartet wird Text, in Anführungszeichen",
    ),
    (
        '"name" is missing; a stage must have it',
        '"name" fehlt; eine Stufe braucht es',
    ),
    (
        '"colour" is unknown in the settings of send_email; expected to, from',
        '"colour" ist in den Einstellungen von send_email unbekannt; erwartet wird to, from',
    ),
    (
        'another rule in stage work has the id "hello"; give this one its own',
        'die Id "hello" ist schon vergeben (Regel in der Stufe work); hier eine eigene wählen',
    ),
    (
        'the pipeline has no rule "hello" that sends mail; it has none',
        'die Pipeline hat keine passende Regel "hello" (sendet E-Mails); es gibt keine',
    ),
    (
        "the pipeline has no senders; list one, or leave task_mail out",
        "die Pipeline hat keine Absender; einen angeben oder task_mail weglassen",
    ),
    (
        "klara@kunde.example is on the side of the client, not of the company",
        "klara@kunde.example steht auf der Seite Kunde, nicht Unternehmen",
    ),
    ("amount was empty, not filled", "amount war leer, nicht ausgefüllt"),
    (
        "nobody became responsible, not somebody",
        "niemand wurde verantwortlich, nicht jemand",
    ),
    (
        "the payment is in an unknown currency, not in EUR",
        "die Zahlung ist in einer unbekannten Währung, nicht in EUR",
    ),
    (
        "nobody has to sign any more: the envelope is voided",
        "niemand muss noch unterzeichnen: der Umschlag ist zurückgezogen",
    ),
    (
        "text: it has 12,000 characters once its inserts are filled in; expected 1 to 10,000",
        "text: mit ausgefüllten Platzhaltern sind es 12,000 Zeichen; erwartet werden 1 bis 10,000",
    ),
    (
        '"ada" is not a user; expected an e-mail address, or a name that the pipeline\'s groups or '
        "supervisors list; did you mean ada@acme.example?",
        '"ada" ist kein Benutzer; erwartet wird eine E-Mail-Adresse oder ein Name aus den Gruppen '
        "oder Vorgesetzten der Pipeline; gemeint ist vielleicht ada@acme.example?",
    ),
    (
        'there is no role "op"; did you mean operator or administrator?',
        'es gibt keine Rolle "op"; gemeint ist vielleicht operator oder administrator?',
    ),
]


@pytest.mark.parametrize(("english", "told"), INSIDE)
def test_what_a_message_says_inside_another_is_german_too(english: str, told: str) -> None:
    assert german(english) == told


@pytest.mark.parametrize(
    ("english", "told"),
    [
        ("there is no document a list", "es gibt kein Dokument a list"),
        (
            'the document d-1 has no file "none"; there are contract',
            'das Dokument d-1 hat keine Datei "none"; vorhanden sind contract',
        ),
        (
            'the pipeline contracts has no rule "1 rule"; expected hello',
            'die Pipeline contracts hat keine Regel "1 rule"; erwartet wird hello',
        ),
        (
            'days is "a list"; expected a whole number',
            'days ist "a list"; erwartet wird eine ganze Zahl',
        ),
    ],
)
def test_what_people_wrote_is_not_taken_for_a_word_of_ours(english: str, told: str) -> None:
    assert german(english) == told


def test_what_the_plan_includes_is_told_in_german_as_a_whole(desk: Desk) -> None:
    client = ApiClient(desk.world)
    included = Entitlements(plan="Basic", rules=1, trigger_kinds=(), pipelines=1, version=1)
    desk.world.entitlements.put(included)
    assert client("POST", "/drafts", {"from_pipeline": "contracts"}).status == 201

    planned = client("POST", "/drafts/contracts/plan", headers={"accept-language": "de"})

    refusals = planned.body["refusals"]
    assert any(
        "der Tarif Basic dieser Installation enthält 1 Regel je Pipeline" in one for one in refusals
    )
    for fragment in ("deployment", "plan Basic", "rule", "kind of", "includes", "pipeline has"):
        assert not [text for text in refusals if fragment in text], fragment


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
