"""Over how many partition keys each list, and each item that all read, is spread.

A partition serves 1,000 write units and 3,000 read units a second. A key that gets part of every
webhook must not take more than a tenth of that at 1,000 webhooks a second: so many shards as a
webhook costs units there, times 1,000, through 100 (300 of reads), up to the next power of two.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
An entry of an index costs one unit when it comes, changes or goes, two when its key changes.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html
"""

from __future__ import annotations

import zlib

BOARD = 64
"""A document that is moved costs 2, another change of it 1: 5, were each webhook to move its
document, one rule to move it again, and another to change it."""
DUE = 128
"""A run that becomes ready costs 1, its claim 2, its end 1: 12 for the three rules of a stage."""
EVENTS = 32
"""1 for each event of a message; most bring one, some as many as three."""
TROUBLE = 32
"""1 for each run that fails: 3, were it all three of each webhook."""
TASKS = 32
"""1 when a task is made, 1 when it is changed and 1 when it is done, up to 1 KB of it: 3."""
HELD = 32
"""A message of 6 KB to a paused pipeline costs 2, compressed; 3, if that saves less."""
WITHOUT_DOCUMENT = 128
"""An event that concerns no document costs 2, with a message of 6 KB 8 in all."""
WORDS = 64
"""Of all words that begin with the same two letters. A word that a document gains costs 2: 5, were
every second webhook to make a document with five such words."""
COPIES = 32
"""Of the item that every webhook and every run reads, of at most 4 KB: 1 for a webhook, and 2 for
each of three runs, make 7, of which a key may take 9."""

STATISTICS = 8
"""A day's counters cost 5 KB twice a transaction, and a transaction counts some 20 documents or
more where there is so much to count: 50 transactions a second cost 500."""


def shard_of(text: str, shards: int) -> int:
    """The shard of what has this name, from 0; the same in every process, unlike ``hash``."""
    return zlib.crc32(text.encode()) % shards


def spread(key: str, number: int) -> str:
    """The partition key of a shard; the first one has the key that there was before any others."""
    return f"{key}#{number}" if number else key
