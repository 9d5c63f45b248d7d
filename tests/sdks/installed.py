"""The clients of JavaScript as npm installs them from the lock, and a browser to run one of them in."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

NODE = Path(__file__).with_name("node")
_LEAST_NODE = 20
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def node_clients(cache: Path) -> Path:
    """Give a folder with the clients' packages and our programs; what npm installed is kept for the next run."""
    if not shutil.which("npm") or not shutil.which("node"):
        pytest.skip("node and npm are not installed: the clients of JavaScript are not run")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.lstrip("v").partition(".")[0]) < _LEAST_NODE:
        pytest.skip(f"node {version.strip()} is older than {_LEAST_NODE}: the clients of JavaScript are not run")
    lock = (NODE / "package-lock.json").read_bytes()
    folder = cache / hashlib.sha256(lock).hexdigest()[:16]
    folder.mkdir(exist_ok=True)
    for each in NODE.iterdir():
        shutil.copy(each, folder)
    if not (folder / "installed").exists():
        quiet = ("--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        done = subprocess.run(["npm", "ci", *quiet], cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        (folder / "installed").touch()
    return folder


def browser() -> str:
    """Give a Chromium that is there."""
    found = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if found is None:
        pytest.skip("no Chromium is installed (Debian: apt install chromium): @segment/analytics-next is not run")
    return found
