"""Builds the layers and functions for the local cloud, once for the same sources."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from countersign.local.commands import local_environment, run_quietly
from countersign.local.project import Project

_KEPT_BUILDS = 4


def build(project: Project, *, for_cloud: bool = False) -> Path:
    """The built template of the sources as they are now; quick if they were built before.

    Local functions run under the local cloud's own interpreter, so the layers are built for that
    one, and with `for_cloud` as they are deployed to AWS: for the Python of template.yaml on arm64.
    """
    name = f"{project.fingerprint()}-cloud" if for_cloud else project.fingerprint()
    folder = project.local / "builds" / name
    with _one_at_a_time(project.local / "builds" / "lock"):
        if not folder.is_dir():
            unfinished = folder.with_suffix(".unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            run_quietly(
                [project.sam, "build", "--config-env", "local", "--build-dir", unfinished],
                cwd=project.root,
                environment=_environment(project, for_cloud=for_cloud),
                log=project.local / "logs" / "build.log",
            )
            unfinished.rename(folder)
        os.utime(folder)
        _forget_old(folder.parent)
    return folder / "template.yaml"


def _environment(project: Project, *, for_cloud: bool) -> dict[str, str]:
    path = os.pathsep.join([str(project.sam.parent), os.environ.get("PATH", "")])
    if for_cloud:
        return local_environment(PATH=path, BYTECODE="yes")
    interpreter = str(project.cloud_python)
    return local_environment(
        PATH=path, BYTECODE="yes", TARGET_PYTHON=interpreter, TARGET_PLATFORM=""
    )


def _forget_old(builds: Path) -> None:
    folders = [path for path in builds.iterdir() if path.is_dir()]
    folders.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for folder in folders[_KEPT_BUILDS:]:
        shutil.rmtree(folder)


@contextmanager
def _one_at_a_time(lock: Path) -> Iterator[None]:
    """`make run` and `make test` may be at it together."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
