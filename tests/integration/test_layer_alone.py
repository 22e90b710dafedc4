"""The layer brings what it needs: nothing that security hangs on is the runtime's version."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "layers" / "dependencies" / "requirements.txt").read_text()
PINNED = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", LOCK, re.MULTILINE))

CALL = """
import sys
sys.path[:0] = [{core!r}, {packages!r}]
import urllib3
assert urllib3.__file__.startswith({packages!r}), urllib3.__file__
from countersign.adapters.http import client as http
from countersign.adapters.ses import mime
from countersign.model.http import WebRequest
from countersign.rules import RULES
for kind in RULES.kinds:
    RULES.get(kind)
import countersign.templates.check
allowed = http.EgressPolicy(private=True, loopback=True)
here = http.UrllibHttpClient(allowed, resolve=lambda host, port: ["127.0.0.1"])
told = here.call(WebRequest(method="GET", url="http://gro\u00df.example:{port}/", within=10))
print(urllib3.__version__, told.status, told.body, told.unread)
"""


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """A folder with the layer's own packages, and nothing else."""
    for name, version in PINNED.items():
        found = distribution(name)
        assert found.version == version, f"{name} is not installed as the layer pins it"
        for path in found.files or ():
            top = path.parts[0]
            if top not in ("..", "__pycache__") and not (tmp_path / top).exists():
                (tmp_path / top).symlink_to(Path(str(found.locate_file(top))))
    return tmp_path


def test_the_web_is_called_with_the_layer_s_packages_alone(packages: Path) -> None:
    from tests.web_place import Place, answer

    with Place().open() as place:
        place.then = lambda handler: answer(
            handler, 200, b"\x1f\x8b", content_encoding="gzip, gzip"
        )
        code = CALL.format(
            core=str(ROOT / "layers" / "core"), packages=str(packages), port=place.server_port
        )
        # Without the folder where everything of the tests is installed.
        ended = subprocess.run(
            [sys.executable, "-I", "-S", "-W", "error", "-c", code],
            env={},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == (
        f"{PINNED['urllib3']} 200 b'' its body is encoded 2 times, one inside the other\n"
    )
