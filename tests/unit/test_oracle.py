"""Laws of the oracle itself, and of the histories it is asked about."""

import ast
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

import deploy.oracle
import tests.oracle
from deploy.oracle.fold import dossier, profile, profiles
from deploy.oracle.log import VOID, acting, firsts
from deploy.oracle.model import By, Json, Logged
from deploy.oracle.orders import orders
from deploy.oracle.owners import Known, known
from deploy.oracle.rfm import rfm, scores
from tests.oracle.timeline import timeline
from tests.strategies.customers import ADDRESSES
from tests.strategies.histories import ENCOUNTERS, NOW, ORDERS_OF, THEMES, histories, moments, permutations, respelled
from tests.strategies.payloads import PAYLOADS

laws = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
LATER = NOW + timedelta(minutes=1)
BOTH: tuple[By, ...] = ("occurred_at", "received_at")
RULES = set("unlinked never_joins not_mobile shared_value too_many_values".split())
STATES = set("placed paid shipped completed partially_refunded refunded cancelled".split())
CATALOGUE = {
    "order": "placed completed updated paid shipped cancelled refunded",
    "product": "viewed added removed favourited shared",
    "page": "viewed",
    "screen": "viewed",
    "search": "performed",
    "checkout": "started",
    "app": "opened",
    "store": "visited",
    "coupon": "claimed redeemed",
    "group": "joined",
    "message": "sent delivered opened clicked unsubscribed",
    "service": "contacted",
    "feedback": "rated reviewed",
    "survey": "answered",
    "ticket": "opened updated resolved reopened",
    "customer": "identified linked unlinked",
    "consent": "changed",
    "points": "earned spent adjusted",
    "tier": "changed",
    "event": "voided",
}


def seen(log: list[Logged], as_of: datetime | None = None, by: By = "occurred_at") -> Known:
    """What is known of a history."""
    return known(log, as_of or NOW, by, ORDERS_OF)


def everything(log: list[Logged], as_of: datetime | None = None, by: By = "occurred_at") -> Json:
    """All the oracle says of a history, of everyone in it; people go by all their identifiers, not by the first."""
    view = seen(log, as_of, by)
    names = {root: tuple(view.people.members(root)) for root in view.roots()}
    told = {name: [event.key for event in view.events_of(root)] for root, name in names.items()}
    asked: dict[str, Any] = {"as_of": as_of, "by": by, "orders_of": ORDERS_OF}
    return {
        "dossiers": {names[root]: one for root, one in profiles(log, NOW, **asked).items()},
        "timelines": told,
        "refused": view.people.refused,
        "rfm": rfm(log, NOW, **asked),
        "scores": {names[root]: one for root, one in scores(log, NOW, **asked).items()},
    }


def appended(log: list[Logged], *sent: tuple[str, Json]) -> list[Logged]:
    """The history with more events at its end."""
    return log + [Logged(source, event, 9, offset, 0, LATER) for offset, (source, event) in enumerate(sent)]


@laws
@given(st.data(), histories())
def test_the_order_of_arrival_says_nothing(data: st.DataObject, log: list[Logged]) -> None:
    """Dealt out in any other order, the first of conflicting ids kept first, a history says the same at any time."""
    as_of = data.draw(moments(log))
    assert everything(data.draw(permutations(log)), as_of) == everything(log, as_of)


@laws
@given(st.data(), histories(conflicts=False))
def test_without_conflicts_not_even_the_first_matters(data: st.DataObject, log: list[Logged]) -> None:
    """Backwards, with every place in the log exchanged, a history says the same."""
    backwards = [
        replace(one, event=other.event, source=other.source) for one, other in zip(log, log[::-1], strict=True)
    ]
    as_of = data.draw(moments(log))
    assert everything(backwards, as_of) == everything(log, as_of)


@laws
@given(st.randoms(use_true_random=False), histories())
def test_the_order_of_reading_says_nothing(random: Any, log: list[Logged]) -> None:
    """The place in the log is in the record, not in the list."""
    shuffled = random.sample(log, len(log))
    assert everything(shuffled) == everything(log)


@laws
@given(st.data(), histories())
def test_sending_again_says_nothing(data: st.DataObject, log: list[Logged]) -> None:
    """Repeats, in other words too, leave all as it was, also as received."""
    again = [(one.source, data.draw(respelled(one.event))) for one in log]
    as_of = data.draw(moments(log))
    by: By = data.draw(st.sampled_from(BOTH))
    assert everything(appended(log, *again), as_of, by) == everything(log, as_of, by)


@laws
@given(st.data(), histories())
def test_a_voided_event_has_never_been(data: st.DataObject, log: list[Logged]) -> None:
    """The latest void of any event, of a void too, leaves a history that had never had it."""
    chosen = data.draw(st.sampled_from(log))
    void = {"event_id": "zz", "type": "event.voided", "occurred_at": (NOW + timedelta(hours=20)).isoformat()}
    voided = appended(log, (chosen.source, void | {"data": {"event_id": chosen.event["event_id"]}}))
    without = [one for one in log if one.key != chosen.key]
    as_of = data.draw(moments(log))
    assert everything(voided, as_of) == everything(without, as_of)


@laws
@given(st.data(), histories())
def test_as_received_is_what_was_said_then(data: st.DataObject, log: list[Logged]) -> None:
    """By received_at, what came later might never have come."""
    as_of = data.draw(moments(log))
    then = [one for one in log if one.received_at <= as_of]
    assert everything(log, as_of, "received_at") == everything(then, as_of)


