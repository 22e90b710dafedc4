"""`make chaos`: breaks the deployed template on a local cloud while webhooks come, then counts.

Functions are killed, the cloud is stopped and started with its state, SES refuses, or takes mails
and its answers are lost, webhooks come twice. What a person would do is done through the product's
own means: sweeping as its schedule does, trying again what failed. Ends with 1 where anything was
lost, or came twice without being said to be in doubt first.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from countersign.local.build import build
from countersign.local.cloud import free_port
from countersign.local.deploy import deploy
from countersign.local.playing import local_stack
from countersign.local.progress import interruptible
from countersign.local.project import find_project
from countersign.model.actor import done_by, user
from countersign.use_cases.connections.connect import Connector, NewCredentials, connect
from countersign.use_cases.pipelines.publish import Publisher, publish
from countersign.use_cases.services import Cloud
from tests.chaos.breaking import Breaker
from tests.chaos.cloud import MortalCloud
from tests.chaos.count import Faults, Outcome, count
from tests.chaos.mail_line import MailLine
from tests.chaos.outside import Post, Reporter
from tests.chaos.scene import CONNECTION, NEW_SECRET, SECRET, Envelope, contracts, run_of
from tests.chaos.sender import Sender, deliveries
from tests.chaos.tending import BY, Tender

SPAN = 45.0
"""Seconds over which envelopes are sent out."""
AGAIN = 0.2
"""The share of messages that the provider sends twice."""
WARM = 4
"""Webhooks that are accepted, and a first mail that comes, before anything is broken."""


def main() -> int:
    """Break it, count, tell."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of everything that is drawn")
    parser.add_argument("--documents", type=int, default=100)
    parser.add_argument("--outage", type=float, default=600, help="seconds without a mail service")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="countersign-chaos-"))
    started = time.monotonic()
    # What breaks when need not be hard to guess.
    random = Random(given.seed)  # noqa: S311
    outcome = run(folder, given.documents, given.outage, random)
    _say(f"\nseed {given.seed}, {time.monotonic() - started:.0f} s")
    _say("MiniStack keeps its state over a graceful stop only: it was stopped with SIGTERM,")
    _say("its functions with SIGKILL. What its streams had not handed on is lost in a stop.\n")
    _say("\n".join(outcome.lines()))
    if outcome.wrong:
        _say(f"\n{len(outcome.wrong)} wrong; logs are in {folder}")
        return 1
    shutil.rmtree(folder)
    _say("\nnothing lost, nothing twice unannounced")
    return 0


def run(folder: Path, envelopes: int, outage: float, random: Random) -> Outcome:
    """One run from an empty cloud to the count; everything that was started is ended."""
    project, post, faults = find_project(Path(__file__).parent), Post(), Faults()
    out = tuple(map(Envelope, range(envelopes)))
    planned = deliveries(envelopes, span=SPAN, again=AGAIN, random=random)
    _say("building ...")
    template = build(project)
    with ExitStack() as at_the_end:
        at_the_end.enter_context(post.open())
        port = free_port()
        line = MailLine(f"http://127.0.0.1:{port}", random, lambda: mortal.kill_mailing())
        at_the_end.enter_context(line.open())
        mortal = MortalCloud(project, folder, port=port, smtp_port=post.port, mails=line.endpoint)
        at_the_end.callback(mortal.end)
        mortal.start()
        _say("deploying ...")
        deployed = deploy(project, mortal.cloud, template)
        outputs, stack = deployed.outputs, local_stack(mortal.cloud, deployed)
        tender = Tender(mortal, outputs, stack, post, line, faults)
        sender = Sender(f"{deployed.webhooks}/{_connected(stack)}", planned)
        reporter = Reporter(
            post,
            run_of,
            lambda body: mortal.client("sqs").send_message(
                QueueUrl=outputs["FeedbackQueueUrl"], MessageBody=body
            ),
            outputs["ConfigurationSet"],
        )
        _say(f"sending {len(planned)} webhooks of {envelopes} envelopes while things break ...")
        at_the_end.enter_context(sender.sending(threading.Event()))
        at_the_end.enter_context(reporter.reporting())
        at_the_end.enter_context(line.watching(stack.documents.run))
        while (len(sender.accepted) < WARM or not post.mails) and not sender.is_done:
            time.sleep(0.1)

        def rotate() -> None:
            _replace_secret(stack)
            sender.secret = NEW_SECRET

        breaker = Breaker(mortal, line, faults, random, outage=outage, rotate=rotate)
        breaker.break_things(_say)
        _say("letting it come to rest ...")
        tender.come_to_rest(out, sender, reporter, _say)
        return count(stack, out, sender, post.mails, faults, line)


def _connected(stack: Cloud) -> str:
    """Publish the pipeline and connect the provider; the connection's address."""
    now = datetime.now(UTC)
    publisher = Publisher(pipelines=stack.pipelines, documents=stack.documents)
    publish(publisher, contracts(), done_by(user(BY), now))
    connected = connect(
        Connector(
            connections=stack.connections,
            credentials=stack.secrets,
            pipelines=stack.pipelines,
        ),
        CONNECTION,
        NewCredentials(
            token=stack.addresses.make(CONNECTION.id, "t0ken-of-this-run"), secrets=(SECRET,)
        ),
    )
    return connected.address


def _replace_secret(stack: Cloud) -> None:
    """Both count for a while: what the provider sends again is signed with the old one."""
    kept = stack.secrets.get(CONNECTION.id)
    assert kept is not None
    stack.secrets.put(kept.model_copy(update={"secrets": (NEW_SECRET, *kept.secrets)}))


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(interruptible(main))
