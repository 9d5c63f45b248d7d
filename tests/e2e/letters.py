"""What the end-to-end tests of dead letters share: writing to the log, ordering, and the command."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import Any

import orjson
from typer.testing import CliRunner

from deploy.cli.__main__ import build
from projections.log.producer import LogProducer
from projections.log.records import Placed, Record
from tests.stack.platforms import Json, Platform


def write(platform: Platform, values: Sequence[bytes], source: str = "kiosk", version: str = "1") -> list[Placed]:
    """Write records past ingest, spread over all partitions; gives where they lie."""
    headers = (("source", source.encode()), ("v", version.encode()))
    topic = platform.topic("events")
    records = [Record(topic, n % 8, None, value, headers) for n, value in enumerate(values)]
    with closing(LogProducer(platform.kafka.address, "test-channel")) as log:
        return log.publish(records, 60)


def position(platform: Platform, placed: Sequence[Placed]) -> str:
    """What to wait for."""
    ends: dict[int, int] = {}
    for each in placed:
        ends[each.partition] = max(each.offset, ends.get(each.partition, -1))
    return platform.position(events=ends)


def letters(platform: Platform, after: str | None = None, **wanted: Any) -> list[Json]:
    """All letters that are meant, newest first."""
    found: list[Json] = []
    cursor: Json = {"after": after} if after else {}
    while True:
        page = platform.ask("/v1/dead-letters", limit="200", **wanted, **cursor)
        found += page["data"]
        if page["next_cursor"] is None:
            return found
        cursor = {"cursor": page["next_cursor"]}


def order(platform: Platform, path: str, body: Json, key: str = "all", status: int = 200) -> Json:
    """What the API answers to an order."""
    answer = platform.http.post(
        f"{platform.api_url}/v1/dead-letters{path}",
        content=orjson.dumps(body),
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )
    assert answer.status_code == status, answer.text
    said: Json = answer.json()
    return said


def command(platform: Platform, *arguments: str, code: int = 0) -> str:
    """What `cdp dead-letters …` prints."""
    told = CliRunner().invoke(build(), ["dead-letters", *arguments, "--url", platform.api_url, "--key", "all"])
    assert told.exit_code == code, (told.output, told.exception)
    return told.stdout
