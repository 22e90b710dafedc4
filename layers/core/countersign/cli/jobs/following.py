"""Watching a job until it has ended."""

from __future__ import annotations

from typing import Any

import click

from countersign.cli.context import CliContext
from countersign.cli.operations.jobs import Watch, jobs_of
from countersign.cli.output.formats import show_one, utc
from countersign.cli.output.text import one_line
from countersign.cli.parsing.groups import ERROR
from countersign.model.job import Job

EVERY = 1.0
"""Seconds between two looks."""


def follow(context: CliContext, job: Job) -> None:
    """Show how far the job is until it has ended, and then what came of it.

    Ctrl-C ends the watching, not the job. Exit code 1 where it failed or something was refused.
    """
    ended = watched(context, job)
    if ended is None:
        return
    show_one(job_record(ended), job_lines(ended))
    end_with(ended)


def watched(context: CliContext, job: Job) -> Job | None:
    """Show how far the job is until it has ended; None where Ctrl-C ended the watching, and the job
    goes on."""
    try:
        return _watch(context, job)
    except KeyboardInterrupt:
        text = f"the job goes on: countersign jobs show {job.id}, or jobs abort {job.id}"
        click.echo(f"\n{text}", err=True)
        return None


def carried_out(context: CliContext) -> Watch:
    """What shows how far a job is until it has ended, for commands that print something else then.

    Where it failed, was aborted or refused something, it is shown, and the command ends with exit
    code 1.
    """

    def watch(job: Job) -> Job | None:
        ended = watched(context, job)
        if ended is not None:
            if ended.state != "done" or ended.refused:
                show_one(job_record(ended), job_lines(ended))
            end_with(ended)
        return ended

    return watch


def end_with(job: Job) -> None:
    """End the command with exit code 1 where the job failed or something was refused."""
    if job.state != "done" or job.refused:
        raise click.exceptions.Exit(ERROR)


def _watch(context: CliContext, job: Job) -> Job:
    label = f"job {job.id}"
    jobs = jobs_of(context)
    bar: Any
    with click.progressbar(length=max(1, job.matched), label=label, file=_stderr()) as bar:
        while job.is_open:
            context.wait(EVERY)
            before, job = job, jobs.show(job.id)
            bar.length = max(1, job.matched)
            bar.update(job.done + job.refused - before.done - before.refused)
    return job


def _stderr() -> Any:
    return click.get_text_stream("stderr")


def job_record(job: Job) -> dict[str, Any]:
    """A job as records have it."""
    return {
        "job": job.id,
        "kind": job.kind,
        "state": job.state,
        "by": job.by,
        "matched": job.matched,
        "done": job.done,
        "refused": job.refused,
        "refusals": job.refusals,
        "reason": job.reason,
        "arguments": None if job.private else job.arguments,
        "created_at": job.created_at,
        "updated_at": job.updated_at,
        "ended_at": job.ended_at,
    }


def job_lines(job: Job) -> list[str]:
    """A job as people read it."""
    numbers = f"{job.done:,} of {job.matched:,} done, {job.refused:,} refused"
    lines = [
        f"job {job.id}: {job.state}{f', {job.reason}' if job.reason else ''}",
        f"  {job.kind}, started by {job.by} at {utc(job.created_at)} UTC",
        f"  {numbers}{f', {job.left:,} left' if job.left else ''}",
    ]
    if job.ended_at is not None:
        lines.append(f"  ended at {utc(job.ended_at)} UTC")
    lines += [f"  refused: {refusal.item}: {refusal.reason}" for refusal in job.refusals]
    others = job.refused - len(job.refusals)
    if others:
        lines.append(f"  and {others:,} others")
    return [one_line(line) for line in lines]
