"""Partitions are chosen as every Kafka client chooses them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from kafka.partitioner.default import murmur2 as kafkas

from projections.log.murmur import murmur2


@given(st.binary(max_size=64))
def test_keys_hash_as_in_kafkas_clients(key: bytes) -> None:
    """Whatever the bytes, and however many."""
    assert murmur2(key) == kafkas(key)
