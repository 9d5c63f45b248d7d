"""The compiled definitions the stages evaluate with: kept until definitions or boundaries are said anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from projections.boundary_versions import latest_boundaries
from projections.compiler.limiting import Cut
from projections.compiler.program import Program, compile_library
from projections.cuts import kept_cuts
from projections.database import Database
from projections.library import Library, as_ref, library_at
from schemas.rfm import Boundaries

_NEWEST = """
SELECT (SELECT max(version) FROM controls WHERE kind IN ('segment', 'tag') AND rejected = ''),
       (SELECT max(version) FROM rfm_boundaries), (SELECT max(pass_id) FROM passes),
       (SELECT max(version) FROM cuts)
"""
_PROGRAMS_KEPT = 16


@dataclass(slots=True)
class Programs:
    """One thread's view of what is to be evaluated; `renew` before each round, so that all of it has one view."""

    database: Database
    library: Library = field(default_factory=lambda: Library(0, {}))
    boundaries: Boundaries | None = None
    cuts: Mapping[str, Cut] = field(default_factory=dict)
    newest_pass: int = 0
    _newest: tuple[int, int, int] | None = None
    _compiled: dict[tuple[str, frozenset[str] | None], Program] = field(default_factory=dict)

    def renew(self) -> None:
        """Read what was said since. Raises Unavailable."""
        definitions, boundaries, self.newest_pass, cuts = self.database.tuples(_NEWEST)[0]
        before = self._newest
        if before is None or before[0] != definitions:
            self.library = library_at(self.database)
        if before is None or before[1] != boundaries:
            kept = latest_boundaries(self.database)
            self.boundaries = kept.boundaries if kept else None
        if before is None or (before[0], before[2]) != (definitions, cuts):
            versions = {ref: self.library.version_of(ref) for ref in self.library.refs}
            self.cuts = kept_cuts(self.database, versions)
        self._newest = (definitions, boundaries, cuts)

    @property
    def population_version(self) -> int:
        """The version of what customers are compared with: boundaries and cuts together."""
        return max(self._newest[1:]) if self._newest else 0

    def program(self, refs: frozenset[str] | None = None) -> Program:
        """What evaluates all live definitions, or some of them with what they refer to."""
        asked = (self.library.fingerprint, refs)
        if asked not in self._compiled:
            if len(self._compiled) >= _PROGRAMS_KEPT:
                self._compiled.clear()
            self._compiled[asked] = compile_library(
                self.library.live, only=None if refs is None else {as_ref(each) for each in refs}
            )
        return self._compiled[asked]
