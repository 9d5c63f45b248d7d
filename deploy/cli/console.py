"""Where the commands write: progress and words for people to stderr, results to stdout."""

from __future__ import annotations

from rich.console import Console

_WIDE = 110
"""Columns where there is no terminal to ask: a file, a pipe."""


def notes() -> Console:
    """For progress, notes and errors."""
    return Console(stderr=True, highlight=False)


def results() -> Console:
    """For what was asked for."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_WIDE)
