"""Writes what the console uses of others anew: ``make vendor``. Needs npm; nothing else does.

The versions are those in vendor.toml; its hash is written anew as well.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import tempfile
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
MANIFEST = HERE / "vendor.toml"


def main() -> None:
    """Install, bundle, and note the hash."""
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("make vendor needs npm: https://docs.npmjs.com/downloading-and-installing")
    manifest = tomllib.loads(MANIFEST.read_text(encoding="utf-8"))
    file = HERE / manifest["file"]
    packages = [f"{package['name']}@{package['version']}" for package in manifest["packages"]]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        install = [npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder]
        subprocess.run([*install, manifest["bundler"], *packages], check=True)
        shutil.copy(HERE / "vendor.entry.js", place)
        bundle = ["--bundle", "--minify", "--format=esm", "--target=es2022", f"--outfile={file}"]
        command = [str(place / "node_modules/.bin/esbuild"), "vendor.entry.js", *bundle]
        subprocess.run(command, check=True, cwd=place)
        file.with_name("LICENSES.txt").write_text(_licences(place, manifest), encoding="utf-8")
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    text = MANIFEST.read_text(encoding="utf-8")
    MANIFEST.write_text(re.sub(r'sha256 = ".*"', f'sha256 = "{digest}"', text), encoding="utf-8")


def _licences(place: Path, manifest: dict[str, list[dict[str, str]]]) -> str:
    return "\n".join(
        f"{package['name']} {package['version']}, {package['licence']}\n\n"
        + (place / "node_modules" / package["name"] / "LICENSE").read_text(encoding="utf-8")
        for package in manifest["packages"]
    )


if __name__ == "__main__":
    main()
