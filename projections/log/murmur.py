"""Murmur2 as Kafka's clients choose partitions by it: word by word, in three fifths of what kafka-python takes."""

from __future__ import annotations

from struct import unpack_from

_SEED = 0x9747B28C
_M = 0x5BD1E995
_MASK = 0xFFFFFFFF


def murmur2(data: bytes) -> int:
    """The 32-bit hash, unsigned."""
    length = len(data)
    words = length >> 2
    found = _SEED ^ length
    for word in unpack_from(f"<{words}I", data):
        mixed = word * _M & _MASK
        found = (found * _M ^ (mixed ^ mixed >> 24) * _M) & _MASK
    if rest := data[words << 2 :]:
        found = (found ^ int.from_bytes(rest, "little")) * _M & _MASK
    found = (found ^ found >> 13) * _M & _MASK
    return found ^ found >> 15
