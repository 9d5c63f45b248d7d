"""One platform for all clients and documents of channels: each is a source, whose write key is its name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from tests.sdks.documents import block
from tests.sdks.installed import node_clients
from tests.stack.platforms import Platform
from tests.stack.servers import ClickHouse, Kafka

SOURCES = (
    "segment-python", "rudder-python", "segment-node", "rudder-node", "segment-browser", "rudder-browser", "again",
    "segment", "posthog", "erp", "pos", "crm", "survey", "till", "default", "website",
)  # fmt: skip
SECRET = {"secret": "hush"}
CHANNELS = {
    "web-shop": {"shopify": SECRET},
    "woo-shop": {"woocommerce": SECRET},
    "wei-shop": {"youzan": {"client_id": "client-7", "client_secret": "hush"}},
}


@pytest.fixture(scope="package")
def platform(
    kafka_server: Kafka, clickhouse_server: ClickHouse, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Platform]:
    """A platform that runs."""
    keys = json.dumps({sha256(name.encode()).hexdigest(): name for name in SOURCES})
    forms = tmp_path_factory.mktemp("forms")
    (forms / "contact.yaml").write_text(block("forms", "form"), "utf-8")
    more = {
        "CDP_WRITE_KEY_HASHES": keys,
        "CDP_CHANNELS": json.dumps(CHANNELS),
        "CDP_FORMS": str(forms),
        "CDP_LINK_SECRET": "hush",
    }
    platform = Platform(kafka_server, clickhouse_server, tmp_path_factory.mktemp("platform"), more)
    platform.start()
    yield platform
    platform.close()


@pytest.fixture(scope="session")
def node(request: pytest.FixtureRequest) -> Path:
    """The clients of JavaScript, installed."""
    return node_clients(request.config.cache.mkdir("clients"))
