"""Drafts as items of the table: what a list shows as attributes, the content compressed."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

from countersign.adapters.dynamodb import keys
from countersign.adapters.dynamodb.items import Attribute, Item, readable
from countersign.adapters.dynamodb.transaction import NEW, TransactionAction, delete, put
from countersign.adapters.instants import iso
from countersign.errors import TooLargeError
from countersign.model.draft import Draft
from countersign.standards.exact_json import read_exact, write_exact

MAX_BYTES = 1_000_000
"""Of a content as JSON, as of a pipeline file."""
MAX_COMPRESSED = 350_000
"""Of a content, compressed; an item holds 400 KB (DynamoDB's quota)."""


def packed_content(draft: Draft) -> bytes:
    """The draft's content as it is kept; TooLargeError where it has too many bytes."""
    text = write_exact(draft.content).encode()
    if len(text) > MAX_BYTES:
        raise _too_large(draft, len(text), MAX_BYTES)
    body = zlib.compress(text, level=9)
    if len(body) > MAX_COMPRESSED:
        raise _too_large(draft, len(body), MAX_COMPRESSED, ", compressed")
    return body


def _too_large(draft: Draft, size: int, most: int, how: str = "") -> TooLargeError:
    text = f"the draft of {draft.pipeline} has {size:,} bytes{how}; expected at most {most:,}"
    return TooLargeError(f"{text}; shorten the longest texts, or share them as mail templates")


def dump_draft(draft: Draft) -> Item:
    """The draft, listed with the others in the index ``board``."""
    pk, sk = keys.pipeline_draft(draft.pipeline)
    item: Item = {
        "pk": {"S": pk},
        "sk": {"S": sk},
        "type": {"S": "draft"},
        "board_pk": {"S": keys.DRAFTS},
        "board_sk": {"S": draft.pipeline},
        "version": {"N": str(draft.version)},
        "created_at": {"S": iso(draft.created_at)},
        "saved_at": {"S": iso(draft.saved_at)},
        "saved_by": {"S": draft.saved_by},
        "body": {"B": packed_content(draft)},
    }
    if draft.base_version is not None:
        item["base_version"] = {"N": str(draft.base_version)}
    return item


def parse_draft(item: Mapping[str, Attribute]) -> Draft:
    """The draft of ``dump_draft``; UnreadableError for one of another version."""
    with readable(item):
        base = item.get("base_version")
        body = zlib.decompress(bytes(item["body"]["B"]))
        return Draft(
            pipeline=item["pk"]["S"].removeprefix("PIPELINE#"),
            content=read_exact(body),
            base_version=None if base is None else int(base["N"]),
            version=int(item["version"]["N"]),
            created_at=item["created_at"]["S"],
            saved_at=item["saved_at"]["S"],
            saved_by=item["saved_by"]["S"],
        )


def put_draft(draft: Draft) -> TransactionAction:
    """Write the draft over the version before its own, or a first one where there is none."""
    before = draft.model_copy(update={"version": draft.version - 1})
    condition = NEW if draft.version == 1 else _as_read(before)
    return put(dump_draft(draft), condition, "conflict", f"the draft of {draft.pipeline}")


def delete_draft(draft: Draft) -> TransactionAction:
    """Delete the draft, if it is there as it was read."""
    about = f"the draft of {draft.pipeline}"
    return delete(keys.pipeline_draft(draft.pipeline), _as_read(draft), about)


def _as_read(draft: Draft) -> dict[str, object]:
    return {
        "ConditionExpression": "version = :version AND created_at = :created",
        "ExpressionAttributeValues": {
            ":version": {"N": str(draft.version)},
            ":created": {"S": iso(draft.created_at)},
        },
    }
