"""The oracle's voids: what `event.voided` takes away, and what it does not."""

from datetime import timedelta

from deploy.oracle.fold import profile
from deploy.oracle.log import standing
from tests.oracle.timeline import timeline
from tests.oracle.written import ARRIVAL, START, Said, said, written

ANN = "member_id:M1"
OPENED = said("app.opened", "M1", 5, event_id="x", top={"batch": "b"})


def void(event_id: str, day: float, batch_of_its_own: str | None = None, **target: str) -> Said:
    """An event.voided that names an `event` or a `batch`."""
    top = {"batch": batch_of_its_own} if batch_of_its_own else {}
    source, event = said("event.voided", None, day, event_id=event_id, top=top)
    return source, event | {"data": {"event_id" if key == "event" else key: one for key, one in target.items()}}


def left(*history: Said) -> list[str]:
    """The ids that stand, in log order."""
    return [event.event["event_id"] for event in standing(written(*history))]


def test_a_void_acts_whatever_its_own_time() -> None:
    """Dated before the event or long after, arrived before it or after."""
    for day in (0, 9):
        assert left(OPENED, void("v", day, event="x")) == []
        assert left(void("v", day, event="x"), OPENED) == []


def test_a_void_by_batch_takes_all_of_that_batch() -> None:
    """And nothing of another batch or of none."""
    others = [said("app.opened", "M1", 6, event_id=name, top=top) for name, top in (("y", {"batch": "c"}), ("z", {}))]
    assert left(OPENED, *others, void("v", 9, batch="b")) == ["y", "z"]


def test_a_void_reaches_its_own_source_only() -> None:
    """The same id and batch of another source stand."""
    _, event = OPENED
    assert left(("app", event), void("v", 9, event="x"), void("w", 9, batch="b")) == ["x"]


def test_a_later_void_of_a_void_gives_back_what_it_took() -> None:
    """Later in (occurred_at, event_id); a chain of three takes it away again."""
    first, second, third = void("v", 1, event="x"), void("w", 1, event="v"), void("u", 2, event="w")
    assert left(OPENED, first) == []
    assert left(second, OPENED, first) == ["x"]
    assert left(OPENED, third, second, first) == []


def test_an_earlier_void_cannot_void_a_later_one() -> None:
    """So of two that name each other the later holds, and there is always an answer."""
    later = void("v", 2, event="x")
    assert left(OPENED, later, void("w", 1, event="v")) == []
    assert left(OPENED, void("w", 3, event="v"), void("v", 2, event="w")) == ["x"]


def test_a_void_of_its_own_batch_still_acts() -> None:
    """It never voids itself, nor is it voided by naming its own id."""
    assert left(OPENED, void("v", 1, "b", batch="b")) == []
    assert left(OPENED, void("v", 1, event="v")) == ["x"]


def test_a_batch_of_voids_can_be_voided() -> None:
    """Voids sent in a batch are taken back with it."""
    assert left(OPENED, void("v", 1, "wrong", event="x"), void("w", 2, batch="wrong")) == ["x"]


def test_a_voided_id_stays_taken() -> None:
    """Sent again, even with other content, it is the same event, and still void."""
    again = said("app.opened", "M2", 7, event_id="x")
    assert left(OPENED, void("v", 1, event="x"), again, OPENED) == []


def test_as_received_a_void_acts_from_its_arrival() -> None:
    """Before it came the event stood; as occurred it never did."""
    log = written(OPENED, void("v", 0, event="x"))
    before = log[1].received_at - timedelta(microseconds=1)
    assert timeline(log, ANN, ARRIVAL, as_of=before, by="received_at") == [("pos", "x")]
    assert timeline(log, ANN, ARRIVAL, as_of=log[1].received_at, by="received_at") == []
    assert timeline(log, ANN, ARRIVAL, as_of=before) == []


def test_a_void_is_no_fact_of_the_customer_it_names() -> None:
    """Even one with identifiers makes nobody known."""
    log = written(said("event.voided", "M1", 1, batch="none"))
    assert profile(log, ANN, ARRIVAL) is None


def test_a_voided_event_gives_its_order_another_owner() -> None:
    """As if it had never been: the next earliest event with identifiers decides."""
    placed = said("order.placed", "M2", 1, event_id="x", order_id="1", total="5", lines=[])
    paid = said("order.paid", "M1", 2, order_id="1", amount="5")
    found = profile(written(placed, paid, void("v", 9, event="x")), ANN, START + timedelta(days=50))
    assert found is not None
    assert found["orders"]["count"] == 1
