"""Print the reference: ``python -m countersign.cli.reference``."""

from __future__ import annotations

import sys

from countersign.cli.reference import reference

sys.stdout.write(reference())
