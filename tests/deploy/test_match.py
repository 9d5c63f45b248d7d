"""`cdp match` says what to do when it cannot work."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from deploy.cli import match as command
from deploy.errors import CannotReach, CannotStart


def test_without_the_extra_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence with the command to run, before anything else is tried."""
    real = importlib.util.find_spec
    monkeypatch.setattr(command, "find_spec", lambda name: None if name == "splink" else real(name))
    with pytest.raises(CannotStart, match=r"pip install 'cdp\[match\]'"):
        command.match()


def test_without_a_platform_it_says_how_to_start_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory on which nothing runs."""
    monkeypatch.setattr(command, "_require_splink", lambda: None)
    monkeypatch.delenv("CDP_CLICKHOUSE__URL", raising=False)
    with pytest.raises(CannotReach, match="Start it with cdp up"):
        command.match(data_dir=tmp_path)
