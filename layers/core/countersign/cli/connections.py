"""Commands for connections: connect, connections, send."""

from __future__ import annotations

import secrets as randomness
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast, get_args
from urllib.parse import urlencode

import click
from pydantic import ValidationError

from countersign.cli.rejected import number_of_rejected
from countersign.cli.secrets import asked_for
from countersign.cli.surroundings import Surroundings
from countersign.cli.text import one_line, table
from countersign.errors import NotFoundError, PermanentError
from countersign.examples import read_example
from countersign.model.connection import Connection, FieldMapping, PartyMapping, Secrets
from countersign.model.signing_event import Party
from countersign.providers import PROVIDERS
from countersign.providers import provider as provider_of
from countersign.providers.base import MalformedError, Request
from countersign.use_cases.connect import Connected, amend, no_connection, renew
from countersign.use_cases.connect import connect as make_connection

LAST = 20
"""Events and refusals that are shown of a connection."""
REFUSED_WITHIN = timedelta(days=7)
LONGEST_KEY = 2_000
"""Characters of an API token: a parameter of the standard tier holds 4 KB in all."""

_Option = Callable[[Callable[..., None]], Callable[..., None]]


def _several(*names: str, metavar: str, text: str) -> _Option:
    return click.option(*names, multiple=True, metavar=metavar, help=text)


@click.command()
@click.argument("provider")
@click.option("--pipeline", metavar="ID", help="The pipeline its envelopes belong to.")
@click.option("--name", metavar="TEXT", help="What people call the connection.")
@click.option("--id", "connection", metavar="ID", help="Default: the provider's name.")
@_several("--secret", metavar="SECRET", text="As the provider shows it.")
@click.option("--generate", is_flag=True, help="Make a secret, to be entered at the provider.")
@_several("--option", metavar="NAME=VALUE", text="The provider's own settings.")
@_several("--company-domain", metavar="DOMAIN", text="Whose signers are on our side.")
@_several("--role", metavar="ROLE=PARTY", text="Which side a role is on: company or client.")
@click.option("--responsible", metavar="USER", help="Default: the envelope's sender.")
@click.option(
    "--silent-after",
    metavar="DAYS",
    type=click.IntRange(0, 365),
    help="Ring when no event came for so long; 0 for never.",
)
@_several("--map", "mapped", metavar="SOURCE=FIELD", text="An envelope's field into a document's.")
@click.option(
    "--api-token",
    is_flag=True,
    help="Give the key by which the provider is asked: it is asked for, or read from standard "
    "input.",
)
@click.option("--api-url", metavar="URL", help="Its API's address, where it is not the usual one.")
@click.option("--rotate", is_flag=True, help="Add the new secret beside the old.")
@click.option("--renew-address", is_flag=True, help="Add a new address beside the old.")
@click.option("--retire", is_flag=True, help="Drop the old secrets and addresses.")
@click.pass_obj
def connect(
    surroundings: Surroundings,
    provider: str,
    pipeline: str | None,
    name: str | None,
    connection: str | None,
    secret: tuple[str, ...],
    generate: bool,
    option: tuple[str, ...],
    company_domain: tuple[str, ...],
    role: tuple[str, ...],
    responsible: str | None,
    silent_after: int | None,
    mapped: tuple[str, ...],
    api_token: bool,
    api_url: str | None,
    rotate: bool,
    renew_address: bool,
    retire: bool,
) -> None:
    """Connect PROVIDER to a pipeline: the connection, its secret and its address.

    Without --pipeline, a connection that exists is changed in what the other options name.
    """
    PROVIDERS.get(provider)
    cloud = surroundings.cloud
    identity = connection or provider.replace("_", "-")
    given = (*secret, *([randomness.token_urlsafe(32)] if generate else []))
    key = asked_for("API token", LONGEST_KEY) if api_token else None
    parties = PartyMapping(roles=_parties(role), company_domains=company_domain)
    described = {
        "name": name,
        "responsible": responsible,
        "silent_after": silent_after,
        "parties": parties if role or company_domain else None,
        "fields": tuple(
            FieldMapping(source=source, field=field) for source, field in _pairs("--map", mapped)
        ),
    }
    options = dict(_pairs("--option", option))
    if pipeline is None:
        if rotate and not given:
            raise click.UsageError("--rotate needs the new secret: --secret SECRET or --generate")
        if given and not rotate:
            raise click.UsageError(
                "a new connection needs its pipeline: --pipeline ID; "
                "one that exists gets another secret by --rotate"
            )
        asked = rotate or renew_address or retire or options or key or api_url
        changes = {name: value for name, value in described.items() if value not in (None, "", ())}
        if not asked and not changes:
            raise click.UsageError("a new connection needs its pipeline: --pipeline ID")
        _change(
            surroundings,
            identity,
            changes,
            token=surroundings.address_token(identity) if renew_address else None,
            secrets=given if rotate else (),
            retire=retire,
            options=options,
            api_token=key,
            api_url=api_url,
        )
        return
    if rotate or renew_address or retire:
        raise click.UsageError("--rotate, --renew-address and --retire go without --pipeline")
    made = Connection.model_validate(
        {
            "id": identity,
            "provider": provider,
            "pipeline": pipeline,
            "created_at": surroundings.now(),
            **described,
            "name": name or "",
            "silent_after": silent_after or None,
            "parties": parties,
        }
    )
    connected = make_connection(
        cloud.connections,
        cloud.secrets,
        cloud.pipelines,
        made,
        token=surroundings.address_token(identity),
        secrets=given,
        options=options,
        api_token=key,
        api_url=api_url,
    )
    _tell(surroundings, connected)


