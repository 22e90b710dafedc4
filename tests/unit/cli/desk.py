"""A world in memory as the command line sees it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from countersign.cli.commands import countersign
from countersign.cli.context import CliContext
from countersign.cli.remote.session import ApiSession
from countersign.errors import PermanentError
from countersign.providers.base import Request
from countersign.simulation.world import World
from countersign.use_cases.messages.receive import receive
from countersign.use_cases.services import Cloud
from tests.unit.cli.sign_in.hosted_pages import HostedPages, sign_in_tools

HOOKS = "https://hooks.example/webhooks"
ANNA = "anna@acme.example"
EVENTS = Path(__file__).parents[3] / "events"
CONTRACTS = EVENTS / "pipelines" / "contracts.yaml"


def cloud_of(world: World, **more: Any) -> Cloud:
    """The adapters of a world, and what it has not."""
    return Cloud(
        documents=world.documents,
        pages=world.pages,
        upgrades=world.upgrades,
        statistics=world.statistics,
        pipelines=world.pipelines,
        drafts=world.drafts,
        connections=world.connections,
        addresses=world.addresses,
        secrets=world.secrets,
        named_secrets=world.named_secrets,
        parked=world.parked,
        rejected=world.rejected,
        files=world.files,
        transfers=world.transfers,
        held=world.held,
        requests=world.requests,
        dead_letters=world.dead_letters,
        refusals=world.refusals,
        jobs=world.jobs,
        audit=world.audit,
        entitlements=world.entitlements,
        webhooks=HOOKS,
        heartbeats=world.heartbeats,
        **more,
    )


def _end(_: float) -> None:
    """What a command that follows waits for is Ctrl-C."""
    raise KeyboardInterrupt


class Desk:
    """Runs commands as Anna; the example pipeline is published, DocuSign is connected and a
    contract is sent. Tokens count up, and webhooks reach the world's own receiver."""

    example = CONTRACTS
    other = ""
    """Another document, where a test makes one."""

    def __init__(self) -> None:
        self.world = World()
        self.more: dict[str, Any] = {}
        self.api: ApiSession | None = None
        """What commands go over, where it is not the world itself."""
        self.pages = HostedPages([])
        self.folder = Path("nowhere")
        """Where sign-ins are kept."""
        self.wait: Callable[[float], None] = _end
        self.tokens = (f"token{n}" for n in range(1, 1000))
        self.salts = (f"{n:032x}" for n in range(1, 1000))
        self.ids = (f"{n:03}" for n in range(1, 1000))
        for command in (
            ("pipelines", "publish", str(CONTRACTS)),
            (
                *("connections", "create", "docusign", "--pipeline", "contracts"),
                *("--secret", "first", "--map", "amount=amount", "--responsible", ANNA),
            ),
            (
                *("events", "send", str(EVENTS / "docusign" / "envelope-sent.json")),
                *("--connection", "docusign"),
            ),
        ):
            result = self(*command)
            assert result.exit_code == 0, result.stderr

    def __call__(self, *arguments: str, answer: str | None = None) -> Result:
        world = self.world
        context = CliContext(
            user=ANNA,
            open_cloud=self.cloud,
            open_api=lambda: self.api,
            open_transfers=lambda: world.transfers,
            open_sign_in=lambda: sign_in_tools(self.pages, self.folder),
            now=lambda: world.now,
            token=lambda: next(self.tokens),
            salt=lambda: next(self.salts),
            new_id=lambda: next(self.ids),
            post=self.post,
            wait=lambda seconds: self.wait(seconds),
        )
        return CliRunner(mix_stderr=False).invoke(
            countersign, [*arguments], obj=context, input=answer
        )

    def cloud(self) -> Cloud:
        """The world's adapters, which nobody has who goes over the API."""
        if self.api is not None:
            raise PermanentError("this needs AWS credentials")
        return cloud_of(self.world, **self.more)

    def post(self, url: str, request: Request) -> tuple[int, str]:
        """Send a webhook to the world, and let everything that follows from it happen."""
        answer = receive(self.world.receiver, url.removeprefix(f"{HOOKS}/"), request).answer
        self.world.settle()
        return answer.status, answer.body

    @property
    def document(self) -> str:
        """The contract's id."""
        document = next(iter(self.world.documents.in_stage("contracts")))
        return document.id
