"""What the platform makes of its settings: specs, environments, addresses."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr, ValidationError

from deploy import environment, keys, platform
from deploy.addresses import read_addresses
from deploy.embedded import kafka
from deploy.embedded.java import Java
from deploy.errors import CannotStart
from deploy.keys import Keys
from deploy.platform import Platform, assemble
from deploy.ports import is_free
from schemas.channel_settings import ChannelSettings, SignedSettings
from schemas.settings import (
    ApiSettings,
    ClickHouseSettings,
    IngestSettings,
    KafkaSettings,
    ProcessorsSettings,
    Settings,
)

KEYS = Keys({"pos": "secret-write"}, {"crm:rfm": "secret-api"})
INHERITED = {"PATH": "/usr/bin", "CDP_WRITE_KEYS": '{"pos": "secret-write"}', "HOME": "/nowhere"}
PORTS = {"ingest": 1, "api": 2, "kafka": 3, "clickhouse": 4, "processors": 5}


def settings(directory: Path, **more: Any) -> Settings:
    free = {"ingest": IngestSettings(port=0), "api": ApiSettings(port=0)}
    servers = {"kafka": KafkaSettings(port=0), "clickhouse": ClickHouseSettings(port=0)}
    return Settings(_env_file=None, data_dir=directory, **{**free, **servers, **more})


@pytest.fixture
def _no_kafka(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kafka is neither looked for nor formatted."""
    installation = kafka.Installation(Java(Path("/java"), 17), [Path("/kafka.jar")])
    monkeypatch.setattr(platform, "kafka_installation", lambda *_: installation)
    monkeypatch.setattr(platform, "prepare", lambda path, _, port, __: kafka.Node(path, kafka.Ports(port, 1)))


def assembled(directory: Path, **more: Any) -> Platform:
    return assemble(settings(directory, **more), INHERITED)


@pytest.mark.usefixtures("_no_kafka")
def test_servers_start_together_then_services(tmp_path: Path) -> None:
    """Five processes in the order of the contract, in two groups: servers, then what needs them."""
    specs = assembled(tmp_path).specs
    assert [spec.name for spec in specs] == ["kafka", "clickhouse", "ingest", "processors", "api"]
    assert [spec.beside for spec in specs] == [False, True, False, True, True]
    assert {spec.log_path for spec in specs} == {tmp_path / "logs" / f"{spec.name}.log" for spec in specs}


def test_servers_of_others_are_not_started(tmp_path: Path) -> None:
    """With both addresses given only the services run; both servers must answer first, and their addresses are told."""
    others = {"kafka": KafkaSettings(bootstrap="k:9092"), "clickhouse": ClickHouseSettings(url="http://c:8123")}
    found = assembled(tmp_path, **others)
    assert [spec.name for spec in found.specs] == ["ingest", "processors", "api"]
    assert set(found.required) == {"kafka", "clickhouse"}
    assert (found.addresses.kafka, found.addresses.clickhouse) == ("k:9092", "http://c:8123")


@pytest.mark.usefixtures("_no_kafka")
def test_each_worker_is_a_process(tmp_path: Path) -> None:
    """All start together; each has its own name, log and port, which stay, and knows of no other."""
    found = assembled(tmp_path, processors=ProcessorsSettings(workers=3))
    names = ["processors", "processors-2", "processors-3"]
    assert [spec.name for spec in found.specs if spec.argv[-1] == "processors"] == names
    assert all(spec.beside for spec in found.specs if spec.name in names)
    workers = [spec for spec in found.specs if spec.name in names]
    ports = [spec.env["CDP_PROCESSORS__PORT"] for spec in workers]
    assert list(found.addresses.workers.values()) == [f"http://127.0.0.1:{port}" for port in ports]
    assert len({*ports, "0"}) == 4
    assert {spec.env["CDP_PROCESSORS__WORKERS"] for spec in workers} == {"1"}
    assert [spec.log_path.name for spec in workers] == [f"{name}.log" for name in names]
    assert read_addresses(tmp_path) == found.addresses
    assert assembled(tmp_path, processors=ProcessorsSettings(workers=3)).addresses == found.addresses


@pytest.mark.usefixtures("_no_kafka")
def test_the_ports_of_workers_follow_each_other(tmp_path: Path) -> None:
    """With a port given, the next worker has the next one; one that somebody else is to have is refused by name."""
    port = pick_three()
    found = assembled(tmp_path, processors=ProcessorsSettings(workers=3, port=port))
    assert [urlsplit(each).port for each in found.addresses.workers.values()] == [port, port + 1, port + 2]
    with pytest.raises(CannotStart, match=rf"api and processors-3 .* {port + 2}\. Set CDP_PROCESSORS__PORT"):
        assembled(tmp_path, processors=ProcessorsSettings(workers=3, port=port), api=ApiSettings(port=port + 2))
    with pytest.raises(ValidationError, match="beyond 65535"):
        ProcessorsSettings(workers=2, port=65535)


