"""What is compared of two people, and how much each agreement says before anything was learnt. Data, and no code.

A comparison is read from its first level on: the first that holds is what it says. `same_person` is how often the level
is found between two records of one person, `strangers` between two people at random (m and u of Fellegi and Sunter,
1969). Both are starting points: from enough people `model` learns what holds among them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Level:
    """One degree of agreement; `sql` speaks of both records' columns as `…_l` and `…_r`."""

    says: str
    sql: str
    same_person: float
    strangers: float
    frequency_of: str | None = None
    """A column whose frequent values say less than its rare ones."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One thing that is compared."""

    field: str
    columns: tuple[str, ...]
    """Without a value in one of these it says nothing."""
    missing: str
    """When it says nothing about a pair, as SQL."""
    personal: bool
    """Speaks for who somebody is; the others are shared by a household."""
    levels: tuple[Level, ...]


DIFFERENT = "different"
_SIMILAR_ADDRESS = "jaro_winkler_similarity(address_key_l, address_key_r)"

COMPARISONS = (
    Comparison(
        "name",
        ("name",),
        "name_l IS NULL OR name_r IS NULL",
        personal=True,
        levels=(
            Level("the same", "name_l = name_r", 0.60, 2e-4, "name"),
            Level("the same words in another order", "name_key_l = name_key_r", 0.05, 2e-5),
            Level(  # of a short name, Chinese ones above all, one character makes another name
                "nearly the same",
                "length(name_l) >= 5 AND length(name_r) >= 5"
                " AND jaro_winkler_similarity(name_key_l, name_key_r) >= 0.92",
                0.20,
                5e-4,
            ),
            Level(
                "one part the same",
                "given_name_l = given_name_r OR surname_l = surname_r"
                " OR given_name_l = surname_r OR surname_l = given_name_r",
                0.08,
                1e-2,
            ),
            Level("similar", "jaro_winkler_similarity(name_l, name_r) >= 0.8", 0.03, 5e-3),
            Level(DIFFERENT, "ELSE", 0.04, 0.984),
        ),
    ),
    Comparison(
        "birthday",
        ("birthday",),
        "birthday_l IS NULL OR birthday_r IS NULL",
        personal=True,
        levels=(
            Level("the same", "birthday_l = birthday_r", 0.90, 1e-4, "birthday"),
            Level("one digit apart", "damerau_levenshtein(birthday_l, birthday_r) <= 1", 0.04, 1e-3),
            Level(
                "the same day of another year, or day and month swapped",
                "birthday_l[5:8] = birthday_r[5:8] OR (birthday_l[1:4] = birthday_r[1:4]"
                " AND birthday_l[5:6] = birthday_r[7:8] AND birthday_l[7:8] = birthday_r[5:6])",
                0.01,
                3e-3,
            ),
            Level(DIFFERENT, "ELSE", 0.05, 0.995),
        ),
    ),
    Comparison(
        "gender",
        ("gender",),
        "gender_l IS NULL OR gender_r IS NULL",
        personal=True,
        levels=(Level("the same", "gender_l = gender_r", 0.98, 0.5), Level(DIFFERENT, "ELSE", 0.02, 0.5)),
    ),
    Comparison(
        "document",
        ("document",),
        "document_l IS NULL OR document_r IS NULL",
        personal=True,
        levels=(
            Level("the same", "document_l = document_r", 0.90, 1e-5),
            Level("one character apart", "damerau_levenshtein(document_l, document_r) <= 1", 0.05, 4e-5),
            Level(DIFFERENT, "ELSE", 0.05, 0.99995),
        ),
    ),
    Comparison(
        "e-mail",
        ("emails",),
        "emails_l IS NULL OR emails_r IS NULL",
        personal=True,
        levels=(
            Level("the same", "list_has_any(emails_l, emails_r)", 0.60, 1e-5),
            Level(
                "the same before the @", "split_part(emails_l[1], '@', 1) = split_part(emails_r[1], '@', 1)", 0.10, 1e-4
            ),
            Level("nearly the same", "jaro_winkler_similarity(emails_l[1], emails_r[1]) >= 0.95", 0.05, 2e-4),
            Level(DIFFERENT, "ELSE", 0.25, 0.9997),
        ),
    ),
    Comparison(
        "phone",
        ("phones",),
        "phones_l IS NULL OR phones_r IS NULL",
        personal=False,
        levels=(
            Level("the same", "list_has_any(phones_l, phones_r)", 0.60, 1e-5),
            Level("one digit apart", "damerau_levenshtein(phones_l[1], phones_r[1]) <= 1", 0.05, 1e-5),
            Level(DIFFERENT, "ELSE", 0.35, 0.99998),
        ),
    ),
    Comparison(
        "address",
        ("address",),
        "address_l IS NULL OR address_r IS NULL",
        personal=False,
        levels=(
            Level("the same", "address_l = address_r", 0.40, 1e-4, "address"),
            Level("nearly the same", f"address_key_l = address_key_r OR {_SIMILAR_ADDRESS} >= 0.9", 0.30, 5e-4),
            Level("similar", f"{_SIMILAR_ADDRESS} >= 0.8", 0.12, 5e-3),
            Level("partly the same", f"{_SIMILAR_ADDRESS} >= 0.72", 0.05, 2e-2),
            Level(DIFFERENT, "ELSE", 0.13, 0.9744),
        ),
    ),
    Comparison(
        "place",
        ("city", "postcode", "province"),
        "(city_l IS NULL OR city_r IS NULL) AND (postcode_l IS NULL OR postcode_r IS NULL)"
        " AND (province_l IS NULL OR province_r IS NULL)",
        personal=False,
        levels=(
            Level("the same city and postcode", "city_l = city_r AND postcode_l = postcode_r", 0.30, 2e-3),
            Level("the same postcode", "postcode_l = postcode_r", 0.10, 2e-3),
            Level("the same city", "city_l = city_r", 0.40, 0.1, "city"),
            Level(
                "a similar city or postcode",
                "jaro_winkler_similarity(city_l, city_r) >= 0.88 OR damerau_levenshtein(postcode_l, postcode_r) <= 1",
                0.08,
                0.02,
            ),
            Level("the same province", "province_l = province_r", 0.07, 0.15),
            Level(DIFFERENT, "ELSE", 0.05, 0.726),
        ),
    ),
)

# Two people are compared when they have one of these in common. What stands in a block is a column, or several beside
# each other; a block of more people than `MOST_IN_A_BLOCK` says too little and costs too much, so it is left out.
BLOCKS = {
    "by_document": "document",
    "by_birthday": "birthday",
    "by_name": "name_key",
    "by_name_and_birthday": "name_key || '|' || birthday",
    "by_name_and_city": "name_key || '|' || city",
    "by_surname_and_city": "surname || '|' || city",
    "by_surname_and_postcode": "surname || '|' || postcode",
    "by_given_name_and_postcode": "given_name || '|' || postcode",
    "by_address": "address_key",
    "by_number_and_postcode": r"nullif(regexp_extract(address, '\d+'), '') || '|' || postcode",
    "by_email": "split_part(emails[1], '@', 1)",
    "by_phone": "phones[1]",
}
MOST_IN_A_BLOCK = 100

# Who agrees in all of these is hardly ever somebody else. How many do says how many pairs of one person there may be;
# in what else they agree is learnt from. (Wider lessons, such as birthday and city, teach to find households.)
CERTAIN = (("document",), ("name_key", "birthday"))
