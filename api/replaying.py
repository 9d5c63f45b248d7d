"""Replaying dead letters: through the log under their own source, as if their channel had sent them mended.

An order is said in the control topic before anything is written, and again with its figures afterwards. Replaying
twice changes nothing: events are known by their ids, and a letter is done once the recorder has read its replay.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from api.bundling import bundles
from api.controlling import ControlWriter
from api.mending import Bench, Failing, Mended
from projections.claims import find_claims
from projections.database import Database, Row
from projections.dead_letters import OLDEST, letters_to_replay
from projections.log.records import Placed, Record
from schemas.control import Control
from schemas.control import Replay as Order
from schemas.errors import RequestError
from schemas.gates import Gate
from schemas.letter_filter import LetterFilter
from schemas.numbers import plain
from schemas.patching import Patch
from schemas.positions import Position, encode
from schemas.sources import Source

MOST_AT_ONCE = 20_000
"""Letters that one request looks at; the next one goes on after them."""
MOST_TOLD = 1_000
"""Failing letters that are told one by one; all are counted."""
_PAGE = 1_000

Place = tuple[datetime, str]


class Producer(Protocol):
    """What replaying needs of the log."""

    def partition_for(self, topic: str, key: bytes) -> int:
        """The partition any Kafka client would choose. Raises Unavailable until Kafka has said how many there are."""

    def publish(self, records: Sequence[Record], timeout: float) -> list[Placed]:
        """Write records and wait for all acks. Raises Unavailable if one failed or is late."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be replayed, how mended, and after which letter."""

    filter: LetterFilter
    operations: Sequence[Mapping[str, Any]] = ()
    dry_run: bool = False
    after: Place = OLDEST


@dataclass(slots=True)
class Outcome:
    """What became of the letters that were asked for."""

    replay_id: str
    matched: int = 0
    passing: int = 0
    failed: int = 0
    failing: list[Failing] = field(default_factory=list)
    kinds: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How many fail with which code and pointer."""
    position: Position = field(default_factory=lambda: {"events": {}})
    last: Place | None = None
    """Of the letters looked at the last one, when there are more."""

    def refuse(self, failing: Failing) -> None:
        """Count one, and tell of it if not too many are told of already."""
        self.failed += 1
        self.kinds[failing.code, failing.pointer] += 1
        if len(self.failing) < MOST_TOLD:
            self.failing.append(failing)

    def reach(self, placed: Sequence[Placed]) -> None:
        """Note how far the log was written."""
        offsets = self.position["events"]
        for each in placed:
            offsets[each.partition] = max(each.offset, offsets.get(each.partition, -1))


@dataclass(slots=True, kw_only=True)
class Replayer:
    """One replay at a time in a process; `rate` events a second at most."""

    database: Database
    producer: Producer
    controls: ControlWriter
    door: Gate
    sources: Mapping[str, Source]
    topic: str
    rate: int
    ack_timeout: float
    clock: Callable[[], datetime]
    sleep: Callable[[float], None] = time.sleep
    _one: threading.Lock = field(default_factory=threading.Lock)

    def replay(self, asked: Asked, author: str) -> Outcome:
        """Replay, or (dry run) only see what would pass. Blocks: call it in a thread.

        Raises RequestError: `bad_parameter` for the patch, `rate_limited` while another replay runs; Unavailable: then
        some of it may be replayed, and the same order again does the rest.
        """
        bench = Bench(self.door, self.sources, Patch(asked.operations) if asked.operations else None)
        if asked.dry_run:
            return self._run(asked, bench, Outcome(""))
        if not self._one.acquire(blocking=False):
            raise RequestError("rate_limited", "Another replay is running; try again when it is done.")
        try:
            outcome = Outcome(str(uuid.uuid4()))
            self._say(asked, outcome, "begun", author)
            self._run(asked, bench, outcome)
            self._say(asked, outcome, "done", author)
        finally:
            self._one.release()
        return outcome

    def _run(self, asked: Asked, bench: Bench, outcome: Outcome) -> Outcome:
        after, has_more, written = asked.after, True, 0
        while has_more and outcome.matched < MOST_AT_ONCE:
            page = letters_to_replay(self.database, asked.filter, after, min(_PAGE, self.rate))
            if not page.rows:
                break
            mended = self._judge(page.rows, bench, outcome)
            if mended and not asked.dry_run:
                self.sleep(written / self.rate)
                outcome.reach(self._publish(mended, outcome.replay_id))
                written = len(mended)
            after, has_more = (page.rows[-1]["received_at"], page.rows[-1]["letter_id"]), page.has_more
        outcome.last = after if has_more and outcome.matched else None
        return outcome

    def _judge(self, letters: Sequence[Row], bench: Bench, outcome: Outcome) -> list[Mended]:
        now = self.clock()
        passing: list[tuple[Row, list[Mended]]] = []
        for letter in letters:
            found = bench.mend(letter, now)
            if isinstance(found, Failing):
                outcome.refuse(found)
            else:
                passing.append((letter, found))
        ids = {(each.event.source, each.event.event_id) for _, found in passing for each in found}
        claims = find_claims(self.database, ids)
        mended: list[Mended] = []
        for letter, found in passing:
            failing = bench.settle(letter, found, claims)
            if failing:
                outcome.refuse(failing)
            else:
                mended += found
                outcome.passing += 1
        outcome.matched += len(letters)
        return mended

    def _publish(self, mended: Sequence[Mended], replay_id: str) -> list[Placed]:
        records = bundles(mended, self.topic, replay_id, self.producer.partition_for)
        return self.producer.publish(records, self.ack_timeout)

    def _say(self, asked: Asked, outcome: Outcome, state: str, author: str) -> None:
        order = Order.model_validate(
            {
                "state": state,
                "filter": asked.filter.model_dump(mode="json", by_alias=True, exclude_defaults=True),
                "patch": [plain(dict(each)) for each in asked.operations],
                "matched": outcome.matched,
                "replayed": outcome.passing,
                "failed": outcome.failed,
                "position": encode(outcome.position),
            }
        )
        said = order.model_dump(mode="json")
        self.controls.publish(Control(kind="replay", key=outcome.replay_id, value=said, author=author))
