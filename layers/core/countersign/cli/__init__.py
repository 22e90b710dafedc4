"""The command line: pipelines, connections and documents, on AWS or on the local stack."""

from __future__ import annotations


def main() -> None:
    """The entry of the command ``countersign``."""
    from countersign.cli.commands import countersign
    from countersign.cli.output.terminal import only_harmless

    with only_harmless():
        try:
            countersign(prog_name="countersign")
        except Exception:
            import sys
            import traceback

            traceback.print_exc()  # a fault of ours; its text may quote what came from outside
            sys.exit(1)
