"""Faults about what timelines prove, and about what is left of who was erased."""

from __future__ import annotations

from tests.crash.plantable import Planted

_STORE = "use_cases/store.py"
_TRANSACT = "use_cases/transact.py"
_HASHES = "model/log_hashes.py"
_ERASE = "use_cases/personal_data/erase.py"
_ERASURE = "engine/erasure.py"

PRIVACY: tuple[Planted, ...] = (
    Planted(
        "every change begins the hashes of its timeline anew",
        _STORE,
        "hashed(document.timeline_hash or start, change.log, salts)",
        "hashed(start, change.log, salts)",
    ),
    Planted(
        "the document does not keep the last hash",
        _STORE,
        'return change.model_copy(update={"document": document, "hashes": hashes})',
        'return change.model_copy(update={"hashes": hashes})',
    ),
    Planted(
        "a batch goes on from what was not written",
        _TRANSACT,
        "return CommitResult(outcome, written)",
        "return CommitResult(outcome, change)",
    ),
    Planted(
        "the time of an entry is not proven",
        _HASHES,
        '        "at",\n        "kind",',
        '        "kind",',
    ),
    Planted(
        "an erased entry keeps its salt",
        _HASHES,
        "return EntryHash(None, _salted(proof.salt, _content(entry)[1]), proof.timeline)",
        "return proof",
    ),
    Planted(
        "runs keep naming who was erased",
        _ERASE,
        "for run, after in replaced if after is not None and after != run",
        "for run, after in replaced if after is run",
    ),
    Planted(
        "tasks keep naming who was erased",
        _ERASE,
        "if (after := persons.value(task)) != task",
        "if (after := persons.value(task)) is None",
    ),
    Planted(
        "a run that is erased stays in its generation",
        _ERASE,
        "return None if after == run else after.newer_than(run)",
        "return None if after == run else after",
    ),
    Planted(
        "messages of who was erased stay",
        _ERASE,
        "had_raw=event.raw is not None,",
        "had_raw=False,",
    ),
    Planted(
        "what was interrupted is taken for finished",
        _ERASE,
        "            return Proposal(None, before)\n",
        '            raise NotFoundError("nobody")\n',
    ),
    Planted(
        "a mail that was made before may be claimed after an erasure",
        "use_cases/runs/perform_run.py",
        "change=with_erasures(proposal.change, snapshot.document)",
        "change=proposal.change",
    ),
    Planted(
        "a report that was read before an erasure brings back who was erased",
        "use_cases/messages/mail_events.py",
        "resolved = with_erasures(ended, snapshot.document)",
        "resolved = ended",
    ),
    Planted(
        "a mail goes to who was erased",
        "use_cases/effects/email.py",
        'if not left["to"]:',
        'if left["to"] is None:',
    ),
    Planted(
        "mails of a run that were not begun go to who was erased meanwhile",
        _ERASE,
        '"lease_until": run.lease_until + HARMLESS',
        '"lease_until": run.lease_until',
    ),
    Planted(
        "the provider's next message brings back who was erased",
        "use_cases/messages/apply_message.py",
        "if subject.document is not None and subject.document.erased:",
        "if subject.document is not None and not subject.document.id:",
    ),
    Planted(
        "the mail service's next report brings back who was erased",
        "use_cases/messages/mail_events.py",
        "if snapshot.document is not None and snapshot.document.erased:",
        "if snapshot.document is not None and not snapshot.document.id:",
    ),
    Planted(
        "who was erased changes sides",
        "engine/envelopes/signers.py",
        'if gone and signer.party != "unknown":',
        "if gone is None:",
    ),
    Planted(
        "the signed PDF of who was erased is fetched",
        "use_cases/effects/provider_files.py",
        "        if context.document.erased:\n",
        "        if context.document is None:\n",
    ),
    Planted(
        "a document is removed although a run of it is to come",
        "use_cases/personal_data/retention.py",
        "if not _is_needed(keeper.documents, document):",
        "if document.id:",
    ),
    Planted(
        "a document that has left its final stage is removed",
        "use_cases/personal_data/retention.py",
        "if (document.stage, document.entry) != (listed.stage, listed.entry):",
        "if document.id != listed.id:",
    ),
)
