"""What is known of a person: traits, who said them, what is doubtful in them, and what follows from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from deploy.oracle.model import Json, Logged
from deploy.oracle.reading import birthday_of, flags_of, gender_of
from deploy.oracle.values import shown_time

Trusted = Mapping[str, Sequence[str]]
FIELDS = {
    "country": ("country",),
    "province": ("province", "state"),
    "city": ("city",),
    "line": ("line", "street"),
}


@dataclass(frozen=True)
class Trait:
    """One trait as one event said it."""

    key: str
    value: Any
    event: Logged


def held(events: list[Logged], trusted: Trusted) -> list[Trait]:
    """Per key the trait that holds, by key: of the most trusted source, of its sayings the last; null takes away."""
    said: dict[str, list[Trait]] = {}
    for event in events:
        if event.type == "customer.identified":
            for key, value in event.data["traits"].items():
                said.setdefault(key, []).append(Trait(key, value, event))
    winners = [max(said[key], key=lambda trait: (-rank(trait, trusted), trait.event.moment)) for key in sorted(said)]
    return [trait for trait in winners if trait.value is not None]


def rank(trait: Trait, trusted: Trusted) -> int:
    """Where the source stands in the order of trust for that trait; those not listed stand together behind."""
    order = list(trusted.get(trait.key, trusted.get("*", ())))
    return order.index(trait.event.source) if trait.event.source in order else len(order)


def traits(events: list[Logged], trusted: Trusted, today: date) -> Json:
    """The dossier's `traits`, `trait_details` and `derived`."""
    holding = held(events, trusted)
    return {
        "traits": {trait.key: trait.value for trait in holding},
        "trait_details": {trait.key: detail(trait, today) for trait in holding},
        "derived": derived(holding, today),
    }


def detail(trait: Trait, today: date) -> Json:
    """Where a trait comes from, and what is doubtful in it."""
    return {
        "value": trait.value,
        "source": trait.event.source,
        "occurred_at": shown_time(trait.event.occurred_at),
        "event_id": trait.event.event["event_id"],
        "flags": flags_of(trait.key, trait.value, today),
    }


def derived(holding: list[Trait], today: date) -> Json:
    """Age, birthday, gender and address, from traits that are what they should be."""
    sound = {trait.key: trait.value for trait in holding if not misleads(trait, today)}
    born = next((birthday_of(sound[key]) for key in ("birthday", "birth_date") if key in sound), None)
    return {
        "age": None if born is None else age(born, today),
        "birthday": None if born is None else born.isoformat(),
        "gender": next((gender_of(sound[key]) for key in ("gender", "sex") if key in sound), None),
        "address": address(sound),
    }


def misleads(trait: Trait, today: date) -> bool:
    """Whether nothing may be derived from it."""
    flags = flags_of(trait.key, trait.value, today)
    return any(flag.startswith(("not_a_", "not_an_")) or flag in ("in_the_future", "implausible") for flag in flags)


def age(born: date, today: date) -> int:
    """Whole years."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def address(sound: Json) -> Json | None:
    """Country, province, city and line; an `address` that is an object fills what the plain traits leave open."""
    whole = sound.get("address")
    plain = {field: sound.get(field) for field in ("country", "province", "city")} | {"line": whole}
    parts = whole if isinstance(whole, dict) else {}
    found = {field: first_text(plain[field], *[parts.get(name) for name in names]) for field, names in FIELDS.items()}
    return found if any(found.values()) else None


def first_text(*values: Any) -> str | None:
    """The first that is text, and not blank."""
    return next((value for value in values if isinstance(value, str) and value.strip()), None)
