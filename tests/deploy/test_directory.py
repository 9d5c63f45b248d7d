"""What a data directory keeps: its keys, its ports, its currency and time zone."""

import json
import socket
import stat
from pathlib import Path
from typing import Any

import pytest

from deploy import fixed, keys, ports
from deploy.errors import CannotStart
from deploy.ports import Listener
from schemas.settings import Settings


def settings(**said: Any) -> Settings:
    return Settings(_env_file=None, **said)


def test_keys_are_made_once(tmp_path: Path) -> None:
    """The first start makes a write key for `default` and an API key, for the owner only; later ones keep them."""
    first = keys.settle(tmp_path, settings())
    assert keys.settle(tmp_path, settings()) == first == keys.known_keys(tmp_path, settings())
    assert list(first.write_keys) == ["default"]
    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600


def test_given_keys_win_and_are_not_written(tmp_path: Path) -> None:
    """Keys from the settings replace made ones, and no file holds them."""
    given = {"pos": "w", "default": "d"}
    found = keys.settle(tmp_path, settings(write_keys=given, api_keys={"crm:rfm": "a", "all": "b"}))
    assert (found.write_keys, found.source, found.api_key) == (given, "default", "b")
    assert json.loads((tmp_path / "keys.json").read_text()) == {
        "write_keys": {}, "api_key": "", "link_secret": found.link_secret,
    }  # fmt: skip


def test_a_needed_source_has_a_key(tmp_path: Path) -> None:
    """The demo's source gets a key beside given ones, and so do the default and whatever is declared."""
    given = settings(write_keys={"pos": "w"}, sources={"erp": {"orders_of": "pos"}})
    assert set(keys.settle(tmp_path, given, ["cdnow"]).write_keys) == {"pos", "erp", "cdnow", "default"}
    assert set(keys.settle(tmp_path, settings(), ["cdnow"]).write_keys) >= {"default", "cdnow"}
    assert set(keys.settle(tmp_path, settings()).write_keys) >= {"default", "cdnow"}


def test_currency_and_zone_are_fixed(tmp_path: Path) -> None:
    """What the first start says holds: later defaults yield to it, another explicit wish is refused by name."""
    fixed.settle(tmp_path, settings(currency="USD"))
    assert fixed.settle(tmp_path, settings()).currency == "USD"
    assert fixed.settle(tmp_path, settings(currency="USD", time_zone="Asia/Shanghai")).time_zone == "Asia/Shanghai"
    with pytest.raises(CannotStart, match=r"currency of .* is USD and cannot become EUR.*CDP_CURRENCY"):
        fixed.settle(tmp_path, settings(currency="EUR"))
    with pytest.raises(CannotStart, match=r"time zone of .* CDP_TIME_ZONE"):
        fixed.settle(tmp_path, settings(time_zone="UTC"))
    assert json.loads((tmp_path / "platform.json").read_text()) == {"currency": "USD", "time_zone": "Asia/Shanghai"}


def listeners(**configured: int) -> list[Listener]:
    return [Listener(name, "127.0.0.1", port) for name, port in configured.items()]


def test_free_ports_are_picked_once(tmp_path: Path) -> None:
    """Port 0 is any free one, different for each, outside the range of outgoing connections, the same ever after."""
    wanted = ports.pick(())
    chosen = ports.settle(tmp_path, listeners(ingest=0, api=0, kafka=wanted))
    assert chosen["kafka"] == wanted
    assert len(set(chosen.values())) == 3
    assert all(20_000 <= chosen[name] < 32_000 for name in ("ingest", "api"))
    assert ports.settle(tmp_path, listeners(ingest=0, api=0, kafka=0)) == chosen


def test_a_busy_port_is_named(tmp_path: Path) -> None:
    """The error tells the port, the setting, and the way out; and nothing is remembered."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(CannotStart, match=rf"Port {port} .*CDP_API__PORT.*0 = any"):
            ports.settle(tmp_path, listeners(api=port), patience=0)
    assert not (tmp_path / "run").exists()
    assert ports.settle(tmp_path, listeners(api=port), patience=0) == {"api": port}


def test_a_picked_port_that_another_took_is_given_up(tmp_path: Path) -> None:
    """Any free one was asked for: then another is picked, and the platform starts."""
    picked = ports.settle(tmp_path, listeners(api=0))["api"]
    with socket.create_server(("127.0.0.1", picked)):
        assert ports.settle(tmp_path, listeners(api=0), patience=0)["api"] != picked
