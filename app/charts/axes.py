"""What the comparison chart can put across and up, and the scene it makes of the rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.charts.scatter_scene import Point, Scene
from engine import stats, wording

if TYPE_CHECKING:
    from engine.remarks import Row


@dataclass(frozen=True)
class Across:
    """A figure for the horizontal axis: smaller is better."""

    key: str
    title: str
    words: Callable[[float | None], str]

    def value(self, row: Row) -> float | None:
        """The figure of a row, None where it is unknown or cannot be drawn."""
        found = getattr(row, self.key)
        return float(found) if found else None


@dataclass(frozen=True)
class Up:
    """A share for the vertical axis, with its 95 % range where there is one."""

    key: str
    title: str

    def value(self, row: Row) -> float | None:
        """The share of a row; a teacher always gives its own answer."""
        if self.key == "agreement" and row.is_teacher:
            return 1.0
        found = getattr(row, self.key)
        return None if found is None else float(found)

    def span(self, row: Row) -> tuple[float | None, float | None]:
        """The 95 % range: Wilson's for shares of examples, none for macro F1."""
        if self.key == "accuracy":
            return row.low, row.high
        share = None if row.is_teacher else self.value(row)
        if self.key == "agreement" and share is not None and row.examples:
            return stats.wilson(round(share * row.examples), row.examples)
        return None, None


ACROSS = (
    Across("bytes", "Size on disk", wording.size),
    Across("latency", "Latency", wording.latency),
    Across("parameters", "Parameters", wording.parameters),
)
UP = (
    Up("accuracy", "Accuracy"),
    Up("macro_f1", "Macro F1"),
    Up("agreement", "Same answer as teacher"),
)


def make_scene(
    rows: Sequence[Row], across: Across, up: Up, *, ranges: bool, majority: float | None
) -> Scene:
    """The chart of these rows; rows without one of the two figures are left out."""
    points, costs, gains, ids = [], [], [], []
    for row in rows:
        x, y = across.value(row), up.value(row)
        if x is None or y is None or x <= 0:
            continue
        comparable = row.verdict != "not comparable"
        family = "teacher" if row.is_teacher else row.family
        points.append(
            Point(row.id, row.name, family, x, y, *up.span(row), row.is_teacher, comparable)
        )
        if comparable:
            costs.append(x)
            gains.append(y)
            ids.append(row.id)
    return Scene(
        points=tuple(points),
        front=tuple(ids[i] for i in stats.pareto(costs, gains)),
        across=across.title,
        up=up.title,
        across_words=across.words,
        ranges=ranges,
        majority=majority if up.key == "accuracy" else None,
    )
