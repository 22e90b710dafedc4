"""Layers that all functions of the local cloud share, in place of a copy for each process.

MiniStack unpacks a function's layers again for every process that it starts: 80 MB in 6,000 files,
eight times when eight webhooks arrive at once. Deployed locally is therefore the built template,
unchanged, beside layers of one line: it puts the built layer's folder on ``sys.path``, at the place
where the unpacked one would stand. AWS gets the layers themselves.

Lambda takes ``python/lib/python3.x/site-packages`` of a layer as a site directory, and Python
executes the lines of a ``.pth`` file there that begin with ``import``:
https://docs.aws.amazon.com/lambda/latest/dg/python-layers.html
https://docs.python.org/3/library/site.html
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from countersign.errors import PermanentError

MAX_UNPACKED = 262_144_000
"""Bytes of a function with all its layers. The local cloud, which sees none of them, cannot check.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""
_SITE = Path("python", "lib", "python3.13", "site-packages")


def with_shared_layers(template: Path, folder: Path) -> Path:
    """The same template, to be deployed from `folder`, with layers that point to unpacked ones.

    What they point to lies in `folder` too, so that a build may be removed while its functions run.
    `folder` is made anew. `PermanentError` if the layers are larger than Lambda takes.
    """
    build = template.parent
    layers = sorted(path.parent for path in build.glob("*/python") if path.is_dir())
    _require_that_they_fit(layers)
    shutil.rmtree(folder, ignore_errors=True)
    package, unpacked = folder / "package", folder / "layers"
    names = [layer.name for layer in layers]
    shutil.copytree(build, package, ignore=shutil.ignore_patterns(*names))
    for layer in layers:
        shutil.copytree(layer, unpacked / layer.name, copy_function=_link)
        _point(package / layer.name, unpacked / layer.name / "python")
    return package / template.name


def _point(layer: Path, packages: Path) -> None:
    """A layer that puts `packages` in front of everything that was on ``sys.path`` before."""
    site = layer / _SITE
    site.mkdir(parents=True)
    # Python reads the file in the encoding of its surroundings: ASCII is the same in all.
    line = f"import sys; sys.path.insert(0, {str(packages.absolute())!a})\n"
    (site / f"{layer.name}.pth").write_text(line, encoding="ascii")


def _link(source: str, target: str) -> None:
    """The same file under a second name, which costs no space; a copy on another disk."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _require_that_they_fit(layers: Iterable[Path]) -> None:
    files = (path for layer in layers for path in layer.rglob("*") if path.is_file())
    size = sum(path.stat().st_size for path in files)
    if size > MAX_UNPACKED:
        raise PermanentError(
            f"the layers have {size:,} bytes unpacked; Lambda takes at most {MAX_UNPACKED:,}"
        )