@laws
@given(histories())
def test_everyone_adds_up(log: list[Logged]) -> None:
    """Each fact is in one timeline or pending, each counted order in one dossier, each customer in one cell."""
    view = seen(log)
    told = [event.key for root in view.roots() for event in view.events_of(root)]
    assert sorted(told) == sorted({fact.key for fact in view.facts} - view.pending())
    counted = [order for order in orders(view, "CNY") if order.counts and order.owner]
    dossiers = profiles(log, NOW, orders_of=ORDERS_OF).values()
    assert sum(one["orders"]["count"] for one in dossiers) == len(counted)
    answer = rfm(log, NOW, orders_of=ORDERS_OF)
    assert answer["orders"] == len(counted)
    for part in ("cells", "classes"):
        assert sum(one["customers"] for one in answer[part]) == answer["customers"]


@laws
@given(st.data(), histories())
def test_whoever_is_asked_for_is_answered_with_the_person(data: st.DataObject, log: list[Logged]) -> None:
    """By any of the identifiers, at any time; an address of nobody has no dossier and no timeline."""
    as_of = data.draw(moments(log))
    view = seen(log, as_of)
    for address in data.draw(st.lists(st.sampled_from(ADDRESSES), max_size=9)):
        root = view.people.root(address)
        one = profile(log, address, NOW, as_of=as_of, orders_of=ORDERS_OF)
        facts = timeline(log, address, NOW, as_of=as_of, orders_of=ORDERS_OF)
        assert (one is None) == (not facts) == (root not in view.roots())
        assert root is None or not facts or one == dossier(view, root, "CNY", "Asia/Shanghai", {})


@laws
@given(histories())
def test_no_order_is_worth_less_than_nothing(log: list[Logged]) -> None:
    """Net and refunded lie between zero and the total, what ended has no net, no line gives back more than it was."""
    for order in orders(seen(log), "CNY"):
        assert 0 <= order.net <= order.total
        assert 0 <= order.refunded <= order.total
        assert order.net == 0 or order.state not in ("cancelled", "refunded")
        assert order.counted_at is not None or not order.counts
        assert all(
            0 <= back <= Decimal(str(line["amount"])) for back, line in zip(order.returned, order.lines, strict=True)
        )
        assert 0 <= order.unallocated <= order.refunded


@laws
@given(histories())
def test_a_dealt_log_is_one_a_broker_could_hold(log: list[Logged]) -> None:
    """Places are unique, time grows along a partition, and each event is at most 24 h ahead of its arrival."""
    assert len({(one.partition, one.offset, one.index) for one in log}) == len(log)
    for partition in range(3):
        mine = [one for one in log if one.partition == partition]
        assert mine == sorted(mine, key=lambda one: (one.offset, one.index))
        assert mine == sorted(mine, key=lambda one: one.received_at)
    assert all(one.occurred_at - one.received_at < timedelta(hours=24) for one in log)


def drawn(number: int, count: int) -> list[list[Logged]]:
    """Some histories: always the same for one number, and quite unlike those of another."""
    logs: list[list[Logged]] = []

    @seed(number)
    @settings(max_examples=count, database=None, deadline=None, phases=[Phase.generate])
    @given(histories())
    def collect(log: list[Logged]) -> None:
        logs.append(log)

    collect()
    return logs


def test_the_histories_reach_what_they_are_for() -> None:
    """Every type, each state of an order, each rule of identity, conflicts, pending events, voids of voids."""
    logs = [log for number in range(6) for log in drawn(number, 60)]
    views = [seen(log) for log in logs]
    every_order = [order for view in views for order in orders(view, "CNY")]
    first = [firsts(log) for log in logs]
    idle = [len([one for one in some if one.type == VOID]) - len(acting(some)) for some in first]
    assert set().union(*THEMES) == set().union(*THEMES, *ENCOUNTERS) == set(PAYLOADS)
    assert {order.state for order in every_order} == STATES
    assert any(len({source for source, _ in order.events}) > 1 for order in every_order)
    assert any(view.pending() for view in views)
    assert any(
        one.event != it.event
        for some, log in zip(first, logs, strict=True)
        for it in some
        for one in log
        if one.key == it.key
    )
    assert any(idle)
    assert any(one.occurred_at > NOW for log in logs for one in log)
    assert {edge.rule for view in views for edge in view.people.refused} == RULES
    assert any(len(view.people.members(root)) > 2 for view in views for root in view.roots())


def test_the_catalogue_is_the_contracts() -> None:
    """The payloads cover CONTRACT §2's table, no type more and none less."""
    named = {kind for kind in PAYLOADS if not kind.startswith("custom.")}
    assert named == {f"{family}.{verb}" for family, verbs in CATALOGUE.items() for verb in verbs.split()}


def test_the_oracle_stands_on_its_own() -> None:
    """It imports the standard library, itself, in one place phonenumbers: none of the platform and its mistakes."""
    packages = (deploy.oracle, tests.oracle)
    for path in [each for package in packages for each in Path(package.__path__[0]).rglob("*.py")]:
        allowed = sys.stdlib_module_names | ({"phonenumbers"} if path.name == "phones.py" else set())
        for node in ast.walk(ast.parse(path.read_text())):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for module in modules:
                assert module.split(".")[0] in allowed or module.startswith(("deploy.oracle", "tests.oracle")), (
                    path.name
                )