def _change(
    surroundings: Surroundings, identity: str, changes: dict[str, Any], **renewed: Any
) -> None:
    """Change a connection that exists, its description first: a mistake there changes nothing."""
    cloud = surroundings.cloud
    if "silent_after" in changes:
        changes["silent_after"] = changes["silent_after"] or None
    if "parties" in changes:
        known = cloud.connections.get(identity)
        before = known.parties.model_dump() if known else {}
        given = changes["parties"].model_dump(exclude_defaults=True)
        changes["parties"] = PartyMapping.model_validate({**before, **given})
    if changes:
        amend(cloud.connections, cloud.pipelines, identity, changes)
    _tell(surroundings, renew(cloud.connections, cloud.secrets, identity, **renewed))


@click.command()
@click.argument("connection", required=False)
@click.pass_obj
def connections(surroundings: Surroundings, connection: str | None) -> None:
    """List the connections; of one CONNECTION, its last events and refusals."""
    if connection is not None:
        _show(surroundings, connection)
        return
    found = surroundings.cloud.connections.list()
    if not found:
        click.echo("there are no connections; `countersign connect PROVIDER` makes one")
        return
    rows = [(one.id, one.provider, one.pipeline, one.name) for one in found]
    click.echo(table(("CONNECTION", "PROVIDER", "PIPELINE", "NAME"), rows))


def _show(surroundings: Surroundings, identity: str) -> None:
    cloud = surroundings.cloud
    found, secrets = cloud.connections.get(identity), cloud.secrets.get(identity)
    if found is None or secrets is None:
        raise NotFoundError(no_connection(surroundings.cloud.connections, identity))
    title = provider_of(found.provider).title
    click.echo(f"{found.id} connects {title} to the pipeline {found.pipeline}")
    click.echo(f"  secrets    {len(secrets.secrets)}, addresses {len(secrets.tokens)}")
    click.echo(f"  asked for  {_asked_for(secrets)}")
    events = cloud.documents.recent_events(identity, LAST)
    click.echo("\nLast events" if events else "\nno events yet")
    rows = [
        (shown(one.at), one.provider_event, one.kind, one.grade, one.document or "")
        for one in events
    ]
    if rows:
        click.echo(table(("AT (UTC)", "EVENT", "MEANS", "GRADE", "DOCUMENT"), rows))
    since = surroundings.now() - REFUSED_WITHIN
    refusals = cloud.refusals.recent(identity, LAST, since=since)
    told = f"in the last {REFUSED_WITHIN.days} days"
    if rejected := number_of_rejected(surroundings, identity):
        click.echo(f"\n{rejected}")
    click.echo(f"\nRefused {told}" if refusals else f"\nnothing refused {told}")
    if refusals:
        lines = [(shown(one.at), str(one.status), one.because) for one in refusals]
        click.echo(table(("AT (UTC)", "STATUS", "BECAUSE"), lines))


