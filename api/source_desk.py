"""Where operators make, rotate and disable write keys, and put contracts in force; all through the control topic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from api.controlling import ControlWriter
from api.declared import DeclaredSources
from schemas.contracts.model import Contract
from schemas.control import DELETED, Control
from schemas.errors import NotFound, RequestError
from schemas.positions import Position
from schemas.source_register import SourceKey
from schemas.sources import OPERATOR, SOURCE_NAME
from schemas.write_keys import ID_CHARACTERS, MOST_USABLE, Grants, Minted, WriteKeyVersion, control_key, mint

MOST_KEYS = 10_000


@dataclass(frozen=True, slots=True)
class SettledKey:
    """A key of the settings: changed there, not here."""

    source: str
    key_id: str


@dataclass(frozen=True, slots=True)
class SourceDesk:
    """Every method blocks: call it in a thread. All raise Unavailable."""

    declared: DeclaredSources
    settled_keys: Mapping[str, str]
    """SHA-256 to source, as the settings have them."""
    controls: ControlWriter
    clock: Callable[[], datetime]

    def keys(self, source: str) -> tuple[list[SettledKey], list[SourceKey]]:
        """The keys of a source: those of the settings, and those made here. Raises NotFound."""
        register = self.declared.register(fresh=True)
        if source not in register.sources():
            raise NotFound("There is no such source (yet).")
        settled = [SettledKey(name, digest[:ID_CHARACTERS]) for digest, name in self.settled_keys.items()]
        return [each for each in settled if each.source == source], register.write_keys(source)

    def create(self, source: str, grants: Grants, author: str) -> tuple[Minted, Position]:
        """Make a key; a source that is not declared is, then. Raises RequestError `too_many_keys`, `bad_parameter`."""
        require_name(source)
        self._require_room(source)
        minted = mint(grants, self.clock())
        return minted, self._say(source, minted.version, author)

    def rotate(self, source: str, key_id: str, overlap: timedelta, author: str) -> tuple[Minted, SourceKey, Position]:
        """Make a key that may do what another may, and have that one expire. Raises as `create`, and NotFound."""
        key = self._usable(source, key_id)
        self._require_room(source)
        now = self.clock()
        minted = mint(_grants(key.said), now)
        end = min(now + overlap, key.said.expires_at or datetime.max.replace(tzinfo=now.tzinfo))
        expiring = key.said.model_copy(update={"expires_at": end})
        self._say(source, minted.version, author)
        position = self._say(source, expiring, author)
        return minted, SourceKey(source, expiring, key.version, key.author), position

    def change(self, source: str, key_id: str, change: Mapping[str, Any], author: str) -> tuple[SourceKey, Position]:
        """Change what a key may do; what is left out stays. Raises NotFound, RequestError `set_in_settings`."""
        key = self._usable(source, key_id)
        said = key.said.model_copy(update=dict(change))
        return SourceKey(source, said, key.version, author), self._say(source, said, author)

    def disable(self, source: str, key_id: str, author: str) -> tuple[SourceKey, Position]:
        """Have a key taken no more, for ever. Raises NotFound, RequestError `set_in_settings`."""
        key = self._found(source, key_id)
        said = key.said.model_copy(update={"disabled": True})
        return SourceKey(source, said, key.version, author), self._say(source, said, author)

    def put_contract(self, contract: Contract, author: str) -> tuple[int, Position]:
        """Put a contract in force; a source that is not declared is, then."""
        require_name(contract.source)
        return self._publish("contract", contract.source, contract.written(), author)

    def delete_contract(self, source: str, author: str) -> tuple[int, Position]:
        """Ask nothing more of a source. Raises NotFound where it has no contract."""
        if self.declared.register(fresh=True).last_contract(source) is None:
            raise NotFound("This source has no contract (yet).")
        return self._publish("contract", source, DELETED, author)

    def _found(self, source: str, key_id: str) -> SourceKey:
        settled, made = self.keys(source)
        if any(each.key_id == key_id for each in settled):
            raise RequestError("set_in_settings", "This write key comes from CDP_WRITE_KEYS; change it there.")
        found = [each for each in made if each.said.key_id == key_id]
        if not found:
            raise NotFound("This source has no such write key (yet).")
        return found[0]

    def _usable(self, source: str, key_id: str) -> SourceKey:
        key = self._found(source, key_id)
        if not key.said.is_usable(self.clock()):
            raise NotFound("This write key is disabled or has expired; make a new one.")
        return key

    def _require_room(self, source: str) -> None:
        made, now = self.declared.register(fresh=True).write_keys(), self.clock()
        if sum(each.source == source and each.said.is_usable(now) for each in made) >= MOST_USABLE:
            raise RequestError("too_many_keys", f"{MOST_USABLE} write keys of this source can be used; disable one.")
        if len(made) >= MOST_KEYS:
            raise RequestError("too_many_keys", f"There are {MOST_KEYS} write keys already, disabled ones included.")

    def _say(self, source: str, said: WriteKeyVersion, author: str) -> Position:
        return self._publish("write_key", control_key(source, said.key_id), said.model_dump(mode="json"), author)[1]

    def _publish(self, kind: Any, key: str, value: Mapping[str, Any], author: str) -> tuple[int, Position]:
        return self.controls.publish(Control(kind=kind, key=key, value=dict(value), author=author))


def require_name(source: str) -> None:
    """Raise RequestError `bad_parameter` for what no source may be called."""
    if not SOURCE_NAME.match(source) or source == OPERATOR:
        sentence = "A source is named with a-z, 0-9, _ and -, at most 64 characters; operator is the platform's own."
        raise RequestError("bad_parameter", sentence, "/path/source")


def _grants(said: WriteKeyVersion) -> Grants:
    return Grants(label=said.label, rate=said.rate, types=said.types, origins=said.origins)
