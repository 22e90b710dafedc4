"""``python -m countersign.cli``, where the command itself is not on the path."""

from countersign.cli import main

main()
