"""What a shell offers for an argument or option: values of the stack that the command line uses.

Whatever goes wrong, nothing is offered: a completing shell is not a place for errors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from countersign.cli.context import CliContext

MOST = 100
"""Documents that are offered."""
_Values = Iterable[tuple[str, str | None]]
"""What can stand there, and what is said about it."""
Completer = Callable[[click.Context, click.Parameter, str], "list[CompletionItem]"]


def _completer(values: Callable[[CliContext, click.Context], _Values]) -> Completer:
    """Offers the values that begin with what was typed."""
    return _completer_of_many(
        lambda context, ctx, begun: (
            (value, text) for value, text in values(context, ctx) if value.startswith(begun)
        )
    )


def _completer_of_many(values: Callable[[CliContext, click.Context, str], _Values]) -> Completer:
    """Offers the values, which are looked for by what was typed."""

    def complete(ctx: click.Context, _: click.Parameter, begun: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        from countersign.cli.stack import context_of

        try:
            context = context_of(ctx.find_root(), tell=lambda _: None)
            return [CompletionItem(value, help=text) for value, text in values(context, ctx, begun)]
        except Exception:
            return []

    return complete


def _pipelines(context: CliContext, _: click.Context) -> _Values:
    from countersign.use_cases.queries.pipelines import list_pipelines

    return ((head.pipeline, head.name) for head in list_pipelines(context.cloud.pipelines))


def _stages(context: CliContext, ctx: click.Context) -> _Values:
    """Of the pipeline that the command line names so far, or that of its document; or of all."""
    from countersign.use_cases.queries.pipelines import list_programs

    named, document = ctx.params.get("pipeline"), ctx.params.get("document")
    if document and (known := context.cloud.documents.get(document)) is not None:
        named = known.pipeline
    programs = list_programs(context.cloud.pipelines, context.programs, named)
    stages = {stage.id: stage.name for program in programs for stage in program.pipeline.stages}
    return stages.items()


def _documents(context: CliContext, _: click.Context, begun: str) -> _Values:
    """Of those whose ids begin so, ``MOST``; no document is read for it."""
    from countersign.use_cases.queries.documents import some_documents

    some = some_documents(context.cloud.documents, context.cloud.pipelines, begun, MOST)
    return ((card.id, card.title) for card in some)


def _documents_to_move(context: CliContext, ctx: click.Context, begun: str) -> _Values:
    """The stages of the first one's pipeline too, once that is named: the last word is a stage."""
    named = ctx.params.get("words") or ()
    if named:
        ctx.params["document"] = named[0]
    if named or ctx.params.get("every"):
        yield from (stage for stage in _stages(context, ctx) if stage[0].startswith(begun))
    yield from _documents(context, ctx, begun)


def _files(context: CliContext, ctx: click.Context) -> _Values:
    """Of the document that the command line names so far."""
    from countersign.model.stored_file import FILE_WORDS
    from countersign.use_cases.queries.files import document_files

    there = document_files(context.cloud.documents, ctx.params["document"])
    return ((file.name, FILE_WORDS[file.kind]) for file in there)


def _connections(context: CliContext, _: click.Context) -> _Values:
    from countersign.use_cases.queries.connections import sorted_connections

    there = sorted_connections(context.cloud.connections)
    return ((connection.id, connection.name) for connection in there)


def _secrets(context: CliContext, _: click.Context) -> _Values:
    from countersign.use_cases.queries.operations.secrets import secret_names

    return ((name, None) for name in secret_names(context.cloud.named_secrets))


def _queues(context: CliContext, _: click.Context) -> _Values:
    from countersign.use_cases.queries.operations.messages import dead_letter_queues

    return ((queue, None) for queue in dead_letter_queues(context.cloud.dead_letters))


def _providers(_: CliContext, __: click.Context) -> _Values:
    from countersign.providers import PROVIDERS

    return ((name, None) for name in PROVIDERS.kinds)


def _kinds(_: CliContext, __: click.Context) -> _Values:
    from countersign.use_cases.queries.catalogue import kind_names

    return ((kind, None) for kind in kind_names())


pipelines = _completer(_pipelines)
stages = _completer(_stages)
documents = _completer_of_many(_documents)
documents_to_move = _completer_of_many(_documents_to_move)
files = _completer(_files)
connections = _completer(_connections)
secrets = _completer(_secrets)
queues = _completer(_queues)
providers = _completer(_providers)
kinds = _completer(_kinds)
