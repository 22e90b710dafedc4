"""Programs by pipeline and version: made once, since a published version never changes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from countersign.engine.compiled_pipeline import CompiledPipeline
from countersign.errors import NotFoundError
from countersign.model.pipeline import Head
from countersign.ports import Pipelines


class CompiledPipelines:
    """Keeps the programs that were used last."""

    def __init__(self, pipelines: Pipelines, keep: int = 64) -> None:
        self._pipelines = pipelines
        self._keep = keep
        self._programs: OrderedDict[tuple[str, int, bool], CompiledPipeline] = OrderedDict()

    def get(self, pipeline: str, version: int) -> CompiledPipeline:
        """The program of a published version, by which its runs go on; NotFoundError where there is
        none."""
        return self._get(pipeline, version, automation=True)

    def published(self, head: Head) -> CompiledPipeline:
        """The program by which is decided now: that of the head's version, without automation where
        the head says so."""
        return self._get(head.pipeline, head.version, automation=head.automation)

    def _get(self, pipeline: str, version: int, *, automation: bool) -> CompiledPipeline:
        key = (pipeline, version, automation)
        program = self._programs.get(key)
        if program is None:
            published = self._pipelines.version(pipeline, version)
            program = CompiledPipeline(published, automation=automation)
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
        return self.published(head)

    def of(self, pipeline: str) -> Callable[[int], CompiledPipeline]:
        """The versions of one pipeline."""
        return lambda version: self.get(pipeline, version)
