"""Compiled definitions say what the contract says: members, values, reasons and flips are the oracle's."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.oracle.definitions.explain import explain
from deploy.oracle.definitions.flips import flips
from deploy.oracle.model import By, Json, Logged
from projections.database import Database
from tests.property.evaluating import Asked, View, agrees
from tests.property.recording import record
from tests.property.sizes import chances, examples
from tests.stack.servers import ClickHouse
from tests.strategies.definitions import borders, definitions, leaves, libraries, tags
from tests.strategies.histories import histories, moments

pytestmark = pytest.mark.clickhouse

_LEAVES, _WHOLE, _TAGS = 24, 12, 6
"""So many definitions are asked of each history at once."""


@pytest.fixture(scope="module")
def database(clickhouse_server: ClickHouse) -> Iterator[Database]:
    """A database for one history at a time, with the settings of the stages."""
    database = Database(clickhouse_server.fresh_database(), brief=True)
    yield database
    database.close()


@st.composite
def asked(draw: st.DrawFn, log: list[Logged]) -> dict[str, dict[str, Json]]:
    """A library, many definitions that refer to it, and single conditions."""
    library = draw(libraries(log))
    found = {kind: dict(some) for kind, some in library.items()}
    for number in range(_LEAVES):
        found["segment"][f"leaf{number}"] = {"key": f"leaf{number}", "where": draw(leaves(log, library))}
    for number in range(_WHOLE):
        found["segment"][f"whole{number}"] = draw(definitions(log, library, f"whole{number}"))
    for number in range(_TAGS):
        found["tag"][f"tag{number}"] = draw(tags(log, library, f"tag{number}"))
    return found


def views(log: list[Logged]) -> st.SearchStrategy[View]:
    """As of any time, by occurrence and by knowledge: mostly where windows begin or end."""
    return st.builds(View, borders(log) | moments(log), st.sampled_from(get_args(By)))


@examples(24)
@given(log=histories(), chance=chances, data=st.data())
def test_any_definition_holds_for_whom_the_oracle_says(
    database: Database, log: list[Logged], chance: random.Random, data: st.DataObject
) -> None:
    """Now, from the kept profiles; as of any time, from folded ones; and one segment is explained alike."""
    record(database, log, chance).fold()
    library = data.draw(asked(log))
    now = Asked(database, log, View(kept=True), library)
    assert now.found() == now.told()
    then = Asked(database, log, data.draw(views(log)), library)
    assert then.found() == then.told(), then.view

    key = data.draw(st.sampled_from(sorted(library["segment"])))
    for root, tree in then.explained(key).items():
        told = explain(then.world.person(root), library["segment"][key]["where"])
        assert agrees(tree, told, then.world.clock), (library["segment"][key], tree, told)


@examples(6)
@given(log=histories(most=8), chance=chances, data=st.data())
def test_nobody_flips_before_it_was_said(
    database: Database, log: list[Logged], chance: random.Random, data: st.DataObject
) -> None:
    """What time alone changes is foretold, never too late. Boundaries of RFM move with the population instead."""
    record(database, log, chance)
    drawn = [data.draw(leaves(log).filter(lambda node: "rfm." not in str(node))) for _ in range(6)]
    library: dict[str, dict[str, Json]] = {
        "segment": {f"s{at}": {"key": f"s{at}", "where": node} for at, node in enumerate(drawn)},
        "tag": {},
    }
    asked_of = Asked(database, log, data.draw(views(log)), library)
    for key, body in library["segment"].items():
        for root, said in asked_of.flips(("segment", key)).items():
            flip = flips(asked_of.world, root, body["where"], horizon=timedelta(days=40))
            assert flip is None or (said is not None and said <= flip), (body, said, flip, asked_of.view)
