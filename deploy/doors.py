"""How another command finds a platform's doors: its data directory tells, else the settings do."""

from __future__ import annotations

from deploy.addresses import read_addresses, url
from deploy.errors import CannotReach
from deploy.keys import known_keys
from schemas.settings import Settings


def ingest_url(settings: Settings) -> str:
    """Where ingest answers."""
    known = read_addresses(settings.data_dir)
    return known.ingest if known else url(settings.ingest.host, settings.ingest.port)


def api_url(settings: Settings) -> str:
    """Where the API answers."""
    known = read_addresses(settings.data_dir)
    return known.api if known else url(settings.api.host, settings.api.port)


def kafka_address(settings: Settings) -> str:
    """Where Kafka answers. Raises CannotReach when that is known nowhere."""
    known = read_addresses(settings.data_dir)
    address = settings.kafka.bootstrap or (known.kafka if known else "")
    if not address:
        raise CannotReach(
            f"No platform was started on {settings.data_dir}. Use --data-dir, or set CDP_KAFKA__BOOTSTRAP."
        )
    return address


def write_key(settings: Settings, source: str) -> str:
    """The write key of a source. Raises CannotReach when it is known nowhere."""
    keys = known_keys(settings.data_dir, settings).write_keys
    if source in keys:
        return keys[source]
    known = f"has write keys of {', '.join(sorted(keys))} only" if keys else "has no write keys"
    raise CannotReach(
        f"{settings.data_dir} {known}, none of {source!r}. Give the key with --key, "
        f"or start the platform with CDP_WRITE_KEYS naming that source."
    )


def link_secret(settings: Settings) -> str:
    """What rating links are signed with. Raises CannotReach when there is none."""
    secret = known_keys(settings.data_dir, settings).link_secret
    if not secret:
        raise CannotReach(
            f"{settings.data_dir} has no secret for links: no platform was started there. Use --data-dir, "
            f"or set CDP_LINK_SECRET to the one that ingest has."
        )
    return secret


def api_key(settings: Settings) -> str:
    """The API key that may do the most. Raises CannotReach when there is none."""
    keys = known_keys(settings.data_dir, settings)
    if not keys.api_keys:
        raise CannotReach(
            f"{settings.data_dir} has no API key: no platform was started there. Use --data-dir, or set CDP_API_KEYS."
        )
    return keys.api_key
