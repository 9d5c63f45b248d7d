"""JSON and YAML to the same values: decimals exact, a name said twice remembered. Both stay within the body's limit.

Of YAML, what JSON can say: no anchors, no tags; and only JSON's words are not text. `no` is Norway, 007 is a name.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import yaml

from schemas.definitions.limits import MAX_BODY_BYTES
from schemas.definitions.refusals import InvalidDefinition, refusal
from schemas.definitions.structure import as_object

_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,400})(?P<fraction>\.[0-9]+)?(?P<exponent>[eE][+-]?[0-9]{1,9})?\Z", re.ASCII)
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}


def decode_json(raw: bytes | str) -> Any:
    """Decode JSON. Raises InvalidDefinition."""
    text = _text(raw)
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=as_object)
    except RecursionError:
        raise _unreadable("is nested far too deeply") from None
    except json.JSONDecodeError as error:
        raise _unreadable(f"is not JSON: {error}") from None
    except (ValueError, ArithmeticError):
        raise _unreadable("has a number that cannot be read") from None


def decode_yaml(raw: bytes | str) -> Any:
    """Decode one document of YAML. Raises InvalidDefinition."""
    composing = _Composing()
    try:
        for event in yaml.parse(_text(raw), Loader=yaml.CSafeLoader):
            composing.take(event)
    except yaml.YAMLError as error:
        raise _unreadable(f"is not YAML: {' '.join(str(error).split())}") from None
    return composing.document


class _Composing:
    """Puts the parser's events together, without recursion and without ever running a constructor."""

    def __init__(self) -> None:
        self.document: Any = None
        self._documents = 0
        self._open: list[list[Any]] = []

    def take(self, event: yaml.Event) -> None:
        """One event."""
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise _unreadable("has an anchor or alias, which are not read")
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise _unreadable("is followed by another document; one definition is one file")
        if getattr(event, "tag", None) is not None:
            raise _unreadable(f"has the YAML tag {getattr(event, 'tag', '')}, and tags are not read")
        self._put(event)

    def _put(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._add(_Plain(event.value) if event.implicit[0] else event.value)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._open.append([])
        elif isinstance(event, yaml.SequenceEndEvent):
            self._add([_value(each) for each in self._open.pop()])
        elif isinstance(event, yaml.MappingEndEvent):
            said = self._open.pop()
            self._add(
                as_object([(_name(name), _value(each)) for name, each in zip(said[::2], said[1::2], strict=True)])
            )

    def _add(self, value: Any) -> None:
        if self._open:
            self._open[-1].append(value)
        else:
            self.document = _value(value)


class _Plain(str):
    """A scalar without quotes: text as the name of a field, else perhaps a number or a word."""

    __slots__ = ()


def _name(said: Any) -> str:
    if not isinstance(said, str):
        raise _unreadable("has a name that is an object or a list")
    return str(said)


def _value(said: Any) -> Any:
    if not isinstance(said, _Plain):
        return said
    if said in _WORDS:
        return _WORDS[said]
    number = _NUMBER.match(said)
    if number is None:
        return str(said)
    return Decimal(said) if number["fraction"] or number["exponent"] else int(said)


def _text(raw: bytes | str) -> str:
    try:
        size = len(raw if isinstance(raw, bytes) else raw.encode())
        text = raw.decode("utf-8-sig") if isinstance(raw, bytes) else raw
    except UnicodeError:
        raise _unreadable("is not UTF-8") from None
    if size > MAX_BODY_BYTES:
        raise _unreadable(f"has {size} bytes; {MAX_BODY_BYTES} is the most")
    return text


def _no_constant(name: str) -> float:
    raise ValueError(name)


def _unreadable(predicate: str) -> InvalidDefinition:
    return InvalidDefinition([refusal((), predicate)])
