"""Backups: a restore drill with a whole platform, and what becomes of damaged ones."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from deploy.backups.restore import restore
from deploy.backups.store import PIECE, Damaged, Entry, Manifest, Store
from deploy.cli.__main__ import build
from deploy.errors import CannotStart
from tests.deploy.test_up import Up, ask

Json = dict[str, Any]
PEOPLE = 20


def stored(store: Store, **contents: bytes) -> Manifest:
    """A backup of these files."""
    entries = [store.put(path, BytesIO(data), len(data))[0] for path, data in contents.items()]
    store.write(Manifest("b1", {}, entries))
    return store.read("b1")


def test_what_goes_in_comes_out(tmp_path: Path) -> None:
    """Files of no, one and several pieces; the same content is kept once."""
    store = Store(tmp_path / "store")
    large = os.urandom(2 * PIECE + 17)
    manifest = stored(store, empty=b"", small=b"x", large=large, twice=large)
    restore(store, manifest, tmp_path / "new", lambda _: None)
    assert {path.name: path.read_bytes() for path in (tmp_path / "new").iterdir()} == {
        "empty": b"", "small": b"x", "large": large, "twice": large,
    }  # fmt: skip
    assert len(list((tmp_path / "store" / "pieces").rglob("*/*"))) == 4


def test_a_file_that_grew_is_read_from_where_it_ended(tmp_path: Path) -> None:
    """Whole pieces of the backup before are taken over; what came since is new; one that changed is read anew."""
    store = Store(tmp_path)
    old = os.urandom(2 * PIECE + 5)
    before, _ = store.put("log", BytesIO(old), len(old))
    grown = old + b"more"
    entry, new = store.put("log", BytesIO(grown), len(grown), before)
    assert (entry.pieces[:2], new) == (before.pieces[:2], 9)
    assert b"".join(store.pieces(entry)) == grown
    other = os.urandom(len(grown))
    entry, new = store.put("log", BytesIO(other), len(other), before)
    assert (b"".join(store.pieces(entry)), new) == (other, len(other))


@pytest.mark.parametrize("harm", ["piece gone", "piece changed", "manifest changed"])
def test_a_damaged_backup_is_refused(tmp_path: Path, harm: str) -> None:
    """With a sentence that says what; nothing of it is left in the new directory."""
    store = Store(tmp_path / "store")
    stored(store, a=b"first", b=b"second")
    piece = max((tmp_path / "store" / "pieces").rglob("*/*"))
    if harm == "piece gone":
        piece.unlink()
    elif harm == "piece changed":
        piece.write_bytes(b"other")
    else:
        path = tmp_path / "store" / "backups" / "b1.json"
        path.write_text(path.read_text().replace('"a"', '"c"'))
    with pytest.raises(Damaged, match="damaged"):
        restore(store, store.read("b1"), tmp_path / "new", lambda _: None)
    assert not (tmp_path / "new").exists()


def test_only_an_empty_directory_is_restored_into(tmp_path: Path) -> None:
    """Whatever is there stays as it is; a backup cannot reach out of the directory."""
    store = Store(tmp_path / "store")
    manifest = stored(store, a=b"first")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "a").write_bytes(b"mine")
    with pytest.raises(CannotStart, match="not empty"):
        restore(store, manifest, tmp_path / "mine", lambda _: None)
    assert (tmp_path / "mine" / "a").read_bytes() == b"mine"
    outside = Manifest("b2", {}, [Entry("../out", 0, ())])
    with pytest.raises(CannotStart, match="outside"):
        restore(store, outside, tmp_path / "new", lambda _: None)
    assert not (tmp_path / "out").exists()


@pytest.fixture
def platforms() -> Iterator[list[Up]]:
    """Whatever is started is ended."""
    started: list[Up] = []
    yield started
    for each in started:
        each.process.kill()
        each.process.communicate()


def cdp(*arguments: str | Path, expect: int = 0) -> str:
    """A command; gives all it says."""
    others = {name: None for name in os.environ if name.startswith("CDP_")}
    done = CliRunner().invoke(build(), list(map(str, arguments)), env=others, catch_exceptions=False)
    assert done.exit_code == expect, done.output
    return done.output


def order(who: int, number: int) -> Json:
    """A completed order, in a browser at first."""
    ids = {"member_id": f"M{who}"} if number % 2 else {"member_id": f"M{who}", "anonymous_id": f"browser-{who}"}
    return {
        "event_id": f"{who}/{number}", "type": "order.completed", "occurred_at": "2026-01-01T08:00:00+08:00",
        "ids": ids, "data": {"order_id": f"{who}-{number}", "total": "10.00", "lines": []},
    }  # fmt: skip


def send(told: Json, number: int) -> str:
    """One order of everybody; gives the position."""
    events = {"events": [order(who, number) for who in range(PEOPLE)]}
    position: str = ask(f"{told['ingest']}/v1/events", told["write_key"], events)["position"]
    return position


def seen(told: Json, position: str) -> tuple[dict[str, Json], list[Json]]:
    """Everybody's dossier, without what the clock decides about all of them, and every change of one tag."""
    key, apart = told["api_key"], ("freshness", "rfm", "tags")
    ask(f"{told['api']}/v1/rfm?timeout=30&after={position}", key)
    dossiers = {}
    for who in range(PEOPLE):
        found = ask(f"{told['api']}/v1/profiles/member_id:M{who}", key)
        dossiers[f"M{who}"] = {name: value for name, value in found.items() if name not in apart}
        dossiers[f"M{who}"]["frequency"] = found["tags"]["frequency"]
    return dossiers, ask(f"{told['api']}/v1/tags/frequency/changes?limit=200", key)["data"]


@pytest.mark.platform
def test_a_restore_drill(platforms: list[Up], tmp_path: Path) -> None:
    """Backed up while it runs, twice; restored beside it, it says the same, proves sound, and goes on."""
    data, new, backups = tmp_path / "data", tmp_path / "new", tmp_path / "backups"
    platforms.append(Up(data, tmp_path))
    told = platforms[0].told()
    position = send(told, 0)
    known = seen(told, position)
    first = cdp("backup", backups, "--data-dir", data)
    position = send(told, 1)
    known = seen(told, position)
    second = cdp("backup", backups, "--data-dir", data)
    assert "MiB were new" in second
    assert len(Store(backups).ids()) == 2, first
    send(told, 2)  # this is not in the backup

    assert "not empty" in _refused("restore", backups, "--data-dir", data)
    cdp("restore", backups, "--data-dir", new)
    assert (new / "keys.json").stat().st_mode & 0o777 == 0o600
    platforms.append(Up(new, tmp_path))
    again = platforms[1].told()
    assert (again["write_key"], again["api_key"]) == (told["write_key"], told["api_key"])
    assert seen(again, position) == known
    assert "✗" not in cdp("verify", "--data-dir", new, "--customers", "20")
    dossiers, changes = seen(again, send(again, 3))
    assert {one["orders"]["count"] for one in dossiers.values()} == {3}
    assert {each["change_id"] for each in known[1]} <= {each["change_id"] for each in changes}
    for each in platforms:
        each.process.send_signal(signal.SIGTERM)


def _refused(*arguments: str | Path) -> str:
    done = CliRunner().invoke(build(), list(map(str, arguments)))
    assert done.exit_code
    return str(done.exception)
