"""What publishing can know about the stack and warns of: senders, and APIs that rules need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from countersign.engine.compiled_pipeline import NO_AUTOMATION, kind_with_settings
from countersign.engine.validation.pipeline import Problem
from countersign.errors import CountersignError
from countersign.model.base import Place
from countersign.model.connection import Connection
from countersign.model.entitlements import EVERYTHING, Entitlements
from countersign.model.pipeline import Pipeline, Rule
from countersign.model.provider_api import Offer
from countersign.ports import Connections, CredentialStore, Senders
from countersign.providers import provider
from countersign.text.addresses import AddressError, named, whole_domain

_ADD_CONTRACT = (
    ", or add their contracts: countersign documents files add DOCUMENT FILE --kind contract"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """What is asked about a pipeline."""

    connections: Connections
    secrets: CredentialStore
    senders: Senders | None = None
    """None where there is no mail service to ask."""
    entitlements: Entitlements = EVERYTHING
    """What the deployment's plan includes."""


def publish_warnings(stack: Stack, pipeline: Pipeline) -> tuple[Problem, ...]:
    """What will go wrong with a checked pipeline on this stack, each with its place."""
    warnings = [
        *_not_automated(stack, pipeline),
        *_unverified(stack, pipeline),
        *_not_offered(stack, pipeline),
    ]
    return tuple(Problem(place, text, "warning") for place, text in warnings)


def _not_automated(stack: Stack, pipeline: Pipeline) -> Iterator[tuple[Place, str]]:
    """What waits for a plan that includes automation."""
    if stack.entitlements.automation:
        return
    if any(stage.triggers or stage.rules for stage in pipeline.stages):
        yield ("stages",), f"{NO_AUTOMATION}: no trigger fires and no rule is planned"


def _unverified(stack: Stack, pipeline: Pipeline) -> Iterator[tuple[Place, str]]:
    """Senders that the mail service refuses to send from."""
    if stack.senders is None:
        return
    for n, sender in enumerate(pipeline.senders):
        try:
            domain = whole_domain(sender)
            address = domain or named(sender).address
        except AddressError:
            continue  # The check of the pipeline says so.
        if stack.senders.verified(address) is False:
            if domain is not None:
                yield ("senders", n), _unverified_domain(domain)
                continue
            text = (
                f"Amazon SES has not verified {address}, and refuses e-mails from it; verify the "
                f"address or its domain: aws sesv2 create-email-identity --email-identity {address}"
            )
            yield ("senders", n), text


def _unverified_domain(domain: str) -> str:
    return (
        f"Amazon SES has not verified the domain {domain}, and refuses e-mails from its addresses; "
        f"verify it: aws sesv2 create-email-identity --email-identity {domain}"
    )


def _not_offered(stack: Stack, pipeline: Pipeline) -> Iterator[tuple[Place, str]]:
    """Rules that ask a provider for what the pipeline's connections cannot have."""
    wanted = list(_wanted(pipeline))
    if not wanted:
        return
    leading = [
        connection
        for connection in stack.connections.list()
        if connection.pipeline == pipeline.pipeline
    ]
    for place, rule, offer in wanted:
        for connection in leading:
            text = _lacks(stack, connection, rule, offer)
            if text is not None:
                yield place, text


def _wanted(pipeline: Pipeline) -> Iterator[tuple[Place, Rule, Offer]]:
    """Each rule that asks the provider for something, its place, and what it asks for."""
    for n, stage in enumerate(pipeline.stages):
        for m, rule in enumerate(stage.rules):
            place = ("stages", n, "rules", m)
            if not rule.enabled:
                continue
            for needed in kind_with_settings(rule).needs(pipeline):
                yield (*place, *needed.place), rule, needed.offer


def _lacks(stack: Stack, connection: Connection, rule: Rule, offer: Offer) -> str | None:
    sender = provider(connection.provider)
    if not sender.tells_signers:
        return None
    own = offer == "the unsigned document"
    if own and _looks_at(rule, "files"):
        return None
    if offer not in sender.offers():
        if _looks_at(rule, "provider"):
            return None
        whose = "its documents that have no contract of their own" if own else "its documents"
        return (
            f"{sender.title} (connection {connection.id}) does not offer {offer}, so this rule "
            f"fails for {whose}; give it a condition on the provider that leaves them out"
            f"{_ADD_CONTRACT if own else ''}"
        )
    try:
        known = stack.secrets.get(connection.id)
    except CountersignError:
        return None
    if known is None or known.api_token is not None:
        return None
    return (
        f"the connection {connection.id} has no API token for {offer}; set it: "
        f"countersign connections update {connection.id} --api-token"
    )


def _looks_at(rule: Rule, field: str) -> bool:
    """Whether the rule has a condition that looks at the field."""
    return rule.condition is not None and _names(rule.condition.model_dump(), field)


def _names(condition: Any, field: str) -> bool:
    """Whether a clause of the condition looks at the field."""
    if isinstance(condition, Mapping):
        return condition.get("field") == field or any(
            _names(part, field) for part in condition.values()
        )
    return isinstance(condition, list | tuple) and any(_names(part, field) for part in condition)
