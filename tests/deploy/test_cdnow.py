"""The demo's history."""

import orjson

from deploy.cdnow.history import as_line, best_customers, purchases
from tests.oracle.cdnow import cdnow


def test_the_history_is_the_oracles() -> None:
    """The demo sends event for event what the known answer was computed from."""
    sent = [orjson.loads(as_line(purchase).json) for purchase in purchases()]
    assert len(sent) == 69_659
    assert sent == [logged.event for logged in cdnow()]


def test_the_best_customers() -> None:
    """The ten with the highest sums, the best first."""
    best = best_customers(purchases(), 10)
    assert (len(best), best[0]) == (10, "07592")
