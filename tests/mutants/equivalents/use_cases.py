"""Mutants of the use cases that no test can kill."""

from __future__ import annotations

from tests.mutants.equivalents.known import ONLY_ONE, Equivalent, first_is_last

_ONE_ENVELOPE = "all events of one message are of one envelope"

USE_CASES: tuple[Equivalent, ...] = (
    *(
        Equivalent(
            "use_cases/connections/connect.py",
            function,
            "own = provider.own_secrets_option is not None and provider.own_secrets_option in "
            "options",
            "own = True and provider.own_secrets_option in options",
            "no option is named None",
        )
        for function in ("made_there", "can_choose")
    ),
    Equivalent(
        "use_cases/messages/held_messages.py",
        "apply_held_messages",
        "break",
        "continue",
        "time that is up does not come back; the rest is only listed for nothing",
    ),
    Equivalent(
        "use_cases/pipelines/version_losses.py",
        "left_behind",
        "break",
        "continue",
        "it was the last one that is read",
    ),
    Equivalent(
        "use_cases/runs/migrate_runs.py",
        "_moved",
        '"generation": run.generation + 1,',
        '"generation": run.generation + 2,',
        "a generation need only be newer",
    ),
    *(
        first_is_last("use_cases/messages/apply_message.py", function, line, _ONE_ENVELOPE)
        for function, line in (
            (
                "apply_to_envelope",
                "document_id=document_id(message.connection, message.events[0].envelope),",
            ),
            ("_Application._propose", "envelope = message.events[0].envelope"),
            (
                "_subject",
                'attach = tuple(f"{connection.id}#{name}" for name in (events[0].envelope, '
                "*aliases))",
            ),
            ("_subject", "attached = (connection.id, events[0].envelope)"),
            (
                "_aliases",
                "return tuple(name for name in dict.fromkeys(names) if name and name != "
                "events[0].envelope)",
            ),
            (
                "_by_more_names",
                "names = [name for name in (events[0].envelope, *_aliases(events)) if name not in "
                "has]",
            ),
            ("_decide", "own_id = document_id(message.connection, events[0].envelope)"),
            (
                "_decide",
                "alone = not events[0].envelope or subject.nobody or (subject.document is None and "
                "idle)",
            ),
        )
    ),
    first_is_last(
        "use_cases/runs/document_lane.py",
        "_after",
        'after = finished(run, "failed", stopped[0], now=now)',
        ONLY_ONE,
    ),
    Equivalent(
        "use_cases/queries/tail.py",
        "DocumentTail.new_entries",
        "if not timeline and self.documents.get(self.document) is None:",
        "if True and self.documents.get(self.document) is None:",
        "a document that has a timeline is there; this spares the read",
    ),
    Equivalent(
        "use_cases/runs/sweep.py",
        "_tend",
        'if run.state == "ready" and run.swept >= MOST_LOST and works:',
        "if True and run.swept >= MOST_LOST and works:",
        "a run in doubt is swept twice at most",
    ),
    *(
        Equivalent(
            "use_cases/effects/mail_pace.py",
            "MailPace.refused",
            "pause = min(BREAK * 2 ** min(self._refused, 12), LONGEST_BREAK)",
            f"pause = min(BREAK * 2 ** min(self._refused, {number}), LONGEST_BREAK)",
            "2048 seconds are longer than the longest break already; this keeps numbers small",
        )
        for number in ("13", "(11)")
    ),
    Equivalent(
        "use_cases/documents/tasks.py",
        "withdraw.decide",
        "updates = _of_run(store, after, change.document or document)",
        "updates = _of_run(store, after, change.document or False)",
        "what people do with a task always changes its document",
    ),
    Equivalent(
        "use_cases/runs/backfill.py",
        "_plan.propose",
        "if any(run.rule == wanted.rule for run in runs) or _open(runs) >= MAX_RUNS:",
        "if False or _open(runs) >= MAX_RUNS:",
        "the table refuses a run that is there already; this spares the tries",
    ),
    Equivalent(
        "use_cases/runs/document_lane.py",
        "_after",
        'after = finished(run, "skipped", decision.log[-1].text, now=now)',
        'after = finished(run, "skipped", decision.log[-(0)].text, now=now)',
        "a time that came and moved nothing is one line of the timeline",
    ),
    Equivalent(
        "use_cases/documents/file_transfers.py",
        "check_uploads",
        "check_additions(existing_document(documents, uploads[0].document), uploads)",
        "check_additions(existing_document(documents, uploads[(-1)].document), uploads)",
        "all of them are of one document",
    ),
)
