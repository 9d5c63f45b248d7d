"""Importing: every row's fate is on record; a second run changes nothing; a killed one goes on, exactly."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from deploy.embedded.lock import DirectoryLock
from deploy.errors import CannotReach
from ingest.files.chunks import MOST_ROWS
from schemas.errors import BadFile
from tests.importing.files import Ingest, imported, mapping, written

BY = mapping({"ids": {"member_id": "会员"}, "data": {"c": "金额", "n": {"column": "金额", "type": "decimal"}}})


def rejects(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_every_rows_fate_is_on_record(tmp_path):
    """What cannot be translated and what ingest refuses stand in one file, in the order of the rows, as they were."""
    path = written(
        tmp_path / "f.csv", "会员,金额,备注", "M1,1.00,a", "M2,x,b", ',2,"c,c"', "M4,4,d", encoding="gb18030"
    )
    ingest = Ingest()
    standing = imported(path, BY, ingest).standing
    assert (standing.rows, standing.accepted, standing.rejected, standing.refused) == (4, 2, 2, 1)
    head, two, three = rejects(tmp_path / "rejects.csv")
    assert head == ["cdp_row", "cdp_code", "cdp_pointer", "cdp_column", "cdp_reason", "会员", "金额", "备注"]
    assert two == ["3", "invalid_value", "/data/n", "金额", "金额 should be a number such as 268.00.", "M2", "x", "b"]
    assert [*three[:4], *three[5:]] == ["4", "no_identifier", "/ids", "", "", "2", "c,c"]


def test_rejects_that_were_mended_are_imported_by_the_same_mapping(tmp_path):
    """Columns of our own are passed over, and are not doubled when a row is refused again."""
    path = written(tmp_path / "f.csv", "会员,金额", "M1,x", "M2,y")
    ingest = Ingest()
    imported(path, BY, ingest)
    mended = tmp_path / "mended.csv"
    mended.write_text((tmp_path / "rejects.csv").read_text("utf-8-sig").replace(",x", ",5"), encoding="utf-8")
    assert imported(mended, BY, ingest).standing.accepted == 1
    assert rejects(tmp_path / "rejects.csv")[0].count("cdp_row") == 1


def test_bytes_that_cannot_be_read_come_out_as_they_were(tmp_path):
    """The row is rejected, the file of rejects has its very bytes."""
    path = tmp_path / "f.csv"
    path.write_bytes("会员,金额\nM1,1\n".encode() + b"M\xff2,2\n")
    by = BY.model_copy(update={"encoding": "utf-8"})
    assert imported(path, by, Ingest()).standing.rejected == 1
    assert b"invalid_encoding" in (written := (tmp_path / "rejects.csv").read_bytes())
    assert b"M\xff2,2" in written


def test_a_second_run_sends_nothing(tmp_path):
    """Unless it is told to; then the same events go again, and change nothing. A changed mapping is another import."""
    path = written(tmp_path / "f.csv", "会员,金额", "M1,1", "M2,x")
    ingest = Ingest()
    first = imported(path, BY, ingest)
    kept = (tmp_path / "rejects.csv").read_bytes()
    second = imported(path, BY, ingest)
    assert (second.before, second.standing, ingest.requests) == (True, first.standing, 1)
    again = imported(path, BY, ingest, again=True)
    assert (again.before, again.standing.accepted, again.standing.rejected) == (False, 1, 1)
    assert (ingest.requests, ingest.conflicts, len(ingest.taken)) == (2, [], 1)
    assert (tmp_path / "rejects.csv").read_bytes() == kept
    assert not imported(path, BY.model_copy(update={"key": ["会员"]}), ingest).before


@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_a_run_that_was_ended_goes_on_exactly(tmp_path, after):
    """After any number of acknowledged requests: nothing twice, nothing missing, the rejects as of a run in one go."""
    bad = MOST_ROWS + 7
    rows = [f"M{n},{'x' if n % 1000 == 7 else n}" for n in range(3 * MOST_ROWS)]
    path = written(tmp_path / "f.csv", "会员,金额", *rows)
    dying = Ingest(dies_after=after)
    with pytest.raises(CannotReach):
        imported(path, BY, dying)
    rest = Ingest()
    rest.taken = dict(dying.taken)
    standing = imported(path, BY, rest).standing
    assert (standing.rows, standing.rejected) == (3 * MOST_ROWS, 15)
    assert (len(rest.taken), rest.conflicts) == (3 * MOST_ROWS - 15, [])
    assert rest.requests == 4 - after
    lines = [line[0] for line in rejects(tmp_path / "rejects.csv")[1:]]
    assert lines == [str(number) for number in range(9, 3 * MOST_ROWS, 1000)]
    assert str(bad + 2) in lines


def test_what_a_crash_left_beyond_the_checkpoint_is_cut_off(tmp_path):
    """Rejects written, but whose chunk was not settled, are not there twice."""
    rows = [f"M{n},{'x' if n % 1000 == 7 else n}" for n in range(2 * MOST_ROWS)]
    path = written(tmp_path / "f.csv", "会员,金额", *rows)
    with pytest.raises(CannotReach):
        imported(path, BY, Ingest(dies_after=1))
    with (tmp_path / "rejects.csv").open("ab") as file:
        file.write(b"9999,half a li")
    imported(path, BY, Ingest())
    lines = [line[0] for line in rejects(tmp_path / "rejects.csv")[1:]]
    assert lines == [str(number) for number in range(9, 2 * MOST_ROWS, 1000)]


def test_one_import_of_a_file_at_a_time(tmp_path):
    """A second one is told so, and changes nothing."""
    path = written(tmp_path / "f.csv", "会员,金额", "M1,1")
    imported(path, BY, Ingest())
    (lock,) = (tmp_path / "data/imports").glob("*.lock")
    with DirectoryLock(lock.parent, lock.name), pytest.raises(BadFile, match="by another process"):
        imported(path, BY, Ingest())
