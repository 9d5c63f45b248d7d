"""Of several claims on one event id the first in the log stands. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from processors.recorder.reading import Candidate
from projections.claims import Claim, EventId
from projections.places import Place


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of some candidates, and of claims that were there before them."""

    standing: Sequence[Candidate]
    repeated: Sequence[Candidate]
    conflicts: Sequence[Candidate]
    beaten: Sequence[tuple[EventId, Claim]]
    """Stored claims a candidate beats: their facts are taken back."""
    beaten_conflicts: Sequence[tuple[EventId, Claim]]
    """Those of them that said something else."""


NOTHING = Verdict((), (), (), (), ())


def judge(candidates: Sequence[Candidate], claims: Mapping[EventId, Sequence[Claim]]) -> Verdict:
    """Judge candidates against each other and the stored claims.

    A candidate at the very place of a stored claim is the same record delivered again: it stands if that claim does.
    """
    if not claims and len({candidate.id for candidate in candidates}) == len(candidates):
        return Verdict(candidates, (), (), (), ())  # as it is of nearly all chunks
    winners = _winners(candidates, claims)
    standing: list[Candidate] = []
    repeated: list[Candidate] = []
    conflicts: list[Candidate] = []
    beaten: list[tuple[EventId, Claim]] = []
    for candidate in candidates:
        place, content_hash = winners[candidate.id]
        if candidate.fact.place == place:
            standing.append(candidate)
            beaten += [(candidate.id, claim) for claim in claims.get(candidate.id, ()) if claim.place > place]
        elif candidate.fact.event.content_hash == content_hash:
            repeated.append(candidate)
        else:
            conflicts.append(candidate)
    differing = [(event_id, claim) for event_id, claim in beaten if claim.content_hash != winners[event_id][1]]
    return Verdict(standing, repeated, conflicts, beaten, differing)


def _winners(
    candidates: Sequence[Candidate], claims: Mapping[EventId, Sequence[Claim]]
) -> dict[EventId, tuple[Place, bytes]]:
    """The first place in the log of each id, and what was said there."""
    winners: dict[EventId, tuple[Place, bytes]] = {}
    for candidate in candidates:
        said = [(claim.place, claim.content_hash) for claim in claims.get(candidate.id, ())]
        said.append((candidate.fact.place, candidate.fact.event.content_hash))
        if candidate.id in winners:
            said.append(winners[candidate.id])
        winners[candidate.id] = min(said)
    return winners
