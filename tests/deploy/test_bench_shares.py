"""The gate's judgement, the committed shares, and `cdp bench all`: what needs no platform."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from itertools import islice

import orjson
import pytest
from rich.console import Console
from typer.main import get_command
from typer.testing import CliRunner

from deploy.bench import hot_paths, shares, together
from deploy.bench.costs import Pair, Round, Side
from deploy.bench.gate import of_pair
from deploy.bench.hot_paths import Again
from deploy.bench.machine import Machine
from deploy.bench.phases import Phases
from deploy.bench.questions import Question
from deploy.bench.report import Figure, Report
from deploy.bench.shares import commit, committed, complaint, held
from deploy.bench.together import Measurement, figures_of
from deploy.cli import bench_all
from deploy.cli.__main__ import build
from tests.house.repository import text

QUIET = Console(quiet=True)
OF_NO_REPORT = {"identity", "recovery", "gate", "all"}
"""Commands of `cdp bench` whose result is no table of figures against limits, and the one that runs the others."""


def commands():
    """Those of `cdp bench`, by name."""
    return get_command(build()).commands["bench"].commands  # type: ignore[attr-defined]


def test_a_share_may_drop_by_three_tenths():
    """And no more: then the sentence says which, and by how much."""
    kept, lost = held("x", 14.0, 1.0, 0.1), held("x", 20.0, 1.0, 0.1)
    assert (kept.misses, complaint(kept, 0.1)) == (False, "")
    assert lost.misses
    assert complaint(lost, 0.1) == (
        "x: 5.00% of what is possible, 50% less than the committed 10.00%; 20.0 µs of CPU, where 1.00 µs are the least."
    )
    assert complaint(held("x", 1.0, 1.0, None), None) == "x: no share was committed."


def test_shares_are_written_rounded(tmp_path):
    """What is committed is read again, and noise in later digits changes no file."""
    file = tmp_path / "shares.json"
    assert committed(file) == {}
    commit({"b": 0.123456, "a": 0.00987}, file)
    assert committed(file) == {"a": 0.0099, "b": 0.12}
    first = file.read_bytes()
    commit({"b": 0.1233, "a": 0.00991}, file)
    assert file.read_bytes() == first


def test_every_path_has_its_share():
    """What is committed is held: as many shares as there are paths, each a part of what is possible."""
    assert len(committed()) == len(hot_paths.PATHS)
    assert all(0 < share < 1 for share in committed().values())


def test_a_round_is_both_sides():
    """Each does its work until there is enough to count; of rounds there is a best one, and one in the middle."""
    done = Counter[str]()

    def work(side):
        def spin():
            done[side] += 1
            return sum(1 for _ in range(10_000))

        return spin

    pair = Pair("x", Side(work("path")), Side(work("bare")))
    for _ in range(3):
        pair.sample(0.01)
    assert all(each.cost > 0 and each.limit > 0 for each in pair.rounds)
    assert min(done.values()) >= 3
    pair.rounds = [Round(4.0, 1.0), Round(2.0, 1.0), Round(8.0, 4.0), Round(9.0, 3.0), Round(5.0, 1.0)]
    assert (pair.best.share, pair.middle) == (0.5, Round(9.0, 3.0))


@pytest.mark.parametrize(("share", "attempts"), [(1e9, 2), (1e-9, 1)])
def test_what_misses_is_measured_again(share, attempts):
    """Before that is believed; all samples count, so that one quiet moment is enough."""
    spin = Side(lambda: sum(1 for _ in range(10_000)))
    pair, phases = Pair("x", spin, spin), Phases(QUIET, {})
    figure = of_pair(pair, 0.0, {"x": share}, phases)
    assert [each.name for each in phases.done] == ["x", "x, again"][:attempts]
    assert len(pair.rounds) == 3 * attempts
    assert figure.misses == (attempts == 2)


def test_again_begins_anew():
    """The first few, and no more of them."""
    assert list(islice(Again([b"a", b"b", b"c"], 2), 5)) == [b"a", b"b", b"a", b"b", b"a"]


def test_questions_are_whole_requests():
    """Path, key, parameters and body as a server reads them."""
    asked = Question("GET", "/v1/rfm", {"params": {"limit": "2", "q": "a b"}}).rendered("h:1", "k")
    assert asked == b"GET /v1/rfm?limit=2&q=a+b HTTP/1.1\r\nHost: h:1\r\nAuthorization: Bearer k\r\n\r\n"
    head, _, body = Question("POST", "/x", {"json": {"a": 1}}).rendered("h:1", "k").partition(b"\r\n\r\n")
    assert (body, b"Content-Length: 7" in head, b"Content-Type: application/json" in head) == (b'{"a":1}', True, True)


def test_all_runs_every_measurement():
    """Each command that writes a report is a line of `cdp bench all`, and takes the options it is given."""
    listed = {each.command: each for each in bench_all.MEASUREMENTS}
    assert listed.keys() == commands().keys() - OF_NO_REPORT
    for name, each in listed.items():
        for options in (each.small, each.full):
            commands()[name].make_context(name, [*options, "--json", "x.json"])


def test_all_is_one_table(tmp_path, monkeypatch):
    """What each found stands under its command; one that failed is named, and is the command's failure."""
    report = Report(Machine(2, 1, 0.0, 1.0), {}, [Figure("reads", 2.0, 1.0, 0.5)], {}, [], {}, {})
    written = orjson.loads(report.as_json())
    assert figures_of(written) == list(report.figures)
    monkeypatch.setattr(bench_all, "MEASUREMENTS", (Measurement("good", ()), Measurement("bad", ())))
    monkeypatch.setattr(bench_all, "run", lambda one, *_, small: written if one.command == "good" and small else None)
    told = CliRunner().invoke(build(), ["bench", "all", "--small", "--json", str(tmp_path / "all.json")])
    assert (told.exit_code, "bad" in told.output, "25.0%" in told.output) == (1, True, True)
    assert orjson.loads((tmp_path / "all.json").read_bytes()) == {"good": written}
    together.show({"good": written}, QUIET)


def test_a_measurement_that_ends_with_an_error_found_nothing(tmp_path):
    """Its own words are on stderr; nothing is read of it."""
    assert together.run(Measurement("segments", ("--customers", "1")), tmp_path, small=True) is None


@pytest.mark.parametrize(("facts", "command"), [("100", "reads"), ("100", "rebuild")])
def test_fewer_facts_than_customers_are_refused(facts, command):
    """Before anything is started."""
    told = CliRunner().invoke(build(), ["bench", command, "--customers", "200", "--facts", facts])
    assert (told.exit_code, "--facts" in told.output) == (2, True)


def test_the_page_tells_of_every_command():
    """docs/performance.md says what each measures; what it says to type is understood."""
    page = text("docs/performance.md")
    assert set(re.findall(r"^\*\*`cdp bench ([a-z]+)`\*\*", page, re.MULTILINE)) == set(commands())
    typed = re.findall(r"^\.venv/bin/cdp bench ([a-z]+)(.*)$", page, re.MULTILINE)
    assert typed
    for name, options in typed:
        commands()[name].make_context(name, shlex.split(options))


def test_ci_runs_the_gate():
    """After the tests."""
    run = text(".ci/run")
    assert run.index("make gate") > run.index('bash -euo pipefail -c "$command"')
    assert shares.FILE.exists()
