"""The numbers as one table: medians with their range, ratios, and whether the aim is met."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeAlias

Row: TypeAlias = tuple[str, ...]
HEAD = ("measured", "service", "floor", "ratio", "aim", "")


@dataclass(frozen=True)
class Rivals:
    """The service and its floor, one value each per round; the values of a round were measured side by side."""

    name: str
    ours: Sequence[float]
    floor: Sequence[float]
    floor_name: str
    aim: float | None  # None: shown, not judged
    more_is_better: bool = False

    def row(self) -> Row:
        """One line of the table. The ratio is the median of the rounds' own ratios."""
        digits = 0 if self.more_is_better else 3
        ours = _range(self.ours, digits)
        if not self.floor:
            return (self.name, ours, f"{self.floor_name}: not measured", "-", self._aim(), "not measured")
        ratios = [mine / theirs for mine, theirs in zip(self.ours, self.floor, strict=True)]
        return (
            self.name,
            ours,
            f"{self.floor_name} {_range(self.floor, digits)}",
            _range(ratios, 2),
            self._aim(),
            self._judged(median(ratios)),
        )

    def _aim(self) -> str:
        if self.aim is None:
            return ""
        return f">= {self.aim:.2f}" if self.more_is_better else f"<= {self.aim:g}"

    def _judged(self, ratio: float) -> str:
        if self.aim is None:
            return ""
        return _met(ratio >= self.aim if self.more_is_better else ratio <= self.aim)


def limit_row(name: str, value: float, at_most: float | None = None, unit: str = "", digits: int = 0) -> Row:
    """One line for a number with a limit of its own, or with none: then it is shown, not judged."""
    shown = f"{value:.{digits}f}{unit}"
    if at_most is None:
        return (name, shown, "", "", "", "")
    return (name, shown, "", "", f"<= {at_most:g}{unit}", _met(value <= at_most))


def range_row(name: str, values: Sequence[float], digits: int) -> Row:
    """One line for a number of each round without a floor: shown, not judged."""
    return (name, _range(values, digits), "", "", "", "")


def growth_row(name: str, values: Sequence[float], at_most: float | None, digits: int = 0) -> Row:
    """One line for a number at each size; it may grow to so many times its first value, or is shown, not judged."""
    grown = values[-1] / values[0]
    shown = (name, *(f"{value:.{digits}f}" for value in values), f"{grown:.2f}")
    return (*shown, "", "") if at_most is None else (*shown, f"<= {at_most:g}", _met(grown <= at_most))


def rendered(rows: Sequence[Row], head: Row = HEAD) -> str:
    """A Markdown table that reads well as plain text too."""
    lines = [head, *rows]
    widths = [max(len(line[place]) for line in lines) for place in range(len(head))]
    texts = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join((texts[0], rule, *texts[1:]))


def _range(values: Sequence[float], digits: int) -> str:
    return f"{median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def _met(met: bool) -> str:
    return "met" if met else "MISSED"
