"""What rounds of chaos came to, for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import orjson
from rich.table import Table

from deploy.chaos.rounds import Round

_MOST_WRONG = 20


def line(each: Round) -> str:
    """One round."""
    verdict = each.verdict
    said = (
        f"{each.number:>4}  {each.plan.words:<44} {each.events:>5} events, in the profiles {each.seconds:.1f} s later: "
        f"lost {verdict.lost}, duplicated {verdict.doubled}"
    )
    more = f", {each.answers_lost} answers to inserts lost on the way" if each.answers_lost else ""
    more += f", {each.unasked} restarts nobody asked for" if each.unasked else ""
    wrong = "".join(f"\n      wrong: {each}" for each in verdict.wrong[:_MOST_WRONG])
    return said + more + wrong


def table(rounds: Sequence[Round]) -> Table:
    """All rounds, by what befell the platform."""
    found = Table()
    for name in ("what", "rounds", "events", "s median", "s most", "lost", "duplicated", "wrong", "restarts unasked"):
        found.add_column(name, justify="left" if name == "what" else "right")
    for kind in sorted({_kind(each) for each in rounds}):
        found.add_row(kind, *_figures([each for each in rounds if _kind(each) == kind]))
    found.add_section()
    found.add_row("all", *_figures(rounds))
    return found


def as_json(rounds: Sequence[Round], asked: int, seed: int) -> str:
    """The same for programs."""
    return orjson.dumps(
        {
            "seed": seed,
            "rounds_asked": asked,
            "events": sum(each.events for each in rounds),
            "lost": sum(each.verdict.lost for each in rounds),
            "duplicated": sum(each.verdict.doubled for each in rounds),
            "restarts_unasked": sum(each.unasked for each in rounds),
            "wrong": [wrong for each in rounds for wrong in each.verdict.wrong],
            "rounds": rounds,
        }
    ).decode()


def _kind(each: Round) -> str:
    return f"{each.plan.kind} {each.plan.victim}".strip()


def _figures(rounds: Sequence[Round]) -> list[str]:
    seconds = [each.seconds for each in rounds]
    return [
        f"{len(rounds):,}",
        f"{sum(each.events for each in rounds):,}",
        f"{median(seconds):.1f}" if seconds else "-",
        f"{max(seconds, default=0):.1f}",
        f"{sum(each.verdict.lost for each in rounds)}",
        f"{sum(each.verdict.doubled for each in rounds)}",
        f"{sum(len(each.verdict.wrong) for each in rounds)}",
        f"{sum(each.unasked for each in rounds)}",
    ]
