"""What watches the platform names only what there is: metrics of the catalogue, sections of the runbook."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from deploy.addresses import Addresses
from deploy.monitoring import dashboard
from deploy.monitoring.panels import ROWS
from deploy.prometheus import SERVICES, write_targets
from schemas.metrics import METRICS, series
from tests.house.repository import ROOT, anchors, text

FOLDER = ROOT / "deploy" / "monitoring"
RULES: list[dict[str, Any]] = [
    rule for group in yaml.safe_load(text(FOLDER / "cdp.rules.yml"))["groups"] for rule in group["rules"]
]
ALERTS = {rule["alert"]: rule for rule in RULES if "alert" in rule}
RECORDED = {rule["record"] for rule in RULES if "record" in rule}
QUERIES = [query.expression for row in ROWS for panel in row.panels for query in panel.queries]
KNOWN = {name for metric in METRICS.values() for name in series(metric)}
# What is neither a metric's name nor followed by a bracket.
WORDS = {"and", "or", "unless", "by", "on", "without", "ignoring"}

needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed (Debian: apt install prometheus)"
)


def named(expression: str) -> set[str]:
    """The metrics an expression names: what is left without strings, selectors, spans, lists of labels, functions."""
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]|\"[^\"]*\"", " ", expression)
    bare = re.sub(r"\b(by|on|without|ignoring) *\([^)]*\)", " ", bare)
    found = re.findall(r"(?<![\w.$])([a-zA-Z_][\w:]*)(?! *\()\b", bare)
    functions = re.findall(r"([a-z_]+) *\(", bare)
    return set(found) - WORDS - set(functions)


def promtool(*arguments: str) -> str:
    """What promtool says; fails when it finds fault."""
    done = subprocess.run(["promtool", *arguments], cwd=FOLDER, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_name_is_found_wherever_it_stands():
    """The check of names sees what it should."""
    said = 'sum by (le, x) (rate(a_b{c="d_e"}[5m])) / (x:y:z or vector(0)) and on (q) up == 0.5 * 1e3'
    assert named(said) == {"a_b", "x:y:z", "up"}


@pytest.mark.parametrize("expression", [*QUERIES, *(rule["expr"] for rule in RULES)])
def test_only_metrics_of_the_catalogue_are_asked_for(expression: str):
    """Beside them only what the rules record, and Prometheus' own `up`."""
    assert named(expression) <= KNOWN | RECORDED | {"up"}
    assert named(expression)


def test_every_own_metric_is_watched():
    """A metric that no panel and no rule shows is measured for nobody."""
    shown = {name for each in (*QUERIES, *(rule["expr"] for rule in RULES)) for name in named(each)}
    unseen = {m.name for m in METRICS.values() if not series(m) & shown}
    assert unseen == {"cdp_projection_stale", "process_virtual_memory_bytes", "process_max_fds"}


@pytest.mark.parametrize("alert", ALERTS.values(), ids=list(ALERTS))
def test_an_alert_says_how_bad_it_is_and_what_to_do(alert: dict[str, Any]):
    """A severity, a summary, a sentence more, and a section of the runbook that exists."""
    document, _, anchor = alert["annotations"]["runbook_url"].partition("#")
    assert alert["labels"]["severity"] in {"critical", "warning"}
    assert set(alert["annotations"]) == {"summary", "description", "runbook_url"}
    assert document == "RUNBOOK.md"
    assert anchor in anchors(document)


def test_every_alert_has_a_case_in_which_it_fires_and_one_in_which_it_does_not():
    """In the rules' tests that promtool runs."""
    cases = [case for test in yaml.safe_load(text(FOLDER / "cdp.rules.test.yml"))["tests"] for case in
             test["alert_rule_test"]]  # fmt: skip
    assert {case["alertname"] for case in cases if case["exp_alerts"]} == ALERTS.keys()
    assert {case["alertname"] for case in cases if not case["exp_alerts"]} == ALERTS.keys()


@needs_promtool
def test_the_rules_do_what_their_tests_say():
    """By Prometheus' own tool."""
    assert "SUCCESS" in promtool("check", "rules", "cdp.rules.yml")
    assert "SUCCESS" in promtool("test", "rules", "cdp.rules.test.yml")


@needs_promtool
def test_the_example_of_a_configuration_is_one(tmp_path: Path):
    """Prometheus takes it, with the targets that `cdp up` writes."""
    write_targets(tmp_path, Addresses("http://127.0.0.1:1", "http://127.0.0.1:2", "k:1", "http://c", "http://[::1]:3"))
    example = text(FOLDER / "prometheus.yml").replace("/var/lib/cdp", str(tmp_path))
    file = tmp_path / "prometheus.yml"
    file.write_text(example.replace("cdp.rules.yml", str(FOLDER / "cdp.rules.yml")))
    assert "SUCCESS" in promtool("check", "config", str(file))


@needs_promtool
def test_prometheus_can_read_every_query_of_the_dashboard(tmp_path: Path):
    """Each is checked as the expression of a rule, Grafana's variable filled in."""
    filled = [expression.replace("$__rate_interval", "1m") for expression in QUERIES]
    rules = [{"record": f"q:{number}", "expr": each} for number, each in enumerate(filled)]
    file = tmp_path / "queries.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": rules}]}))
    assert "SUCCESS" in promtool("check", "rules", str(file))


def test_targets_are_the_platforms_processes(tmp_path: Path):
    """As Prometheus reads them: a list of targets, each with its job."""
    write_targets(tmp_path, Addresses("http://127.0.0.1:1", "http://127.0.0.1:2", "k:1", "http://c", "http://[::1]:3"))
    written = orjson.loads((tmp_path / "run" / "prometheus.json").read_bytes())
    assert {each["labels"]["job"]: each["targets"] for each in written} == {
        "cdp-ingest": ["127.0.0.1:1"], "cdp-api": ["127.0.0.1:2"], "cdp-processors": ["[::1]:3"],
    }  # fmt: skip
    assert len(written) == len(SERVICES)


def test_each_worker_is_a_target(tmp_path: Path):
    """All under the one job of the processors."""
    further = ("http://127.0.0.1:4", "http://127.0.0.1:5")
    write_targets(tmp_path, Addresses("http://i", "http://a", "k:1", "http://c", "http://127.0.0.1:3", further))
    written = orjson.loads((tmp_path / "run" / "prometheus.json").read_bytes())
    [targets] = [each["targets"] for each in written if each["labels"] == {"job": "cdp-processors"}]
    assert targets == ["127.0.0.1:3", "127.0.0.1:4", "127.0.0.1:5"]


def test_the_dashboard_is_what_the_panels_say():
    """Out of date? `make reference` writes it anew."""
    assert dashboard.FILE.read_text(encoding="utf-8") == dashboard.dashboard()


def test_panels_lie_beside_each_other():
    """None over another, none outside of Grafana's 24 columns; each says what one learns from it."""
    taken: set[tuple[int, int]] = set()
    for panel in orjson.loads(dashboard.dashboard())["panels"]:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                 for y in range(place["y"], place["y"] + place["h"])}  # fmt: skip
        assert not cells & taken
        assert max(x for x, _ in cells) < 24
        assert panel["type"] == "row" or panel["description"].endswith(".")
        taken |= cells
