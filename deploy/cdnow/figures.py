"""The demo's tables: the RFM grid, the eight classes, the best customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from rich.table import Table
from rich.text import Text

_SCORES = range(1, 6)
_SHADES = ("default", "dark_green", "green4", "green3", "chartreuse1")


def grid(answer: Mapping[str, Any]) -> Table:
    """Customers and net amount by recency (rows, the most recent on top) and frequency (columns)."""
    cells = {(cell["r"], cell["f"]): cell for cell in answer["cells"]}
    most = max((cell["customers"] for cell in cells.values()), default=1)
    table = Table(title=f"RFM of {answer['customers']:,} customers as of {answer['as_of']}", title_justify="left")
    table.add_column("")
    for f in _SCORES:
        table.add_column(f"F{f}", justify="right")
    for r in reversed(_SCORES):
        table.add_row(f"R{r}", *(_cell(cells.get((r, f)), most) for f in _SCORES))
    return table


def classes(answer: Mapping[str, Any]) -> Table:
    """The eight classes, those with the greatest net amount first."""
    table = Table(title="The eight classes", title_justify="left")
    table.add_column("class")
    table.add_column("")
    table.add_column("customers", justify="right")
    table.add_column("net amount", justify="right")
    table.add_column("share", justify="right")
    whole = Decimal(answer["net_amount"]) or Decimal(1)
    for row in sorted(answer["classes"], key=lambda row: -Decimal(row["net_amount"])):
        share = Decimal(row["net_amount"]) / whole
        table.add_row(row["label"], row["key"], f"{row['customers']:,}", amount(row["net_amount"]), f"{share:.1%}")
    return table


def customers(dossiers: Sequence[tuple[str, Mapping[str, Any]]]) -> Table:
    """Customers by address, with the platform's own figures."""
    table = Table(title="The ten best customers", title_justify="left")
    table.add_column("customer", no_wrap=True)
    for name in ("orders", "net amount", "average"):
        table.add_column(name, justify="right", no_wrap=True)
    for name in ("first order", "last order"):
        table.add_column(name, no_wrap=True)
    for address, dossier in dossiers:
        orders = dossier["orders"]
        table.add_row(
            address,
            str(orders["count"]),
            amount(orders["net_amount"]),
            amount(orders["average"]),
            str(orders["first_at"])[:10],
            str(orders["last_at"])[:10],
        )
    return table


def amount(value: str | None) -> str:
    """A sum of money with thousands set apart."""
    return "-" if value is None else f"{Decimal(value):,.2f}"


def _cell(cell: Mapping[str, Any] | None, most: int) -> Text:
    if cell is None:
        return Text("·", style="dim")
    shade = _SHADES[min(cell["customers"] * len(_SHADES) // (most + 1), len(_SHADES) - 1)]
    return Text.assemble((f"{cell['customers']:,}\n", f"bold {shade}"), (amount(cell["net_amount"]), "dim"))
