"""A drop folder: only what is complete is imported, once, by one watcher, and put where its fate can be seen."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from deploy.embedded.lock import DirectoryLock
from deploy.errors import CannotReach
from deploy.importing.checkpoint import Standing
from deploy.importing.folder import LOCK, Folder
from deploy.importing.importing import Outcome
from deploy.importing.watching import Watch
from schemas.errors import BadFile
from schemas.mapping import Mapping
from tests.importing.files import mapping, written

BY = mapping({}, files=["pos-*.csv"])


class Importing:
    """Says what was asked for, and how it ends."""

    def __init__(self, *ends: Standing | Exception) -> None:
        self.ends = list(ends)
        self.asked: list[str] = []
        self.said: list[str] = []

    async def __call__(self, path: Path, _mapping: Mapping) -> Outcome:
        self.asked.append(path.name)
        end = self.ends.pop(0) if self.ends else Standing(rows=1, accepted=1)
        if isinstance(end, Exception):
            raise end
        rejects = path.with_name(path.name + ".rejects.csv")
        if end.rejected:
            rejects.write_text("rejected")
        return Outcome(end, rejects)

    def watch(self, folder: Path) -> None:
        """Watch until nothing is left."""
        watched = Watch(Folder(folder, [BY], 0.0), self, self.said.append, 0.0)
        asyncio.run(watched.run(once=True))


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {LOCK}


def test_a_file_is_complete_when_it_stopped_growing(tmp_path):
    """Or at once when a marker says so; what other programs call unfinished never is."""
    folder = Folder(tmp_path, [BY], 5.0)
    path = written(tmp_path / "pos-1.csv", "a")
    written(tmp_path / "pos-2.csv.part", "a")
    assert folder.complete(100.0) == ([], True)
    assert folder.complete(104.0) == ([], True)
    written(path, "a", "b")
    assert folder.complete(106.0) == ([], True)
    assert folder.complete(111.0) == ([path], False)
    other = written(tmp_path / "pos-3.csv", "a")
    (tmp_path / "pos-3.csv.done").touch()
    assert folder.complete(111.0) == ([path, other], False)


def test_files_are_put_away_with_their_rejects(tmp_path):
    """To done, or to failed when nothing could be imported or read; the second of a name gets a number."""
    importing = Importing(Standing(rows=2, rejected=1), Standing(rows=1, rejected=1), BadFile("No such column."))
    for name in ("pos-1.csv", "pos-2.csv", "pos-3.csv"):
        written(tmp_path / name, name)
        importing.watch(tmp_path)
    written(tmp_path / "pos-1.csv", "again")
    (tmp_path / "pos-1.csv.done").touch()
    importing.watch(tmp_path)
    assert names(tmp_path) == {
        "done/pos-1.csv", "done/pos-1.csv.rejects.csv", "done/pos-1-2.csv", "failed/pos-2.csv",
        "failed/pos-2.csv.rejects.csv", "failed/pos-3.csv", "failed/pos-3.csv.reason.txt",
    }  # fmt: skip
    assert (tmp_path / "failed/pos-3.csv.reason.txt").read_text() == "No such column.\n"


def test_what_no_mapping_is_for_stays(tmp_path):
    """And is said."""
    written(tmp_path / "other.csv", "a")
    importing = Importing()
    importing.watch(tmp_path)
    assert (names(tmp_path), importing.asked) == ({"other.csv"}, [])
    assert "no mapping is for files of this name" in importing.said[0]


def test_a_platform_that_is_away_loses_no_file(tmp_path):
    """It stays where it is, and is tried again."""
    written(tmp_path / "pos-1.csv", "a")
    importing = Importing(CannotReach("Nothing answers."), CannotReach("Nothing answers."))
    importing.watch(tmp_path)
    assert (importing.asked, names(tmp_path)) == (["pos-1.csv"] * 3, {"done/pos-1.csv"})


def test_a_second_watcher_stands_by(tmp_path):
    """As long as the first lives, it touches nothing."""
    written(tmp_path / "pos-1.csv", "a")
    importing = Importing()
    with DirectoryLock(tmp_path, LOCK):
        importing.watch(tmp_path)
        assert importing.asked == []
    importing.watch(tmp_path)
    assert importing.asked == ["pos-1.csv"]


def test_a_crash_between_the_moves_is_made_good(tmp_path):
    """The rejects were moved, the file was not: the next watcher moves the rest to where they are."""
    path = written(tmp_path / "pos-1.csv", "a")
    folder = Folder(tmp_path, [BY], 0.0)
    (tmp_path / "done").mkdir()
    written(tmp_path / "done/pos-1.csv.rejects.csv", "r")
    folder.put_away(path, Outcome(Standing(rows=2, rejected=1), path))
    assert names(tmp_path) == {"done/pos-1.csv", "done/pos-1.csv.rejects.csv"}


def test_a_mapping_for_no_files_cannot_watch():
    """It would never be used."""
    empty: Any = mapping({})
    with pytest.raises(BadFile, match="has no `files`"):
        Folder(Path(), [empty], 1.0)
