"""Definitions in files: YAML or JSON, one or several to a file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.definitions import Definition, InvalidDefinition, parse
from schemas.definitions.decoding import decode_json, decode_yaml
from schemas.errors import CdpError

_SUFFIXES = (".yaml", ".yml", ".json")
# At the beginning of a line YAML reads these as marks between documents, even within a text.
_BETWEEN = re.compile(rb"^(?:---|\.\.\.)(?=\s|\Z)", re.MULTILINE)


class BadFiles(CdpError):
    """Files with definitions that are refused; each line of the message says where and why."""


@dataclass(frozen=True, slots=True)
class Written:
    """A definition, and where it is written: `tags.yaml #2` is the second of its file."""

    place: str
    definition: Definition


def read_files(paths: Iterable[Path]) -> list[Written]:
    """Read all definitions of files, and of files in directories. Raises BadFiles, which names all that is wrong."""
    found: list[Written] = []
    wrong: list[str] = []
    for path in _files(paths):
        for place, body in _bodies(path, wrong):
            try:
                found.append(Written(place, parse(body)))
            except InvalidDefinition as refused:
                wrong += [_said(place, each.pointer, each.message) for each in refused.refusals]
    if wrong:
        raise BadFiles("\n".join(wrong))
    if not found:
        raise BadFiles("There is no definition in these files.")
    return found


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(each for each in path.rglob("*") if each.suffix in _SUFFIXES and each.is_file())
        else:
            yield path


def _bodies(path: Path, wrong: list[str]) -> Iterator[tuple[str, Any]]:
    number = 0
    for document in _documents(path):
        try:
            said = decode_json(document) if path.suffix == ".json" else decode_yaml(document)
        except InvalidDefinition as refused:
            wrong.append(f"{path.name}: {refused.message}")
            continue
        for body in said if isinstance(said, list) else [said]:
            number += 1
            yield f"{path.name} #{number}", body


def _documents(path: Path) -> Iterator[bytes]:
    raw = path.read_bytes()
    if path.suffix == ".json":
        yield raw
        return
    yield from (part for part in _BETWEEN.split(raw) if _says_something(part))


def _says_something(document: bytes) -> bool:
    lines = (line.strip() for line in document.splitlines())
    return any(line and not line.startswith(b"#") for line in lines)


def _said(place: str, pointer: str, message: str) -> str:
    return f"{place}{pointer and ' '}{pointer}: {message}"


def refused(written: list[Written], errors: Iterable[dict[str, Any]]) -> BadFiles:
    """What the platform says of definitions it was sent, with their places in the files."""
    return BadFiles("\n".join(_placed(written, each) for each in errors))


def _placed(written: list[Written], error: dict[str, Any]) -> str:
    match = re.match(r"/definitions/([0-9]+)(.*)", error["pointer"])
    if match is None:
        return str(error["message"])
    return _said(written[int(match[1])].place, match[2], error["message"])
