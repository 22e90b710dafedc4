"""`python -m countersign.local run`: build, start, deploy, stay up until Ctrl-C."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from countersign.errors import CountersignError, PermanentError
from countersign.local.build import build
from countersign.local.cloud import DEFAULT_PORT, require_free, running_cloud
from countersign.local.contract_story import StandIns
from countersign.local.deploy import deploy
from countersign.local.endpoints import endpoints_file
from countersign.local.mail_files import keeping_mails
from countersign.local.mail_reports import playing_reports
from countersign.local.people import LocalPeople, make_people, session_of, signed_in
from countersign.local.playing import local_stack
from countersign.local.progress import INTERRUPTED, Progress, interruptible
from countersign.local.project import Project, find_project
from countersign.local.provider_stand_in import ProviderStandIn
from countersign.local.servers import serving
from countersign.local.story import Story
from countersign.model.person import ROLES


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m countersign.local", description=__doc__)
    parser.add_argument("command", choices=["run"])
    parser.parse_args(arguments)
    try:
        run(find_project(Path(__file__).parent), port=_port())
    except CountersignError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def run(project: Project, *, port: int) -> None:
    """Everything up, and up until interrupted."""
    started = time.monotonic()
    require_free(port)
    with ExitStack() as at_the_end:
        with Progress("building"):
            template = build(project)
        with Progress(f"starting the local cloud on port {port}"):
            cloud = at_the_end.enter_context(running_cloud(project, port=port, name="run"))
        with Progress("deploying template.yaml"):
            stack = deploy(project, cloud, template)
        with Progress("signing in as an administrator"):
            people = make_people(cloud, stack)
            session_of(stack.api, signed_in(people, people.people["administrator"])["access_token"])
        at_the_end.enter_context(playing_reports(cloud, stack))
        mails = at_the_end.enter_context(keeping_mails(cloud))
        stand_in = ProviderStandIn()
        address = at_the_end.enter_context(serving(stand_in))
        print(f"ready after {time.monotonic() - started:.0f} s\n", flush=True)
        story = Story(
            project.root / "events",
            local_stack(cloud, stack),
            cloud,
            StandIns(provider=stand_in, address=address, mails=mails),
        )
        for line in story.tell():
            print(line, flush=True)
        endpoints = at_the_end.enter_context(
            endpoints_file(project, cloud, stack, people, story.endpoints(stack.webhooks))
        )
        print(
            f"\nconsole    {people.console}\n"
            f"{_sign_ins(people)}\n\n"
            f"webhooks   {stack.webhooks}/<connection>\n"
            f"API        {stack.api}\n"
            f"mailbox    {cloud.mailbox}\n"
            f"mails      {mails.folder.relative_to(project.root)}\n"
            f"AWS        {cloud.endpoint} ({cloud.region})\n"
            f"addresses  {endpoints.relative_to(project.root)}\n\n"
            "Next:      open the console and sign in, or\n"
            "           .venv/bin/countersign documents\n"
            "           .venv/bin/countersign documents show DOCUMENT --why\n"
            "           .venv/bin/countersign documents files DOCUMENT\n"
            "           .venv/bin/countersign login\n"
            "           .venv/bin/countersign programs show viewer\n\n"
            "Ctrl-C ends it.",
            flush=True,
        )
        while True:
            signal.pause()


def _sign_ins(people: LocalPeople) -> str:
    """A line for each person: who signs in, and by which password."""
    return "\n".join(
        f"{'sign in' if number == 0 else '':<9}  {sign_in.email:<27}  {sign_in.password}"
        for number, sign_in in enumerate(people.people[role] for role in reversed(ROLES))
    )


def _port() -> int:
    text = os.environ.get("COUNTERSIGN_PORT", str(DEFAULT_PORT))
    if not text.isdecimal() or not 1024 <= int(text) <= 65535:
        raise PermanentError(f"COUNTERSIGN_PORT is {text!r}; expected a port from 1024 to 65535")
    return int(text)


if __name__ == "__main__":
    # Ctrl-C is how it ends: `make` need not report it as an error.
    code = interruptible(lambda: main(sys.argv[1:]))
    sys.exit(0 if code == INTERRUPTED else code)