def pick_three() -> int:
    """The first of three ports that are free."""
    return next(port for port in range(21_000, 32_000) if all(is_free("127.0.0.1", port + more) for more in range(3)))


@pytest.mark.usefixtures("_no_kafka")
def test_the_description_is_the_contract(tmp_path: Path) -> None:
    """The object of `cdp up --json` has exactly the members promised."""
    found = assembled(tmp_path)
    described = found.description({"kafka": 1, "clickhouse": 2, "ingest": 3, "processors": 4, "api": 5})
    assert list(described) == [
        "ingest", "api", "kafka", "clickhouse", "processors", "source", "write_key", "write_keys", "api_key", "pids",
    ]  # fmt: skip
    assert described["source"] == "default"
    assert described["write_keys"] == {"default": described["write_key"]}


@pytest.mark.usefixtures("_no_kafka")
def test_addresses_stay(tmp_path: Path) -> None:
    """A platform assembled again on its directory has the same addresses and keys."""
    first, second = assembled(tmp_path), assembled(tmp_path)
    assert (first.addresses, first.keys) == (second.addresses, second.keys)


def test_processes_read_back_what_was_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of a process, read by Settings, gives every setting back."""
    said = settings(tmp_path, currency="EUR", sources={"pos": {"namespace": "brand"}}, log_level="ERROR")
    said = said.model_copy(update={"channels": {"web": ChannelSettings(shopify=SignedSettings(secret=SecretStr("s")))}})
    given = environment.for_processes(said, KEYS, "k:1", "http://c:2", PORTS)
    for name, value in environment.environment(given, {}).items():
        monkeypatch.setenv(name, value)
    assert Settings(_env_file=None) == given


@pytest.mark.usefixtures("_no_kafka")
def test_processes_get_no_plaintext_keys(tmp_path: Path) -> None:
    """No process's environment holds a key; those that need them get hashes."""
    found = assemble(settings(tmp_path, write_keys={"pos": "secret-write"}, api_keys={"crm": "secret-api"}), INHERITED)
    for spec in found.specs:
        assert not [name for name, value in spec.env.items() if "secret-" in value]
    ingest = found.specs[2].env
    assert keys.digest("secret-write") in ingest["CDP_WRITE_KEY_HASHES"]
    assert ingest["CDP_WRITE_KEYS"] == "{}"


@pytest.mark.usefixtures("_no_kafka")
def test_only_ingest_gets_secrets_of_channels(tmp_path: Path) -> None:
    """The others learn which sources there are; each has a write key as well. Nothing shows a secret."""
    said = settings(tmp_path, channels={"web": {"shopify": {"secret": "hush-1", "former_secret": "hush-2"}}})
    found = assemble(said, INHERITED)
    ingest, *others = (spec.env["CDP_CHANNELS"] for spec in found.specs[2:])
    assert json.loads(ingest) == {"web": {"shopify": {"secret": "hush-1", "former_secret": "hush-2"}}}
    assert [json.loads(each) for each in others] == [{"web": {}}, {"web": {}}]
    assert "web" in found.keys.write_keys
    assert "hush" not in repr(said)


@pytest.mark.usefixtures("_no_kafka")
def test_no_process_gets_what_only_a_pull_needs(tmp_path: Path) -> None:
    """Tokens of shops that are pulled stay with `cdp pull`; the platform knows the source, which has a write key."""
    shop = {"taobao": {"app_key": "1", "app_secret": "hush-1", "session": "hush-2"}}
    found = assemble(settings(tmp_path, channels={"tb": shop}), INHERITED)
    assert [spec.name for spec in found.specs if "hush" in "".join(spec.env.values())] == []
    assert json.loads(found.specs[2].env["CDP_CHANNELS"]) == {"tb": {}}
    assert "tb" in found.keys.write_keys


@pytest.mark.parametrize("said", [{"secret": ""}, {}, {"secret": "x", "more": 1}])
def test_a_shop_without_a_secret_is_refused(tmp_path: Path, said: dict[str, Any]) -> None:
    """Anybody could sign with an empty one."""
    with pytest.raises(ValidationError):
        settings(tmp_path, channels={"web": {"shopify": said}})


def test_bytecode_is_kept_somewhere(tmp_path: Path) -> None:
    """Who forbids bytecode beside the sources gets it in the cache; nobody else is interfered with."""
    said = settings(tmp_path, cache_dir=tmp_path / "kafka")
    kept = environment.plain_environment(said, {"PYTHONDONTWRITEBYTECODE": "1"})
    assert kept["PYTHONPYCACHEPREFIX"] == str(tmp_path / "bytecode")
    assert "PYTHONPYCACHEPREFIX" not in environment.plain_environment(said, {})
