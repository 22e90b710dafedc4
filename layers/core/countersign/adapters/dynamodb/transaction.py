"""A change as one TransactWriteItems, and the refusals of its parts as our errors.

The client adds the request's token by itself and keeps it when it tries again after a timeout, so
that a second try within one call writes nothing twice. Calls that look alike must not share a
token: DynamoDB would let the second succeed without judging its conditions.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError

from countersign.adapters.aws.errors import AWS_ERRORS, code_of, our_error
from countersign.adapters.dynamodb import items, keys
from countersign.adapters.dynamodb.items import Item
from countersign.adapters.dynamodb.keys import Key
from countersign.adapters.dynamodb.sizes import check_sizes
from countersign.adapters.dynamodb.table import SERVICE, Table
from countersign.errors import (
    ConflictError,
    CountersignError,
    DuplicateError,
    LeftStageError,
    PermanentError,
    RanBeforeError,
    RepeatedRequestError,
    StaleRunError,
    TooLargeError,
    UnavailableError,
)
from countersign.model.document import Document
from countersign.model.request_key import RequestKey
from countersign.model.task import Task
from countersign.model.transaction import Precondition, RewrittenEvent, RunUpdate, Transaction

if TYPE_CHECKING:
    from countersign.model.audit import AuditEntry

Refusal = Literal["repeated", "duplicate", "left", "ran_before", "stale", "conflict", "none"]
NEW = {"ConditionExpression": "attribute_not_exists(pk)"}


@dataclass(frozen=True, slots=True)
class TransactionAction:
    """One action of the transaction, and what it means when its condition does not hold."""

    action: str
    request: dict[str, Any]
    refusal: Refusal = "none"
    about: str = ""
    """The event's key, or what the error's text speaks of."""
    stay: Precondition | None = None


def write(table: Table, parts: Sequence[TransactionAction]) -> None:
    """Write all of it or nothing; raises what ``ports.Documents.commit`` promises."""
    if not parts:
        return
    check_sizes(part.request["Item"] for part in parts if part.action == "Put")
    requests: Any = [{part.action: {"TableName": table.name, **part.request}} for part in parts]
    try:
        table.client.transact_write_items(TransactItems=requests)
    except AWS_ERRORS as error:
        if isinstance(error, ClientError) and code_of(error) == "TransactionCanceledException":
            answer: Mapping[str, Any] = error.response
            raise _refused(parts, answer.get("CancellationReasons", ())) from error
        raise our_error(SERVICE, error) from error


def parts_of(change: Transaction) -> Iterator[TransactionAction]:
    """Every action of a change that ``checks.check`` let pass."""
    document = change.document
    if change.request is not None:
        yield request_part(change.request)
    if change.stay is not None:
        yield _stay(change.stay)
    if document is not None:
        yield from _document_parts(change, document)
    version = 0 if document is None else document.version
    for number, event in enumerate(change.events):
        yield put(items.dump_event(version, number, event), NEW, "duplicate", event.key)
        if event.raw is not None:
            yield put(items.dump_raw(event))
    for rewritten in change.rewritten:
        yield from _rewritten(rewritten)
    for run in change.planned:
        yield put(items.dump_run(run), NEW, "conflict", f"run {run.key}")
    for update in change.updates:
        yield _update(update)
    for task in change.tasks:
        yield _task(task)
    for key in change.once:
        condition = {
            "ConditionExpression": "attribute_not_exists(pk) OR entry = :entry",
            "ExpressionAttributeValues": {":entry": {"N": str(key.entry)}},
        }
        mark = items.dump_once(keys.once(key), key.entry)
        yield put(mark, condition, "ran_before", f"rule {key.rule} of document {key.document}")


def put(
    item: Item,
    condition: Mapping[str, Any] | None = None,
    refusal: Refusal = "none",
    about: str = "",
) -> TransactionAction:
    """Write an item, if the condition holds."""
    return TransactionAction("Put", {"Item": item, **(condition or {})}, refusal, about)


def request_part(request: RequestKey) -> TransactionAction:
    """Note an idempotency key that is not in use; the table forgets old ones late."""
    condition = {
        "ConditionExpression": "attribute_not_exists(pk) OR expires_ttl <= :now",
        "ExpressionAttributeValues": {":now": {"N": str(int(request.at.timestamp()))}},
    }
    item = items.dump_request_key(request)
    return put(item, condition, "repeated", f"the idempotency key {request.key}")


def delete(
    key: Key, condition: Mapping[str, Any] | None = None, about: str = ""
) -> TransactionAction:
    """Delete an item, if the condition holds; one that is not there counts as done."""
    request = {"Key": {"pk": {"S": key[0]}, "sk": {"S": key[1]}}, **(condition or {})}
    return TransactionAction("Delete", request, "conflict", about)


def recorded_with(entry: AuditEntry | None, table: str | None) -> Iterator[TransactionAction]:
    """Write the audit entry of a change, if there is one, into the audit log's own table."""
    if entry is not None:
        from countersign.adapters.dynamodb.stores.configuration.audit_items import written_with

        yield written_with(entry, table)


