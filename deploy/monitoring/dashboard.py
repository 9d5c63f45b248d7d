"""`cdp.dashboard.json`, for Grafana 10 or newer: the rows of `panels`, laid out. Written by `make reference`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from deploy.monitoring.panels import ROWS, Panel, Row

FILE: Final = Path(__file__).with_name("cdp.dashboard.json")
_WIDTH, _HEIGHT, _STAT_HEIGHT = 24, 8, 4
_ABREAST = 3
_SOURCE = {"type": "prometheus", "uid": "${source}"}


def dashboard() -> str:
    """Give the file's text."""
    document = {
        "uid": "cdp",
        "title": "cdp",
        "description": "Written from deploy/monitoring/panels.py; change it there.",
        "tags": ["cdp", "kafka"],
        "timezone": "browser",
        "schemaVersion": 39,
        "refresh": "10s",
        "time": {"from": "now-1h", "to": "now"},
        "templating": {
            "list": [{"name": "source", "label": "Prometheus", "type": "datasource", "query": "prometheus"}]
        },
        "panels": _laid_out(),
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _laid_out() -> list[dict[str, Any]]:
    panels: list[dict[str, Any]] = []
    y = 0
    for row in ROWS:
        panels.append(
            {"type": "row", "title": row.title, "collapsed": False, "panels": [], "gridPos": _at(0, y, _WIDTH, 1)}
        )
        placed = list(_placed(row, y + 1))
        panels += placed
        y = max(each["gridPos"]["y"] + each["gridPos"]["h"] for each in placed)
    return [{"id": number, **each} for number, each in enumerate(panels, start=1)]


def _placed(row: Row, top: int) -> Iterator[dict[str, Any]]:
    stats = all(panel.kind == "stat" for panel in row.panels)
    abreast = len(row.panels) if stats else _ABREAST
    width, height = _WIDTH // abreast, _STAT_HEIGHT if stats else _HEIGHT
    for number, panel in enumerate(row.panels):
        line, column = divmod(number, abreast)
        yield {**_panel(panel), "gridPos": _at(column * width, top + line * height, width, height)}


def _panel(panel: Panel) -> dict[str, Any]:
    defaults: dict[str, Any] = {"unit": panel.unit, "min": 0, "thresholds": _thresholds(panel.bad)}
    if panel.kind == "timeseries":
        style = "off" if panel.bad is None else "line"
        defaults["custom"] = {"fillOpacity": 8, "spanNulls": False, "thresholdsStyle": {"mode": style}}
    return {
        "type": panel.kind,
        "title": panel.title,
        "description": panel.says,
        "datasource": _SOURCE,
        "targets": [
            {
                "refId": chr(ord("A") + place),
                "datasource": _SOURCE,
                "expr": each.expression,
                "legendFormat": each.legend,
            }
            for place, each in enumerate(panel.queries)
        ],
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": {}
        if panel.kind == "timeseries"
        else {"colorMode": "background", "reduceOptions": {"calcs": ["lastNotNull"]}},
    }


def _thresholds(bad: float | None) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    return {"mode": "absolute", "steps": steps if bad is None else [*steps, {"color": "red", "value": bad}]}


def _at(x: int, y: int, width: int, height: int) -> dict[str, int]:
    return {"x": x, "y": y, "w": width, "h": height}


def main() -> None:
    """Write the file; a test compares it with the panels."""
    FILE.write_text(dashboard(), encoding="utf-8")


if __name__ == "__main__":
    main()
