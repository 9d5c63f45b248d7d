"""`python -m tests.matching [DATASET]`: precision, recall and seconds of matching on a data set of Febrl."""

from __future__ import annotations

import sys
import time

from deploy.matching.suggest import Apart, Wanted, suggest
from tests.matching import febrl

_THRESHOLDS = (0.5, 0.9, 0.95, 0.99, 0.999)


def main(name: str = "dataset3") -> None:
    """Print a line for each threshold; that of `cdp match` is 0.99."""
    started = time.perf_counter()
    rows = febrl.rows(name)
    found = suggest([list(map(febrl.person, rows))], Apart([]), Wanted(0.5, 10**6), "AU", lambda _step: None)
    seconds = time.perf_counter() - started
    true = febrl.true_pairs(rows)
    sys.stdout.write(f"{name}: {len(rows)} records, {len(true)} true pairs, {seconds:.1f} s\n")
    for threshold in _THRESHOLDS:
        pairs = {frozenset((p.left.person_id, p.right.person_id)) for p in found if p.probability >= threshold}
        right = len(pairs & true)
        sys.stdout.write(
            f"{threshold}: {len(pairs)} pairs, precision {right / len(pairs):.4f}, recall {right / len(true):.4f}\n"
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
