"""A world in memory as the command line sees it."""

from __future__ import annotations

from countersign.cli.surroundings import Cloud
from countersign.simulation.world import World

HOOKS = "https://hooks.example/webhooks"


def cloud_of(world: World) -> Cloud:
    """The adapters of a world."""
    return Cloud(
        documents=world.documents,
        pipelines=world.pipelines,
        connections=world.connections,
        addresses=world.addresses,
        secrets=world.secrets,
        named_secrets=world.named_secrets,
        parked=world.parked,
        rejected=world.rejected,
        postponed=world.postponed,
        dead_letters=world.dead_letters,
        refusals=world.refusals,
        webhooks=HOOKS,
    )
