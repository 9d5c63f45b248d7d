"""After a blow: everything that was acknowledged is there once, and everything computed from it is right."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

from deploy.chaos.changes import Messages, contradictions
from deploy.chaos.channel import EventId, Sent
from deploy.chaos.dossiers import Library, Terms, differing, misjudged
from deploy.chaos.facts import count_facts, gaps, letters
from deploy.chaos.history import History
from deploy.chaos.traffic import SEGMENTS, TAGS
from deploy.oracle.model import Logged
from projections.database import Database
from projections.log.admin import LogAdmin
from projections.passes import unfinished
from schemas.topics import Role, Topic

LIBRARY: Library = {"segment": SEGMENTS, "tag": TAGS}
_PATIENCE = 90.0
_AGAIN = 0.5
_LEDGER: tuple[Role, ...] = ("events", "identity", "touched", "dead_letters", "control")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found after a round."""

    lost: int = 0
    doubled: int = 0
    wrong: Sequence[str] = ()
    """A sentence for everything else that is not as it should be."""

    @property
    def is_good(self) -> bool:
        """Whether all is as it should be."""
        return not (self.lost or self.doubled or self.wrong)


@dataclass(slots=True)
class Checker:
    """Looks at one platform through doors of its own. Blocking; for one thread at a time."""

    database: Database
    admin: LogAdmin
    topics: dict[Role, Topic]
    terms: Terms
    history: History
    messages: Messages

    def check(self, sent: Sent, cohort: int) -> Verdict:
        """Look until all is well, or has not become so for a while. Raises Unavailable when a server is away."""
        self.history.read_on()
        deadline = time.monotonic() + _PATIENCE
        while True:
            unrest = self._unrest()
            found = Verdict(wrong=unrest) if unrest else self._look(sent, cohort)
            if found.is_good or time.monotonic() > deadline:
                return found
            time.sleep(_AGAIN)

    def _unrest(self) -> list[str]:
        """What still goes on: as long as everybody is looked at anew, what is read one after the other does not fit."""
        passes = [f"a pass for {each.cause} is not finished" for each in unfinished(self.database)]
        return passes or [f"ledger lacks {each}" for each in gaps(self.database, self._ends())]

    def close(self) -> None:
        """Disconnect."""
        with closing(self.database), closing(self.admin):
            return

    def _look(self, sent: Sent, cohort: int) -> Verdict:
        log = [event for event in self.history.events if event.key not in sent.poisoned]
        acknowledged = set().union(*sent.events.values())
        counted = count_facts(self.database, acknowledged, (event.key for event in log))
        now = datetime.now(UTC)
        mine = [event for event in log if _cohort(event) == cohort]
        wrong = [f"a fact nobody sent: {source} {event_id}" for source, event_id in counted.unknown]
        wrong += [f"profile of {each}" for each in differing(self.database, mine, now, self.terms)]
        wrong += [f"membership of {each}" for each in misjudged(self.database, mine, now, LIBRARY, self.terms)]
        wrong += [f"change {each}" for each in contradictions(self.database, self.messages)]
        wrong += _letters(letters(self.database), sent)
        return Verdict(len(counted.lost), len(counted.doubled), wrong)

    def _ends(self) -> dict[tuple[str, int], int]:
        return self.admin.end_offsets([self.topics[role].name for role in _LEDGER])


def _cohort(event: Logged) -> int:
    """Ids of events are `source-cohort-number`."""
    return int(event.event["event_id"].split("-")[1])


def _letters(found: set[tuple[str, str, str]], sent: Sent) -> list[str]:
    """Each conflict is a letter, each poisoned event is one, and nothing else is."""
    expected = _named("id_conflict", sent.conflicts) | _named("processing_failed", sent.poisoned)
    return [f"letter {code} of {name}" for code, _, name in found ^ expected]


def _named(code: str, ids: set[EventId]) -> set[tuple[str, str, str]]:
    return {(code, source, event_id) for source, event_id in ids}
