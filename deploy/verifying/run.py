"""All checks, one after the other. The platform may be at work meanwhile: what comes after a look is looked at, too."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from deploy.attaching import Attached
from deploy.rebuilding.steps import Phase, count, replayed
from deploy.verifying.customers import (
    Asks,
    Comparing,
    Sampled,
    admitted,
    oracle_rules,
    sample,
    sources_apart,
    tell,
    too_large,
)
from deploy.verifying.facts import check_facts
from deploy.verifying.finding import Finding
from deploy.verifying.ledger import check_ledger
from deploy.verifying.log import Accounts, Line, lines_of
from deploy.verifying.neighbourhoods import Neighbourhoods
from projections.database import Database
from projections.identity.rules import rules_at
from projections.moments import AsOf
from projections.progress import RECORDER, heads

_PASSES, _AGAIN = 8, 5


@dataclass(frozen=True, slots=True)
class Verifying:
    """What is needed for it. `answers` is given positions of the log, and asks with all that is before them."""

    attached: Attached
    database: Database
    clock: Callable[[], datetime]
    answers: Callable[[Mapping[int, int]], Asks]
    phase: Phase

    def run(self, customers: int, seed: int) -> list[Finding]:
        """Every check; of so many customers."""
        found = [check_ledger(self.database, self.attached), check_facts(self.database, self.phase("Facts"))]
        whom = sample(self.database, customers, seed)
        near = Neighbourhoods(
            {root: each.members for root, each in whom.items()},
            {name: source.orders_of for name, source in self.attached.sources.items() if source.orders_of},
        )
        accounts = Accounts(self.database, self.attached.topics["events"])
        until = self._first_pass(near, accounts)
        return [*found, accounts.close(), *([self._customers(near, whom, until)] if customers else [])]

    def _first_pass(self, near: Neighbourhoods, accounts: Accounts) -> dict[int, int]:
        """Account for what the recorder says it has done; keep what is about the customers."""
        until = {p: head.last + 1 for (_, p), head in heads(self.database).get(RECORDER, {}).items()}
        read = admitted(self.attached)
        near.begin()
        for line in self._lines({}, until, "Reading the log"):
            accounts.take(line)
            near.take(line, read)
        return until

    def _customers(self, near: Neighbourhoods, whom: Mapping[str, Sampled], until: dict[int, int]) -> Finding:
        found = Finding("customers")
        rules = oracle_rules(rules_at(self.database, AsOf(self.clock())))
        if rules is None or sources_apart(self.attached.sources):
            found.looked_at = "none"
            found.notes.append(
                "The oracle knows neither patterns in rules nor name spaces of sources: nobody compared."
            )
            return found
        read = admitted(self.attached)
        for _ in range(_PASSES):
            if near.are_complete:
                break
            near.begin()
            for line in self._lines({}, until, "Reading the log once more"):
                near.take(line, read)
        wrong = self._compared(near, whom, until, Comparing(self.attached, rules, self.clock, self.answers(until)))
        tell(found, whom, wrong)
        left_out = sum(len(each.roots) for each in too_large(near))
        found.looked_at = f"{len(whom) - left_out} customers of {len(near.all)} neighbourhoods, by the oracle"
        if left_out:
            found.notes.append(f"{left_out} customers are connected with too much to be told once more; another --seed")
        return found

    def _compared(
        self, near: Neighbourhoods, whom: Mapping[str, Sampled], until: dict[int, int], comparing: Comparing
    ) -> dict[str, list[str]]:
        """Whoever differs is compared again with what came meanwhile, until nothing did."""
        share = self.phase("Comparing customers")
        wrong = comparing.differing(near, whom)
        for _ in range(_AGAIN):
            if not wrong:
                break
            came, read = False, admitted(self.attached)
            for records, positions in replayed(self.attached, "events", until):
                came = sum(near.take(line, read) for line in lines_of(records)) > 0 or came
                until |= positions
            if not came:
                break
            again = Comparing(self.attached, comparing.rules, self.clock, self.answers(until))
            wrong = again.differing(near, {root: whom[root] for root in wrong})
        share(1.0)
        return wrong

    def _lines(self, since: Mapping[int, int], until: Mapping[int, int], name: str) -> Iterator[Line]:
        share, total = self.phase(name), max(count(since, until), 1)
        for records, positions in replayed(self.attached, "events", since, until):
            yield from lines_of(records)
            share(1 - count(positions, until) / total)
        share(1.0)
