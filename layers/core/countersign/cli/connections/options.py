"""Options of the commands that create, change and inspect connections, and what they say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import click

from countersign.cli.parsing.option_group import Decorator, option_group
from countersign.cli.parsing.parameters import pipeline_option
from countersign.model.connection import DOCUMENT_FIELD
from countersign.model.run_purpose import KEPT_KINDS

PARTIES = ("company", "client", "unknown")
AUTO = "auto"
LONGEST_KEY = 2_000
"""Characters of an API token or secret: a parameter of the standard tier holds 4 KB in all."""


def several(*names: str, metavar: str, text: str) -> Decorator:
    """An option that may be given several times."""
    return click.option(*names, multiple=True, metavar=metavar, help=text)


ASK = "\0"
"""What ``--secret`` stands for without a value: it is asked for."""
GENERATE = click.option(
    "--generate", is_flag=True, help="Generate a secret, if the provider lets you choose it."
)


def _secret(text: str) -> Decorator:
    return click.option(
        "--secret",
        is_flag=False,
        flag_value=ASK,
        metavar="[SECRET]",
        help=f"{text} (prompted for, or read from standard input, unless given here).",
    )


_READING = (
    several("--option", metavar="NAME=VALUE", text="Set an option of the provider, such as an id."),
    several(
        "--company-domain",
        metavar="DOMAIN",
        text="Signers with an address at DOMAIN are company. Several allowed; '' for none.",
    ),
    several(
        "--email",
        metavar="ADDRESS=PARTY",
        text="The party of the signer with this address: company, client or unknown.",
    ),
    several("--role", metavar="ROLE=PARTY", text="The party of signers with this role."),
    several(
        "--order", metavar="N=PARTY", text="The party of the signer at this place in the order."
    ),
    click.option(
        "--strict/--no-strict",
        default=None,
        help="Do not count signers with the domain of the envelope's sender as company.",
    ),
    click.option(
        "--others",
        type=click.Choice((*PARTIES, AUTO)),
        help="The party of all other signers. auto: client if known not to be on your side, "
        "otherwise unknown.",
    ),
    several(
        "--map",
        metavar="SOURCE=FIELD",
        text="Copy a custom field of the envelope into a field of the document.",
    ),
    click.option(
        "--locale",
        metavar="NAME",
        help="How numbers and dates in the envelope's fields are written, such as de.",
    ),
    click.option(
        "--document-field",
        metavar="SOURCE",
        help="Custom field of the envelope that names the document it belongs to. "
        f"'' for the default, {DOCUMENT_FIELD}.",
    ),
)
"""How messages are read."""
_ABOUT = (
    click.option("--name", metavar="TEXT", help="Display name of the connection."),
    click.option(
        "--responsible",
        metavar="USER",
        help="Responsible for new documents. Default: the envelope's sender.",
    ),
    click.option(
        "--silent-after",
        metavar="DAYS",
        type=click.IntRange(0, 365),
        help="Alert if no event arrives for this many days; 0 for never.",
    ),
    click.option(
        "--api-token",
        is_flag=True,
        help="Set the provider's API token (prompted for, or read from standard input).",
    ),
    click.option("--api-url", metavar="URL", help="API address, if not the provider's usual one."),
    click.option(
        "--keep-files",
        metavar="KINDS",
        help="Files to fetch once all have signed, and keep: signed_pdf, audit_trail, both with a "
        "comma, or '' for none. Default with an API token: what the provider offers.",
    ),
)
"""What else there is about a connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingOptions:
    """What the options say of how messages are read, as it was given."""

    option: tuple[str, ...]
    company_domain: tuple[str, ...]
    email: tuple[str, ...]
    role: tuple[str, ...]
    order: tuple[str, ...]
    strict: bool | None
    others: str | None
    map: tuple[str, ...]
    locale: str | None
    document_field: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionOptions(ReadingOptions):
    """What the options say of a connection, as it was given."""

    name: str | None
    responsible: str | None
    silent_after: int | None
    api_token: bool
    api_url: str | None
    keep_files: str | None


