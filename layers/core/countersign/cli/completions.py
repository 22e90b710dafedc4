"""What a shell offers for an argument or option: values of the stack that the command line uses.

Whatever goes wrong, nothing is offered: a shell that completes is no place for errors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from countersign.cli.context import CliContext
    from countersign.model.pipeline import Pipeline

MOST = 100
"""Documents that are offered."""
_Values = Iterable[tuple[str, str | None]]
"""What can stand there, and what is said about it."""
Completer = Callable[[click.Context, click.Parameter, str], "list[CompletionItem]"]


def _completer(values: Callable[[CliContext, click.Context], _Values]) -> Completer:
    def complete(ctx: click.Context, _: click.Parameter, begun: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        from countersign.cli.stack import context_of

        try:
            found = values(context_of(ctx.find_root(), tell=lambda _: None), ctx)
            return [
                CompletionItem(value, help=text) for value, text in found if value.startswith(begun)
            ]
        except Exception:
            return []

    return complete


def _pipelines(context: CliContext, _: click.Context) -> _Values:
    return ((head.pipeline, head.name) for head in context.cloud.pipelines.list())


def _stages(context: CliContext, ctx: click.Context) -> _Values:
    stages = {
        stage.id: stage.name for pipeline in _those_meant(context, ctx) for stage in pipeline.stages
    }
    return stages.items()


def _those_meant(context: CliContext, ctx: click.Context) -> Iterator[Pipeline]:
    """The pipeline that the command line names so far, or that of its document; or all."""
    named = ctx.params.get("pipeline")
    document = ctx.params.get("document")
    if document and (found := context.cloud.documents.get(document)) is not None:
        named = found.pipeline
    for head in context.cloud.pipelines.list():
        if named in (None, head.pipeline):
            yield context.programs.get(head.pipeline, head.version).pipeline


def _documents(context: CliContext, _: click.Context) -> _Values:
    store = context.cloud.documents
    heads = context.cloud.pipelines.list()
    every = (document for head in heads for document in store.in_stage(head.pipeline))
    return ((document.id, document.title) for document in islice(every, MOST))


def _connections(context: CliContext, _: click.Context) -> _Values:
    return ((one.id, one.name) for one in context.cloud.connections.list())


def _secrets(context: CliContext, _: click.Context) -> _Values:
    return ((name, None) for name in context.cloud.named_secrets.list())


def _queues(context: CliContext, _: click.Context) -> _Values:
    return ((queue, None) for queue in context.cloud.dead_letters.queues)


def _providers(_: CliContext, __: click.Context) -> _Values:
    from countersign.providers import PROVIDERS

    return ((name, None) for name in PROVIDERS.kinds)


def _kinds(_: CliContext, __: click.Context) -> _Values:
    from countersign.rules import RULES
    from countersign.triggers import TRIGGERS

    return ((kind, None) for kind in (*TRIGGERS.kinds, *RULES.kinds))


pipelines = _completer(_pipelines)
stages = _completer(_stages)
documents = _completer(_documents)
connections = _completer(_connections)
secrets = _completer(_secrets)
queues = _completer(_queues)
providers = _completer(_providers)
kinds = _completer(_kinds)
