"""Whether a definition can be in force beside the others: what it refers to, and who refers to it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from projections.library import Library
from schemas.definitions import Definition, InvalidDefinition, Ref, Refusal, check_graph, references
from schemas.errors import RequestError


class InUse(RequestError):
    """Other definitions refer to it; `refusals` names each."""

    def __init__(self, ref: Ref, users: Collection[Ref]) -> None:
        names = ", ".join(f"the {kind} {key}" for kind, key in sorted(users))
        super().__init__("in_use", f"The {ref[0]} {ref[1]} is used by {names}.")
        self.refusals = tuple(
            Refusal("", f"The {kind} {key} refers to it.", code="in_use", of=(kind, key)) for kind, key in sorted(users)
        )


def check(definitions: Collection[Definition], library: Library) -> list[Refusal]:
    """What is wrong with new versions of some definitions in place of those in force; `of` says whose it is."""
    new = {each.ref: each for each in definitions}
    known = {**{each.ref: each for each in _standing(library)}, **new}
    refusals = [each for each in check_graph(known.values()) if each.of in new]
    told = {(each.of, each.pointer) for each in refusals}
    # Only what is live is computed, so what is live may refer to nothing else.
    live = check_graph(each for each in known.values() if each.status == "live")
    asleep = (each for each in live if each.of in new and (each.of, each.pointer) not in told)
    return refusals + [Refusal(each.pointer, "This refers to what is not live.", of=each.of) for each in asleep]


def require_sound(definition: Definition, library: Library) -> None:
    """Raises InvalidDefinition for what is wrong with it, InUse when others would lose what they refer to."""
    if refusals := check([definition], library):
        raise InvalidDefinition(refusals)
    if definition.status == "archived":
        require_unused(definition.ref, library)
    if definition.status == "draft" and (users := users_of(definition.ref, library.live)):
        raise InUse(definition.ref, users)


def require_unused(ref: Ref, library: Library) -> None:
    """Raises InUse when others refer to it that are not archived."""
    if users := users_of(ref, _standing(library)):
        raise InUse(ref, users)


def users_of(ref: Ref, definitions: Iterable[Definition]) -> set[Ref]:
    """Which of some definitions refer to one, not counting itself."""
    return {each.ref for each in definitions if ref in references(each) and each.ref != ref}


def in_order(definitions: Iterable[Definition]) -> list[Definition]:
    """Some definitions, none before those of them that it refers to. They must be free of circles."""
    waiting = {each.ref: each for each in definitions}
    ordered: list[Definition] = []
    while waiting:
        free = [each for ref, each in sorted(waiting.items()) if not references(each) & (waiting.keys() - {ref})]
        ordered += free
        for each in free:
            del waiting[each.ref]
    return ordered


def _standing(library: Library) -> list[Definition]:
    return [entry.definition for entry in library.entries.values() if entry.definition.status != "archived"]
