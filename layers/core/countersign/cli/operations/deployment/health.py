"""What needs attention on a stack."""

from __future__ import annotations

from countersign import __version__
from countersign.cli.context import CliContext
from countersign.cli.remote.session import ApiSession
from countersign.errors import CountersignError, UnavailableError
from countersign.use_cases.queries.operations.health import Finding, check_health, health_stores


class StackHealth:
    """Over the adapters of a stack."""

    def __init__(self, context: CliContext) -> None:
        self._context = context

    def findings(self) -> tuple[Finding, ...]:
        """What every check found; where there is no stack, that alone."""
        try:
            cloud = self._context.cloud
        except CountersignError as error:
            action = "name the stack with --stack and --region, and check your AWS credentials"
            return (Finding("stack", "failed", str(error), action),)
        stores = health_stores(
            cloud,
            command_version=__version__,
            stack_version=cloud.version,
            now=self._context.now(),
        )
        return check_health(stores)


class ApiHealth:
    """Over the API."""

    def __init__(self, api: ApiSession) -> None:
        self._api = api

    def findings(self) -> tuple[Finding, ...]:
        """What every check found; where no answer comes, that alone."""
        try:
            reply = self._api.get("/health", {"version": __version__})
        except UnavailableError as error:
            action = "check the address given with --api, and your network"
            return (Finding("stack", "failed", str(error), action),)
        return tuple(Finding(**finding) for finding in reply["items"])


def health_of(context: CliContext) -> StackHealth | ApiHealth:
    """What needs attention, the way that commands go."""
    return StackHealth(context) if context.api is None else ApiHealth(context.api)
