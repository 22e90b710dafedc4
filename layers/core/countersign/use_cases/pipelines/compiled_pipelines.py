"""Programs by pipeline and version: made once, since a published version never changes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from countersign.engine.compiled_pipeline import CompiledPipeline
from countersign.errors import NotFoundError
from countersign.ports import Pipelines


class CompiledPipelines:
    """Keeps the programs that were used last."""

    def __init__(self, pipelines: Pipelines, keep: int = 64) -> None:
        self._pipelines = pipelines
        self._keep = keep
        self._programs: OrderedDict[tuple[str, int], CompiledPipeline] = OrderedDict()

    def get(self, pipeline: str, version: int) -> CompiledPipeline:
        """The program of a published version; NotFoundError where there is none."""
        key = (pipeline, version)
        program = self._programs.get(key)
        if program is None:
            program = CompiledPipeline(self._pipelines.version(pipeline, version))
            self._programs[key] = program
            if len(self._programs) > self._keep:
                self._programs.popitem(last=False)
        else:
            self._programs.move_to_end(key)
        return program

    def current(self, pipeline: str) -> CompiledPipeline:
        """The program of the version that is published now; NotFoundError where there is none."""
        head = self._pipelines.head(pipeline)
        if head is None:
            msg = f"the pipeline {pipeline} is not published"
            raise NotFoundError(msg)
        return self.get(pipeline, head.version)

    def of(self, pipeline: str) -> Callable[[int], CompiledPipeline]:
        """The versions of one pipeline."""
        return lambda version: self.get(pipeline, version)
