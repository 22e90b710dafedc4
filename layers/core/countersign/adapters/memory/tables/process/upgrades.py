"""How far the upgrade of the state in memory has come."""

from __future__ import annotations

from countersign.adapters.memory.tables.process.state import MemoryState
from countersign.model.task import Task
from countersign.model.upgrade import UpgradeProgress


class MemoryUpgrades:
    """``ports.Upgrades`` in memory."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state
        self._progress = UpgradeProgress()

    def progress(self) -> UpgradeProgress:
        return self._progress

    def note(self, progress: UpgradeProgress) -> None:
        self._progress = progress

    def write_again(self, task: Task) -> bool:
        there = self._state.tasks.get(task.key)
        if there is None or there.version != task.version:
            return False
        self._state.tasks[task.key] = task
        return True
