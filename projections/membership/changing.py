"""From what differs to changes: what each says, by what it was caused, and what holds then. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from projections.membership.model import Cause, Change, Differing, Held, State, Step


class Looking(Protocol):
    """What is to be known of the definitions."""

    def version_of(self, ref: str) -> int:
        """The version in force."""
        ...

    def concerns(self, ref: str, event_type: str) -> bool:
        """Whether events of that type can change what it says."""
        ...

    def compares_all(self, ref: str) -> bool:
        """Whether it compares a customer with all others."""
        ...


def changed(found: Differing, step: Step, library: Looking) -> tuple[list[Change], State]:
    """The changes of one person, and what holds of it then."""
    was = {each.ref: each for each in found.was.held}
    before = {ref: held.value for ref, held in was.items() if found.refs is None or ref in found.refs}
    now = dict(found.pairs)
    moved = sorted(ref for ref in before.keys() | now.keys() if before.get(ref) != now.get(ref))
    changes = [_change(ref, before.get(ref), now.get(ref), found, step, library) for ref in moved]
    held = {ref: each for ref, each in was.items() if ref not in moved}
    held |= {each.ref: Held(each.ref, each.after, each.at) for each in changes if each.ref in now}
    state = State(
        root=found.was.root,
        person_id=found.person_id or found.was.person_id,
        sequence=found.was.sequence + bool(changes),
        held=tuple(held[ref] for ref in sorted(held)),
        flips_at=_flip(found),
        version=step.version,
    )
    return changes, state


def _change(ref: str, before: str | None, after: str | None, found: Differing, step: Step, library: Looking) -> Change:
    kind, _, key = ref.partition(":")
    nothing = "false" if kind == "segment" else "null"
    at, cause = _why(ref, found, step, library)
    return Change(
        kind=kind,
        key=key,
        root=found.was.root,
        person_id=found.person_id or found.was.person_id,
        sequence=found.was.sequence + 1,
        before=before or nothing,
        after=after or nothing,
        at=at,
        cause=cause,
        definition_version=library.version_of(ref),
        partition=step.partition,
        version=step.version,
    )


def _why(ref: str, found: Differing, step: Step, library: Looking) -> tuple[datetime, Cause]:
    """When and why: the last event it looks at, else what else was said, a new definition, time, other customers."""
    said = [each for each in step.causes if each.kind == "event" and library.concerns(ref, each.of)]
    said = said or [each for each in step.causes if each.kind not in ("event", "time")]
    if said:
        return step.at, said[-1]
    if ref in step.building:
        return step.at, step.building[ref]
    flip = found.was.flips_at
    if flip is not None and flip <= step.at:
        return flip, Cause("time")
    if library.compares_all(ref):
        return step.at, Cause("population")
    last = step.causes[-1] if step.causes else Cause("time")
    is_new = not found.was.sequence  # any first event makes somebody of nobody
    return step.at, last if is_new else step.lately(found.was.root, ref) or last


def _flip(found: Differing) -> datetime | None:
    """Where only some definitions were looked at, the others may flip as they would have, or are about to."""
    if found.refs is None:
        return found.flips_at
    return min((each for each in (found.flips_at, found.was.flips_at) if each is not None), default=None)
