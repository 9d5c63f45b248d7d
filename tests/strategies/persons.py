"""Histories changed in who is who: pairs nobody speaks of, words on them, and persons of a single identifier."""

from dataclasses import replace
from datetime import datetime

from hypothesis import strategies as st

from deploy.oracle.addresses import SCOPED, identifier, rank, type_of
from deploy.oracle.model import Json, Logged
from deploy.oracle.owners import Known
from tests.strategies.customers import ADDRESSES

PLAIN = [address for address in ADDRESSES if type_of(address) not in SCOPED]


def strangers(log: list[Logged]) -> st.SearchStrategy[list[str]]:
    """Two identifiers that no event of the history names together, by priority."""
    company = {(a, b) for event in log for a in event.ids for b in event.ids}
    pairs = st.lists(st.sampled_from(PLAIN), min_size=2, max_size=2, unique=True)
    return pairs.filter(lambda pair: (pair[0], pair[1]) not in company).map(lambda pair: sorted(pair, key=rank))


def link_of(kind: str, pair: list[str], at: datetime) -> Json:
    """An event that says the two are, or are not, one person's; its id is its type."""
    ids: dict[str, list[str]] = {}
    for said in map(identifier, pair):
        ids.setdefault(said["type"], []).append(said["value"])
    return {"event_id": kind, "type": kind, "occurred_at": at.isoformat(), "ids": ids, "data": {}}


def renamed(log: list[Logged], view: Known) -> list[Logged]:
    """The history as sent of persons of one identifier each: their root; what came without identifiers stays so."""
    return [one if not one.ids else replace(one, event=one.event | ids_of_the_root(one, view)) for one in log]


def ids_of_the_root(one: Logged, view: Known) -> Json:
    """The event's person as its only customer number."""
    return {"ids": {"customer_no": view.people.root(one.ids[0])}}
