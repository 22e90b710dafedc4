"""A run that sends several mails: which is next, what became of each, and how the run ends.

The run's own item is the cursor. Each mail is claimed by writing it as ``sending`` before it is
handed over, so a function that dies in between leaves the run in doubt about that one mail.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from countersign.engine.runs.lifecycle import after_error, finished
from countersign.model.run import MailState, Run, RunMail


def sending(run: Run) -> int | None:
    """The mail that is claimed, from 0."""
    return next((n for n, mail in enumerate(run.mails) if mail.state == "sending"), None)


def progress(run: Run) -> str:
    """How far it is: ``2 of 3 mails are sent``; empty for a run of one mail."""
    if not run.mails:
        return ""
    return f"{len(run.sent_mails)} of {len(run.mails)} mails are sent"


def first_claim(begun: Run, mails: Sequence[RunMail], *, now: datetime) -> Run:
    """The run as it is claimed, with its first open mail ``sending``; or as it ends without one."""
    run = begun.model_copy(update={"mails": tuple(mails)})
    index = _next(run)
    return concluded(run, now=now) if index is None else _mark(run, index, "sending")


def handed_over(
    run: Run,
    index: int,
    outcome: Mapping[str, str] | Exception,
    *,
    now: datetime,
    lease: timedelta | None,
) -> Run:
    """The run after a mail was handed over, or could not be: with the next one claimed.

    ``outcome`` is what handing it over left behind, or what it raised. Without ``lease`` the next
    mail is left to the next delivery. A temporary failure has the rest tried later, what gave no
    answer leaves the run in doubt about this mail, and what lasts fails this mail alone. Where it
    was written already, a mail stays as it is known, by the service's report for example.
    """
    if run.mails[index].state != "sending":
        return run if sending(run) is not None else go_on(run, now=now, lease=lease)
    if not isinstance(outcome, Exception):
        sent = _mark(run, index, "sent", message_id=outcome.get("message_id"))
        return go_on(sent, now=now, lease=lease)
    after = after_error(run, outcome, now=now)
    if after.state == "failed":
        failed = _mark(run, index, "failed", reason=after.reason)
        return go_on(failed, now=now, lease=lease)
    return _mark(after, index, "open") if after.state == "ready" else after


def go_on(run: Run, *, now: datetime, lease: timedelta | None = None) -> Run:
    """The run with its next mail claimed until the lease ends; ready anew without a lease.

    Concluded where no mail is left. The next mail has tries of its own.
    """
    index = _next(run)
    if index is None:
        return concluded(run, now=now)
    fresh = run.with_new_tries()
    if lease is not None:
        claimed = {"attempts": 1, "lease_until": now + lease, "reason": None}
        return _mark(fresh.model_copy(update=claimed), index, "sending")
    return fresh.ready_again(due=now, reason=f"{progress(run)}; goes on with the next")


def concluded(run: Run, *, now: datetime) -> Run:
    """The run when nothing is left to send: failed where one mail failed, else done or skipped."""
    failed = [_in_words(mail) for mail in run.mails if mail.state == "failed"]
    left_out = [_in_words(mail) for mail in run.mails if mail.state == "left_out"]
    sent = [mail.to for mail in run.sent_mails]
    result = {"mails": str(len(sent)), "to": ", ".join(sent)} if sent else {}
    if failed:
        reason = "; ".join([progress(run), *failed])
        return finished(run, "failed", reason, now=now, result=result)
    if sent:
        outcome = "; ".join([progress(run), *left_out]) if left_out else None
        return finished(run, "done", outcome, now=now, result=result)
    reasons = dict.fromkeys(mail.reason or "" for mail in run.mails)
    return finished(run, "skipped", "; ".join(reasons), now=now)


def counted_as_sent(run: Run, *, by: str, now: datetime) -> Run:
    """A person counts what is in doubt, or has failed, as sent; what is open goes on."""
    counted = [
        mail.model_copy(update={"state": "sent", "reason": f"counted as sent by {by}"})
        if mail.state in ("sending", "failed")
        else mail
        for mail in run.mails
    ]
    return go_on(run.model_copy(update={"mails": tuple(counted)}), now=now)


def tried_again(run: Run) -> tuple[RunMail, ...]:
    """The mails when a person has the run tried again: those that failed are open once more."""
    return tuple(
        mail.model_copy(update={"state": "open", "reason": None})
        if mail.state in ("sending", "failed")
        else mail
        for mail in run.mails
    )


def reported(run: Run, index: int, mail: RunMail, *, now: datetime) -> Run:
    """The run after the mail service's report on a mail, which is ``sent`` or ``failed`` now.

    Always a new generation, so that who read the run before cannot write it back without.
    """
    was_claimed = run.mails[index].state == "sending"
    marked = run.model_copy(update={"mails": _with_mail(run, index, mail)})
    anew = marked.newer_than(run)
    match run.state:
        case "running" | "in_doubt" if was_claimed:
            return go_on(marked, now=now).newer_than(run)
        case "ready" if _next(marked) is None:
            return concluded(anew, now=now)
        case "done" | "failed":
            return concluded(anew, now=now)
        case _:
            return anew


def _next(run: Run) -> int | None:
    """The mail to go on with: the one that was claimed before, or the first that is open."""
    claimed = sending(run)
    if claimed is not None:
        return claimed
    return next((n for n, mail in enumerate(run.mails) if mail.state == "open"), None)


def _mark(
    run: Run,
    index: int,
    state: MailState,
    *,
    message_id: str | None = None,
    reason: str | None = None,
) -> Run:
    update: dict[str, object] = {"state": state, "reason": reason}
    if message_id is not None:
        update["message_id"] = message_id
    mail = run.mails[index].model_copy(update=update)
    return run.model_copy(update={"mails": _with_mail(run, index, mail)})


def _with_mail(run: Run, index: int, mail: RunMail) -> tuple[RunMail, ...]:
    return (*run.mails[:index], mail, *run.mails[index + 1 :])


def _in_words(mail: RunMail) -> str:
    what = "was not written to" if mail.state == "left_out" else "the mail failed"
    return f"{mail.to or mail.signer}: {what}: {mail.reason}"