reading = option_group("given", ReadingOptions, *_READING)
"""Adds the options that say how messages are read."""
described = option_group("given", ConnectionOptions, *_READING, *_ABOUT)
"""Adds all options about a connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateOptions:
    """What a new connection leads to, its id and its secrets, as it was given."""

    pipeline: str
    connection: str | None
    secret: tuple[str, ...]
    generate: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretOptions:
    """The secret that a connection gets, as it was given."""

    secret: str | None
    generate: bool

    def check(self) -> None:
        """UsageError where it is given in two ways."""
        if self.secret is not None and self.generate:
            raise click.UsageError("use --secret or --generate, not both")


@dataclass(frozen=True, slots=True, kw_only=True)
class RotateOptions(SecretOptions):
    """What is added to a connection, and whether what is older ends."""

    address: bool
    retire: bool


creation = option_group(
    "target",
    CreateOptions,
    pipeline_option("The pipeline that receives its envelopes.", required=True),
    click.option("--id", "connection", metavar="ID", help="Default: the provider's name."),
    several("--secret", metavar="SECRET", text="The secret, as the provider shows it."),
    GENERATE,
)
"""Adds the options of a new connection's place, id and secrets."""
new_secret = option_group(
    "new", SecretOptions, _secret("Set the secret that the provider made"), GENERATE
)
"""Adds the options of a connection's first secret."""
rotation = option_group(
    "wanted",
    RotateOptions,
    _secret("Add this secret"),
    GENERATE,
    click.option("--address", is_flag=True, help="Add a new address."),
    click.option("--retire", is_flag=True, help="Stop accepting all older secrets and addresses."),
)
"""Adds the options of what is rotated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What the options say of a connection; only what was given."""

    changes: dict[str, Any]
    """Attributes of a Connection, without its parties."""
    parties: dict[str, Any]
    """Attributes of its PartyMapping."""
    options: dict[str, str]
    """The provider's own settings."""

    @property
    def empty(self) -> bool:
        """Whether nothing was given."""
        return not (self.changes or self.parties or self.options)


def description(given: ReadingOptions) -> Description:
    """What the options say. UsageError for one that cannot be read."""
    changes: dict[str, Any] = {}
    if given.locale is not None:
        changes["locale"] = given.locale or None
    if given.document_field is not None:
        changes["document_field"] = given.document_field or DOCUMENT_FIELD
    if given.map:
        changes["fields"] = tuple(
            {"source": source, "field": field} for source, field in pairs("--map", given.map)
        )
    if isinstance(given, ConnectionOptions):
        changes |= _about(given)
    return Description(
        changes=changes,
        parties=_parties(given),
        options=dict(pairs("--option", given.option)),
    )


def _about(given: ConnectionOptions) -> dict[str, Any]:
    about: dict[str, Any] = {}
    if given.name is not None:
        about["name"] = given.name
    if given.responsible is not None:
        about["responsible"] = given.responsible or None
    if given.silent_after is not None:
        about["silent_after"] = given.silent_after or None
    if given.keep_files is not None:
        about["keep_files"] = _kinds(given.keep_files)
    return about


def _kinds(text: str) -> tuple[str, ...]:
    """The kinds of files in a list with commas."""
    kinds = tuple(dict.fromkeys(kind.strip() for kind in text.split(",") if kind.strip()))
    for kind in kinds:
        if kind not in KEPT_KINDS:
            msg = f'--keep-files: "{kind}" is not a kind; expected {" or ".join(KEPT_KINDS)}'
            raise click.UsageError(msg)
    return kinds


def _parties(given: ReadingOptions) -> dict[str, Any]:
    parties: dict[str, Any] = {}
    if given.company_domain:
        parties["company_domains"] = tuple(filter(None, given.company_domain))
    if given.email:
        parties["emails"] = _parties_by_name("--email", given.email)
    if given.role:
        parties["roles"] = _parties_by_name("--role", given.role)
    if given.order:
        parties["orders"] = _orders(given.order)
    if given.strict is not None:
        parties["strict"] = given.strict
    if given.others is not None:
        parties["others"] = None if given.others == AUTO else given.others
    return parties


def _parties_by_name(option: str, given: tuple[str, ...]) -> dict[str, str]:
    parties: dict[str, str] = {}
    for name, party in pairs(option, given):
        if party not in PARTIES:
            msg = f"{option} {name}={party}: expected {', '.join(PARTIES[:-1])} or {PARTIES[-1]}"
            raise click.UsageError(f'{msg} after the "="')
        if parties.setdefault(name, party) != party:
            raise click.UsageError(f"{option} {name} is given twice, with different parties")
    return parties


def _orders(given: tuple[str, ...]) -> dict[int, str]:
    orders: dict[int, str] = {}
    for order, party in _parties_by_name("--order", given).items():
        if not (order.isascii() and order.isdecimal()):
            msg = f'--order {order}={party}: expected a whole number such as 1 before the "="'
            raise click.UsageError(msg)
        orders[int(order)] = party
    return orders


def pairs(option: str, given: tuple[str, ...]) -> list[tuple[str, str]]:
    """Texts with "=" between them; one empty text alone is not a pair, and clears what there is."""
    if given == ("",):
        return []
    assignments = []
    for text in given:
        left, equals, right = text.rpartition("=") if option == "--role" else text.partition("=")
        if not equals or not left.strip() or not right.strip():
            raise click.UsageError(f'{option} {text}: expected two texts with "=" between them')
        assignments.append((left, right))
    return assignments
