"""What matching finds on a data set whose doubles are known."""

from __future__ import annotations

import pytest

from deploy.matching.model import Pair
from deploy.matching.suggest import Apart, Wanted, suggest
from tests.matching import febrl


@pytest.fixture(scope="module")
def found() -> list[Pair]:
    """What is proposed with the options of `cdp match`; two pages, as from ClickHouse."""
    people = [febrl.person(row) for row in febrl.rows("dataset3")]
    return suggest([people[:3000], people[3000:]], Apart([]), Wanted(0.99, 10_000), "AU", lambda _step: None)


def test_febrl_3_is_matched_almost_completely_and_without_error(found: list[Pair]) -> None:
    """Of 6,538 true pairs among 5,000 records at least 98 % are proposed; of what is proposed at least 99 % is true."""
    true = febrl.true_pairs(febrl.rows("dataset3"))
    assert len(true) == 6538
    proposed = {frozenset((pair.left.person_id, pair.right.person_id)) for pair in found}
    assert len(proposed & true) / len(proposed) >= 0.99
    assert len(proposed & true) / len(true) >= 0.98


def test_the_likeliest_come_first_each_with_its_reasons(found: list[Pair]) -> None:
    """Each pair once, sorted by probability, and every one says what agrees."""
    probabilities = [pair.probability for pair in found]
    assert probabilities == sorted(probabilities, reverse=True)
    assert len({frozenset((pair.left.person_id, pair.right.person_id)) for pair in found}) == len(found)
    assert all(any(each.bits > 0 for each in pair.agreements) for pair in found)
