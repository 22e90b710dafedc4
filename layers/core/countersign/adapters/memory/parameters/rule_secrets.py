"""Named secrets in memory."""

from __future__ import annotations

from countersign.adapters.checks import check_identifier


class MemoryRuleSecrets:
    """``ports.RuleSecrets`` in memory; never older than what was put."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    def get(self, name: str) -> str | None:
        return self._values.get(name)

    def put(self, name: str, value: str) -> None:
        check_identifier(name)
        self._values[name] = value

    def remove(self, name: str) -> None:
        self._values.pop(name, None)

    def list(self) -> tuple[str, ...]:
        return tuple(sorted(self._values))
