"""A local cloud as a process of ours: started when its port is free, gone when we are."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from countersign.errors import PermanentError
from countersign.local.commands import REGION, local_environment
from countersign.local.project import Project

DEFAULT_PORT = 4566

_START_SECONDS = 30.0
# It has nothing to save; connections that clients keep open would hold it longer.
_STOP_SECONDS = 2.0
# A proxy of the user's is none of the loopback's business.
_WEB = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class LocalCloud:
    """A running local cloud; `folder` holds its log and whatever it writes."""

    endpoint: str
    folder: Path
    region: str = REGION

    def session(self) -> boto3.Session:
        """A session of boto3 whose clients must be made with `endpoint_url=cloud.endpoint`."""
        return boto3.Session("local", "local", region_name=self.region)

    @property
    def mailbox(self) -> str:
        """The address that answers with every mail that was handed to SES, as JSON."""
        return f"{self.endpoint}/_ministack/ses/messages"

    def mails(self) -> list[dict[str, Any]]:
        """Every mail that was handed to SES, oldest first: Source, To, Subject, BodyText ..."""
        with _WEB.open(self.mailbox, timeout=10) as answer:
            accounts: dict[str, list[dict[str, Any]]] = json.load(answer)["messages"]
        return [mail for mails in accounts.values() for mail in mails]


@contextmanager
def running_cloud(project: Project, *, port: int, name: str) -> Iterator[LocalCloud]:
    """A fresh local cloud on `port` of the loopback, stopped at the end; `name` is its folder's."""
    folder = project.local / name
    require_free(port)
    folder.mkdir(parents=True, exist_ok=True)
    with _alone_in(folder):
        yield from _running(project, port, folder)


def _running(project: Project, port: int, folder: Path) -> Iterator[LocalCloud]:
    shutil.rmtree(folder / "tmp", ignore_errors=True)
    (folder / "tmp").mkdir()
    cloud = LocalCloud(f"http://127.0.0.1:{port}", folder)
    with (folder / "cloud.log").open("wb") as log:
        process = subprocess.Popen(
            [project.cloud_python, "-m", "ministack"],
            cwd=folder,
            env=local_environment(
                BIND_HOST="127.0.0.1",
                GATEWAY_PORT=str(port),
                LOG_LEVEL="WARNING",
                MINISTACK_REGION=REGION,
                PERSIST_STATE="0",
                TMPDIR=str(folder / "tmp"),
            ),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            # Ctrl-C reaches everything in the terminal's group: we stop it ourselves, in order.
            start_new_session=True,
        )
    try:
        _wait_until_ready(process, cloud)
        yield cloud
    finally:
        _stop(process)


def free_port() -> int:
    """A port of the loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def require_free(port: int) -> None:
    """`PermanentError` if something listens on the port."""
    with socket.socket() as probe:
        # As the server does: a port that only waits for late packets is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise PermanentError(
                f"port {port} cannot be had: {error.strerror}. "
                "End what listens there, or set COUNTERSIGN_PORT to another port."
            ) from error


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Two clouds in one folder would write over each other's files."""
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise PermanentError(
                f"a local cloud is up in {folder} already; Ctrl-C where it runs ends it"
            ) from error
        yield


def _wait_until_ready(process: subprocess.Popen[bytes], cloud: LocalCloud) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with _WEB.open(f"{cloud.endpoint}/_ministack/ready", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    said = "\n".join((cloud.folder / "cloud.log").read_text().strip().splitlines()[-15:])
    raise PermanentError(
        f"the local cloud did not start; all it said is in {cloud.folder / 'cloud.log'}:\n{said}"
    )


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End it and the functions it started, which are in its group."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
