"""Faults that others have thought of, and that nothing caught when they did."""

from __future__ import annotations

from tests.crash.plantable import Planted

_FACTS = "engine/envelopes/reconcile.py"
_TABLE = "adapters/dynamodb/table.py"

FOUND: tuple[Planted, ...] = (
    # --- what messages mean
    Planted(
        "a fact of one signer swallows another's",
        _FACTS,
        "return acted == signer if signer is not None else acted in several",
        "return True",
    ),
    Planted(
        "an envelope that is reopened in the second of its end stays ended",
        "engine/envelopes/reopening.py",
        "at < document.status_at:",
        "at <= document.status_at:",
    ),
    Planted(
        "an envelope that is revived stays ended",
        _FACTS,
        '{"reactivated", "restarted", "revived"}',
        '{"reactivated", "restarted"}',
    ),
    Planted(
        "when an envelope was sent becomes when it ended",
        _FACTS,
        '{"sent": "sent_at", "completed": "completed_at"}',
        '{"completed": "sent_at"}',
    ),
    Planted(
        "when an envelope was sent is not kept",
        _FACTS,
        '{"sent": "sent_at", "completed": "completed_at"}',
        '{"completed": "completed_at"}',
    ),
    Planted(
        "a late refusal outranks completion",
        _FACTS,
        '"declined": 3,',
        '"declined": 4,',
    ),
    Planted(
        "why an envelope was voided is lost",
        _FACTS,
        '        update["reason"] = fact.reason\n    return document',
        "        pass\n    return document",
    ),
    Planted(
        "a signature that is told after the end is refused",
        _FACTS,
        "if rank < before or (rank > before and rank < 4 and _ended(document)):",
        "if rank < before or (rank > before and _ended(document)):",
    ),
    Planted(
        "an event that names no signer is late while the envelope is open",
        _FACTS,
        'return document, "late" if _ended(document) else "new"',
        'return document, "late"',
    ),
    Planted(
        "the company's domains are compared letter by letter",
        "engine/envelopes/parties.py",
        "ours = {fold_domain(domain) for domain in mapping.company_domains}",
        "ours = set(mapping.company_domains)",
    ),
    Planted(
        "who opened a mail is known by the letters of the address",
        "engine/runs/mail_events.py",
        "if same_address(signer.email, address)]",
        "if signer.email == address]",
    ),
    Planted(
        "nobody is in a group",
        "engine/conditions/operators.py",
        '"in_group": lambda value, wanted: value in wanted,',
        '"in_group": lambda value, wanted: value in () and wanted,',
    ),
    Planted(
        "a group that does not exist is an empty one",
        "engine/conditions/operators.py",
        "raise InvalidValueError(no_group(name, scope.groups))",
        'return Target(frozenset[str](), "")',
    ),
    # --- time
    Planted(
        "what is moved before a date into working time may begin at the date's next moment",
        "engine/schedule/due.py",
        "            if at <= limit:\n",
        "            if at <= limit + _MINUTE:\n",
    ),
    Planted(
        "what is moved before a date into working time may not begin at the date",
        "engine/schedule/due.py",
        "            if at <= limit:\n",
        "            if at < limit:\n",
    ),
    Planted(
        "hours before a date, at a time of day, are the day after",
        "engine/schedule/due.py",
        "return today if today <= moment else at_wall(day - _DAY, clock, zone)",
        "return today if today <= moment else at_wall(day + _DAY, clock, zone)",
    ),
    # --- runs
    Planted(
        "dead runs move with their field",
        "engine/runs/reschedule.py",
        "alive = [run for run in runs if not run.left_stage(after)]",
        "alive = list(runs)",
    ),
    Planted(
        "a dated run that is tried again is armed in the version of before",
        "engine/runs/by_person/resolve.py",
        '"date_field_version": document.version + 1 if run.date_field and not left else 0,',
        '"date_field_version": run.date_field_version,',
    ),
    Planted(
        "stopping a stage's rules cancels the timers of its triggers",
        "engine/runs/lifecycle.py",
        "and isinstance(run.purpose, RuleRun)",
        'and not run.rule.startswith("_")',
    ),
    Planted(
        "a try again falls back by a generation",
        "engine/runs/lifecycle.py",
        '            "put_off": run.put_off + 1,\n',
        '            "put_off": run.put_off + 1,\n            "generation": run.generation - 1,\n',
    ),
    Planted(
        "a timer that fired nothing is done",
        "use_cases/runs/document_lane.py",
        'after = finished(run, "skipped", decision.log[-1].text, now=now)',
        'after = finished(run, "done", decision.log[-1].text, now=now)',
    ),
    Planted(
        "what comes while a pipeline is resumed waits for the sweep",
        "use_cases/pipelines/pause.py",
        "    after = apply_held_messages(receiver, pipeline)\n",
        "    after = before\n",
    ),
    # --- what is kept
    Planted(
        "a parked request loses its connection's options",
        "use_cases/messages/receive.py",
        "events = _events(provider, secrets, verified",
        'events = _events(provider, secrets.model_copy(update={"options": {}}), verified',
    ),
    Planted(
        "messages of two connections that say the same take one place",
        "model/incoming_message.py",
        "(self.connection, *keys)",
        "(*keys,)",
    ),
    Planted(
        "numbers go through floating point",
        "adapters/dynamodb/items.py",
        '"N": Decimal,',
        '"N": lambda text: Decimal(repr(float(text))),',
    ),
    Planted(
        "a single item is read weakly",
        _TABLE,
        "Key=_named(key), ConsistentRead=True)",
        "Key=_named(key), ConsistentRead=False)",
    ),
    Planted(
        "what an arrival needs is read weakly",
        _TABLE,
        "def get_all(self, wanted: Iterable[Key], *, consistent: bool = True)",
        "def get_all(self, wanted: Iterable[Key], *, consistent: bool = False)",
    ),
    Planted(
        "a lease ends before its function does",
        "wiring/stack.py",
        "LEASE = timedelta(minutes=2)",
        "LEASE = timedelta(seconds=50)",
    ),
)
