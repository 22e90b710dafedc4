"""Mutants of the engine that no test can kill."""

from __future__ import annotations

from tests.mutants.equivalents.known import ONLY_ONE, Equivalent, first_is_last

_OUTLINE = "an outline is never written: each arrival gives it its document, entry and time"
_ENOUGH = "once it is enough, looking at the rest cuts nothing more"

_SEARCH = "nobody's working time begins on the last day of so long a search"
ENGINE: tuple[Equivalent, ...] = (
    *(
        Equivalent(file, "", f"{name} = {number}", f"{name} = {other}", reason)
        for file, name, number, reason in (
            ("engine/schedule/business_hours.py", "_TWO_YEARS", 731, _SEARCH),
            ("engine/schedule/business_hours.py", "_SEARCHED", 3653, _SEARCH),
            ("engine/schedule/holiday_regions.py", "MAX_HOLIDAYS_A_YEAR", 50, _SEARCH),
            ("engine/runs/kept_files.py", "BEHIND", "9_998", "any place behind the rules will do"),
        )
        for other in (int(number) + 1, f"({int(number) - 1})")
    ),
    *(
        Equivalent(
            "engine/conditions/operators.py",
            "",
            "_kept = lru_cache(maxsize=4096)(_fixed)",
            f"_kept = lru_cache({size})(_fixed)",
            "how many are kept only costs time",
        )
        for size in ("maxsize=4097", "maxsize=(4095)", "")
    ),
    Equivalent(
        "engine/conditions/operators.py",
        "_within",
        "return (now, then) if signed > 0 else (then, now)",
        "return (now, then) if signed >= 0 else (then, now)",
        "no days are answered before",
    ),
    Equivalent(
        "engine/envelopes/signers.py",
        "title_to_take",
        "if state.title is None or document.title is None:",
        "if False or document.title is None:",
        "a title that is not told is None whichever way it is taken",
    ),
    Equivalent(
        "engine/runs/reschedule.py",
        "move_with_fields",
        "if run.date_field is None or not waits or not _follows(run, before, after):",
        "if False or not waits or not _follows(run, before, after):",
        "a run without a date field follows none",
    ),
    first_is_last(
        "engine/envelopes/signers.py",
        "match",
        "return Match(fitting[0]) if len(fitting) == 1 else Match(None, fitting)",
        ONLY_ONE,
    ),
    first_is_last(
        "engine/runs/version_losses.py",
        "_of_timer",
        "return VersionLoss(wrong[0][1], is_gone=False) if wrong else None",
        ONLY_ONE,
    ),
    Equivalent(
        "engine/runs/version_losses.py",
        "_problems",
        'yield ("settings", *settings_place(place)), text',
        'yield ("settings_", *settings_place(place)), text',
        "places are only compared with places",
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
        "engine/conditions/operators.py",
        "_within",
        "return (local.date(), day) if signed >= 0 else (day, local.date())",
        "return (local.date(), day) if signed > 0 else (day, local.date())",
        "no days on is today, from either side",
    ),
    Equivalent(
        "engine/runs/planner.py",
        "is_behind",
        "if pending_updates is None or run.date_field is None or run.is_half_sent:",
        "if pending_updates is None or False or run.is_half_sent:",
        "no pending update is of no field",
    ),
    Equivalent(
        "engine/runs/reschedule.py",
        "_since",
        "if before.pending_updates is None or _differs(field, before, after):",
        "if False or _differs(field, before, after):",
        "without pending updates only a field that differs is asked about",
    ),
    Equivalent(
        "engine/schedule/business_hours.py",
        "BusinessHours.add_working_days",
        "days = self._working_days(day, _DAY if n > 0 else -_DAY)",
        "days = self._working_days(day, _DAY if n > (-1) else -_DAY)",
        "none is answered before",
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
        "if len(lines) <= MAX_LOG // (MAX_ENTRY + HASH_SIZE):",
        "if len(lines) < MAX_LOG // (MAX_ENTRY + HASH_SIZE):",
        "so few lines always fit; with one less they are measured, and fit",
    ),
    Equivalent(
        "engine/decisions/size_limits.py",
        "fitted_log",
        "if len(lines) <= MAX_LOG // (MAX_ENTRY + HASH_SIZE):",
        "if len(lines) <= MAX_LOG // (MAX_ENTRY - HASH_SIZE):",
        "either is 33 lines",
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
    Equivalent("engine/runs/planner.py", "_outlines", "entry=0,", "entry=(-1),", _OUTLINE),
    Equivalent("engine/runs/planner.py", "_outlines", "entry=0,", "entry=1,", _OUTLINE),
    Equivalent(
        "engine/runs/reschedule.py",
        "_front",
        'while (below := entry.get(chain[-1].next or "")) is not None:',
        "while (below := entry.get(chain[-1].next or False)) is not None:",
        "no rule has either for its id",
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
    Equivalent(
        "engine/schedule/business_hours.py",
        "BusinessHours.add_working_days",
        "days = self._working_days(day, _DAY if n > 0 else -_DAY)",
        "days = self._working_days(day, _DAY if n >= 0 else -_DAY)",
        "none is answered before",
    ),
    Equivalent(
        "engine/statistics/counting.py",
        "with_document",
        'elif line.kind == "event" and (reported := _MAIL_EVENTS.get(line.event or "")):',
        'elif line.kind == "event" and (reported := _MAIL_EVENTS.get(line.event or False)):',
        "neither is the name of an event",
    ),
    Equivalent(
        "engine/envelopes/reconcile.py",
        "_news",
        "first = kind in PROGRESS and date is not None and getattr(known, date) is None",
        "first = kind in PROGRESS and True and getattr(known, date) is None",
        "each step on the way has a date; the types do not say so",
    ),
    Equivalent(
        "engine/runs/reschedule.py",
        "release_kept",
        "below = [run for run in by_rule.values() if run.rule != last.rule]",
        "below = [run for run in by_rule.values() if True]",
        "a chain never leads back to the run that hands on",
    ),
    *(
        Equivalent("engine/erasure.py", "Eraser.text", "if not self.persons or not text:", new, why)
        for new, why in (
            ("if False or not text:", "where nobody is looked for, nobody is found"),
            ("if not self.persons and not text:", "nobody is found in an empty text"),
            ("if not self.persons or False:", "nobody is found in an empty text"),
        )
    ),
    *(
        Equivalent(
            "engine/erasure.py",
            "Eraser.text",
            "if known.words > 1:",
            f"if known.words {other}:",
            "names of one word are found in no text; this spares the search",
        )
        for other in (">= 1", "> (0)")
    ),
    Equivalent(
        "engine/erasure.py",
        "_Known.phone",
        'known = number is not None and self._has("phone", number)',
        'known = True and self._has("phone", number)',
        "no number is known as None",
    ),
    Equivalent(
        "engine/erasure.py",
        "_Known.without_names",
        "while place < len(words):",
        "while place <= len(words):",
        "no name begins behind the last word",
    ),
    Equivalent(
        "engine/erasure.py",
        "_number",
        'digits = re.sub(r"\\D", "", text.replace("(0)", ""), flags=re.ASCII).lstrip("0")',
        'digits = re.sub(r"\\D", "", text.replace("(0)", ""), ).lstrip("0")',
        "what looks like a number has no other digits",
    ),
    Equivalent(
        "engine/runs/version_losses.py",
        "_restored",
        "stages = [Stage(id=stage.id) for stage in old.stages if new.stage(stage.id) is None]",
        "stages = [Stage(id=stage.id) for stage in old.stages if True]",
        "a stage is looked for by its id, and the second of one id is never found",
    ),
    *(
        Equivalent(
            "engine/erasure.py", "Eraser._walked", old, new, "what others have named is text"
        )
        for old, new in (
            (
                "return type(value)(self._walked(element, free=free) for element in value)",
                "return type(value)(self._walked(element, ) for element in value)",
            ),
            (
                "else self._walked(member, free=free or name in FREE)",
                "else self._walked(member, free=False or name in FREE)",
            ),
        )
    ),
)
