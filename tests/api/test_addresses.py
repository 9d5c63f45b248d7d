"""Addresses in URLs: one percent-encoded path segment each, whatever the value."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from api.addresses import AddressBook, EscapedSlashes, segment
from schemas.errors import NotFound, RequestError

PERSON = "6f1d7b6e-3a52-5c0e-9c39-0d7d4c9a51c7"
BOOK = AddressBook("CN", frozenset({"mall"}), {PERSON: "member_id:M1"}.get)


@pytest.fixture(scope="module")
def client() -> TestClient:
    """An app that answers with the segment it was asked for."""
    app = FastAPI()

    @app.get("/v1/profiles/{address}/events")
    async def events(address: str) -> str:
        return segment(address)

    app.add_middleware(EscapedSlashes)
    return TestClient(app)


@given(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), min_size=1, max_size=20))
def test_any_value_survives_one_segment(client: TestClient, value: str) -> None:
    """Slashes, percent signs, question marks, dots and all."""
    address = f"member_id:{value}"
    answer = client.get(f"/v1/profiles/{quote(address, safe='')}/events")
    assert (answer.status_code, answer.json()) == (200, address)


def test_a_slash_that_is_not_escaped_is_a_path() -> None:
    """It leads to another route, or none."""
    app = FastAPI()
    app.add_middleware(EscapedSlashes)
    assert TestClient(app).get("/v1/profiles/member_id:a/b").status_code == 404


@pytest.mark.parametrize(
    ("written", "subject"),
    [
        ("phone:138 0013 8000", "phone:+8613800138000"),
        ("email:Ann@Example.com", "email:ann@example.com"),
        ("member_id:a/b", "member_id:a/b"),
        ("member_id:mall/7", "member_id:mall/7"),
        ("wechat_openid:pos/o1", "wechat_openid:pos/o1"),
        (f"person:{PERSON}", "member_id:M1"),
        (f"person:{PERSON.upper()}", "member_id:M1"),
    ],
)
def test_an_address_names_a_subject(written: str, subject: str) -> None:
    """As a person would write it, as stored, or by the person's id."""
    assert BOOK.subject(written) == subject


@pytest.mark.parametrize(
    "written", ["", "M1", "shoe_size:42", "phone:12", "member_id:", "wechat_openid:o1", "person:7", "person:"]
)
def test_what_is_no_address_is_refused(written: str) -> None:
    """A 400, not a 404: nothing could be found under it."""
    with pytest.raises(RequestError) as raised:
        BOOK.subject(written)
    assert raised.value.code == "bad_parameter"


def test_an_unknown_person_is_not_found() -> None:
    """The id is well formed; there is nobody."""
    with pytest.raises(NotFound):
        BOOK.subject("person:00000000-0000-5000-8000-000000000000")
