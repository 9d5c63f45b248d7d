"""Watches a drop folder: imports each complete file by the mapping of its name, and puts it away."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from deploy.embedded.lock import AlreadyInUse, DirectoryLock
from deploy.errors import CannotReach
from deploy.importing.folder import LOCK, Folder
from deploy.importing.importing import Outcome
from schemas.errors import BadFile
from schemas.mapping import Mapping

Import = Callable[[Path, Mapping], Awaitable[Outcome]]
"""Imports a file. Raises BadFile, CannotReach."""
Say = Callable[[str], None]


@dataclass(slots=True)
class Watch:
    """A watcher of one folder."""

    folder: Folder
    import_one: Import
    say: Say
    poll: float
    _said: str = ""

    async def run(self, *, once: bool) -> None:
        """Watch for ever; `once`: until nothing is left that could be imported now."""
        lock = DirectoryLock(self.folder.path, LOCK)
        while not self._have(lock):
            if once:
                return
            await asyncio.sleep(self.poll)
        try:
            while True:
                more = await self._round()
                if once and not more:
                    return
                await asyncio.sleep(self.poll)
        finally:
            lock.release()

    def _have(self, lock: DirectoryLock) -> bool:
        try:
            lock.acquire()
        except AlreadyInUse:
            self._say_once("Another process watches this folder. Standing by.")
            return False
        return True

    async def _round(self) -> bool:
        """Import what is complete; whether there may be more."""
        complete, waiting = self.folder.complete(time.monotonic())
        for path in complete:
            mapping = self.folder.mapping_of(path)
            if mapping is None:
                self._say_once(f"{path.name}: no mapping is for files of this name; it stays where it is.")
                continue
            try:
                waiting |= not await self._import(path, mapping)
            except CannotReach as error:
                self._say_once(f"{path.name}: {error} It is tried again.")
                return True
        return waiting

    async def _import(self, path: Path, mapping: Mapping) -> bool:
        """Import one file and put it away; False when another process is at it."""
        try:
            outcome = await self.import_one(path, mapping)
        except BadFile as error:
            moved = self.folder.give_up(path, error.message)
            self.say(f"{path.name} by {mapping.name}: {error} It is now {moved}.")
            return True
        except FileNotFoundError:
            return False
        moved, standing = self.folder.put_away(path, outcome), outcome.standing
        self.say(f"{path.name} by {mapping.name}: {standing.rows:,} rows, {standing.rejected:,} rejected. Now {moved}.")
        return True

    def _say_once(self, sentence: str) -> None:
        if sentence != self._said:
            self.say(sentence)
        self._said = sentence
