"""Laws of all channels: whatever is sent, the answer is a documented one and every item is accounted for."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.channels.table import CHANNELS
from tests.channels.conftest import Client

NAMES = st.sampled_from(
    """type event userId anonymousId previousId groupId traits properties context timestamp sentAt messageId batch
    products total price quantity order_id sku email phone rating distinct_id uuid $set consent name page library
    channel externalIds externalId id encoding campaign consentManagement allowedConsentIds categoryPreferences alias
    $device_id review_body revenue currency""".split()
)
WORDS = st.sampled_from(
    [
        "track",
        "Product Reviewed",
        "$identify",
        "$create_alias",
        "memberId",
        "none",
        "identify",
        "alias",
        "Order Completed",
        "2026-11-22T00:00:00Z",
        "u1",
        "",
        "1e400",
    ]
)
LEAVES = st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | WORDS | st.text()
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner), max_leaves=12)
POSTED = sorted({path.template for channel in CHANNELS for path in channel.paths if path.method == "POST"})
relaxed = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@relaxed
@given(path=st.sampled_from(POSTED), items=st.lists(st.dictionaries(NAMES, VALUES) | VALUES, max_size=5))
def test_every_item_is_an_event_or_a_dead_letter(client: Client, path: str, items: list[Any]) -> None:
    """Nothing is dropped, nothing fails; a dead letter holds the very bytes."""
    client.log.records.clear()
    written = [orjson.dumps(item) for item in items]
    listed = path.strip("/").rpartition("/")[2] in {"batch", "import", "b"}
    body = b'{"batch":[%s]}' % b",".join(written) if listed else (written or [b"{}"])[0]
    answer = client.post(path, body)
    assert answer.status_code == 200, answer.text
    sent = written if listed else [body]
    letters = client.letters()
    assert all(letter.original == sent[letter.index] for letter in letters)
    assert len(client.events()) >= len(sent) - len(letters)
    assert len({letter.index for letter in letters}) == len(letters)


@relaxed
@given(path=st.sampled_from(POSTED), body=st.binary(max_size=200))
def test_any_bytes_get_a_documented_answer(client: Client, path: str, body: bytes) -> None:
    """200, or a problem whose code and message a client can show."""
    answer = client.post(path, body)
    assert answer.status_code in {200, 400}
    if answer.status_code == 400:
        assert answer.json()["code"] == "unreadable_body"


@pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.name)
def test_the_table_is_in_order(channel: Any) -> None:
    """Names and paths are nobody else's; of a channel's pointers the longer stand before those they begin with."""
    others = [each for each in CHANNELS if each is not channel]
    assert channel.name not in {each.name for each in others}
    paths = {(path.method, path.template) for path in channel.paths}
    assert len(paths) == len(channel.paths)
    assert not paths & {(path.method, path.template) for each in others for path in each.paths}
    natives = [native for native, _ in channel.pointers]
    assert not [
        (early, late)
        for place, early in enumerate(natives)
        for late in natives[place + 1 :]
        if late.startswith(f"{early}/")
    ]
