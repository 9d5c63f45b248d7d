"""One owner per directory: a lock that the kernel releases when its holder dies, however it dies."""

import fcntl
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Self

_POLL_SECONDS = 0.05


class AlreadyInUse(RuntimeError):
    """Another living process holds the directory; nothing in it was changed."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is already in use by another process")
        self.path = path


class DirectoryLock:
    """`flock` on `<directory>/<name>`, held from `acquire` to `release` or to the end of the process.

    Children do not inherit it (the descriptor closes on exec), so it is free as soon as the holder is gone.
    """

    def __init__(self, directory: Path, name: str = "lock") -> None:
        self.directory = directory
        self._path = directory / name
        self._descriptor: int | None = None

    def acquire(self, wait_seconds: float = 0.0) -> None:
        """Take the lock or raise `AlreadyInUse`; waits a moment for a predecessor that is still dying."""
        self.directory.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + wait_seconds
        while not _try_lock(descriptor):
            if time.monotonic() >= deadline:
                os.close(descriptor)
                raise AlreadyInUse(self.directory)
            time.sleep(_POLL_SECONDS)
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the directory up; harmless when it is not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
