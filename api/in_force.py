"""The definitions in force as the API sees them: read anew only when something was said since."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from projections.compiler import Program, compile_library
from projections.compiler.limiting import Cut
from projections.database import Database
from projections.library import Library, as_ref, library_at
from projections.moments import FOREVER, AsOf
from projections.programs import Programs
from schemas.rfm import Boundaries


@dataclass(frozen=True, slots=True)
class View:
    """What is in force at one moment, and what live scores are held against."""

    library: Library
    boundaries: Boundaries | None
    cuts: Mapping[str, Cut]


@dataclass(slots=True)
class InForce:
    """Safe to share between threads; its methods block."""

    database: Database
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _programs: Programs = field(init=False)

    def __post_init__(self) -> None:
        """Nothing is asked yet."""
        self._programs = Programs(self.database)

    def view(self) -> View:
        """What is in force now. Raises Unavailable."""
        with self._lock:
            self._programs.renew()
            return View(self._programs.library, self._programs.boundaries, self._programs.cuts)

    def library(self, moment: AsOf | None = None) -> Library:
        """The definitions in force now; those known at a moment that asks for what was known."""
        if moment is not None and moment.known != FOREVER:
            return library_at(self.database, moment)
        return self.view().library

    def program(self, library: Library, refs: frozenset[str] | None = None) -> Program:
        """What evaluates the live definitions of a library, or some of them."""
        with self._lock:
            if library is self._programs.library:
                return self._programs.program(refs)
        return compile_library(library.live, only=None if refs is None else set(map(as_ref, refs)))
