"""Whether a platform runs on a directory: its lock knows, whatever a state file says."""

from __future__ import annotations

from pathlib import Path

from deploy.embedded.lock import AlreadyInUse, DirectoryLock


def is_owned(directory: Path) -> bool:
    """Ask without taking more than a look: a directory that is not there is not made."""
    if not directory.is_dir():
        return False
    try:
        with DirectoryLock(directory):
            return False
    except AlreadyInUse:
        return True
