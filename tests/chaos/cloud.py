"""A local cloud that can be wounded: its function processes killed, itself stopped and started.

What MiniStack 1.5 keeps (``core/persistence.py``): all of its memory is written once, at the end
of a graceful stop, and read at the next start. A kill -9 would lose everything that ever happened,
tables included, which no database does; so the functions are killed and MiniStack itself is
stopped with SIGTERM. Even so it forgets what it had not handed on from the tables' streams, and
keeps the place to which they were read in a stream that begins anew: that place is taken out.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from random import Random
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from countersign.errors import CountersignError
from countersign.local.cloud import LocalCloud
from countersign.local.commands import REGION, local_environment
from countersign.local.project import Project

START_SECONDS = 40.0
STOP_SECONDS = 40.0
STARTED = 4
"""Seconds after which a function's process is at work."""
WORKER = "_worker.py"
"""The program that MiniStack runs a Python function with, in a process of its own."""
MAILING = "-RunEmail-"
"""Part of the folder from which it runs the function that sends mails."""
NOT_NOW = (CountersignError, BotoCoreError, ClientError, OSError)
"""What a caller may meet while it is stopped, or while its functions are killed."""
_WEB = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class MortalCloud:
    """MiniStack on ``port`` of the loopback, whatever it writes under ``folder``.

    ``mails`` is where its functions find SES. https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
    """

    def __init__(
        self, project: Project, folder: Path, *, port: int, smtp_port: int, mails: str
    ) -> None:
        self.cloud = LocalCloud(f"http://127.0.0.1:{port}", folder)
        self._python = project.cloud_python
        self._state = folder / "state"
        self._scratch = folder / "tmp"
        self._environment = local_environment(
            AWS_ENDPOINT_URL_SESV2=mails,
            BIND_HOST="127.0.0.1",
            GATEWAY_PORT=str(port),
            IOT_MTLS_ENABLED="0",
            LOG_LEVEL="WARNING",
            MINISTACK_REGION=REGION,
            PERSIST_STATE="1",
            SFTP_ENABLED="0",
            SMTP_HOST=f"127.0.0.1:{smtp_port}",
            STATE_DIR=str(self._state),
            TMPDIR=str(self._scratch),
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """With the state it had when it was stopped, if it was."""
        self._scratch.mkdir()
        with (self.cloud.folder / "cloud.log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._python, "-m", "ministack"],
                cwd=self.cloud.folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while self._process.poll() is None and time.monotonic() < deadline:
            try:
                with _WEB.open(f"{self.cloud.endpoint}/_ministack/ready", timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise RuntimeError(f"the local cloud did not start; see {self.cloud.folder}/cloud.log")

    def stop(self) -> int:
        """Kill every function at its work, then stop the cloud; how many functions there were."""
        process = self._running()
        killed = sum(_killed(pid) for pid in self._workers())
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise RuntimeError("the local cloud did not stop: its state is lost") from error
        finally:
            self.end()
        self._begin_streams_anew()
        return killed

    def kill_one(self, random: Random) -> bool:
        """Kill -9 one process of a function, whatever it is at.

        One that has only just started has nothing under way, and would never come to anything.
        """
        workers = self._workers(older=STARTED)
        return bool(workers) and _killed(random.choice(workers))

    def kill_mailing(self) -> int:
        """Kill -9 every process of the function that sends mails; how many there were."""
        return sum(map(_killed, self._workers(of=MAILING)))

    def client(self, service: str) -> Any:
        """A client of boto3 that does not try again by itself."""
        patient = Config(retries={"total_max_attempts": 1}, read_timeout=60)
        # The types know a client for each service by name, not for one that is told.
        return self.cloud.session().client(  # type: ignore[call-overload]
            service, endpoint_url=self.cloud.endpoint, config=patient
        )

    def end(self) -> None:
        """Everything it started is gone."""
        process, self._process = self._process, None
        if process is None:
            return
        try:
            # It leads the group of all its functions.
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        finally:
            process.wait()
            # Every function killed has left there the layers that it had unpacked.
            shutil.rmtree(self._scratch, ignore_errors=True)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError("the local cloud is not running")
        return self._process

    def _workers(self, *, older: int = -1, of: str = WORKER) -> list[int]:
        """The functions' processes that are more than so many seconds old, or those of one.

        They are children of this very cloud.
        """
        parent = str(self._running().pid)
        told = subprocess.run(
            ["ps", "-A", "-o", "pid=,ppid=,etimes=,args="],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        lines = (line.split(maxsplit=3) for line in told.splitlines())
        return sorted(
            int(pid)
            for pid, ppid, seconds, *args in lines
            if ppid == parent
            and int(seconds) > older
            and WORKER in "".join(args)
            and of in "".join(args)
        )

    def _begin_streams_anew(self) -> None:
        path = self._state / "lambda.json"
        saved = json.loads(path.read_text())
        saved["payload"]["dynamodb_stream_positions"] = {}
        path.write_text(json.dumps(saved))


def _killed(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True
