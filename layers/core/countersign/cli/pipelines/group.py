"""Pipelines: the group of their commands, each imported when it is needed."""

from __future__ import annotations

import click

from countersign.cli.parsing.groups import DefaultGroup, Lazy, LazyCommands

COMMANDS = LazyCommands(
    {
        "list": Lazy("pipelines.versions", "List the published pipelines.", "list_pipelines"),
        "show": Lazy(
            "pipelines.versions", "Show a pipeline as a YAML file that can be published again."
        ),
        "init": Lazy("pipelines.init", "Write a new pipeline FILE from a template."),
        "validate": Lazy("pipelines.validate", "Check a pipeline FILE without publishing it."),
        "simulate": Lazy("pipelines.simulate", "Play SCRIPT on PIPELINE without sending anything."),
        "backtest": Lazy(
            "pipelines.backtest", "Show what FILE would have done with real documents."
        ),
        "plan": Lazy("pipelines.plan", "Show what publishing FILE would change."),
        "publish": Lazy(
            "pipelines.publishing", "Publish FILE as the next version of its pipeline."
        ),
        "versions": Lazy("pipelines.versions", "List the versions of a pipeline, newest first."),
        "diff": Lazy("pipelines.versions", "Show what changed between two versions of a pipeline."),
        "export": Lazy("pipelines.versions", "Print a version or the draft as a YAML file."),
        "rollback": Lazy(
            "pipelines.publishing", "Publish VERSION of PIPELINE again, as a new version."
        ),
        "pause": Lazy(
            "pipelines.publishing", "Pause PIPELINE: no rules start, and messages are kept."
        ),
        "resume": Lazy(
            "pipelines.publishing", "Resume PIPELINE: apply kept messages and run what is due."
        ),
        "backfill": Lazy(
            "pipelines.publishing", "Run RULE of PIPELINE for documents already in its stage."
        ),
        "remove": Lazy("pipelines.versions", "Remove a pipeline with all its versions."),
    }
)


@click.group(cls=DefaultGroup, commands=COMMANDS)
def pipelines() -> None:
    """Check, publish and operate pipelines.

    Without a command, lists the pipelines; with an ID alone, shows that pipeline.
    """