def _document_parts(change: Transaction, document: Document) -> Iterator[TransactionAction]:
    condition = _still(change.was_version)
    about = f"document {document.id}"
    yield put(items.dump_document(document), condition, "conflict", about)
    yield from map(put, items.dump_logs(change))
    yield from (put(items.dump_log(document.id, part)) for part in change.parts)
    for envelope in change.attach:
        alias = items.dump_alias(envelope, document.id)
        yield put(alias, NEW, "conflict", f"envelope {envelope}")
    for word in change.new_words:
        yield put(items.dump_word(word, document))
    for word in change.old_words:
        yield delete(keys.word_place(word, document))


def _rewritten(rewritten: RewrittenEvent) -> Iterator[TransactionAction]:
    version, number, event = rewritten.mark.version, rewritten.mark.number, rewritten.mark.event
    if event.key != rewritten.was:
        yield delete(keys.event(event.document, event.connection, rewritten.was))
        yield put(items.dump_event(version, number, event))
    if rewritten.had_raw:
        yield delete(keys.raw_message(event.document, event.connection, rewritten.was))


def _update(update: RunUpdate) -> TransactionAction:
    run = update.run
    holds = "#state = :was AND generation = :generation"
    values = {":was": {"S": update.was}, ":generation": {"N": str(update.was_generation)}}
    if update.was_lease is not None:
        holds += " AND lease_until = :lease"
        values[":lease"] = items.write(update.was_lease)
    condition = {
        "ConditionExpression": holds,
        "ExpressionAttributeNames": {"#state": "state"},
        "ExpressionAttributeValues": values,
    }
    about = f"run {run.key} is not {update.was} in its {update.was_generation}. generation"
    return put(items.dump_run(run), condition, "stale", about)


def _task(task: Task) -> TransactionAction:
    condition = _still(task.version - 1 or None)
    return put(items.dump_task(task), condition, "conflict", f"task {task.key}")


def _still(version: int | None) -> Mapping[str, Any]:
    """It is still in that version; for None, it does not exist yet."""
    if version is None:
        return NEW
    return {
        "ConditionExpression": "version = :was",
        "ExpressionAttributeValues": {":was": {"N": str(version)}},
    }


def _stay(stay: Precondition) -> TransactionAction:
    pk, sk = keys.document(stay.document)
    wanted = {"entry": stay.entry, "version": stay.version}
    given = {name: value for name, value in wanted.items() if value is not None}
    if stay.erasures:
        given["erasures"] = stay.erasures
    unerased = ["attribute_not_exists(erasures)"] if stay.erasures == 0 else []
    named = [f"{name} = :{name}" for name in given]
    condition = " AND ".join(["attribute_exists(pk)", *named, *unerased])
    request: dict[str, Any] = {
        "Key": {"pk": {"S": pk}, "sk": {"S": sk}},
        "ConditionExpression": condition,
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    if given:
        request["ExpressionAttributeValues"] = {
            f":{name}": {"N": str(value)} for name, value in given.items()
        }
    about = f"document {stay.document}"
    return TransactionAction("ConditionCheck", request, "left", about, stay)


def _refused(
    parts: Sequence[TransactionAction], reasons: Sequence[Mapping[str, Any]]
) -> CountersignError:
    """The error for a cancelled transaction, by the reason that stands at each action's place."""
    failed: dict[Refusal, list[str]] = {}
    others: dict[str, str] = {}
    for part, reason in zip(parts, reasons, strict=False):
        code = reason.get("Code", "None")
        if code == "ConditionalCheckFailed":
            failed.setdefault(_refusal(part, reason), []).append(part.about)
        elif code == "TransactionConflict":
            failed.setdefault("conflict", []).append(part.about or "a part of the change")
        elif code != "None":
            others[code] = str(reason.get("Message", ""))
    for refusal in ("repeated", "duplicate", "left", "ran_before", "stale", "conflict"):
        if about := failed.get(refusal):
            return _error(refusal, about)
    text = "; ".join(f"{code}: {message}" for code, message in others.items())
    if "ValidationError" in others and "size" in text:
        return TooLargeError(f"{SERVICE} cannot keep a part of the change: {text}")
    if "ValidationError" in others:
        return PermanentError(f"{SERVICE} cannot keep a part of the change: {text}")
    return UnavailableError(f"{SERVICE} cannot write now: {text or 'no reason given'}")


def _refusal(part: TransactionAction, reason: Mapping[str, Any]) -> Refusal:
    """For a document that must stay: whether it has left, or was only changed."""
    there, stay = reason.get("Item"), part.stay
    if stay is None or (stay.version is None and stay.erasures is None) or not there:
        return part.refusal
    if stay.entry in (None, int(there["entry"]["N"])):
        return "conflict"
    return part.refusal


def _error(refusal: Refusal, about: Sequence[str]) -> CountersignError:
    names = ", ".join(about)
    if refusal == "repeated":
        return RepeatedRequestError(f"{names} was used before")
    if refusal == "duplicate":
        return DuplicateError(tuple(about))
    if refusal == "left":
        return LeftStageError(f"{names} has left the stage entry")
    if refusal == "ran_before":
        return RanBeforeError(f"{names} ran for an earlier stage entry")
    if refusal == "stale":
        return StaleRunError(f"{names} any more")
    return ConflictError(f"{names} was changed by somebody else")
