"""Checking a stack: what needs somebody's attention, and what to do about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Literal

from countersign.errors import CountersignError
from countersign.model.search_words import WORD_INDEX
from countersign.ports import (
    Connections,
    CredentialStore,
    DeadLetters,
    Documents,
    EntitlementStore,
    HeldMessages,
    Pages,
    Pipelines,
    RejectedRequests,
    Senders,
    Upgrades,
)
from countersign.text.addresses import AddressError, named, whole_domain
from countersign.use_cases.connections.connect import set_secret
from countersign.use_cases.queries.connections import list_connections, sorted_connections
from countersign.use_cases.queries.operations.entitlements import limits_of, unincluded_parts
from countersign.use_cases.queries.operations.upgrade import upgrade_is_due
from countersign.use_cases.queries.pipelines import list_pipelines

if TYPE_CHECKING:
    from countersign.use_cases.services import Cloud

Status = Literal["ok", "attention", "failed", "unknown"]
MAX_COUNTED = 1_000
"""Runs and messages that are counted: more of them need the same attention."""
SANDBOX = "https://docs.aws.amazon.com/ses/latest/dg/request-production-access.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthStores:
    """The stack that is checked, and the time."""

    documents: Documents
    pages: Pages
    upgrades: Upgrades
    pipelines: Pipelines
    connections: Connections
    secrets: CredentialStore
    rejected: RejectedRequests
    held: HeldMessages
    dead_letters: DeadLetters
    entitlements: EntitlementStore
    senders: Senders | None
    """None where there is no mail service to ask."""
    command_version: str | None
    """None where the caller does not say it."""
    stack_version: str | None
    """None where the stack does not say it."""
    now: datetime


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found."""

    check: str
    status: Status
    text: str
    action: str | None = None
    """What to do about it: a command or an address to read."""


def health_stores(
    cloud: Cloud, *, command_version: str | None, stack_version: str | None, now: datetime
) -> HealthStores:
    """What is checked of a stack, by its adapters."""
    return HealthStores(
        documents=cloud.documents,
        pages=cloud.pages,
        upgrades=cloud.upgrades,
        pipelines=cloud.pipelines,
        connections=cloud.connections,
        secrets=cloud.secrets,
        rejected=cloud.rejected,
        held=cloud.held,
        dead_letters=cloud.dead_letters,
        entitlements=cloud.entitlements,
        senders=cloud.senders,
        command_version=command_version,
        stack_version=stack_version,
        now=now,
    )


def check_health(checkup: HealthStores) -> tuple[Finding, ...]:
    """Every check's finding. One that the stack does not answer is failed, and the others go on."""
    return tuple(_checked(name, check, checkup) for name, check in CHECKS.items())


def _checked(name: str, check: Callable[[HealthStores], Finding], checkup: HealthStores) -> Finding:
    try:
        return check(checkup)
    except CountersignError as error:
        return Finding(name, "failed", str(error), "check the stack and your rights")


def _stack(checkup: HealthStores) -> Finding:
    heads = list_pipelines(checkup.pipelines)
    connections = sorted_connections(checkup.connections)
    pipelines = _count(len(heads), "pipeline")
    connected = _count(len(connections), "connection")
    paused = [head.pipeline for head in heads if head.paused]
    if paused:
        action = f"countersign pipelines resume {paused[0]}"
        text = f"{pipelines}, {connected}; paused: {', '.join(paused)}"
        return Finding("stack", "attention", text, action)
    return Finding("stack", "ok", f"reachable; {pipelines}, {connected}")


def _versions(checkup: HealthStores) -> Finding:
    command, stack = checkup.command_version, checkup.stack_version
    if command is None:
        text = f"the stack is {stack}; no version was given to compare it with"
        return Finding("versions", "unknown", text)
    if stack is None:
        text = f"the command is {command}; the stack does not say its version"
        return Finding("versions", "unknown", text, "deploy the stack again")
    if command != stack:
        text = f"the command is {command}, the stack is {stack}"
        return Finding("versions", "attention", text, "use the command of the stack's version")
    return Finding("versions", "ok", f"the command and the stack are {command}")


def _search(checkup: HealthStores) -> Finding:
    progress = checkup.upgrades.progress()
    if progress.word_index == WORD_INDEX:
        return Finding("search", "ok", "documents are found by their words")
    if progress.pipeline is not None:
        text = f"the upgrade was interrupted after {_count(progress.documents, 'document')}"
        return Finding("search", "attention", text, "countersign upgrade")
    if upgrade_is_due(checkup.pages, checkup.pipelines, progress):
        text = "documents of an earlier version are not found by their words"
        return Finding("search", "attention", text, "countersign upgrade")
    return Finding("search", "ok", "documents are found by their words")


def _mail_service(checkup: HealthStores) -> Finding:
    allowed = checkup.senders.may_send_to_anybody() if checkup.senders else None
    if allowed is None:
        return Finding("mail service", "unknown", "Amazon SES did not say what it allows")
    if not allowed:
        text = "Amazon SES is in its sandbox and sends e-mails to verified addresses only"
        return Finding("mail service", "attention", text, f"request production access: {SANDBOX}")
    return Finding("mail service", "ok", "Amazon SES sends e-mails to any address")


