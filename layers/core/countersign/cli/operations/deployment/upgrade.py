"""Filling what is new in a table that has data, the way that commands go."""

from __future__ import annotations

from collections.abc import Iterator

from countersign.cli.context import CliContext
from countersign.cli.operations.jobs import Watch
from countersign.cli.operations.read import job_of
from countersign.cli.remote.session import ApiSession
from countersign.model.upgrade import UpgradeProgress
from countersign.use_cases.upgrade import upgrade


class StackUpgrade:
    """Over the adapters of a stack."""

    def __init__(self, context: CliContext) -> None:
        self._context = context

    def steps(self, watch: Watch) -> Iterator[UpgradeProgress]:
        """How far it has come, after each page of what it fills."""
        return upgrade(self._context.upgrader)


class ApiUpgrade:
    """Over the API, by a job."""

    def __init__(self, api: ApiSession) -> None:
        self._api = api

    def steps(self, watch: Watch) -> Iterator[UpgradeProgress]:
        """How far it came in the end; nothing where nobody watches it any more."""
        job = job_of(self._api.post("/upgrade"))
        if watch(job) is not None:
            reply = self._api.get("/upgrade")
            names = UpgradeProgress.model_fields.keys() & reply.keys()
            yield UpgradeProgress.model_validate({name: reply[name] for name in names})


def upgrade_of(context: CliContext) -> StackUpgrade | ApiUpgrade:
    """Upgrading, the way that commands go."""
    return StackUpgrade(context) if context.api is None else ApiUpgrade(context.api)