def _asked_for(secrets: Secrets) -> str:
    """What the provider can be asked for by this connection."""
    offered = " and ".join(provider_of(secrets.provider).offers())
    if not offered:
        return "nothing"
    if secrets.api_token is None:
        return f"nothing yet; give it the API token (--api-token) for {offered}"
    return f"{offered}, at {secrets.api_url}" if secrets.api_url else offered


def shown(at: datetime) -> str:
    """A moment in UTC, to the second."""
    return f"{at:%Y-%m-%d %H:%M:%S}"


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--connection", metavar="ID", required=True, help="Where it is sent to.")
@_several("--replace", metavar="OLD=NEW", text="Exchange a text first, such as the envelope's id.")
@click.pass_obj
def send(surroundings: Surroundings, file: Path, connection: str, replace: tuple[str, ...]) -> None:
    """Send an example FILE (events/PROVIDER/EVENT.json), signed as the provider signs."""
    cloud = surroundings.cloud
    known = cloud.secrets.get(connection)
    if known is None:
        raise NotFoundError(no_connection(surroundings.cloud.connections, connection))
    folder = file.resolve().parent.name
    if folder in PROVIDERS.kinds and folder != known.provider:
        msg = f"{file} is an example of {folder}; the connection {connection} is {known.provider}'s"
        raise PermanentError(msg)
    request = _signed(surroundings, file, known.provider, known.secrets, replace)
    slot = f"/{request.slot}" if request.slot else ""
    query = f"?{urlencode(request.query)}" if request.query else ""
    url = f"{cloud.webhooks}/{connection}.{known.tokens[0]}{slot}{query}"
    status, text = surroundings.post(url, request)
    answer = f"{file.name} to {connection}: answered {status} {one_line(text[:200])}".rstrip()
    if status >= 300:
        raise click.ClickException(answer)
    click.echo(answer)


def _signed(
    surroundings: Surroundings,
    file: Path,
    provider: str,
    secrets: Sequence[str],
    replace: tuple[str, ...],
) -> Request:
    now = surroundings.now()
    try:
        request = read_example(file.read_bytes(), now, dict(_pairs("--replace", replace)))
    except MalformedError as error:
        raise PermanentError(f"{file} is no example: {error}") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise PermanentError(f"{file} is no example: {place}: {first['msg']}") from error
    return provider_of(provider).sign(request, secrets[0] if secrets else "", now)


def _tell(surroundings: Surroundings, connected: Connected) -> None:
    connection = connected.connection
    title = provider_of(connection.provider).title
    url = f"{surroundings.cloud.webhooks}/{connected.address}"
    click.echo(f"{connection.id} connects {title} to the pipeline {connection.pipeline}")
    click.echo(f"  address  {url}")
    for secret in connected.secrets.secrets[:1]:
        click.echo(f"  secret   {secret}")
    if connected.secrets.api_token is not None:
        click.echo(f"  can be asked for {_asked_for(connected.secrets)}")
    for word, count in (
        ("address", len(connected.secrets.tokens) - 1),
        ("secret", len(connected.secrets.secrets) - 1),
    ):
        if count > 0:
            click.echo(f"  {count} older {word} accepted until --retire")
    click.echo(f"\nAt {title}:")
    for number, step in enumerate(connected.steps(url), start=1):
        click.echo(f"  {number}. {step}")


def _pairs(option: str, given: tuple[str, ...]) -> list[tuple[str, str]]:
    pairs = []
    for one in given:
        left, equals, right = one.partition("=")
        if not equals or not left or not right:
            raise click.UsageError(f'{option} {one}: expected two texts with "=" between them')
        pairs.append((left, right))
    return pairs


def _parties(given: tuple[str, ...]) -> dict[str, Party]:
    roles = {}
    for role, party in _pairs("--role", given):
        if party not in get_args(Party):
            msg = f'--role {role}={party}: expected {" or ".join(get_args(Party))} behind the "="'
            raise click.UsageError(msg)
        roles[role] = cast(Party, party)
    return roles
