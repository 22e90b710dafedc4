"""Removes from the packages that were installed what excluded.toml lists: `trim.py LIST FOLDER`.

It runs under the Python of the machine that builds, with nothing installed.
"""

from __future__ import annotations

import pickle
import pickletools
import shutil
import sys
import tomllib
from pathlib import Path
from typing import Any


def main(listed: Path, packages: Path) -> None:
    """Trim `packages`; SystemExit with the reason where the list does not fit them."""
    excluded = tomllib.loads(listed.read_text(encoding="utf-8"))
    for group in excluded["files"]:
        for pattern in group["paths"]:
            _remove(packages, pattern)
    # What is pickled are classes of Babel's own.
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(packages))
    _trim_locales(packages / "babel" / "locale-data", excluded["locale_data"])


def _remove(packages: Path, pattern: str) -> None:
    found = list(packages.glob(pattern))
    if not found:
        raise SystemExit(f"excluded.toml: {pattern} matches nothing that is installed")
    for path in found:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _trim_locales(folder: Path, groups: list[dict[str, Any]]) -> None:
    """A section that must be there stays in the root, which all locales inherit, and is empty."""
    sections = {section for group in groups for section in group["sections"]}
    emptied = {section for group in groups if group.get("emptied") for section in group["sections"]}
    met = set()
    for path in sorted(folder.glob("*.dat")):
        whole = pickle.loads(path.read_bytes())  # noqa: S301 - checked by its hash when installed
        met |= sections & whole.keys()
        rest = {section: value for section, value in whole.items() if section not in sections}
        if path.stem == "root":
            rest |= {section: {} for section in sorted(emptied)}
        path.unlink()  # it may be a link to the installer's cache, which must stay whole
        # The oldest protocol with short strings, which is what the data consist of.
        path.write_bytes(pickletools.optimize(pickle.dumps(rest, protocol=4)))
    if met != sections:
        raise SystemExit(f"excluded.toml: no locale has {', '.join(sorted(sections - met))}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
