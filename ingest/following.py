"""Keeps ingest up with what operators say of sources: a thread reads the control topic, from its first record on."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from ingest.keys import KeyRing
from schemas.errors import Unavailable
from schemas.source_register import Followed, SourceRegister, take_all

_PATIENCE = 60.0
_WAIT = 1.0

_log = structlog.get_logger(__name__)


class Follower(Protocol):
    """Reads the control topic; `projections.log.follow.LogFollower` is one."""

    def news(self, seconds: float) -> Iterable[Followed]:
        """What comes next."""

    def all_news(self, seconds: float) -> Iterable[Followed]:
        """All that is there."""

    def close(self) -> None:
        """Disconnect."""


@dataclass(slots=True)
class SourceFollowing:
    """Fills the register and the key ring. Until it has read all that is there, the ring knows nobody."""

    follower: Follower
    register: SourceRegister
    keys: KeyRing
    _thread: threading.Thread | None = None
    _ended: threading.Event = field(default_factory=threading.Event)
    _is_told: bool = False

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread = threading.Thread(target=self._run, name="sources", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End; blocks for a moment."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join(2 * _WAIT)

    def complaint(self) -> str:
        """Why no key can be judged as it should; '' when they can."""
        if self._thread is not None and not self._thread.is_alive():
            return "What operators say of write keys is read no more: restart this process."
        return "" if self.keys.is_known else "What operators said of write keys is still being read."

    def _run(self) -> None:
        try:
            while not self._ended.is_set():
                self._keep_up_while_there()
        finally:
            self.follower.close()

    def _keep_up_while_there(self) -> None:
        """Once Kafka is away that is said once, and tried again until it is back."""
        try:
            self._keep_up()
        except Unavailable as away:
            if not self._is_told:
                _log.warning("write keys may be old", reason=away.message)
            self._is_told = True
            self._ended.wait(_WAIT)

    def _keep_up(self) -> None:
        take_all(self.register, self.follower.all_news(_PATIENCE))
        self.keys.renew(self.register)
        self._is_told = False
        while not self._ended.is_set():
            if take_all(self.register, self.follower.news(_WAIT)):
                self.keys.renew(self.register)
