"""Print a page of the reference: ``python -m countersign.cli.reference [de]``."""

from __future__ import annotations

import sys

from countersign.cli.reference import reference
from countersign.cli.reference.kinds import german_reference

sys.stdout.write(german_reference() if sys.argv[1:] == ["de"] else reference())
