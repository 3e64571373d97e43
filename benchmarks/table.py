"""The numbers as one table: medians with their range, ratios, and whether the aim is met."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

HEAD = ("measured", "service", "floor", "ratio", "aim", "")


@dataclass(frozen=True)
class Rivals:
    """The service and its floor, one value each per round; the values of a round were measured side by side."""

    name: str
    ours: Sequence[float]
    floor: Sequence[float]
    floor_name: str
    aim: float
    more_is_better: bool = False

    def row(self) -> tuple[str, ...]:
        """One line of the table. The ratio is the median of the rounds' own ratios."""
        digits = 0 if self.more_is_better else 3
        ours = _range(self.ours, digits)
        if not self.floor:
            return (self.name, ours, f"{self.floor_name}: not measured", "-", self._aim(), "not measured")
        ratios = [mine / theirs for mine, theirs in zip(self.ours, self.floor, strict=True)]
        met = median(ratios) >= self.aim if self.more_is_better else median(ratios) <= self.aim
        return (
            self.name,
            ours,
            f"{self.floor_name} {_range(self.floor, digits)}",
            _range(ratios, 2),
            self._aim(),
            _met(met),
        )

    def _aim(self) -> str:
        return f">= {self.aim:.2f}" if self.more_is_better else f"<= {self.aim:g}"


def limit_row(name: str, value: float, at_most: float, unit: str = "") -> tuple[str, ...]:
    """One line for a number with a limit of its own."""
    return (name, f"{value:.0f}{unit}", "", "", f"<= {at_most:g}{unit}", _met(value <= at_most))


def rendered(rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table that reads well as plain text too."""
    lines = [HEAD, *rows]
    widths = [max(len(line[place]) for line in lines) for place in range(len(HEAD))]
    texts = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join((texts[0], rule, *texts[1:]))


def _range(values: Sequence[float], digits: int) -> str:
    return f"{median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def _met(met: bool) -> str:
    return "met" if met else "MISSED"
