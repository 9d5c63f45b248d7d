"""What a file holds, before it is read: its hash, and of text its encoding. One pass, little memory."""

from __future__ import annotations

import codecs
import hashlib
from dataclasses import dataclass
from pathlib import Path

from schemas.errors import BadFile

_PIECE = 1 << 20
_BYTE_ORDER_MARKS = {codecs.BOM_UTF16_LE: "UTF-16", codecs.BOM_UTF16_BE: "UTF-16"}
_CANDIDATES = ("utf-8", "gb18030")


@dataclass(frozen=True, slots=True)
class Content:
    """A file's size, its BLAKE2b of 128 bits, and which encodings its bytes are valid in."""

    path: Path
    size: int
    digest: str
    encodings: tuple[str, ...]
    beginning: bytes

    def encoding(self, said: str) -> str:
        """The encoding to read it in: the one said, else UTF-8 where it is valid, else GB18030. Raises BadFile."""
        for mark, name in _BYTE_ORDER_MARKS.items():
            if self.beginning.startswith(mark):
                raise BadFile(f"{self.path.name} is {name}. Save it as CSV UTF-8, and import that.")
        chosen = said if said != "auto" else next(iter(self.encodings), "")
        if not chosen:
            raise BadFile(
                f"{self.path.name} is neither UTF-8 nor GB18030 all through. Save it as CSV UTF-8; or say `encoding` "
                "in the mapping: then only rows with bytes that cannot be read are rejected."
            )
        return "utf-8-sig" if chosen == "utf-8" else chosen


def look_at(path: Path, *, text: bool) -> Content:
    """Read a file once. Raises BadFile when it cannot be opened."""
    digest, size, beginning = hashlib.blake2b(digest_size=16), 0, b""
    decoders = {name: codecs.getincrementaldecoder(name)() for name in _CANDIDATES} if text else {}
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                beginning = beginning or piece[:4]
                digest.update(piece)
                size += len(piece)
                _drop_those_that_fail(decoders, piece)
    except OSError as error:
        raise BadFile(f"{path} cannot be read: {error.strerror}.") from None
    _drop_those_that_fail(decoders, b"", final=True)
    return Content(path, size, digest.hexdigest(), tuple(decoders), beginning)


def _drop_those_that_fail(decoders: dict[str, codecs.IncrementalDecoder], piece: bytes, *, final: bool = False) -> None:
    for name in list(decoders):
        try:
            decoders[name].decode(piece, final)
        except UnicodeDecodeError:
            del decoders[name]
