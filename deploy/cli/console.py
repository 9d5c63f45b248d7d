"""Where the commands write: progress and words for people to stderr, results to stdout."""

from __future__ import annotations

from rich.console import Console

def notes() -> Console:
    """For progress, notes and errors."""
    return Console(stderr=True, highlight=False)


def results() -> Console:
    """For what was asked for."""
    return Console(highlight=False)
