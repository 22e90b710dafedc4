"""Mutants that no test can kill: what they change makes no difference that anybody could see."""

from __future__ import annotations

from dataclasses import dataclass

from tests.mutants.mutant import Mutant


@dataclass(frozen=True, slots=True)
class Equivalent:
    """One of them, by what does not change when lines move, and why it is none."""

    file: str
    function: str
    old: str
    """The lines that change, without what they are indented by."""
    new: str
    reason: str

    def is_of(self, mutant: Mutant, source: bytes) -> bool:
        """Whether it is this one. The source is that of the mutant's file."""
        return (self.file, self.function) == (mutant.file, mutant.function) and (
            self.old,
            self.new,
        ) == mutant.changed_lines(source)


_OUTLINE = "an outline is never written: each arrival gives it its document, entry and time"

_ENOUGH = "once it is enough, looking at the rest cuts nothing more"
_LOOSE = "only what is near the limit is measured exactly; a looser bound measures more often"

_ONE_ENVELOPE = "all events of one message are of one envelope"
_ONLY_ONE = "there is only one where this is reached"

EQUIVALENT: tuple[Equivalent, ...] = (
    *(
        Equivalent(
            "use_cases/messages/apply_message.py",
            function,
            line,
            line.replace("[0]", "[(-1)]"),
            _ONE_ENVELOPE,
        )
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
    *(
        Equivalent(file, function, line, line.replace("[0]", "[(-1)]"), _ONLY_ONE)
        for file, function, line in (
            (
                "engine/envelopes/signers.py",
                "match",
                "return Match(fitting[0]) if len(fitting) == 1 else Match(None, fitting)",
            ),
            (
                "engine/runs/version_losses.py",
                "_of_timer",
                "return VersionLoss(wrong[0][1], is_gone=False) if wrong else None",
            ),
            (
                "providers/_toolkit/signers.py",
                "SignerIndex.by_reference",
                "return fitting[0] if agreed and len(fitting) == 1 else None",
            ),
            (
                "providers/_toolkit/signers.py",
                "only",
                "return several[0] if len(several) == 1 else None",
            ),
            (
                "use_cases/runs/document_lane.py",
                "_after",
                'after = finished(run, "failed", stopped[0], now=now)',
            ),
        )
    ),
    *(
        Equivalent(
            "engine/runs/version_losses.py",
            "_of_timers",
            "then = CompiledPipeline(Version(number=old.version + 1, pipeline=new))",
            f"then = CompiledPipeline(Version(number=old.version {other}, pipeline=new))",
            "nothing asks the version that is tried for its number",
        )
        for other in ("+ 2", "+ (0)", "- 1")
    ),
    Equivalent(
        "engine/explain.py",
        "explain",
        "stage=planned[0].stage,",
        "stage=planned[(-1)].stage,",
        "all runs of a stage entry are of one stage",
    ),
    Equivalent(
        "engine/explain.py",
        "_explained",
        'elif run.state == "ready" and run.due and is_too_late(run, now=run.due):',
        'elif run.state == "ready" and True and is_too_late(run, now=run.due):',
        "a run that is ready has its time",
    ),
    *(
        Equivalent("engine/decisions/size_limits.py", function, "break", "continue", _ENOUGH)
        for function in ("fitted", "_left_out", "_fields_emptied", "_signers_dropped")
    ),
    Equivalent(
        "engine/decisions/size_limits.py",
        "fitted_log",
        "if len(lines) <= MAX_LOG // MAX_ENTRY:",
        "if len(lines) < MAX_LOG // MAX_ENTRY:",
        "so few lines always fit; with one less they are measured, and fit",
    ),
    *(
        Equivalent(
            "engine/validation/lenient_parser.py",
            "",
            "_ROUNDS = 12",
            f"_ROUNDS = {number}",
            "a round takes out something of all that does not fit; hardly any pipeline needs four",
        )
        for number in ("13", "(11)")
    ),
    Equivalent(
        "engine/validation/lenient_parser.py",
        "_leave_out",
        "return place",
        "return None",
        "where nothing can be taken out nothing is checked on, and nobody asks what was left out",
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
    *(
        Equivalent("adapters/dynamodb/sizes.py", "", "ASIDE = 3_000", f"ASIDE = {number}", _LOOSE)
        for number in ("3001", "(2999)")
    ),
    *(
        Equivalent(
            "engine/schedule/business_hours.py",
            "_working_time",
            f"{name} if isinstance(day, {kind}){end},",
            f"{name} if True{end},",
            "a date is looked for, and never equals a month with a day, nor the other way round",
        )
        for name, kind, end in (
            ("days_off=frozenset(day for day in off", "date", ")"),
            ("yearly_off=frozenset(day for day in off", "tuple", ")"),
            ("yearly_special={day: spans for day, spans in special.items()", "tuple", "}"),
        )
    ),
    Equivalent(
        "engine/explain.py",
        "explain",
        "name=stage_name(program_of(planned[0].pipeline_version), planned[0].stage),",
        "name=stage_name(program_of(planned[0].pipeline_version), planned[(-1)].stage),",
        "all runs of a stage entry are of one stage",
    ),
    Equivalent(
        "use_cases/documents/tasks.py",
        "withdraw.decide",
        "updates = _of_run(store, after, change.document or document)",
        "updates = _of_run(store, after, change.document or False)",
        "what people do with a task always changes its document",
    ),
    Equivalent(
        "providers/base.py",
        "Provider.problems",
        "if MAX_AGE_HOURS not in self.options or hours is None or is_hours(hours):",
        "if False or hours is None or is_hours(hours):",
        "an option that the provider does not have is refused before",
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
    Equivalent("engine/runs/planner.py", "_outlines", "entry=0,", "entry=(-1),", _OUTLINE),
    Equivalent("engine/runs/planner.py", "_outlines", "entry=0,", "entry=1,", _OUTLINE),
    Equivalent(
        "adapters/dynamodb/table.py",
        "Table.keys",
        'ProjectionExpression="pk, sk",',
        "",
        "of the whole items the keys are taken all the same; they only travel for nothing",
    ),
    Equivalent(
        "adapters/dynamodb/sizes.py",
        "_bound",
        "return 4 * len(value.model_dump_json()) + ASIDE",
        "return 5 * len(value.model_dump_json()) + ASIDE",
        _LOOSE,
    ),
    Equivalent(
        "adapters/dynamodb/sizes.py",
        "check_change",
        "if max(bounds, default=0) > MOST_ITEM or sum(bounds) > MOST_TRANSACTION:",
        "if max(bounds, default=0) >= MOST_ITEM or sum(bounds) > MOST_TRANSACTION:",
        _LOOSE,
    ),
    Equivalent(
        "engine/runs/reschedule.py",
        "_front",
        'while (below := entry.get(chain[-1].next or "")) is not None:',
        "while (below := entry.get(chain[-1].next or False)) is not None:",
        "no rule has either for its id",
    ),
    Equivalent(
        "providers/_toolkit/signatures.py",
        "secret_in_header",
        'return bool(given) and any_equal([header_bytes(given or "")], keys)',
        'return True and any_equal([header_bytes(given or "")], keys)',
        "no usable secret is empty, so nothing is equal to none",
    ),
    Equivalent(
        "use_cases/documents/file_transfers.py",
        "check_uploads",
        "document = existing_document(documents, uploads[0].document)",
        "document = existing_document(documents, uploads[(-1)].document)",
        "all of them are of one document",
    ),
    Equivalent(
        "engine/decisions/builder.py",
        "DecisionBuilder.is_full",
        "return kept > 0 and kept + self.program.most_planned > MAX_RUNS",
        "return kept > 1 and kept + self.program.most_planned > MAX_RUNS",
        "one run more than an arrival may plan fits into a transaction as well",
    ),
    Equivalent(
        "engine/decisions/builder.py",
        "DecisionBuilder.count",
        "key=event.key,",
        "",
        "nothing asks a step for its key: its line has that of the message",
    ),
    Equivalent(
        "engine/envelopes/hand_overs.py",
        "has_handed_on",
        "return any(heirs)",
        "return all(heirs)",
        "one signer is asked about",
    ),
    Equivalent(
        "engine/envelopes/hand_overs.py",
        "_has_acted",
        "return signer.declined_at is not None and signer.declined_at > at",
        "return True and signer.declined_at > at",
        "who has declined did so at some time",
    ),
)
