"""What the documents name is in the code: topics, codes, routes, metrics, settings."""

from __future__ import annotations

import re

import pytest

from schemas.env_example import env_example
from schemas.metrics import METRICS, series
from schemas.topics import catalogue
from tests.house import reference
from tests.house.repository import documents, name

METRIC_NAME = (
    r"\b(?:cdp_(?:ingest|api|processors|lag|projection|dependency)_|kafka_(?:consumergroup|topic)_|process_)\w+"
)
SETTINGS_OF_TESTS = {"CDP_TEST_STACK"}


def _named(pattern: str) -> set[tuple[str, str]]:
    """Everything of this form the documents name, and where."""
    return {(found, name(path)) for path in documents() for found in re.findall(pattern, path.read_text("utf-8"))}


def test_the_reference_is_what_the_code_says():
    """Out of date? `make reference` writes it anew."""
    assert reference.FILE.read_text(encoding="utf-8") == reference.reference()


def test_documents_name_only_topics_there_are():
    """A topic is in the catalogue."""
    topics = {topic.name for topic in catalogue().values()}
    assert {each for each in _named(r"\bcdp\.[a-z-]+\.v\d+\b") if each[0] not in topics} == set()


def test_documents_name_only_settings_there_are():
    """A setting is in `.env.example`."""
    settings = {*re.findall(r"# (CDP_\w+)=", env_example()), *SETTINGS_OF_TESTS}
    assert {each for each in _named(r"\bCDP_[A-Z][A-Z_]*[A-Z]\b") if each[0] not in settings} == set()


def test_documents_name_only_metrics_there_are():
    """A metric is in the catalogue."""
    known = {name for metric in METRICS.values() for name in (metric.name, *series(metric))}
    assert {each for each in _named(METRIC_NAME) if each[0] not in known} == set()


@pytest.mark.parametrize("app", [reference.ingest, reference.api], ids=["ingest", "api"])
def test_every_route_says_what_it_does(app):
    """The reference and /docs have nothing else to show."""
    assert [path for _, path, said in reference.routes(app()) if not said.endswith(".")] == []


def test_documents_name_only_routes_there_are():
    """A path under /v1 is served by ingest or the API; `…` and `{…}` stand for anything."""
    served = [path for app in (reference.ingest(), reference.api()) for _, path, _ in reference.routes(app)]
    patterns = [re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)) for path in served]
    named = _named(r"(?<![\w.])/v1/[\w:{}%+…/-]*[\w}…]")
    assert {each for each in named if not any(pattern.fullmatch(each[0]) for pattern in patterns)} == set()
