"""Secrets that rules use by name, in SSM SecureString parameters, kept in memory for a minute."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from countersign.adapters.checks import check_identifier, is_identifier
from countersign.adapters.ssm.parameters import KEPT_FOR, Parameters

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient


class SsmRuleSecrets:
    """``ports.RuleSecrets`` over SSM; ``now`` tells the time."""

    def __init__(
        self, client: Callable[[], SSMClient], prefix: str, *, now: Callable[[], datetime]
    ) -> None:
        self._parameters = Parameters(client, prefix)
        self._now = now
        self._kept: dict[str, tuple[datetime, str]] = {}

    def get(self, name: str) -> str | None:
        if not is_identifier(name):
            return None
        now = self._now()
        kept = self._kept.get(name)
        if kept is not None and now - kept[0] < KEPT_FOR:
            return kept[1]
        value = self._parameters.read(name)
        if value is not None:
            self._kept[name] = now, value
        return value

    def put(self, name: str, value: str) -> None:
        check_identifier(name)
        self._parameters.write(name, value)
        self._kept[name] = self._now(), value

    def remove(self, name: str) -> None:
        if not is_identifier(name):
            return
        self._parameters.remove(name)
        self._kept.pop(name, None)

    def list(self) -> tuple[str, ...]:
        return self._parameters.names()
