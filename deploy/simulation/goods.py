"""What is sold in a simulated mall: brands with their stores, and products with their prices."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from random import Random

_CENT = Decimal("0.01")
_CATEGORIES = {
    "perfume": (180, 900), "make-up": (60, 400), "women's wear": (120, 1500), "men's wear": (120, 1400),
    "shoes": (200, 1200), "sports": (90, 1100), "jewellery": (300, 9000), "food": (15, 160), "toys": (30, 500),
    "books": (20, 120), "electronics": (150, 6000), "home": (40, 1800),
}  # fmt: skip
_PRODUCTS_A_BRAND = 24


@dataclass(frozen=True, slots=True)
class Product:
    """One thing that is sold."""

    sku: str
    name: str
    category: str
    brand: str
    price: Decimal


@dataclass(frozen=True, slots=True)
class Brand:
    """A brand, where its stores are, and what it sells; the first products sell best."""

    name: str
    stores: tuple[str, ...]
    products: tuple[Product, ...]

    def pick(self, chance: Random) -> Product:
        """A product that somebody looks at."""
        return self.products[min(int(chance.expovariate(0.2)), len(self.products) - 1)]


def brands(chance: Random, count: int, malls: int) -> tuple[Brand, ...]:
    """So many brands in so many malls."""
    return tuple(_brand(chance, number, malls) for number in range(count))


def _brand(chance: Random, number: int, malls: int) -> Brand:
    category = chance.choice(tuple(_CATEGORIES))
    least, most = _CATEGORIES[category]
    name = f"brand-{number + 1}"
    products = tuple(
        Product(f"{name}-{each + 1}", f"{category} {each + 1}", category, name, _price(chance, least, most))
        for each in range(_PRODUCTS_A_BRAND)
    )
    places = sorted(chance.sample(range(1, malls + 1), chance.randint(1, malls)))
    return Brand(name, tuple(f"mall-{mall}/{name}/store-{mall}{number + 1:02d}" for mall in places), products)


def _price(chance: Random, least: int, most: int) -> Decimal:
    """Few are dear; most end on nine."""
    whole = int(least + (most - least) * chance.random() ** 3)
    return Decimal(whole - whole % 10 + 9).quantize(_CENT)
