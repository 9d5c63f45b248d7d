"""The keys of a data directory: given by the settings, or made at the first start and kept in `keys.json` (0600)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from pydantic import SecretStr

from deploy import files
from schemas.settings import Settings

DEFAULT_SOURCE = "default"
_API_KEY_NAME = "admin"


@dataclass(frozen=True, slots=True)
class Keys:
    """Write keys by source, and API keys by name with scopes (`name:scope+scope`; none = all)."""

    write_keys: Mapping[str, str]
    api_keys: Mapping[str, str]
    link_secret: str = ""
    """What rating links are signed with."""

    @property
    def source(self) -> str:
        """The source a newcomer writes as."""
        return DEFAULT_SOURCE if DEFAULT_SOURCE in self.write_keys else next(iter(self.write_keys))

    @property
    def api_key(self) -> str:
        """The key that may do the most: the first without scopes, else the first."""
        unlimited = [key for name, key in self.api_keys.items() if ":" not in name]
        return [*unlimited, *self.api_keys.values()][0]

    def write_key_hashes(self) -> dict[str, str]:
        """SHA-256 of each write key to its source."""
        return {digest(key): source for source, key in self.write_keys.items()}

    def api_key_hashes(self) -> dict[str, str]:
        """SHA-256 of each API key to its name and scopes."""
        return {digest(key): name for name, key in self.api_keys.items()}


def digest(key: str) -> str:
    """What processes know of a key."""
    return sha256(key.encode()).hexdigest()


def settle(directory: Path, settings: Settings, needed: Iterable[str] = ()) -> Keys:
    """The keys of this platform: the given ones, and made ones for every other source.

    Those are `default`, the `needed`, the declared, and, without any given key, whatever had one made here before.
    """
    path = directory / "keys.json"
    known = files.read(path)
    given = _given(settings.write_keys)
    sources = {DEFAULT_SOURCE, *needed, *settings.sources, *settings.channels} - {*given}
    made = dict(known.get("write_keys", {}))
    made.update((source, _new("cdp_write")) for source in sorted(sources - {*made}))
    api_key = known.get("api_key") or ("" if settings.api_keys else _new("cdp_api"))
    link_secret = known.get("link_secret") or ("" if _link_secret(settings) else _new("cdp_link"))
    if made or api_key or link_secret:
        _remember(path, known, {"write_keys": made, "api_key": api_key, "link_secret": link_secret})
    chosen = {source: made[source] for source in sorted(sources)} if given else made
    signing = _link_secret(settings) or link_secret
    return Keys({**chosen, **given}, _given(settings.api_keys) or {_API_KEY_NAME: api_key}, signing)


def known_keys(directory: Path, settings: Settings) -> Keys:
    """The keys as far as this directory and these settings tell them; makes none."""
    known = files.read(directory / "keys.json")
    api_keys = {_API_KEY_NAME: known["api_key"]} if known.get("api_key") else {}
    write_keys = {**known.get("write_keys", {}), **_given(settings.write_keys)}
    signing = _link_secret(settings) or known.get("link_secret", "")
    return Keys(write_keys, _given(settings.api_keys) or api_keys, signing)


def _link_secret(settings: Settings) -> str:
    return settings.link_secret.get_secret_value()


def _remember(path: Path, known: Mapping[str, object], made: Mapping[str, object]) -> None:
    if made != known:
        files.write(path, made, 0o600)


def _given(keys: Mapping[str, SecretStr]) -> dict[str, str]:
    """Secrets in the clear. They stay in this process."""
    return {name: key.get_secret_value() for name, key in keys.items()}


def _new(kind: str) -> str:
    """A recognisable prefix lets scanners of leaked secrets find them."""
    return f"{kind}_{secrets.token_urlsafe(24)}"
