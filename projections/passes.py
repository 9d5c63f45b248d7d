"""Passes over everybody: what they compute, how far they are, and whom each of their steps concerns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from projections.database import Database

PERSONS_A_STEP = 20_000

_COUNT = "SELECT uniqExact(root) FROM profiles"
_LAST = "SELECT max(pass_id) FROM passes"
_LATEST_LIBRARY = "SELECT library FROM passes WHERE empty(refs) OR cause = 'definition' ORDER BY pass_id DESC LIMIT 1"
_LAST_POPULATION = "SELECT max(toUInt64OrZero(cause_ref)) FROM passes WHERE cause = 'population'"
# Only the later ones are looked at: the rest is long done, or its steps went with a log that is gone.
_PROGRESS = """
SELECT pass_id, cause, cause_ref, refs, partitions * buckets AS steps, done
FROM (
    SELECT * FROM passes WHERE written_at > now() - INTERVAL 1 DAY
    ORDER BY pass_id DESC LIMIT 1 BY pass_id LIMIT 200
) AS begun
LEFT JOIN (
    SELECT pass_id, uniqExact(log_partition, bucket) AS done FROM pass_steps
    WHERE pass_id IN (SELECT pass_id FROM passes ORDER BY pass_id DESC LIMIT 200) GROUP BY pass_id
) AS steps USING (pass_id)
WHERE done < steps
ORDER BY pass_id
"""
# Whoever ever had a profile or a membership, in one partition of the touched topic, and one bucket of many.
_ROOTS = """
SELECT DISTINCT root FROM profiles
WHERE kafkaMurmurHash(root) % {partitions:UInt16} = {partition:UInt16}
  AND cityHash64(root) % {buckets:UInt32} = {bucket:UInt32}
"""
_IS_DONE = """
SELECT count() > 0 FROM pass_steps
WHERE pass_id = {pass:UInt64} AND log_partition = {partition:UInt16} AND bucket = {bucket:UInt32}
"""


@dataclass(frozen=True, slots=True)
class Pass:
    """One pass: each partition of the touched topic takes its `buckets` steps, one after the other."""

    pass_id: int
    cause: str
    cause_ref: str
    refs: tuple[str, ...]
    """Which definitions; none: all of them."""
    partitions: int
    buckets: int

    @property
    def first(self) -> tuple[tuple[int, int], ...]:
        """(partition, bucket) of the steps that begin it: that of a definition goes on everywhere at once.

        One for the population comes each minute, and lets what is touched go first: one step at a time.
        """
        return tuple((p, 0) for p in range(self.partitions)) if self.cause == "definition" else ((0, 0),)

    def after(self, partition: int, bucket: int) -> tuple[tuple[int, int], ...]:
        """The step that is taken when one is done."""
        if bucket + 1 < self.buckets:
            return ((partition, bucket + 1),)
        is_last = self.cause == "definition" or partition + 1 == self.partitions
        return () if is_last else ((partition + 1, 0),)


@dataclass(frozen=True, slots=True)
class Progress:
    """A pass that is not through."""

    pass_id: int
    cause: str
    cause_ref: str
    refs: tuple[str, ...]
    steps: int
    done: int


def plan_pass(
    database: Database, cause: str, cause_ref: str, refs: Sequence[str], partitions: int, now: datetime
) -> Pass:
    """A pass that does everybody there is now, in steps of about PERSONS_A_STEP. Its id is later than all before."""
    persons = database.tuples(_COUNT)[0][0]
    last = database.tuples(_LAST)[0][0]
    number = max(last + 1, int(now.timestamp() * 1_000_000))
    return Pass(number, cause, cause_ref, tuple(refs), partitions, 1 + persons // (partitions * PERSONS_A_STEP))


def write_pass(database: Database, planned: Pass, library: str, now: datetime) -> None:
    """Say that it has begun."""
    database.insert(
        "passes",
        {
            "pass_id": [planned.pass_id],
            "cause": [planned.cause],
            "cause_ref": [planned.cause_ref],
            "refs": [list(planned.refs)],
            "library": [library],
            "partitions": [planned.partitions],
            "buckets": [planned.buckets],
            "begun_at": [now],
        },
    )


def passed_library(database: Database) -> str:
    """The fingerprint of the library with which everybody was, or is being, computed last; '' before the first."""
    row = database.one(_LATEST_LIBRARY)
    return str(row["library"]) if row else ""


def passed_population(database: Database) -> int:
    """The version of what compares everybody with everybody for which everybody was, or is being, looked at last."""
    return int(database.tuples(_LAST_POPULATION)[0][0])


def unfinished(database: Database) -> list[Progress]:
    """The passes that are not through, the earliest first."""
    return [
        Progress(number, cause, ref, tuple(refs), steps, done)
        for number, cause, ref, refs, steps, done in database.tuples(_PROGRESS)
    ]


def roots_in_step(database: Database, planned: Pass, partition: int, bucket: int) -> list[str]:
    """Whom one step concerns."""
    where = {"partitions": planned.partitions, "partition": partition, "buckets": planned.buckets, "bucket": bucket}
    return [row[0] for row in database.tuples(_ROOTS, where)]


def is_done(database: Database, pass_id: int, partition: int, bucket: int) -> bool:
    """Whether a step was taken already."""
    asked = {"pass": pass_id, "partition": partition, "bucket": bucket}
    return bool(database.tuples(_IS_DONE, asked)[0][0])


def say_done(database: Database, pass_id: int, partition: int, bucket: int) -> None:
    """A step was taken."""
    database.insert("pass_steps", {"pass_id": [pass_id], "log_partition": [partition], "bucket": [bucket]})
