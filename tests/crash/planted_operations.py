"""Faults in what people operate with: outages, quotas, and what the command line prints."""

from __future__ import annotations

from tests.crash.plantable import Planted

OPERATIONS: tuple[Planted, ...] = (
    # --- what is counted later
    Planted(
        "a step fires the trigger again that it fired before its signer was named",
        "engine/decisions/triggers.py",
        "or _had_its_turn(candidate, lateness.before)",
        "or None",
    ),
    Planted(
        "a signer who is named counts as of the party from before",
        "engine/envelopes/deferred_steps.py",
        'update = {"party": before.party, "role"',
        'update = {"party": signer.party, "role"',
    ),
    Planted(
        "sent is not counted behind a later step",
        "engine/envelopes/reconcile.py",
        'if "document.sent" not in document.heard and 1',
        "if document.status is None and 1",
    ),
    Planted(
        "a delivery is not counted behind a later step",
        "engine/envelopes/reconcile.py",
        'first = status == "delivered" and "document.delivered" not in document.heard',
        "first = False",
    ),
    # --- outages and quotas
    Planted(
        "a message that waits for an outage to end uses up a try",
        "adapters/lambda_/batches.py",
        "except OutageError as error:",
        "except ZeroDivisionError as error:",
    ),
    Planted(
        "a message forgets since when it waits",
        "adapters/sqs/redelivery.py",
        "_number(attributes, SINCE) or int(",
        "int(",
    ),
    Planted(
        "every wait for the daily quota is noted",
        "engine/runs/lifecycle.py",
        "was.quota_since is None and run",
        "run",
    ),
    Planted(
        "a used-up daily quota counts as throttling",
        "adapters/ses/mailer.py",
        "return QuotaError(text)",
        "return ThrottledError(text)",
    ),
    # --- whole values
    Planted(
        "a chain that was put off is forgotten",
        "use_cases/runs/propagate.py",
        "self._later(own.entry)",
        "pass",
    ),
    Planted(
        "an answer that could not be cleaned keeps its body",
        "use_cases/effects/http_call.py",
        '"headers": {}, "body": b"", "unread"',
        '"headers": {}, "unread"',
    ),
    Planted(
        "a timer that moved its document is skipped",
        "use_cases/runs/document_lane.py",
        "elif isinstance(run.purpose, TimerRun) and not decision.moved:",
        "elif isinstance(run.purpose, TimerRun):",
    ),
    Planted(
        "a text without room becomes a mark",
        "engine/decisions/size_limits.py",
        "cut(text, most) if most else None",
        "cut(text, most)",
    ),
    # --- the command line
    Planted(
        "times in JSON are in the zone of the machine",
        "cli/output/formats.py",
        "value.astimezone(UTC).isoformat()",
        "value.isoformat()",
    ),
    Planted(
        "what is not allowed ends like any error",
        "cli/parsing/groups.py",
        "return NOT_ALLOWED",
        "return ERROR",
    ),
    Planted(
        "colours are written where there is no terminal",
        "cli/output/terminal.py",
        'stream.isatty() and not os.environ.get("NO_COLOR")',
        "True",
    ),
    Planted(
        "a plan without changes ends as one with changes",
        "cli/pipelines/plan.py",
        "if exit_code and planned.diff:",
        "if exit_code:",
    ),
    Planted(
        "tail prints every entry again",
        "use_cases/queries/tail.py",
        "self._printed[document.id] = len(timeline)",
        "pass",
    ),
    Planted(
        "a sender that is not verified is not reported",
        "use_cases/queries/operations/health.py",
        "is_verified is False",
        "is_verified is None",
    ),
    Planted(
        "an unexpected failure of a rule does not fail the script",
        "simulation/play.py",
        "key not in self.known_failures",
        "False",
    ),
    Planted(
        "a missed expectation counts as met",
        "simulation/play.py",
        "self.met += number - len(missed)",
        "self.met += number",
    ),
)
