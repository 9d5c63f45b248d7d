"""`docs/reference.md`: topics, error codes, routes and metrics, as the code has them. Written by `make reference`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

from fastapi import FastAPI

from api.app import create_app as create_api
from api.services import Services
from ingest.app import Parts
from ingest.app import create_app as create_ingest
from ingest.keys import KeyRing
from ingest.ports import Producer
from schemas.door import Door
from schemas.errors import CODES
from schemas.metrics import LABELS, METRICS
from schemas.settings import IngestSettings
from schemas.topics import catalogue
from tests.house.repository import ROOT

FILE = ROOT / "docs" / "reference.md"
_HEAD = """\
# Reference

Written from the code by `make reference`; a test compares the two. Settings are listed in
[.env.example](../.env.example), the fields of every event in
[event.schema.json](../schemas/json/event.schema.json), the topics' messages in
[asyncapi.json](../schemas/json/asyncapi.json).
"""
_ROUTES = """\
Ingest and API also serve `/openapi.json`, with parameters and schemas, and `/docs`, the same for people.
"""
_METRICS = """\
Ingest, processors and API each serve `/metrics`. None holds anything of a customer; each label has few values.
"""
_CODES = """\
The `code` of every problem, rejected event and dead letter. *event*: one event is refused; *request*: a whole request;
*query*: a question to the API.
"""


def reference() -> str:
    """Give the file's text."""
    sections = [
        ("Topics", "", _topics()),
        ("Error codes", _CODES, _codes()),
        ("Routes of ingest", _ROUTES, _routes(ingest())),
        ("Routes of the API", "", _routes(api())),
        ("Metrics", _METRICS, _metrics()),
        ("Labels of metrics", "", _table(("label", "is"), [(f"`{label}`", said) for label, said in LABELS.items()])),
    ]
    return "\n".join([_HEAD, *(f"## {title}\n\n{lead}{lead and chr(10)}{table}" for title, lead, table in sections)])


def ingest() -> FastAPI:
    """Build ingest, only to be looked at."""
    parts = Parts(
        producer=cast("Producer", None),
        door=Door("CN"),
        keys=KeyRing({}),
        topics=catalogue(),
        dependencies=(),
        free=lambda: 0,
    )
    return create_ingest(IngestSettings(), parts)


def api() -> FastAPI:
    """Build the API, only to be looked at."""
    return create_api(cast("Services", None))


def routes(app: FastAPI) -> list[tuple[str, str, str]]:
    """Method, path and meaning of every route."""
    paths: dict[str, dict[str, Any]] = app.openapi()["paths"]
    return [
        (method.upper(), path, str(said.get("description", said["summary"])).partition("\n")[0])
        for path, methods in paths.items()
        for method, said in methods.items()
    ]


def _topics() -> str:
    rows = [(f"`{t.name}`", str(t.partitions), t.key, t.value, t.retention) for t in catalogue().values()]
    return _table(("topic", "partitions", "key", "value", "kept"), rows)


def _codes() -> str:
    rows = [(f"`{code.code}`", str(code.status), code.applies_to, code.meaning) for code in CODES.values()]
    return _table(("code", "status", "of", "means"), rows)


def _routes(app: FastAPI) -> str:
    return _table(("route", "does"), [(f"`{method} {path}`", said) for method, path, said in routes(app)])


def _metrics() -> str:
    rows = [
        (f"`{each.name}`", each.kind, ", ".join(each.labels), each.meaning, ", ".join(each.of))
        for each in METRICS.values()
    ]
    return _table(("metric", "kind", "labels", "means", "of"), rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(
        "| " + " | ".join(cell.replace("|", "\\|").replace("<", "&lt;") for cell in line) + " |\n" for line in lines
    )


def main() -> None:
    """Write the file."""
    FILE.write_text(reference(), encoding="utf-8")


if __name__ == "__main__":
    main()
