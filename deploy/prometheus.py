"""What Prometheus shall scrape of a platform: `<data>/run/prometheus.json`, in its file of targets' form."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

from deploy.addresses import Addresses

SERVICES = ("ingest", "processors", "api")


def write_targets(directory: Path, addresses: Addresses) -> None:
    """Say where ingest, processors and API serve /metrics; Prometheus reads the file anew when it changes."""
    file = directory / "run" / "prometheus.json"
    targets = [_target(name, _answering(name, addresses)) for name in SERVICES]
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f"{file.name}.new")
    fresh.write_text(json.dumps(targets, indent=1) + "\n", encoding="utf-8")
    fresh.replace(file)


def _answering(service: str, addresses: Addresses) -> list[str]:
    return list(addresses.workers.values()) if service == "processors" else [addresses.of(service)]


def _target(name: str, addresses: list[str]) -> dict[str, object]:
    return {"targets": [urlsplit(each).netloc for each in addresses], "labels": {"job": f"cdp-{name}"}}
