"""Connecting: who makes the secret, what waits for it, and whose side signers are on."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from countersign.cli.commands import countersign
from countersign.cli.context import CliContext
from countersign.examples import read_example
from countersign.model.connection import ConnectionCredentials, PartyMapping
from countersign.providers import PROVIDERS, provider
from countersign.providers.base import Request, UnauthorizedError
from countersign.simulation.world import START, World
from countersign.use_cases.connections.party_mapping import described, warnings
from countersign.use_cases.messages.receive import receive
from tests.builders import pipeline, stage
from tests.unit.cli.desk import HOOKS, cloud_of

EVENTS = Path(__file__).parents[4] / "events"

YOURS = {"documenso", "signnow", "oneflow", "incoming_call"}
THEIRS = {
    *("adobe_sign", "bitrix24", "boldsign", "docuseal", "docusign", "dropbox_sign", "opensign"),
    *("pandadoc", "signwell", "standard_webhooks", "stripe", "xodo_sign", "yousign"),
}
EITHER = {"zoho_sign"}
NOBODYS = {"getaccept", "scrive", "skribble"}


class Desk:
    """Runs commands on a world in memory, its webhooks included."""

    def __init__(self) -> None:
        self.world = World()
        self.world.publish(pipeline(stage("draft"), stage("sent")))

    def __call__(self, *arguments: str, given: str | None = None) -> Result:
        world = self.world
        context = CliContext(
            user="anna@acme.example",
            open_cloud=lambda: cloud_of(world),
            now=lambda: world.now,
            token=lambda: "token",
            post=self.post,
        )
        runner = CliRunner(mix_stderr=False)
        return runner.invoke(countersign, [*arguments], obj=context, input=given)

    def post(self, url: str, request: Request) -> tuple[int, str]:
        answer = receive(self.world.receiver, url.removeprefix(f"{HOOKS}/"), request).answer
        return answer.status, answer.body

    def connect(self, name: str, *more: str) -> Result:
        """Connect a provider, which must succeed."""
        result = self("connections", "create", name, "--pipeline", "contracts", *more)
        assert result.exit_code == 0, result.stderr
        return result

    def secrets(self, connection: str) -> tuple[str, ...]:
        """What is kept of its secrets."""
        found = self.world.secrets.get(connection)
        assert found is not None
        return found.secrets

    def parties(self, connection: str) -> PartyMapping:
        """Its party mapping."""
        found = self.world.connections.get(connection)
        assert found is not None
        return found.parties


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_every_provider_says_who_chooses_its_secret() -> None:
    said: dict[str, set[str]] = {}
    for name in PROVIDERS.kinds:
        said.setdefault(provider(name).secrets_chosen_by, set()).add(name)
    assert said == {"you": YOURS, "provider": THEIRS, "either": EITHER, "nobody": NOBODYS}


@pytest.mark.parametrize("name", sorted(PROVIDERS.kinds))
def test_the_steps_name_the_address_before_the_secret(name: str) -> None:
    steps = " ".join(provider(name).setup)
    if "{secret}" in steps:
        assert steps.index("{url}") < steps.index("{secret}")


@pytest.mark.parametrize("name", sorted(YOURS | EITHER))
def test_a_secret_is_generated_where_one_may_choose_it(desk: Desk, name: str) -> None:
    made = desk.connect(name, "--generate")
    (secret,) = desk.secrets(name.replace("_", "-"))
    assert len(secret) >= 40
    assert f"  secret   {secret}\n" in made.stdout
    assert "waiting" not in made.stdout


@pytest.mark.parametrize("name", sorted(THEIRS - {"opensign"}))
def test_where_the_provider_makes_the_secret_the_address_comes_first_and_the_secret_later(
    desk: Desk, name: str
) -> None:
    identity = name.replace("_", "-")
    made = desk.connect(name, "--generate")
    title = provider(name).title
    command = f"countersign connections update {identity} --secret"
    assert made.stderr.startswith(f"note: {title} makes the secret itself")
    assert made.stdout.index(f"{HOOKS}/{identity}.token") < made.stdout.index(command)
    assert f"waiting for it: {title} makes it" in made.stdout
    assert desk.secrets(identity) == ()
    assert f"{identity} is waiting for its secret: {command}\n" in desk("connections").stdout
    assert f"waiting for its secret: {command}" in desk("connections", identity).stdout
    secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
    done = desk("connections", "update", identity, "--secret", given=f"{secret}\n")
    assert (done.exit_code, done.stderr.replace("warning", "")[:5]) in {
        (0, ""),
        (0, ": " + title[:3]),
    }
    assert desk.secrets(identity) == (secret,)
    assert "waiting" not in desk("connections").stdout + done.stdout


def test_a_connection_that_waits_refuses_everything_until_it_has_its_secret(desk: Desk) -> None:
    desk.connect("docusign")
    example = str(EVENTS / "docusign" / "envelope-sent.json")
    early = desk("events", "send", example, "--connection", "docusign")
    assert (early.exit_code, early.stdout) == (1, "")
    assert "docusign is waiting for its secret and refuses all messages" in early.stderr
    request = read_example(Path(example).read_bytes(), START)
    for key in ("", " ", "guess"):
        signed = provider("docusign").sign(request, key, START)
        assert desk.post(f"{HOOKS}/docusign.token", signed)[0] == 401
    assert desk("connections", "update", "docusign", "--secret", "key").exit_code == 0
    assert desk("events", "send", example, "--connection", "docusign").exit_code == 0


@pytest.mark.parametrize(
    "name", [name for name in PROVIDERS.kinds if provider(name).secret_required]
)
def test_no_provider_takes_a_message_while_the_secret_is_unknown(name: str) -> None:
    kept = ConnectionCredentials(connection="c", provider=name, pipeline="p", tokens=("t",))
    subject = provider(name)
    for file in sorted((EVENTS / name).glob("*.json")):
        request = read_example(file.read_bytes(), START)
        if {event.kind for event in subject.parse(request)} == {"webhook.test"}:
            continue  # BoldSign does not sign the check of an address; it means nothing.
        for key in ("", "x"):
            with pytest.raises(UnauthorizedError):
                subject.verify(subject.sign(request, key, START), kept, START)


@pytest.mark.parametrize("name", sorted(NOBODYS))
def test_a_provider_without_secrets_takes_none(desk: Desk, name: str) -> None:
    made = desk.connect(name, "--generate")
    assert "does not use a secret: only the address protects its messages" in made.stderr
    assert desk.secrets(name) == ()
    given = desk(
        "connections", "create", name, "--pipeline", "contracts", "--id", "other", "--secret", "s"
    )
    assert (given.exit_code, "does not use a secret" in given.stderr) == (1, True)
    later = desk("connections", "update", name, "--secret", "s")
    assert (later.exit_code, desk.secrets(name)) == (1, ())
    assert "waiting" not in desk("connections").stdout


def test_where_an_option_lets_one_choose_the_secret_it_is_generated(desk: Desk) -> None:
    assert desk.connect("docuseal").exit_code == 0
    assert desk.secrets("docuseal") == ()
    refused = desk("connections", "update", "docuseal", "--generate")
    assert (refused.exit_code, "DocuSeal makes the secret itself" in refused.stderr) == (1, True)
    own = ("--option", "secret_header=x-our-secret")
    assert desk("connections", "update", "docuseal", "--generate", *own).exit_code == 0
    assert len(desk.secrets("docuseal")) == 1
    desk.connect("docuseal", "--id", "second", "--generate", *own)
    assert len(desk.secrets("second")) == 1


def test_a_later_secret_stands_before_the_old_one_until_that_is_retired(desk: Desk) -> None:
    desk.connect("yousign", "--secret", "first")
    again = desk("connections", "update", "yousign", "--secret", "second")
    assert (again.exit_code, desk.secrets("yousign")) == (1, ("first",))
    assert again.stderr.endswith("countersign connections rotate yousign --secret\n")
    changed = desk("connections", "rotate", "yousign", "--secret", "second")
    assert "  1 older secret accepted until --retire\n" in changed.stdout
    assert desk.secrets("yousign") == ("second", "first")
    assert desk("connections", "rotate", "yousign", "--retire").exit_code == 0
    assert desk.secrets("yousign") == ("second",)


def test_the_mapping_is_set_part_by_part_and_each_part_stays_until_it_is_set_again(
    desk: Desk,
) -> None:
    desk.connect(
        *("docusign", "--secret", "s", "--company-domain", "acme.example"),
        *("--email", "legal@acme.example=company", "--email", "joint@firm.example=unknown"),
        *("--role", "Buyer=client", "--order", "1=company", "--order", "3=unknown"),
        *("--strict", "--others", "client"),
    )
    whole = {
        "emails": {"legal@acme.example": "company", "joint@firm.example": "unknown"},
        "roles": {"Buyer": "client"},
        "company_domains": ("acme.example",),
        "orders": {1: "company", 3: "unknown"},
        "strict": True,
        "others": "client",
    }
    assert desk.parties("docusign").model_dump() == whole
    for option, changed in (
        (("--order", "2=client"), {"orders": {2: "client"}}),
        (("--no-strict",), {"strict": False}),
        (("--others", "auto"), {"others": None}),
        (("--others", "company"), {"others": "company"}),
        (("--email", ""), {"emails": {}}),
        (("--company-domain", ""), {"company_domains": ()}),
        (("--role", "Seller=company"), {"roles": {"Seller": "company"}}),
    ):
        whole |= changed
        assert desk("connections", "update", "docusign", *option).exit_code == 0
        assert desk.parties("docusign").model_dump() == whole


def test_the_whole_mapping_is_shown_in_words(desk: Desk) -> None:
    desk.connect(
        *("docusign", "--secret", "s", "--company-domain", "acme.example", "--order", "2=client"),
        *("--email", "legal@other.example=company", "--role", "Buyer=client", "--others", "auto"),
    )
    shown = desk("connections", "docusign").stdout
    assert shown.split("\n\n")[1].splitlines() == [
        "Parties, the first line that fits a signer counts",
        "  legal@other.example               company",
        "  role Buyer                        client",
        "  addresses at acme.example         company",
        "  addresses at the sender's domain  company, unless it is a free-mail domain",
        "  number 2 in the signing order     client",
        "  anybody else                      counts as client if known not to be on your side, "
        "and is unknown otherwise",
    ]


@pytest.mark.parametrize(
    ("mapping", "line"),
    [
        (
            {"strict": True},
            ("addresses at the sender's domain", "not company by that alone (strict)"),
        ),
        ({"others": "client"}, ("anybody else", "counts as client")),
        ({"others": "unknown"}, ("anybody else", "is unknown")),
        ({"others": "company"}, ("anybody else", "counts as company")),
    ],
)
def test_each_way_of_the_mapping_has_its_words(
    mapping: dict[str, Any], line: tuple[str, str]
) -> None:
    assert line in list(described(provider("docusign"), PartyMapping.model_validate(mapping)))


WRONG = {
    "an unknown party": (("--email", "a@b.example=ours"), 2, "company, client or unknown after"),
    "a party for no role": (("--role", "=company"), 2, 'expected two texts with "=" between'),
    "an order that is a word": (("--order", "first=company"), 2, "a whole number such as 1"),
    "a negative order": (("--order", "-1=company"), 2, "a whole number such as 1"),
    "two parties of one address": (
        ("--email", "a@b.example=client", "--email", "a@b.example=company"),
        2,
        "is given twice, with different parties",
    ),
    "two parties of one address, written differently": (
        ("--email", "Jo@müller.example=client", "--email", "jo@xn--mller-kva.example=company"),
        1,
        'the address "jo@xn--mller-kva.example" is client and company; keep one of them',
    ),
    "two parties of one role, written differently": (
        ("--role", "Buyer=client", "--role", "BUYER=company"),
        1,
        'the role "BUYER" is client and company',
    ),
    "an address as a domain": (
        ("--company-domain", "anna@acme.example"),
        1,
        '"anna@acme.example" is not a valid domain',
    ),
    "a web address as a domain": (("--company-domain", "https://acme.example"), 1, "not a valid"),
    "a domain as an address": (("--email", "acme.example=company"), 1, "not a valid e-mail"),
    "a free-mail domain": (
        ("--company-domain", "gmail.com"),
        1,
        "anybody can get an address at gmail.com, so it cannot stand for your company",
    ),
    "a free-mail domain in other letters": (("--company-domain", "GMX.de"), 1, "anybody can get"),
    "others that are nobody": (("--others", "ours"), 2, "'ours' is not one of"),
}


@pytest.mark.parametrize(("options", "code", "says"), WRONG.values(), ids=WRONG)
def test_a_mapping_that_cannot_be_is_refused_when_it_is_made_and_when_it_is_changed(
    desk: Desk, options: tuple[str, ...], code: int, says: str
) -> None:
    made = desk(
        "connections", "create", "docusign", "--pipeline", "contracts", "--secret", "s", *options
    )
    assert (made.exit_code, says in made.stderr) == (code, True), made.stderr
    assert desk.world.connections.list() == ()
    desk.connect("docusign", "--secret", "s")
    before = desk.parties("docusign")
    changed = desk("connections", "update", "docusign", *options)
    assert (changed.exit_code, says in changed.stderr) == (code, True), changed.stderr
    assert desk.parties("docusign") == before


@pytest.mark.parametrize("name", sorted(PROVIDERS.kinds))
def test_what_a_provider_says_of_sender_and_signers_is_what_its_examples_tell(name: str) -> None:
    subject = provider(name)
    states = [
        (event.state, event.signer)
        for file in sorted((EVENTS / name).glob("*.json"))
        for event in subject.parse(read_example(file.read_bytes(), START))
    ]
    senders = [state.sender for state, _ in states if state and state.sender]
    assert subject.tells_sender is any(sender.email for sender in senders)
    assert subject.tells_signers is any(
        signer or (state and state.signers) for state, signer in states
    )


def test_connecting_warns_where_nobody_could_be_recognized_as_company(desk: Desk) -> None:
    made = desk.connect("documenso", "--generate", "--id", "first")
    assert made.stderr == (
        "warning: Documenso does not say who sent a document, so nobody can be recognized as a "
        "signer of your own company; set --company-domain, --email or --role\n"
    )
    for n, option in enumerate(
        (
            ("--company-domain", "acme.example"),
            ("--email", "anna@acme.example=company"),
            ("--role", "Seller=company"),
            ("--order", "1=company"),
            ("--others", "company"),
        )
    ):
        assert desk.connect("documenso", "--generate", "--id", f"c{n}", *option).stderr == ""
    for n, option in enumerate((("--role", "Buyer=client"), ("--others", "client"))):
        made = desk.connect("documenso", "--generate", "--id", f"w{n}", *option)
        assert made.stderr.startswith("warning: Documenso does not say who sent a document")
    assert "warning: " in desk("connections", "update", "first", "--name", "Sales").stderr
    assert desk.connect("docusign", "--secret", "s", "--id", "strict", "--strict").stderr == (
        "warning: with --strict the sender's domain does not count, so nobody can be recognized as "
        "a signer of your own company; set --company-domain, --email or --role\n"
    )
    assert desk.connect("docusign", "--secret", "s").stderr == ""


@pytest.mark.parametrize("name", ["stripe", "incoming_call", "oneflow"])
def test_nothing_is_said_of_signers_where_messages_have_none(name: str) -> None:
    assert list(warnings(provider(name), PartyMapping())) == []


def test_updating_says_what_is_wrong(desk: Desk) -> None:
    unknown = desk("connections", "rotate", "nobody", "--retire")
    assert unknown.stderr == 'Error: there is no connection "nobody"; there are none\n'
    desk.connect("docusign", "--secret", "s")
    assert desk("connections", "update", "docusign").exit_code == 2
    both = desk("connections", "update", "documenso", "--secret", "s", "--generate")
    assert (both.exit_code, "not both" in both.stderr) == (2, True)
    two = desk("connections", "update", "docusign", "--api-token", "--secret")
    assert (two.exit_code, "one after the other" in two.stderr) == (2, True)
    blank = desk("connections", "rotate", "docusign", "--secret", given="\n")
    assert blank.exit_code == 1
    assert desk.secrets("docusign") == ("s",)


def test_a_secret_that_is_set_is_shown_by_nothing_but_the_command_that_was_given_it(
    desk: Desk,
) -> None:
    made = desk.connect("documenso", "--secret", "s3cret")
    assert made.stdout.count("s3cret") == 2
    for verb, *options in (
        ("update", "--name", "Sales"),
        ("rotate", "--address"),
        ("update", "--others", "unknown"),
    ):
        changed = desk("connections", verb, "documenso", *options)
        assert changed.exit_code == 0
        assert "s3cret" not in changed.stdout
        assert "  secret   set\n" in changed.stdout
        assert ("At Documenso:" in changed.stdout) is (verb == "rotate")
    desk.connect("docusign")
    typed = desk("connections", "update", "docusign", "--secret", given="typed-unseen\n")
    assert typed.stdout == (
        "docusign connects DocuSign to the pipeline contracts\n"
        f"  address  {HOOKS}/docusign.token\n"
        "  secret   set\n"
    )
    assert "s3cret" not in desk("connections", "documenso").stdout


def test_the_provider_s_steps_hold_no_placeholders(desk: Desk) -> None:
    for name in PROVIDERS.kinds:
        made = desk.connect(name, *(("--secret", "s") if name in YOURS else ()))
        assert re.findall(r"\{(?:url|secret)\}", made.stdout) == []
