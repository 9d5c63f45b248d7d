"""What is fixed when a data directory is made: its sums are in one currency, its days in one time zone."""

from __future__ import annotations

from pathlib import Path

from deploy import files
from deploy.errors import CannotStart
from schemas.settings import Settings

_FIXED = ("currency", "time_zone")


def settle(directory: Path, settings: Settings) -> Settings:
    """The settings with the directory's own currency and time zone; the first start writes them down.

    Raises CannotStart when a setting explicitly asks for another one.
    """
    path = directory / "platform.json"
    known = files.read(path)
    for name in _FIXED:
        if name in known and name in settings.model_fields_set and getattr(settings, name) != known[name]:
            raise CannotStart(_complaint(directory, name, known[name], getattr(settings, name)))
    if not known:
        known = {name: getattr(settings, name) for name in _FIXED}
        files.write(path, known)
    return settings.model_copy(update={name: known[name] for name in _FIXED})


def _complaint(directory: Path, name: str, known: str, asked: str) -> str:
    words = name.replace("_", " ")
    return (
        f"The {words} of {directory} is {known} and cannot become {asked}: it was fixed when the directory was made. "
        f"Unset CDP_{name.upper()}, or start another platform with --data-dir."
    )
