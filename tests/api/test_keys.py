"""API keys: who may ask what. Only hashes are held."""

from __future__ import annotations

from hashlib import sha256

import pytest

from api.keys import SCOPES, ApiKeys, read_key
from schemas.errors import RequestError

KEYS = ApiKeys({sha256(key).hexdigest(): said for key, said in ((b"k1", "all"), (b"k2", "crm:profiles+rfm"))})


def code(authorization: str | None, scope: str = "profiles") -> str:
    with pytest.raises(RequestError) as raised:
        KEYS.require(authorization, scope)  # type: ignore[arg-type]
    return raised.value.code


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic azE6", "k1", "Bearer k9", "Bearer \xff", "Digest k1"]
)
def test_no_known_key_is_unauthorized(header: str | None) -> None:
    """Whatever stands in the header instead."""
    assert code(header) == "unauthorized"


def test_a_key_without_scopes_may_ask_everything() -> None:
    """The operator's own key; spaces and case of the scheme do not matter."""
    assert {KEYS.require(" bearer  k1 ", scope).name for scope in SCOPES} == {"all"}  # type: ignore[arg-type]


def test_a_key_may_ask_what_its_scopes_say() -> None:
    """Anything else is forbidden, which is not the same as unknown."""
    assert KEYS.require("Bearer k2", "rfm").name == "crm"
    assert code("Bearer k2", "operations") == "forbidden"


def test_a_scope_that_does_not_exist_is_a_mistake_of_the_settings() -> None:
    """It is said at the start, with those there are."""
    with pytest.raises(ValueError, match="unknown scope everything; there are operations, profiles, rfm, segments"):
        read_key("0" * 64, "crm:profiles+everything")
