"""Positions go out as tokens and come back as they were."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import RequestError
from schemas.positions import decode, encode, merge
from schemas.topics import ROLES

OFFSETS = st.dictionaries(st.integers(0, 100), st.integers(0, 2**63 - 1), min_size=1, max_size=8)
POSITIONS = st.dictionaries(st.sampled_from(ROLES), OFFSETS, max_size=3)


@given(POSITIONS)
def test_a_token_leads_back(position):
    """decode(encode(p)) = p, and the token needs no escaping."""
    token = encode(position)
    assert decode(token) == position
    assert quote(token, safe="") == token


@given(st.lists(POSITIONS, max_size=4))
def test_merged_is_the_furthest(positions):
    """Per partition the greatest offset, in any order."""
    tokens = [encode(position) for position in positions]
    merged = merge(tokens)
    assert merged == merge(reversed(tokens))
    for position in positions:
        for role, offsets in position.items():
            assert all(merged[role][partition] >= offset for partition, offset in offsets.items())
    assert merge([encode(merged)]) == merged


@given(st.text(max_size=60))
def test_any_text_is_a_position_or_a_bad_parameter(text):
    """Nothing else, whatever is put into the URL."""
    try:
        decode(text)
    except RequestError as error:
        assert error.code == "bad_parameter"


@pytest.mark.parametrize("token", ["", "x", "eyJtb29uIjp7IjAiOjF9fQ", "eyJldmVudHMiOnsiMCI6LTF9fQ", "a" * 5000])
def test_tokens_nobody_gave_out(token):
    """Empty, cut, of an unknown topic, negative, endless."""
    with pytest.raises(RequestError):
        decode(token)


def test_equal_positions_have_equal_tokens():
    """Whatever order they were gathered in; nothing is said of topics without offsets."""
    assert encode({"events": {1: 2, 0: 1}, "dead_letters": {}}) == encode({"events": {0: 1, 1: 2}})
