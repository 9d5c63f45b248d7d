"""The form of dead letters."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest

from schemas.dead_letter import MAX_ORIGINAL_BYTES, DeadLetter, decode, encode
from tests.ingest.fakes import NOW


def letter(original: bytes) -> DeadLetter:
    """Give a letter of the recorder."""
    return DeadLetter(
        code="unreadable",
        pointer="",
        message="no",
        source="pos",
        event_id=None,
        origin="recorder",
        index=3,
        received_at=NOW,
        original=original,
        topic="t",
        partition=1,
        offset=9,
    )


@pytest.mark.parametrize("original", [b"", b"{}", "Привет\n\x00".encode(), b"\xff\xfe", b'"\\ud800"'])
def test_a_letter_reads_as_it_was_written(original: bytes) -> None:
    """Bytes included, on one line."""
    assert decode(encode(letter(original))) == letter(original)
    assert b"\n" not in encode(letter(original))


@pytest.mark.parametrize("original", [b"\xff" + b"x" * MAX_ORIGINAL_BYTES, "é".encode() * MAX_ORIGINAL_BYTES])
def test_only_the_beginning_of_a_huge_original_is_kept(original: bytes) -> None:
    """And the letter says so."""
    read = decode(encode(letter(original)))
    assert read.truncated
    assert original.startswith(read.original)
    assert MAX_ORIGINAL_BYTES - 4 < len(read.original) <= MAX_ORIGINAL_BYTES


def test_a_letter_says_whose_form_its_original_has() -> None:
    """Of a native event it says nothing: letters are as they always were."""
    assert decode(encode(replace(letter(b"{}"), format="segment"))).format == "segment"
    assert "format" not in orjson.loads(encode(letter(b"{}")))


def test_text_stays_readable() -> None:
    """Base64 is only for what is not UTF-8."""
    assert "encoding" not in orjson.loads(encode(letter("ü".encode())))
    assert orjson.loads(encode(letter(b"\xff")))["encoding"] == "base64"
