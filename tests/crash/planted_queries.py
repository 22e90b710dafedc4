"""Faults in what people are shown, in what a run is for, and in what a connection is given."""

from __future__ import annotations

from tests.crash.plantable import Planted

_QUERIES = "use_cases/queries"
_CREDENTIALS = "use_cases/connections/credentials.py"
_PURPOSE = "model/run_purpose.py"

QUERIES: tuple[Planted, ...] = (
    Planted(
        "failed runs are listed by name and not by age",
        f"{_QUERIES}/runs.py",
        "(unresolved_since(run), str(run.key))",
        "str(run.key)",
    ),
    Planted(
        "a search that was cut says that it read everything",
        f"{_QUERIES}/documents.py",
        "cut=cursor is not None",
        "cut=False",
    ),
    Planted(
        "a word that a document has lost still finds it",
        "engine/decisions/word_index.py",
        '"old_words": lost[:then]',
        '"old_words": ()',
    ),
    Planted(
        "words for which a transaction has no room are forgotten",
        "engine/decisions/word_index.py",
        '"words_to_add": gained[now:]',
        '"words_to_add": ()',
    ),
    Planted(
        "the backlog ends before all words are written",
        "use_cases/runs/propagate.py",
        "if not (writing.is_short or lacks_words):",
        "if not writing.is_short:",
    ),
    Planted(
        "a new address of a signer is not looked at",
        "model/search_words.py",
        "[(signer.name, signer.email, signer.members) for signer in document.signers]",
        "[signer.name for signer in document.signers]",
    ),
    Planted(
        "a cursor of other filters is taken",
        f"{_QUERIES}/pages/cursors.py",
        "if self._cursor(place) != cursor:",
        "if False:",
    ),
    Planted(
        "a page goes on behind what was read instead of what was given",
        "adapters/pages.py",
        "return Page(tuple(page_entries), its_place if more else None)",
        "return Page(tuple(page_entries), place if more else None)",
    ),
    Planted(
        "an interrupted upgrade begins anew",
        "use_cases/upgrade.py",
        "        upgrader.upgrades.note(noted)\n        yield progress",
        "        yield progress",
    ),
    Planted(
        "a group's tasks of another pipeline count as the user's",
        f"{_QUERIES}/tasks.py",
        "if task.pipeline == program.pipeline.pipeline:",
        "if True:",
    ),
    Planted(
        "a rejected message is shown with the connection's secrets",
        f"{_QUERIES}/operations/rejected.py",
        "text = text.replace(secret, REDACTED)",
        "pass",
    ),
    Planted(
        "messages that were set aside are listed as the store has them",
        f"{_QUERIES}/operations/messages.py",
        "sorted(held.list_aside(name), key=_arrival)",
        "held.list_aside(name)",
    ),
    Planted(
        "an older version of a pipeline is shown as the published one",
        f"{_QUERIES}/pipelines.py",
        "number or head.version",
        "head.version",
    ),
    Planted(
        "retiring keeps the old secret and drops the new one",
        _CREDENTIALS,
        "tokens, secrets = tokens[:1], rotation.secrets or secrets[:1]",
        "tokens, secrets = tokens[:1], secrets[1:]",
    ),
    Planted(
        "a new secret is put behind the old ones",
        _CREDENTIALS,
        "return tuple(dict.fromkeys((*secrets, *known.secrets)))",
        "return tuple(dict.fromkeys((*known.secrets, *secrets)))",
    ),
    Planted(
        "an option that is changed drops the others",
        _CREDENTIALS,
        '"options": {**known.options, **change.options},',
        '"options": {**change.options},',
    ),
    Planted(
        "an option that the provider does not have is taken",
        "use_cases/connections/connect.py",
        "if name not in provider.options",
        "if False",
    ),
    Planted(
        "the backlog of an older version is never worked off",
        _PURPOSE,
        '{_BACKLOG, "settle.rest"}',
        "{_BACKLOG}",
    ),
    Planted(
        "a run that is ready again has the generation of before",
        "model/run.py",
        '"generation": before.generation + 1',
        '"generation": before.generation',
    ),
    Planted(
        "a mail that waits for the daily quota rings no alarm",
        "adapters/lambda_/lanes.py",
        "if performed.quota:",
        "if False:",
    ),
    Planted(
        "one that is tried again holds up the chain below those that had their turn",
        "engine/runs/reschedule.py",
        "chain[turns[-1] if turns else 0 :]",
        "chain",
    ),
    Planted(
        "a list of the same second drops who it does not name",
        "engine/envelopes/signers.py",
        "later = document.state_at is None or as_of > document.state_at",
        "later = document.state_at is None or as_of >= document.state_at",
    ),
    Planted(
        "a timer that failed cannot be tried again",
        "engine/runs/by_person/resolve.py",
        "return program.timed_trigger(timer) is not None",
        "return program.rule(run.stage, timer.name) is not None",
    ),
)
