"""What the deployment's plan includes: shown and set."""

from __future__ import annotations

from collections.abc import Mapping

from countersign.cli.context import CliContext
from countersign.cli.remote.session import ApiSession
from countersign.model.entitlements import Entitlements
from countersign.use_cases import entitlements as use_cases


class StackEntitlements:
    """Over the adapters of a stack."""

    def __init__(self, context: CliContext) -> None:
        self._context = context

    def get(self) -> Entitlements:
        """What is included."""
        return self._context.cloud.entitlements.get()

    def set(self, changes: Mapping[str, object]) -> Entitlements:
        """What is included once the changes are made; what they do not name stays."""
        stores = self._context.entitlement_stores(self._context.auditor)
        return use_cases.set_entitlements(stores, changes)


class ApiEntitlements:
    """Over the API."""

    def __init__(self, api: ApiSession) -> None:
        self._api = api

    def get(self) -> Entitlements:
        """What is included."""
        return self._tagged()[0]

    def set(self, changes: Mapping[str, object]) -> Entitlements:
        """What is included once the changes are made; what they do not name stays.

        ConflictError where somebody else has set them meanwhile.
        """
        before, tag = self._tagged()
        after = use_cases.changed(before, changes)
        self._api.put("/entitlements", after.model_dump(mode="json", exclude={"version"}), tag=tag)
        return self.get()

    def _tagged(self) -> tuple[Entitlements, str]:
        reply, tag = self._api.tagged("/entitlements")
        return Entitlements.model_validate({**reply, "version": tag.strip('"')}), tag


def entitlements_of(context: CliContext) -> StackEntitlements | ApiEntitlements:
    """What the plan includes, the way that commands go."""
    return StackEntitlements(context) if context.api is None else ApiEntitlements(context.api)
