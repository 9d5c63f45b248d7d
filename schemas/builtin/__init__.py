"""The tags that are there from the beginning: one file a tag, like any other definition."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from schemas.definitions import Definition, read_yaml


@cache
def builtin_definitions() -> tuple[Definition, ...]:
    """All of them, by key. Each file is named after the key it defines."""
    found = (entry for entry in files(__name__).iterdir() if entry.name.endswith(".yaml"))
    return tuple(read_yaml(each.read_bytes()) for each in sorted(found, key=lambda entry: entry.name))
