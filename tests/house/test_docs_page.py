"""The page /docs: complete, unchanged, and without a byte from elsewhere."""

from __future__ import annotations

import hashlib
import re

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from schemas.http.docs import STATIC, SWAGGER_UI, install_docs


@pytest.fixture
def client() -> TestClient:
    app = FastAPI(title="a <b>", docs_url=None, redoc_url=None)
    install_docs(app)
    return TestClient(app, root_path="")


def test_swagger_ui_is_as_it_was_published():
    """Every file has its checksum, and no file is there without one."""
    lines = (SWAGGER_UI / "CHECKSUMS").read_text().splitlines()
    said = {line.split()[1]: line.split()[0] for line in lines}
    there = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in SWAGGER_UI.iterdir()}
    del there["CHECKSUMS"]
    assert there == said


def test_its_licence_is_beside_it():
    """Swagger UI may be passed on with its licence and notice only."""
    assert "Apache License" in (SWAGGER_UI / "LICENSE").read_text()
    assert "SmartBear" in (SWAGGER_UI / "NOTICE").read_text()


def test_the_page_and_all_it_asks_for_are_served(client):
    """Each address in the page answers."""
    page = client.get("/docs")
    assert page.status_code == 200
    for address in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        if not address.startswith("data:"):
            assert client.get(f"/{address}").status_code == 200, address


def test_the_page_names_no_other_host(client):
    """Nor does its script; and the browser is told to ask no other."""
    page = client.get("/docs")
    assert "//" not in page.text.replace("<!doctype html>", "")
    assert "://" not in (STATIC / "start.js").read_text()
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "http" not in policy


def test_a_title_cannot_become_markup(client):
    """What the page says of the app is escaped."""
    assert "<title>a &lt;b&gt;</title>" in client.get("/docs").text


def test_it_is_no_part_of_the_api(client):
    """OpenAPI lists what programs call."""
    assert client.get("/openapi.json").json()["paths"] == {}
