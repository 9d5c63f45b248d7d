"""JSON pointers (RFC 6901), and the same path as a person would write it."""

from __future__ import annotations

from collections.abc import Iterable

Path = Iterable[str | int]


def pointer(path: Path) -> str:
    """Write a path as a pointer: ('data', 'lines', 0) is /data/lines/0, the empty path is ''."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)


def dotted(path: Path) -> str:
    """Write a path for a sentence: data.lines[0]."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")
