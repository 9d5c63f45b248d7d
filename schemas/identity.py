"""The rules of identity, as data: which identifiers seen together belong to one person, and which never do.

They change through the control topic, never in code alone; every version keeps its place there. What is fixed is
the priority of types (`schemas.identifiers.IDENTIFIER_TYPES`): facts are stored under their first identifier.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Literal

import phonenumbers
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from schemas.identifiers import IDENTIFIER_TYPES

Refusal = Literal["unlinked", "blocked_value", "never_joins", "not_mobile", "shared_value", "too_many_values"]
"""Why two identifiers that were seen together are not joined for it."""

REFUSALS: Mapping[Refusal, str] = {
    "unlinked": "Somebody said that these two are not one person's.",
    "blocked_value": "The value stands for nobody: the rules block it.",
    "never_joins": "Identifiers of this type never join.",
    "not_mobile": "The number is no mobile: a landline, toll-free or service number is many people's.",
    "shared_value": "More people were seen with the value than the rules allow, as with a tablet at a counter.",
    "too_many_values": "The person would have more values of one type than the rules allow.",
}

IdentifierType = Literal[
    "user_id", "member_id", "customer_no", "card_no", "phone", "email", "wechat_unionid", "device_id", "anonymous_id",
    "wechat_openid", "buyer_nick", "ouid", "oaid",
]  # fmt: skip
Count = Annotated[int, Field(ge=1, le=1000)]
Pattern = Annotated[str, StringConstraints(min_length=3, max_length=300, pattern=r"^[a-z_]+:.")]

_PHONE_TYPES = phonenumbers.PhoneNumberType
# Possible numbers of no known range are kept: lists of ranges lag behind the operators.
_ONE_PERSONS = frozenset(
    {_PHONE_TYPES.MOBILE, _PHONE_TYPES.FIXED_LINE_OR_MOBILE, _PHONE_TYPES.PERSONAL_NUMBER, _PHONE_TYPES.UNKNOWN}
)
# China's mobile ranges are 13 to 19, its landlines start with an area code; reading a number takes 100 times as long.
_CHINESE_MOBILE = re.compile(r"\+861[3-9]\d{9}\Z")


class IdentityRules(BaseModel):
    """What joins, within which limits. A link said outright overrides all of it but `blocked`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    values_per_person: dict[IdentifierType, Count] = Field(
        default={"user_id": 1, "member_id": 1, "phone": 5, "email": 5},
        description="at most so many values of a type belong to one person",
    )
    values_per_person_otherwise: Count = Field(20, description="the same, for types not named")
    people_types: tuple[IdentifierType, ...] = Field(
        ("user_id", "member_id", "customer_no"), description="the people of a value are counted by these types"
    )
    people_per_value: dict[IdentifierType, Count] = Field(
        default={"phone": 3, "card_no": 3, "device_id": 10, "email": 3},
        description="a value seen with more people than this joins nobody",
    )
    never_join: tuple[IdentifierType, ...] = Field(("oaid",), description="types that join nobody")
    mobile_phones_only: bool = Field(
        default=True, description="landlines, toll-free, shared-cost and service numbers join nobody"
    )
    blocked: tuple[Pattern, ...] = Field(
        (),
        max_length=10_000,
        description="addresses that are nobody's, * for anything: phone:+864008123123, email:*@our-shop.example",
    )

    @field_validator("blocked")
    @classmethod
    def _of_a_type(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            if pattern.partition(":")[0] not in IDENTIFIER_TYPES:
                message = f"{pattern!r} is no address: it starts with a type of identifier and a colon"
                raise ValueError(message)
            if pattern.count("*") > 3:
                message = f"{pattern!r} has more than three *"
                raise ValueError(message)
        return tuple(sorted(set(patterns)))

    def most_values(self, kind: str) -> int:
        """How many values of a type one person may have."""
        return self.values_per_person.get(kind, self.values_per_person_otherwise)  # type: ignore[call-overload,no-any-return]

    def refuses(self, address: str) -> Refusal | None:
        """Why this identifier joins nobody by being seen, whoever it is seen with; None if it may join."""
        if self.blocks(address):
            return "blocked_value"
        kind, _, value = address.partition(":")
        if kind in self.never_join:
            return "never_joins"
        if kind == "phone" and self.mobile_phones_only and not is_ones_own_phone(value.rpartition("/")[2]):
            return "not_mobile"
        return None

    def blocks(self, address: str) -> bool:
        """Whether the rules say that this value is nobody's."""
        return bool(self.blocked) and _any_of(self.blocked).match(address) is not None


@lru_cache(maxsize=8)
def _any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """One expression of all patterns."""
    return re.compile("|".join(f"(?:{'.*'.join(map(re.escape, each.split('*')))})\\Z" for each in patterns), re.DOTALL)


@lru_cache(maxsize=65536)
def is_ones_own_phone(number: str) -> bool:
    """Whether an E.164 number may be one person's: a mobile, or one whose kind its plan does not tell."""
    if _CHINESE_MOBILE.match(number):
        return True
    try:
        return phonenumbers.number_type(phonenumbers.parse(number)) in _ONE_PERSONS
    except phonenumbers.NumberParseException:
        return False


DEFAULT_RULES = IdentityRules()
