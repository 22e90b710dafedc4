"""The command line: pipelines, connections and documents, on AWS or on the local stack."""

from __future__ import annotations


def main() -> None:
    """The entry of the command ``countersign``."""
    from countersign.cli.commands import countersign

    countersign(prog_name="countersign")
