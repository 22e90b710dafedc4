"""Mutants of adapters and providers that no test can kill."""

from __future__ import annotations

from tests.mutants.equivalents.known import ONLY_ONE, Equivalent, first_is_last

_LOOSE = "only what is near the limit is measured exactly; a looser bound measures more often"

OUTSIDE: tuple[Equivalent, ...] = (
    Equivalent(
        "providers/_toolkit/reading.py",
        "_without",
        "details = error.errors(include_url=False, include_input=False, include_context=True)",
        "details = error.errors(include_url=False, include_input=False, )",
        "pydantic includes it unless told",
    ),
    Equivalent(
        "providers/_toolkit/reading.py",
        "with_warnings",
        "if not texts or not events:",
        "if False or not events:",
        "without warnings the events are as they were",
    ),
    first_is_last(
        "providers/_toolkit/signers.py",
        "SignerIndex.by_reference",
        "return fitting[0] if agreed and len(fitting) == 1 else None",
        ONLY_ONE,
    ),
    first_is_last(
        "providers/_toolkit/signers.py",
        "only",
        "return several[0] if len(several) == 1 else None",
        ONLY_ONE,
    ),
    Equivalent(
        "providers/_toolkit/redaction.py",
        "_lower_text",
        "return body.decode().lower()",
        "return None",
        "every message is walked through then, to the same end",
    ),
    *(
        Equivalent("adapters/dynamodb/sizes.py", "", "ASIDE = 3_000", f"ASIDE = {number}", _LOOSE)
        for number in ("3001", "(2999)")
    ),
    Equivalent(
        "providers/base.py",
        "Provider.problems",
        "if MAX_AGE_HOURS not in self.options or hours is None or is_hours(hours):",
        "if False or hours is None or is_hours(hours):",
        "an option that the provider does not have is refused before",
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
        "if max(bounds, default=0) > MAX_ITEM or sum(bounds) > MAX_TRANSACTION:",
        "if max(bounds, default=0) >= MAX_ITEM or sum(bounds) > MAX_TRANSACTION:",
        _LOOSE,
    ),
    Equivalent(
        "providers/_toolkit/signatures.py",
        "secret_in_header",
        'return bool(given) and any_equal([header_bytes(given or "")], keys)',
        'return True and any_equal([header_bytes(given or "")], keys)',
        "no usable secret is empty, so nothing is equal to none",
    ),
    *(
        Equivalent(
            "adapters/dynamodb/run_pages.py",
            "RunPages.waiting",
            "for number, run in enumerate(self._runs_at(place), 1):",
            f"for number, run in enumerate(self._runs_at(place), {other}):",
            "places are only compared with places of the same count",
        )
        for other in ("(0)", "2")
    ),
    *(
        Equivalent(
            "adapters/dynamodb/run_pages.py",
            "RunPages.waiting",
            "there = chain([begun] if begun and given != WHOLE else [], cards)",
            f"there = chain([begun] if {other} else [], cards)",
            "of a document that was read whole every run is passed",
        )
        for other in ("begun or given != WHOLE", "begun and True", "True and given != WHOLE")
    ),
    *(
        Equivalent(
            "adapters/dynamodb/stores/configuration/pipelines.py",
            "DynamoPipelines.remove",
            "version = 0 if head is None else head.version",
            f"version = {other} if head is None else head.version",
            "what is not there has no version that could be another one",
        )
        for other in ("1", "(-1)")
    ),
    *(
        Equivalent(
            "adapters/dynamodb/stores/process/statistics.py",
            function,
            "for epoch in (REMOVED, *range(there.oldest, there.newest + 1)):",
            "for epoch in (REMOVED, *range(there.oldest, there.newest + 2)):",
            "an epoch that has not begun holds nothing",
        )
        for function in ("DynamoStatistics.read", "DynamoStatistics.present")
    ),
    first_is_last(
        "adapters/dynamodb/keys.py",
        "log_parts",
        "return int(version), int(piece[0]) if piece else 0",
        ONLY_ONE,
    ),
)
