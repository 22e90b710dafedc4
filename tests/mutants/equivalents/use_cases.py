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
        'if run.state == "ready" and run.swept >= MAX_LOST and works:',
        "if True and run.swept >= MAX_LOST and works:",
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
    *(
        Equivalent(
            "use_cases/personal_data/erase.py",
            "_Rest.steps",
            "size = 0",
            f"size = {number}",
            "a byte of three million; a transaction takes four",
        )
        for number in ("1", "(-1)")
    ),
    *(
        Equivalent(
            "use_cases/personal_data/erase.py",
            "_Rest.steps",
            "parts, size = list(self.parts), 0",
            f"parts, size = list(self.parts), {number}",
            "each step sets it anew",
        )
        for number in ("1", "(-1)")
    ),
    *(
        Equivalent(
            "use_cases/queries/runs.py",
            "_sources",
            'update={"states": tuple(sorted(others)), "failed": False, "in_doubt": False}',
            f'update={{"states": tuple(sorted(others)), {flags}}}',
            "the list of those that wait holds no other runs",
        )
        for flags in (
            '"failed_": False, "in_doubt": False',
            '"failed": True, "in_doubt": False',
            '"failed": False, "in_doubt_": False',
            '"failed": False, "in_doubt": True',
        )
    ),
    *(
        Equivalent(
            "use_cases/queries/runs.py",
            "_only",
            'return wanted.model_copy(update={"states": (state,), "failed": False, "in_doubt": '
            "False})",
            f'return wanted.model_copy(update={{"states": (state,), {failed}, "in_doubt": False}})',
            "the list of those that are due holds none that failed",
        )
        for failed in ('"failed_": False', '"failed": True')
    ),
    Equivalent(
        "use_cases/queries/operations/run_calendar.py",
        "due_days",
        "days = Counter(at.astimezone(zone).date() for at in due if at is not None)",
        "days = Counter(at.astimezone(zone).date() for at in due if True)",
        "a run that is ready has its time",
    ),
    Equivalent(
        "use_cases/statistics/rebuild.py",
        "_facts",
        "lines=documents.timeline_between(document.id, 0, document.version),",
        "lines=documents.timeline_between(document.id, (-1), document.version),",
        "versions begin with 1",
    ),
    Equivalent(
        "use_cases/statistics/record.py",
        "_DocumentChanges.add",
        "if self.removed is None or image.created_at >= self.removed.created_at:",
        "if self.removed is None or image.created_at > self.removed.created_at:",
        "a document is removed once; repeated, it is the same",
    ),
    Equivalent(
        "use_cases/runs/dispatch.py",
        "_was_scheduled",
        'return run.state == "ready" and run.due is not None and run.due > now',
        'return run.state == "ready" and True and run.due > now',
        "a run that is ready has its time",
    ),
    Equivalent(
        "use_cases/jobs/kinds/rebuild_statistics.py",
        "_Place.epochs",
        "return Epochs(newest=self.epoch or 0, begun_at=self.begun_at, rebuilding=True)",
        "return Epochs(newest=self.epoch or False, begun_at=self.begun_at, rebuilding=True)",
        "it is asked for once the epoch has begun",
    ),
    *(
        Equivalent(
            "use_cases/jobs/kinds/rebuild_statistics.py",
            "_Place.epochs",
            "return Epochs(newest=self.epoch or 0, begun_at=self.begun_at, rebuilding=True)",
            f"return Epochs(newest=self.epoch or {other}, begun_at=self.begun_at, rebuilding=True)",
            "it is asked for once the epoch has begun",
        )
        for other in ("(-1)", "1")
    ),
    Equivalent(
        "use_cases/runs/effect_lanes.py",
        "_in_this_entry",
        "if change is None or change.document or change.stay or len(change.updates) == 1:",
        "if change is None or change.document or False or len(change.updates) == 1:",
        "only a claim says where its document must stay, and it is of one run",
    ),
    *(
        Equivalent(
            "use_cases/queries/catalogue/vocabulary.py",
            "_blank",
            'return Pipeline.model_validate({"pipeline": "any", "stages": [{"id": "any"}]})',
            f'return Pipeline.model_validate({{"pipeline": "{names[0]}", "stages": '
            f'[{{"id": "{names[1]}"}}]}})',
            "any names will do",
        )
        for names in (("any_", "any"), ("any", "any_"))
    ),
    Equivalent(
        "use_cases/queries/statistics.py",
        "_Counters._below",
        "if number and len(name_parts) > size and name_parts[:size] == parts",
        "if number and True and name_parts[:size] == parts",
        "no counter has the beginning of others for its name",
    ),
    Equivalent(
        "use_cases/queries/pages/documents.py",
        "looked_up",
        "return WordQuery(word=address, whole=True)",
        "return WordQuery(word=address, )",
        "the filter compares whole addresses; more documents are read for it",
    ),
    Equivalent(
        "use_cases/queries/pages/cursors.py",
        "PagedList._place",
        'padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)',
        'padded = cursor.encode("ascii_") + b"=" * (-len(cursor) % 4)',
        "Python knows the encoding by this name, too",
    ),
    Equivalent(
        "use_cases/documents/move.py",
        "_has_moved",
        "if line.entry <= wanted.entry:",
        "if line.entry < wanted.entry:",
        "no job has moved a document before it found it; more lines are read for it",
    ),
    Equivalent(
        "use_cases/documents/move.py",
        "_has_moved",
        'if line.kind == "moved" and line.cause == cause:',
        "if True and line.cause == cause:",
        "a move is the first of what a job causes, and all that follows it causes is after it",
    ),
    Equivalent(
        "use_cases/runs/backfill.py",
        "_is_ours",
        "return run.rule == wanted.rule and run.job == job",
        "return True and run.job == job",
        "a job plans runs of one rule",
    ),
    Equivalent(
        "use_cases/runs/migrate_runs.py",
        "RunMove.run",
        "run_update.run for run_update in self.updates if run_update.run.key == self.was.key",
        "run_update.run for run_update in self.updates if True",
        "a run's own update stands before those of the runs below it",
    ),
    *(
        Equivalent(
            "use_cases/jobs/kinds/erase_person.py",
            "_seconds",
            "return ceil((entry.not_before - now).total_seconds()) if entry.not_before else 0",
            "return ceil((entry.not_before - now).total_seconds()) if entry.not_before else "
            f"{other}",
            "only an entry that is too early is asked, which has a time",
        )
        for other in ("1", "(-1)")
    ),
    first_is_last(
        "use_cases/messages/apply_message.py",
        "_subject",
        'direct = events[0].detail.get("document")',
        "a message that names a document in its detail has one event",
    ),
    Equivalent(
        "use_cases/personal_data/recorded.py",
        "record_export",
        "if auditor is not None and entry is not None:",
        "if auditor is not None and True:",
        "whoever records has an entry",
    ),
    Equivalent(
        "use_cases/personal_data/erase.py",
        "_erased_before",
        'signer = document.signer(subject.signer or "")',
        "signer = document.signer(subject.signer or False)",
        "no signer has either for an id",
    ),
    Equivalent(
        "use_cases/personal_data/erase.py",
        "_check_not_in_charge",
        "if user is not None and person.text(user) != user:",
        "if True and person.text(user) != user:",
        "nothing is replaced in None",
    ),
)
