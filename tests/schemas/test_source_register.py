"""What operators said of sources: since when, what is disabled, and that old words do not come back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from schemas.control import Control
from schemas.source_register import SETTLING, Followed, SourceRegister, take_all
from schemas.sources import Source
from schemas.write_keys import Grants, WriteKeyVersion, allows, control_key, mint

START = datetime(2026, 11, 22, tzinfo=UTC)
POS = Source("pos", orders_of="shop")


def at(seconds: int) -> datetime:
    return START + timedelta(seconds=seconds)


def record(offset: int, kind: Any, key: str, value: dict[str, Any]) -> Followed:
    control = Control(kind=kind, key=key, value=value, author="ops")
    return Followed(offset, at(offset), f"{kind}/{key}".encode(), control.model_dump_json().encode())


def key_record(offset: int, source: str, said: WriteKeyVersion, **change: Any) -> Followed:
    value = said.model_copy(update=change).model_dump(mode="json")
    return record(offset, "write_key", control_key(source, said.key_id), value)


def register(*records: Followed) -> SourceRegister:
    made = SourceRegister({"pos": POS})
    take_all(made, records)
    return made


def contract(offset: int, source: str, **said: Any) -> Followed:
    return record(offset, "contract", source, {"source": source, **said})


MINTED = mint(Grants(rate=5), START)


def test_a_source_is_declared_from_its_first_key_or_contract_on() -> None:
    """What was appended before stays an unknown source's, in a rebuild as well; settings hold always."""
    said = register(contract(4, "web"), key_record(9, "till", MINTED.version))
    assert [said.source_at("web", at(n)) for n in (3, 4)] == [None, Source("web")]
    assert [said.source_at("till", at(n)) for n in (8, 9)] == [None, Source("till")]
    assert said.source_at("pos", at(-99)) == POS
    assert set(said.sources()) == {"pos", "web", "till"}


def test_a_contract_counts_from_its_version_to_the_next() -> None:
    """Each event has the contract of when it was received, whenever it is judged; new ones count after a moment."""
    deleted = record(7, "contract", "pos", {"deleted": True})
    said = register(contract(2, "pos", mode="block"), contract(5, "pos", mode="count"), deleted)
    found = [said.contract_at("pos", at(n) + SETTLING) for n in (1, 2, 4, 5, 6, 7, 99)]
    assert [each and each.mode for each in found] == [None, "block", "block", "count", "count", None, None]
    assert [each.version for each in said.contracts("pos")] == [3, 6, 8]


def test_what_is_disabled_stays_disabled() -> None:
    """A version that was said for an older one, or of another source, cannot bring a leaked key back."""
    said = register(
        key_record(1, "pos", MINTED.version),
        key_record(2, "pos", MINTED.version, disabled=True),
        key_record(3, "web", MINTED.version, rate=9),
    )
    [key] = said.write_keys()
    assert (key.source, key.said.disabled, key.said.rate) == ("pos", True, 9)


def test_an_end_is_never_put_off() -> None:
    """A change that somebody made of the version before a rotation does not let the old key live on."""
    said = register(
        key_record(1, "pos", MINTED.version, expires_at=at(60)),
        key_record(2, "pos", MINTED.version, rate=9),
        key_record(3, "pos", MINTED.version, expires_at=at(90)),
    )
    assert [key.said.expires_at for key in said.write_keys()] == [at(60)]


def test_a_key_is_kept_as_its_hash_only() -> None:
    """The text is in what the caller gets, and nowhere in what travels."""
    assert sha256(MINTED.text.encode()).hexdigest() == MINTED.version.digest
    assert MINTED.text.encode() not in key_record(1, "pos", MINTED.version).value
    assert mint(Grants(), START).text != MINTED.text


def test_what_cannot_be_read_changes_nothing() -> None:
    """Also a key under another id than its hash gives, and a contract under another source."""
    wrong = record(3, "write_key", control_key("pos", "0" * 16), MINTED.version.model_dump(mode="json"))
    said = SourceRegister({})
    bad = [Followed(1, at(1), b"contract/pos", b"{"), wrong, record(4, "contract", "web", {"source": "pos"})]
    assert not take_all(said, bad)
    assert said.sources() == {}


def test_records_about_other_things_are_passed_over() -> None:
    """Without looking at them: lists of members are long."""
    assert not take_all(SourceRegister({}), [Followed(1, at(1), b"segment/vip", b"not even JSON")])


def test_origins_are_compared_whole() -> None:
    """No prefix, no port left out; programs that are no browsers send none."""
    said = ["https://shop.example"]
    assert allows(said, "https://SHOP.example")
    assert allows(said, None)
    assert allows([], "https://any.example")
    assert not allows(said, "https://shop.example.evil.example")
    assert not allows(said, "http://shop.example")
    assert not allows(said, "null")
