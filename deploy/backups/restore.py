"""Putting a backup back: files only. The platform starts from them as after a crash, and goes on where it was."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from deploy.backups.store import Entry, Manifest, Store
from deploy.errors import CannotStart


def restore(store: Store, manifest: Manifest, directory: Path, advance: Callable[[int], None]) -> None:
    """Write every file of a backup into a directory that is empty or not there.

    Raises CannotStart, Damaged among others; then nothing of it is left behind.
    """
    if directory.exists() and any(directory.iterdir()):
        raise CannotStart(f"{directory} is not empty. Restore into a new directory: --data-dir names it.")
    existed = directory.exists()
    directory.mkdir(parents=True, exist_ok=True)
    try:
        for entry in manifest.entries:
            _write(store, entry, directory)
            advance(entry.size)
    except BaseException:
        for path in directory.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        if not existed:
            directory.rmdir()
        raise


def _write(store: Store, entry: Entry, directory: Path) -> None:
    target = directory / entry.path
    if not target.resolve().is_relative_to(directory.resolve()):
        raise CannotStart(f"The backup names a file outside of the directory: {entry.path}.")
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        for piece in store.pieces(entry):
            file.write(piece)
