"""Pipelines: the group of their commands, each imported when it is needed."""

from __future__ import annotations

import click

from countersign.cli.groups import DefaultGroup, Lazy, LazyCommands

COMMANDS = LazyCommands(
    {
        "list": Lazy("published", "List the published pipelines.", "list_pipelines"),
        "show": Lazy("published", "Show a pipeline as a YAML file that can be published again."),
        "init": Lazy("pipeline_init", "Write a new pipeline FILE from a template."),
        "validate": Lazy("validate", "Check a pipeline FILE without publishing it."),
        "simulate": Lazy("simulate", "Play SCRIPT on PIPELINE without sending anything."),
        "plan": Lazy("publishing", "Show what publishing FILE would change."),
        "publish": Lazy("publishing", "Publish FILE as the next version of its pipeline."),
        "versions": Lazy("published", "List the versions of a pipeline, newest first."),
        "rollback": Lazy("publishing", "Publish VERSION of PIPELINE again, as a new version."),
        "pause": Lazy("publishing", "Pause PIPELINE: no rules start, and messages are kept."),
        "resume": Lazy("publishing", "Resume PIPELINE: apply kept messages and run what is due."),
        "backfill": Lazy("publishing", "Run RULE of PIPELINE for documents already in its stage."),
        "remove": Lazy("published", "Remove a pipeline with all its versions."),
    }
)


@click.group(cls=DefaultGroup, commands=COMMANDS)
def pipelines() -> None:
    """Check, publish and operate pipelines.

    Without a command, lists the pipelines; with an ID alone, shows that pipeline.
    """