def _senders(checkup: HealthStores) -> Finding:
    addresses = dict.fromkeys(
        address
        for head in list_pipelines(checkup.pipelines)
        for sender in checkup.pipelines.version(head.pipeline, head.version).pipeline.senders
        if (address := _address(sender)) is not None
    )
    if checkup.senders is None:
        return Finding("senders", "unknown", "there is no mail service to ask")
    verified = {address: checkup.senders.verified(address) for address in addresses}
    refused = [address for address, is_verified in verified.items() if is_verified is False]
    if refused:
        action = f"aws sesv2 create-email-identity --email-identity {refused[0]}"
        return Finding("senders", "attention", f"not verified: {', '.join(refused)}", action)
    if None in verified.values():
        return Finding("senders", "unknown", "Amazon SES did not say which are verified")
    number = len(verified)
    text = "1 address verified" if number == 1 else f"{number} addresses verified"
    return Finding("senders", "ok", text)


def _address(sender: str) -> str | None:
    try:
        return whole_domain(sender) or named(sender).address
    except AddressError:
        return None


def _secrets(checkup: HealthStores) -> Finding:
    rows = list_connections(checkup.connections, checkup.secrets)
    waiting = [row.connection.id for row in rows if row.waits_for_secret]
    if waiting:
        text = f"waiting for a secret, and refusing all messages: {', '.join(waiting)}"
        return Finding("secrets", "attention", text, set_secret(waiting[0]))
    return Finding("secrets", "ok", "no connection is waiting for a secret")


def _silence(checkup: HealthStores) -> Finding:
    silent = {}
    for connection in sorted_connections(checkup.connections):
        events = checkup.documents.recent_events(connection.id, 1)
        last = events[0].at if events else connection.created_at
        days = connection.silent_after
        if days is not None and last is not None and checkup.now - last > timedelta(days=days):
            silent[connection.id] = (checkup.now - last).days
    if silent:
        text = ", ".join(f"{name} for {_count(days, 'day')}" for name, days in silent.items())
        action = f"countersign connections show {next(iter(silent))}"
        return Finding("silence", "attention", f"no event came from {text}", action)
    return Finding("silence", "ok", "no connection has been silent for too long")


def _runs(checkup: HealthStores) -> Finding:
    states = Counter(run.state for run in islice(checkup.documents.troubled(), MAX_COUNTED))
    if not states:
        return Finding("runs", "ok", "no run has failed or is in doubt")
    least = "at least " if states.total() >= MAX_COUNTED else ""
    return Finding(
        "runs",
        "attention",
        f"{least}{states['failed']} failed, {states['in_doubt']} in doubt",
        "countersign runs list",
    )


def _dead_letters(checkup: HealthStores) -> Finding:
    letters = checkup.dead_letters
    numbers = ((queue, letters.count(queue)) for queue in letters.queues)
    counted = [f"{number} in {queue}" for queue, number in numbers if number]
    if not counted:
        return Finding("dead letters", "ok", "there are no dead letters")
    text = f"there are dead letters: {', '.join(counted)}"
    return Finding("dead letters", "attention", text, "countersign dead-letters list")


def _rejected(checkup: HealthStores) -> Finding:
    number = _counted(checkup.rejected.ids())
    if not number:
        return Finding("rejected", "ok", "nothing genuine was rejected")
    text = f"{number} genuine messages could not be read"
    if number == 1:
        text = "1 genuine message could not be read"
    elif number >= MAX_COUNTED:
        text = f"at least {number} genuine messages could not be read"
    return Finding("rejected", "attention", text, "countersign rejected list")


def _held_messages(checkup: HealthStores) -> Finding:
    heads = list_pipelines(checkup.pipelines)
    number = _counted(
        message for head in heads for message in checkup.held.list_aside(head.pipeline)
    )
    if not number:
        return Finding("held messages", "ok", "no message was set aside")
    text = f"{number} messages could not be applied and were set aside"
    if number == 1:
        text = "1 message could not be applied and was set aside"
    elif number >= MAX_COUNTED:
        text = f"at least {number} messages could not be applied and were set aside"
    return Finding("held messages", "attention", text, "countersign held-messages list")


def _entitlements(checkup: HealthStores) -> Finding:
    name, included = "entitlements", checkup.entitlements.get()
    heads = list_pipelines(checkup.pipelines)
    behind = [head.pipeline for head in heads if head.automation is not included.automation]
    if behind:
        option = "--automation" if included.automation else "--no-automation"
        text = f"automation is not switched yet for {', '.join(behind)}"
        return Finding(name, "attention", text, f"countersign entitlements set {option}")
    if not included.is_limited:
        return Finding(name, "ok", "everything is included")
    over = [
        row.pipeline
        for head in heads
        if (row := unincluded_parts(included, checkup.pipelines, head)).texts
    ]
    plan = f" {included.plan}" if included.plan else ""
    limits = ", ".join(limits_of(included))
    if not over:
        return Finding(name, "ok", f"the plan{plan} includes {limits}")
    return Finding(
        name,
        "ok",
        f"the plan{plan} includes {limits}; published with more before: {', '.join(over)}",
        f"countersign pipelines show {over[0]}",
    )


def _counted(items: Iterable[object]) -> int:
    """How many there are, as far as they are counted."""
    return sum(1 for _ in islice(items, MAX_COUNTED))


def _count(number: int, word: str) -> str:
    return f"{number} {word if number == 1 else f'{word}s'}"


CHECKS: dict[str, Callable[[HealthStores], Finding]] = {
    "stack": _stack,
    "versions": _versions,
    "search": _search,
    "mail service": _mail_service,
    "senders": _senders,
    "secrets": _secrets,
    "silence": _silence,
    "runs": _runs,
    "dead letters": _dead_letters,
    "rejected": _rejected,
    "held messages": _held_messages,
    "entitlements": _entitlements,
}
