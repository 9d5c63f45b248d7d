"""What marketers and programs ask the API, as endless streams of questions: the same for the same seed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, repeat
from random import Random
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import orjson

from deploy.bench.mixed import Mixed, mixed
from deploy.bench.scale import Scale, address_of
from deploy.loading.client import Client

_PAGE = "100"


@dataclass(frozen=True, slots=True)
class Question:
    """One request; `how` is its body or parameters, as `Client.ask` takes them."""

    method: str
    path: str
    how: Mapping[str, Any] = field(default_factory=dict)

    async def ask(self, client: Client) -> bool:
        """Whether it was answered with 200."""
        return (await client.ask(self.method, self.path, **self.how)).status == 200

    def rendered(self, host: str, key: str) -> bytes:
        """The whole request, as it goes over the wire."""
        query = "?" + urlencode(self.how["params"]) if "params" in self.how else ""
        body = orjson.dumps(self.how["json"]) if "json" in self.how else b""
        lines = [f"{self.method} {self.path}{query} HTTP/1.1", f"Host: {host}", f"Authorization: Bearer {key}"]
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"] if body else []
        return "\r\n".join([*lines, "", ""]).encode() + body


Asked = Callable[[Scale, Sequence[Mixed]], Iterator[Question]]


@dataclass(frozen=True, slots=True)
class Rendered:
    """Requests without end, for the load generator: what is handed over to it is this, pickled."""

    url: str
    key: str
    asked: Asked
    scale: Scale
    defined: Sequence[Mixed]

    def __iter__(self) -> Iterator[bytes]:
        """Each whole, with its head."""
        host = urlsplit(self.url).netloc
        return (question.rendered(host, self.key) for question in self.asked(self.scale, self.defined))


def customers(scale: Scale) -> Iterator[str]:
    """Addresses of anybody."""
    chance = Random(scale.seed)  # noqa: S311 -- made-up data, guards nothing
    return (address_of(chance.randrange(scale.customers)) for _ in count())


def profiles(scale: Scale, _: Sequence[Mixed]) -> Iterator[Question]:
    """Dossiers."""
    return (Question("GET", f"/v1/profiles/{_segment(each)}") for each in customers(scale))


def timelines(scale: Scale, _: Sequence[Mixed]) -> Iterator[Question]:
    """First pages of timelines."""
    how = {"params": {"limit": _PAGE}}
    return (Question("GET", f"/v1/profiles/{_segment(each)}/events", how) for each in customers(scale))


def members(scale: Scale, defined: Sequence[Mixed]) -> Iterator[Question]:
    """First pages of members."""
    how = {"params": {"limit": _PAGE}}
    return (Question("GET", f"/v1/{each.kind}s/{each.key}/members", how) for each in _any(scale, defined))


def explanations(scale: Scale, defined: Sequence[Mixed]) -> Iterator[Question]:
    """Why somebody is in something, or not."""
    both = zip(_any(scale, defined), customers(scale), strict=False)
    return (Question("GET", f"/v1/{each.kind}s/{each.key}/explain/{_segment(whom)}") for each, whom in both)


def previews(scale: Scale, defined: Sequence[Mixed]) -> Iterator[Question]:
    """Unsaved definitions."""
    unsaved = mixed(len(defined), scale.seed + 1)
    for number in count():
        new = unsaved[number % len(unsaved)]
        yield Question("POST", f"/v1/{new.kind}s:preview", {"json": {"key": "preview", **new.body}})


def rfm(_: Scale, __: Sequence[Mixed]) -> Iterator[Question]:
    """The grid of everybody, as of now."""
    return repeat(Question("GET", "/v1/rfm"))


def _any(scale: Scale, defined: Sequence[Mixed]) -> Iterator[Mixed]:
    chance = Random(scale.seed)  # noqa: S311 -- made-up data, guards nothing
    return (chance.choice(defined) for _ in count())


def _segment(address: str) -> str:
    return quote(address, safe="")
