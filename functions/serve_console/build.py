"""Builds the console: ``build.py SOURCE TARGET``.

Each file is gzipped, since HTTP APIs do not compress, and all but the page itself stand in a folder
that is named by the hash of all of them, so that a browser keeps them for good.
"""

from __future__ import annotations

import gzip
import hashlib
import sys
from pathlib import Path

PLACE = b"assets/"
"""How the page refers to its files in the source: by the source's own name of their folder."""


def build(source: Path, target: Path) -> str:
    """Write what serve_console answers with; returns the name of the folder."""
    files = {
        path.relative_to(source).as_posix(): path.read_bytes()
        for path in sorted(source.rglob("*"))
        if path.is_file()
    }
    digest = hashlib.sha256()
    for path, content in files.items():
        digest.update(f"{path} {len(content)}\n".encode() + content)
    version = digest.hexdigest()[:16]
    page = files.pop("index.html").replace(PLACE, f"{version}/".encode())
    built = {f"{version}/{path}": content for path, content in files.items()}
    for path, content in {"index.html": page, **built}.items():
        place = target / f"{path}.gz"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(gzip.compress(content, 9, mtime=0))
    return version


if __name__ == "__main__":
    build(Path(sys.argv[1]), Path(sys.argv[2]))
